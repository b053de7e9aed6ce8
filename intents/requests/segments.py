"""Several requests in one message: where one ends and the next begins.

Cuts are possible at the ends of sentences and clauses and at connectives. A first look at what the
message's own encoder pass says of either side (``Splitter.look``) leaves most messages alone. Where
it does not, every stretch between two cuts is read as if it were a message of its own, and the
division whose neighbours are likeliest to be different requests is taken (``Splitter.choose``);
to leave the message whole is one of the divisions. Both judgements are logistic models that
``intents.training.segments`` fits to the assistant's own lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np

from intents.logistic import Logistic
from intents.requests.estimating import Estimator
from intents.requests.glance import FEATURES as GLANCED
from intents.requests.glance import Glance, compared, pooled
from models.arrays import FloatArray, IntArray

MAX_SEGMENTS = 3
"""Requests taken from one message; what is beyond stays with the last."""

MAX_CUTS = 4
"""Cuts that are looked into; the likeliest where there are more."""

SMALL_TALK = frozenset(
    {
        "greet", "greeting", "hello", "goodbye", "bye", "chitchat", "smalltalk", "small_talk",
        "praise", "capabilities",
    }
)  # fmt: skip
"""Intents that unclear questions are easily taken for: ``so what do I do``."""

SOCIAL = SMALL_TALK | {
    "thanks", "thank", "thank_you", "thankyou", "affirm", "deny", "acknowledge", "abuse",
}  # fmt: skip
"""Intents that are not requests (Rasa's customary names): beside one they are its manners."""

Kind = Literal["question", "stop", "comma", "clause", "strong", "weak", "space"]
KINDS: tuple[Kind, ...] = ("question", "stop", "comma", "clause", "strong", "weak", "space")
Span = tuple[int, int]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_MARK = re.compile(
    rf"(?P<question>[?？][?？!！.。…]*)"
    rf"|(?P<stop>[!！。；;…\n][!！。；;…\n]*|(?<!\d)\.+(?=\s|$)|\.+(?=\s+\D))"
    rf"|(?P<clause>，)"
    rf"|(?P<comma>[,:：](?!\d)|(?<=[^\d]),|\s+[-–—]+\s+)"
    rf"|(?P<space>(?<=[{_HAN}])\s+(?=[{_HAN}A-Za-z])|(?<=\w)\s+(?=[{_HAN}]))"
)
_STRONG = (
    r"in\s+addition|by\s+the\s+way|as\s+well\s+as|while\s+you(?:'|’)?re\s+at\s+it|another\s+"
    r"(?:thing|question)|one\s+more\s+(?:thing|question)|(?:two|three)\s+(?:things|questions)|"
    r"also|additionally|besides|furthermore|separately|btw|plus|first(?:ly)?|second(?:ly)?"
    r"(?:\s+(?:thing|question))?|third(?:ly)?|on\s+top\s+of\s+that|and\s+then"
)
_STRONG_HAN = (
    r"另外|还有(?:一件事|个问题)?|顺便|顺带|此外|对了|话说|以及|除此之外|再问(?:一下|下)?|"
    r"第[一二三](?:个问题|个|点)?|其次|同时想|还想|我还"
)
_WEAK = r"and|but|or|then|n|oh"
_WEAK_HAN = r"然后|而且|并且|不过|但是|再|也|最后|同时|接着|还"
_INNER_HAN = r"而且|并且|(?:还|又)(?=被|把|给我|多收|多扣|要我|不给|不让|想问|想知道|有个)"
"""Connectives of Chinese that begin a clause without a mark or a blank before them."""
_WORD = re.compile(
    rf"(?<![A-Za-z])(?P<strong>{_STRONG})(?![A-Za-z])|(?P<han>{_STRONG_HAN})"
    rf"|(?<![A-Za-z])(?P<weak>{_WEAK})(?![A-Za-z])|(?P<sign>[+&])"
    rf"|(?:(?<=^)|(?<=[，。；？！,.;?!\s]))(?P<weak_han>{_WEAK_HAN})"
    rf"|(?<=[{_HAN}])(?P<inner>{_INNER_HAN})",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s,，、:：]*")
_QUESTION = re.compile(r"[?？]\s*$|[吗呢么不没]\W*$")
_UNIT = re.compile(rf"[{_HAN}]|[A-Za-z']+")


@dataclass(frozen=True)
class Cut:
    """A place where a message may be divided: ``left`` ends what stands before it, ``right``
    begins what follows; a connective between the two belongs to neither."""

    left: int
    right: int
    kinds: frozenset[Kind]


@dataclass(frozen=True)
class Reading:
    """A stretch read as a message of its own: shares (c,) of the intents, the unit sentence
    vector (d,), its mean cosine to the nearest training lines, and the log-odds that it is a
    whole message rather than a part of one."""

    shares: FloatArray
    vector: FloatArray
    near: float
    whole: float


@dataclass(frozen=True)
class Splitter:
    """Divides messages.

    ``whole`` judges a sentence vector: a whole message, or a part that nobody would send alone.
    ``first`` judges a cut by the message's own pass, with what ``glance`` makes of its sides,
    ``pair`` by the readings of its two sides.
    ``company`` holds for each intent how often it is only what surrounds another request (a
    greeting, thanks, an outburst), counted in the training lines. ``estimator`` tells without
    reading the sides whether that could matter; releases made before there was one have none.
    """

    whole: Logistic
    glance: Glance
    first: Logistic
    pair: Logistic
    company: Mapping[str, float]
    estimator: Estimator | None = None

    def look(
        self, text: str, states: FloatArray, offsets: IntArray, taken: Sequence[Span]
    ) -> list[Cut]:
        """The cuts of ``text`` worth looking into, in order; mostly none.

        :param states: token states (t, d) with their character ``offsets`` (t, 2).
        :param taken: characters that no cut may fall into: entities.
        """
        found = cuts(text, taken)
        if not found:
            return []
        scores = self.first.scores(first_features(text, found, states, offsets, self.glance))
        order = sorted(np.flatnonzero(scores > 0), key=lambda i: -scores[i])[:MAX_CUTS]
        return [found[i] for i in sorted(order)]

    def choose(
        self,
        text: str,
        kept: Sequence[Cut],
        readings: Mapping[Span, Reading],
        labels: Sequence[str],
    ) -> list[Span]:
        """The likeliest division of ``text`` into one to ``MAX_SEGMENTS`` spans."""
        best, score = [bounds(text)], 0.0
        for spans, each in self._divisions(text, kept, readings, labels):
            if float(each.min()) > 0 and float(each.sum()) > score:
                best, score = spans, float(each.sum())
        return best

    def promise(
        self,
        text: str,
        kept: Sequence[Cut],
        readings: Mapping[Span, Reading],
        labels: Sequence[str],
    ) -> float:
        """The log-odds of the weakest cut in the division whose weakest cut is the strongest:
        above 0 :meth:`choose` divides. ``-inf`` where there is no division."""
        found = self._divisions(text, kept, readings, labels)
        return max((float(each.min()) for _, each in found), default=-np.inf)

    def _divisions(
        self,
        text: str,
        kept: Sequence[Cut],
        readings: Mapping[Span, Reading],
        labels: Sequence[str],
    ) -> Iterator[tuple[list[Span], FloatArray]]:
        """Every division of ``text`` by ``kept`` cuts, and the log-odds of each of its cuts."""
        company = np.array([self.company.get(label, 0.0) for label in labels], dtype=np.float32)
        for count in range(1, min(MAX_SEGMENTS, len(kept) + 1)):
            for chosen in combinations(kept, count):
                spans = divided(text, chosen)
                if spans is None:
                    continue
                rows = [
                    pair_features(text, (spans[i], spans[i + 1]), cut, readings, company)
                    for i, cut in enumerate(chosen)
                ]
                yield spans, self.pair.scores(np.stack(rows))

    def as_json(self) -> dict[str, Any]:
        """The splitter as plain data."""
        return {
            "whole": self.whole.as_json(),
            "glance": self.glance.as_json(),
            "first": self.first.as_json(),
            "pair": self.pair.as_json(),
            "company": {name: round(value, 5) for name, value in self.company.items() if value},
            **({"estimator": self.estimator.as_json()} if self.estimator is not None else {}),
        }

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Splitter:
        """The inverse of :meth:`as_json`.

        :raises KeyError, ValueError: not a splitter of this version.
        """
        whole, first, pair = (Logistic.from_json(read[name]) for name in ("whole", "first", "pair"))
        if (len(first.weight), len(pair.weight)) != (FIRST_FEATURES, PAIR_FEATURES):
            raise ValueError(f"{len(first.weight)} and {len(pair.weight)} weights")
        estimator = Estimator.from_json(read["estimator"]) if "estimator" in read else None
        glance = Glance.from_json(read["glance"])
        return cls(whole, glance, first, pair, dict(read["company"]), estimator)


# -- where a message may be divided ----------------------------------------------------------


def cuts(text: str, taken: Sequence[Span] = ()) -> list[Cut]:
    """Every place where ``text`` may be divided, in order; none within ``taken`` spans."""
    found: list[Cut] = []
    for left, right, kinds in _gaps(text):
        inside = any(start < right and left < end and start < left for start, end in taken)
        inside = inside or any(start < right < end for start, end in taken)
        if not inside and _UNIT.search(text, 0, left) and text[right:].strip():
            found.append(Cut(left, right, frozenset(kinds)))
    return found


def _gaps(text: str) -> list[tuple[int, int, set[Kind]]]:
    """Marks and connectives that follow each other directly, taken together."""
    pieces: list[tuple[int, int, int, Kind]] = []
    for match in _MARK.finditer(text):
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        kept = match.end() if kind in ("question", "stop") else match.start()
        pieces.append((match.start(), match.end(), kept, kind))
    for match in _WORD.finditer(text):
        strong = match.lastgroup in ("strong", "han")
        start = match.start()
        pieces.append((start, match.end(), start, "strong" if strong else "weak"))
    merged: list[tuple[int, int, set[Kind]]] = []
    for start, end, kept, kind in sorted(pieces):
        if merged and not text[merged[-1][1] : start].strip(" \t,，、:："):
            left, right, kinds = merged[-1]
            merged[-1] = (left, max(right, end), kinds | {kind})
        else:
            merged.append((kept, end, {kind}))
    return [(len(text[:left].rstrip()), _skip(text, right), kinds) for left, right, kinds in merged]


def _skip(text: str, at: int) -> int:
    found = _BETWEEN.match(text, at)
    return found.end() if found else at


def bounds(text: str) -> Span:
    """The span of ``text`` without the blanks around it."""
    start = len(text) - len(text.lstrip())
    return start, max(start, len(text.rstrip()))


def divided(text: str, chosen: Sequence[Cut]) -> list[Span] | None:
    """The spans between ``chosen`` cuts; None if one would be without a word."""
    first, last = bounds(text)
    starts = [first, *(cut.right for cut in chosen)]
    ends = [*(cut.left for cut in chosen), last]
    spans = list(zip(starts, ends, strict=True))
    whole = all(start < end and _UNIT.search(text, start, end) for start, end in spans)
    return spans if whole else None


def stretches(text: str, kept: Sequence[Cut]) -> list[Span]:
    """Every span that a division by ``kept`` cuts may need, and the unions of two of them."""
    found: dict[Span, None] = {}
    first, last = bounds(text)
    starts = [first, *(cut.right for cut in kept)]
    ends = [*(cut.left for cut in kept), last]
    for i, start in enumerate(starts):
        for end in ends[i:]:
            if start < end:
                found[(start, end)] = None
    return list(found)


# -- features --------------------------------------------------------------------------------

FIRST_FEATURES = len(KINDS) + 5 + GLANCED
PAIR_FEATURES = len(KINDS) + 16


def first_features(
    text: str, found: Sequence[Cut], states: FloatArray, offsets: IntArray, glance: Glance
) -> FloatArray:
    """What the message's own pass says of each cut, (n, ``FIRST_FEATURES``)."""
    first, last = bounds(text)
    starts = [first, *(cut.right for cut in found)]
    ends = [*(cut.left for cut in found), last]
    pieces = list(zip(starts, ends, strict=True))
    before, after = [(first, cut.left) for cut in found], [(cut.right, last) for cut in found]
    means = pooled(states, offsets, [*pieces, *before, *after, (first, last)])
    shares, count = glance.shares(means), len(found)
    rows = []
    for i, cut in enumerate(found):
        far = count + 1 + i, 2 * count + 1 + i
        rows.append(
            [
                *_kinds(cut),
                _cosine(means[i], means[i + 1]),
                _cosine(means[far[0]], means[far[1]]),
                *_lengths(text, pieces[i], pieces[i + 1]),
                _questions(text, before[i], after[i]),
                *compared((shares[i], shares[i + 1]), (shares[far[0]], shares[far[1]]), shares[-1]),
            ]
        )
    return np.array(rows, dtype=np.float32).reshape(len(rows), FIRST_FEATURES)


def pair_features(
    text: str,
    sides: tuple[Span, Span],
    cut: Cut,
    readings: Mapping[Span, Reading],
    company: FloatArray,
) -> FloatArray:
    """What the readings of two neighbours say of the cut between them, (``PAIR_FEATURES``,)."""
    left, right = readings[sides[0]], readings[sides[1]]
    both = readings[sides[0][0], sides[1][1]]
    sure = sorted([_logit(left.shares), _logit(right.shares)])
    with_both = sorted(float(np.log(0.01 + both.shares @ side.shares)) for side in (left, right))
    around = max(float(company @ left.shares), float(company @ right.shares))
    return np.array(
        [
            *_kinds(cut),
            *sure,
            sure[0] * float(1 - left.shares @ right.shares),
            *sorted([left.near, right.near]),
            *sorted([left.whole, right.whole]),
            float(np.log(0.01 + left.shares @ right.shares)),
            *with_both,
            _logit(both.shares),
            around,
            float(left.vector @ right.vector),
            *_lengths(text, *sides),
            _questions(text, *sides),
        ],
        dtype=np.float32,
    )


def nearness(z: FloatArray, memory: FloatArray, k: int = 3) -> FloatArray:
    """Mean cosine (n,) of unit vectors (n, d) to their ``k`` nearest in ``memory`` (m, d)."""
    k = min(k, len(memory))
    found: FloatArray = np.partition(z @ memory.T, len(memory) - k, axis=1)[:, -k:].mean(axis=1)
    return found


def _kinds(cut: Cut) -> list[float]:
    return [float(kind in cut.kinds) for kind in KINDS]


def _logit(shares: FloatArray) -> float:
    top = float(np.clip(shares.max(), 0.01, 0.99))
    return float(np.log(top / (1 - top)))


def _lengths(text: str, left: Span, right: Span) -> tuple[float, float]:
    """Logarithms of the shorter and the longer side's words (a Chinese character is half one)."""
    counts = sorted(
        sum(0.5 if len(unit) == 1 and unit > "\u3000" else 1.0
            for unit in _UNIT.findall(text, start, end))
        for start, end in (left, right)
    )  # fmt: skip
    return float(np.log1p(counts[0])), float(np.log1p(counts[1]))


def _questions(text: str, left: Span, right: Span) -> float:
    return float(sum(bool(_QUESTION.search(text[start:end])) for start, end in (left, right)) - 1)


def _cosine(left: FloatArray, right: FloatArray) -> float:
    size = float(np.linalg.norm(left) * np.linalg.norm(right))
    return float(left @ right) / size if size > 0 else 0.0
