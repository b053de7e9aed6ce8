"""How an encoder is rounded: from what its activations reach on ordinary lines of both languages.

The lines are in ``calibration.txt``: hand-written, of many domains, short and long. Nothing of an
assistant's data goes in, so that the same weights always give the same export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort  # type: ignore[import-untyped]

from models.arrays import FloatArray
from models.encoders.graph import GraphWriter, Layout, observed_name
from models.encoders.rounding import LayerRounding, Reach, plan_layer
from models.encoders.tokens import TextTokenizer, length_batches

KINDS = ("state", "attended", "middle", "active")
FAITHFUL = 0.9985
"""Mean cosine of centred sentence vectors to float32 from which all layers may be rounded."""

_BATCH = 32


def calibration_lines() -> list[str]:
    """The lines that ship with the product."""
    path = Path(__file__).with_name("calibration.txt")
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def plan(
    layout: Layout,
    tensors: Mapping[str, FloatArray],
    tokenizer: TextTokenizer,
    lines: Sequence[str],
    languages: Sequence[str] = ("zh", "en"),
) -> tuple[list[LayerRounding], onnx.ModelProto]:
    """The roundings of every layer, from a float32 pass over ``lines``, and the graph with them.

    Where rounding moves the sentence vectors of lines in the encoder's ``languages`` too far, the
    last third of the layers stays in float32: no later layer mends what goes wrong there.

    :raises ModelError: the weights give values that are not finite.
    """
    reached = reaches(layout, tensors, tokenizer, lines)
    found = [
        plan_layer(layer, tensors, {kind: reached[observed_name(layer, kind)] for kind in KINDS})
        for layer in range(layout.layers)
    ]
    known = [line for line in lines if "zh" in languages or line.isascii()] or lines
    graph = GraphWriter(layout, found).write(tensors)
    plain = _sentences(GraphWriter(layout, None).write(tensors), tokenizer, known)
    if closeness(plain, _sentences(graph, tokenizer, known)) < FAITHFUL:
        whole = layout.layers - layout.layers // 3
        found = [r if layer < whole else r.in_float32() for layer, r in enumerate(found)]
        graph = GraphWriter(layout, found).write(tensors)
    return found, graph


def closeness(plain: FloatArray, rounded: FloatArray) -> float:
    """Mean cosine of two encoders' vectors (n, d), both centred on the mean of ``plain``."""
    a, b = plain - plain.mean(axis=0), rounded - plain.mean(axis=0)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(np.mean((a * b).sum(axis=1) / np.maximum(lengths, 1e-12)))


def _sentences(
    graph: onnx.ModelProto, tokenizer: TextTokenizer, lines: Sequence[str]
) -> FloatArray:
    session = _observing(graph, [])
    vectors = []
    encoded = tokenizer.encode(lines)
    for indices in length_batches([len(line.ids) for line in encoded], _BATCH):
        ids, mask = tokenizer.padded([encoded[i] for i in indices])
        feeds = {"input_ids": ids, "attention_mask": mask}
        vectors.append(session.run(["sentence"], feeds)[0][:, 0])
    return np.concatenate(vectors)


def reaches(
    layout: Layout,
    tensors: Mapping[str, FloatArray],
    tokenizer: TextTokenizer,
    lines: Sequence[str],
) -> dict[str, Reach]:
    """The reach of every matrix's input, by its name in the graph."""
    names = [observed_name(layer, kind) for layer in range(layout.layers) for kind in KINDS]
    session = _observing(GraphWriter(layout, None).write(tensors), names)
    found: dict[str, Reach] = {}
    encoded = tokenizer.encode(lines)
    for indices in length_batches([len(line.ids) for line in encoded], _BATCH):
        ids, mask = tokenizer.padded([encoded[i] for i in indices])
        outputs = session.run(names, {"input_ids": ids, "attention_mask": mask})
        for name, values in zip(names, outputs, strict=True):
            reach = Reach.seen(values[mask > 0])
            found[name] = found[name].joined(reach) if name in found else reach
    return found


def _observing(graph: onnx.ModelProto, names: Sequence[str]) -> ort.InferenceSession:
    known = {output.name for output in graph.graph.output}
    for name in names:
        if name not in known:
            value = onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
            graph.graph.output.append(value)
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(graph.SerializeToString(), options, ["CPUExecutionProvider"])
