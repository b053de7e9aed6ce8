"""Proposals: templates that mining found, with all that a reviewer needs to judge them by."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.errors import DataError, Problem
from retrieval.mining.sentences import Act
from retrieval.templates import LogRef, Template


@dataclass(frozen=True)
class Proposal:
    """A template to be reviewed.

    ``kind`` is what it does (see ``retrieval.mining.sentences``); ``uses`` counts the turns that
    said it and ``conversations`` those they stood in; ``group`` is shared by wordings of one
    meaning. ``parts`` are the score's parts, each 0 to 1, with their weights in
    ``retrieval.mining.said``. ``values`` are examples of what stood in each slot.
    """

    template: Template
    kind: Act = "answer"
    uses: int = 1
    conversations: int = 1
    group: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The template's id."""
        return self.template.id

    def as_json(self) -> dict[str, Any]:
        """The template's JSON, with the rest under ``mined``."""
        mined = {
            "kind": self.kind,
            "uses": self.uses,
            "conversations": self.conversations,
            "group": self.group,
            "parts": {name: round(value, 3) for name, value in self.parts.items()},
            "values": {name: list(values) for name, values in self.values.items()},
        }
        return {**self.template.as_json(), "mined": mined}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Proposal:
        """Rebuild a proposal; a bare template is one too.

        :raises DataError: a missing or wrongly typed field.
        """
        template = Template.from_json(data)
        mined = data.get("mined", {})
        try:
            return cls(
                template,
                kind=mined.get("kind", "answer"),
                uses=int(mined.get("uses", 1)),
                conversations=int(mined.get("conversations", 1)),
                group=str(mined.get("group", "")),
                parts={str(k): float(v) for k, v in mined.get("parts", {}).items()},
                values={str(k): tuple(map(str, v)) for k, v in mined.get("values", {}).items()},
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise DataError(
                f"Proposal {template.id!r} cannot be used",
                expected="what 'frontdesk mine' writes",
                found=repr(error)[:200],
                fix="Mend the line, or mine again.",
            ) from error


@dataclass(frozen=True)
class Gap:
    """What customers asked and nobody answered well, or what no intent covers.

    ``kind`` is ``unanswered`` or ``uncovered``; ``name`` is the intent, or a name proposed for a
    new one. ``examples`` are redacted lines with their placeholders. ``draft`` is the best thing
    agents said to it, "" where there was nothing.
    """

    id: str
    kind: str
    name: str
    language: str
    examples: tuple[str, ...]
    asked: int
    draft: str = ""
    provenance: tuple[LogRef, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Gap:
        """Rebuild a gap.

        :raises DataError: a missing or wrongly typed field.
        """
        try:
            refs = tuple(LogRef(**ref) for ref in data.get("provenance", ()))
            texts = {k: str(data[k]) for k in ("id", "kind", "name", "language")}
            return cls(
                **texts,
                examples=tuple(map(str, data["examples"])),
                asked=int(data["asked"]),
                draft=str(data.get("draft", "")),
                provenance=refs,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(
                "A gap cannot be used",
                expected="what 'frontdesk mine' writes",
                found=repr(error)[:200],
                fix="Mine again.",
            ) from error


def write_lines(path: Path, items: Iterable[Proposal | Gap]) -> int:
    """Write JSON lines in one step; returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    count = 0
    with partial.open("w", encoding="utf-8") as out:
        for item in items:
            out.write(json.dumps(item.as_json(), ensure_ascii=False) + "\n")
            count += 1
    partial.replace(path)
    return count


def read_proposals(path: Path) -> list[Proposal]:
    """Read JSON lines of proposals or templates.

    :raises DataError: a line that is neither; all of them are named.
    """
    return [Proposal.from_json(data) for data in _read(path, Proposal.from_json)]


def read_gaps(path: Path) -> list[Gap]:
    """Read JSON lines of gaps.

    :raises DataError: a line that is none; all of them are named.
    """
    return [Gap.from_json(data) for data in _read(path, Gap.from_json)]


def _read(path: Path, check: Any) -> list[dict[str, Any]]:
    found, problems = [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            check(data)
            found.append(data)
        except (ValueError, AttributeError, TypeError, DataError) as error:
            problems.append(
                Problem(str(path), number, "a proposal", str(error)[:200], "Mend the line.")
            )
    if problems:
        raise DataError(f"{path} holds lines that cannot be used", problems)
    return found
