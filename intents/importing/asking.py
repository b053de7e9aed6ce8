"""Slots that an intent wants, and the form that asks for those it cannot do without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from intents.assistant import SlotMapping
from intents.importing.draft import Draft, Message


@dataclass(frozen=True)
class Wanted:
    """A slot of an intent: filled from ``entity`` (in ``role``), or from the whole message.

    ``sure`` is an entity that is found by rules or lists; where it is not, what the customer
    answers to the question is taken as it is.
    """

    slot: str
    entity: str | None = None
    role: str | None = None
    sure: bool = False
    required: bool = True
    question: Mapping[str, Sequence[Message]] = field(default_factory=dict)


def ask(
    draft: Draft, intent: str, wanted: Sequence[Wanted], file: str, line: int, form: str = ""
) -> str | None:
    """Declare the slots, and a form for the required ones; its name, or None where none is."""
    needed = [one for one in wanted if one.required]
    name = draft.name("form", form or f"{intent}_form") if needed else None
    for one in wanted:
        mappings = []
        if one.entity is not None and intent:
            mappings.append(
                SlotMapping("from_entity", one.entity, intents=(intent,), role=one.role)
            )
        if name is not None and one.required:
            asked = ((name, one.slot),)
            if one.entity is not None:
                mappings.append(SlotMapping("from_entity", one.entity, conditions=asked))
            if not one.sure:
                mappings.append(SlotMapping("from_text", conditions=asked))
        draft.slot(one.slot, *mappings, kind="any" if one.sure else "text")
    if name is None:
        return None
    for one in needed:
        _question(draft, name, one, file, line)
    return draft.form(form or f"{intent}_form", [one.slot for one in needed], file, line)


def _question(draft: Draft, form: str, one: Wanted, file: str, line: int) -> None:
    said = one.question
    if not any(message.texts for messages in said.values() for message in messages):
        shown = one.slot.replace("_", " ").replace("-", " ")
        said = {draft.languages[0]: [Message((f"{shown}?",))]}
        what = f"the question for {one.slot}, of which there is none"
        draft.approximated(file, line, what, f"It asks {shown + '?'!r}; write a better one.")
    draft.response(f"utter_ask_{form}_{one.slot}", said, file, line)
