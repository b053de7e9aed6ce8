"""What reading a stretch of a message by itself would give, without reading it.

The mean of a stretch's token states and the second view of its words (a fifth of a pass) tell most
of what the encoder would say of it alone (a cosine of 0.96 in the retail assistant). That is not
enough to divide a message by, but to see that most messages will not be divided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from intents.requests.glance import packed, unpacked
from models.arrays import FloatArray, unit_rows

RIDGE = 1.0


@dataclass(frozen=True)
class Estimator:
    """A linear map from unit means of token states (s) and the second view's part of the sentence
    vector (v) to the transformer's part (s): ``weight`` (s + v, s) around ``mean`` (s + v,), and
    ``bias`` (s,). A message whose division promises less than ``least`` (log-odds, by such
    estimates) is left whole."""

    mean: FloatArray
    weight: FloatArray
    bias: FloatArray
    least: float = -np.inf

    @classmethod
    def fit(cls, states: FloatArray, sentence: FloatArray) -> Estimator:
        """Fit to stretches: mean token states (n, s), and sentence vectors (n, d) of them read
        alone, which end with the second view's part."""
        own = states.shape[1]
        given = np.concatenate([unit_rows(states), sentence[:, own:]], axis=1)
        mean, bias = given.mean(axis=0), unit_rows(sentence[:, :own]).mean(axis=0)
        moved = (given - mean).astype(np.float64)
        products = moved.T @ moved + RIDGE * np.eye(moved.shape[1])
        weight = np.linalg.solve(products, moved.T @ (unit_rows(sentence[:, :own]) - bias))
        return cls(mean.astype(np.float32), weight.astype(np.float32), bias.astype(np.float32))

    def vectors(self, states: FloatArray, beside: FloatArray) -> FloatArray:
        """Estimated sentence vectors (n, d) of stretches, from their mean token states (n, s) and
        the second view's part (n, v)."""
        given = np.concatenate([unit_rows(states), beside], axis=1) - self.mean
        length = np.sqrt(np.maximum(0, 1 - (beside**2).sum(axis=1, keepdims=True)))
        return np.concatenate([length * unit_rows(given @ self.weight + self.bias), beside], axis=1)

    def careful(self, least: float) -> Estimator:
        """The same with another bar."""
        return replace(self, least=least)

    def as_json(self) -> dict[str, Any]:
        """The estimator as plain data, its arrays as base64 of half floats."""
        arrays = {name: packed(getattr(self, name)) for name in ("mean", "weight", "bias")}
        return {**arrays, "least": round(self.least, 5)}

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> Estimator:
        """The inverse of :meth:`as_json`.

        :raises KeyError, ValueError: not what :meth:`as_json` gives.
        """
        mean, bias = unpacked(read["mean"]), unpacked(read["bias"])
        weight = unpacked(read["weight"]).reshape(len(mean), len(bias))
        return cls(mean, weight, bias, float(read["least"]))
