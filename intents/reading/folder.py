"""Reading an assistant's folder, and the data files that ``train`` and ``evaluate`` take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from intents.assistant import Assistant
from intents.examples import Example
from intents.pipeline import KEYS as PIPELINE_KEYS
from intents.pipeline import from_pipeline, read_pipeline, with_older_history
from intents.reading.base import Training
from intents.reading.datasets import Dataset, read_dataset
from intents.reading.domain import DomainReader
from intents.reading.jsonl import read_jsonl
from intents.reading.nlu import close_annotations, nlu_of
from intents.reading.rules import read_rules
from intents.reading.settings import read_settings
from intents.reading.slots import close_slots
from intents.reading.strays import strays
from intents.reading.yamlfile import as_text, line_of, load, plain, read_text
from intents.settings import SETTINGS_FILE
from models.errors import AssistantInvalid, DataError, Problem

__all__ = ["Dataset", "read_assistant", "read_dataset", "read_examples"]

NEWEST = (3, 1)
"""The newest version of Rasa's format that is read."""

KEPT_APART = frozenset(
    {
        "tests",
        "test",
        "scenarios",
        "logs",
        "templates",
        "knowledge",
        "shop",
        "actions",
        "models",
        "results",
        "node_modules",
    }
)
"""Folders inside an assistant that hold no training data."""

_NOT_OURS = frozenset({"endpoints", "credentials", "docker-compose"})
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
        "templates",
    }
    | PIPELINE_KEYS
)
_DOMAIN = frozenset({"intents", "slots", "forms"})
_UNKNOWN_HERE = {"flows": "flows of Rasa Pro", "test_cases": "test cases of Rasa Pro"}


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
    reading = _Reading(assistant)
    names = []
    for path, keys in strays(root, _yaml_files(root)):
        expected = "a Rasa project's lines under data/ and its domain in domain.yml or domain/"
        found, fix = f"{', '.join(keys)} elsewhere", "It is not read; move it there if it belongs."
        name = path.relative_to(root).as_posix()
        if keys:
            assistant.problems.append(Problem(name, 1, expected, found, fix, "warning"))
    for path in assistant_files(root):
        name = path.relative_to(root).as_posix()
        names.append(name)
        try:
            reading.file(path, name)
        except DataError as error:
            assistant.problems += error.problems
    assistant.files = tuple(names)
    reading.close()
    if not names:
        assistant.problems.append(
            Problem(str(root), 0, "YAML files", "none", "Write domain.yml and data/nlu.yml.")
        )
    errors = [problem for problem in assistant.problems if problem.severity == "error"]
    if strict and errors:
        raise AssistantInvalid(f"The assistant in {root} has {len(errors)} errors", errors)
    return assistant


def read_examples(paths: Iterable[Path | str]) -> list[Example]:
    """Lines of the files that :mod:`intents.reading.datasets` reads, or folders of them.

    :raises DataError: any line is unsound; :func:`read_dataset` goes on with the others.
    """
    dataset = read_dataset(paths)
    errors = [problem for problem in dataset.problems if problem.severity == "error"]
    if errors:
        raise DataError(f"{len(errors)} lines cannot be used", errors)
    return dataset.examples


def assistant_files(root: Path) -> Iterator[Path]:
    """The YAML files of an assistant in a fixed order: domain files first."""
    files = _yaml_files(root)
    aside = {path for path, _ in strays(root, files)}
    kept = [path for path in files if path not in aside]
    yield from sorted(kept, key=lambda path: (not path.name.startswith("domain"), path))


def _yaml_files(root: Path) -> list[Path]:
    return [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in (".yml", ".yaml")
        and path.is_file()
        and not path.name.startswith((".", "test_"))
        and path.stem.lower() not in _NOT_OURS
        and not _apart(path.relative_to(root).parts[:-1])
    ]


def _apart(folders: Sequence[str]) -> bool:
    return any(part.lower() in KEPT_APART or part.startswith(".") for part in folders)


class _Reading:
    """One reading of a folder: the assistant, and what is only known when all files are read."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.training = Training()
        self.auto_filled: set[str] = set()
        self.set_by_hand: set[str] = set()
        self.majors: set[int | None] = set()

    def file(self, path: Path, name: str) -> None:
        """Read one file into the assistant.

        :raises DataError: it is no YAML.
        """
        text = read_text(path, name)
        document = self._document(text, name)
        if document is None:
            return
        if path.name == SETTINGS_FILE:
            self.assistant.settings = read_settings(document, name, self.assistant.problems)
            self.set_by_hand = {as_text(key) for key in document}
            return
        if not _report_keys(document, name, self.training):
            return
        version = _version(document, name, self.training)
        if version is not None and version > NEWEST:
            _too_new(document, name, self.training)
            return
        major = version[0] if version else None
        if _DOMAIN & set(map(as_text, document)):
            self.majors.add(major)
        DomainReader(self.assistant, name, major, self.auto_filled).read(document)
        self._data(document, name, text)

    def _document(self, text: str, name: str) -> dict[Any, Any] | None:
        report = self.training.report
        if _mixed_ends(text):
            expected, fix = "one kind of line end", "Save it with LF alone."
            report(name, 1, expected, "both CRLF and LF", fix, "warning")
        document = load(text, name)
        if isinstance(document, dict):
            return document
        if document is None:
            expected, fix = "YAML keys such as nlu or responses", "Fill it, or remove it."
            report(name, 1, expected, "an empty file", fix, "warning")
        else:
            expected, fix = "keys such as nlu or responses", "Start with 'nlu:' at the left edge."
            severity = "error" if _meant(name, rasa=self.assistant.rasa is not None) else "warning"
            report(name, 1, expected, type(plain(document)).__name__, fix, severity)
        return None

    def _data(self, document: dict[Any, Any], name: str, text: str) -> None:
        assistant = self.assistant
        keys = set(map(as_text, document))
        # Other files of these keys alone are configurations to choose from by name.
        named = Path(name).stem == "config" or not keys <= PIPELINE_KEYS | {"version"}
        if PIPELINE_KEYS & keys and named and not assistant.pipeline:
            assistant.pipeline = read_pipeline(document, name, assistant.problems)
        if "nlu" in document:
            self.training.take(nlu_of(text, name))
        for key, into in (("rules", assistant.rules), ("stories", assistant.stories)):
            if key in document:
                line = line_of(document, key)
                into += read_rules(document[key], key, name, line, assistant.problems.append)

    def close(self) -> None:
        """Put together what came from several files."""
        assistant, training = self.assistant, self.training
        close_slots(assistant, self.auto_filled)
        if self.majors == {2}:
            assistant.pipeline = with_older_history(assistant.pipeline)
        assistant.settings = from_pipeline(assistant.settings, assistant.pipeline, self.set_by_hand)
        lines = close_annotations(training.examples)
        assistant.examples = lines + _sentiment(assistant.folder, training)
        assistant.synonyms, assistant.lookups = training.synonyms, training.lookups
        assistant.regexes = training.regexes
        assistant.problems += training.problems


def _meant(name: str, *, rasa: bool) -> bool:
    """Whether a file is an assistant's by its place or name, whatever it holds.

    Under ``data`` a Rasa project may keep what its actions read: Rasa passes it over.
    """
    path = Path(name)
    named = ("domain", "nlu", "stories", "rules", "responses", "config")
    placed = path.parts[0] == "domain" or (path.parts[0] == "data" and not rasa)
    return placed or path.stem.lower().startswith(named)


def _report_keys(document: dict[Any, Any], name: str, training: Training) -> bool:
    """Report keys that nothing comes of; False where the file is none of an assistant's."""
    keys = set(map(as_text, document))
    if keys - {"version"} and not (_KNOWN - {"version"}) & keys:
        found = ", ".join(map(as_text, document))[:80]
        expected = "a file of the assistant"
        fix = "Nothing of it is read; move it elsewhere, or mend its keys."
        training.report(name, 1, expected, f"other keys: {found}", fix, "warning")
        return False
    for key in document:
        line = line_of(document, key)
        if as_text(key) not in _KNOWN:
            expected = "a key out of " + ", ".join(sorted(_KNOWN))
            fix = "Mend or remove it."
            training.report(name, line, expected, repr(as_text(key)), fix, "warning")
        elif as_text(key) in _UNKNOWN_HERE:
            found = _UNKNOWN_HERE[as_text(key)]
            fix = "They are not run; write rules, stories and forms."
            training.report(name, line, "Rasa's 3.1 format", found, fix, "warning")
    return True


def _version(document: dict[Any, Any], name: str, training: Training) -> tuple[int, ...] | None:
    """The version that a file names: major and minor; None where it names none."""
    if "version" not in document:
        return None
    said = as_text(document["version"]).strip()
    parts = said.split(".")
    if all(part.isdigit() and len(part) < 6 for part in parts):
        return tuple(map(int, parts))[:2]
    training.report(
        name,
        line_of(document, "version"),
        'a version such as "3.1"',
        repr(said),
        'Write version: "3.1".',
    )
    return None


def _too_new(document: dict[Any, Any], name: str, training: Training) -> None:
    training.report(
        name,
        line_of(document, "version"),
        "a version up to 3.1",
        as_text(document["version"]),
        'The file was not read. Convert it, or write version: "3.1" if it fits.',
    )


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
