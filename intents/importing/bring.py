"""Finding out what a folder, zip or file is, reading it, and writing what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from intents.content import differences
from intents.importing.chatito import import_chatito, is_chatito
from intents.importing.dialogflow_cx import import_dialogflow_cx, is_dialogflow_cx
from intents.importing.dialogflow_es import import_dialogflow_es, is_dialogflow_es
from intents.importing.lex_v1 import import_lex_v1, is_lex_v1
from intents.importing.lex_v2 import import_lex_v2, is_lex_v2
from intents.importing.luis import import_luis, is_luis
from intents.importing.rasa import import_rasa, is_rasa
from intents.importing.report import Import
from intents.importing.source import Source
from intents.importing.table import import_table, is_table
from intents.importing.wit import import_wit, is_wit
from intents.reading.folder import read_assistant
from intents.reading.yamlfile import one_problem
from intents.writing.exporting import render, render_tests
from intents.writing.yamledit import replace_file
from models.errors import DataError, Problem

FORMATS: tuple[tuple[Callable[[Source], bool], Callable[[Source], Import]], ...] = (
    (is_chatito, import_chatito),
    (is_dialogflow_cx, import_dialogflow_cx),
    (is_dialogflow_es, import_dialogflow_es),
    (is_lex_v2, import_lex_v2),
    (is_lex_v1, import_lex_v1),
    (is_luis, import_luis),
    (is_rasa, import_rasa),
    (is_wit, import_wit),
    (is_table, import_table),
)
"""What tells a format, and what reads it; the surest come first."""


def bring(path: Path | str) -> Import:
    """Read whatever stands at ``path``.

    :raises DataError: nothing there, too large, or no format that is known.
    """
    source = Source.of(Path(path))
    for is_it, read in FORMATS:
        if is_it(source):
            return read(source)
    if source.problems:
        problem = source.problems[0]
        raise one_problem(problem.file, problem.line, problem.expected, problem.found, problem.fix)
    raise one_problem(
        str(path),
        0,
        "an assistant of Rasa, Dialogflow ES or CX, LUIS, Wit.ai or Amazon Lex, Chatito or a table",
        ", ".join(source.names()[:5]) or "no files",
        "Name the export itself; docs/import.md says which files each tool writes.",
    )


def write(found: Import, folder: Path) -> list[Path]:
    """Write an import into a folder that is new or empty, and read it again.

    Should anything come back in another way, that is one of the import's problems.

    :raises DataError: the folder is not empty; nothing is written then.
    """
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise one_problem(
            str(folder), 0, "a new or empty folder", "files", "Name another one with --out."
        )
    for name, raw in found.copied.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)
    files = {} if found.as_it_is else {**render(found.assistant), **render_tests(found.tests)}
    for name, text in files.items():
        replace_file(folder / name, text)
    if not found.as_it_is:
        found.problems += _lost(found, folder)
    return [folder / name for name in [*found.copied, *files]]


def _lost(found: Import, folder: Path) -> list[Problem]:
    """What is read from the files that were written and is not what was to be written."""
    try:
        again = read_assistant(folder, strict=False)
    except DataError as error:
        return list(error.problems)
    expected, fix = "what was written to be read again as the same", "Look these parts through."
    parts = differences(found.assistant, again)
    return [Problem(str(folder), 0, expected, f"other {part}", fix) for part in parts]
