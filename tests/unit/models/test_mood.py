"""Mood heads: what they learn, that they are calibrated on lines they have not seen, and files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.arrays import FloatArray
from models.errors import ModelError
from models.mood import SENTIMENTS, HeldOut, MoodHead, _folds, best_of, load_moods, save_moods

WORDS = {"negative": "awful broken", "neutral": "where when", "positive": "lovely great"}


def _lines(count: int, seed: int = 0) -> tuple[FloatArray, list[str], list[str]]:
    """Vectors that say a third of the truth, texts that say the rest."""
    draw = np.random.default_rng(seed)
    labels = [SENTIMENTS[i % 3] for i in range(count)]
    x = draw.normal(size=(count, 12)).astype(np.float32)
    x[np.arange(count), [SENTIMENTS.index(label) for label in labels]] += 1.5
    texts = [f"{draw.choice(WORDS[label].split())} item {i}" for i, label in enumerate(labels)]
    return x, texts, labels


def _fit(count: int = 150) -> tuple[MoodHead, HeldOut]:
    x, texts, labels = _lines(count)
    return MoodHead.fit("sentiment", x, texts, labels)


def test_words_and_vectors_together_beat_chance_by_far() -> None:
    head, _ = _fit()
    x, texts, labels = _lines(90, seed=5)
    right = [label == said for label, (said, _) in zip(labels, head.predict(x, texts), strict=True)]
    assert np.mean(right) > 0.95
    shares = head.probabilities(x, texts)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-5)


def test_every_line_is_held_out_once_and_honestly() -> None:
    head, held = _fit()
    assert held.rows.tolist() == list(range(150))
    confidence = np.array([share for _, share in best_of("sentiment", held.shares)])
    _, _, labels = _lines(150)
    said = [label for label, _ in best_of("sentiment", held.shares)]
    right = np.array([a == b for a, b in zip(labels, said, strict=True)])
    assert abs(confidence.mean() - right.mean()) < 0.1
    assert 0.0 <= head.share <= 1.0


def test_mixture_is_judged_on_unseen_lines() -> None:
    x, texts, labels = _lines(300)
    unseen = np.arange(300) % 5 == 0
    _, held = MoodHead.fit("sentiment", x, texts, labels, unseen=unseen)
    assert held.rows.tolist() == np.flatnonzero(unseen).tolist()


def test_copies_are_held_out_with_their_source() -> None:
    _, _, labels = _lines(100)
    sources = np.concatenate([np.arange(100), np.arange(50)])
    codes = np.array([SENTIMENTS.index(label) for label in labels])[sources]
    folds = _folds(codes, None, 0, sources)
    np.testing.assert_array_equal(folds, folds[sources])
    assert set(folds) == set(range(5))


def test_classes_without_examples_get_nothing() -> None:
    x, texts, labels = _lines(60)
    rows = [i for i, label in enumerate(labels) if label != "neutral"]
    chosen = [labels[i] for i in rows]
    head, _ = MoodHead.fit("sentiment", x[rows], [texts[i] for i in rows], chosen)
    assert head.probabilities(x[rows], [texts[i] for i in rows])[:, 1].max() == 0.0


@pytest.mark.parametrize("count", [1, 3, 7])
def test_few_lines_are_enough_to_stand(count: int) -> None:
    x, texts, labels = _lines(count)
    head, held = MoodHead.fit("sentiment", x, texts, labels)
    assert not len(held.rows)
    assert len(head.predict(x, texts)) == count


def test_file_keeps_every_head(tmp_path: Path) -> None:
    head, _ = _fit(60)
    x, texts, _ = _lines(20, seed=2)
    press, _ = MoodHead.fit("urgency", x, texts, ["low", "high"] * 10)
    save_moods(tmp_path / "mood.npz", {"sentiment": head, "urgency": press})
    read = load_moods(tmp_path / "mood.npz")
    assert set(read) == {"sentiment", "urgency"}
    for trait, made in (("sentiment", head), ("urgency", press)):
        np.testing.assert_allclose(
            read[trait].probabilities(x, texts), made.probabilities(x, texts), rtol=1e-5
        )


def test_unsound_labels_and_files_are_told(tmp_path: Path) -> None:
    x, texts, labels = _lines(6)
    with pytest.raises(ModelError, match="unknown"):
        MoodHead.fit("sentiment", x, texts, ["furious", *labels[1:]])
    with pytest.raises(ModelError, match="nothing sound"):
        MoodHead.fit("urgency", x[:0], [], [])
    arrays = _fit(30)[0].arrays()
    with pytest.raises(ModelError, match="do not fit"):
        MoodHead.from_arrays("urgency", arrays)
    del arrays["keys"]
    with pytest.raises(ModelError, match="do not fit"):
        MoodHead.from_arrays("sentiment", arrays)
