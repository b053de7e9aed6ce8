"""The convex core of the intent head: logistic regression that starts from prototypes.

The penalty pulls each class towards its prototype instead of towards zero, so that a class with few
lines, or none, is a prototype classifier and one with many is ordinary logistic regression. A
prototype is the mean of the class's lines together with the vector of its name; names count only
as far as they have proved to say what their lines say.
"""

from __future__ import annotations

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, grouped_sums, unit_rows
from models.regression import solve
from models.shares import logsumexp

PENALTY = 10.0
BALANCE = 0.5
SHARPNESS = 10.0
"""Length of a prototype in the head's weights."""
NAME_AS_LINES = 2.0
"""How many lines a trusted name counts for in a prototype."""
NAMED_ALONE = 5.0
"""What the name of a class without lines weighs, in lines."""
TIGHT, LOOSE = 3e-7, 5e-6


def fit_columns(
    z: FloatArray,
    codes: IntArray,
    names: FloatArray,
    start: tuple[FloatArray, FloatArray] | None = None,
    *,
    c: float = PENALTY,
    balance: float = BALANCE,
    tolerance: float = TIGHT,
) -> tuple[FloatArray, FloatArray]:
    """Weights (d, k) and biases (k,) for unit vectors ``z`` (n, d) with classes ``codes``.

    :param names: unit vectors (k, d) of what the classes are called; zeros where nothing is known.
    :param start: weights and biases to start from, where a class without weights starts from its
        prototype; the optimum does not depend on them.
    :param c: inverse strength of the penalty, in scikit-learn's sense.
    :param balance: a line of a class with m lines weighs ``m ** -balance``.
    :param tolerance: relative change of the objective at which the search ends.
    """
    counts = np.bincount(codes, minlength=len(names)).astype(np.float32)
    means = class_means(z, codes, len(names))
    trust = trust_in_names(means, counts, names)
    called = np.abs(names).sum(axis=1) > 0
    weight_of_name = np.where(counts > 0, trust, NAMED_ALONE) * called
    prior = (SHARPNESS * prototypes(means, counts, names, trust).T).astype(np.float32)
    extra = np.flatnonzero(weight_of_name > 0)
    x = np.concatenate([z, names[extra]])
    y = np.concatenate([codes, extra])
    given = np.concatenate([np.ones(len(z)), weight_of_name[extra]]).astype(np.float32)
    shares = np.bincount(y, minlength=len(names))[y].astype(np.float32) ** np.float32(-balance)
    shares *= given
    weights = (shares * (len(x) / shares.sum(dtype=np.float64))).astype(np.float32)
    weight, bias = start or (prior, np.zeros(len(names), dtype=np.float32))
    weight = np.where(weight.any(axis=0), weight, prior)
    return solve(x, y, weights, c, weight, bias, tolerance, prior)


def fit_all(
    z: FloatArray,
    codes: IntArray,
    names: FloatArray,
    start: tuple[FloatArray, FloatArray] | None = None,
    *,
    apart: int = -1,
    tolerance: float = TIGHT,
) -> tuple[FloatArray, FloatArray]:
    """As :func:`fit_columns`, with the class ``apart`` fitted after the others, to what they leave;
    none where it is negative."""
    if apart < 0:
        return fit_columns(z, codes, names, start, tolerance=tolerance)
    others = np.flatnonzero(np.arange(len(names)) != apart)
    inner = codes != apart
    first = (start[0][:, others], start[1][others]) if start is not None else None
    places = np.searchsorted(others, codes[inner])
    found = fit_columns(z[inner], places, names[others], first, tolerance=tolerance)
    weight = np.zeros((z.shape[1], len(names)), dtype=np.float32)
    bias = np.zeros(len(names), dtype=np.float32)
    weight[:, others], bias[others] = found
    return fit_apart(z, codes, apart, weight, bias)


def fit_apart(
    z: FloatArray, codes: IntArray, apart: int, weight: FloatArray, bias: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Weights (d, k) and biases (k,) with one column fitted while the others stay as they are.

    The objective of :func:`fit_columns` in which nothing but the column ``apart`` is free: logistic
    regression with the others' scores as an offset.

    :param weight: the others' weights, (d, k), with biases ``bias`` (k,).
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    member, others = codes == apart, np.arange(weight.shape[1]) != apart
    rest = logsumexp((z @ weight + bias)[:, others].astype(np.float64))
    shares = np.bincount(codes)[codes].astype(np.float64) ** -BALANCE
    shares *= len(z) / shares.sum()
    prior = SHARPNESS * unit_rows(z[member].mean(axis=0)[None])[0].astype(np.float64)
    x, sign = z.astype(np.float64), np.where(member, 1.0, -1.0)

    def objective(flat: AnyArray) -> tuple[float, AnyArray]:
        margin = sign * (x @ flat[:-1] + flat[-1] - rest)
        loss = PENALTY * float(shares @ np.logaddexp(0, -margin))
        slope = -PENALTY * shares * sign * expit(-margin)
        moved = flat[:-1] - prior
        return loss + float(moved @ moved) / 2, np.append(x.T @ slope + moved, slope.sum())

    found = minimize(objective, np.append(prior, 0.0), jac=True, method="L-BFGS-B").x
    weight, bias = weight.copy(), bias.copy()
    weight[:, apart], bias[apart] = found[:-1], found[-1]
    return weight, bias


def class_means(z: FloatArray, codes: IntArray, k: int) -> FloatArray:
    """Means (k, d) of the lines of each class; zeros for a class without lines."""
    counts = np.maximum(np.bincount(codes, minlength=k), 1)
    return (grouped_sums(z, codes, k) / counts[:, None]).astype(np.float32)


def prototypes(
    means: FloatArray, counts: FloatArray, names: FloatArray, trust: float
) -> FloatArray:
    """Unit vectors (k, d): mean of the lines and the name, or the name alone where it is all."""
    total = means * counts[:, None] + NAME_AS_LINES * trust * names
    total = np.where(counts[:, None] > 0, total, names)
    norms = np.linalg.norm(total, axis=1, keepdims=True)
    directions: FloatArray = (total / np.maximum(norms, 1e-6)).astype(np.float32)
    return directions


def trust_in_names(means: FloatArray, counts: FloatArray, names: FloatArray) -> float:
    """The share of named classes whose name lies nearest to its own lines' mean, 0 to 1.

    Labels such as ``intent_17`` get no say this way. With fewer than five such classes there is
    nothing to judge by, and names are not trusted.
    """
    judged = np.flatnonzero((counts > 0) & (np.abs(names).sum(axis=1) > 0))
    if len(judged) < 5:
        return 0.0
    directions = means[judged] / np.maximum(
        np.linalg.norm(means[judged], axis=1, keepdims=True), 1e-6
    )
    near = names[judged] @ directions.T
    return float((near.argmax(axis=1) == np.arange(len(judged))).mean())
