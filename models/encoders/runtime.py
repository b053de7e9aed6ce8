"""The serving encoder: one pass of ONNX Runtime gives sentence vectors and token states.

Where the folder holds a second view of the text (:mod:`models.encoders.use`), a sentence vector is
the transformer's and the view's side by side: the two see different things, and heads use both.

An encoder for two languages holds each in a region of its own: its vectors of one language share a
direction, so that lines of one teach little about messages in the other. Where it knows how far the
languages lie apart (:meth:`Encoder.bring_together`), it moves each half way to the other.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]

from models.arrays import FloatArray, IntArray, unit_rows
from models.encoders.packing import Row, packed, packed_batches
from models.encoders.processor import has_vnni
from models.encoders.tokens import TextTokenizer, length_batches
from models.encoders.use import DIM as VIEW_DIM
from models.encoders.use import GRAPH as VIEW_GRAPH
from models.encoders.use import SentenceView
from models.errors import ModelError
from models.script import sides

GRAPH, TOKENIZER, SETTINGS = "model.onnx", "tokenizer.json", "encoder.json"
_TOKENS = 1024
"""Tokens of a batch: enough for full speed, few enough for the caches and for memory."""

VIEW_SHARE = 0.6
"""How far the second view spreads texts, against the transformer; 0.5 to 0.7 measured alike."""

VIEW_WEIGHT = 0.5
"""The view's weight where nothing was balanced."""


def last_states(layers: int) -> str:
    """The graph's name for the states (batch, length, d) above all of its ``layers``."""
    return f"state.{layers}"


@dataclass(frozen=True)
class Encoding:
    """What the encoder knows about n texts.

    ``sentence`` is float32 (n, d) and L2-normalised: the mean-pooled states, and the second view
    where there is one. ``tokens[i]`` is float32 (t_i, s) and ``offsets[i]`` int64 (t_i, 2): the
    characters of text i that each state stands for.
    """

    sentence: FloatArray
    tokens: list[FloatArray]
    offsets: list[IntArray]


class Encoder:
    """An exported encoder; safe to share among threads.

    ``dim`` is the length of its sentence vectors, ``state_dim`` that of its token states.
    """

    def __init__(
        self,
        session: ort.InferenceSession,
        tokenizer: TextTokenizer,
        settings: dict[str, Any],
        view: SentenceView | None = None,
    ) -> None:
        self._session = session
        self._shares_rows = len(session.get_outputs()[0].shape) == len(("row", "line", "number"))
        self._tokenizer = tokenizer
        self._view = view
        self._view_weight = float(settings.get("view_weight", VIEW_WEIGHT))
        self._apart = np.array(settings.get("apart", ()), dtype=np.float32)
        self.settings = settings
        self.state_dim = int(settings["dim"])
        self.dim = self.state_dim + (VIEW_DIM if view is not None else 0)
        self.prefix = str(settings["prefix"])

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Encoder:
        """Read an exported folder (``model.onnx``, ``tokenizer.json``, ``encoder.json``).

        :param threads: compute threads; more than one pays only on idle cores.
        :raises ModelError: a file is absent or cannot be used.
        """
        settings = read_settings(folder / SETTINGS)
        tokenizer = TextTokenizer.load(
            folder / TOKENIZER, settings["prefix"], settings["max_tokens"], settings["pad"]
        )
        view = None
        if (folder / VIEW_GRAPH).is_file():
            view = SentenceView.load(folder, open_session(folder / VIEW_GRAPH, threads))
        return cls(open_session(folder / GRAPH, threads), tokenizer, settings, view)

    def encode(
        self, texts: Sequence[str], batch: int = 32, beside: FloatArray | None = None
    ) -> Encoding:
        """Encode texts in batches of at most ``batch`` rows; results keep their order.

        :param beside: what :meth:`beside` gave for the texts, where that is known.
        """
        lines = self._tokenizer.encode(texts)
        sentence = np.zeros((len(lines), self.state_dim), dtype=np.float32)
        tokens: list[FloatArray] = [np.zeros((0, self.state_dim), dtype=np.float32)] * len(lines)
        for rows in self._batches([len(line.ids) for line in lines], batch):
            ids, numbers = packed(lines, rows, self._tokenizer.pad)
            vectors, states = self._session.run(
                ["sentence", "tokens"], {"input_ids": ids, "attention_mask": numbers}
            )
            vectors = vectors.reshape(len(rows), -1, self.state_dim)
            for at, row in enumerate(rows):
                begin = 0
                for number, i in enumerate(row):
                    sentence[i] = vectors[at, number]
                    tokens[i] = states[at, begin + lines[i].rows]
                    begin += len(lines[i].ids)
        return Encoding(
            self.joined(sentence, texts, beside), tokens, [line.offsets for line in lines]
        )

    def _batches(self, lengths: Sequence[int], rows: int) -> list[list[Row]]:
        """Batches of rows of lines; encoders exported before rows were shared take one a row."""
        if self._shares_rows:
            return packed_batches(lengths, rows, _TOKENS)
        return [[[i] for i in batch] for batch in length_batches(lengths, rows, _TOKENS)]

    def balanced(self, texts: Sequence[str]) -> float:
        """The view's weight at which it spreads ``texts`` ``VIEW_SHARE`` times as far as the
        transformer does; encoders differ in how far apart they hold any two texts."""
        if self._view is None or len(texts) < 2:
            return self._view_weight
        states = self.encode(texts).sentence[:, : self.state_dim]
        spread = _spread(states) * float(np.hypot(1.0, self._view_weight))
        return VIEW_SHARE * spread / _spread(self._view.encode(texts))

    def weigh_view(self, texts: Sequence[str], folder: Path | None = None) -> None:
        """Balance the view on ``texts``; write that to the encoder's ``folder`` if it is given."""
        if self._view is None:
            return
        self._view_weight = round(self.balanced(texts), 3)
        self._keep({"view_weight": self._view_weight}, folder)

    def bring_together(
        self, english: Sequence[str], chinese: Sequence[str], folder: Path | None = None
    ) -> None:
        """Learn from any texts of the two languages how far they lie apart, and take that out of
        every vector from now on; write it to the encoder's ``folder`` if it is given."""
        self._apart = np.zeros(0, dtype=np.float32)
        means = [self._unweighed(texts).mean(axis=0) for texts in (english, chinese)]
        self._apart = np.round((means[0] - means[1]) / 2, 5).astype(np.float32)
        self._keep({"apart": [round(float(value), 5) for value in self._apart]}, folder)

    def _unweighed(self, texts: Sequence[str]) -> FloatArray:
        """The transformer's vectors and the view's side by side, both of length one."""
        sentence = self.encode(texts).sentence
        parts = (sentence[:, : self.state_dim], sentence[:, self.state_dim :])
        return np.concatenate([unit_rows(part) for part in parts], axis=1)

    def _keep(self, found: dict[str, Any], folder: Path | None) -> None:
        self.settings.update(found)
        if folder is None:
            return
        path = folder / SETTINGS
        path.unlink()  # it may be a link to a file that others share
        path.write_text(json.dumps(self.settings, ensure_ascii=False) + "\n", "utf-8")

    def joined(
        self, sentence: FloatArray, texts: Sequence[str], beside: FloatArray | None = None
    ) -> FloatArray:
        """The transformer's vectors (n, s) with the second view of the same texts, if any; the
        languages brought together.

        :param beside: what :meth:`beside` gave for the texts, where that is known.
        """
        if len(self._apart):
            sentence = unit_rows(sentence + sides(texts) * self._apart[: self.state_dim])
        if self._view is None:
            return sentence
        beside = self.beside(texts) if beside is None else beside
        length = np.float32(np.hypot(1.0, self._view_weight))
        return np.concatenate([sentence / length, beside], axis=1)

    def beside(self, texts: Sequence[str]) -> FloatArray:
        """The second view's part (n, v) of the texts' sentence vectors, which comes last in them;
        (n, 0) without a view. It costs a fifth of a pass."""
        if self._view is None:
            return np.zeros((len(texts), 0), dtype=np.float32)
        found = self._view.encode(texts)
        if len(self._apart):
            found = unit_rows(found + sides(texts) * self._apart[self.state_dim :])
        weight = np.float32(self._view_weight)
        beside: FloatArray = found * weight / np.float32(np.hypot(1.0, weight))
        return beside


def _spread(vectors: FloatArray) -> float:
    """Mean distance (n, d) from their mean."""
    return max(float(np.linalg.norm(vectors - vectors.mean(axis=0), axis=1).mean()), 1e-3)


def read_settings(path: Path) -> dict[str, Any]:
    """The settings of an exported folder.

    :raises ModelError: they are absent, or not whole.
    """
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in ("dim", "prefix", "max_tokens", "pad") if key not in settings]
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(path, "the encoder's settings as JSON", str(error)) from error
    if missing:
        raise _unusable(path, "dim, prefix, max_tokens and pad", "no " + ", ".join(missing))
    return settings


def open_session(path: Path, threads: int) -> ort.InferenceSession:
    """Open a graph on ``threads`` compute threads.

    :raises ModelError: it is absent or no graph.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # A spinning idle thread would take a core from the service.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not has_vnni():
        # The way that is exact without VNNI takes twice the time on processors that have it.
        options.add_session_config_entry("session.x64quantprecision", "1")
    options.log_severity_level = 3
    try:
        return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime raises classes of its own, all below Exception
        raise _unusable(path, "an exported encoder graph", str(error)[:300]) from error


def _unusable(path: Path, expected: str, found: str) -> ModelError:
    return ModelError(
        f"{path} cannot be used",
        expected=expected,
        found=found,
        fix="Take the folder from a complete release, or export the encoder again.",
    )
