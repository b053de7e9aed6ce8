"""The names and numbers met in a conversation: said once with a cue, known without it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from retrieval.redaction.names import variants
from retrieval.redaction.spans import Span, fold

REPEATED = frozenset(
    ("order_id", "tracking_no", "invoice_no", "account_no", "id_no", "plate_no", "code", "password")
)
"""Kinds of numbers that are known again wherever they stand."""


class People:
    """The names and numbers met in a conversation: said once with a cue, known without it."""

    def __init__(self, agents: Iterable[str], customer: str | None = None) -> None:
        names = sorted({fold(a).strip() for a in agents} - {""}, key=len, reverse=True)
        own = "|".join(map(re.escape, names))
        self._agents = re.compile(rf"(?<![A-Za-z])(?:{own})(?![A-Za-z])") if names else None
        said = fold(customer or "").strip()
        self._names: dict[str, None] = dict.fromkeys([said] if re.search(r"[^\W\d_]", said) else [])
        self._numbers: dict[str, str] = {}

    def note(self, text: str, spans: Iterable[Span]) -> None:
        """Remember what ``spans`` of ``text`` say."""
        for span in spans:
            if span.kind == "customer_name":
                self._names.setdefault(fold(text[span.start : span.end]).strip())
            elif span.kind in REPEATED:
                value = fold(text[span.start : span.end]).strip(" #")
                if len(value) >= 5 and any(map(str.isdigit, value)):
                    self._numbers.setdefault(value, span.kind)

    def staff(self, text: str) -> Iterator[Span]:
        """Names of the staff in ``text``."""
        for match in self._agents.finditer(text) if self._agents else ():
            yield Span(*match.span(), "agent_name")

    def seek(self, text: str) -> Iterator[Span]:
        """Whatever is known already in ``text``."""
        for name in self._names:
            for pattern in variants(name):
                for match in re.finditer(pattern, text):
                    yield Span(*match.span(), "customer_name")
        for value, kind in self._numbers.items():
            for match in re.finditer(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])", text):
                yield Span(*match.span(), kind)
