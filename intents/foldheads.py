"""Heads of a cross-validation, which start from those of the release before.

They read the same centred vectors as the head of all lines and minimise the same objective as
:class:`models.intent_head.IntentHead`, to the accuracy that held-out judgement needs. A fold's head
starts from the same fold's head of the parent release, which has never seen the fold's lines
either, so that stopping early lets nothing through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray

PENALTY = 10.0
BALANCE = 0.5
TIGHT, LOOSE = 1e-7, 5e-6


@dataclass(frozen=True)
class FoldHead:
    """Weights (d, k) and biases (k,) of the classes ``labels`` of the fold's training part."""

    labels: tuple[str, ...]
    weight: FloatArray
    bias: FloatArray

    def logits(self, z: FloatArray, labels: Sequence[str]) -> FloatArray:
        """Scores (n, c) in the columns of ``labels``; ``-inf`` where the head lacks the class."""
        result = np.full((len(z), len(labels)), -np.inf, dtype=np.float32)
        result[:, [labels.index(label) for label in self.labels]] = z @ self.weight + self.bias
        return result


def fit_head(
    z: FloatArray, given: Sequence[str], start: FoldHead | None = None, tolerance: float = TIGHT
) -> FoldHead:
    """Multinomial logistic regression on centred unit vectors (n, d) with labels ``given``.

    :param start: a head to start from; classes are matched by name.
    """
    labels = tuple(sorted(set(given)))
    index = {label: code for code, label in enumerate(labels)}
    codes = np.array([index[label] for label in given], dtype=np.int64)
    weight = np.zeros((z.shape[1], len(labels)), dtype=np.float32)
    bias = np.zeros(len(labels), dtype=np.float32)
    for column, label in enumerate(start.labels if start is not None else ()):
        if start is not None and label in index:
            weight[:, index[label]] = start.weight[:, column]
            bias[index[label]] = start.bias[column]
    return FoldHead(labels, *_solve(z, codes, weight, bias, tolerance))


def pack(heads: Sequence[FoldHead]) -> dict[str, AnyArray]:
    """Heads as arrays, in half precision: they only say where to start."""
    arrays: dict[str, AnyArray] = {"kind": np.array("folds")}
    for number, head in enumerate(heads):
        arrays[f"labels{number}"] = np.array(head.labels, dtype=np.str_)
        arrays[f"weight{number}"] = head.weight.astype(np.float16)
        arrays[f"bias{number}"] = head.bias.astype(np.float16)
    return arrays


def unpack(arrays: dict[str, AnyArray]) -> tuple[FoldHead, ...]:
    """The inverse of :func:`pack`."""
    heads: list[FoldHead] = []
    while f"labels{len(heads)}" in arrays:
        number = len(heads)
        heads.append(
            FoldHead(
                tuple(str(label) for label in arrays[f"labels{number}"]),
                arrays[f"weight{number}"].astype(np.float32),
                arrays[f"bias{number}"].astype(np.float32),
            )
        )
    return tuple(heads)


def _solve(
    z: FloatArray, codes: IntArray, weight: FloatArray, bias: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    from scipy.optimize import minimize

    n, d = z.shape
    k = weight.shape[1]
    sizes = np.bincount(codes, minlength=k)
    shares = sizes[codes].astype(np.float32) ** np.float32(-BALANCE)
    shares /= shares.sum()
    ridge = np.float32(1.0 / (PENALTY * n))
    rows = np.arange(n)
    turned = np.ascontiguousarray(z.T)

    def objective(flat: AnyArray) -> tuple[float, AnyArray]:
        w = flat[: d * k].astype(np.float32).reshape(d, k)
        scores = z @ w
        scores += flat[d * k :].astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        hit = scores[rows, codes]
        np.exp(scores, out=scores)
        total = scores.sum(axis=1)
        loss = float((np.log(total) - hit) @ shares)
        scores *= (shares / total)[:, None]
        scores[rows, codes] -= shares
        gradient = np.empty_like(flat)
        gradient[: d * k] = (turned @ scores + ridge * w).ravel()
        gradient[d * k :] = scores.sum(axis=0)
        return loss + 0.5 * float(ridge) * float(np.vdot(w, w)), gradient

    found = minimize(
        objective,
        np.concatenate([weight.ravel(), bias]).astype(np.float64),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 300, "maxcor": 10, "ftol": tolerance, "gtol": 1e-6},
    )
    solved = found.x.astype(np.float32)
    return solved[: d * k].reshape(d, k), solved[d * k :]
