"""The end of an import: lines that come twice, intents that nothing is said of, marks."""

from __future__ import annotations

from dataclasses import replace

from intents.assistant import BUILT_IN_INTENTS, Rule
from intents.examples import Example
from intents.importing.report import APPROXIMATED, LEFT_OUT, Import, Note
from intents.reading.nlu import close_annotations
from intents.reading.slots import CUSTOM

MOST = 20
"""Findings of one kind that are told one by one."""


def close(found: Import) -> None:
    """Make an imported assistant whole: each line once, no intent without lines, marks for all."""
    assistant = found.assistant
    assistant.examples = _once(assistant.examples)
    _tell_contradictions(found)
    _drop_silent_intents(found)
    # where nothing is marked, nobody has looked for entities
    lines = [replace(example, entities=example.entities or None) for example in assistant.examples]
    assistant.examples = close_annotations(lines)
    for name, slot in assistant.slots.items():
        if not slot.mappings:
            assistant.slots[name] = replace(slot, mappings=(CUSTOM,))


def _once(examples: list[Example]) -> list[Example]:
    kept: dict[tuple[str, str | None], Example] = {}
    for example in examples:
        key = (example.text, example.intent)
        if key not in kept or (example.entities and not kept[key].entities):
            kept[key] = example
    return list(kept.values())


def _tell_contradictions(found: Import) -> None:
    first: dict[str, Example] = {}
    told = 0
    for example in found.assistant.examples:
        other = first.setdefault(example.text.casefold(), example)
        if other.intent != example.intent:
            told += 1
            if told <= MOST:
                what = f"{example.text[:50]!r} is of {example.intent} and of {other.intent}"
                note = "There a context tells them apart, here one text has one intent: merge them."
                found.notes.append(Note(APPROXIMATED, example.file, example.line, what, note))
    if told > MOST:
        found.notes.append(
            Note(APPROXIMATED, "", 0, f"{told - MOST} more such texts", "Merge their intents.")
        )


def _drop_silent_intents(found: Import) -> None:
    """Leave out intents without a line, with the rules and stories that begin with them."""
    assistant = found.assistant
    said = {(example.intent or "").split("/")[0] for example in assistant.examples}
    silent = [n for n in assistant.intents if n not in said and n not in BUILT_IN_INTENTS]
    for name in silent:
        place = assistant.intents.pop(name).place
        what = f"the intent {name}, of which there is no training line"
        note = "Nothing would be understood as it; write lines and declare it."
        found.notes.append(Note(LEFT_OUT, place.file, place.line, what, note))
    settings = assistant.settings
    told = {name: about for name, about in settings.intents.items() if name not in silent}
    assistant.settings = replace(settings, intents=told)
    for rules in (assistant.rules, assistant.stories):
        rules[:] = [rule for rule in rules if not _names(rule, silent)]


def _names(rule: Rule, intents: list[str]) -> bool:
    return any(step.kind == "intent" and step.value in intents for step in rule.steps)
