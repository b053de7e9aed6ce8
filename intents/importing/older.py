"""A project of Rasa 1.x where one of today is expected: brought along on the way.

Its training lines are Markdown or JSON, which nothing but the import reads.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from intents.importing.bring import bring, write
from intents.importing.source import is_skipped
from intents.reading.folder import assistant_files
from intents.reading.markdown import PROSE, is_training

_LINES = re.compile(r"^nlu\s*:", re.M)
_LOOKED_AT = 100_000
"""Characters at the beginning of a file that say what it is."""


def is_older(folder: Path) -> bool:
    """Whether a project has training lines of Rasa 1.x and none in YAML."""
    if not folder.is_dir() or not any(_older_lines(folder)):
        return False
    return not any(_LINES.search(_beginning(path)) for path in assistant_files(folder))


def renewed(folder: Path, out: Path) -> None:
    """Put what a 1.x project says into ``out``, a copy of it, in today's files.

    :raises DataError: it cannot be read.
    """
    with tempfile.TemporaryDirectory() as work:
        written = Path(work) / "assistant"
        write(bring(folder), written)
        for path in list(assistant_files(out)):
            path.unlink()
        shutil.copytree(written, out, dirs_exist_ok=True)


def _older_lines(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.suffix not in (".md", ".json") or is_skipped(parts) or not path.is_file():
            continue
        text = _beginning(path)
        named = path.suffix == ".md" and not path.stem.lower().startswith(PROSE)
        if (named and is_training(text)) or (path.suffix == ".json" and '"rasa_nlu_data"' in text):
            yield path


def _beginning(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(_LOOKED_AT)
