"""One vector a message out of everything that the transformer's pass gives."""

from __future__ import annotations

import numpy as np

from models.arrays import FloatArray
from models.encoders.runtime import Encoding


def pooled(encoding: Encoding) -> FloatArray:
    """Sentence vector, mean and maximum of the token states (length s), side by side: (n, 3 s).

    The sentence vector is pooled from the last layer, where tone has mostly given way to topic;
    the token states are means over all layers, and the maximum keeps single strong words. A second
    view of the text, which some encoders append to the sentence vector, is left out.
    """
    if not len(encoding.sentence):
        return np.zeros((0, 0), dtype=np.float32)
    size = int(encoding.tokens[0].shape[1])
    result = np.zeros((len(encoding.sentence), 3 * size), dtype=np.float32)
    own = encoding.sentence[:, :size]
    result[:, :size] = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), 1e-9)
    for row, states in enumerate(encoding.tokens):
        if len(states):
            result[row, size : 2 * size] = states.mean(axis=0)
            result[row, 2 * size :] = states.max(axis=0)
    return result
