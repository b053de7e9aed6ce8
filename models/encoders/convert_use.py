"""Packaged Universal Sentence Encoder -> ``use.onnx`` and ``use-tokenizer.json``.

The multilingual encoder's n-gram form (Yang et al., 2020): embeddings of word pieces, convolutions
over windows of two, three and five, their mean, and three dense layers. Its table of word pieces
is cut down to zh and en and stays in the package's 8-bit form. None of the package's code is run.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from models.arrays import AnyArray, FloatArray, IntArray
from models.encoders.convert_e5 import is_kept
from models.encoders.english import english_pieces, is_needed
from models.encoders.nodes import Nodes
from models.encoders.use import GRAPH, TOKENIZER
from models.errors import WeightsError

WIDTHS = ((2, 0), (3, 1), (5, 2))
"""Each convolution's window and how many of its positions lie to the left."""

_CHANNELS = 256
_UNKNOWN, _START, _END = 0, 1, 2


@dataclass(frozen=True)
class Pieces:
    """A SentencePiece unigram model: pieces, their log-probabilities, and its character map."""

    names: tuple[str, ...]
    scores: tuple[float, ...]
    charsmap: bytes


def convert_use(source: Path, out: Path) -> None:
    """Write the serving files into the folder ``out``.

    :param source: folder with the package's ``weights.npz`` and ``sp.model``.
    :raises WeightsError: a file is damaged.
    """
    out.mkdir(parents=True, exist_ok=True)
    try:
        pieces = read_pieces((source / "sp.model").read_bytes())
        kept = kept_pieces(pieces)
        with np.load(source / "weights.npz", allow_pickle=False) as arrays:
            graph = _Writer(dict(arrays.items()), kept).graph()
    except (IndexError, KeyError, ValueError, struct.error, UnicodeDecodeError) as error:
        raise WeightsError(
            "The packaged Universal Sentence Encoder cannot be read",
            expected="its weights.npz and sp.model",
            found=f"{type(error).__name__}: {error}",
            fix="Install its package again.",
        ) from error
    onnx.save(graph, out / GRAPH)
    build_tokenizer(pieces, kept).save(str(out / TOKENIZER), pretty=False)


def read_pieces(data: bytes) -> Pieces:
    """Read a SentencePiece model file of the early layout: pieces in field 1, specs in field 3."""
    names, scores, charsmap = [], [], b""
    for field, value in _fields(data):
        if field == 1:
            parts = dict(_fields(value))
            if 1 in parts:
                names.append(parts[1].decode())
                scores.append(struct.unpack("<f", parts[2])[0] if 2 in parts else 0.0)
        elif field == 3:
            charsmap = dict(_fields(value)).get(2, b"")
    return Pieces(tuple(names), tuple(scores), charsmap)


def kept_pieces(pieces: Pieces) -> IntArray:
    """Ids of the pieces that zh and en text needs, the three special ones first."""
    special = (_UNKNOWN, _START, _END)
    names = pieces.names
    possible = [i for i, name in enumerate(names) if i in special or is_kept(name)]
    english = english_pieces(build_tokenizer(pieces, np.array(possible, dtype=np.int64)))
    kept = [i for i in possible if i in special or is_needed(names[i], english)]
    return np.array(kept, dtype=np.int64)


def build_tokenizer(pieces: Pieces, kept: IntArray) -> Tokenizer:
    """The unigram tokenizer over the kept pieces."""
    scored = [(pieces.names[i], float(pieces.scores[i])) for i in kept]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=_UNKNOWN, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(pieces.charsmap),
            normalizers.Strip(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement="\u2581", prepend_scheme="always", split=False
    )
    start, end = pieces.names[_START], pieces.names[_END]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{start} $A {end}", special_tokens=[(start, _START), (end, _END)]
    )
    return tokenizer


class _Writer:
    """Writes the graph: ``ids`` and ``mask`` int64 (b, t) -> ``vector`` (b, 512), unit length."""

    def __init__(self, arrays: dict[str, AnyArray], kept: IntArray) -> None:
        self.arrays = arrays
        self.kept = kept
        self.builder = Nodes()

    def graph(self) -> onnx.ModelProto:
        states = self._embedded()
        mixed = self._project(states)
        branches = [self._branch(mixed, place) for place in range(len(WIDTHS))]
        add = self.builder.add
        joined = add("Concat", [states, *branches], "joined", axis=-1)
        normed = self._norm(joined, "ln_g", "ln_b", "features")
        masked = add("Mul", [normed, "inside"], "masked_features")
        axes = self.builder.integers("tokens_axis", 1)
        total = add("ReduceSum", [masked, axes], "total", keepdims=0)
        length = add("ReduceSum", ["inside", axes], "length", keepdims=0)
        pooled = add("MatMul", [total, self._array("cnn_W")], "pooled")
        shift = add("Mul", [length, self._array("cnn_b")], "shift")
        root = add("Sqrt", [length], "root")
        mean = add("Div", [add("Add", [pooled, shift], "shifted"), root], "mean")
        return self._model(self._dense(mean))

    def _embedded(self) -> str:
        """Rows of the 8-bit table with the scale of their block; zero outside the text."""
        add, constant = self.builder.add, self.builder.constant
        blocks = len(self.arrays["lo"])
        table = np.stack(
            [self.arrays[f"q{i % blocks + 1}"][i // blocks] for i in self.kept.tolist()]
        )
        rows = add("Gather", [constant("table", table), "ids"], "rows")
        scale = self.arrays["scale"][self.kept % blocks].astype(np.float32)[:, None]
        low = self.arrays["lo"][self.kept % blocks].astype(np.float32)[:, None]
        values = add("Cast", [rows], "values", to=TensorProto.FLOAT)
        scales = add("Gather", [constant("row_scale", scale), "ids"], "scales")
        lows = add("Gather", [constant("row_low", low), "ids"], "lows")
        mask = add("Cast", ["mask"], "mask_float", to=TensorProto.FLOAT)
        last = self.builder.integers("last_axis", 2)
        add("Unsqueeze", [mask, last], "inside")
        return add("Add", [add("Mul", [values, scales], "scaled"), lows], "embedded")

    def _project(self, states: str) -> str:
        names = [str(width) for width, _ in WIDTHS]
        weight = np.concatenate([self.arrays[f"proj{n}"] for n in names], axis=1)
        bias = np.concatenate([self.arrays[f"proj_b{n}"] for n in names])
        add, constant = self.builder.add, self.builder.constant
        product = add("MatMul", [states, constant("project", weight)], "product")
        moved = add("Add", [product, constant("project_bias", bias)], "projected")
        for kind in ("g", "b"):
            constant(f"all_{kind}", np.concatenate([self.arrays[f"ln_{kind}{n}"] for n in names]))
        normed = self._norm(moved, "all_g", "all_b", "mixed_all")
        return add("Mul", [normed, "inside"], "mixed")

    def _branch(self, mixed: str, place: int) -> str:
        """Two convolutions with their inputs added, over windows of one width."""
        add, integers = self.builder.add, self.builder.integers
        width, left = WIDTHS[place]
        at = [place * _CHANNELS, (place + 1) * _CHANNELS]
        bounds = [integers(f"cut{place}_{i}", v) for i, v in enumerate(at)]
        axis = integers(f"cut_axis{place}", 2)
        state = add("Slice", [mixed, *bounds, axis], f"part{place}")
        for step in (1, 2):
            name = f"{width}_{step}"
            windows = self._windows(state, width, left, name)
            weight = self._array(f"w{step}_{width}")
            product = add("MatMul", [windows, weight], f"conv{name}")
            moved = add("Add", [product, self._array(f"b{step}_{width}")], f"moved{name}")
            positive = add("Relu", [moved], f"relu{name}")
            summed = add("Add", [positive, state], f"sum{name}")
            # A window that reaches beyond the text must meet zeros there.
            state = add("Mul", [summed, "inside"], f"state{name}")
        return state

    def _windows(self, state: str, width: int, left: int, name: str) -> str:
        add, integers = self.builder.add, self.builder.integers
        pads = integers(f"pads{name}", 0, left, 0, 0, width - 1 - left, 0)
        padded = add("Pad", [state, pads], f"padded{name}")
        axis = integers(f"axis{name}", 1)
        shifted = []
        for offset in range(width):
            start = integers(f"from{name}_{offset}", offset)
            stop = offset - width + 1
            end = integers(f"to{name}_{offset}", stop or int(np.iinfo(np.int64).max))
            shifted.append(add("Slice", [padded, start, end, axis], f"shift{name}_{offset}"))
        return add("Concat", shifted, f"windows{name}", axis=-1)

    def _dense(self, mean: str) -> str:
        add, array = self.builder.add, self._array
        first = add("Relu", [add("MatMul", [mean, array("d0")], "dense0")], "y0")
        skip = add("MatMul", [mean, array("p1")], "skip1")
        second = add(
            "Relu", [add("Add", [add("MatMul", [first, array("d1")], "dense1"), skip], "in1")], "y1"
        )
        third = add("Relu", [add("MatMul", [second, array("d2")], "dense2")], "y2")
        last = add("MatMul", [third, array("d3")], "dense3")
        joined = add("Add", [add("MatMul", [second, array("p3")], "skip3"), last], "in3")
        return add("Tanh", [joined], "bounded")

    def _model(self, bounded: str) -> onnx.ModelProto:
        self.builder.add("LpNormalization", [bounded], "vector", axis=-1, p=2)
        integers = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["b", "t"])
            for name in ("ids", "mask")
        ]
        vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["b", 512])
        graph = helper.make_graph(
            self.builder.nodes, "use", integers, [vector], self.builder.initialisers
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        model.ir_version = 9
        return model

    def _norm(self, state: str, gain: str, bias: str, output: str) -> str:
        known = {tensor.name for tensor in self.builder.initialisers}
        names = [name if name in known else self._array(name) for name in (gain, bias)]
        epsilon = float(self.arrays["eps"])
        return self.builder.add(
            "LayerNormalization", [state, *names], output, axis=-1, epsilon=epsilon
        )

    def _array(self, name: str) -> str:
        value: FloatArray = self.arrays[name].astype(np.float32)
        return self.builder.constant(name, value)


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Fields of a protocol-buffer message that carry bytes, as (number, content)."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            _, at = _varint(data, at)
            continue
        if kind == 2:
            size, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError(f"field type {kind} in a SentencePiece model")
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
