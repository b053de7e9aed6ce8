"""How far a line is from everything that the intents cover.

Five signs, each read off the one sentence vector, fused by a small logistic model:

- the largest logit, and the energy of all (Liu et al., 2020);
- the distance to the nearest training lines (Sun et al., 2022);
- the Mahalanobis distance to the nearest class mean, with one covariance for all classes
  (Lee et al., 2018);
- how little the best intent leads the second;
- where the assistant has an intent called ``out_of_scope``, how it compares with the others.

The fusion is fitted by leaving intents out: their lines are, to a head that never saw them, lines
of intents that do not exist. No out-of-scope line is needed; those there are take part, and from
``ENOUGH_MARKED`` on they say where the scope ends. Left-out intents are few and unlike each other,
so that the weights are held near ones that serve most sets: the energy says most, the other signs
correct it.

Left-out intents are near ones. What has nothing to do with the assistant is far, and of that its
lines show nothing: a line whose Mahalanobis distance is beyond nearly all lines inside is therefore
out of scope by that alone. The score is that of either kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, grouped_sums, products

NEAREST = 3
FEATURES = ("max_logit", "energy", "nearest", "mahalanobis", "margin", "own_class")
PRIOR = np.array([0.45, 0.9, 0.25, 0.25, 0.15, 0.4])
"""The weight that each sign is drawn to, in the order of ``FEATURES``."""
ENOUGH_MARKED = 30
"""Lines marked out of scope from which on they decide where the scope ends."""
HELD = 0.2, 0.05
"""How strongly weights are drawn to ``PRIOR``, with few marked lines and with enough."""
MARKED = 2.0, 6.0
"""How much marked lines weigh beside those of left-out intents, a few of them and enough."""
BEYOND, STEEP = 0.985, 4.0
"""Far begins where so many lines inside are nearer; log-odds for each of their deviations more."""
_FAR = FEATURES.index("mahalanobis")
_MEMORY = 20_000
_LEAD = 30.0
_FEW = 5
_ROWS = 1024
"""Lines that are compared with the memory at a time."""


@dataclass(frozen=True)
class Look:
    """What is near n lines.

    ``nearest`` (n, c) is the largest cosine to a memory line of each class, -1 where there is none;
    ``distance`` (n,) one minus the mean cosine to the ``NEAREST`` lines; ``mahalanobis`` (n,) the
    distance to the nearest class mean, divided by the root of the dimension.
    """

    nearest: FloatArray
    distance: FloatArray
    mahalanobis: FloatArray

    @classmethod
    def empty(cls, lines: int, classes: int) -> Look:
        """Room for ``lines``, with nothing near them."""
        nearest = np.full((lines, classes), -1, dtype=np.float32)
        return cls(nearest, np.empty(lines, np.float32), np.empty(lines, np.float32))


@dataclass(frozen=True)
class Geometry:
    """What distances are measured against, in the head's centred space.

    ``memory`` (m, d) unit vectors with class codes ``memory_codes`` (m,) rising; ``whiten`` (d, d);
    ``means`` (c, d) whitened class means with ``mean_codes`` (c,).
    """

    memory: FloatArray
    memory_codes: IntArray
    whiten: FloatArray
    means: FloatArray
    mean_codes: IntArray

    @classmethod
    def of(cls, z: FloatArray, codes: IntArray) -> Geometry:
        """From centred unit vectors (n, d) and their class codes."""
        classes, places = np.unique(codes, return_inverse=True)
        sums = grouped_sums(z, places, len(classes))
        means = (sums / np.bincount(places)[:, None]).astype(np.float32)
        whiten = _whitener(z - means[places])
        kept = np.argsort(codes, kind="stable")[:: -(-len(z) // _MEMORY)]
        return cls(np.ascontiguousarray(z[kept]), codes[kept], whiten, means @ whiten, classes)

    def look(self, z: FloatArray, classes: int) -> Look:
        """What is near lines (n, d), with columns for ``classes``."""
        return self.looks(z, classes, (None,))[0]

    def looks(self, z: FloatArray, classes: int, views: Sequence[IntArray | None]) -> list[Look]:
        """What is near lines (n, d), once for each of ``views``: all that there is, or without a
        class for each line (n,). The products, which cost most, are computed once for all."""
        seen = [Look.empty(len(z), classes) for _ in views]
        present, starts = self._classes
        for start in range(0, len(z), _ROWS):
            part = slice(start, start + _ROWS)
            near, far = products(z[part], self.memory.T), self._squares(z[part])
            for look, without in zip(seen, views, strict=True):
                shown, apart = near, far
                if without is not None:
                    hidden = without[part, None]
                    shown = np.where(hidden == self.memory_codes, np.float32(-1), near)
                    apart = np.where(hidden == self.mean_codes, np.float32(4), far)
                look.nearest[part, present] = np.maximum.reduceat(shown, starts, axis=1)
                look.distance[part] = 1 - _largest(shown, NEAREST).mean(axis=1)
                look.mahalanobis[part] = np.sqrt(np.maximum(apart.min(axis=1), 0))
        return seen

    @cached_property
    def _classes(self) -> tuple[IntArray, IntArray]:
        """The classes in the memory, and where each begins there."""
        return np.unique(self.memory_codes, return_index=True)

    @cached_property
    def _lengths(self) -> FloatArray:
        """Squared lengths (c,) of the class means."""
        lengths: FloatArray = (self.means**2).sum(axis=1)
        return lengths

    def _squares(self, z: FloatArray) -> FloatArray:
        """Squared distances (n, c) to the class means, divided by the dimension."""
        w = products(z, self.whiten)
        squares = (w**2).sum(axis=1, keepdims=True) - 2 * w @ self.means.T
        squares += self._lengths
        shares: FloatArray = squares / np.float32(z.shape[1])
        return shares


@dataclass(frozen=True)
class Fusion:
    """Logistic fusion of the features: ``scale`` and ``centre`` standardise, ``weight`` >= 0.

    ``far_from`` is the Mahalanobis distance from which on a line is far whatever the other signs
    say, ``far_slope`` how fast; infinite and 0 where that is not known.
    """

    centre: FloatArray
    scale: FloatArray
    weight: FloatArray
    bias: float
    far_from: float = float("inf")
    far_slope: float = 0.0

    def score(self, features: FloatArray) -> FloatArray:
        """Score in (0, 1) for features (n, f): 0.5 where neither side is likelier."""
        raw = ((features - self.centre) / self.scale) @ self.weight + self.bias
        if self.far_slope:
            raw = np.logaddexp(raw, (features[:, _FAR] - self.far_from) * self.far_slope)
        scores: FloatArray = (1 / (1 + np.exp(-np.clip(raw, -30, 30)))).astype(np.float32)
        return scores

    def as_json(self) -> dict[str, object]:
        """The fusion as plain data."""
        return {
            "features": list(FEATURES),
            "centre": [float(v) for v in self.centre],
            "scale": [float(v) for v in self.scale],
            "weight": [float(v) for v in self.weight],
            "bias": self.bias,
            "far": [self.far_from, self.far_slope] if self.far_slope else None,
        }

    @classmethod
    def from_json(cls, read: Mapping[str, object]) -> Fusion:
        """The inverse of :meth:`as_json`."""
        far = read.get("far")
        return cls(
            np.array(read["centre"], dtype=np.float32),
            np.array(read["scale"], dtype=np.float32),
            np.array(read["weight"], dtype=np.float32),
            float(str(read["bias"])),
            *(map(float, far) if isinstance(far, list) else ()),
        )


def features_of(
    logits: FloatArray, own: int | None, look: Look, without: IntArray | None = None
) -> FloatArray:
    """The features (n, f), all growing with distance.

    :param logits: (n, c) of the head alone, ``-inf`` for classes that were not trained.
    :param own: the column of the assistant's own ``out_of_scope`` intent, if it has one.
    :param look: what is near the lines.
    :param without: a class for each line (n,) that is to count as if it did not exist.
    """
    inside = logits.copy()
    if own is not None:
        inside[:, own] = -np.inf
    if without is not None:
        inside[np.arange(len(logits)), without] = -np.inf
    top = np.maximum(inside.max(axis=1), -1e4)
    energy = top + np.log(np.exp(inside - top[:, None]).sum(axis=1) + 1e-30)
    against = np.zeros_like(top) if own is None else np.maximum(logits[:, own] - top, -_LEAD)
    signs = [-top, -energy, look.distance, look.mahalanobis, -_lead(inside), against]
    return np.stack(signs, axis=1).astype(np.float32)


def _lead(logits: FloatArray) -> FloatArray:
    """Largest minus second largest of each row, at most ``_LEAD``."""
    if logits.shape[1] < 2:
        return np.zeros(len(logits), dtype=np.float32)
    two = np.maximum(_largest(logits, 2), -1e4)
    lead: FloatArray = np.minimum(two[:, 1] - two[:, 0], _LEAD)
    return lead


def _largest(rows: FloatArray, k: int) -> FloatArray:
    """The ``k`` largest of each row, the least of them first; all where there are fewer."""
    k = min(k, rows.shape[1])
    return np.partition(rows, rows.shape[1] - k, axis=1)[:, -k:]


def fit_fusion(inside: FloatArray, left_out: FloatArray, marked: FloatArray) -> Fusion:
    """Fit the fusion so that lines outside score higher; both sides weigh the same.

    :param inside: features (n, f) of lines inside.
    :param left_out: those (o, f) of lines whose intents were left out.
    :param marked: those (m, f) of lines that are marked out of scope, which together weigh
        ``MARKED`` times as much.
    """
    outside = np.concatenate([left_out, marked])
    both = np.concatenate([inside, outside])
    if not len(both):
        # Nothing was measured: no score, rather than one that means nothing.
        flat = np.zeros(both.shape[1], dtype=np.float32)
        return Fusion(flat, flat + 1, flat, -1.0)
    centre, scale = both.mean(axis=0), both.std(axis=0)
    idle = scale < 1e-6
    scale = np.where(idle, 1.0, scale).astype(np.float32)
    if len(inside) < _FEW or len(outside) < _FEW:
        weight = np.where(idle, 0.0, PRIOR).astype(np.float32)
        return Fusion(centre.astype(np.float32), scale, weight, 0.0, *_far(inside))
    enough = len(marked) >= ENOUGH_MARKED
    shares = np.concatenate([_spread(left_out, 1.0), _spread(marked, MARKED[enough])])
    line_weights = np.concatenate([_spread(inside, 0.5), 0.5 * shares / shares.sum()])
    target = np.concatenate([np.zeros(len(inside)), np.ones(len(outside))])
    x = (both - centre) / scale
    weight, bias = _logistic(x, target, line_weights, idle, HELD[enough])
    return Fusion(centre.astype(np.float32), scale, weight, bias, *_far(inside))


def _spread(lines: FloatArray, weight: float) -> FloatArray:
    """Weights (n,) of lines that together weigh ``weight``."""
    return np.full(len(lines), weight / max(1, len(lines)))


def _far(inside: FloatArray) -> tuple[float, float]:
    """Where far begins and how steeply, by the lines inside (n, f)."""
    distance = inside[:, _FAR].astype(np.float64)
    spread = float(distance.std()) if len(distance) >= _FEW else 0.0
    if spread < 1e-6:
        return float("inf"), 0.0
    return float(np.quantile(distance, BEYOND)), STEEP / spread


def _logistic(
    x: AnyArray, target: AnyArray, line_weights: AnyArray, idle: AnyArray, held: float
) -> tuple[FloatArray, float]:
    from scipy.optimize import minimize

    def objective(flat: AnyArray) -> tuple[float, AnyArray]:
        raw = x @ flat[:-1] + flat[-1]
        loss = np.logaddexp(0, raw) - target * raw
        error = line_weights * (1 / (1 + np.exp(-raw)) - target)
        apart = flat[:-1] - PRIOR
        gradient = np.append(x.T @ error + held * apart, error.sum())
        return float(line_weights @ loss + held / 2 * apart @ apart), gradient

    # A sign may be ignored, but never turned round: that would be fitting noise.
    bounds = [(0.0, 0.0 if still else None) for still in idle] + [(None, None)]
    found = minimize(
        objective,
        np.append(np.where(idle, 0.0, PRIOR), 0.0),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
    ).x
    return found[:-1].astype(np.float32), float(found[-1])


def _whitener(residuals: FloatArray) -> FloatArray:
    """The inverse Cholesky factor, turned, of a shrunk within-class covariance, (d, d)."""
    from scipy.linalg.lapack import strtri

    n, d = residuals.shape
    covariance = (residuals.T @ residuals) / np.float32(max(n, 1))
    spread = max(float(np.trace(covariance)) / d, 1e-8)
    shrink = min(1.0, max(0.1, d / (n + d)))
    covariance *= np.float32(1 - shrink)
    covariance[np.diag_indices(d)] += np.float32(shrink * spread)
    # Shrunk, it is far from singular: single precision is enough, and takes half the time.
    inverse, _ = strtri(np.linalg.cholesky(covariance), lower=1)
    return np.ascontiguousarray(inverse.T, dtype=np.float32)
