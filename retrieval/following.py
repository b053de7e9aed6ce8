"""Which answer follows in a conversation: learned from past logs, kept where it helps.

Agents' turns that say a template of the index are labelled with it. A network over situations
(:mod:`retrieval.next_template`) learns from them, and what it says of a template counts beside the
search, by a weight that is judged on conversations which neither it nor the index had seen.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import FloatArray
from models.filling.generator import parse_template
from models.progress import Progress
from retrieval.conversation import Conversation
from retrieval.mining.answers import question, sayings
from retrieval.next_template import NextTemplate
from retrieval.replies import same
from retrieval.search.corpus import Encode
from retrieval.search.filters import Query, primary
from retrieval.search.index import TemplateIndex
from retrieval.search.leave_out import GAIN
from retrieval.situation import LINES, SAID, Situation, remember
from retrieval.templates import Template, speak
from retrieval.words import words

if TYPE_CHECKING:
    from models.learning.mixed import MixedSettings

Label = Callable[[Conversation, int, str], str | None]
FOLDS = 3
LEAST = 50
"""Labelled turns below which there is nothing to learn and nothing to judge by."""
REPEATED = 2
"""Conversations that must have said a template for the network to know it."""
WEIGHTS = (0.25, 0.5, 1.0, 2.0, 4.0)
FEW = 4000
"""Situations below which networks take smaller steps, and more of them."""


@dataclass(frozen=True)
class Followed:
    """What stood in a conversation before an agent's turn, and the template's id that it said.

    ``earlier`` are the customer's lines before ``asked``, ``replied`` the agent's last words.
    """

    asked: str
    label: str
    conversation: str
    language: str
    earlier: tuple[str, ...] = ()
    replied: str = ""
    before: str = ""
    said: tuple[str, ...] = ()
    turns: int = 1


@dataclass(frozen=True)
class Judged:
    """Share of turns in unseen conversations whose template comes first in the search ``alone``
    and ``with_network``; ``weight`` is 0 where that does not help."""

    turns: int
    alone: float
    with_network: float
    weight: float


def followed(
    conversations: Iterable[Conversation], templates: Sequence[Template]
) -> list[Followed]:
    """Turns of redacted conversations that say one of ``templates``, whatever is in its places."""
    label = _Labels([template for template in templates if template.status == "live"])
    return [one for talk in conversations for one in _followed(talk, label)]


def learn_following(
    index: TemplateIndex,
    found: Sequence[Followed],
    encode: Encode,
    progress: Progress,
    settings: MixedSettings | None = None,
) -> tuple[NextTemplate | None, Judged]:
    """Learn what follows what, and by how much that counts. Needs the libraries of training.

    :param settings: of the networks' training; by the number of situations where not given.
    :returns: the network with its weight, None where it does not help; and how it was judged.
    """
    spread = Counter(label for label, _ in {(one.label, one.conversation) for one in found})
    found = [one for one in found if spread[one.label] >= REPEATED]
    if len(found) < LEAST:
        return None, Judged(len(found), 0.0, 0.0, 0.0)
    known = situations(found, encode)
    settings = settings or _settings(len(found))

    def learn(rows: Sequence[int]) -> NextTemplate:
        labels = [found[row].label for row in rows]
        return NextTemplate.learn([known[row] for row in rows], labels, settings, progress)

    judged = judge(index, found, known, learn)
    if not judged.weight:
        return None, judged
    network = learn(range(len(found)))
    network.weight = judged.weight
    return network, judged


def situations(found: Sequence[Followed], encode: Encode) -> list[Situation]:
    """The situations of labelled turns, each text encoded once."""
    texts = {t: None for one in found for t in (one.asked, one.replied, *one.earlier) if t}
    vectors = dict(zip(texts, encode(list(texts)), strict=True))
    made = []
    for one in found:
        memory: FloatArray | None = None
        for line in one.earlier:
            memory = remember(memory, vectors[line])
        made.append(
            Situation(
                one.asked, vectors[one.asked], vectors.get(one.replied), memory, one.before,
                one.said, turns=one.turns,
            )
        )  # fmt: skip
    return made


def judge(
    index: TemplateIndex,
    found: Sequence[Followed],
    known: Sequence[Situation],
    learn: Callable[[Sequence[int]], NextTemplate],
) -> Judged:
    """Search with and without a network that ``learn`` makes of some of the turns ``found`` and
    their situations ``known``, for conversations that neither had seen.

    The index is built without their questions, and searched among the templates of the right
    answer's intents, as a turn does whose intent was understood.
    """
    fold = np.array([zlib.crc32(one.conversation.encode()) % FOLDS for one in found])
    worded = {template.id: same(template.text) for template in index.templates}
    intents = {template.id: frozenset(template.intents) for template in index.templates}
    hits: list[list[bool]] = []
    for number in range(FOLDS):
        apart = np.flatnonzero(fold == number).tolist()
        kept = np.flatnonzero(fold != number).tolist()
        if not apart or not kept:
            continue
        network = learn(kept)
        unseen = index.renewed({found[i].asked for i in apart})
        for i in apart:
            one, at = found[i], known[i]
            query = Query(
                one.asked, at.vector, one.language, intents=intents[one.label] or None,
                earlier=at.earlier, avoid=frozenset(one.said), following=network.says(at),
            )  # fmt: skip
            ranked = unseen.search(query, len(unseen.templates))
            right = [worded[hit.template.id] == worded[one.label] for hit in ranked]
            alone = np.array([hit.score - hit.following for hit in ranked])
            said = np.array([hit.following for hit in ranked])
            hits.append(
                [bool(ranked) and right[int((alone + w * said).argmax())] for w in (0.0, *WEIGHTS)]
            )
    return _weighed(np.array(hits, dtype=bool).reshape(-1, 1 + len(WEIGHTS)))


def _weighed(hits: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> Judged:
    """The best weight, of those that find clearly more: more than chance would in the turns where
    search with and without the network differ."""
    if not len(hits):
        return Judged(0, 0.0, 0.0, 0.0)
    shares = hits.mean(axis=0)
    best = int(shares.argmax())
    changed = int((hits[:, best] != hits[:, 0]).sum())
    won = float((shares[best] - shares[0]) * len(hits))
    helps = shares[best] >= shares[0] + GAIN and won > 2 * np.sqrt(changed)
    alone, together = float(shares[0]), float(shares[best])
    return Judged(len(hits), alone, together, WEIGHTS[best - 1] if helps else 0.0)


def _settings(count: int) -> MixedSettings | None:
    from models.learning.mixed import MixedSettings

    return MixedSettings(batch=max(16, count // 40), epochs=12) if count < FEW else None


class _Labels:
    """Which template an agent's turn says: one that came from it, or one in whose words it is."""

    def __init__(self, templates: Sequence[Template]) -> None:
        refs = ((ref, template.id) for template in templates for ref in template.provenance)
        self._behind = {(ref.conversation, ref.turn): identifier for ref, identifier in refs}
        self._worded = {(primary(t.language), same(t.text)): t.id for t in templates if t.text}
        placed = sorted((t for t in templates if t.slots), key=lambda t: (-len(t.text), t.id))
        self._places = [(primary(t.language), _pattern(t.text), t.id) for t in placed]

    def __call__(self, conversation: Conversation, number: int, text: str) -> str | None:
        known = self._behind.get((conversation.id, number))
        language = primary(conversation.language)
        spoken = [same(one) for one in (text, *sayings(text).values())]
        worded = (self._worded.get((language, one)) for one in spoken)
        return known or next(filter(None, worded), None) or self._placed(language, spoken)

    def _placed(self, language: str, spoken: Sequence[str]) -> str | None:
        return next(
            (
                identifier
                for own, pattern, identifier in self._places
                if own == language and any(map(pattern.fullmatch, spoken))
            ),
            None,
        )


def _pattern(text: str) -> re.Pattern[str]:
    """The words of a template with anything of a few words in its places."""
    pieces = [
        r"\S+(?: \S+){0,7}?" if piece.is_placeholder else re.escape(same(piece.text))
        for piece in parse_template(text)
        if piece.is_placeholder or words(piece.text)
    ]
    return re.compile(" ".join(pieces))


def _followed(talk: Conversation, label: Label) -> Iterator[Followed]:
    lines: list[str] = []
    said: list[str] = []
    replied, before, number = "", "", 0
    for role, run in groupby(talk.turns, key=lambda turn: turn.role):
        turns = list(run)
        if role == "customer":
            lines.append(question(speak(" ".join(turn.text for turn in turns))))
            before = " ".join(speak(turn.text) for turn in talk.turns[:number])
        for at, turn in enumerate(turns, number):
            if role == "agent":
                known = label(talk, at, turn.text)
                if known and lines and lines[-1]:
                    yield Followed(
                        lines[-1], known, talk.id, talk.language, tuple(lines[-1 - LINES : -1]),
                        replied, before, tuple(said[-SAID:]), number,
                    )  # fmt: skip
                said += [known] if known else []
                replied = question(speak(turn.text))
        number += len(turns)
