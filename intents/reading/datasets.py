"""Data files of ``train`` and ``evaluate``, or folders of them.

Rasa NLU's YAML, Markdown and JSON, CSV, and JSON lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from intents.examples import Example, language_of_set
from intents.reading.base import Training
from intents.reading.csv import read_csv
from intents.reading.jsonfile import load_json
from intents.reading.jsonl import read_jsonl
from intents.reading.markdown import is_training, read_training
from intents.reading.nlu import close_annotations, read_nlu
from intents.reading.rasa_json import is_rasa_json, read_rasa_json
from intents.reading.yamlfile import line_of, load, one_problem, read_text
from models.errors import DataError, Problem

_SUFFIXES = (".yml", ".yaml", ".csv", ".tsv", ".jsonl", ".ndjson", ".md", ".json")
_OLDER = (".md", ".json")
"""What may as well be something else: in a folder it counts only if it is training data."""

_APART = frozenset({"tests", "test", "scenarios", "logs", "templates", "node_modules"})


@dataclass
class Dataset:
    """Lines that can be used, and every finding about those that cannot."""

    examples: list[Example] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def language(self) -> str:
        """``en``, ``zh`` or ``mul`` by the script of the lines."""
        return language_of_set(example.language for example in self.examples)

    @property
    def left_out(self) -> int:
        """How many lines were left out: those with a finding that gave no example."""
        kept = {(example.file, example.line) for example in self.examples}
        return len({(p.file, p.line) for p in self.problems} - kept)


def read_dataset(paths: Iterable[Path | str]) -> Dataset:
    """Read files and folders; lines that cannot be used are reported and left out.

    So is a file that cannot be read at all, as long as others can.

    :raises DataError: a path does not exist or is of no known kind, or no file can be read.
    """
    together = Dataset()
    unread: list[DataError] = []
    files = [path for given in paths for path in _files(Path(given))]
    for path in files:
        try:
            part = read_file(path)
        except DataError as error:
            unread.append(error)
            together.problems += error.problems
        else:
            together.examples += part.examples
            together.problems += part.problems
    if unread and not together.examples:
        if len(files) == 1:
            raise unread[0]
        raise DataError(f"None of {len(files)} files can be used", together.problems)
    return together


def read_file(path: Path) -> Dataset:
    """Read one file by its suffix.

    :raises DataError: it holds nothing usable at all (broken YAML, no header, wrong encoding).
    """
    training = _READERS.get(path.suffix.lower(), read_jsonl)(path, str(path))
    return Dataset(training.examples, training.problems)


def read_yaml(path: Path, name: str) -> Training:
    """The training lines of a Rasa YAML file."""
    document = load(read_text(path, name), name)
    training = Training()
    if isinstance(document, dict) and "nlu" in document:
        read_nlu(document["nlu"], name, line_of(document, "nlu"), training)
    elif document is None or not isinstance(document, dict):
        training.report(
            name,
            1,
            "the key nlu",
            "an empty file" if document is None else "no keys",
            "Start with 'nlu:' at the left edge.",
        )
    training.examples = close_annotations(training.examples)
    return training


def read_markdown(path: Path, name: str) -> Training:
    """The training lines of Rasa 1.x's Markdown."""
    text = read_text(path, name)
    training = Training()
    if not is_training(text):
        raise one_problem(name, 1, "sections such as ## intent:greet", "none", "Name NLU data.")
    read_training(text, name, training, lambda _: None)
    training.examples = close_annotations(training.examples)
    return training


def read_json(path: Path, name: str) -> Training:
    """The training lines of Rasa NLU's JSON."""
    document = load_json(read_text(path, name), name)
    training = Training()
    if not is_rasa_json(document):
        fix = "Name NLU data; other tools' exports come in by frontdesk import."
        raise one_problem(name, 1, "the key rasa_nlu_data", "none", fix)
    read_rasa_json(document, name, training)
    training.examples = close_annotations(training.examples)
    return training


_READERS = {
    ".yml": read_yaml,
    ".yaml": read_yaml,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".md": read_markdown,
    ".json": read_json,
}


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = [
            file
            for file in sorted(path.rglob("*"))
            if file.suffix.lower() in _SUFFIXES
            and file.is_file()
            and not _is_apart(file.relative_to(path).parts[:-1])
            and _is_data(file)
        ]
        if not found:
            raise one_problem(str(path), 0, "YAML, CSV or JSONL files", "none", "Check the path.")
        yield from found
    elif not path.exists():
        raise one_problem(str(path), 0, "a file or folder", "nothing there", "Check the path.")
    elif path.suffix.lower() not in _SUFFIXES:
        raise one_problem(
            str(path),
            0,
            "a file that ends in " + ", ".join(_SUFFIXES),
            path.suffix or "no suffix",
            "Rename or convert the file.",
        )
    else:
        yield path


def _is_apart(folders: Iterable[str]) -> bool:
    return any(part.lower() in _APART or part.startswith(".") for part in folders)


def _is_data(path: Path) -> bool:
    """Whether a file of a folder is meant: Markdown and JSON only with what Rasa has in them."""
    if path.suffix.lower() not in _OLDER:
        return True
    with path.open("rb") as opened:
        start = opened.read(1_000_000)
    if path.suffix.lower() == ".json":
        return b'"rasa_nlu_data"' in start[:4096]
    return is_training(start.decode("utf-8", "replace"))
