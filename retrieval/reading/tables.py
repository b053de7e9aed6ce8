"""Tables of messages or of question and answer: CSV, TSV, and flat JSON objects as rows."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from retrieval.conversation import Conversation, Outcome, Turn
from retrieval.reading import items
from retrieval.reading.columns import Columns, Row
from retrieval.reading.fields import rating
from retrieval.reading.grouping import Message, group
from retrieval.reading.guess import known_header
from retrieval.reading.items import LONGEST_TEXT, Bad, Item, Items, guess_language
from retrieval.reading.markup import plain
from retrieval.reading.roles import author_role, name_in
from retrieval.reading.source import Source, lines
from retrieval.reading.times import parse_time

SILENCE = 3600.0
"""Seconds without a message that end a conversation where no column tells its end."""
SAMPLE = 1000
_LONGEST_TALK = 500
_LONGEST_FIELD = 1024 * 1024
_DELIMITERS = ",\t;|"
_OUTCOMES: Mapping[str, Outcome] = {
    **dict.fromkeys(("resolved", "solved", "closed", "done", "已解决", "已完成"), "resolved"),
    **dict.fromkeys(("unresolved", "open", "failed", "未解决"), "unresolved"),
    **dict.fromkeys(("escalated", "transferred", "已转接", "已升级"), "escalated"),
    **dict.fromkeys(("abandoned", "missed", "已放弃"), "abandoned"),
}  # fmt: skip
Numbered = tuple[int, Row]


def csv_rows(source: Source) -> Iterator[Numbered | Bad]:
    """Rows of a table with the number of the line that each ends on.

    Columns without a header are called ``1``, ``2``, …
    """
    delimiter, headed, width = _dialect(source.head())
    with source.open() as stream:
        place = _Place(stream)
        reader = csv.reader(place, delimiter=delimiter, quoting=_quoting(delimiter, source.head()))
        header: list[str] | None = None
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Bad(place.line, str(error)[:200])
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if headed and header is None:
                header = cells
                continue
            names = header or [str(i + 1) for i in range(width)]
            if len(cells) > len(names):
                yield Bad(place.line, f"{len(cells)} cells under {len(names)} columns")
                continue
            yield place.line, dict(zip(names, cells, strict=False))


def flat(data: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """A JSON object as a row: the keys of inner objects after a dot, lists left out."""
    row: dict[str, str] = {}
    for key, value in data.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and len(prefix) < 60:
            row |= flat(value, f"{name}.")
        elif isinstance(value, bool):
            row[name] = str(value).lower()
        elif isinstance(value, str | int | float):
            row[name] = str(value)
    return row


def read_rows(rows: Iterable[Numbered | Bad], columns: Columns, source: Source) -> Items:
    """Conversations of rows, bad ones where they stand or before the first conversation."""
    if columns.kind == "pairs":
        yield from _pairs(rows, columns, source.stem)
        return
    bad: list[Bad] = []
    messages = _messages(rows, columns, bad)
    if columns.conversation:
        groups: Iterable[list[Message]] = group(messages, source.size)
    else:
        groups = _by_silence(messages, columns, source.stem)
    for some in groups:
        while bad:
            yield bad.pop(0)
        yield _conversation(some, columns)
    yield from bad


def _pairs(rows: Iterable[Numbered | Bad], columns: Columns, stem: str) -> Items:
    for row in rows:
        if isinstance(row, Bad):
            yield row
            continue
        line, cells = row
        asked = _said(cells, columns.text)
        answered = _said(cells, columns.answer)
        if not asked or not answered:
            yield Bad(line, "no question or no answer")
            continue
        own = cells.get(columns.conversation or "", "").strip()
        at = cells.get(columns.time or "", "")
        shared = Message(own or f"{stem}-{line}", "", "", at, **_about(cells, columns), line=line)
        yield _built(
            shared,
            [Turn("customer", asked, None), Turn("agent", answered, None)],
            [parse_time(at, month_first=columns.month_first)],
            [shared.agent] if shared.agent else [],
        )


def _messages(
    rows: Iterable[Numbered | Bad], columns: Columns, bad: list[Bad]
) -> Iterator[Message]:
    for row in rows:
        if isinstance(row, Bad):
            bad.append(row)
            continue
        line, cells = row
        said, label = _said(cells, columns.text), cells.get(columns.role or "", "").strip()
        key = cells.get(columns.conversation or "", "").strip()
        if columns.conversation and not key:
            bad.append(Bad(line, f"nothing in column {columns.conversation!r}"))
        elif not label:
            bad.append(Bad(line, f"nothing in column {columns.role!r}"))
        elif said:
            at = cells.get(columns.time or "", "")
            yield Message(key, label, said, at, **_about(cells, columns), line=line)


def _about(cells: Row, columns: Columns) -> dict[str, str]:
    names = ("agent", "customer", "language", "channel", "outcome", "rating")
    return {n: cells.get(getattr(columns, n) or "", "").strip()[:200] for n in names}


def _said(cells: Row, column: str | None) -> str:
    return plain(cells.get(column or "", "")).strip()[:LONGEST_TEXT]


def _by_silence(
    messages: Iterable[Message], columns: Columns, stem: str
) -> Iterator[list[Message]]:
    some: list[Message] = []
    before: datetime | None = None
    for message in messages:
        at = parse_time(message.time, month_first=columns.month_first)
        silent = at and before and abs((at - before).total_seconds()) > SILENCE
        if some and (silent or len(some) >= _LONGEST_TALK):
            yield some
            some = []
        number = some[0].line if some else message.line
        some.append(message._replace(conversation=f"{stem}-{number}"))
        before = at or before
    if some:
        yield some


def _conversation(messages: Sequence[Message], columns: Columns) -> Item:
    first = messages[0].label
    turns: list[Turn] = []
    times: list[datetime | None] = []
    agents: list[str] = []
    customer = ""
    for message in messages:
        role = author_role(message.label, first, columns.roles)
        if role == "skip":
            continue
        at = parse_time(message.time, month_first=columns.month_first)
        turns.append(Turn(role, message.text, at))
        times.append(at)
        named = name_in(message.label) if len(message.label) > 2 else None
        if role == "agent":
            agents += [name for name in (message.agent, named) if name]
        else:
            customer = customer or named or ""
    if not turns:
        return Bad(messages[0].line, "no message of a customer or an agent")
    if all(times):
        turns.sort(key=lambda turn: turn.at.timestamp() if turn.at else 0.0)
    shared = messages[0]
    shared = shared._replace(customer=shared.customer or customer)
    return _built(shared, turns, times, agents)


def _built(
    shared: Message, turns: Sequence[Turn], times: Sequence[datetime | None], agents: list[str]
) -> Conversation:
    known = [time for time in times if time]
    return Conversation(
        id=shared.conversation,
        language=shared.language[:2].lower() or guess_language(tuple(turns)),
        turns=tuple(turns),
        channel=shared.channel or None,
        started=min(known) if known else None,
        agent="; ".join(dict.fromkeys(agents)) or None,
        outcome=_OUTCOMES.get(shared.outcome.lower()),
        rating=rating(int(shared.rating) if shared.rating.isdecimal() else shared.rating),
        customer=shared.customer or None,
    )


class _Place:
    """Decoded lines for the csv module, and the number of the one given last."""

    def __init__(self, stream: Any) -> None:
        self._lines = lines(stream)
        self.line = 0

    def __iter__(self) -> _Place:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.line += 1
        if line is None:
            raise csv.Error(f"longer than {items.LONGEST_RECORD // 1024**2} MB")
        return line.decode("utf-8", "replace").replace("\x00", "")


def _quoting(delimiter: str, head: bytes) -> Literal[0, 3]:
    """Exports with tabs mostly do not quote: a lone quote there is a sign like any other."""
    if delimiter == "\t" and head.count(b'\t"') < 2 and not head.startswith(b'"'):
        return csv.QUOTE_NONE
    return csv.QUOTE_MINIMAL


def _dialect(head: bytes) -> tuple[str, bool, int]:
    """Delimiter, whether a header stands first, and the number of columns."""
    csv.field_size_limit(_LONGEST_FIELD)
    text = head.decode("utf-8", "replace").replace("\x00", "")
    best: tuple[float, str, list[list[str]]] = (0.0, ",", [])
    for delimiter in _DELIMITERS:
        rows = _sample(text, delimiter, head)
        widths = [len(row) for row in rows]
        common = max(set(widths), key=widths.count) if widths else 1
        score = widths.count(common) / len(widths) * min(common, 12) if common > 1 else 0.0
        if score > best[0]:
            best = (score, delimiter, rows)
    _, delimiter, rows = best
    if not rows:
        return ",", True, 1
    return delimiter, _headed(rows), max(map(len, rows))


def _sample(text: str, delimiter: str, head: bytes) -> list[list[str]]:
    whole = text.splitlines()[: 200 if len(text) < 60_000 else -1][:200]
    found: list[list[str]] = []
    reader = csv.reader(whole, delimiter=delimiter, quoting=_quoting(delimiter, head))
    while True:
        try:
            found += [row for row in itertools.islice(reader, 200) if row]
            return found
        except csv.Error:
            continue


def _headed(rows: Sequence[Sequence[str]]) -> bool:
    first, rest = rows[0], rows[1:]
    if any(cell.strip().replace(".", "").isdigit() or len(cell) > 40 for cell in first):
        return False
    if len(set(first)) < len(first):
        return False
    if known_header(first):
        return True
    return any(
        any(row[i].strip().isdigit() for row in rest if i < len(row)) for i in range(len(first))
    )
