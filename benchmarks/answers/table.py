"""The table of all figures, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.answers.targets import ROWS, Row


def table(runs: Sequence[dict[str, Any]]) -> str:
    """Every row; a run that was not done has a dash."""
    by_name = {run["run"]: run for run in runs}
    lines = ["| what | figure | measured on | must | aim | beside |", "|---|---|---|---|---|---|"]
    for row in ROWS:
        run = by_name.get(row.run, {"figures": {}})
        value = run["figures"].get(row.figure)
        cells = [
            row.title, _shown(value, row), run.get("measured", ""), _number(row.must, row),
            _number(row.aim, row), row.beside,
        ]  # fmt: skip
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def _shown(value: float | None, row: Row) -> str:
    if value is None:
        return "–"
    mark = "" if row.must is None else " ✓" if value >= row.must else " ✗"
    return _number(value, row) + mark


def _number(value: float | None, row: Row) -> str:
    if value is None:
        return ""
    return f"{100 * value:+.1f}" if row.gain else f"{100 * value:.1f}"
