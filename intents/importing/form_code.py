"""The forms of Rasa 1.x, whose slots stand in Python: read from the code, which is never run.

Only what is written down literally is read: the names in ``required_slots`` and the calls of
``from_entity``, ``from_text``, ``from_intent`` and ``from_trigger_intent`` in ``slot_mappings``.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

from intents.assistant import Assistant, Slot, SlotMapping
from intents.importing.source import Source
from intents.reading.nodes import names_in
from intents.reading.slots import ALWAYS, CUSTOM, joined
from models.errors import DataError

_BASE = "FormAction"
_KINDS = ("from_entity", "from_text", "from_intent", "from_trigger_intent")


@dataclass(frozen=True)
class CodedForm:
    """A form as its class tells: the slots in order, and how each is filled where it says so."""

    name: str
    required: tuple[str, ...]
    mappings: dict[str, tuple[SlotMapping, ...]]


def fill_forms(source: Source, assistant: Assistant) -> list[str]:
    """Give forms that name no slots those of their code; returns the names of these forms."""
    bare = {name for name, form in assistant.forms.items() if not form.required_slots}
    found = [form for form in _forms(source) if form.name in bare and form.required] if bare else []
    for form in found:
        declared = assistant.forms[form.name]
        assistant.forms[form.name] = replace(declared, required_slots=form.required)
        for name in form.required:
            own = form.mappings.get(name) or (SlotMapping("from_entity", name),)
            _fill(assistant, form.name, name, own)
    return [form.name for form in found]


def _fill(assistant: Assistant, form: str, name: str, own: tuple[SlotMapping, ...]) -> None:
    slot = assistant.slots.get(name) or Slot(name, place=assistant.forms[form].place)
    mappings = tuple(one for one in slot.mappings if one != CUSTOM)
    for new in own:
        mappings = joined(mappings, new, (form, None if new.type in ALWAYS else name))
    assistant.slots[name] = replace(slot, mappings=mappings)


def _forms(source: Source) -> Iterator[CodedForm]:
    for name in source.names(".py"):
        if _BASE.encode() not in source.files[name]:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of escapes in the project's own strings
                tree = ast.parse(source.text(name))
        except (SyntaxError, ValueError, RecursionError, MemoryError, DataError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(map(_is_form, node.bases)):
                yield from _form(node)


def _is_form(base: ast.expr) -> bool:
    named = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
    return named == _BASE


def _form(node: ast.ClassDef) -> Iterator[CodedForm]:
    said = {
        item.name: [one.value for one in ast.walk(item) if isinstance(one, ast.Return)]
        for item in node.body
        if isinstance(item, ast.FunctionDef)
    }
    names = [value for value in map(_literal, said.get("name", ())) if isinstance(value, str)]
    required = [_literal(value) for value in said.get("required_slots", ())]
    listed = [name for value in required if isinstance(value, list) for name in names_in(value)]
    mappings: dict[str, tuple[SlotMapping, ...]] = {}
    for value in said.get("slot_mappings", ()):
        if not isinstance(value, ast.Dict):
            continue
        for key, told in zip(value.keys, value.values, strict=True):
            slot = _literal(key)
            if isinstance(slot, str):
                mappings[slot] = tuple(_mappings(told, slot))
    if names:
        yield CodedForm(names[0], tuple(dict.fromkeys(listed)), mappings)


def _mappings(node: ast.expr, slot: str) -> Iterator[SlotMapping]:
    for one in node.elts if isinstance(node, ast.List | ast.Tuple) else [node]:
        if not isinstance(one, ast.Call) or not isinstance(one.func, ast.Attribute):
            continue
        kind = one.func.attr
        given = {key.arg: _literal(key.value) for key in one.keywords if key.arg}
        if kind == "from_entity" and one.args:
            given.setdefault("entity", _literal(one.args[0]))
        if kind not in _KINDS:
            continue
        entity = str(given.get("entity") or slot) if kind == "from_entity" else None
        yield SlotMapping(
            kind,
            entity,
            names_in(given.get("intent")),
            names_in(given.get("not_intent")),
            _text(given.get("role")),
            _text(given.get("group")),
            given.get("value"),
        )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _literal(node: ast.expr | None) -> object:
    """The value of a literal; None for anything that would have to be run."""
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
