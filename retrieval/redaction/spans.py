"""Stretches of text that say who somebody is, and the text as detectors see it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

KINDS = (
    "email", "link", "order_id", "tracking_no", "card_no", "id_no", "iban", "tax_no", "phone",
    "phone_tail", "invoice_no", "plate_no", "password", "account_no", "voucher_code",
    "address", "code", "company", "customer_name", "agent_name", "amount", "date",
)  # fmt: skip
"""Every kind of placeholder, the more certain first: where two overlap, the earlier names both."""

VALUES = frozenset({"amount", "date"})
"""Kinds that are facts more often than traces of a person."""

PERSONAL = frozenset(KINDS) - VALUES

PLACEHOLDER = re.compile(rf"\{{({'|'.join(KINDS)})(?:_(\d{{1,3}}))?\}}")

_MASKS = {kind: chr(0xE000 + number) for number, kind in enumerate(KINDS)}
MASK = f"[{chr(0xE000)}-{chr(0xE000 + len(KINDS) - 1)}]"
"""Pattern of any stretch that is already known."""


def mask_of(*kinds: str) -> str:
    """Pattern of a stretch that is known to be of one of ``kinds``."""
    return "[" + "".join(_MASKS[kind] for kind in kinds) + "]"


@dataclass(frozen=True, order=True)
class Span:
    """``text[start:end]`` is of ``kind``."""

    start: int
    end: int
    kind: str


def merge(spans: Iterable[Span]) -> list[Span]:
    """Spans in order without overlap; overlapping ones become one, so that no part is left."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            kind = min(last.kind, span.kind, key=_rank)
            merged[-1] = Span(last.start, max(last.end, span.end), kind)
        elif span.end > span.start:
            merged.append(span)
    return merged


def beside(span: Span, known: Iterable[Span]) -> list[Span]:
    """What ``known``, in order, leaves of ``span``."""
    left, at = [], span.start
    for other in known:
        if other.start < span.end and span.start < other.end:
            left.append(Span(at, max(at, other.start), span.kind))
            at = max(at, other.end)
    left.append(Span(at, max(at, span.end), span.kind))
    return [piece for piece in left if piece.end > piece.start]


class View:
    """A text with known spans folded to one character each, for detectors to look at.

    Because a span's length does not show, a text whose spans were replaced by placeholders looks
    the same: what was found nothing in stays so.
    """

    def __init__(self, text: str, known: Sequence[Span]) -> None:
        pieces: list[str] = []
        self._origin: list[int] = []
        at = 0
        for span in [*known, Span(len(text), len(text), "")]:
            pieces.append(fold(text[at : span.start]))
            self._origin += range(at, span.start)
            if span.kind:
                pieces.append(_MASKS[span.kind])
                self._origin.append(span.start)
            at = span.end
        self._origin.append(len(text))
        self._ends = {span.start: span.end for span in known}
        self.text = "".join(pieces)

    def to_text(self, spans: Iterable[Span]) -> list[Span]:
        """Spans of the view in the text's own positions."""
        found = []
        for span in spans:
            last = self._origin[span.end - 1]
            found.append(Span(self._origin[span.start], self._ends.get(last, last + 1), span.kind))
        return found

    def from_text(self, start: int, end: int, kind: str) -> tuple[int, int, str] | None:
        """A stretch of the text in the view's positions; None where it is wholly known."""
        inside = [i for i, at in enumerate(self._origin[:-1]) if start <= at < end]
        if all(re.match(MASK, self.text[i]) for i in inside):
            return None
        return inside[0], inside[-1] + 1, kind


def placeholders(text: str) -> list[Span]:
    """Spans of ``text`` that are placeholders already."""
    return [Span(*m.span(), m.group(1)) for m in PLACEHOLDER.finditer(text)]


def fold(text: str) -> str:
    """Full-width forms and dashes made plain, invisible characters blanks; the length stays."""
    return text if text.isascii() else "".join(map(_folded, text))


@cache
def _folded(char: str) -> str:
    if char.isascii() or "一" <= char <= "鿿":
        return char
    if unicodedata.category(char) in ("Cf", "Co", "Cc", "Zs", "Cs"):
        return " "
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.digit(char))
    if unicodedata.category(char) == "Pd":
        return "-"
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def _rank(kind: str) -> int:
    return KINDS.index(kind)
