"""Encoder adapters: what a fine-tune changed, as low-rank factors of a few megabytes.

A fine-tuned encoder differs from its base by a matrix per layer that is close to low rank
(Hu et al., 2021, LoRA; here by truncated SVD after the fact). An adapter keeps those factors,
the small vectors whole, and fingerprints of the lines it learned from, so that whoever fits a
head on the adapted encoder knows which lines it has seen. Evidence of how heads on it fare may lie
beside them. Word embeddings are not touched.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from models.arrays import AnyArray, load_arrays, save_arrays
from models.errors import WeightsAltered, WeightsMissing

if TYPE_CHECKING:
    from models.encoders.weights import Weights

SUFFIX = ".safetensors"
TRAINED = "trained"
NOTE = "adapter.json"
_LEFT, _RIGHT, _WHOLE = ".left", ".right", ".delta"
_EVIDENCE = "evidence."


def fingerprints(texts: Iterable[str]) -> AnyArray:
    """Return 64-bit fingerprints of texts: (n,) uint64."""
    digests = [hashlib.sha256(text.strip().encode()).digest()[:8] for text in texts]
    return np.frombuffer(b"".join(digests), dtype=np.uint64)


def extract(
    base: Weights, tuned: Path, out: Path, *, rank: int, trained: Sequence[str], licence: str
) -> float:
    """Write what ``tuned`` changed of ``base`` to ``out``; return the share of it that is kept.

    :param tuned: Hugging Face folder of the fine-tuned encoder.
    :param rank: of each matrix's factors.
    :param trained: the lines that the fine-tune learned from.
    """
    before = load_file(base.path / "model.safetensors")
    after = load_file(tuned / "model.safetensors")
    tensors: dict[str, Any] = {TRAINED: fingerprints(trained)}
    kept = total = 0.0
    for name, old in before.items():
        delta = after[name].astype(np.float32) - old.astype(np.float32)
        size = float((delta**2).sum())
        if size == 0.0:
            continue
        total += size
        if delta.ndim == 1:
            tensors[name + _WHOLE] = delta.astype(np.float16)
            kept += size
            continue
        found, held = factors(name, delta, rank)
        tensors |= found
        kept += held
    out.parent.mkdir(parents=True, exist_ok=True)
    facts = {"base": base.name, "base_sha256": base.sha256, "licence": licence, "rank": str(rank)}
    save_file(tensors, out, metadata=facts)
    return kept / total if total else 1.0


def factors(name: str, change: AnyArray, rank: int) -> tuple[dict[str, AnyArray], float]:
    """The two factors of a matrix's change as an adapter keeps them, and the squares they hold."""
    u, s, vt = np.linalg.svd(change, full_matrices=False)
    root = np.sqrt(s[:rank])
    left = (u[:, :rank] * root).astype(np.float16)
    right = (root[:, None] * vt[:rank]).astype(np.float16)
    return {name + _LEFT: left, name + _RIGHT: right}, float((s[:rank] ** 2).sum())


def keep_evidence(adapter: Path, arrays: Mapping[str, AnyArray]) -> None:
    """Put numeric ``arrays`` that say how heads on the adapted encoder fare into the file, in place
    of those it has."""
    facts = facts_of(adapter)
    tensors = {k: v for k, v in load_file(adapter).items() if not k.startswith(_EVIDENCE)}
    tensors |= {_EVIDENCE + name: np.asarray(array) for name, array in arrays.items()}
    partial = adapter.with_name(f".{adapter.name}")
    save_file(tensors, partial, metadata=facts)
    shutil.copymode(adapter, partial)
    partial.replace(adapter)


def facts_of(adapter: Path) -> dict[str, str]:
    """Return an adapter's metadata: base, base_sha256, licence, rank.

    :raises WeightsMissing: the file is not an adapter.
    """
    try:
        with safe_open(adapter, "numpy") as opened:
            facts = dict(opened.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise _no_adapter(adapter, str(error)) from error
    if "base" not in facts:
        raise _no_adapter(adapter, "a file without a base")
    return facts


def facts_for(base: Weights, adapter: Path) -> dict[str, str]:
    """An adapter's metadata, once it is known to be one of these weights.

    :raises WeightsAltered: it was made for other weights.
    """
    facts = facts_of(adapter)
    if facts["base_sha256"] != base.sha256:
        raise WeightsAltered(
            f"{adapter.name} does not fit {base.name}",
            expected=f"base weights {facts['base_sha256'][:16]}…",
            found=f"{base.sha256[:16]}…",
            fix="Make the adapter anew from these weights.",
        )
    return facts


def merge(base: Weights, adapter: Path, target: Path) -> None:
    """Write ``base`` with ``adapter`` applied as a Hugging Face folder.

    :raises WeightsAltered: the adapter was made for other weights.
    """
    facts = facts_for(base, adapter)
    changes = load_file(adapter)
    tensors = changed(load_file(base.path / "model.safetensors"), changes)
    shutil.copytree(base.path, target, ignore=shutil.ignore_patterns("*.safetensors", "SHA256*"))
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    trained = [f"{value:016x}" for value in changes[TRAINED].tolist()]
    note = json.dumps({"adapter": adapter.name, **facts, TRAINED: trained})
    (target / NOTE).write_text(note, encoding="utf-8")
    found = {k.removeprefix(_EVIDENCE): v for k, v in changes.items() if k.startswith(_EVIDENCE)}
    if found:
        save_arrays(target / "evidence.npz", {"kind": np.array("evidence"), **found})


def changed(
    tensors: Mapping[str, AnyArray], changes: Mapping[str, AnyArray]
) -> dict[str, AnyArray]:
    """The base's ``tensors`` with an adapter's ``changes``, in float32."""
    made = dict(tensors)
    for name, old in tensors.items():
        if name + _WHOLE in changes:
            made[name] = old + changes[name + _WHOLE].astype(np.float32)
        elif name + _LEFT in changes:
            left = changes[name + _LEFT].astype(np.float32)
            made[name] = old + left @ changes[name + _RIGHT].astype(np.float32)
    return made


def unseen_mask(folder: Path, texts: Sequence[str]) -> AnyArray:
    """Tell which texts the adapter merged into ``folder`` has not learned from: (n,) bool."""
    note = _note(folder)
    if note is None:
        return np.ones(len(texts), dtype=bool)
    seen = np.array([int(value, 16) for value in note[TRAINED]], dtype=np.uint64)
    return ~np.isin(fingerprints(texts), seen)


def evidence_in(folder: Path) -> dict[str, AnyArray] | None:
    """The evidence that the adapter merged into ``folder`` brought, if it brought any."""
    path = folder / "evidence.npz"
    return load_arrays(path, "evidence") if path.is_file() else None


def base_of(folder: Path) -> str | None:
    """The name of the encoder that an adapter was merged into to make ``folder``, if one was."""
    note = _note(folder)
    return None if note is None else str(note["base"])


def _note(folder: Path) -> dict[str, Any] | None:
    path = folder / NOTE
    if not path.is_file():
        return None
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def _no_adapter(adapter: Path, found: str) -> WeightsMissing:
    return WeightsMissing(
        f"{adapter} is not an encoder adapter",
        expected="a safetensors file that names its base",
        found=found,
        fix="Correct the encoder's name in the settings.",
    )
