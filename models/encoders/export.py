"""Encoder folder -> serving folder: ``model.onnx``, ``tokenizer.json``, ``encoder.json``, and the
second view's ``use.onnx`` and ``use-tokenizer.json``. Weights lie beside their graph in ``.bin``.

The graph is written from the weights themselves, so that exporting needs no torch and takes a
few seconds. ``int8`` means integer weights and activations whose steps are fixed by a pass over
ordinary lines (:mod:`models.encoders.calibrate`): a line's vector does not depend on the lines
beside it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.arrays import FloatArray
from models.encoders.calibrate import calibration_lines, plan
from models.encoders.graph import GraphWriter, Layout
from models.encoders.runtime import GRAPH, SETTINGS, TOKENIZER, last_states
from models.encoders.tokens import TextTokenizer
from models.encoders.use import GRAPH as VIEW_GRAPH
from models.encoders.use import TOKENIZER as VIEW_TOKENIZER
from models.encoders.weights import Weights, resolve
from models.errors import ModelError

Precision = Literal["int8", "fp32"]
EXPORT_VERSION = 8
"""Raised when the same weights give another graph."""

_INLINE_BYTES = 4096
"""Weights up to this size stay inside the graph's file."""


def export(
    source: Weights | Path,
    out: Path,
    precision: Precision = "int8",
    view: Path | None = None,
    *,
    last: bool = False,
) -> None:
    """Write the serving folder ``out`` for an encoder; an old one is replaced in one step.

    :param source: weights as resolved, or a Hugging Face folder (such as a fine-tuned one).
    :param view: folder of the second view (:func:`models.encoders.weights.resolve_view`), if it
        takes part.
    :param last: the graph gives the last layer's states too, by the name :func:`last_states`.
    :raises ModelError: the architecture or the tensors cannot be exported.
    """
    weights = source if isinstance(source, Weights) else resolve(str(source))
    config = json.loads((weights.path / "config.json").read_text(encoding="utf-8"))
    layout = Layout.read(config)
    try:
        graph = _graph(weights, layout, precision)
    except KeyError as error:
        raise ModelError(
            f"{weights.path} lacks a tensor",
            expected=f"a {config['model_type']} encoder's tensors",
            found=f"no {error.args[0]}",
            fix="Save the plain encoder (AutoModel), merged with any adapter.",
        ) from error
    if last:
        states = onnx.helper.make_tensor_value_info(
            last_states(layout.layers), onnx.TensorProto.FLOAT, ["batch", "length", layout.hidden]
        )
        graph.graph.output.append(states)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        _save(graph, made / GRAPH)
        shutil.copyfile(weights.path / "tokenizer.json", made / TOKENIZER)
        if view is not None:
            shutil.copyfile(view / VIEW_TOKENIZER, made / VIEW_TOKENIZER)
            _save(onnx.load(view / VIEW_GRAPH), made / VIEW_GRAPH)
        settings = _settings(weights, layout, precision)
        (made / SETTINGS).write_text(
            json.dumps(settings, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        _swap(made, out)


def agreement(reference: Sequence[object], exported: Sequence[object]) -> float:
    """Share of decisions (labels, span tuples ...) that are equal line by line; 1.0 for none.

    :raises ModelError: the two do not have the same number of lines.
    """
    if len(reference) != len(exported):
        raise ModelError(
            "Decisions cannot be compared",
            expected=f"{len(reference)} decisions, one for each line",
            found=str(len(exported)),
            fix="Let both models read the same lines.",
        )
    equal = sum(a == b for a, b in zip(reference, exported, strict=True))
    return equal / len(reference) if reference else 1.0


def mean_cosine(reference: FloatArray, exported: FloatArray) -> float:
    """Mean cosine between vectors (n, d) of two encoders for the same lines."""
    lengths = np.linalg.norm(reference, axis=1) * np.linalg.norm(exported, axis=1)
    return float(np.mean((reference * exported).sum(axis=1) / np.maximum(lengths, 1e-12)))


def _graph(weights: Weights, layout: Layout, precision: Precision) -> onnx.ModelProto:
    tensors = _read_tensors(weights.path / "model.safetensors")
    if precision == "fp32":
        return GraphWriter(layout, None).write(tensors)
    tokenizer = TextTokenizer.load(
        weights.path / "tokenizer.json", weights.prefix, weights.max_tokens, layout.pad
    )
    return plan(layout, tensors, tokenizer, calibration_lines(), weights.languages)[1]


def _read_tensors(path: Path) -> Mapping[str, FloatArray]:
    try:
        loaded = load_file(path)
    except (SafetensorError, OSError, TypeError) as error:
        raise ModelError(
            f"{path} cannot be read",
            expected="safetensors in float32 or float16",
            found=str(error),
            fix="Save the encoder again in float32.",
        ) from error
    tensors = {name: value.astype(np.float32, copy=False) for name, value in loaded.items()}
    for wrapper in ("bert.", "roberta."):
        if any(name.startswith(wrapper) for name in tensors):
            return {name.removeprefix(wrapper): value for name, value in tensors.items()}
    return tensors


def _save(graph: onnx.ModelProto, path: Path) -> None:
    """Write a graph with its weights in a file of their own, which the runtime maps into memory:
    of a table, only the pages that are read become resident."""
    onnx.save(
        graph,
        path,
        save_as_external_data=True,
        location=path.with_suffix(".bin").name,
        size_threshold=_INLINE_BYTES,
    )
    path.with_suffix(".bin").chmod(path.stat().st_mode & 0o777)


def _settings(weights: Weights, layout: Layout, precision: Precision) -> dict[str, Any]:
    return {
        "encoder": weights.name,
        "languages": list(weights.languages),
        "prefix": weights.prefix,
        "dim": weights.dim,
        "layers": weights.layers,
        "max_tokens": weights.max_tokens,
        "pad": layout.pad,
        "precision": precision,
        "weights_sha256": weights.sha256,
        "licence": weights.licence,
    }


def _swap(made: Path, out: Path) -> None:
    old = out.with_name(f".{out.name}.old-{os.getpid()}")
    if out.exists():
        out.rename(old)
    made.rename(out)
    shutil.rmtree(old, ignore_errors=True)
