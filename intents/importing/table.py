"""Training lines in tables and JSON lines: the files that ``frontdesk train`` takes as well."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

from intents.examples import Example
from intents.importing.draft import Draft
from intents.importing.report import Import
from intents.importing.source import Source
from intents.reading.datasets import read_file
from models.errors import DataError, Problem

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")


def is_table(source: Source) -> bool:
    """Whether there are such files."""
    return bool(source.names(*SUFFIXES))


def import_table(source: Source) -> Import:
    """All lines of all tables."""
    draft = Draft("CSV", source, ("en", "zh"))
    kept = []
    for name in source.names(*SUFFIXES):
        try:
            part = _read(name, source.files[name])
        except DataError as error:
            source.problems += error.problems
            continue
        source.problems += part[1]
        for example in part[0]:
            intent = draft.intent(example.intent, name, example.line) if example.intent else None
            marks = []
            for mark in example.entities or ():
                kind = draft.entity(mark.entity, name, example.line, mark.role)
                marks.append(replace(mark, entity=kind))
            kept.append(replace(example, intent=intent, entities=tuple(marks)))
    draft.training.examples = kept
    found = draft.finish()
    spoken = {example.language for example in found.assistant.examples}
    languages = tuple(code for code in ("en", "zh") if {code, "mul"} & spoken) or ("en",)
    found.assistant.settings = replace(
        found.assistant.settings, languages=languages, default_language=languages[0]
    )
    return found


def _read(name: str, raw: bytes) -> tuple[list[Example], list[Problem]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, PurePosixPath(name).name)
        path.write_bytes(raw)
        try:
            read = read_file(path)
        except DataError as error:
            raise DataError(
                error.message, [replace(p, file=name) for p in error.problems]
            ) from error
    examples = [replace(example, file=name) for example in read.examples]
    return examples, [replace(problem, file=name) for problem in read.problems]
