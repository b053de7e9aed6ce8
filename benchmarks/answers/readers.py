"""Public support logs, read into exchanges; no line of them is kept in the repository."""

from __future__ import annotations

import bz2
import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.understanding.splits import place

_SAID = re.compile(r"<(cust|rep)__ (.*?) __\1>", re.DOTALL)
RARE = 10
"""A turn that stands on no more lines than this marks them as one conversation's."""
SHORTEST = 6
"""Characters below which a turn ("好的") marks nothing."""
TURNS = 6
"""Turns before a reply that are read."""


@dataclass(frozen=True)
class Turn:
    """What one side said."""

    role: str
    text: str


@dataclass(frozen=True)
class Exchange:
    """What was said before an agent's reply, oldest first, and the reply."""

    context: tuple[Turn, ...]
    answer: str
    conversation: str

    @property
    def asked(self) -> str:
        """What the customer said last."""
        return self.context[-1].text


def held_back(key: str, share: int = 5) -> bool:
    """Whether a conversation belongs to the part that is only measured on: one in ``share``."""
    return place(key, "answers") % share == 0


def exchanges(turns: Sequence[Turn], conversation: str) -> list[Exchange]:
    """Every agent's reply that follows a customer's line; turns in a row are one."""
    joined = [
        Turn(role, " ".join(turn.text for turn in run))
        for role, run in groupby(turns, key=lambda turn: turn.role)
    ]
    return [
        Exchange(tuple(joined[:at]), turn.text, conversation)
        for at, turn in enumerate(joined)
        if turn.role == "agent" and at and turn.text
    ]


def jddc_chat(folder: Path) -> list[Exchange]:
    """Exchanges of ``chat.txt``: session, user, is_agent, transferred, repeat, sku, text."""
    rows = [
        line.split("\t")
        for line in (folder / "chat.txt").read_text(encoding="utf-8").splitlines()
        if line.count("\t") >= 6
    ]
    found: list[Exchange] = []
    for session, lines in groupby(rows, key=lambda row: row[0]):
        turns = [
            Turn("agent" if row[2] == "1" else "customer", " ".join(row[6].split()))
            for row in lines
        ]
        found += exchanges([turn for turn in turns if turn.text], session)
    return found


def jddc_pairs(folder: Path) -> list[Exchange]:
    """Exchanges of ``train.enc`` and ``train.dec``, each a conversation of its own.

    Parts of one conversation stand on several lines: see :func:`apart`. Roles are not marked; turns
    are taken to alternate, with the customer last.
    """
    contexts = (folder / "train.enc").read_text(encoding="utf-8").splitlines()
    answers = (folder / "train.dec").read_text(encoding="utf-8").splitlines()
    found = []
    for number, (context, answer) in enumerate(zip(contexts, answers, strict=True)):
        said = [part.strip() for part in context.split(",") if part.strip()]
        roles = ["agent" if (len(said) - i) % 2 == 0 else "customer" for i in range(len(said))]
        turns = tuple(Turn(role, text) for role, text in zip(roles, said, strict=True))
        if turns and answer.strip(" ,"):
            found.append(Exchange(turns, answer.strip(" ,"), str(number)))
    return found


def apart(train: Sequence[Exchange], measured: Sequence[Exchange]) -> list[Exchange]:
    """``train`` without what shares a rare turn with ``measured``: it is the same conversation."""
    spread = Counter(turn for one in (*train, *measured) for turn in _turns(one))
    rare = {t for one in measured for t in _turns(one) if len(t) >= SHORTEST and spread[t] <= RARE}
    return [one for one in train if rare.isdisjoint(_turns(one))]


def _turns(one: Exchange) -> set[str]:
    return {one.answer, *(turn.text for turn in one.context)}


def airline(folder: Path) -> list[Exchange]:
    """Exchanges of ``conversations.csv.bz2``; salutations of accounts are left out."""
    found: list[Exchange] = []
    with bz2.open(folder / "conversations.csv.bz2", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            turns = [
                Turn("agent" if role == "rep" else "customer", text.strip())
                for role, text in _SAID.findall(f"{row['first_utterance']} {row['context']}")
            ]
            found += exchanges([t for t in turns if t.text], row["first_tweet_id"])
    return found


@dataclass(frozen=True)
class Faq:
    """Questions of customers and the answers that are right for each.

    ``gold`` holds numbers into ``answers``, ``times`` how often the file has each question;
    ``headings`` are the questions that the answers stand under, with the same numbers.
    """

    questions: tuple[str, ...]
    gold: tuple[frozenset[int], ...]
    times: tuple[int, ...]
    answers: tuple[str, ...]
    headings: tuple[tuple[str, int], ...]


def covid_faq(folder: Path) -> Faq:
    """Customers' questions once each (letters and digits compared), with all their answers."""
    rows = json.loads((folder / "query_answer_pairs.json").read_text(encoding="utf-8"))
    number: dict[str, int] = {}
    asked: dict[str, str] = {}
    gold: dict[str, set[int]] = defaultdict(set)
    times: Counter[str] = Counter()
    headings = []
    for row in rows:
        answer = number.setdefault(" ".join(row["answer"].split()), len(number))
        if row["query_type"] == "faq":
            headings.append((row["question"].strip(), answer))
            continue
        key = normalised(row["question"])
        asked.setdefault(key, row["question"].strip())
        gold[key].add(answer)
        times[key] += 1
    return Faq(
        tuple(asked.values()),
        tuple(frozenset(gold[key]) for key in asked),
        tuple(times[key] for key in asked),
        tuple(number),
        tuple(headings),
    )


def normalised(text: str) -> str:
    """Letters and digits in lower case with single blanks: equal questions have equal keys."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def texts_of(found: Iterable[Exchange]) -> list[str]:
    """Every text of ``found`` that is read: the last ``TURNS`` turns and the answers, once each."""
    listed: dict[str, None] = {}
    for one in found:
        for turn in one.context[-TURNS:]:
            listed.setdefault(turn.text)
        listed.setdefault(one.answer)
    return list(listed)
