"""Reading an assistant's folder, and the data files that ``train`` and ``evaluate`` take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from intents.assistant import Assistant
from intents.datasets import Dataset, read_dataset
from intents.examples import Example
from intents.reading_base import Training
from intents.reading_domain import DomainReader
from intents.reading_jsonl import read_jsonl
from intents.reading_nlu import close_annotations, read_nlu
from intents.reading_rules import read_rules
from intents.reading_settings import read_settings
from intents.settings import SETTINGS_FILE
from intents.yamlfile import as_text, line_of, load, read_text
from models.errors import AssistantInvalid, DataError, Problem

__all__ = ["Dataset", "read_assistant", "read_dataset", "read_examples"]

NEWEST = (3, 1)
"""The newest version of Rasa's format that is read."""

KEPT_APART = frozenset(
    {"tests", "test", "logs", "templates", "shop", "actions", "models", "results", "node_modules"}
)
"""Folders inside an assistant that hold no training data."""

_NOT_OURS = frozenset({"config", "endpoints", "credentials", "docker-compose"})
_KNOWN = frozenset(
    {
        "version",
        "nlu",
        "stories",
        "rules",
        "responses",
        "intents",
        "entities",
        "slots",
        "forms",
        "actions",
        "session_config",
        "e2e_actions",
        "e2e_tests",
        "test_cases",
        "config",
        "flows",
        "imports",
        "fixtures",
    }
)


def read_assistant(folder: Path | str, *, strict: bool = True) -> Assistant:
    """Read every YAML file of an assistant, and ``frontdesk.yml`` beside them.

    :param strict: raise where anything is wrong; otherwise the findings are in ``problems`` and
        what is sound has been read.
    :raises AssistantInvalid: with every finding that is an error.
    """
    root = Path(folder)
    assistant = Assistant(root)
    if not root.is_dir():
        raise AssistantInvalid(
            f"{root} is no assistant",
            [Problem(str(root), 0, "a folder with domain.yml", "no folder", "Check the path.")],
        )
    training = Training()
    names = []
    for path in assistant_files(root):
        name = path.relative_to(root).as_posix()
        names.append(name)
        try:
            _read_file(path, name, assistant, training)
        except DataError as error:
            assistant.problems += error.problems
    assistant.files = tuple(names)
    assistant.examples = close_annotations(training.examples) + _sentiment(root, training)
    assistant.synonyms, assistant.lookups = training.synonyms, training.lookups
    assistant.regexes = training.regexes
    assistant.problems += training.problems
    if not names:
        assistant.problems.append(
            Problem(str(root), 0, "YAML files", "none", "Write domain.yml and data/nlu.yml.")
        )
    errors = [problem for problem in assistant.problems if problem.severity == "error"]
    if strict and errors:
        raise AssistantInvalid(f"The assistant in {root} has {len(errors)} errors", errors)
    return assistant


def read_examples(paths: Iterable[Path | str]) -> list[Example]:
    """Lines of Rasa NLU YAML, CSV or JSONL files, or folders of them.

    :raises DataError: any line is unsound; :func:`read_dataset` goes on with the others.
    """
    dataset = read_dataset(paths)
    errors = [problem for problem in dataset.problems if problem.severity == "error"]
    if errors:
        raise DataError(f"{len(errors)} lines cannot be used", errors)
    return dataset.examples


def assistant_files(root: Path) -> Iterator[Path]:
    """The YAML files of an assistant in a fixed order: domain files first."""
    files = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in (".yml", ".yaml")
        and path.is_file()
        and path.stem.lower() not in _NOT_OURS
        and not _apart(path.relative_to(root).parts[:-1])
    ]
    yield from sorted(files, key=lambda path: (not path.name.startswith("domain"), path))


def _apart(folders: Sequence[str]) -> bool:
    return any(part.lower() in KEPT_APART or part.startswith(".") for part in folders)


def _read_file(path: Path, name: str, assistant: Assistant, training: Training) -> None:
    text = read_text(path, name)
    if _mixed_ends(text):
        training.report(
            name, 1, "one kind of line end", "both CRLF and LF", "Save it with LF alone.", "warning"
        )
    document = load(text, name)
    if document is None:
        training.report(
            name,
            1,
            "YAML keys such as nlu or responses",
            "an empty file",
            "Fill it, or remove it.",
            "warning",
        )
        return
    if not isinstance(document, dict):
        training.report(
            name,
            1,
            "keys such as nlu or responses",
            type(document).__name__,
            "Start with 'nlu:' at the left edge.",
        )
        return
    if path.name == SETTINGS_FILE:
        assistant.settings = read_settings(document, name, assistant.problems)
        return
    if _too_new(document, name, training):
        return
    for key in document:
        if as_text(key) not in _KNOWN:
            training.report(
                name,
                line_of(document, key),
                "a key out of " + ", ".join(sorted(_KNOWN)),
                repr(as_text(key)),
                "Mend or remove it.",
                "warning",
            )
    DomainReader(assistant, name).read(document)
    if "nlu" in document:
        read_nlu(document["nlu"], name, line_of(document, "nlu"), training)
    for key, into in (("rules", assistant.rules), ("stories", assistant.stories)):
        if key in document:
            line = line_of(document, key)
            into += read_rules(document[key], key, name, line, assistant.problems.append)


def _too_new(document: dict[Any, Any], name: str, training: Training) -> bool:
    if "version" not in document:
        return False
    said = as_text(document["version"]).strip()
    parts = said.split(".")
    if not all(part.isdigit() and len(part) < 6 for part in parts):
        training.report(
            name,
            line_of(document, "version"),
            'a version such as "3.1"',
            repr(said),
            'Write version: "3.1".',
        )
        return False
    if tuple(map(int, parts))[:2] <= NEWEST:
        return False
    training.report(
        name,
        line_of(document, "version"),
        "a version up to 3.1",
        said,
        'The file was not read. Convert it, or write version: "3.1" if it fits.',
    )
    return True


def _mixed_ends(text: str) -> bool:
    windows = text.count("\r\n")
    return 0 < windows < text.count("\n")


def _sentiment(root: Path, training: Training) -> list[Example]:
    """Lines with a sentiment in ``data/*.jsonl``."""
    lines: list[Example] = []
    for path in sorted((root / "data").rglob("*.jsonl")):
        if not _apart(path.relative_to(root).parts[:-1]):
            name = path.relative_to(root).as_posix()
            dataset = read_jsonl(path, name)
            lines += dataset.examples
            training.problems += dataset.problems
    return lines
