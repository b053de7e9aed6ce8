"""Public sets' own file formats, read into examples; no line of them is kept in the repository."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from intents.examples import OUT_OF_SCOPE, Entity, Example, language_of

UNKNOWN = frozenset({"oos", "ood", "NO_NODES_DETECTED"})
"""What the sets call lines outside all their intents."""


def example(
    text: str,
    intent: str | None = None,
    entities: Sequence[Entity] | None = None,
    sentiment: str | None = None,
    slots: Iterable[str] = (),
) -> Example:
    """One labelled line, in the product's terms."""
    return Example(
        text,
        OUT_OF_SCOPE if intent in UNKNOWN else intent,
        None if entities is None else tuple(entities),
        sentiment,
        language_of(text),
        requested_slots=tuple(dict.fromkeys(slots)),
    )


def sequences(folder: Path) -> list[Example]:
    """``seq.in`` and ``label``, with ``seq.out`` where values are tagged; blank texts are left out.

    The files are parted by line feeds alone, so that a blank text does not shift the labels.
    """
    texts, labels = _rows(folder / "seq.in"), _rows(folder / "label")
    tags = _rows(folder / "seq.out") if (folder / "seq.out").is_file() else None
    if len(texts) != len(labels) or (tags is not None and len(tags) != len(texts)):
        raise SystemExit(f"{folder}: seq.in, label and seq.out differ in their number of lines")
    found = []
    for number, text in enumerate(texts):
        if text.strip():
            joined, spans = text.strip(), None
            if tags is not None:
                joined, spans = from_tags(text.split(), tags[number].split())
            found.append(example(joined, labels[number].strip(), spans))
    return found


def from_tags(words: Sequence[str], tags: Sequence[str]) -> tuple[str, list[Entity] | None]:
    """Words joined by blanks, and the spans of their tags; None where the numbers differ.

    Tags are BIO, or bare types, where neighbours of one type are one value.
    """
    text = " ".join(words)
    if len(words) != len(tags):
        return text, None
    spans: list[tuple[int, int, str]] = []
    at, before = 0, "O"
    for word, tag in zip(words, tags, strict=True):
        kind = tag[2:] if tag[:2] in ("B-", "I-") else tag
        if kind != "O":
            if spans and before == kind and not tag.startswith("B-"):
                spans[-1] = (spans[-1][0], at + len(word), kind)
            else:
                spans.append((at, at + len(word), kind))
        before, at = kind, at + len(word) + 1
    return text, [Entity(start, end, kind, text[start:end]) for start, end, kind in spans]


def table(path: Path, text: str, intent: str | None = None) -> list[Example]:
    """A CSV file with a header: intents."""
    return [
        example(row[text].strip(), row[intent].strip() if intent else None)
        for row in _csv(path)
        if row[text].strip()
    ]


def moods(path: Path, text: str, names: dict[str, str]) -> list[Example]:
    """A CSV file with a column ``label``, whose values ``names`` turns into sentiments."""
    return [
        example(row[text].strip(), sentiment=names[row["label"].strip()])
        for row in _csv(path)
        if row[text].strip()
    ]


def pairs(rows: Iterable[Sequence[str]]) -> list[Example]:
    """Pairs of text and intent."""
    return [example(text.strip(), intent) for text, intent in rows]


def restaurant(path: Path) -> list[Example]:
    """RESTAURANTS-8K: spans and the slots that had been asked for; no intents."""
    found = []
    for row in _json(path):
        text = row["userInput"]["text"]
        spans = []
        for label in row.get("labels", []):
            span = label.get("valueSpan", {})
            start, end = span.get("startIndex", 0), span.get("endIndex", 0)
            if end > start:
                spans.append(Entity(start, end, label["slot"], text[start:end]))
        asked = row.get("context", {}).get("requestedSlots", [])
        found.append(example(text, None, spans, slots=asked))
    return found


def turns(path: Path) -> list[Example]:
    """MultiDoGO's tab-separated turns, with a type or O for each word."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if len(row) == 6]
    found = []
    for *_, text, tags, intent in rows[1:]:
        joined, spans = from_tags(text.split(), tags.split())
        if joined:
            found.append(example(joined, intent, spans))
    return found


def commands(path: Path) -> list[Example]:
    """SMP2020: intents and spans whose last character counts; some spans lie within others."""
    found = []
    for row in _json(path):
        text = row["text"]
        spans = [
            Entity(
                e["start_idx"], e["end_idx"] + 1, e["type"], text[e["start_idx"] : e["end_idx"] + 1]
            )
            for e in row["entities"]
        ]
        found.append(example(text, row["intent"], spans))
    return found


def _rows(path: Path) -> list[str]:
    rows = path.read_text(encoding="utf-8").split("\n")
    return rows[:-1] if rows[-1] == "" else rows


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
