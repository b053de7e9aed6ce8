"""The encoder as one ONNX graph with two outputs, written straight from its weights.

Inputs ``input_ids`` and ``attention_mask`` are int64 (batch, length). Outputs: ``sentence``
(batch, d), the L2-normalised mean of the last layer's states, and ``tokens`` (batch, length, d),
the mean of all layers' states: lower layers know more about the single word than the last does.
Built for ONNX Runtime's fused CPU kernels; the BERT family with absolute positions is covered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.arrays import AnyArray, FloatArray
from models.errors import ModelError
from models.quantise import BLOCK, Blocks

MICROSOFT = "com.microsoft"
Quantiser = Callable[[FloatArray], Blocks]


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


@dataclass
class _Builder:
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    initialisers: list[onnx.TensorProto] = field(default_factory=list)

    def constant(self, name: str, value: AnyArray) -> str:
        self.initialisers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, op: str, inputs: list[str], output: str, domain: str = "", **attrs: Any) -> str:
        node = helper.make_node(op, inputs, [output], name=output, domain=domain, **attrs)
        self.nodes.append(node)
        return output


@dataclass(frozen=True)
class GraphWriter:
    """Writes graphs; ``quantiser`` None keeps every weight in float32.

    What decides most stays in float32 in any case: the last third of the layers, and the
    matrices after the GELU, whose inputs have a few very large values that integer steps of a
    block cannot follow.
    """

    layout: Layout
    quantiser: Quantiser | None

    def write(self, tensors: Mapping[str, FloatArray]) -> onnx.ModelProto:
        """The graph for ``tensors`` under their Hugging Face names."""
        build = _Builder()
        mask = build.add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
        states = [self._embeddings(build, tensors)]
        for layer in range(self.layout.layers):
            states.append(self._layer(build, tensors, layer, states[-1], mask))
        share = build.constant("share", np.array(1 / len(states), dtype=np.float32))
        build.add("Mul", [build.add("Sum", states, "states"), share], "tokens")
        self._pool(build, states[-1])
        return self._model(build)

    def _embeddings(self, build: _Builder, tensors: Mapping[str, FloatArray]) -> str:
        words = tensors["embeddings.word_embeddings.weight"]
        if self.quantiser is None:
            found = build.add("Gather", [build.constant("words", words), "input_ids"], "word")
        else:
            found = self._quantised_rows(build, self.quantiser(words))
        places = tensors["embeddings.position_embeddings.weight"][self.layout.first_position :]
        places = places + tensors["embeddings.token_type_embeddings.weight"][0]
        build.constant("places", places)
        build.constant("zero", np.array([0], dtype=np.int64))
        build.constant("one", np.array([1], dtype=np.int64))
        shape = build.add("Shape", ["input_ids"], "length", start=1, end=2)
        place = build.add("Slice", ["places", "zero", shape, "zero"], "place")
        total = build.add("Add", [found, place], "embedded")
        gamma = build.constant("embedded.gamma", tensors["embeddings.LayerNorm.weight"])
        beta = build.constant("embedded.beta", tensors["embeddings.LayerNorm.bias"])
        return build.add(
            "LayerNormalization",
            [total, gamma, beta],
            "state.0",
            axis=-1,
            epsilon=self.layout.epsilon,
        )

    def _quantised_rows(self, build: _Builder, blocks: Blocks) -> str:
        data = build.constant("words", blocks.data.reshape(len(blocks.data), -1))
        scales = build.constant("words.scales", blocks.scales)
        return build.add(
            "GatherBlockQuantized",
            [data, "input_ids", scales],
            "word",
            MICROSOFT,
            bits=blocks.bits,
            block_size=BLOCK,
            gather_axis=0,
            quantize_axis=1,
        )

    def _layer(
        self,
        build: _Builder,
        tensors: Mapping[str, FloatArray],
        layer: int,
        state: str,
        mask: str,
    ) -> str:
        source, name = f"encoder.layer.{layer}.", f"layer.{layer}."
        parts = []
        for part in ("query", "key", "value"):
            weight = tensors[f"{source}attention.self.{part}.weight"]
            parts.append(self._product(build, state, weight, name + part))
        bias = np.concatenate(
            [tensors[f"{source}attention.self.{part}.bias"] for part in ("query", "key", "value")]
        )
        attended = build.add(
            "MultiHeadAttention",
            [*parts, build.constant(name + "qkv.bias", bias), mask],
            name + "attended",
            MICROSOFT,
            num_heads=self.layout.heads,
        )
        after = self._residual(build, tensors, source + "attention.output", attended, state, name)
        inner = self._product(
            build, after, tensors[f"{source}intermediate.dense.weight"], name + "inner"
        )
        inner_bias = build.constant(
            name + "inner.bias", tensors[f"{source}intermediate.dense.bias"]
        )
        active = build.add("BiasGelu", [inner, inner_bias], name + "active", MICROSOFT)
        return self._residual(build, tensors, source + "output", active, after, name + "out.")

    def _residual(
        self,
        build: _Builder,
        tensors: Mapping[str, FloatArray],
        source: str,
        value: str,
        skip: str,
        name: str,
    ) -> str:
        dense = self._product(build, value, tensors[f"{source}.dense.weight"], name + "dense")
        constants = [
            build.constant(name + "gamma", tensors[f"{source}.LayerNorm.weight"]),
            build.constant(name + "beta", tensors[f"{source}.LayerNorm.bias"]),
            build.constant(name + "bias", tensors[f"{source}.dense.bias"]),
        ]
        return build.add(
            "SkipLayerNormalization",
            [dense, skip, *constants],
            name + "state",
            MICROSOFT,
            epsilon=self.layout.epsilon,
        )

    def _product(self, build: _Builder, value: str, weight: FloatArray, name: str) -> str:
        if self.quantiser is None or self._sensitive(name):
            return build.add("MatMul", [value, build.constant(name + ".weight", weight.T)], name)
        blocks = self.quantiser(weight)
        return build.add(
            "MatMulNBits",
            [
                value,
                build.constant(name + ".weight", blocks.data),
                build.constant(name + ".scales", blocks.scales.ravel()),
            ],
            name,
            MICROSOFT,
            K=weight.shape[1],
            N=weight.shape[0],
            bits=blocks.bits,
            block_size=BLOCK,
            accuracy_level=4,
        )

    def _sensitive(self, name: str) -> bool:
        layer = int(name.split(".")[1])
        return layer >= self.layout.layers - self.layout.layers // 3 or ".out.dense" in name

    def _pool(self, build: _Builder, state: str) -> None:
        shares = build.add("Cast", ["attention_mask"], "shares", to=TensorProto.FLOAT)
        shares = build.add("Unsqueeze", [shares, "one"], "shares.row")
        total = build.add("MatMul", [shares, state], "total")
        total = build.add("Squeeze", [total, "one"], "total.row")
        # The mean's divisor vanishes in the normalisation.
        length = build.add("ReduceL2", [total, "one"], "total.length", keepdims=1)
        least = build.constant("least", np.array(1e-9, dtype=np.float32))
        build.add("Div", [total, build.add("Max", [length, least], "total.safe")], "sentence")

    def _model(self, build: _Builder) -> onnx.ModelProto:
        ids: list[str | int] = ["batch", "length"]
        hidden = self.layout.hidden
        value = helper.make_tensor_value_info
        graph = helper.make_graph(
            build.nodes,
            "encoder",
            [value(name, TensorProto.INT64, ids) for name in ("input_ids", "attention_mask")],
            [
                value("sentence", TensorProto.FLOAT, ["batch", hidden]),
                value("tokens", TensorProto.FLOAT, [*ids, hidden]),
            ],
            build.initialisers,
        )
        opsets = [helper.make_opsetid("", 18), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=9, producer_name="frontdesk"
        )
