"""Which texts stand for which templates: the rows of the index."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models.arrays import FloatArray, IntArray
from models.errors import ModelError
from retrieval.search.vectors import BoolArray
from retrieval.templates import Template, speak

Encode = Callable[[Sequence[str]], FloatArray]


class Corpus:
    """Distinct texts (rows) and the pairs (row, template) that say whom a text stands for.

    A text is a customer's question or the template's own words; one question may stand for many
    templates and a template has many texts.
    """

    def __init__(self, templates: Sequence[Template]) -> None:
        known: dict[str, int] = {}
        pairs: dict[tuple[int, int], bool] = {}
        for number, template in enumerate(templates):
            for question in map(speak, template.questions):
                if question.strip():
                    pairs[known.setdefault(question, len(known)), number] = True
            if (spoken := template.spoken()).strip():
                pairs.setdefault((known.setdefault(spoken, len(known)), number), False)
        self.texts = tuple(known)
        listed = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
        self.row: IntArray = listed[:, 0].copy()
        self.template: IntArray = listed[:, 1].copy()
        self.is_question: BoolArray = np.array(list(pairs.values()), dtype=bool)

    def rows_of(self, templates: BoolArray) -> BoolArray:
        """Rows that stand for at least one of the marked templates: (texts,)."""
        rows = np.zeros(len(self.texts), dtype=bool)
        rows[self.row[templates[self.template]]] = True
        return rows

    def templates_of(self, rows: IntArray, templates: BoolArray) -> IntArray:
        """The marked templates that any of ``rows`` stands for, ascending."""
        wanted = np.zeros(len(self.texts), dtype=bool)
        wanted[rows] = True
        stood_for = np.zeros(len(templates), dtype=bool)
        stood_for[self.template[wanted[self.row]]] = True
        return np.flatnonzero(stood_for & templates)


def embed(
    texts: Sequence[str], encode: Encode, known: dict[str, FloatArray] | None = None
) -> FloatArray:
    """Vectors (n, d) of ``texts``; only those not in ``known`` are encoded.

    :raises ModelError: the encoder answers with another number or width of vectors.
    """
    known = dict(known or {})
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        vectors = np.asarray(encode(new), dtype=np.float32)
        width = {int(vector.shape[0]) for vector in known.values()} or {vectors.shape[-1]}
        if vectors.ndim != 2 or len(vectors) != len(new) or width != {vectors.shape[1]}:
            raise ModelError(
                "The encoder does not fit the index",
                expected=f"vectors of shape ({len(new)}, {sorted(width)[0]})",
                found=str(vectors.shape),
                fix="Use the encoder of the release that the index belongs to.",
            )
        known.update(zip(new, vectors, strict=True))
    if not texts:
        return np.zeros((0, 1), dtype=np.float32)
    return np.stack([known[text] for text in texts]).astype(np.float32)
