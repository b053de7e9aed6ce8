"""Heads of a cross-validation, which start from those of the release before.

They read the same transformed vectors as the head of all lines and minimise the same objective
(:mod:`models.logistic`), to the accuracy that held-out judgement needs. A fold's head
starts from the same fold's head of the parent release, which has never seen the fold's lines
either, so that stopping early lets nothing through.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intents.examples import OUT_OF_SCOPE
from models.arrays import AnyArray, FloatArray
from models.intent_head import starting_point
from models.logistic import TIGHT, fit_all

NO_NAMES: Mapping[str, FloatArray] = {}


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
    z: FloatArray,
    given: Sequence[str],
    start: FoldHead | None = None,
    tolerance: float = TIGHT,
    names: Mapping[str, FloatArray] = NO_NAMES,
) -> FoldHead:
    """Fit transformed unit vectors (n, d) with labels ``given``.

    :param start: a head to start from; classes are matched by name.
    :param names: transformed unit vectors (d,) of what labels are called; a label that ``given``
        lacks is known by its name alone.
    """
    labels = tuple(sorted({*given, *names}))
    index = {label: code for code, label in enumerate(labels)}
    codes = np.array([index[label] for label in given], dtype=np.int64)
    called = np.zeros((len(labels), z.shape[1]), dtype=np.float32)
    for label, vector in names.items():
        called[index[label]] = vector
    first = starting_point(labels, start.labels, start.weight, start.bias) if start else None
    apart = labels.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in given and len(set(given)) > 1 else -1
    return FoldHead(labels, *fit_all(z, codes, called, first, apart=apart, tolerance=tolerance))


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
