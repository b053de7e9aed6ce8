"""The exported graph computes what the torch model computes, line by line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.encoders.export import agreement, export, mean_cosine
from models.encoders.runtime import Encoder
from models.encoders.weights import Weights
from models.errors import ModelError
from tests.unit.models.conftest import write_tiny_encoder

TEXTS = [
    "Where is my order 123?",
    "我的快递在哪里",
    "",
    "refund",
    "please cancel my order, hello" * 3,
]


@pytest.fixture(scope="module")
def folders(tiny_weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An exported encoder of each precision, which nobody may change."""
    made = {each: tmp_path_factory.mktemp("exported") / each for each in ("fp32", "int8")}
    for precision, folder in made.items():
        export(tiny_weights, folder, precision)
    return made


@pytest.fixture(scope="module")
def exported(folders: dict[str, Path]) -> dict[str, Encoder]:
    return {precision: Encoder.load(folder) for precision, folder in folders.items()}


def test_float_graph_equals_torch(exported: dict[str, Encoder], tiny_weights: Weights) -> None:
    from models.learning.encoder import TorchEncoder

    reference = TorchEncoder.from_weights(tiny_weights).encode(TEXTS)
    found = exported["fp32"].encode(TEXTS)
    np.testing.assert_allclose(found.sentence, reference.sentence, atol=2e-5)
    for ours, theirs in zip(found.tokens, reference.tokens, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=2e-4)
    for spans, expected in zip(found.offsets, reference.offsets, strict=True):
        np.testing.assert_array_equal(spans, expected)


def test_integer_graph_is_close(exported: dict[str, Encoder]) -> None:
    plain, small = (exported[p].encode(TEXTS).sentence for p in ("fp32", "int8"))
    assert mean_cosine(plain, small) > 0.998


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_line_does_not_depend_on_its_batch(exported: dict[str, Encoder], precision: str) -> None:
    encoder = exported[precision]
    together = encoder.encode(TEXTS)
    for i, text in enumerate(TEXTS):
        alone = encoder.encode([text])
        np.testing.assert_allclose(alone.sentence[0], together.sentence[i], atol=1e-5)
        np.testing.assert_allclose(alone.tokens[0], together.tokens[i], atol=1e-4)


def test_many_long_texts_give_what_each_gives_alone(exported: dict[str, Encoder]) -> None:
    texts = [f"where is order {i} " + "please " * (i % 40) for i in range(70)]
    together = exported["int8"].encode(texts, batch=64)
    for i in (0, 17, 39, 69):
        np.testing.assert_allclose(
            together.sentence[i], exported["int8"].encode([texts[i]]).sentence[0], atol=1e-5
        )


def test_the_same_weights_give_the_same_files(tiny_weights: Weights, tmp_path: Path) -> None:
    for name in ("first", "second"):
        export(tiny_weights, tmp_path / name)
    for file in (tmp_path / "first").iterdir():
        assert file.read_bytes() == (tmp_path / "second" / file.name).read_bytes(), file.name


def test_weights_of_a_diverged_fine_tune_are_refused(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "diverged")
    tensors = load_file(folder / "model.safetensors")
    tensors["encoder.layer.0.output.dense.bias"][3] = np.nan
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ModelError, match="cannot be rounded"):
        export(folder, tmp_path / "out")


def test_results_keep_the_order_of_the_texts(exported: dict[str, Encoder]) -> None:
    encoder = exported["fp32"]
    forward, backward = encoder.encode(TEXTS, batch=2), encoder.encode(TEXTS[::-1], batch=3)
    np.testing.assert_allclose(forward.sentence, backward.sentence[::-1], atol=1e-5)
    assert [len(t) for t in forward.tokens] == [len(t) for t in backward.tokens[::-1]]


def test_shapes_and_lengths(exported: dict[str, Encoder]) -> None:
    encoding = exported["int8"].encode(TEXTS)
    assert encoding.sentence.shape == (5, exported["int8"].dim)
    assert encoding.sentence.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(encoding.sentence, axis=1), 1, rtol=1e-5)
    assert all(len(t) == len(o) for t, o in zip(encoding.tokens, encoding.offsets, strict=True))
    assert exported["int8"].encode([]).sentence.shape == (0, 32)


def test_the_folder_says_what_it_is(tiny_weights: Weights, tmp_path: Path) -> None:
    export(tiny_weights, tmp_path / "out")
    settings = json.loads((tmp_path / "out" / "encoder.json").read_text())
    assert settings["precision"] == "int8"
    assert settings["weights_sha256"] == tiny_weights.sha256
    assert {f.name for f in (tmp_path / "out").iterdir()} == {
        "model.onnx",
        "model.bin",
        "tokenizer.json",
        "encoder.json",
    }
    modes = {(f.stat().st_mode & 0o777) for f in (tmp_path / "out").iterdir()}
    assert len(modes) == 1, "the same people may read every file"


def test_exporting_again_replaces_the_folder(tiny_weights: Weights, tmp_path: Path) -> None:
    export(tiny_weights, tmp_path / "out")
    (tmp_path / "out" / "stray").write_text("x")
    export(tiny_weights, tmp_path / "out")
    assert not (tmp_path / "out" / "stray").exists()
    assert [f.name for f in tmp_path.iterdir()] == ["out"]


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "gpt")
    config = json.loads((folder / "config.json").read_text()) | {"model_type": "gpt2"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="architecture cannot be exported"):
        export(folder, tmp_path / "out")


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "part")
    tensors = load_file(folder / "model.safetensors")
    del tensors["encoder.layer.1.output.dense.weight"]
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(ModelError, match=r"encoder\.layer\.1\.output\.dense\.weight"):
        export(folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_agreement_counts_equal_decisions() -> None:
    assert agreement(["a", "b", "c", "d"], ["a", "b", "x", "d"]) == 0.75
    assert agreement([], []) == 1.0
    with pytest.raises(ModelError, match="one for each line"):
        agreement(["a"], [])


@pytest.mark.parametrize(
    "damage", ["no graph", "bad graph", "no weights", "no settings", "bad settings", "poor"]
)
def test_a_damaged_folder_is_refused(folders: dict[str, Path], tmp_path: Path, damage: str) -> None:
    shutil.copytree(folders["int8"], tmp_path / "out")
    graph, settings = tmp_path / "out" / "model.onnx", tmp_path / "out" / "encoder.json"
    match damage:
        case "no graph":
            graph.unlink()
        case "no weights":
            (tmp_path / "out" / "model.bin").unlink()
        case "bad graph":
            graph.write_bytes(b"junk")
        case "no settings":
            settings.unlink()
        case "bad settings":
            settings.write_text("{")
        case "poor":
            settings.write_text("{}")
    with pytest.raises(ModelError, match="cannot be used"):
        Encoder.load(tmp_path / "out")
