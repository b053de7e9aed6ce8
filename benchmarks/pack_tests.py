"""Writes a pack's kept-apart test lines as JSONL, with character offsets.

    python benchmarks/pack_tests.py intents/packs/retail/tests/lines.en.txt > lines.en.jsonl

A line of the source is ``intent | sentiment | text with [marks](entity)``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

MARK = re.compile(r"\[([^\]]+)\]\((\w+)\)")
SENTIMENT = {"neg": "negative", "neu": "neutral", "pos": "positive"}


def read(path: Path) -> list[dict[str, Any]]:
    """Return the labelled lines of one file."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(" | ", 2)
        if len(parts) != 3:
            raise SystemExit(f"{path}:{number}: expected 'intent | sentiment | text'")
        intent, sentiment, marked = (part.strip() for part in parts)
        text, entities = unmark(marked)
        rows.append(
            {
                "text": text,
                "intent": intent,
                "entities": entities,
                "sentiment": SENTIMENT[sentiment],
            }
        )
    return rows


def unmark(marked: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and its entities."""
    text, entities, at = "", [], 0
    for found in MARK.finditer(marked):
        text += marked[at : found.start()]
        value = found.group(1)
        entities.append(
            {
                "start": len(text),
                "end": len(text) + len(value),
                "entity": found.group(2),
                "value": value,
            }
        )
        text += value
        at = found.end()
    return text + marked[at:], entities


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for row in read(Path(name)):
            print(json.dumps(row, ensure_ascii=False))
