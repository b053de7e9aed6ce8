"""What ``frontdesk evaluate`` reports, each figure by the definition in its function.

Lines labelled ``out_of_scope`` are the out-of-scope ones; all others with an intent are in scope.
An own ``out_of_scope`` intent of the assistant is a rejection: what an in-scope line is taken for
before any is the best of the others, with its share among these.
Blocks that the data cannot give are None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from intents.examples import OUT_OF_SCOPE, Example
from models.arrays import AnyArray

BINS = 15
Asked = str | Sequence[str] | None


class Understood(Protocol):
    """What evaluation needs of a parse."""

    @property
    def ranking(self) -> tuple[tuple[str, float], ...]:
        """Intents with confidence, the best first."""

    @property
    def decision(self) -> str:
        """``accept``, ``clarify`` or ``reject``."""

    @property
    def out_of_scope(self) -> float:
        """Score that grows with distance from every intent."""

    @property
    def entities(self) -> Sequence[Any]:
        """Found values with start, end and entity."""

    @property
    def sentiment(self) -> str:
        """The best sentiment label."""

    @property
    def urgency(self) -> str:
        """``low``, ``normal`` or ``high``."""


class Parser(Protocol):
    """What evaluation needs of an understanding."""

    def parse(
        self, texts: Sequence[str], requested_slots: Sequence[Asked] | None = None
    ) -> Sequence[Understood]:
        """Parse texts in order."""


@dataclass(frozen=True)
class Judged:
    """In-scope and out-of-scope lines with what was understood, as arrays.

    ``right`` and ``confidence`` of the top intent, ``accepted`` by the decision, for the m in-scope
    lines; ``score_in`` (m,) and ``score_out`` are the out-of-scope scores.
    """

    gold: list[str]
    top: list[str]
    right: AnyArray
    in_top3: AnyArray
    confidence: AnyArray
    accepted: AnyArray
    score_in: AnyArray
    score_out: AnyArray


def evaluate(parser: Parser, examples: Sequence[Example], seconds: float = 0.0) -> dict[str, Any]:
    """Parse ``examples`` and report; ``seconds`` is added as it is (the caller's clock)."""
    requested = [example.requested_slots or None for example in examples]
    parses: list[Understood] = []
    for start in range(0, len(examples), 512):
        part = examples[start : start + 512]
        parses += parser.parse([e.text for e in part], requested[start : start + 512])
    return report(examples, parses, seconds)


def report(
    examples: Sequence[Example], parses: Sequence[Understood], seconds: float = 0.0
) -> dict[str, Any]:
    """The figures for lines and what was understood of them."""
    judged = judge(examples, parses)
    known = len(judged.gold) > 0
    return {
        "intent": {
            "accuracy": _mean(judged.right),
            "macro_f1": macro_f1(judged.gold, judged.top),
            "top3": _mean(judged.in_top3),
            "mcc": mcc(*_with_rejection(examples, parses)),
        }
        if known
        else None,
        "entities": _entities(examples, parses),
        "sentiment": _mood(
            [example.sentiment for example in examples], [parse.sentiment for parse in parses]
        ),
        "urgency": _mood(
            [example.urgency for example in examples], [parse.urgency for parse in parses]
        ),
        "out_of_scope": {
            "auroc": auroc(judged.score_out, judged.score_in),
            "fpr95": fpr95(judged.score_out, judged.score_in),
            "recall_at_95": recall_at_95(judged.score_out, judged.score_in),
        }
        if known and len(judged.score_out)
        else None,
        "calibration": {"ece": ece(judged.confidence, judged.right)} if known else None,
        "coverage": {
            "at_1pct_error": coverage_at(judged.confidence, judged.right, 0.01),
            "at_2pct_error": coverage_at(judged.confidence, judged.right, 0.02),
            "deployed": deployed(judged.accepted, judged.right),
        }
        if known
        else None,
        "n": len(examples),
        "seconds": round(float(seconds), 3),
    }


def judge(examples: Sequence[Example], parses: Sequence[Understood]) -> Judged:
    """Split labelled lines by scope and gather what the figures need."""
    labelled = [(e, p) for e, p in zip(examples, parses, strict=True) if e.intent is not None]
    inside = [(e, p) for e, p in labelled if e.intent != OUT_OF_SCOPE and p.ranking]
    outside = [p for e, p in labelled if e.intent == OUT_OF_SCOPE]
    asked = [asked_for(p) for _, p in inside]
    top = [ranking[0][0] for ranking in asked]
    gold = [str(e.intent) for e, _ in inside]
    return Judged(
        gold,
        top,
        np.array([a == b for a, b in zip(gold, top, strict=True)], dtype=bool),
        np.array([g in [n for n, _ in r[:3]] for g, r in zip(gold, asked, strict=True)], bool),
        np.array([ranking[0][1] for ranking in asked], dtype=np.float64),
        np.array(
            [p.decision == "accept" and p.ranking[0][0] != OUT_OF_SCOPE for _, p in inside], bool
        ),
        np.array([p.out_of_scope for _, p in inside], dtype=np.float64),
        np.array([p.out_of_scope for p in outside], dtype=np.float64),
    )


def asked_for(parse: Understood) -> Sequence[tuple[str, float]]:
    """The ranking before any rejection: without an own ``out_of_scope`` intent, where there are
    others, and with the shares among these."""
    inner = [(name, share) for name, share in parse.ranking if name != OUT_OF_SCOPE]
    whole = sum(share for _, share in inner)
    if not whole or len(inner) == len(parse.ranking):
        return parse.ranking
    return [(name, share / whole) for name, share in inner]


def macro_f1(gold: Sequence[str], predicted: Sequence[str]) -> float | None:
    """Mean F1 over the labels that occur in ``gold``."""
    wanted, given = Counter(gold), Counter(predicted)
    hits = Counter(g for g, p in zip(gold, predicted, strict=True) if g == p)
    scores = [2 * hits[label] / (wanted[label] + given[label]) for label in sorted(wanted)]
    return float(np.mean(scores)) if scores else None


def mcc(gold: Sequence[str], predicted: Sequence[str]) -> float | None:
    """Matthews' coefficient for many classes (Gorodkin 2004); 0 where one side is constant."""
    if not gold:
        return None
    labels = sorted(set(gold) | set(predicted))
    index = {label: i for i, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)))
    np.add.at(table, ([index[g] for g in gold], [index[p] for p in predicted]), 1)
    n, hits = table.sum(), np.trace(table)
    wanted, given = table.sum(axis=1), table.sum(axis=0)
    below = (n**2 - given @ given) * (n**2 - wanted @ wanted)
    return float((hits * n - wanted @ given) / np.sqrt(below)) if below > 0 else 0.0


def auroc(positive: AnyArray, negative: AnyArray) -> float | None:
    """Chance that a positive scores above a negative; ties count half."""
    if not len(positive) or not len(negative):
        return None
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    upto = np.searchsorted(ordered, positive, side="right")
    return float((below + upto).sum() / (2 * len(positive) * len(negative)))


def fpr95(positive: AnyArray, negative: AnyArray) -> float | None:
    """Share of in-scope lines rejected at the threshold that rejects 95 % of the others."""
    if not len(positive) or not len(negative):
        return None
    needed = int(np.ceil(0.95 * len(positive) - 1e-9))
    threshold = np.sort(positive)[::-1][needed - 1]
    return float((negative >= threshold).mean())


def recall_at_95(positive: AnyArray, negative: AnyArray) -> float | None:
    """Share of out-of-scope lines rejected where at least 95 % of in-scope ones are accepted."""
    if not len(positive) or not len(negative):
        return None
    needed = int(np.ceil(0.95 * len(negative) - 1e-9))
    threshold = np.sort(negative)[needed - 1]
    return float((positive > threshold).mean())


def ece(confidence: AnyArray, right: AnyArray, bins: int = BINS) -> float | None:
    """Expected calibration error over equal-width bins, each weighted by its lines."""
    if not len(confidence):
        return None
    return float(np.abs(gaps(confidence, right, bins).sum(axis=0)).sum() / len(confidence))


def gaps(confidence: AnyArray, right: AnyArray, bins: int = BINS) -> AnyArray:
    """By how much each line is surer than right, (n, bins), in the column of its confidence."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    found = np.zeros((len(place), bins))
    found[np.arange(len(place)), place] = confidence.astype(np.float64) - right
    return found


def coverage_at(confidence: AnyArray, right: AnyArray, error: float) -> float | None:
    """Largest share of lines, taken by falling confidence, with at most ``error`` of them wrong.

    Lines of equal confidence are taken together: no threshold can part them.
    """
    if not len(confidence):
        return None
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order].astype(bool))
    taken = np.arange(1, len(order) + 1)
    ordered = confidence[order]
    last_of_tie = np.append(ordered[1:] != ordered[:-1], True)
    fits = last_of_tie & (wrong <= error * taken + 1e-9)
    return float(taken[fits].max() / len(order)) if fits.any() else 0.0


def deployed(accepted: AnyArray, right: AnyArray) -> dict[str, float | None]:
    """Share of in-scope lines that are accepted, and the share of errors among those."""
    taken = int(accepted.sum())
    error = float((accepted & ~right).sum() / taken) if taken else None
    return {"share": float(accepted.mean()) if len(accepted) else None, "error": error}


def predicted_class(parse: Understood) -> str:
    """The class of a line with rejection at the deployed thresholds."""
    rejected = parse.decision == "reject" or not parse.ranking
    return OUT_OF_SCOPE if rejected else parse.ranking[0][0]


def _with_rejection(
    examples: Sequence[Example], parses: Sequence[Understood]
) -> tuple[list[str], list[str]]:
    pairs = [
        (example.intent, predicted_class(parse))
        for example, parse in zip(examples, parses, strict=True)
        if example.intent is not None
    ]
    return [gold for gold, _ in pairs], [given for _, given in pairs]


def _entities(
    examples: Sequence[Example], parses: Sequence[Understood]
) -> dict[str, float | None] | None:
    """Exact spans with type, micro-averaged over the lines that somebody annotated."""
    hits = wanted = given = whole = lines = 0
    for example, parse in zip(examples, parses, strict=True):
        if example.entities is None:
            continue
        gold = {(e.start, e.end, e.entity) for e in example.entities}
        found = {(e.start, e.end, e.entity) for e in parse.entities}
        hits += len(gold & found)
        wanted += len(gold)
        given += len(found)
        whole += gold == found
        lines += 1
    if not lines:
        return None
    return {
        "precision": hits / given if given else (0.0 if wanted else None),
        "recall": hits / wanted if wanted else None,
        "f1": 2 * hits / (wanted + given) if wanted + given else None,
        "exact_match": whole / lines,
    }


def _mood(wanted: Sequence[str | None], given: Sequence[str]) -> dict[str, float | None] | None:
    pairs = [(w, g) for w, g in zip(wanted, given, strict=True) if w is not None]
    if not pairs:
        return None
    gold, found = [w for w, _ in pairs], [g for _, g in pairs]
    right = np.array([w == g for w, g in pairs], dtype=bool)
    return {"accuracy": _mean(right), "macro_f1": macro_f1(gold, found)}


def _mean(values: AnyArray) -> float | None:
    return float(values.mean()) if len(values) else None
