"""How like questions about a relation a sentence is, by the vectors of example questions.

A relation's prototypes are its example questions with names from the graph put in, and where there
are none its description: that is all that zero-shot matching needs. Vectors are the encoder's, less
their common mean; a relation's likeness is that of its nearest prototype.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from models.arrays import FloatArray, IntArray, load_arrays, save_arrays, unit_rows
from models.errors import ModelError
from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.schema import Relation

KIND = "knowledge-prototypes"
NAMES_EACH = 3
"""Things whose names are put into one example question."""

Encode = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True)
class Prototypes:
    """``relations`` name what each of the ``vectors`` (n, d) asks for (``""``: nothing here);
    ``mean`` (d,) is taken off every vector."""

    relations: tuple[str, ...]
    vectors: FloatArray
    mean: FloatArray

    @classmethod
    def build(cls, graph: KnowledgeGraph, encode: Encode) -> Prototypes:
        """Encode the schema's example questions."""
        lines = list(dict.fromkeys(_lines(graph)))
        if not lines:
            return cls((), np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
        raw = encode([text for _, text in lines])
        mean: FloatArray = raw.mean(axis=0)
        return cls(tuple(name for name, _ in lines), unit_rows(raw - mean), mean)

    def likeness(self, vector: FloatArray) -> Mapping[str, float]:
        """For each relation the cosine of its nearest prototype; empty for a vector of zeros."""
        if not self.relations or vector.shape != self.mean.shape or not vector.any():
            return {}
        near = self.vectors @ unit_rows((vector - self.mean)[None])[0]
        names, order, starts = self._grouped
        return dict(zip(names, np.maximum.reduceat(near[order], starts).tolist(), strict=True))

    @cached_property
    def _grouped(self) -> tuple[tuple[str, ...], IntArray, IntArray]:
        """The distinct relations as they first stand, the prototypes' places by relation, and where
        each relation begins among these."""
        names = tuple(dict.fromkeys(self.relations))
        code = {name: number for number, name in enumerate(names)}
        codes: IntArray = np.array([code[name] for name in self.relations], dtype=np.int64)
        order = np.argsort(codes, kind="stable")
        return names, order, np.searchsorted(codes[order], np.arange(len(names)))

    def save(self, path: Path) -> None:
        """Write arrays, without pickle."""
        save_arrays(
            path,
            {
                "kind": np.array(KIND),
                "relations": np.array(self.relations, dtype=np.str_),
                "vectors": self.vectors,
                "mean": self.mean,
            },
        )

    @classmethod
    def load(cls, path: Path) -> Prototypes:
        """Read what :meth:`save` wrote. Raises ModelError."""
        arrays = load_arrays(path, KIND)
        try:
            relations = tuple(str(name) for name in arrays["relations"])
            vectors, mean = arrays["vectors"], arrays["mean"]
            if vectors.ndim != 2 or vectors.shape != (len(relations), len(mean)):
                raise ValueError(f"{len(relations)} names, vectors {vectors.shape}")
        except (KeyError, ValueError) as error:
            raise ModelError(
                f"{path} cannot be used",
                expected="prototypes of relations",
                found=str(error),
                fix="Take the file from a complete release, or prepare the release again.",
            ) from error
        return cls(relations, vectors, mean)


def _lines(graph: KnowledgeGraph) -> Iterator[tuple[str, str]]:
    schema = graph.schema
    for relation in (r for r in schema.relations.values() if r.title):
        for language, examples in relation.examples.items():
            for example in examples:
                for text in _filled(example, relation, graph, language):
                    yield relation.name, text
        if not relation.examples:
            for text in relation.description.values():
                yield relation.name, text
    for examples in schema.beside.values():
        for example in examples:
            yield "", example


def _filled(
    example: str, relation: Relation, graph: KnowledgeGraph, language: str
) -> Iterator[str]:
    subjects = sorted(t for t in graph.of_type(relation.of) if graph.out(t, relation))
    for subject in subjects[:: max(1, len(subjects) // NAMES_EACH)][:NAMES_EACH]:
        text = example.replace("{subject}", graph.name(subject, language))
        if "{object}" in text and relation.kind == "node":
            target = graph.out(subject, relation)[0]
            text = text.replace("{object}", graph.name(target, language))
        yield text
