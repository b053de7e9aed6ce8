"""Fitting the tagger to the token states that the reading of all lines gave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intents.examples import Entity, Example
from models.arrays import FloatArray, IntArray
from models.encoders.runtime import Encoder, Encoding
from models.progress import Progress

if TYPE_CHECKING:
    from models.tagger import Tagger


class MarkedLines:
    """The lines whose entities are known, with the token states of the pass that reads all lines.

    A line of 15 tokens takes about 25 kB; ``wanted`` False keeps none, where the tagger is
    learned elsewhere.
    """

    def __init__(self, examples: Sequence[Example], wanted: bool = True) -> None:
        marked = any(example.entities for example in examples) and wanted
        self._examples = list(examples) if marked else []
        self._read: list[tuple[Example, FloatArray, IntArray]] = []

    def take(self, start: int, encoding: Encoding) -> None:
        """Keep what an encoder pass gave for the examples from number ``start`` on."""
        part = self._examples[start : start + len(encoding.tokens)]
        for example, tokens, offsets in zip(part, encoding.tokens, encoding.offsets, strict=False):
            if example.entities is not None:
                self._read.append((example, tokens, offsets))

    def __len__(self) -> int:
        return len(self._read)

    def fit(self, seed: int, progress: Progress) -> tuple[Tagger, dict[str, Any]]:
        """A tagger for the lines, and what is known about it; the states are let go."""
        from models.learning.tagger import TaggedLine, train_tagger

        read, self._read = self._read, []
        lines = [
            TaggedLine(
                tokens,
                offsets,
                example.text,
                [(e.start, e.end, label_of(e)) for e in example.entities or ()],
                example.requested_slots or None,
            )
            for example, tokens, offsets in read
        ]
        tagger, report = train_tagger(lines, seed=seed, progress=progress)
        figures: dict[str, Any] = {
            "lines": len(lines),
            "marks": sum(len(line.spans) for line in lines),
            "epochs": report.epochs,
            "widened": report.widened,
        }
        if report.held_out_f1:
            figures["held_out_f1"] = max(report.held_out_f1)
        return tagger, figures


def tagger_figures(tagger: Tagger, encoder: Encoder, unseen: Sequence[Example]) -> dict[str, Any]:
    """Exact spans with type on lines that the tagger was not trained on."""
    hits = wanted = given = 0
    annotated = [example for example in unseen if example.entities is not None]
    for start in range(0, len(annotated), 256):
        part = annotated[start : start + 256]
        encoding = encoder.encode([example.text for example in part])
        for i, example in enumerate(part):
            spans = tagger.decode(
                encoding.tokens[i],
                encoding.offsets[i],
                example.text,
                example.requested_slots or None,
            )
            found = {(span.start, span.end, span.label) for span in spans}
            gold = {(e.start, e.end, label_of(e)) for e in example.entities or ()}
            hits += len(found & gold)
            wanted, given = wanted + len(gold), given + len(found)
    f1 = 2 * hits / (wanted + given) if wanted + given else None
    return {"lines": len(annotated), "marks": wanted, "held_out_f1": f1}


def label_of(entity: Entity) -> str:
    """The tagger's label: the type, with role and group behind it where there are any."""
    parts = [entity.entity, entity.role or "", entity.group or ""]
    return "\t".join(parts).rstrip("\t")
