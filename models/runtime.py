"""The serving encoder: one ONNX Runtime pass gives sentence vectors and token states."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]

from models.arrays import FloatArray, IntArray
from models.errors import ModelError
from models.tokens import TextTokenizer, length_batches

GRAPH, TOKENIZER, SETTINGS = "model.onnx", "tokenizer.json", "encoder.json"


@dataclass(frozen=True)
class Encoding:
    """What the encoder knows about n texts.

    ``sentence`` is float32 (n, d), mean-pooled and L2-normalised; ``tokens[i]`` float32 (t_i, d)
    and ``offsets[i]`` int64 (t_i, 2): the characters of text i that each state stands for.
    """

    sentence: FloatArray
    tokens: list[FloatArray]
    offsets: list[IntArray]


class Encoder:
    """An exported encoder; safe to share among threads."""

    def __init__(
        self, session: ort.InferenceSession, tokenizer: TextTokenizer, settings: dict[str, Any]
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self.settings = settings
        self.dim = int(settings["dim"])
        self.prefix = str(settings["prefix"])

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Encoder:
        """Read an exported folder (``model.onnx``, ``tokenizer.json``, ``encoder.json``).

        :param threads: compute threads; more than one pays only on idle cores.
        :raises ModelError: a file is absent or cannot be used.
        """
        settings = _read_settings(folder / SETTINGS)
        tokenizer = TextTokenizer.load(
            folder / TOKENIZER, settings["prefix"], settings["max_tokens"], settings["pad"]
        )
        return cls(_open_session(folder / GRAPH, threads), tokenizer, settings)

    def encode(self, texts: Sequence[str], batch: int = 32) -> Encoding:
        """Encode texts in batches of similar length; results keep the order of ``texts``."""
        lines = self._tokenizer.encode(texts)
        sentence = np.zeros((len(lines), self.dim), dtype=np.float32)
        tokens: list[FloatArray] = [np.zeros((0, self.dim), dtype=np.float32)] * len(lines)
        for indices in length_batches([len(line.ids) for line in lines], batch):
            ids, mask = self._tokenizer.padded([lines[i] for i in indices])
            vectors, states = self._session.run(
                ["sentence", "tokens"], {"input_ids": ids, "attention_mask": mask}
            )
            sentence[indices] = vectors
            for row, i in enumerate(indices):
                tokens[i] = states[row, lines[i].rows]
        return Encoding(sentence, tokens, [line.offsets for line in lines])


def _read_settings(path: Path) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        missing = [key for key in ("dim", "prefix", "max_tokens", "pad") if key not in settings]
    except (OSError, ValueError, TypeError) as error:
        raise _unusable(path, "the encoder's settings as JSON", str(error)) from error
    if missing:
        raise _unusable(path, "dim, prefix, max_tokens and pad", "no " + ", ".join(missing))
    return settings


def _open_session(path: Path, threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    # A spinning idle thread would take a core from the service.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
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
