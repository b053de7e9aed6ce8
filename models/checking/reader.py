"""A reader of pairs: how likely a reply says something else than its source, and where.

A cross-encoder (Reimers and Gurevych, 2019): the bilingual encoder reads source and reply as one
text, so that every word of one sees every word of the other. What it learned beside the encoder's
own weights lies in ``reader.safetensors``; ``benchmarks.checker.train`` makes it from pairs written
by hand. It is exported into the cache when it is first needed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]
from filelock import FileLock
from safetensors.numpy import load_file, save_file

from models.arrays import AnyArray, FloatArray, IntArray
from models.encoders.adapter import changed, facts_for, facts_of
from models.encoders.runtime import (
    GRAPH,
    SETTINGS,
    TOKENIZER,
    last_states,
    open_session,
    read_settings,
)
from models.encoders.tokens import TextTokenizer, Tokenised
from models.encoders.weights import Weights, cache_folder, file_sha256, resolve

SHIPPED = Path(__file__).with_name("reader.safetensors")
LONGEST = 192
"""Tokens of a source, and of a reply, that are read."""

_HEAD = "head."
_SUSPECT = 0.0
"""Logit from which a word is told as one that says something else."""


@dataclass(frozen=True)
class Reading:
    """``odds`` is the logarithm of the odds that the reply says something else; ``suspects`` are
    its words that speak for it."""

    odds: float
    suspects: tuple[str, ...]


class PairReader:
    """An exported reader; safe to share among threads.

    The logit of a pair (Devlin et al., 2019, for the first state as a text's own) is a linear
    function of the first state and of the difference between the mean states of reply and source,
    plus the log-sum of the words' own logits.
    """

    def __init__(
        self,
        session: ort.InferenceSession,
        tokenizer: TextTokenizer,
        head: Mapping[str, FloatArray],
        states: str,
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._head = head
        self._states = states

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> PairReader:
        """Read an exported folder.

        :raises ModelError: a file is absent or cannot be used.
        """
        settings = read_settings(folder / SETTINGS)
        tokenizer = TextTokenizer.load(folder / TOKENIZER, "", LONGEST, settings["pad"])
        head = load_file(folder / "head.safetensors")
        states = last_states(int(settings["layers"]))
        return cls(open_session(folder / GRAPH, threads), tokenizer, head, states)

    def read(self, source: str, reply: str) -> Reading:
        """Read a pair as :func:`models.checking.pairs.plain_pair` gives it."""
        first, second = self._tokenizer.encode([source, reply])
        ids, split = joined(first, second)
        feeds = {"input_ids": ids[None], "attention_mask": np.ones((1, len(ids)), dtype=np.int64)}
        states = self._session.run([self._states], feeds)[0][0]
        words = states @ self._head["words.weight"] + self._head["words.bias"]
        lean = states[split:].mean(axis=0) - states[:split].mean(axis=0)
        whole = np.concatenate([states[0], lean]) @ self._head["whole.weight"]
        odds = float(whole + self._head["whole.bias"][0] + np.logaddexp.reduce(words))
        spans = _suspects(words[split:], second)
        return Reading(odds, tuple(reply[start:end] for start, end in spans))


def joined(source: Tokenised, reply: Tokenised) -> tuple[IntArray, int]:
    """One text of two: ids (t,), and where the reply begins; its own first sign becomes a second
    end of the source's (Conneau et al., 2020, for the pairs of XLM-R)."""
    ids = np.concatenate([source.ids, source.ids[-1:], reply.ids[1:]])
    return ids, len(source.ids)


@cache
def shipped_reader() -> PairReader:
    """The reader that ships, exported on first use.

    :raises WeightsMissing: the bilingual encoder is not installed.
    :raises WeightsAltered: it is not the one that the reader was trained beside.
    """
    return PairReader.load(_exported(resolve(facts_of(SHIPPED)["base"]), SHIPPED))


def _exported(base: Weights, file: Path) -> Path:
    from models.encoders.export import EXPORT_VERSION, export

    facts_for(base, file)
    name = f"reader-{file_sha256(file)[:16]}-v{EXPORT_VERSION}"
    folder = cache_folder() / "exported" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "head.safetensors").is_file():
            changes = load_file(file)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".reader-") as scratch:
                export(_tuned(base, changes, Path(scratch)), folder, last=True)
            save_file(head_of(changes), folder / "head.safetensors")
    return folder


def head_of(changes: Mapping[str, AnyArray]) -> dict[str, FloatArray]:
    """The head's arrays among what was learned."""
    found = {k: v for k, v in changes.items() if k.startswith(_HEAD)}
    return {k.removeprefix(_HEAD): v.astype(np.float32) for k, v in found.items()}


def _tuned(base: Weights, changes: Mapping[str, AnyArray], folder: Path) -> Weights:
    tensors = changed(load_file(base.path / "model.safetensors"), changes)
    save_file(tensors, folder / "model.safetensors")
    for name in ("config.json", "tokenizer.json"):
        shutil.copyfile(base.path / name, folder / name)
    return replace(base, path=folder, prefix="")


def _suspects(logits: FloatArray, reply: Tokenised) -> tuple[tuple[int, int], ...]:
    """Stretches of characters whose words are suspect, those that touch as one."""
    found: list[tuple[int, int]] = []
    for row, (start, end) in zip(reply.rows, reply.offsets.tolist(), strict=True):
        if logits[row] <= _SUSPECT:
            continue
        if found and start - found[-1][1] <= 1:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return tuple(found)
