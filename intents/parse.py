"""What was understood of one message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from intents.requests.dividing import Segment
from intents.thresholds import Decision
from intents.values.patterns import Found
from models.arrays import FloatArray

FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Parse:
    """What was understood of one message.

    ``intent`` and ``confidence`` are the top of ``ranking`` whatever the decision; ``out_of_scope``
    grows towards 1 with distance from every intent; ``options`` are the intents to offer when
    ``decision`` is ``clarify``. ``vector`` is the sentence vector (d,). ``segments`` are the
    requests of a message that holds several, in order; all else is about the whole message.
    """

    text: str
    language: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    decision: Decision
    options: tuple[str, ...]
    out_of_scope: float
    entities: tuple[Found, ...]
    sentiment: str
    sentiment_confidence: float
    urgency: str
    urgency_confidence: float
    vector: FloatArray = field(repr=False, compare=False)
    segments: tuple[Segment, ...] = ()

    def as_rasa(self, most: int | None = None) -> dict[str, Any]:
        """Rasa's parse result; a rejected line gets ``nlu_fallback`` first, the ranking kept.

        Of the ranking no more than ``most`` intents are given, all if None.

        All of it is about the whole message, whether it was divided or not, so that whoever knows
        one intent a message sees what Rasa would show; the segments stand under ``frontdesk``.
        """
        ranking = [{"name": name, "confidence": round(c, 6)} for name, c in self.ranking[:most]]
        if self.decision == "reject":
            fallback = {"name": FALLBACK, "confidence": round(self.out_of_scope, 6)}
            ranking.insert(0, fallback)
        top = ranking[0] if ranking else {"name": None, "confidence": 0.0}
        return {
            "text": self.text,
            "intent": dict(top),
            "entities": [entity.as_rasa() for entity in self.entities],
            "intent_ranking": ranking,
            "frontdesk": {
                "language": self.language,
                "decision": self.decision,
                "options": list(self.options),
                "out_of_scope": round(self.out_of_scope, 6),
                "segments": [segment.as_json() for segment in self.segments],
                "sentiment": self.sentiment,
                "sentiment_confidence": round(self.sentiment_confidence, 6),
                "urgency": self.urgency,
                "urgency_confidence": round(self.urgency_confidence, 6),
            },
        }
