"""Placeholders for what was found: the same value has the same one throughout a conversation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from retrieval.redaction.names import same_person
from retrieval.redaction.people import REPEATED
from retrieval.redaction.spans import KINDS, PLACEHOLDER, Span, fold

NAMES = ("customer_name", "agent_name")
"""Kinds of placeholder that stand for people."""


@dataclass(frozen=True)
class Redacted:
    """``text[start:end]`` of the original stands as ``placeholder`` now."""

    start: int
    end: int
    kind: str
    placeholder: str


class Naming:
    """Gives values their placeholders, the first of a kind without a number."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._counts: dict[str, int] = {}
        self._given: dict[tuple[str, str], str] = {}
        for text in texts:
            for match in PLACEHOLDER.finditer(text):
                count = int(match.group(2) or 1)
                self._counts[match.group(1)] = max(count, self._counts.get(match.group(1), 0))

    def hide(self, text: str, spans: Sequence[Span]) -> tuple[str, tuple[Redacted, ...]]:
        """``text`` with its ``spans`` replaced, and what each was replaced by."""
        pieces, done, at = [], [], 0
        for span in spans:
            value = text[span.start : span.end]
            if PLACEHOLDER.fullmatch(value):
                continue
            placeholder = self._placeholder(span.kind, value)
            pieces += [text[at : span.start], placeholder]
            done.append(Redacted(span.start, span.end, span.kind, placeholder))
            at = span.end
        return "".join([*pieces, text[at:]]), tuple(done)

    def _placeholder(self, kind: str, value: str) -> str:
        key = (kind, _canonical(kind, value))
        if kind == "customer_name":
            known = next(
                (k for k in self._given if k[0] == kind and same_person(k[1], key[1])), key
            )
            # The longest writing of a name knows most about whom else it can mean.
            if known in self._given and len(key[1]) > len(known[1]):
                self._given[key] = self._given[known]
            key = known
        if key not in self._given:
            count = self._counts[kind] = self._counts.get(kind, 0) + 1
            self._given[key] = f"{{{kind}}}" if count == 1 else f"{{{kind}_{count}}}"
        return self._given[key]


def _canonical(kind: str, value: str) -> str:
    value = fold(value).lower()
    if kind in ("phone", "card_no", "id_no"):
        digits = re.sub(r"\D", "", value)
        return digits[-11:] if kind == "phone" and len(digits) > 11 else digits or value
    if kind in NAMES:
        return " ".join(value.split())
    return re.sub(r"[\s-]", "", value)


def alike(texts: Sequence[str], found: Sequence[list[Span]]) -> list[list[Span]]:
    """The same number as the same kind throughout, the one that tells most."""
    kinds: dict[str, str] = {}
    for text, spans in zip(texts, found, strict=True):
        for span in spans:
            if span.kind in REPEATED:
                value = _canonical(span.kind, text[span.start : span.end])
                kinds[value] = min(span.kind, kinds.get(value, span.kind), key=KINDS.index)
    return [
        [
            replace(span, kind=kinds[_canonical(span.kind, text[span.start : span.end])])
            if span.kind in REPEATED
            else span
            for span in spans
        ]
        for text, spans in zip(texts, found, strict=True)
    ]
