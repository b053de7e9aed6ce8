"""A small network over a vector and a bag of marks, as the service runs it: numpy alone.

``relu(dense @ inner + marks @ rows + bias) @ outer + dense @ skip + shift``. Several of them,
trained from different seeds, speak as one: their outputs are averaged, or, where they are
directions, stand side by side, so that an inner product is the mean of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from models.arrays import AnyArray, FloatArray
from models.errors import ModelError
from models.marks import Bags


@dataclass(frozen=True)
class Mixed:
    """One network: ``inner`` (d, h), ``rows`` (v, h), ``bias`` (h,), ``outer`` (h, p),
    ``skip`` (d, p), ``shift`` (p,)."""

    inner: FloatArray
    rows: FloatArray
    bias: FloatArray
    outer: FloatArray
    skip: FloatArray
    shift: FloatArray

    def __post_init__(self) -> None:
        (d, h), p = self.inner.shape, len(self.shift)
        wanted = [(d, h), (len(self.rows), h), (h,), (h, p), (d, p), (p,)]
        found = [getattr(self, field.name).shape for field in fields(self)]
        if found != wanted:
            raise ModelError(
                "A network's arrays do not fit together",
                expected=str(wanted),
                found=str(found),
                fix="Take the file from a complete release, or train again.",
            )

    def __call__(self, dense: FloatArray, bags: Bags) -> FloatArray:
        """Outputs (n, p) for vectors ``dense`` (n, d) and their marks."""
        hidden = dense @ self.inner
        hidden += bags.times(self.rows)
        hidden += self.bias
        np.maximum(hidden, 0, out=hidden)
        result: FloatArray = hidden @ self.outer + dense @ self.skip + self.shift
        return result

    def arrays(self, prefix: str) -> dict[str, AnyArray]:
        """The arrays in half precision, under names that begin with ``prefix``."""
        return {prefix + f.name: getattr(self, f.name).astype(np.float16) for f in fields(self)}

    @classmethod
    def from_arrays(cls, prefix: str, arrays: dict[str, AnyArray]) -> Mixed:
        """Rebuild what :meth:`arrays` gave."""
        return cls(**{f.name: arrays[prefix + f.name].astype(np.float32) for f in fields(cls)})


def mean_of(networks: Sequence[Mixed], dense: FloatArray, bags: Bags) -> FloatArray:
    """Mean outputs (n, p) of several networks."""
    outputs = np.stack([network(dense, bags) for network in networks])
    mean: FloatArray = np.asarray(outputs.mean(axis=0), dtype=np.float32)
    return mean


def directions(networks: Sequence[Mixed], dense: FloatArray, bags: Bags) -> FloatArray:
    """Unit outputs of several networks side by side, of length one together: (n, k * p)."""
    parts = []
    for network in networks:
        made = network(dense, bags)
        made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), np.float32(1e-9))
        parts.append(made)
    joined: FloatArray = np.concatenate(parts, axis=1)
    joined /= np.float32(np.sqrt(len(parts)))
    return joined
