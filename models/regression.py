"""Multinomial logistic regression by L-BFGS, on dense rows or on a sparse matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray


def solve(
    x: Any,
    codes: IntArray,
    line_weights: FloatArray,
    c: float,
    weight: FloatArray,
    bias: FloatArray,
    tolerance: float = 1e-7,
    prior: FloatArray | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Minimise ``c * sum(w_i * loss_i) + |W - prior|² / 2``, divided by ``c * n``.

    :param x: rows (n, d), an array or a scipy matrix in compressed rows; float32.
    :param codes: class of each row (n,), below k.
    :param line_weights: weight of each row (n,), mean 1.
    :param c: inverse strength of the L2 penalty, in scikit-learn's sense.
    :param weight: where to start, (d, k); ``bias`` (k,) is not penalised.
    :param prior: what the penalty pulls the weights to, (d, k); zero if None.
    :param tolerance: ends when a step lowers the objective by a smaller part of it.
    :return: weight (d, k) and bias (k,) at the optimum, which is unique but for the bias's level.
    """
    from scipy.optimize import minimize

    n, d = x.shape
    k = weight.shape[1]
    ridge = np.float32(1.0 / (c * n))
    line_weights = line_weights / np.float32(n)
    rows = np.arange(n)
    base = None if prior is None else x @ prior

    def objective(flat: AnyArray) -> tuple[float, AnyArray]:
        moved = flat[: d * k].astype(np.float32).reshape(d, k)
        z = x @ moved
        if base is not None:
            z += base
        z += flat[d * k :].astype(np.float32)
        z -= z.max(axis=1, keepdims=True)
        hit = z[rows, codes]
        np.exp(z, out=z)
        total = z.sum(axis=1)
        loss = float(np.dot(np.log(total) - hit, line_weights.astype(np.float64)))
        z *= (line_weights / total)[:, None]
        z[rows, codes] -= line_weights
        gradient = np.empty_like(flat)
        gradient[: d * k] = (x.T @ z + ridge * moved).ravel()
        gradient[d * k :] = z.sum(axis=0)
        return loss + 0.5 * float(ridge) * float(np.vdot(moved, moved)), gradient

    offset = weight if prior is None else weight - prior
    start = np.concatenate([offset.ravel(), bias]).astype(np.float64)
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 300, "maxcor": 10, "ftol": tolerance, "gtol": 1e-6},
    ).x.astype(np.float32)
    solved = found[: d * k].reshape(d, k)
    return solved if prior is None else solved + prior, found[d * k :]


def balanced_weights(codes: IntArray, balance: float) -> FloatArray:
    """Weights of lines, mean 1: one of a class with m lines weighs ``m ** -balance``."""
    sizes = np.bincount(codes)
    weights = sizes[codes].astype(np.float32) ** np.float32(-balance)
    scaled: FloatArray = weights / weights.mean(dtype=np.float64).astype(np.float32)
    return scaled
