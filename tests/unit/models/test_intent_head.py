"""The intent head learns, does not depend on order, and survives the disk."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from models.errors import ModelError
from models.intent_head import IntentHead


def clusters(classes: int, lines: int, dim: int = 64, noise: float = 1.0, seed: int = 0):
    random = np.random.default_rng(seed)
    centres = random.normal(size=(classes, dim))
    codes = random.integers(0, classes, lines)
    codes[:classes] = np.arange(classes)
    x = (centres[codes] + noise * random.normal(size=(lines, dim))).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True), [f"intent_{code:03}" for code in codes]


def accuracy(head: IntentHead, x, y) -> float:
    best = head.logits(x).argmax(axis=1)
    return float(np.mean([head.labels[i] == gold for i, gold in zip(best, y, strict=True)]))


def test_learns_separable_classes() -> None:
    x, y = clusters(8, 400)
    assert accuracy(IntentHead.fit(x[:200], y[:200]), x[200:], y[200:]) > 0.95


def test_is_independent_of_the_order_of_examples() -> None:
    x, y = clusters(5, 120)
    order = np.random.default_rng(1).permutation(len(y))
    first, second = IntentHead.fit(x, y), IntentHead.fit(x[order], [y[i] for i in order])
    np.testing.assert_array_equal(first.weight, second.weight)
    np.testing.assert_array_equal(first.bias, second.bias)
    assert first.labels == second.labels


def test_a_warm_start_reaches_the_same_optimum() -> None:
    x, y = clusters(6, 240)
    old = [i for i, label in enumerate(y) if label != "intent_005"]
    warm = IntentHead.fit(x[old], [y[i] for i in old])
    cold, warmed = IntentHead.fit(x, y), IntentHead.fit(x, y, warm=warm)
    np.testing.assert_allclose(cold.logits(x), warmed.logits(x), atol=0.05)


def test_the_lines_come_back_as_the_head_sees_them() -> None:
    x, y = clusters(4, 80)
    head, z = IntentHead.fit_transform(x, y)
    np.testing.assert_allclose(z, head.transform(x), atol=1e-5)


def test_a_warm_head_of_another_width_is_not_used() -> None:
    x, y = clusters(3, 60)
    other = IntentHead.fit(*clusters(3, 60, dim=32))
    assert IntentHead.fit(x, y, warm=other).dim == 64


def test_classes_far_apart_in_size_are_both_found() -> None:
    x, y = clusters(2, 600, noise=0.6)
    small = [i for i, label in enumerate(y) if label == "intent_001"][:6]
    large = [i for i, label in enumerate(y) if label == "intent_000"]
    kept = large[:250] + small
    head = IntentHead.fit(x[kept], [y[i] for i in kept])
    rest = [i for i in range(len(y)) if i not in set(kept) and y[i] == "intent_001"]
    assert accuracy(head, x[rest], [y[i] for i in rest]) > 0.9


def test_one_intent_alone_is_always_chosen() -> None:
    x, _ = clusters(2, 5)
    head = IntentHead.fit(x, ["only"] * 5)
    assert head.labels == ("only",)
    assert head.logits(x).shape == (5, 1)


def test_vectors_with_one_strong_common_direction_are_told_apart() -> None:
    x, y = clusters(4, 200)
    shifted = x + 20 * np.ones(64, dtype=np.float32)
    shifted /= np.linalg.norm(shifted, axis=1, keepdims=True)
    assert accuracy(IntentHead.fit(shifted, y), shifted, y) > 0.95


def test_survives_the_disk(tmp_path: Path) -> None:
    x, y = clusters(3, 30)
    head = IntentHead.fit(x, y)
    head.save(tmp_path / "intent.npz")
    again = IntentHead.load(tmp_path / "intent.npz")
    assert again.labels == head.labels
    np.testing.assert_array_equal(again.logits(x), head.logits(x))


def test_files_hold_no_pickle(tmp_path: Path) -> None:
    IntentHead.fit(*clusters(3, 30)).save(tmp_path / "intent.npz")
    with np.load(tmp_path / "intent.npz", allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.zeros((0, 4), np.float32), []),
        (np.zeros((2, 4), np.float32), ["a"]),
        (np.full((2, 4), np.nan, np.float32), ["a", "b"]),
        (np.zeros(4, np.float32), ["a"] * 4),
    ],
)
def test_unsound_input_is_refused(x, y) -> None:
    with pytest.raises(ModelError):
        IntentHead.fit(x, y)


def test_vectors_of_another_encoder_are_refused() -> None:
    head = IntentHead.fit(*clusters(3, 30))
    with pytest.raises(ModelError, match="Use the encoder"):
        head.logits(np.zeros((1, 3), np.float32))


def test_arrays_that_do_not_fit_together_are_refused() -> None:
    arrays = IntentHead.fit(*clusters(3, 30)).arrays()
    arrays["bias"] = arrays["bias"][:1]
    with pytest.raises(ModelError, match="do not fit together"):
        IntentHead.from_arrays(arrays)


def test_identical_vectors_under_two_labels_give_a_finite_head() -> None:
    x = np.ones((6, 8), dtype=np.float32)
    head = IntentHead.fit(x, ["a", "b"] * 3)
    assert np.isfinite(head.logits(x)).all()


def test_a_shop_sized_fit_stays_quick() -> None:
    x, y = clusters(60, 1800, dim=384)
    began = time.thread_time()
    IntentHead.fit(x, y)
    assert time.thread_time() - began < 3  # about 0.15 s alone; the margin is for busy machines


def test_a_class_apart_leaves_the_others_as_they_are() -> None:
    x, y = clusters(6, 180)
    strange = np.random.default_rng(5).normal(size=(60, 64)).astype(np.float32)
    strange /= np.linalg.norm(strange, axis=1, keepdims=True)
    alone = IntentHead.fit(x, y)
    both = IntentHead.fit(np.concatenate([x, strange]), [*y, *["else"] * 60], apart="else")
    inner = [both.labels.index(label) for label in alone.labels]
    np.testing.assert_array_equal(both.mean, alone.mean)
    np.testing.assert_array_equal(both.whiten, alone.whiten)
    np.testing.assert_allclose(both.weight[:, inner], alone.weight, atol=2e-3)
    assert accuracy(both, strange, ["else"] * 60) > 0.95
    assert accuracy(both, x, y) > 0.97


def test_a_class_apart_with_none_beside_it_is_one_like_any_other() -> None:
    x, _ = clusters(3, 12)
    head = IntentHead.fit(x, ["else"] * 12, apart="else")
    assert head.labels == ("else",)
