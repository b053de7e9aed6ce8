"""Plain data as YAML text that YAML 1.1 and 1.2 read alike: every text in doubt is quoted."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from intents.writing.yamledit import name_of


class Block(tuple[str, ...]):
    """Lines that are written as a literal block, each with a dash in front: ``examples: |``."""


def document(value: Mapping[str, Any]) -> str:
    """A map as a whole file, its top-level parts set apart by blank lines."""
    parts = ["\n".join(_rows({key: part})) for key, part in value.items()]
    return "\n\n".join(parts) + "\n" if parts else ""


def _rows(value: Any) -> list[str]:
    """A map or list, without indentation."""
    rows: list[str] = []
    if isinstance(value, Mapping):
        for key, part in value.items():
            rows += _entry(f"{name_of(str(key))}:", part)
        return rows
    for item in value:
        if _is_leaf(item):
            rows.append(f"- {_leaf(item)}")
        else:
            first, *rest = _rows(item)
            rows += [f"- {first}", *("  " + row for row in rest)]
    return rows


def _entry(head: str, value: Any) -> list[str]:
    if isinstance(value, Block):
        return [f"{head} |", *(f"  - {row}" for row in value)]
    if _is_leaf(value):
        return [f"{head} {_leaf(value)}"]
    return [head, *("  " + row for row in _rows(value))]


def _is_leaf(value: Any) -> bool:
    return not (isinstance(value, Mapping | Sequence) and not isinstance(value, str)) or not value


def _leaf(value: Any) -> str:
    if isinstance(value, str):
        return name_of(value)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, Sequence):
        return "[]"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return json.dumps(value)
