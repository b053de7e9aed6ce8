"""What a reply may state: its template with the values in place, and the facts beside it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from models.checking.items import Item, read_items

_HOLE = re.compile(r"\{\{|\}\}|\{\s*([^{}\n]{1,80}?)\s*\}")
_PART = re.compile(r"\[\[(?P<open>\[\[)?|\]\]")
_RULE = re.compile(r"(?:if|plural)\s[^:\]|\[{}]{1,200}:[ ]?|measure\s+[^\s\]]+\s*(?=\]\])")
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
KEPT = "\n\t\u200c\u200d"
_WIDE = {c: c - 0xFEE0 for c in range(0xFF01, 0xFF5F) if chr(c) not in "，！？：；（）～"}
_FOLD = _WIDE | {0x3000: " ", 0xA0: " ", 0x202F: " ", 0x2009: " "}


@dataclass(frozen=True)
class Stated:
    """A value that a reply may state, as it is kept, and of which type it is.

    Types: ``text money number date datetime time`` and names for texts (``name``, ``code``, …).
    """

    value: object
    type: str = "text"


@dataclass(frozen=True)
class Sources:
    """All that a reply may be made of."""

    template: str
    values: Mapping[str, Stated]
    language: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Known:
    """An item of the sources; ``name`` is the placeholder it fills, ``needed`` must be said."""

    item: Item
    name: str | None
    needed: bool


@dataclass(frozen=True)
class Ground:
    """A text of the sources as it can be compared: values written in, items found."""

    text: str
    known: tuple[Known, ...]
    """Items in the order of the text; a value whose letters count is one item."""
    inside: tuple[Known, ...] = ()
    """What can be read within such values."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Placeholders whose values must be repeated letter by letter."""


def folded(text: str) -> str:
    """Wide letters, digits and blanks as plain ones; every offset stays."""
    return text.translate(_FOLD)


def seen(text: str) -> str:
    """What can be seen of a text: no character that controls, turns or hides what stands beside."""
    return "".join(c for c in text if c in KEPT or unicodedata.category(c) not in UNSEEN)


def loose(text: str) -> str:
    """A text as two writers of the same would both have it."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def ground(sources: Sources) -> Ground:
    """The template with its values, and what of it must be kept."""
    shown_pieces: list[str] = []
    known: list[Known] = []
    inside: list[Known] = []
    texts: dict[str, str] = {}
    length, optional = 0, 0
    spans: list[tuple[int, int, str, bool]] = []
    literals: list[tuple[int, int, bool]] = []
    for kind, piece in pieces(sources.template):
        if kind == "part":
            optional = max(0, optional + (1 if piece == "[[" else -1))
            continue
        shown = " " if kind == "bar" else piece
        if kind == "place":
            stated = sources.values.get(piece)
            shown = surface(stated) if stated is not None else ""
            spans.append((length, length + len(shown), piece, not optional))
            if stated is not None and exact(stated) is None and not optional:
                texts[piece] = shown
        else:
            literals.append((length, length + len(shown), not optional))
        shown_pieces.append(shown)
        length += len(shown)
    text = folded("".join(shown_pieces))
    covered = [(start, end) for start, end, _, _ in spans]
    whole_text = read_items(text)
    for start, end, name, needed in spans:
        item = exact(sources.values[name]) if name in sources.values else None
        counted = _with_unit(whole_text, start, end) if item and item[0] == "number" else None
        if counted is not None:
            known.append(Known(counted, name, needed))
            covered.append((counted.start, counted.end))
        elif item is not None:
            kind, key = item
            known.append(Known(Item(kind, key, start, end, text[start:end]), name, needed))
        elif end > start:
            whole = Item("value", (loose(text[start:end]), 0), start, end, text[start:end])
            known.append(Known(whole, name, False))
            inside += [Known(item, name, False) for item in read_items(text[start:end])]
    for item_ in read_items(_blanked(text, covered)):
        needed = any(a <= item_.start < b and keep for a, b, keep in literals)
        known.append(Known(item_, None, needed and not item_.small))
    return Ground(text, tuple(sorted(known, key=lambda k: k.item.start)), tuple(inside), texts)


def _with_unit(items: list[Item], start: int, end: int) -> Item | None:
    """The item that a number is with the template's own unit: ``7`` in ``7 days``."""
    units = ("length", "measure", "money", "percent")
    around = (i for i in items if i.start <= start and end <= i.end and i.kind in units)
    return next(around, None)


def fact(text: str) -> Ground:
    """A fact: may be said, need not."""
    plain = folded(text)
    return Ground(plain, tuple(Known(item, None, False) for item in read_items(plain)))


def surface(stated: Stated) -> str:
    """A value in a form that is read back as what it is."""
    read = exact(stated)
    if read is None:
        return folded(seen(str(stated.value)))
    kind, key = read
    if kind == "money":
        return f"{key[1]:f} {key[0]}"
    if kind == "date":
        return f"{key[0]:04}-{key[1]:02}-{key[2]:02}" if key[0] else f"{key[1]}月{key[2]}日"
    if kind == "time":
        minutes = int(str(key[0]))
        return f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{key[0]:f}%" if kind == "percent" else f"{key[0]:f}"


def exact(stated: Stated) -> tuple[str, tuple[object, ...]] | None:
    """The item that a typed value is, or None where its letters count."""
    value, kind = stated.value, stated.type
    try:
        if kind in ("money", "amount", "price", "currency"):
            return _money(value)
        if kind in ("number", "count", "integer", "quantity", "points"):
            plain = Decimal(str(value).replace(",", "").strip()).normalize()
            return "number", (plain, plain)
        if kind in ("date", "day", "datetime") or isinstance(value, date):
            day = value if isinstance(value, date) else datetime.fromisoformat(str(value).strip())
            return "date", (day.year, day.month, day.day, None)
        if kind == "percent":
            return "percent", (Decimal(str(value).strip()).normalize(), 0)
        if kind == "time" or isinstance(value, time):
            clock = value if isinstance(value, time) else time.fromisoformat(str(value).strip())
            return "time", (clock.hour * 60 + clock.minute, 0)
    except (ValueError, InvalidOperation):
        pass
    if kind == "text" or not isinstance(value, str):
        return None
    found = read_items(folded(value))
    whole = [i for i in found if i.end - i.start == len(value.strip())]
    return (whole[0].kind, whole[0].key) if whole and kind in ("date", "time", "money") else None


def _money(value: object) -> tuple[str, tuple[object, ...]]:
    parts = str(value).replace(",", "").split()
    if len(parts) > 1 or not parts[0][0].isdigit() or not parts[0][-1].isdigit():
        found = [i for i in read_items(folded(str(value))) if i.kind == "money"]
        if found:
            return "money", found[0].key
    return "money", ("CNY", Decimal(parts[0]).normalize(), 0)


@lru_cache(maxsize=1024)
def pieces(template: str) -> tuple[tuple[str, str], ...]:
    """Literals, placeholders and the brackets of parts, by this module's own reading."""
    parts: list[tuple[str, str]] = []
    at = 0
    inside = 0
    while at < len(template):
        part = _PART.match(template, at)
        if part and part["open"]:
            parts.append(("text", "[["))
            at = part.end()
            continue
        if part and (part.group() == "[[" or inside):
            inside += 1 if part.group() == "[[" else -1
            parts.append(("part", part.group()))
            at = part.end()
            rule = _RULE.match(template, at) if part.group() == "[[" else None
            at = rule.end() if rule else at
            continue
        hole = _HOLE.match(template, at)
        if hole:
            name = hole.group(1)
            parts.append(("place", name) if name else ("text", hole.group()[0]))
            at = hole.end()
            continue
        char = template[at]
        parts.append(("bar", char) if inside and char == "|" else ("text", char))
        at += 1
    return _joined(parts)


def _joined(pieces: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    joined: list[tuple[str, str]] = []
    for kind, piece in pieces:
        if joined and kind == joined[-1][0] == "text":
            joined[-1] = ("text", joined[-1][1] + piece)
        else:
            joined.append((kind, piece))
    return tuple(joined)


def _blanked(text: str, spans: list[tuple[int, int]]) -> str:
    """``text`` with a sign that joins nothing where the spans were."""
    for start, end in spans:
        text = text[:start] + "\x00" * (end - start) + text[end:]
    return text
