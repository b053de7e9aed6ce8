"""What is imported: the files of a folder, a zip or a single file, read with care.

Nothing is unpacked to disk. Names that would lead out of the archive are refused, and so is what
is larger than any export of an assistant.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from intents.reading.jsonfile import load_json
from intents.reading.yamlfile import decode, one_problem
from models.errors import DataError, Problem

MAX_FILES = 20_000
"""Most files that are looked at."""

MAX_FILE = 50_000_000
"""Largest single file in bytes, unpacked."""

MAX_TOTAL = 300_000_000
"""Most bytes of all files together, unpacked."""

_READ = (
    ".yml",
    ".yaml",
    ".md",
    ".json",
    ".jsonl",
    ".ndjson",
    ".csv",
    ".tsv",
    ".txt",
    ".chatito",
    ".py",
)
"""What an export is made of; of other files, such as trained models, the name alone is kept."""

_SKIPPED = frozenset({"node_modules", "__MACOSX", "venv", "site-packages", "__pycache__"})


class Source:
    """Files by their name with forward slashes, relative to what was given.

    ``problems`` are findings about files as such: unsafe names, broken JSON.
    """

    def __init__(self, path: Path, files: dict[str, bytes], problems: list[Problem]) -> None:
        self.path = path
        self.files = files
        self.problems = problems

    @classmethod
    def of(cls, path: Path) -> Source:
        """Read what stands at ``path``.

        :raises DataError: nothing there, not readable, or too large.
        """
        problems: list[Problem] = []
        if path.is_dir():
            found = _folder(path)
        elif not path.is_file():
            raise one_problem(str(path), 0, "a file or folder", "nothing there", "Check the path.")
        elif zipfile.is_zipfile(path):
            found = _archive(path, problems)
        else:
            _check_size(path.name, path.stat().st_size)
            found = iter([(path.name, path.read_bytes())])
        files: dict[str, bytes] = {}
        total = 0
        try:
            for name, raw in found:
                total += len(raw)
                files[name] = raw
                _check_total(path, len(files), total)
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise one_problem(str(path), 0, "readable files", said, "Check the path.") from error
        return cls(path, files, problems)

    def names(self, *suffixes: str) -> list[str]:
        """The files in order, those with one of ``suffixes`` where any are given."""
        return sorted(n for n in self.files if not suffixes or n.lower().endswith(suffixes))

    def folders_with(self, *inside: str) -> list[str]:
        """The folders that hold all these, outermost first: with a slash behind, or empty."""
        first = [n.removesuffix(inside[0]) for n in self.files if n.endswith(inside[0])]
        found = [f for f in first if (not f or f.endswith("/")) and self._has(f, inside)]
        return sorted(found, key=lambda folder: (folder.count("/"), folder))

    def _has(self, folder: str, inside: tuple[str, ...]) -> bool:
        return all(
            any(n.startswith(folder + part) for n in self.files)
            if part.endswith("/")
            else folder + part in self.files
            for part in inside
        )

    def text(self, name: str) -> str:
        """The text of a file.

        :raises DataError: it is not UTF-8, with the line.
        """
        return decode(self.files[name], name).replace("\r\n", "\n")

    def json(self, name: str) -> Any:
        """A file as JSON with lines; None, and a finding, where it is broken."""
        try:
            return load_json(self.text(name), name)
        except DataError as error:
            self.problems += error.problems
            return None


def is_skipped(parts: Sequence[str]) -> bool:
    """Whether a file of these folders and this name is none of an assistant's."""
    return any(part in _SKIPPED or part.startswith(".") for part in parts)


def _folder(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if is_skipped(parts) or path.is_symlink() or not path.is_file():
            continue
        if not path.resolve().is_relative_to(root.resolve()):
            continue
        name = PurePosixPath(*parts).as_posix()
        if not name.lower().endswith(_READ):
            yield name, b""
        elif path.stat().st_size <= MAX_FILE:
            yield name, path.read_bytes()


def _archive(path: Path, problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or entry.filename.startswith("__MACOSX/"):
                    continue
                wrong = _unsafe(entry)
                if wrong:
                    fix = "It was left out; check where the archive comes from."
                    problems.append(Problem(path.name, 0, "files inside the archive", wrong, fix))
                    continue
                if not entry.filename.lower().endswith(_READ):
                    yield entry.filename, b""
                    continue
                _check_size(entry.filename, entry.file_size)
                with archive.open(entry) as opened:
                    # The size that an archive states need not be true.
                    raw = opened.read(MAX_FILE + 1)
                _check_size(entry.filename, len(raw))
                yield entry.filename, raw
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise one_problem(
            path.name, 0, "a zip without a password", str(error)[:100], "Export it again."
        ) from error


def _unsafe(entry: zipfile.ZipInfo) -> str:
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in name.parts[0]:
        return f"the name {entry.filename[:80]!r}"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return f"the link {entry.filename[:80]!r}"
    return ""


def _check_size(name: str, size: int) -> None:
    if size > MAX_FILE:
        found = f"{size / 1e6:,.0f} MB"
        wanted = f"files of at most {MAX_FILE // 1_000_000} MB"
        raise one_problem(name, 0, wanted, found, "Leave it out of the folder or archive.")


def _check_total(path: Path, files: int, total: int) -> None:
    if files > MAX_FILES or total > MAX_TOTAL:
        wanted = f"at most {MAX_FILES:,} files and {MAX_TOTAL // 1_000_000} MB"
        found = f"{files:,} files, {total / 1e6:,.0f} MB so far"
        raise one_problem(str(path), 0, wanted, found, "Name the assistant's own folder.")
