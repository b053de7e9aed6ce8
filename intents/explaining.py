"""Why a message was understood as it was: lines near it, words that counted, what decided.

Words are weighed by occlusion (Zeiler and Fergus, 2014; Li et al., 2016): the message is read once
more without each of them, all in one batch, and the change of the top intent's log-odds is the
word's weight. Nothing is kept; an explanation is made when somebody asks for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

import numpy as np

from intents.examples import OUT_OF_SCOPE
from intents.outofscope import FEATURES
from intents.parse import Parse
from intents.parts import IntentPart
from intents.pieces import pieces, without
from intents.thresholds import Thresholds
from intents.understanding import Asked, Neighbour, Understanding
from models.arrays import FloatArray

MOST_VARIANTS = 24
"""Words that are left out at most, one reading each."""

Rule = Literal["accept_at", "reject_at", "least_known", "own_intent", "nothing_to_read"]


@dataclass(frozen=True)
class Threshold:
    """The threshold that decided: its ``value``, what was ``found``, and ``distance`` = found -
    value: how far the message was from another decision. The two rules without a number
    (``own_intent``, ``nothing_to_read``) have None."""

    name: Rule
    value: float | None = None
    found: float | None = None
    distance: float | None = None


@dataclass(frozen=True)
class Sign:
    """One sign of being out of scope: what it adds to the score's log-odds, against the middle of
    what was measured in training. Above 0 it speaks for out of scope."""

    name: str
    speaks: float


@dataclass(frozen=True)
class Word:
    """A word at characters ``start`` to ``end``, and what is understood without it.

    ``weight`` is what the log-odds of the top intent lose without the word; ``strangeness`` what
    those of the out-of-scope score lose: above 0, the word is one that the intents do not cover.
    """

    start: int
    end: int
    text: str
    weight: float
    strangeness: float
    intent_without: str
    confidence_without: float
    out_of_scope_without: float


@dataclass(frozen=True)
class Why:
    """The explanation of one message by one release.

    ``margin`` is the top intent's confidence less the runner-up's. ``words`` is empty where there
    is but one. ``spoke`` names the out-of-scope sign that spoke loudest, if any spoke.
    """

    release: str
    text: str
    decision: str
    intent: str
    confidence: float
    options: tuple[str, ...]
    runner_up: tuple[str, float] | None
    margin: float | None
    threshold: Threshold
    out_of_scope: float
    spoke: str | None
    signs: tuple[Sign, ...]
    words: tuple[Word, ...]
    nearest: tuple[Neighbour, ...]

    def as_json(self) -> dict[str, Any]:
        """The explanation as plain data, numbers rounded to six digits."""
        plain: dict[str, Any] = _rounded(asdict(self))
        if self.runner_up is not None:
            plain["runner_up"] = {
                "name": self.runner_up[0],
                "confidence": round(self.runner_up[1], 6),
            }
        return plain


class _Weighed(Protocol):
    """What the weighing of words needs of a parse."""

    @property
    def ranking(self) -> tuple[tuple[str, float], ...]: ...

    @property
    def out_of_scope(self) -> float: ...


def explain(understanding: Understanding, text: str, asked: Asked = None, nearest: int = 5) -> Why:
    """Explain what ``understanding`` makes of ``text``, with one batch of readings.

    :param asked: the slot or slots that the bot had asked for.
    :param nearest: how many training lines to name.
    """
    spans = pieces(text, MOST_VARIANTS)
    spans = spans if len(spans) > 1 else []
    variants = [without(text, span) for span in spans]
    whole, *rest = understanding.parse([text, *variants], [asked] * (1 + len(variants)))
    runner_up = whole.ranking[1] if len(whole.ranking) > 1 else None
    signs = out_of_scope_signs(understanding.intents, whole.vector) if whole.ranking else ()
    loudest = max(signs, key=lambda sign: sign.speaks, default=None)
    return Why(
        release=understanding.release.id,
        text=text,
        decision=whole.decision,
        intent=whole.intent,
        confidence=whole.confidence,
        options=whole.options,
        runner_up=runner_up,
        margin=whole.confidence - runner_up[1] if runner_up else None,
        threshold=_deciding(understanding, whole),
        out_of_scope=whole.out_of_scope,
        spoke=loudest.name if loudest is not None and loudest.speaks > 0 else None,
        signs=signs,
        words=tuple(weigh(text, spans, whole, rest)) if whole.ranking else (),
        nearest=tuple(understanding.nearest(whole.vector, nearest)) if whole.ranking else (),
    )


def weigh(
    text: str, spans: Sequence[tuple[int, int]], whole: _Weighed, rest: Sequence[_Weighed]
) -> list[Word]:
    """Weigh the words at ``spans`` by what is understood without each (``rest``, in order)."""
    top = whole.ranking[0][0]
    found = []
    for (start, end), parse in zip(spans, rest, strict=True):
        shares = dict(parse.ranking)
        best = parse.ranking[0][0] if parse.ranking else ""
        found.append(
            Word(
                start,
                end,
                text[start:end],
                _log_odds(whole.ranking[0][1]) - _log_odds(shares.get(top, 0.0)),
                _log_odds(whole.out_of_scope) - _log_odds(parse.out_of_scope),
                best,
                shares.get(top, 0.0),
                parse.out_of_scope,
            )
        )
    return found


def out_of_scope_signs(part: IntentPart | None, vector: FloatArray) -> tuple[Sign, ...]:
    """What each sign adds to the out-of-scope score of a message's ``vector`` (d,)."""
    if part is None:
        return ()
    features = part.signs(vector[None, :])[1]
    fusion = part.fusion
    added = ((features - fusion.centre) / fusion.scale * fusion.weight)[0]
    signs = [
        Sign(name, float(value))
        for name, value, weight in zip(FEATURES, added, fusion.weight, strict=True)
        if weight > 0
    ]
    return tuple(sorted(signs, key=lambda sign: -sign.speaks))


def deciding(thresholds: Thresholds, ranked: Sequence[float], out_of_scope: float) -> Threshold:
    """Which threshold decides for probabilities (largest first) and an out-of-scope score."""
    if out_of_scope >= thresholds.reject_at:
        return _threshold("reject_at", thresholds.reject_at, out_of_scope)
    if ranked[0] >= thresholds.accept_at:
        return _threshold("accept_at", thresholds.accept_at, ranked[0])
    known = float(np.sum(ranked[: thresholds.max_options]))
    if known < thresholds.least_known:
        return _threshold("least_known", thresholds.least_known, known)
    return _threshold("accept_at", thresholds.accept_at, ranked[0])


def _deciding(understanding: Understanding, whole: Parse) -> Threshold:
    if not whole.ranking or understanding.intents is None:
        return Threshold("nothing_to_read")
    if whole.intent == OUT_OF_SCOPE:
        return Threshold("own_intent")
    shares = [share for _, share in whole.ranking]
    return deciding(understanding.intents.thresholds, shares, whole.out_of_scope)


def _threshold(name: Rule, value: float, found: float) -> Threshold:
    return Threshold(name, float(value), float(found), float(found) - float(value))


def _log_odds(share: float) -> float:
    held = min(max(float(share), 1e-6), 1 - 1e-6)
    return math.log(held / (1 - held))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value
