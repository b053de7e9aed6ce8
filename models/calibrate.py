"""How far an encoder's activations reach on ordinary lines of both languages.

The lines are in ``calibration.txt``: hand-written, of many domains, short and long. Nothing of an
assistant's data goes in, so that the same weights always give the same export.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import onnxruntime as ort  # type: ignore[import-untyped]

from models.arrays import FloatArray
from models.graph import GraphWriter, Layout, observed_name
from models.rounding import LayerRounding, Reach, plan_layer
from models.tokens import TextTokenizer, length_batches

KINDS = ("state", "attended", "middle", "active")
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
) -> list[LayerRounding]:
    """The roundings of every layer, from a float32 pass over ``lines``.

    :raises ModelError: the weights give values that are not finite.
    """
    reached = reaches(layout, tensors, tokenizer, lines)
    return [
        plan_layer(layer, tensors, {kind: reached[observed_name(layer, kind)] for kind in KINDS})
        for layer in range(layout.layers)
    ]


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
            inside = values[mask > 0]
            reach = Reach(inside.min(axis=0), inside.max(axis=0))
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
