"""Edits of YAML text by line: everything that is not touched stays as it was, byte for byte."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from intents.reading.yamlfile import as_text, load, plain, read_text
from models.errors import DataError, Problem

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*")
_UNPRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""Characters that YAML does not take as they are, or takes for a line's end."""
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


class YamlText:
    """The lines of a YAML file, with the document that they make."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.end = "\r\n" if "\r\n" in text else "\n"
        self._set(text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else [])

    @property
    def text(self) -> str:
        """The file as it stands now."""
        return "".join(line + self.end for line in self.lines)

    def section(self, key: str) -> Any:
        """The value of a top-level key, or None."""
        return self.document.get(key)

    def append_to(self, key: str, build: Sequence[str]) -> None:
        """Put a block behind the last entry of the top-level list or map ``key``.

        ``build`` is written without indentation; the section's own is put in front.
        """
        value = self.section(key)
        if not value:
            # Nothing there, or "key:" or "key: []" alone: the section starts anew.
            if key in self.document:
                first, last = self.region(self.document, key)
                self._replace(first, last, [f"{key}:", *_indented(build, 2)])
            else:
                self._insert(len(self.lines), [f"{key}:", *_indented(build, 2)])
            return
        if in_brackets(value):
            self._unfold(key, value)
            value = self.section(key)
        column = self._column_of_entries(value)
        _, last = self.region(self.document, key)
        self._insert(last + 1, _indented(build, column))

    def region(self, node: Any, key: Any) -> tuple[int, int]:
        """First and last line (from 0) of ``key`` and its value, without what trails behind it."""
        line, column = node.lc.data[key][:2]
        return line, self._last_line(line, column, dash=False)

    def entry_region(self, sequence: Any, index: int) -> tuple[int, int]:
        """First and last line (from 0) of an entry of a list, its dash included."""
        line = sequence.lc.data[index][0]
        dash = self._dash(sequence, index)
        return line, self._last_line(line, dash, dash=True)

    def set_key(self, node: Any, key: str, value: str, after: str | None = None) -> None:
        """Set ``key`` of a block map to a text; a new key goes behind ``after`` or the last one."""
        written = f"{key}: {quoted(value)}"
        if key in node:
            first, last = self.region(node, key)
            column = node.lc.data[key][1]
            comment = self._comment(node, key) if first == last else ""
            self._replace(first, last, [self.lines[first][:column] + written + comment])
            return
        behind = after if after in node else list(node)[-1]
        _, last = self.region(node, behind)
        column = node.lc.data[behind][1]
        self._insert(last + 1, [" " * column + written])

    def set_block(
        self, node: Any, key: str, block: Sequence[str], after: str | None = None
    ) -> None:
        """Set ``key`` of a block map to a nested block, given without indentation."""
        behind = after if after in node else list(node)[-1]
        column = node.lc.data[key if key in node else behind][1]
        build = [" " * column + f"{key}:", *_indented(block, column + 2)]
        if key in node:
            first, last = self.region(node, key)
            build[0] = self.lines[first][:column] + f"{key}:"
            self._replace(first, last, build)
        else:
            _, last = self.region(node, behind)
            self._insert(last + 1, build)

    def extend_block(self, node: Any, key: str, rows: Sequence[str]) -> None:
        """Add rows to the literal block under ``key``."""
        first, last = self.region(node, key)
        column = node.lc.data[key][1]
        content = [line for line in self.lines[first + 1 : last + 1] if line.strip()]
        indent = len(content[0]) - len(content[0].lstrip()) if content else column + 2
        self._insert(last + 1, [" " * indent + row for row in rows])

    def extend_list(self, node: Any, key: str, rows: Sequence[str]) -> None:
        """Add entries to the block list under ``key``."""
        value = node[key]
        column = self._column_of_entries(value)
        _, last = self.region(node, key)
        self._insert(last + 1, [" " * column + "- " + row for row in rows])

    def insert_before_entry(self, sequence: Any, index: int, block: Sequence[str]) -> None:
        """Put a block, given without indentation, in front of an entry of a list."""
        line = sequence.lc.data[index][0]
        self._insert(line, _indented(block, self._dash(sequence, index)))

    def delete(self, first: int, last: int) -> None:
        """Remove lines ``first`` to ``last`` (from 0)."""
        self._replace(first, last, [])

    def delete_rows(self, numbers: Sequence[int]) -> None:
        """Remove single lines (from 1)."""
        gone = {number - 1 for number in numbers}
        self._set([line for i, line in enumerate(self.lines) if i not in gone])

    def _set(self, lines: list[str]) -> None:
        self.lines = lines
        loaded = load("\n".join(lines) + "\n" if lines else "", self.name)
        if loaded is not None and not isinstance(loaded, dict):
            raise DataError(
                f"{self.name} cannot be changed",
                [Problem(self.name, 1, "keys such as nlu", type(loaded).__name__, "Mend it.")],
            )
        self.document: Any = loaded if loaded is not None else {}

    def _insert(self, at: int, rows: Sequence[str]) -> None:
        self._set([*self.lines[:at], *rows, *self.lines[at:]])

    def _replace(self, first: int, last: int, rows: Sequence[str]) -> None:
        self._set([*self.lines[:first], *rows, *self.lines[last + 1 :]])

    def _last_line(self, start: int, column: int, *, dash: bool) -> int:
        """The last line that belongs to what starts at ``start``, by indentation."""
        last = start
        for number in range(start + 1, len(self.lines)):
            line = self.lines[number]
            stripped = line.lstrip(" ")
            if not stripped.strip():
                continue
            indent = len(line) - len(stripped)
            if stripped.startswith("#") and indent <= column:
                continue
            # A list may stand at the column of its key.
            own_list = not dash and indent == column and re.match(r"-(\s|$)", stripped)
            if indent <= column and not own_list:
                break
            last = number
        return last

    def _column_of_entries(self, value: Any) -> int:
        if isinstance(value, list):
            return self._dash(value, 0)
        first = next(iter(value))
        return int(value.lc.data[first][1])

    def _dash(self, sequence: Any, index: int) -> int:
        line, column = sequence.lc.data[index][:2]
        return int(self.lines[line].rfind("-", 0, column))

    def _unfold(self, key: str, value: Any) -> None:
        """Write a section in brackets as a block."""
        if isinstance(value, list):
            rows = [f"- {_scalar(item)}" for item in value]
        else:
            rows = [f"{_scalar(name)}: {_scalar(item)}" for name, item in value.items()]
        first, last = self.region(self.document, key)
        self._replace(first, last, [f"{key}:", *_indented(rows, 2)])

    @staticmethod
    def _comment(node: Any, key: Any) -> str:
        tokens = node.ca.items.get(key)
        token = tokens[2] if tokens and len(tokens) > 2 else None
        text = str(token.value).split("\n")[0].strip() if token is not None else ""
        return f"  {text}" if text else ""


def in_brackets(node: Any) -> bool:
    """Whether a list or map is written in brackets, on one line or several."""
    return bool(node.fa.flow_style())


def quoted(value: str) -> str:
    """A text as a double-quoted YAML scalar on one line."""
    shown = json.dumps(value, ensure_ascii=False)
    return _UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", shown)


def name_of(value: str) -> str:
    """A name as a YAML key or entry, quoted only where it has to be."""
    simple = _PLAIN.fullmatch(value) and value.lower() not in _RESERVED
    return value if simple else quoted(value)


@contextmanager
def editing(root: Path, path: Path, fresh: str = 'version: "3.1"\n') -> Iterator[YamlText]:
    """A file to edit: written in one step if it changed, made from ``fresh`` if it is not there.

    :raises DataError: it cannot be read, or somebody else changed it meanwhile.
    """
    name = path.relative_to(root).as_posix()
    before = read_text(path, name) if path.exists() else None
    edited = YamlText(fresh if before is None else before, name)
    start = edited.text
    yield edited
    if edited.text == start:
        return
    if before is not None and read_text(path, name) != before:
        raise DataError(
            "Nothing was written",
            [Problem(name, 0, "a file that stays as it was read", "a change", "Try again.")],
        )
    replace_file(path, edited.text)


def replace_file(path: Path, text: str) -> None:
    """Write a file in one step: readers, and a power cut, find the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(partial, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def _indented(rows: Sequence[str], column: int) -> list[str]:
    return [" " * column + row for row in rows]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return name_of(value)
    return json.dumps(plain(value), ensure_ascii=False, default=as_text)
