"""What the checker says against a reply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A stable name of what is wrong or doubtful, and the words it is about."""

    kind: str
    text: str
