"""What a training will need, said before it starts: memory against what there is, and time.

The formula counts what training holds at once, array by array; its constants were fitted to the
peak of resident memory of whole trainings (docs/understanding.md, "Before a training starts").
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from intents.examples import Example
from models.encoders.weights import Weights
from models.epochs import (
    DEEP,
    MOST_SEARCHED,
    deep_epochs,
    default_epochs,
    estimated_tokens,
    read_of_each,
    tagger_epochs,
)
from models.errors import NotEnoughMemory

MB = 1 << 20
_LIBRARIES = {"head": 340 * MB, "full": 540 * MB}
_TAGGER_LIBRARIES = 150 * MB
_SECOND_VIEW = 120 * MB
_KEPT_AT_MOST = 1_500_000_000
"""States of frozen layers that a fine-tune keeps (models/learning/frozen.py)."""

_SPARE = 1.1
_VIRTUAL = 1000 * MB
_PROBE_REFERENCE = 0.0025


@dataclass(frozen=True)
class Need:
    """What a training needs: the peak of resident memory in bytes, and seconds from its start."""

    memory: int
    seconds: float

    def __str__(self) -> str:
        return f"about {spoken(self.seconds)} and {self.memory / MB:,.0f} MB of memory"


def estimate(
    examples: Sequence[Example], weights: Weights, mode: str, speed: float | None = None
) -> Need:
    """The need of training on ``examples``.

    :param speed: this machine's, against the one that the constants are from; measured if None.
    """
    tokens = [min(weights.max_tokens, estimated_tokens(e.text, e.language)) for e in examples]
    marked = sum(t for t, e in zip(tokens, examples, strict=True) if e.entities is not None)
    tagging = any(e.entities for e in examples)
    intents = {e.intent for e in examples if e.intent}
    memory = (
        _LIBRARIES[mode] + _SECOND_VIEW + (_TAGGER_LIBRARIES if tagging and mode == "head" else 0)
    )
    memory += _encoder_bytes(weights, mode) + _head_bytes(len(examples), weights.dim, len(intents))
    if tagging:
        memory += 2 * 4 * marked * weights.dim
    deep = tagging and sum(e.entities is not None for e in examples) >= DEEP
    most = read_of_each(tokens, deep)
    read = [min(t, most or t) for t in tokens]
    if mode == "full":
        memory += _step_bytes(read, weights)
        memory += min(_KEPT_AT_MOST, 2 * (2 if tagging else 1) * sum(read) * weights.dim)
    seconds = _head_seconds(tokens, marked if tagging else 0, len(intents), weights, mode)
    if mode == "full":
        seconds += _tuning_seconds(read, weights, deep)
    pace = speed if speed is not None else machine_speed()
    return Need(int(memory * _SPARE), seconds / pace)


def check(need: Need, available: int | None = None) -> None:
    """Compare with what this machine has left.

    :raises NotEnoughMemory: less than ``need``; with what would do.
    """
    have = available
    if have is None and (more := available_memory()) is not None:
        have = more + _resident()
    if have is not None and need.memory > have:
        raise NotEnoughMemory(
            "This training would not fit into memory, so it was not started",
            expected=f"{need.memory / MB:,.0f} MB",
            found=f"{have / MB:,.0f} MB available",
            fix="Give it more memory, train with --mode head, or on fewer or shorter lines.",
        )


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes that this process may take on top: the machine's, its control group's, its own limit.

    :param root: where ``proc`` and ``sys`` are.
    :return: None where nothing can be read.
    """
    found = [*_machine(root), *_groups(root), *_own_limit(root)]
    return max(0, min(found)) if found else None


def machine_speed(probe: float = 0.4) -> float:
    """How fast this machine multiplies matrices on one thread, against the reference machine idle.

    :param probe: seconds of the trial. Other work's share of the processor in them is taken off.
    """
    square = np.ones((512, 512), dtype=np.float32)
    best, began, used = np.inf, time.perf_counter(), time.thread_time()
    while time.perf_counter() - began < probe:
        started = time.perf_counter()
        np.matmul(square, square)
        best = min(best, time.perf_counter() - started)
    share = (time.thread_time() - used) / (time.perf_counter() - began)
    return float(np.clip(min(1.0, share) * _PROBE_REFERENCE / best, 0.02, 5.0))


def spoken(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{max(5, round(seconds / 5) * 5)} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _encoder_bytes(weights: Weights, mode: str) -> int:
    """Served once in int8; a fine-tune holds weights, a copy of the old, of the best, gradients
    and two moments, and the export as many again while Adam's are still there."""
    stored = sum(f.stat().st_size for f in weights.path.glob("*.safetensors")) or 100 * MB
    return stored if mode == "head" else 4 * stored


def _head_bytes(lines: int, dim: int, intents: int) -> int:
    """Vectors with their folds' copies (float32), and scores by line and intent (float64)."""
    return 4 * 4 * lines * dim + 3 * 8 * lines * intents


def _step_bytes(tokens: Sequence[int], weights: Weights) -> int:
    """Activations of the largest batch: about 14 numbers a token, layer and dimension."""
    longest = max(tokens, default=1)
    return 4 * 14 * 32 * longest * weights.layers * weights.dim


def _head_seconds(
    tokens: Sequence[int], marked: int, intents: int, weights: Weights, mode: str
) -> float:
    layers, lines = weights.layers / 6, len(tokens)
    seconds = 15 + 1.5e-4 * sum(tokens) * layers + 2e-5 * lines * intents
    if mode == "head":
        # Up to so many lines the number of epochs is looked for, and the fit comes on top.
        epochs = tagger_epochs(lines) if lines > MOST_SEARCHED else 28
        seconds += 8e-5 * epochs * marked
    return seconds


def _tuning_seconds(tokens: Sequence[int], weights: Weights, deep: bool) -> float:
    total, layers = sum(tokens), weights.layers / 6
    epochs = default_epochs(len(tokens), total, deep)
    below = deep_epochs(epochs) if deep else 0
    return 20 + (4.8e-4 * below + 2.7e-4 * (epochs - below)) * total * layers


def _machine(root: Path) -> Iterator[int]:
    for line in _lines(root / "proc/meminfo"):
        if line.startswith("MemAvailable:"):
            yield int(line.split()[1]) * 1024


def _groups(root: Path) -> Iterator[int]:
    """What is left in each control group that this process is in, version 2 or 1."""
    for line in _lines(root / "proc/self/cgroup"):
        _, kinds, path = line.split(":", 2)
        if kinds and "memory" not in kinds.split(","):
            continue
        base = root / "sys/fs/cgroup" / ("" if not kinds else "memory")
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if kinds else (
            "memory.max", "memory.current")  # fmt: skip
        folder = base / path.strip().lstrip("/")
        # Inside a container the path may be the host's; its own files then lie at the top.
        for place in (folder, *folder.parents):
            if place == base.parent:
                break
            limit, used = (_number(place / name) for name in names)
            if limit is not None and limit < 1 << 60:
                yield limit - (used or 0) + _reclaimable(place)


def _reclaimable(folder: Path) -> int:
    """Cached files, which count as used and are given up when memory is asked for."""
    for line in _lines(folder / "memory.stat"):
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file") and value.isdigit():
            return int(value)
    return 0


def _own_limit(root: Path) -> Iterator[int]:
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        # Libraries and allocators map far more than they touch.
        yield limit - _status("VmSize:", root) - _VIRTUAL


def _resident() -> int:
    return _status("VmRSS:", Path("/"))


def _status(name: str, root: Path) -> int:
    rows = _lines(root / "proc/self/status")
    return next((int(row.split()[1]) * 1024 for row in rows if row.startswith(name)), 0)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []


def _number(path: Path) -> int | None:
    text = "".join(_lines(path)[:1]).strip()
    return int(text) if text.isdigit() else None
