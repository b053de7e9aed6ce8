"""The files of a release that hold what was learned, written and read in one place."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from intents.assistant import Assistant
from intents.calibration import Calibration
from intents.dialogue.learned import FILE as LEARNED_POLICY
from intents.dialogue.policy import Dialogue
from intents.examples import Example
from intents.fitting import Fitted, Lines
from intents.foldheads import FoldHead, pack, unpack
from intents.naming import Name
from intents.outofscope import Fusion
from intents.release import Release
from intents.values.patterns import EntityRules
from intents.verdict import Evidence, Verdict
from models.arrays import AnyArray, FloatArray, IntArray, load_arrays
from models.errors import ReleaseAltered

EVIDENCE = "evidence.npz"
"""What thresholds were derived from; the encoder may have learned from the lines since."""


@dataclass(frozen=True)
class Stored:
    """The intent lines of a release.

    ``vectors`` (n, d); ``unseen`` (n,) lines that the encoder did not learn from; ``predicted``
    (n,) the held-out top intent of each, by a cross-validation where line i was held out from the
    head ``fold_heads[folds[i]]``. ``names`` says what each intent is called.
    """

    rows: tuple[Mapping[str, Any], ...]
    vectors: FloatArray
    unseen: AnyArray
    predicted: tuple[str, ...]
    folds: IntArray
    fold_heads: tuple[FoldHead, ...]
    names: Mapping[str, Name]


def assistant_files(assistant: Assistant) -> dict[str, bytes]:
    """What a release takes from an assistant: entity rules, the learned dialogue policy where
    stories teach one, and a copy of its files under ``assistant/``."""
    files = {
        f"assistant/{name}": (assistant.folder / name).read_bytes() for name in assistant.files
    }
    files["entities.json"] = as_json(EntityRules.of(assistant).as_json())
    learned = Dialogue.of(assistant).learned
    if learned is not None:
        files[LEARNED_POLICY] = learned.as_bytes()
    return files


def learned_files(lines: Lines, examples: Sequence[Example], fitted: Fitted) -> dict[str, bytes]:
    """Every file that follows from the intent lines, by name."""
    thresholds = {
        "temperature": fitted.calibration.temperature,
        "memory": fitted.calibration.memory,
        "fusion": fitted.fusion.as_json(),
        "thresholds": fitted.thresholds.as_json(),
    }
    geometry = fitted.geometry
    far: dict[str, AnyArray] = {
        "kind": np.array("outofscope"),
        # Half precision halves the file; distances change in the fourth digit.
        "memory": geometry.memory.astype(np.float16),
        "memory_codes": geometry.memory_codes,
        "whiten": geometry.whiten,
        "means": geometry.means,
        "mean_codes": geometry.mean_codes,
    }
    called = sorted(lines.names.items())
    stored: dict[str, AnyArray] = {
        "kind": np.array("examples"),
        "vectors": lines.vectors.astype(np.float32),
        "unseen": np.asarray(lines.unseen, dtype=bool),
        "predicted": np.array(fitted.predictions(), dtype=np.str_),
        "folds": fitted.folds,
        "named": np.array([label for label, _ in called], dtype=np.str_),
        "names": np.array([named.vector for _, named in called], dtype=np.float32),
        "name_texts": np.array([named.text for _, named in called], dtype=np.str_),
    }
    rows = [
        {
            "text": example.text,
            "intent": example.intent,
            "language": example.language,
            "file": example.file,
            "line": example.line,
        }
        for example in examples
    ]
    return {
        "intent.npz": packed(fitted.head.arrays()),
        "outofscope.npz": packed(far),
        EVIDENCE: packed(fitted.verdict.evidence.arrays()),
        "thresholds.json": as_json(thresholds),
        "examples.npz": packed(stored),
        "folds.npz": packed(pack(fitted.fold_heads)),
        "examples.jsonl": "".join(
            json.dumps(row, ensure_ascii=False) + "\n" for row in rows
        ).encode(),
    }


def read_stored(release: Release) -> Stored:
    """The intent lines of ``release``; empty where it knows no intents.

    :raises ReleaseAltered: the files do not fit together.
    """
    if not release.has("examples.npz"):
        nothing = np.zeros(0, dtype=np.int64)
        vectors = np.zeros((0, 0), dtype=np.float32)
        return Stored((), vectors, nothing.astype(bool), (), nothing, (), {})
    arrays = load_arrays(release.path("examples.npz"), "examples")
    text = release.path("examples.jsonl").read_text(encoding="utf-8")
    rows = tuple(json.loads(row) for row in text.split("\n") if row)
    if "names" not in arrays:
        raise ReleaseAltered(
            f"Release {release.id} was made by an older version",
            expected="the vectors of its intents' names",
            found=", ".join(sorted(arrays)),
            fix="Train again with this version.",
        )
    if len(rows) != len(arrays["vectors"]):
        raise ReleaseAltered(
            f"The examples of release {release.id} do not fit together",
            expected=f"{len(rows)} vectors",
            found=str(len(arrays["vectors"])),
            fix="Train again.",
        )
    predicted = tuple(str(label) for label in arrays["predicted"])
    vectors = arrays["vectors"].astype(np.float32)
    heads = unpack(load_arrays(release.path("folds.npz"), "folds"))
    names = {
        str(label): Name(str(text), vector.astype(np.float32))
        for label, text, vector in zip(
            arrays["named"], arrays["name_texts"], arrays["names"], strict=True
        )
    }
    return Stored(rows, vectors, arrays["unseen"], predicted, arrays["folds"], heads, names)


def read_verdict(release: Release) -> Verdict | None:
    """How far the head of ``release`` may be believed; None where nothing was judged."""
    if not release.has(EVIDENCE):
        return None
    read = json.loads(release.path("thresholds.json").read_text(encoding="utf-8"))
    return Verdict(
        Calibration(float(read["temperature"]), float(read["memory"])),
        Fusion.from_json(read["fusion"]),
        Evidence.from_arrays(load_arrays(release.path(EVIDENCE), "evidence")),
    )


def packed(arrays: Mapping[str, AnyArray]) -> bytes:
    """An npz file in memory, the same bytes for the same arrays."""
    out = io.BytesIO()
    np.savez(out, allow_pickle=False, **dict(arrays))
    return out.getvalue()


def as_json(value: Any) -> bytes:
    """JSON for people: indented, UTF-8, no NaN."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()
