"""How activations become unsigned 8-bit numbers, decided from what float32 activations reach.

Every matrix reads ``round(x * factors / scale) + zero`` in unsigned 8 bits. The steps are fixed
when the encoder is exported, so that a line's vector never depends on the lines beside it. What
8 bits would lose is kept in two ways: channels that reach far are made smaller and their weights
larger (SmoothQuant, Xiao et al., 2023), and the few units of a feed-forward layer that reach
farthest stay in float32.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.arrays import FloatArray, IntArray
from models.errors import ModelError

STEPS = 255
PRECISE_UNITS = 64
"""Units of each feed-forward layer that stay in float32; more measured no better."""

_STATE_SHARE, _MIDDLE_SHARE = 0.85, 0.8
_LEAST = 1e-5


@dataclass(frozen=True)
class Reach:
    """The lowest and the highest value (k,) that each channel took, and where it is known the sum
    of the outer ``products`` (k, k) of all values."""

    low: FloatArray
    high: FloatArray
    products: FloatArray | None = None

    @classmethod
    def seen(cls, values: FloatArray) -> Reach:
        """The reach of ``values`` (n, k)."""
        return cls(values.min(axis=0), values.max(axis=0), values.T @ values)

    def joined(self, other: Reach) -> Reach:
        """What both cover."""
        together = None
        if self.products is not None and other.products is not None:
            together = self.products + other.products
        return Reach(np.minimum(self.low, other.low), np.maximum(self.high, other.high), together)

    def of(self, channels: IntArray) -> Reach:
        """The reach of some of the channels."""
        products = None if self.products is None else self.products[np.ix_(channels, channels)]
        return Reach(self.low[channels], self.high[channels], products)

    @property
    def size(self) -> FloatArray:
        """Largest magnitude of each channel."""
        found: FloatArray = np.maximum(np.maximum(-self.low, self.high), np.float32(_LEAST))
        return found


@dataclass(frozen=True)
class Rounding:
    """The rounding of one matrix's input (k,): ``round(x * factors / scale) + zero``.

    ``products`` (k, k) are the sums of outer products of ``x * factors``, where they are known.
    """

    factors: FloatArray
    scale: np.float32
    zero: np.uint8
    products: FloatArray | None = None

    @classmethod
    def fitted(cls, reach: Reach, factors: FloatArray) -> Rounding:
        """The finest steps that cover ``reach``."""
        low = min(float((reach.low * factors).min()), 0.0)
        high = max(float((reach.high * factors).max()), 0.0, low + _LEAST)
        scale = np.float32((high - low) / STEPS)
        products = None
        if reach.products is not None:
            products = reach.products * np.outer(factors, factors)
        zero = np.uint8(np.clip(np.rint(-low / scale), 0, STEPS))
        return cls(factors, scale, zero, products)


@dataclass(frozen=True)
class LayerRounding:
    """The roundings of one layer: what the attention reads, what its output matrix reads, what
    the feed-forward layer reads, and its units' values but for the ``precise`` ones. None leaves a
    matrix in float32."""

    state: Rounding | None
    attended: Rounding | None
    middle: Rounding | None
    active: Rounding | None
    precise: IntArray

    def in_float32(self) -> LayerRounding:
        """The same layer without any rounding."""
        return LayerRounding(None, None, None, None, self.precise)


def plan_layer(
    layer: int, tensors: Mapping[str, FloatArray], reached: Mapping[str, Reach]
) -> LayerRounding:
    """The roundings of a layer whose activations reached ``state``, ``attended``, ``middle`` and
    ``active`` on ordinary lines.

    :raises ModelError: a value is not finite.
    """
    for kind, reach in reached.items():
        if not np.isfinite(reach.low).all() or not np.isfinite(reach.high).all():
            raise ModelError(
                "The encoder's activations cannot be rounded",
                expected="finite numbers",
                found=f"others in {kind} of layer {layer}",
                fix="Use weights whose fine-tune has not diverged.",
            )
    source = f"encoder.layer.{layer}."
    parts = ("query", "key", "value")
    inward = np.concatenate([tensors[f"{source}attention.self.{part}.weight"] for part in parts])
    spread = tensors[f"{source}intermediate.dense.weight"]
    active = reached["active"]
    far = np.argsort(-active.size, kind="stable")
    precise = np.sort(far[: min(PRECISE_UNITS, len(far) // 2)])
    rest = np.setdiff1d(np.arange(len(far)), precise)
    attended = reached["attended"]
    return LayerRounding(
        Rounding.fitted(reached["state"], smoothing(reached["state"], inward, _STATE_SHARE)),
        Rounding.fitted(attended, (1 / attended.size).astype(np.float32)),
        Rounding.fitted(reached["middle"], smoothing(reached["middle"], spread, _MIDDLE_SHARE)),
        Rounding.fitted(active.of(rest), np.ones(len(rest), dtype=np.float32)),
        precise,
    )


def smoothing(reach: Reach, weight: FloatArray, share: float) -> FloatArray:
    """Factors (k,), geometric mean 1, that move ``share`` of the channels' differences in reach
    over to the columns of ``weight`` (n, k)."""
    columns = np.maximum(np.abs(weight).max(axis=0), _LEAST)
    logs = (1 - share) * np.log(columns) - share * np.log(reach.size)
    factors: FloatArray = np.exp(logs - logs.mean()).astype(np.float32)
    return factors
