"""Cross-validated figures of a fitted understanding: what is known without any test set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from intents import evaluation
from intents.calibration import probabilities
from intents.examples import OUT_OF_SCOPE
from intents.fitting import Fitted, Lines
from models.arrays import AnyArray


def cross_validated(lines: Lines, fitted: Fitted, languages: Sequence[str]) -> dict[str, Any]:
    """Figures over held-out lines: each judged by a head that did not see it.

    ``out_of_scope`` comes from intents that were left out whole, which is harder than most of what
    customers ask for that no shop can answer.
    """
    held = fitted.held_out
    use = held.known & lines.unseen if (held.known & lines.unseen).sum() >= 100 else held.known
    inner = use & np.array([label != OUT_OF_SCOPE for label in lines.labels], dtype=bool)
    labels = fitted.head.labels
    codes = np.array([labels.index(label) for label in lines.labels], dtype=np.int64)
    shares = probabilities(held.logits, fitted.temperature)
    ranked = np.argsort(-shares, axis=1, kind="stable")
    confidence = shares.max(axis=1)
    right = ranked[:, 0] == codes
    scores = fitted.fusion.score(held.inside)
    decisions = np.array(
        [
            fitted.thresholds.decide(shares[i, ranked[i]], float(scores[i]))
            for i in range(len(codes))
        ]
    )
    gold = [lines.labels[int(i)] for i in np.flatnonzero(inner)]
    top = [labels[ranked[i, 0]] for i in np.flatnonzero(inner)]
    return {
        "method": "cross-validation on stored sentence vectors",
        "lines": int(inner.sum()),
        "intents": len(set(gold)),
        "intent": {
            "accuracy": _share(right[inner]),
            "macro_f1": evaluation.macro_f1(gold, top),
            "top3": _share((ranked[:, :3] == codes[:, None]).any(axis=1)[inner]),
        },
        "by_language": {
            language: _share(right[inner & _is(languages, language)])
            for language in sorted(set(languages))
        },
        "calibration": _calibration(confidence[inner], right[inner]),
        "coverage": {
            "at_1pct_error": evaluation.coverage_at(confidence[inner], right[inner], 0.01),
            "at_2pct_error": evaluation.coverage_at(confidence[inner], right[inner], 0.02),
            "deployed": evaluation.deployed(decisions[inner] == "accept", right[inner]),
        },
        "decisions": {
            name: _share(decisions[inner] == name) for name in ("accept", "clarify", "reject")
        },
        "answer_among_options": _among(
            fitted, shares, ranked, codes, inner & (decisions == "clarify")
        ),
        "out_of_scope": {
            "method": "lines of intents that were left out",
            "auroc": evaluation.auroc(fitted.fusion.score(held.outside), scores[inner]),
            "fpr95": evaluation.fpr95(fitted.fusion.score(held.outside), scores[inner]),
            **_near_and_far(lines, fitted, scores[inner]),
        },
        "per_intent": per_intent(gold, top),
        "confused": confused(gold, top),
    }


def _calibration(confidence: AnyArray, right: AnyArray) -> dict[str, float | None]:
    """ECE with the 95 % interval of 200 bootstrap samples."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200 if len(right) else 0):
        some = rng.integers(len(right), size=len(right))
        found.append(evaluation.ece(confidence[some], right[some]) or 0.0)
    low, high = np.quantile(found, [0.025, 0.975]) if found else (None, None)
    return {
        "ece": evaluation.ece(confidence, right),
        "ece_low": None if low is None else float(low),
        "ece_high": None if high is None else float(high),
    }


def _near_and_far(lines: Lines, fitted: Fitted, inside: AnyArray) -> dict[str, Any]:
    """Left-out intents by how near the nearest other intent is: the nearer half, the farther."""
    held, geometry = fitted.held_out, fitted.geometry
    z = fitted.head.transform(lines.vectors)
    codes = np.array([fitted.head.labels.index(label) for label in lines.labels], dtype=np.int64)
    nearness = {}
    for code in set(held.outside_codes.tolist()):
        of_it = z[codes == code][:50]
        nearest, _ = geometry.look(of_it, len(fitted.head.labels), np.full(len(of_it), code))
        nearness[code] = float(nearest.max(axis=1).mean())
    middle = float(np.median(list(nearness.values()))) if nearness else 0.0
    near = np.array([nearness[code] > middle for code in held.outside_codes.tolist()], dtype=bool)
    score = fitted.fusion.score(held.outside)
    return {
        name: {
            "auroc": evaluation.auroc(score[part], inside),
            "fpr95": evaluation.fpr95(score[part], inside),
        }
        for name, part in (("near", near), ("far", ~near))
    }


def per_intent(gold: Sequence[str], top: Sequence[str]) -> dict[str, dict[str, float | int]]:
    """Lines, recall and precision of each intent."""
    wanted, given = Counter(gold), Counter(top)
    hits = Counter(g for g, p in zip(gold, top, strict=True) if g == p)
    return {
        name: {
            "lines": wanted[name],
            "recall": round(hits[name] / wanted[name], 4),
            "precision": round(hits[name] / given[name], 4) if given[name] else 0.0,
        }
        for name in sorted(wanted)
    }


def confused(gold: Sequence[str], top: Sequence[str], most: int = 20) -> list[dict[str, Any]]:
    """The pairs that are taken for each other most often."""
    pairs = Counter((g, p) for g, p in zip(gold, top, strict=True) if g != p)
    return [
        {"intent": g, "taken_for": p, "lines": count}
        for (g, p), count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:most]
    ]


def _among(
    fitted: Fitted, shares: AnyArray, ranked: AnyArray, codes: AnyArray, chosen: AnyArray
) -> float | None:
    """Share of clarifying questions that offer the right intent."""
    hits = [
        codes[i] in ranked[i, : fitted.thresholds.options(shares[i, ranked[i]])]
        for i in np.flatnonzero(chosen)
    ]
    return float(np.mean(hits)) if hits else None


def _is(languages: Sequence[str], language: str) -> AnyArray:
    return np.array([one == language for one in languages], dtype=bool)


def _share(values: AnyArray) -> float | None:
    return float(values.mean()) if len(values) else None
