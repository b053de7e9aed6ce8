"""Adapters: what is taken off a fine-tune goes back on."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.encoders import adapter
from models.encoders.weights import Weights
from models.errors import WeightsAltered, WeightsMissing


def _weights(folder: Path, sha: str = "a" * 64) -> Weights:
    return Weights("base", folder, ("en",), "", 8, 1, 64, sha, "MIT")


def _folder(path: Path, tensors: dict[str, np.ndarray]) -> Path:
    path.mkdir()
    save_file(tensors, path / "model.safetensors")
    (path / "config.json").write_text("{}")
    return path


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    random = np.random.default_rng(0)
    old = {
        "layer.weight": random.normal(size=(8, 12)).astype(np.float32),
        "layer.bias": random.normal(size=8).astype(np.float32),
        "embeddings.weight": random.normal(size=(20, 8)).astype(np.float32),
    }
    change = (random.normal(size=(8, 2)) @ random.normal(size=(2, 12))).astype(np.float32)
    new = {
        **old,
        "layer.weight": old["layer.weight"] + change,
        "layer.bias": old["layer.bias"] + np.float32(0.25),
    }
    return _folder(tmp_path / "old", old), _folder(tmp_path / "new", new)


def test_a_low_rank_change_survives_the_round_trip(pair: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = pair
    file = tmp_path / "made.safetensors"
    kept = adapter.extract(_weights(old), new, file, rank=2, trained=["one", "two"], licence="MIT")
    assert kept == pytest.approx(1.0, abs=1e-4)
    adapter.merge(_weights(old), file, tmp_path / "merged")
    merged, wanted = (
        load_file(tmp_path / "merged" / "model.safetensors"),
        load_file(new / "model.safetensors"),
    )
    for name, value in wanted.items():
        np.testing.assert_allclose(merged[name], value, atol=5e-3)
    assert np.array_equal(
        merged["embeddings.weight"], load_file(old / "model.safetensors")["embeddings.weight"]
    )


def test_a_rank_too_low_keeps_only_part(pair: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = pair
    kept = adapter.extract(
        _weights(old), new, tmp_path / "a.safetensors", rank=1, trained=[], licence="MIT"
    )
    assert 0.1 < kept < 0.99


def test_lines_it_learned_from_are_known(pair: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = pair
    file = tmp_path / "a.safetensors"
    adapter.extract(_weights(old), new, file, rank=2, trained=["订单", "hi"], licence="MIT")
    adapter.merge(_weights(old), file, tmp_path / "merged")
    mask = adapter.unseen_mask(tmp_path / "merged", ["hi", "new line", " 订单 "])
    assert mask.tolist() == [False, True, False]
    assert adapter.unseen_mask(old, ["hi"]).tolist() == [True]


def test_other_weights_are_refused(pair: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = pair
    file = tmp_path / "a.safetensors"
    adapter.extract(_weights(old), new, file, rank=2, trained=[], licence="MIT")
    with pytest.raises(WeightsAltered, match="does not fit"):
        adapter.merge(_weights(old, "b" * 64), file, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_a_file_that_is_no_adapter_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "x.safetensors"
    broken.write_bytes(b"nothing")
    with pytest.raises(WeightsMissing, match="not an encoder adapter"):
        adapter.facts_of(broken)
    save_file({"a": np.zeros(1, np.float32)}, broken)
    with pytest.raises(WeightsMissing, match="without a base"):
        adapter.facts_of(broken)
