"""The first layers of a packaged encoder, exported and kept in the cache.

Where a word ends, whether it is a name and what stands beside it is known after a few layers
(Tenney et al., 2019: "BERT rediscovers the classical NLP pipeline"); a tagger that reads every line
of a log need not pay for the rest.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from filelock import FileLock
from safetensors.numpy import load_file, save_file

from models.encoders.runtime import SETTINGS, Encoder
from models.encoders.weights import Weights, cache_folder, resolve

_LAYER = re.compile(r"layer\.(\d+)\.")


@cache
def early_layers(name: str, layers: int) -> Encoder:
    """The encoder ``name`` without what follows its first ``layers``, in 8 bits, for one thread.

    :raises WeightsMissing: the encoder is not installed.
    :raises ModelError: it cannot be exported.
    """
    return Encoder.load(_exported(resolve(name), layers))


def _exported(weights: Weights, layers: int) -> Path:
    from models.encoders.export import EXPORT_VERSION, export

    folder = (
        cache_folder()
        / "exported"
        / f"{weights.name}-first{layers}-{weights.sha256[:16]}-int8-v{EXPORT_VERSION}"
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / SETTINGS).is_file():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".first-") as scratch:
                export(_cut(weights, layers, Path(scratch)), folder)
    return folder


def _cut(weights: Weights, layers: int, folder: Path) -> Weights:
    config = json.loads((weights.path / "config.json").read_text(encoding="utf-8"))
    config["num_hidden_layers"] = layers
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    shutil.copyfile(weights.path / "tokenizer.json", folder / "tokenizer.json")
    tensors = load_file(weights.path / "model.safetensors")
    kept = {
        key: value
        for key, value in tensors.items()
        if (found := _LAYER.search(key)) is None or int(found.group(1)) < layers
    }
    save_file(kept, folder / "model.safetensors")
    return replace(weights, path=folder, layers=layers)
