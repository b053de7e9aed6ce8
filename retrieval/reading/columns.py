"""Which column holds what: guessed from headers and content, shown to a person, kept as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from models.errors import DataError
from retrieval.reading.roles import Speaker

Kind = Literal["messages", "pairs", "transcript"]
Row = Mapping[str, str]


@dataclass(frozen=True)
class Columns:
    """How a table, or a transcript, is read; a column is named by its header or number.

    ``messages``: a row is a message; ``text`` and ``role`` are needed, ``conversation`` tells which
    belong together (without it, an hour of silence ends a conversation). ``pairs``: a row is a
    question in ``text`` with its ``answer``. ``transcript``: only ``roles`` and ``month_first``
    count. ``roles`` says who is who among the values of ``role`` or the names of speakers.
    """

    kind: Kind
    text: str = ""
    answer: str | None = None
    conversation: str | None = None
    role: str | None = None
    time: str | None = None
    agent: str | None = None
    customer: str | None = None
    language: str | None = None
    channel: str | None = None
    outcome: str | None = None
    rating: str | None = None
    roles: Mapping[str, Speaker] = field(default_factory=dict)
    month_first: bool = False

    @classmethod
    def read(cls, path: Path) -> Columns:
        """Read what :meth:`write` wrote, or an operator by hand.

        :raises DataError: not such a file.
        """
        try:
            return cls.of(json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise DataError(
                f"{path} holds no mapping of columns",
                expected="a JSON object with kind, text, role, conversation, …",
                found=str(error)[:200],
                fix="Let 'frontdesk logs columns FILE --out MAPPING' write one, and mend that.",
            ) from error

    @classmethod
    def of(cls, data: Any) -> Columns:
        """From JSON data.

        :raises ValueError: an unknown key, kind or role, or a needed column that is not named.
        """
        if not isinstance(data, dict):
            raise ValueError(f"expected an object, found {type(data).__name__}")
        unknown = sorted(set(data) - {f.name for f in fields(cls)})
        if unknown:
            raise ValueError(f"unknown keys: {', '.join(unknown)}")
        made = cls(**data)
        if made.kind not in ("messages", "pairs", "transcript"):
            raise ValueError(f"kind {made.kind!r} is not messages, pairs or transcript")
        needed = {"messages": (made.text, made.role), "pairs": (made.text, made.answer)}
        if not all(needed.get(made.kind, ())):
            raise ValueError("messages need text and role, pairs need text and answer")
        if not isinstance(made.roles, dict) or not all(
            role in ("customer", "agent", "skip") for role in made.roles.values()
        ):
            raise ValueError("roles are customer, agent or skip")
        return made

    def write(self, path: Path) -> None:
        """Write as JSON, without what is not set."""
        path.write_text(json.dumps(self.data(), indent=2, ensure_ascii=False) + "\n", "utf-8")

    def data(self) -> dict[str, Any]:
        """As JSON data, without what is not set."""
        return {k: v for k, v in asdict(self).items() if v not in (None, "", {}, False)}

    def show(self, rows: Sequence[Row]) -> str:
        """For a person: which column is read as what, and the first rows so."""
        lines = []
        for name, column in self.data().items():
            if name in ("kind", "roles", "month_first"):
                continue
            samples = " | ".join(" ".join(r.get(column, "").split())[:40] for r in rows[:3])
            lines.append(f"  {name:<12} <- {column:<16} {samples}")
        if self.roles:
            said = ", ".join(f"{k} = {v}" for k, v in list(self.roles.items())[:12])
            lines.append(f"  who is who      {said}")
        return "\n".join(lines)
