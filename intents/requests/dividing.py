"""The requests within messages, read with the heads of a release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from intents.requests.glance import pooled
from intents.requests.segments import SOCIAL, Cut, Reading, Span, Splitter, bounds, stretches
from intents.thresholds import Decision
from intents.values.patterns import Found
from models.arrays import FloatArray
from models.encoders.runtime import Encoding

if TYPE_CHECKING:
    from intents.parse import Parse
    from intents.understanding import Understanding


Looked = tuple[FloatArray, FloatArray, FloatArray]
"""Of n messages the intents' calibrated shares (n, c), the out-of-scope scores (n,) and the mean
cosine (n,) to the nearest training lines."""

_LABELS = re.compile(
    r"(?:\b(?:my|the|it|its|s|is|order|number|no|nr|phone|mobile|ends|ending|in|with|last|four|digits"
    r"|and|here)\b|订单号?|单号|是|我的|手机号?|尾号|后四位|[\W\d_])*",
    re.IGNORECASE,
)
"""What stands beside a value that is merely named."""


_TAG = re.compile(
    r"\W*(?:(?:is|was|isn't|wasn't)\s+(?:that|this|it)\s+(?:true|right|real|correct|ok|so|you)|"
    r"(?:right|correct|true|ok|okay|really|yes|no|isn't it|don't you)|"
    r"(?:这)?(?:是真的|真的|真的假的|真假|对|是|行|可以|好|没错)(?:吗|嘛|么|吧|不)?)\W*",
    re.IGNORECASE,
)
"""A tag question, which asks about what stands before it: ``is that true?``, 是真的吗."""


@dataclass(frozen=True)
class Segment:
    """One of several requests in a message: its characters ``start`` to ``end``, read as a message
    of its own. Entities keep their offsets in the whole message; ``vector`` is (d,)."""

    start: int
    end: int
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    decision: Decision
    options: tuple[str, ...]
    out_of_scope: float
    entities: tuple[Found, ...]
    vector: FloatArray = field(repr=False, compare=False)

    def as_json(self) -> dict[str, Any]:
        """The segment as plain data, entities in Rasa's shape."""
        return {
            "start": self.start,
            "end": self.end,
            "intent": {"name": self.intent, "confidence": round(self.confidence, 6)},
            "intent_ranking": [
                {"name": name, "confidence": round(share, 6)} for name, share in self.ranking[:10]
            ],
            "decision": self.decision,
            "options": list(self.options),
            "out_of_scope": round(self.out_of_scope, 6),
            "entities": [entity.as_rasa() for entity in self.entities],
        }


def segments_of(
    understanding: Understanding,
    splitter: Splitter,
    texts: Sequence[str],
    encoding: Encoding,
    parses: Sequence[Parse],
    whole: Looked,
) -> list[tuple[Segment, ...]]:
    """The segments of each message; ``()`` for one request or none.

    :param whole: what the heads say of the messages as a whole.

    The messages' own pass decides which of them may hold several; the stretches of these are
    encoded in one further batch, unless an estimate of what that would give says that nothing can
    come of it.
    """
    if understanding.intents is None:
        return [()] * len(texts)
    parts = worth_reading(understanding, splitter, texts, encoding, parses, whole)
    if not parts:
        return [()] * len(texts)
    pieces = [piece for part in parts for piece in part.pieces]
    beside = np.concatenate([part.beside for part in parts])
    vectors = understanding.encoder.encode(pieces, beside=beside).sentence
    looked = understanding.intents.look(vectors)
    read = _readings(splitter, encoding, parts, vectors, looked, whole)
    found: list[tuple[Segment, ...]] = [()] * len(texts)
    for part, (readings, scores) in zip(parts, read, strict=True):
        text, parse = texts[part.message], parses[part.message]
        spans = splitter.choose(text, part.cuts, readings, understanding.labels)
        if len(spans) > 1:
            each = [
                _segment(understanding, span, parse, readings[span], scores[span]) for span in spans
            ]
            found[part.message] = requests(text, each, parse.intent)
    return found


def worth_reading(
    understanding: Understanding,
    splitter: Splitter,
    texts: Sequence[str],
    encoding: Encoding,
    parses: Sequence[Parse],
    whole: Looked,
) -> list[Parts]:
    """The messages whose stretches have to be read to know whether they hold several requests."""
    kept = [
        splitter.look(
            text, encoding.tokens[i], encoding.offsets[i], [(e.start, e.end) for e in p.entities]
        )
        for i, (text, p) in enumerate(zip(texts, parses, strict=True))
    ]
    parts = _parts(understanding, texts, kept)
    if parts and splitter.estimator is not None:
        parts = _promising(understanding, splitter, texts, encoding, parts, whole)
    return parts


@dataclass(frozen=True)
class Parts:
    """A message that may hold several requests: its number, the cuts worth looking into, the
    ``spans`` between them but for the ``whole``, these as the encoder reads them (``pieces``), and
    the second view's part (n, v) of their vectors."""

    message: int
    cuts: Sequence[Cut]
    whole: Span
    spans: Sequence[Span]
    pieces: Sequence[str]
    beside: FloatArray


def _parts(
    understanding: Understanding, texts: Sequence[str], kept: Sequence[Sequence[Cut]]
) -> list[Parts]:
    """The messages with cuts, the second view of their stretches taken in one batch."""
    spans = {
        i: [span for span in stretches(texts[i], places) if span != bounds(texts[i])]
        for i, places in enumerate(kept)
        if places
    }
    written = [texts[i][start:end] for i, each in spans.items() for start, end in each]
    if not written:
        return []
    pieces = understanding.mended(written)
    beside = understanding.encoder.beside(pieces)
    found, at = [], 0
    for i, each in spans.items():
        rows = slice(at, at + len(each))
        at = rows.stop
        found.append(Parts(i, kept[i], bounds(texts[i]), each, pieces[rows], beside[rows]))
    return found


def _promising(
    understanding: Understanding,
    splitter: Splitter,
    texts: Sequence[str],
    encoding: Encoding,
    parts: Sequence[Parts],
    whole: Looked,
) -> list[Parts]:
    """Those that may be divided, by estimates of what reading their stretches would give."""
    assert understanding.intents is not None
    assert splitter.estimator is not None
    states = [
        pooled(encoding.tokens[part.message], encoding.offsets[part.message], part.spans)
        for part in parts
    ]
    beside = np.concatenate([part.beside for part in parts])
    vectors = splitter.estimator.vectors(np.concatenate(states), beside)
    looked = understanding.intents.look(vectors)
    read = _readings(splitter, encoding, parts, vectors, looked, whole)
    return [
        part
        for part, (readings, _) in zip(parts, read, strict=True)
        if splitter.promise(texts[part.message], part.cuts, readings, understanding.labels)
        >= splitter.estimator.least
    ]


def _readings(
    splitter: Splitter,
    encoding: Encoding,
    parts: Sequence[Parts],
    vectors: FloatArray,
    looked: Looked,
    whole: Looked,
) -> list[tuple[dict[Span, Reading], dict[Span, float]]]:
    """What the vectors (n, d) of the messages' stretches say of them, and their out-of-scope
    scores; a message as a ``whole`` has been read already."""
    alone = splitter.whole.scores(vectors)
    wholly = splitter.whole.scores(encoding.sentence)
    found, at = [], 0
    for part in parts:
        readings, scores = {}, {}
        for row, span in enumerate(part.spans, at):
            readings[span] = _reading(row, looked, vectors, alone)
            scores[span] = float(looked[1][row])
        readings[part.whole] = _reading(part.message, whole, encoding.sentence, wholly)
        scores[part.whole] = float(whole[1][part.message])
        found.append((readings, scores))
        at += len(part.spans)
    return found


def _reading(row: int, looked: Looked, vectors: FloatArray, alone: FloatArray) -> Reading:
    shares, _, near = looked
    return Reading(shares[row], vectors[row], float(near[row]), float(alone[row]))


def requests(text: str, segments: Sequence[Segment], whole: str = "") -> tuple[Segment, ...]:
    """What is left of a division when manners and doubtful pieces are taken for what they are.

    A greeting or thanks beside a request is no request, two neighbours with one intent are one,
    and a piece that is not understood, or only gives a value, belongs to the request before it, or
    after it where there is none before, unless it asks something. A single request is left to the
    reading of the whole message, unless that took its manners (``whole``, an intent) for all of it.
    """
    kept: list[Segment] = []
    ahead: Segment | None = None
    for segment in segments:
        if segment.intent in SOCIAL and segment.decision != "reject":
            continue
        asks = text[: segment.end].rstrip().endswith(("?", "？", "吗", "呢"))
        lost = (segment.decision == "reject" and not asks) or _gives_only(text, segment)
        lost = lost or bool(kept and _TAG.fullmatch(text, segment.start, segment.end))
        if kept and (lost or kept[-1].intent == segment.intent):
            kept[-1] = _longer(kept[-1], segment, kept[-1])
        elif lost:
            ahead = segment if ahead is None else _longer(ahead, segment, ahead)
        else:
            kept.append(segment if ahead is None else _longer(ahead, segment, segment))
            ahead = None
    clear = any(segment.decision == "accept" for segment in kept)
    drowned = whole in SOCIAL and len(kept) == 1
    return tuple(kept) if clear and (len(kept) > 1 or drowned) else ()


def _gives_only(text: str, segment: Segment) -> bool:
    """Whether a piece only gives a value that another piece needs: ``My order number is HL…``."""
    words = text[segment.start : segment.end]
    for entity in segment.entities:
        words = words.replace(entity.text, " ")
    return bool(segment.entities) and _LABELS.fullmatch(words) is not None


def _longer(first: Segment, second: Segment, meaning: Segment) -> Segment:
    """Both, read as ``meaning``."""
    entities = first.entities + second.entities
    return replace(meaning, start=first.start, end=second.end, entities=entities)


def _segment(
    understanding: Understanding,
    span: Span,
    parse: Parse,
    reading: Reading,
    score: float,
) -> Segment:
    return Segment(
        *span,
        **vars(understanding.taken_for(understanding.labels, reading.shares, score)),
        entities=tuple(e for e in parse.entities if e.start < span[1] and span[0] < e.end),
        vector=reading.vector,
    )
