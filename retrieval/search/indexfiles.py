"""The folder of an index: what is written, and that its files belong together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from models.arrays import FloatArray, load_arrays, save_arrays
from models.errors import ModelError
from retrieval.search.answer_head import AnswerHead
from retrieval.search.calibration import Calibration
from retrieval.search.lexical import LexicalIndex
from retrieval.search.nearest import load as load_vectors
from retrieval.search.projection import Projection
from retrieval.search.vectors import VectorIndex
from retrieval.templates import Template, read_templates, write_templates

VERSION = 1
KIND = "template-projection"
SETTINGS, TEMPLATES, VECTORS = "index.json", "templates.jsonl", "vectors.npy"
FAISS_FILE, LEXICAL, PROJECTION = "index.faiss", "lexical.npz", "projection.npz"
HEAD = "head.npz"


@dataclass(frozen=True)
class IndexFiles:
    """Everything that an index consists of; ``raw`` (texts, d) are the encoder's vectors.

    ``fusion`` are the weights by name; ``moved`` counts the texts that came or went since the index
    was built as a whole.
    """

    templates: tuple[Template, ...]
    raw: FloatArray
    projection: Projection
    fusion: Mapping[str, float]
    calibration: Calibration
    head: AnswerHead | None
    vectors: VectorIndex
    lexical: LexicalIndex
    moved: int

    def write(self, folder: Path) -> None:
        """Write the index's files into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        write_templates(folder / TEMPLATES, self.templates)
        np.save(folder / VECTORS, self.raw, allow_pickle=False)
        self.vectors.save(folder / FAISS_FILE)
        self.lexical.save(folder / LEXICAL)
        matrix = self.projection.matrix
        projection = {"kind": np.array(KIND), "mean": self.projection.mean}
        save_arrays(
            folder / PROJECTION, projection if matrix is None else {**projection, "matrix": matrix}
        )
        if self.head is not None:
            self.head.save(folder / HEAD)
        settings = {
            "version": VERSION,
            "head": self.head is not None,
            "templates": len(self.templates),
            "texts": len(self.raw),
            "moved": self.moved,
            "dim": int(self.raw.shape[1]),
            "fusion": dict(self.fusion),
            "calibration": asdict(self.calibration),
        }
        text = json.dumps(settings, indent=2) + "\n"
        (folder / SETTINGS).write_text(text, encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> IndexFiles:
        """Read what :meth:`write` wrote; vectors are mapped, not read.

        :raises ModelError: a file is absent, damaged, or the files do not belong together.
        """
        settings = _settings(folder / SETTINGS)
        try:
            raw = np.load(folder / VECTORS, mmap_mode="r", allow_pickle=False)
            templates = tuple(read_templates(folder / TEMPLATES))
        except (OSError, ValueError) as error:
            raise broken(folder, "an index's files", str(error)) from error
        projected = load_arrays(folder / PROJECTION, KIND)
        projection = Projection(projected["mean"], projected.get("matrix"))
        made = cls(
            templates,
            raw,
            projection,
            settings["fusion"],
            Calibration(**settings["calibration"]),
            # indexes written before there were heads, or counts, do not speak of them
            AnswerHead.load(folder / HEAD, projection) if settings.get("head") else None,
            load_vectors(folder / FAISS_FILE),
            LexicalIndex.load(folder / LEXICAL),
            int(settings.get("moved", 0)),
        )
        sizes = {len(raw), made.vectors.size, made.lexical.size, int(settings["texts"])}
        if len(sizes) > 1 or len(templates) != settings["templates"]:
            raise broken(folder, "files of one index", f"parts of {sorted(sizes)} texts")
        return made


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = settings["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise broken(path.parent, f"{SETTINGS} of an index", str(error)) from error
    if version != VERSION:
        raise broken(path.parent, f"an index of version {VERSION}", f"version {version}")
    return settings


def broken(folder: Path, expected: str, found: str) -> ModelError:
    """The error of a folder that is no sound index."""
    return ModelError(
        f"The template index in {folder} cannot be used",
        expected=expected,
        found=found[:300],
        fix="Take the folder from a complete release, or build the index again.",
    )
