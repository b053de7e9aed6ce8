"""What agents said in past conversations, told apart by what it does, and what had been asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from retrieval.conversation import Conversation, Turn
from retrieval.mining.sentences import Act, act, split
from retrieval.templates import LogRef

_THANKS = re.compile(
    r"\b(?:thank|thanks|thx|perfect|great|awesome|clear|super|lovely|cheers|good to know|ok good)\b"
    r"|谢|好的|好嘞|明白|懂了|知道了|可以|太好了|完美|行",
    re.IGNORECASE,
)
_PROTEST = re.compile(
    r"\b(?:wrong|terrible|ridiculous|unfair|useless|nonsense|that'?s not|not true|joke|wtf"
    r"|whatever)\b"
    r"|不对|胡说|骗|垃圾|什么破|无语|离谱|投诉|坑|废物",
    re.IGNORECASE,
)
_WIDE = re.compile(r"[㐀-鿿]")
LONGEST_QUESTION = 300
LONG, LONG_ZH = 320, 130
"""Characters above which an answer of several sentences is told step by step."""


@dataclass(frozen=True)
class Answer:
    """What one agent turn says in one respect, redacted.

    ``kind`` is what it does: ``answer`` speaks of the shop, ``case`` of this customer's own
    matter, ``question`` asks the customer, ``greeting`` is courtesy. ``text`` keeps the turn's
    sentences of that kind; ``case`` tells that others spoke of the customer's case; ``asked`` is
    the customer's message before it, ``opening`` their first one. ``mood`` is 1 when the customer
    was content next, -1 when they protested.
    """

    text: str
    asked: str
    opening: str
    language: str
    source: LogRef
    case: bool
    outcome: str | None
    rating: int | None
    at: datetime | None
    mood: int
    kind: Act = "answer"
    agent: str | None = None


def find_answers(
    conversations: Iterable[Conversation], kinds: frozenset[Act] = frozenset({"answer"})
) -> Iterator[Answer]:
    """What agents of redacted conversations said, one a turn and kind at most, in order."""
    for conversation in conversations:
        asked: list[str] = []
        opening = ""
        for number, turn in enumerate(conversation.turns):
            if turn.role == "customer":
                before = conversation.turns[number - 1].role if number else "agent"
                asked = [*asked, turn.text] if before == "customer" else [turn.text]
                opening = opening or turn.text
                continue
            if not asked:
                continue
            said = sayings(turn.text)
            for kind, text in said.items():
                if kind not in kinds:
                    continue
                yield Answer(
                    text=text,
                    asked=question(" ".join(asked)),
                    opening=question(opening),
                    language=conversation.language,
                    source=LogRef(conversation.id, number, turn.text),
                    case="case" in said,
                    outcome=conversation.outcome,
                    rating=conversation.rating,
                    at=turn.at or conversation.started,
                    mood=_mood(conversation.turns[number + 1 : number + 2]),
                    kind=kind,
                    agent=conversation.agent,
                )


def sayings(text: str) -> dict[Act, str]:
    """The sentences of an agent's turn by what they do; a long answer step by step."""
    found: dict[Act, list[str]] = {}
    for sentence in split(text):
        found.setdefault(act(sentence), []).append(sentence)
    return {kind: _told(sentences) for kind, sentences in found.items()}


def _told(sentences: list[str]) -> str:
    joint = "" if _WIDE.search(sentences[0]) else " "
    told = joint.join(sentences)
    longest = LONG_ZH if _WIDE.search(told) else LONG
    return "\n".join(sentences) if len(sentences) > 2 and len(told) > longest else told


def question(text: str) -> str:
    """A customer text as it is kept: blanks made even, cut at a word."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUESTION else text[:LONGEST_QUESTION].rsplit(" ", 1)[0]


def _mood(following: tuple[Turn, ...]) -> int:
    if not following or following[0].role != "customer":
        return 0
    if _PROTEST.search(following[0].text):
        return -1
    return 1 if _THANKS.search(following[0].text) else 0
