"""A customer's line as search reads it, remembered while it is likely to be asked for again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from models.arrays import FloatArray
from retrieval.search.answer_head import AnswerHead
from retrieval.search.lessons import at_places, places_of
from retrieval.search.projection import Projection
from retrieval.templates import Template

KEPT = 256
"""Lines whose reading is kept, in memory alone."""


@dataclass(frozen=True, eq=False)
class Line:
    """A text and the encoder's vector (d,) of it; equal where both are."""

    text: str
    vector: FloatArray = field(repr=False)

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Line) or self.text != other.text:
            return False
        return self.vector is other.vector or np.array_equal(self.vector, other.vector)


Read = Callable[[Line], tuple[FloatArray, FloatArray]]
"""Where a line points in the index's space (p,), and what the head says of each template (n,)."""


def reader(projection: Projection, head: AnswerHead | None, templates: Sequence[Template]) -> Read:
    """Reads lines for an index of ``templates``; the most recent readings are kept."""
    places = None if head is None else places_of(head, templates)
    nothing = np.zeros(len(templates), dtype=np.float32)

    @lru_cache(maxsize=KEPT)
    def read(line: Line) -> tuple[FloatArray, FloatArray]:
        own = projection(line.vector[None])
        if head is None or places is None:
            return own[0], nothing
        shown = own if head.projection is projection else None
        said = head.says([line.text], line.vector[None], shown)
        return own[0], at_places(said, places)[0]

    return read
