"""Pooling: three parts of the transformer's states, and nothing of a second view."""

from __future__ import annotations

import numpy as np

from models.encoders.pooling import pooled
from models.encoders.runtime import Encoding


def test_sentence_mean_and_maximum_stand_side_by_side() -> None:
    sentence = np.array([[3.0, 4.0, 9.0], [0.0, 2.0, 9.0]], dtype=np.float32)
    states = [np.array([[1.0, 5.0], [3.0, 1.0]], dtype=np.float32), np.zeros((0, 2), np.float32)]
    found = pooled(Encoding(sentence, states, [np.zeros((2, 2)), np.zeros((0, 2))]))
    np.testing.assert_allclose(found[0], [0.6, 0.8, 2.0, 3.0, 3.0, 5.0])
    np.testing.assert_allclose(found[1], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0])


def test_no_texts_give_no_rows() -> None:
    assert pooled(Encoding(np.zeros((0, 4), np.float32), [], [])).shape[0] == 0
