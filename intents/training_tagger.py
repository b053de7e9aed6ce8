"""Fitting the tagger to token states, a bounded number of lines at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from intents.examples import Entity, Example
from models.progress import Progress
from models.runtime import Encoder

if TYPE_CHECKING:
    from models.tagger import Tagger


def fit_tagger(
    examples: Sequence[Example], encoder: Encoder, seed: int, progress: Progress
) -> tuple[Tagger, dict[str, Any]]:
    """A tagger for the annotated ``examples``, and what is known about it."""
    from models.torch_tagger import TaggedLine, train_tagger

    lines = []
    progress.start("Reading the marked lines", len(examples))
    for start in range(0, len(examples), 256):
        part = examples[start : start + 256]
        encoding = encoder.encode([example.text for example in part])
        for i, example in enumerate(part):
            lines.append(
                TaggedLine(
                    encoding.tokens[i],
                    encoding.offsets[i],
                    example.text,
                    [(e.start, e.end, label_of(e)) for e in example.entities or ()],
                    example.requested_slots or None,
                )
            )
        progress.advance(len(part))
    progress.done()
    tagger, report = train_tagger(lines, seed=seed, progress=progress)
    figures: dict[str, Any] = {
        "lines": len(examples),
        "marks": sum(len(example.entities or ()) for example in examples),
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
