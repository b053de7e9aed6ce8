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
from models.arrays import AnyArray, IntArray


def cross_validated(lines: Lines, fitted: Fitted, languages: Sequence[str]) -> dict[str, Any]:
    """Figures over held-out lines: each judged by a head that did not see it.

    ``out_of_scope`` comes from intents that were left out whole, which is harder than most of what
    customers ask for that no shop can answer.
    """
    held = fitted.held_out
    use = held.known & lines.unseen if (held.known & lines.unseen).sum() >= 100 else held.known
    inner = use & np.array([label != OUT_OF_SCOPE for label in lines.labels], dtype=bool)
    labels = fitted.head.labels
    column = {label: code for code, label in enumerate(labels)}
    codes = np.array([column[label] for label in lines.labels], dtype=np.int64)
    shares = probabilities(held.logits, fitted.temperature)
    ranked = np.argsort(-shares, axis=1, kind="stable")
    falling = np.take_along_axis(shares, ranked, axis=1)
    confidence = shares.max(axis=1)
    right = ranked[:, 0] == codes
    scores = fitted.fusion.score(held.inside)
    decisions = np.array(
        [
            fitted.thresholds.decide(row, score)
            for row, score in zip(falling, scores.tolist(), strict=True)
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
            fitted, falling, ranked, codes, inner & (decisions == "clarify")
        ),
        "out_of_scope": {
            "method": "lines of intents that were left out",
            "auroc": evaluation.auroc(fitted.fusion.score(held.outside), scores[inner]),
            "fpr95": evaluation.fpr95(fitted.fusion.score(held.outside), scores[inner]),
            **_near_and_far(fitted, codes, scores[inner]),
        },
        "per_intent": per_intent(gold, top),
        "confused": confused(gold, top),
    }


def _calibration(confidence: AnyArray, right: AnyArray) -> dict[str, float | None]:
    """ECE with the 95 % interval of 200 bootstrap samples."""
    if not len(right):
        return {"ece": None, "ece_low": None, "ece_high": None}
    rng = np.random.default_rng(0)
    gaps, n = evaluation.gaps(confidence, right), len(right)
    drawn = np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(200)])
    low, high = np.quantile(np.abs(drawn @ gaps).sum(axis=1) / n, [0.025, 0.975])
    return {
        "ece": evaluation.ece(confidence, right),
        "ece_low": float(low),
        "ece_high": float(high),
    }


def _near_and_far(fitted: Fitted, codes: IntArray, inside: AnyArray) -> dict[str, Any]:
    """Left-out intents by how near other intents' lines are: the nearer half, the farther."""
    held = fitted.held_out
    nearness = {
        code: float(held.rival[codes == code].mean()) for code in set(held.outside_codes.tolist())
    }
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
    fitted: Fitted, falling: AnyArray, ranked: AnyArray, codes: AnyArray, chosen: AnyArray
) -> float | None:
    """Share of clarifying questions that offer the right intent."""
    hits = [
        codes[i] in ranked[i, : fitted.thresholds.options(falling[i])]
        for i in np.flatnonzero(chosen)
    ]
    return float(np.mean(hits)) if hits else None


def _is(languages: Sequence[str], language: str) -> AnyArray:
    return np.array([one == language for one in languages], dtype=bool)


def _share(values: AnyArray) -> float | None:
    return float(values.mean()) if len(values) else None
