"""What the readers of the domain share: names with properties, lists, numbers, findings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from intents.assistant import Assistant, Place
from intents.reading.yamlfile import as_text, line_of, plain
from models.errors import Problem


class NodeReader:
    """Reads parts of one file into an assistant; ``version`` is the major one that it names."""

    def __init__(self, assistant: Assistant, file: str, version: int | None = None) -> None:
        self.assistant = assistant
        self.file = file
        self.version = version

    def problem(
        self, line: int, expected: str, found: str, fix: str, severity: str = "error"
    ) -> None:
        """Add a finding."""
        self.assistant.problems.append(Problem(self.file, line, expected, found, fix, severity))

    def named(self, node: Any, line: int, what: str) -> Iterator[tuple[str, Any, int]]:
        """Names with their properties out of a list of names and one-key maps, or of a map."""
        if isinstance(node, dict):
            for key, value in node.items():
                yield as_text(key), value, line_of(node, key) or line
            return
        if not isinstance(node, list):
            self.problem(line, f"a list under {what}", repr(plain(node))[:60], "Write '- <name>'.")
            return
        for index, item in enumerate(node):
            at = line_in(node, index, line)
            if isinstance(item, dict):
                for key, value in item.items():
                    yield as_text(key), value, at
            elif isinstance(item, list) or item is None:
                self.problem(
                    at, f"a name under {what}", repr(plain(item))[:60], "Write '- <name>'."
                )
            else:
                yield as_text(item), None, at

    def map(self, node: Any, line: int, what: str, severity: str = "error") -> dict[Any, Any]:
        """``node`` if it is a map, else an empty one; a finding where it is something else."""
        if isinstance(node, dict):
            return node
        if node is not None:
            found = repr(plain(node))[:60]
            self.problem(line, f"a map under {what}", found, "Write 'key: value'.", severity)
        return {}

    def twice(self, what: str, name: str, line: int, first: Place) -> None:
        """Say that ``name`` is declared again; the later declaration holds."""
        self.problem(
            line,
            f"one declaration of {what} {name!r}",
            f"another in {first.file}:{first.line}",
            "Keep one of them.",
            "warning",
        )


def line_in(node: Any, index: int, fallback: int) -> int:
    """The line (from 1) of an entry of a list."""
    marks = getattr(node, "lc", None)
    if marks is not None and isinstance(marks.data, dict) and index in marks.data:
        return int(marks.data[index][0]) + 1
    return fallback


def names_in(node: Any) -> tuple[str, ...]:
    """One name or a list of them, as texts."""
    if node is None:
        return ()
    items = node if isinstance(node, list) else [node]
    return tuple(as_text(item) for item in items if not isinstance(item, dict | list))


def optional(node: Any) -> str | None:
    """A scalar as text; None where there is none."""
    return None if node is None else as_text(node)


def number(node: Any) -> float | None:
    """A finite number, or None."""
    try:
        value = float(node)
    except (TypeError, ValueError, OverflowError):
        return None
    return value if math.isfinite(value) else None
