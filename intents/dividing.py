"""The requests within messages, read with the heads of a release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from intents.patterns import Found
from intents.segments import SOCIAL, Reading, Span, Splitter, bounds, stretches
from intents.thresholds import Decision
from models.arrays import FloatArray
from models.runtime import Encoding

if TYPE_CHECKING:
    from intents.understanding import Parse, Understanding


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
) -> list[tuple[Segment, ...]]:
    """The segments of each message; ``()`` for one request or none.

    The messages' own pass decides which of them may hold several; the stretches of these are
    encoded in one further batch.
    """
    if understanding.intents is None:
        return [()] * len(texts)
    kept = [
        splitter.look(
            text, encoding.tokens[i], encoding.offsets[i], [(e.start, e.end) for e in p.entities]
        )
        for i, (text, p) in enumerate(zip(texts, parses, strict=True))
    ]
    wanted = [(i, span) for i, places in enumerate(kept) if places
              for span in stretches(texts[i], places)]  # fmt: skip
    if not wanted:
        return [()] * len(texts)
    vectors = _vectors(understanding, texts, encoding, wanted)
    shares, scores, near = understanding.intents.look(vectors)
    alone = splitter.whole.scores(vectors)
    readings: dict[int, dict[Span, Reading]] = {}
    rows: dict[tuple[int, Span], int] = {}
    for row, (i, span) in enumerate(wanted):
        reading = Reading(shares[row], vectors[row], float(near[row]), float(alone[row]))
        readings.setdefault(i, {})[span] = reading
        rows[i, span] = row
    found: list[tuple[Segment, ...]] = [()] * len(texts)
    for i, read in readings.items():
        spans = splitter.choose(texts[i], kept[i], read, understanding.labels)
        if len(spans) > 1:
            each = [
                _segment(understanding, span, parses[i], shares[rows[i, span]],
                         float(scores[rows[i, span]]), vectors[rows[i, span]])
                for span in spans
            ]  # fmt: skip
            found[i] = requests(texts[i], each, parses[i].intent)
    return found


def _vectors(
    understanding: Understanding,
    texts: Sequence[str],
    encoding: Encoding,
    wanted: Sequence[tuple[int, Span]],
) -> FloatArray:
    """Sentence vectors of stretches; a message as a whole has been read already."""
    parts = [(i, span) for i, span in wanted if span != bounds(texts[i])]
    read = iter(understanding.encode([texts[i][a:b] for i, (a, b) in parts]).sentence)
    return np.stack(
        [encoding.sentence[i] if span == bounds(texts[i]) else next(read) for i, span in wanted]
    )


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
    shares: FloatArray,
    score: float,
    vector: FloatArray,
) -> Segment:
    labels = understanding.labels
    order = np.argsort(-shares, kind="stable")
    ranking = tuple((labels[c], float(shares[c])) for c in order)
    decision = understanding.decision_of(ranking[0][0], shares[order], score)
    return Segment(
        span[0],
        span[1],
        ranking[0][0],
        ranking[0][1],
        ranking,
        decision,
        understanding.options_of(ranking) if decision == "clarify" else (),
        score,
        tuple(e for e in parse.entities if e.start < span[1] and span[0] < e.end),
        vector,
    )
