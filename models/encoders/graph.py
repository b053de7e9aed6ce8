"""The encoder as one ONNX graph with two outputs, written straight from its weights.

Inputs ``input_ids`` and ``attention_mask`` are int64 (batch, length); the mask has the number of
the line that a token belongs to, from 1 on in each row, and 0 for padding
(:mod:`models.encoders.packing`). Outputs: ``sentence`` (batch, lines, d), the L2-normalised mean of
the last layer's states of each line, and ``tokens`` (batch, length, d), the mean of all layers'
states: lower layers know more about the single word than the last does. The operators are those
that ONNX Runtime's CPU kernels are fastest at (its fused skip-and-normalise is ten times slower
than the two steps, and its fused attention than the plain products for short lines); the BERT
family with absolute positions is covered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper

from models.arrays import FloatArray
from models.encoders.nodes import Nodes
from models.encoders.quantise import BLOCK, Blocks, columns, quantise
from models.encoders.rounding import LayerRounding, Rounding
from models.errors import ModelError

MICROSOFT = "com.microsoft"
_FAR = -1e4
"""What is added to the score of a token outside the text; its share becomes zero."""


@dataclass(frozen=True)
class Layout:
    """Sizes of a BERT-like encoder, read from its ``config.json``."""

    hidden: int
    layers: int
    heads: int
    epsilon: float
    first_position: int
    pad: int

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Layout:
        """Check that the graph covers the model.

        :raises ModelError: another architecture.
        """
        kind = config.get("model_type")
        if kind not in ("bert", "xlm-roberta", "roberta") or config.get("hidden_act") != "gelu":
            raise ModelError(
                "This encoder's architecture cannot be exported",
                expected="model_type bert, roberta or xlm-roberta with hidden_act gelu",
                found=f"{kind} with {config.get('hidden_act')}",
                fix="Choose minilm-en, e5-mul, or another BERT-like encoder.",
            )
        pad = int(config.get("pad_token_id") or 0)
        return cls(
            hidden=int(config["hidden_size"]),
            layers=int(config["num_hidden_layers"]),
            heads=int(config["num_attention_heads"]),
            epsilon=float(config.get("layer_norm_eps", 1e-12)),
            first_position=0 if kind == "bert" else pad + 1,
            pad=pad,
        )


def observed_name(layer: int, kind: str) -> str:
    """The graph's name for what a layer's matrices read: ``state`` (the layer's input),
    ``attended``, ``middle`` (before the feed-forward layer) or ``active`` (its units)."""
    return f"state.{layer}" if kind == "state" else f"layer.{layer}.{kind}"


@dataclass(frozen=True)
class _Input:
    """A matrix's input in the graph, rounded to 8 bits or as it is."""

    name: str
    rounding: Rounding | None


class GraphWriter:
    """Writes graphs.

    :param plan: how each layer rounds what its matrices read; None keeps everything in float32.
    """

    def __init__(self, layout: Layout, plan: Sequence[LayerRounding] | None) -> None:
        self.layout = layout
        self.plan = plan
        self._nodes = Nodes()
        self._tensors: Mapping[str, FloatArray] = {}

    def write(self, tensors: Mapping[str, FloatArray]) -> onnx.ModelProto:
        """The graph for ``tensors`` under their Hugging Face names."""
        self._nodes, self._tensors = Nodes(), tensors
        nodes = self._nodes
        self._shared()
        states = [self._embeddings()]
        for layer in range(self.layout.layers):
            states.append(self._layer(layer, states[-1]))
        share = nodes.constant("share", np.array(1 / len(states), dtype=np.float32))
        nodes.add("Mul", [nodes.add("Sum", states, "states"), share], "tokens")
        self._pool(states[-1])
        return self._model()

    def _shared(self) -> None:
        """What every layer uses: the mask as numbers to add to scores, and shapes."""
        nodes, size = self._nodes, self.layout.hidden // self.layout.heads
        nodes.integers("one", 1)
        nodes.integers("by_head", 0, 0, self.layout.heads, size)
        nodes.integers("joined", 0, 0, self.layout.hidden)
        nodes.integers("two", 2)
        nodes.add("Unsqueeze", ["attention_mask", "two"], "line.column")
        nodes.add("Unsqueeze", ["attention_mask", "one"], "line.row")
        nodes.add("Equal", ["line.column", "line.row"], "same.line")
        together = nodes.add("Cast", ["same.line"], "together", to=TensorProto.FLOAT)
        least = nodes.constant("far", np.array(-_FAR, dtype=np.float32))
        scaled = nodes.add("Mul", [together, least], "together.far")
        nodes.add("Unsqueeze", [nodes.add("Sub", [scaled, least], "apart"), "one"], "barred")

    def _embeddings(self) -> str:
        nodes, tensors = self._nodes, self._tensors
        words = tensors["embeddings.word_embeddings.weight"]
        if self.plan is None:
            found = nodes.add("Gather", [nodes.constant("words", words), "input_ids"], "word")
        else:
            found = self._block_rows(quantise(words))
        places = tensors["embeddings.position_embeddings.weight"][self.layout.first_position :]
        places = places + tensors["embeddings.token_type_embeddings.weight"][0]
        nodes.constant("places", places)
        total = nodes.add("Add", [found, self._places()], "embedded")
        return self._normalised(total, "embeddings.LayerNorm", "state.0")

    def _places(self) -> str:
        """The vector of each token's place in its line, counted from where the line begins."""
        add = self._nodes.add
        begin = add("ArgMax", ["together"], "line.begin", axis=2, keepdims=0)
        length = add("Squeeze", [add("Shape", ["input_ids"], "length", start=1, end=2)], "count")
        first, step = (
            self._nodes.constant(f"range.{name}", np.array(value, dtype=np.int64))
            for name, value in (("first", 0), ("step", 1))
        )
        at = add("Range", [first, length, step], "range")
        return add("Gather", ["places", add("Sub", [at, begin], "places.at")], "place", axis=0)

    def _block_rows(self, blocks: Blocks) -> str:
        data = self._nodes.constant("words", blocks.data.reshape(len(blocks.data), -1))
        scales = self._nodes.constant("words.scales", blocks.scales)
        return self._nodes.add(
            "GatherBlockQuantized",
            [data, "input_ids", scales],
            "word",
            MICROSOFT,
            bits=blocks.bits,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )

    def _layer(self, layer: int, state: str) -> str:
        rounding = self.plan[layer] if self.plan is not None else None
        source, name = f"encoder.layer.{layer}.", f"layer.{layer}."
        attended = self._attended(
            layer, self._read(state, rounding.state if rounding else None, name + "in")
        )
        how = rounding.attended if rounding else None
        read = self._read(attended, how, name + "out", scaled=True)
        weight, bias = self._dense(source + "attention.output")
        moved = self._product(read, weight, bias, name + "moved")
        total = self._nodes.add("Add", [moved, state], name + "attended.sum")
        middle = self._normalised(
            total, source + "attention.output.LayerNorm", observed_name(layer, "middle")
        )
        total = self._nodes.add("Add", [self._spread(layer, middle), middle], name + "sum")
        return self._normalised(total, source + "output.LayerNorm", f"state.{layer + 1}")

    def _attended(self, layer: int, read: _Input) -> str:
        """Attention (Vaswani et al., 2017); with roundings, scaled as the next matrix wants it."""
        nodes, name = self._nodes, f"layer.{layer}."
        size = self.layout.hidden // self.layout.heads
        query = self._head(layer, read, "query", [0, 2, 1, 3], np.float32(size**-0.5))
        key = self._head(layer, read, "key", [0, 2, 3, 1], np.float32(1))
        how = self.plan[layer].attended if self.plan else None
        factors = how.factors if how else np.float32(1)
        value = self._head(layer, read, "value", [0, 2, 1, 3], factors)
        scores = nodes.add("MatMul", [query, key], name + "scores")
        barred = nodes.add("Add", [scores, "barred"], name + "barred")
        shares = nodes.add("Softmax", [barred], name + "shares", axis=-1)
        mixed = nodes.add("MatMul", [shares, value], name + "mixed")
        rows = nodes.add("Transpose", [mixed], name + "rows", perm=[0, 2, 1, 3])
        return nodes.add("Reshape", [rows, "joined"], observed_name(layer, "attended"))

    def _head(self, layer: int, read: _Input, part: str, order: list[int], factor: Any) -> str:
        """One of query, key and value, by heads and multiplied by ``factor``."""
        name = f"layer.{layer}.{part}"
        weight, bias = self._dense(f"encoder.layer.{layer}.attention.self.{part}", "")
        weight = weight * np.reshape(factor, (-1, 1))
        flat = self._product(read, weight, bias * factor, name)
        heads = self._nodes.add("Reshape", [flat, "by_head"], name + ".heads")
        return self._nodes.add("Transpose", [heads], name + ".ordered", perm=order)

    def _spread(self, layer: int, middle: str) -> str:
        """The feed-forward layer; its units of large values stay in float32."""
        source, name = f"encoder.layer.{layer}.", f"layer.{layer}."
        inner, inner_bias = self._dense(source + "intermediate")
        outer, outer_bias = self._dense(source + "output")
        rounding = self.plan[layer] if self.plan else None
        read = self._read(middle, rounding.middle if rounding else None, name + "middle.in")
        if rounding is None or rounding.active is None:
            active = self._active(read, inner, inner_bias, observed_name(layer, "active"))
            return self._product(_Input(active, None), outer, outer_bias, name + "spread")
        few = rounding.precise
        rest = np.setdiff1d(np.arange(len(inner)), few)
        most = self._active(read, inner[rest], inner_bias[rest], name + "most")
        large = self._active(read, inner[few], inner_bias[few], name + "large")
        rounded = self._read(most, rounding.active, name + "most.in", scaled=True)
        product = self._product(rounded, outer[:, rest], outer_bias, name + "most.out")
        weight = self._nodes.constant(name + "large.weight", outer[:, few].T)
        exact = self._nodes.add("MatMul", [large, weight], name + "large.out")
        return self._nodes.add("Add", [product, exact], name + "spread")

    def _active(self, read: _Input, weight: FloatArray, bias: FloatArray, name: str) -> str:
        inner = self._product(read, weight, bias, name + ".inner")
        return self._nodes.add("Gelu", [inner], name, MICROSOFT)

    def _read(
        self, value: str, rounding: Rounding | None, name: str, *, scaled: bool = False
    ) -> _Input:
        """``value`` as a matrix reads it; ``scaled`` says that it has its factors already."""
        if rounding is None:
            return _Input(value, None)
        nodes = self._nodes
        if not scaled:
            value = nodes.add(
                "Mul", [value, nodes.constant(name + ".factors", rounding.factors)], name + ".even"
            )
        scale, zero = self._steps(rounding, name)
        return _Input(nodes.add("QuantizeLinear", [value, scale, zero], name), rounding)

    def _steps(self, rounding: Rounding, name: str) -> tuple[str, str]:
        constant = self._nodes.constant
        return (
            constant(name + ".scale", np.array(rounding.scale)),
            constant(name + ".zero", np.array(rounding.zero)),
        )

    def _product(self, read: _Input, weight: FloatArray, bias: FloatArray, name: str) -> str:
        constant, add = self._nodes.constant, self._nodes.add
        if read.rounding is None:
            product = add("MatMul", [read.name, constant(name + ".weight", weight.T)], name + ".0")
            return add("Add", [product, constant(name + ".bias", bias)], name)
        steps, scales = columns(weight / read.rounding.factors, read.rounding.products)
        inputs = [
            read.name,
            constant(name + ".weight", steps),
            read.name + ".scale",
            constant(name + ".scales", scales),
            read.name + ".zero",
            constant(name + ".zeros", np.zeros(len(scales), dtype=np.int8)),
            constant(name + ".bias", bias),
        ]
        return add("MatMulIntegerToFloat", inputs, name, MICROSOFT)

    def _dense(self, source: str, part: str = ".dense") -> tuple[FloatArray, FloatArray]:
        tensors = self._tensors
        return tensors[f"{source}{part}.weight"], tensors[f"{source}{part}.bias"]

    def _normalised(self, value: str, source: str, name: str) -> str:
        constant = self._nodes.constant
        gain = constant(name + ".gain", self._tensors[source + ".weight"])
        bias = constant(name + ".bias", self._tensors[source + ".bias"])
        return self._nodes.add(
            "LayerNormalization", [value, gain, bias], name, axis=-1, epsilon=self.layout.epsilon
        )

    def _pool(self, state: str) -> None:
        add = self._nodes.add
        most = add("ReduceMax", ["attention_mask"], "lines.most", keepdims=0)
        behind = add("Add", [most, "range.step"], "lines.behind")
        numbers = add("Range", ["range.step", behind, "range.step"], "lines")
        column = add("Unsqueeze", [numbers, "one"], "lines.column")
        within = add("Equal", [column, "line.row"], "within")
        shares = add("Cast", [within], "shares", to=TensorProto.FLOAT)
        total = add("MatMul", [shares, state], "total")
        # The mean's divisor vanishes in the normalisation.
        length = add("ReduceL2", [total, "two"], "total.length", keepdims=1)
        least = self._nodes.constant("least", np.array(1e-9, dtype=np.float32))
        add("Div", [total, add("Max", [length, least], "total.safe")], "sentence")

    def _model(self) -> onnx.ModelProto:
        ids: list[str | int] = ["batch", "length"]
        hidden = self.layout.hidden
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            self._nodes.nodes,
            "encoder",
            [value(name, TensorProto.INT64, ids) for name in ("input_ids", "attention_mask")],
            [
                value("sentence", TensorProto.FLOAT, ["batch", "lines", hidden]),
                value("tokens", TensorProto.FLOAT, [*ids, hidden]),
            ],
            self._nodes.initialisers,
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=9, producer_name="frontdesk"
        )
