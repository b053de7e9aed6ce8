"""What an assistant says, without where it says it: two of the same content are the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from intents.assistant import Assistant, Place

_WHERE = {"folder", "files", "problems", "place", "file", "line"}


def content(assistant: Assistant) -> dict[str, Any]:
    """The parts of an assistant as plain data, training lines in the order of their texts."""
    found: dict[str, Any] = _bare(assistant)
    found["examples"].sort(key=repr)
    return found


def _bare(value: Any) -> Any:
    fields = getattr(value, "__dataclass_fields__", None)
    if isinstance(value, Place):
        return None
    if fields is not None:
        return {name: _bare(getattr(value, name)) for name in fields if name not in _WHERE}
    if isinstance(value, Mapping):
        return {key: _bare(part) for key, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [_bare(part) for part in value]
    return value


def differences(first: Assistant, second: Assistant) -> list[str]:
    """The parts in which two assistants differ, such as ``slots`` or ``examples``."""
    one, two = content(first), content(second)
    return [part for part, value in one.items() if value != two[part]]
