"""Exports on disk, and what an import says of them."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from intents.assistant import Assistant, Rule
from intents.importing import Import, bring, write
from intents.reading.folder import read_assistant


def put(root: Path, files: Mapping[str, Any]) -> Path:
    """Write files under ``root``: texts as they are, anything else as JSON."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        path.write_text(text, encoding="utf-8")
    return root


def zipped(path: Path, files: Mapping[str, Any]) -> Path:
    """The same as a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content, indent=1)
            archive.writestr(name, text)
    return path


def brought(root: Path, files: Mapping[str, Any]) -> Import:
    """What comes of an export in a folder."""
    return bring(put(root / "export", files))


def again(found: Import, folder: Path) -> Assistant:
    """The assistant as it is read from what was written; nothing in it is wrong."""
    write(found, folder)
    return read_assistant(folder)


def lines(found: Import | Assistant, intent: str) -> list[str]:
    """The training lines of an intent."""
    assistant = found.assistant if isinstance(found, Import) else found
    return [example.text for example in assistant.examples_of(intent)]


def steps(rule: Rule) -> list[tuple[str, Any]]:
    """A rule's steps as kinds and values."""
    return [(step.kind, step.value) for step in rule.steps]


def told(found: Import, kind: str = "") -> str:
    """All notes of a kind, each on a line with its place."""
    return "\n".join(str(note) for note in found.notes if kind in note.kind)
