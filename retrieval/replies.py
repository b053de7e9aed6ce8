"""Which of many replies answers a message: learned from what agents have answered before.

Where each reply was given once or twice there is nothing to classify by. Two towers map situations
and replies to directions that agree where one answers the other, and further parts look at the same
stored vectors and words from other sides. How much each part counts is learned on conversations
that the towers had not seen (:mod:`retrieval.search.fusing`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import FloatArray, IntArray
from models.marks import Marks
from models.mixed import Mixed, directions
from models.progress import Progress
from retrieval.search.fusing import LearnedFusion, learn_fusion
from retrieval.search.lexical import LexicalIndex
from retrieval.search.projection import unit
from retrieval.situation import Frame, Situation
from retrieval.words import words

if TYPE_CHECKING:
    from models.learning.mixed import MixedSettings

PARTS = (
    "lexical", "lexical_context", "dense", "dense_context", "learned", "neighbours",
    "neighbours_context", "frequency", "typical", "length", "echo",
)  # fmt: skip
"""What speaks for a reply: BM25 and cosine of message and of context with its words; the towers;
likeness to what was answered to similar messages and contexts; how often it was said, how like
others it is, how long; likeness to the agent's last words."""

RARE = 3
NEIGHBOURS = 24
SHARPNESS = 16.0
"""How quickly neighbours' say falls with their cosine."""
TYPICAL = 8
DRAWN = 99
"""Wrong replies that stand beside the right one where fusion is learned."""
UNSEEN = 5
"""One conversation in so many is kept from the towers that fusion is learned with."""


@dataclass(frozen=True)
class Answered:
    """A situation, the reply that an agent gave, the reply's vector, and the conversation."""

    situation: Situation
    reply: str
    vector: FloatArray
    conversation: str


class Replies:
    """Candidate replies, ready to be compared with situations."""

    def __init__(self, texts: Sequence[str], vectors: FloatArray, ranker: ReplyRanker) -> None:
        self.texts = tuple(texts)
        self.lexical = LexicalIndex.build([words(text) for text in texts])
        self.vectors = ranker.frame.answers(vectors)
        self.directions = ranker.answer_directions(texts, vectors)
        frequency = [ranker.frequency[same(text)] for text in texts]
        near = np.sort(self.vectors @ ranker.answers.T, axis=1)[:, -TYPICAL:]
        self.plain = np.stack(
            [
                np.log1p(np.array(frequency, dtype=np.float32)),
                near.mean(axis=1),
                np.log1p(np.array([len(text) for text in texts], dtype=np.float32)),
            ],
            axis=1,
        ).astype(np.float32)


class ReplyRanker:
    """What was learned of which replies answer which situations."""

    def __init__(
        self,
        frame: Frame,
        marks: tuple[Marks, Marks],
        networks: tuple[tuple[Mixed, ...], tuple[Mixed, ...]],
        seen: Sequence[Answered],
        fusion: LearnedFusion,
    ) -> None:
        self.frame, self._marks, self._networks, self.fusion = frame, marks, networks, fusion
        self.answers = frame.answers(np.stack([one.vector for one in seen]))
        self.frequency = Counter(same(one.reply) for one in seen)
        self._asked = self._centred([one.situation.vector for one in seen])
        self._context = self._centred([_context(one.situation) for one in seen])

    @classmethod
    def learn(
        cls,
        seen: Sequence[Answered],
        settings: MixedSettings | None = None,
        progress: Progress | None = None,
    ) -> ReplyRanker:
        """Learn towers and fusion. Needs the libraries of training.

        :raises ModelError: there is nothing to learn from.
        """
        kept = {one.conversation for one in seen}
        apart = set(sorted(kept)[::UNSEEN])
        first = [one for one in seen if one.conversation not in apart]
        unseen = [one for one in seen if one.conversation in apart]
        even = LearnedFusion(PARTS, (1.0,) * len(PARTS))
        fusion = even
        if first and len(unseen) > 1:
            trial = cls._towers(first, settings, progress, even)
            fusion = learn_fusion(PARTS, trial.drawn(unseen))
        return cls._towers(seen, settings, progress, fusion)

    @classmethod
    def _towers(
        cls, seen: Sequence[Answered], settings: MixedSettings | None, progress: Progress | None,
        fusion: LearnedFusion,
    ) -> ReplyRanker:  # fmt: skip
        from models.learning.mixed import MixedSettings, Side, towers

        situations = [one.situation for one in seen]
        frame = Frame.of(situations, [one.vector for one in seen])
        vectors = np.stack([one.vector for one in seen])
        bags = [words(s.text) for s in situations], [words(one.reply) for one in seen]
        known = (
            Marks.learn(bags[0], rare=RARE, scaled=True),
            Marks.learn(bags[1], rare=RARE, scaled=True),
        )
        codes: dict[str, int] = {}
        groups = [codes.setdefault(same(one.reply), len(codes)) for one in seen]
        networks = towers(
            Side(frame.dense(situations), known[0].read(bags[0]), len(known[0])),
            Side(frame.answers(vectors), known[1].read(bags[1]), len(known[1])),
            np.array(groups, dtype=np.int64),
            settings or MixedSettings(hidden=384, epochs=8, dropout=0.5, rate=2e-3, decay=0.02),
            progress,
        )
        return cls(frame, known, networks, seen, fusion)

    def replies(self, texts: Sequence[str], vectors: FloatArray) -> Replies:
        """Candidates with their vectors (n, d), made ready once."""
        return Replies(texts, vectors, self)

    def answer_directions(self, texts: Sequence[str], vectors: FloatArray) -> FloatArray:
        """Where the towers place replies: (n, p)."""
        bags = self._marks[1].read(words(text) for text in texts)
        return directions(self._networks[1], self.frame.answers(vectors), bags)

    def scores(self, situation: Situation, among: Replies) -> FloatArray:
        """Fused score of every candidate: (n,)."""
        return self.fusion(self.parts(situation, among))

    def parts(self, situation: Situation, among: Replies) -> FloatArray:
        """Every part for every candidate: (n, parts)."""
        message, context = self._centred([situation.vector, _context(situation)])
        bags = self._marks[0].read([words(situation.text)])
        direction = directions(self._networks[0], self.frame.dense([situation]), bags)[0]
        replied = np.zeros_like(message)
        if situation.replied is not None:
            replied = self.frame.answers(situation.replied[None])[0]
        columns = [
            among.lexical.scores(words(situation.text)),
            among.lexical.scores(words(f"{situation.before} {situation.text}")),
            among.vectors @ message,
            among.vectors @ context,
            among.directions @ direction,
            self._neighbours(self._asked @ message, among),
            self._neighbours(self._context @ context, among),
            *among.plain.T,
            among.vectors @ replied,
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def drawn(self, asked: Sequence[Answered], seed: int = 0) -> FloatArray:
        """Parts (n, 1 + drawn, f) of each right reply, first, and of replies drawn from other
        conversations."""
        texts = list({same(one.reply): one.reply for one in asked}.values())
        vector = {same(one.reply): one.vector for one in asked}
        among = self.replies(texts, np.stack([vector[same(text)] for text in texts]))
        chosen = draw(asked, texts, seed)
        return np.stack(
            [
                self.parts(one.situation, among)[rows]
                for one, rows in zip(asked, chosen, strict=True)
            ]
        )

    def _neighbours(self, cosines: FloatArray, among: Replies) -> FloatArray:
        """How like candidates are to the replies that the nearest seen messages got."""
        count = min(NEIGHBOURS, len(cosines))
        near = np.argpartition(-cosines, count - 1)[:count]
        weights = np.exp(SHARPNESS * (cosines[near] - cosines[near].max()))
        likeness = np.maximum(self.answers[near] @ among.vectors.T, 0) ** 2
        found: FloatArray = (weights / weights.sum()).astype(np.float32) @ likeness
        return found

    def _centred(self, vectors: Sequence[FloatArray]) -> FloatArray:
        return unit(np.stack(vectors) - self.frame.asked)


def draw(asked: Sequence[Answered], texts: Sequence[str], seed: int = 0) -> IntArray:
    """Rows of ``texts`` (n, 1 + drawn): the right reply, then others, the same on every run.

    Texts that say the same are one; a conversation's own replies are no wrong ones.
    """
    row = {same(text): number for number, text in enumerate(texts)}
    own: dict[str, set[int]] = {}
    for one in asked:
        own.setdefault(one.conversation, set()).add(row[same(one.reply)])
    most = max(len(rows) for rows in own.values())
    count = min(DRAWN, len(texts) - most)
    chosen = []
    for number, one in enumerate(asked):
        barred = own[one.conversation]
        generator = np.random.default_rng((seed, number))
        drawn = generator.choice(len(texts), min(len(texts), count + most), replace=False)
        wrong = [int(at) for at in drawn if int(at) not in barred][:count]
        chosen.append([row[same(one.reply)], *wrong])
    return np.array(chosen, dtype=np.int64)


def same(text: str) -> str:
    """Equal for texts that differ in case, blanks and punctuation alone."""
    return " ".join(words(text)) or text.strip()


def _context(situation: Situation) -> FloatArray:
    """The message with the agent's last words and the lines before it."""
    vectors = [v for v in (situation.replied, situation.earlier) if v is not None]
    mixed: FloatArray = unit(situation.vector)
    for vector in vectors:
        mixed = mixed + np.float32(0.5) * unit(vector)
    return mixed
