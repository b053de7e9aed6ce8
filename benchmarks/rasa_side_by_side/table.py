"""The figures as a Markdown table: a row for each, Rasa and Frontdesk of each bot side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SIDES = ("rasa", "frontdesk")
ROWS: Sequence[tuple[str, str, tuple[str, ...]]] = (
    ("training, seconds", "train", ("seconds",)),
    ("training, processor seconds", "train", ("processor_seconds",)),
    ("training, peak memory (MiB)", "train", ("peak_mib",)),
    ("start, seconds", "serve", ("start_seconds",)),
    ("start, processor seconds", "serve", ("start_processor_seconds",)),
    ("memory of the server (MiB)", "serve", ("memory_mib",)),
    ("intents right, held out", "serve", ("intent_accuracy",)),
    ("entities F1, held out", "serve", ("entity_f1",)),
    *(
        (f"{called}, {clients}: {figure}", "serve", (f"{name}_{clients.split()[0]}", key))
        for name, called in (("parse", "parse"), ("turns", "turns"))
        for clients in ("1 client", "16 clients")
        for figure, key in (
            ("a second", "per_second"),
            ("p50 (ms)", "p50_ms"),
            ("p99 (ms)", "p99_ms"),
            ("processor (ms)", "processor_ms"),
        )
    ),
)


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """``rows`` are the figures by bot and step; what has not been measured stays empty."""
    columns = [(bot, side) for bot in rows for side in SIDES]
    lines = [
        ["", *(f"{bot}: {side.title()}" for bot, side in columns)],
        ["---"] * (1 + len(columns)),
    ]
    for title, step, path in ROWS:
        lines.append(
            [title, *(_cell(rows[bot].get(f"{side}.{step}"), path) for bot, side in columns)]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(figures: Any, path: Sequence[str]) -> str:
    for key in path:
        figures = figures.get(key) if isinstance(figures, Mapping) else None
    if figures is None:
        return ""
    if path[0] in ("intent_accuracy", "entity_f1"):
        return f"{100 * figures:.1f} %"
    return f"{figures:,.0f}" if figures >= 20 else f"{figures:.1f}"
