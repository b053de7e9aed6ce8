"""``frontdesk import``: another tool's assistant, and a report of what became of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from bot.commands.files import print_json
from intents.importing import Import, Note, bring, write
from intents.importing.report import APPROXIMATED, LEFT_OUT
from models.errors import DataError


def bring_along(given: argparse.Namespace) -> int:
    """Read PATH, write it to ``--out`` where that is given, and say what came of it.

    Raises DataError where nothing of it can be used: nothing is written then.
    """
    found = bring(given.path)
    if found.problems and not any(found.counts().values()):
        raise DataError(f"Nothing of {given.path} can be used", found.problems)
    files = write(found, given.out) if given.out else []
    if given.json:
        written = sorted(str(path.relative_to(given.out)) for path in files)
        print_json({**found.as_data(), "out": str(given.out or ""), "files": written})
        return 0
    _tell(found)
    if given.out:
        print(f"\nWritten to {given.out}. Next: frontdesk validate {given.out}")
    else:
        print("\nNothing was written; name a folder with --out.")
    return 0


def _tell(found: Import) -> None:
    counts = {kind: count for kind, count in found.counts().items() if count}
    print(f"{found.format}, understood:")
    for kind, count in counts.items():
        print(f"{count:>8,}  {kind}")
    for kind in (APPROXIMATED, LEFT_OUT):
        _list(kind.capitalize(), [note for note in found.notes if note.kind == kind])
    for problem in found.problems:
        print(problem, file=sys.stderr)


def _list(title: str, notes: Sequence[Note]) -> None:
    if notes:
        print(f"\n{title}:")
    for note in notes:
        place = f"{note.file}:{note.line}: " if note.file else ""
        print(f"  {place}{note.what}. {note.instead}")
