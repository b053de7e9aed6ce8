"""Whether an assistant's parts fit together; every finding has file, line and remedy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from intents.assistant import (
    BUILT_IN_ACTIONS,
    BUILT_IN_INTENTS,
    Assistant,
    Place,
    Rule,
    Step,
)
from intents.dialogue.policy import Dialogue
from intents.examples import OUT_OF_SCOPE, Example
from intents.reading.marks import overlapping, span_problem
from intents.validate_responses import problem_at, response_findings
from models.errors import Problem

FEWEST = 5
"""Lines below which an intent is reported as hardly learnable."""


def validate(assistant: Assistant) -> list[Problem]:
    """All findings: those made while reading, and those about how the parts fit.

    Errors keep the assistant from working; warnings are worth a look, among them whatever Rasa
    itself trains with. Sorted by file and line.
    """
    checks = (
        _undeclared_intents,
        _intents_without_examples,
        _repeated_texts,
        _entities,
        _rules,
        _dialogue,
        _forms,
        _slots,
        response_findings,
        _settings,
    )
    found = list(assistant.problems)
    for check in checks:
        found += check(assistant)
    return sorted(set(found), key=lambda p: (p.severity != "error", p.file, p.line, p.expected))


def _undeclared_intents(assistant: Assistant) -> Iterator[Problem]:
    if not assistant.intents:
        return
    reported = set()
    for example in assistant.examples:
        name = (example.intent or "").split("/")[0]
        if name and name not in assistant.intents and name not in reported:
            reported.add(name)
            yield problem_at(
                Place(example.file, example.line),
                "an intent of the domain",
                f"lines of {name!r}, which is not declared",
                f"Add '- {name}' under intents, or mend the name.",
                "warning",
            )


def _intents_without_examples(assistant: Assistant) -> Iterator[Problem]:
    counts = Counter((example.intent or "").split("/")[0] for example in assistant.examples)
    for name, info in assistant.intents.items():
        described = name in assistant.settings.intents and (
            assistant.settings.intents[name].description
        )
        # What is described works by its description until lines are there.
        if not counts[name] and (name in BUILT_IN_INTENTS or described):
            continue
        if not counts[name]:
            yield problem_at(
                info.place,
                f"training lines of {name}",
                "none",
                "Write at least five, or remove the intent; buttons and actions alone can mean it.",
                "warning",
            )
        elif counts[name] < FEWEST:
            yield problem_at(
                info.place,
                f"at least {FEWEST} training lines of {name}",
                str(counts[name]),
                "Write some more.",
                "warning",
            )


def _repeated_texts(assistant: Assistant) -> Iterator[Problem]:
    seen: dict[str, list[Example]] = defaultdict(list)
    for example in assistant.examples:
        if example.intent:
            seen[example.text.casefold().strip()].append(example)
    for lines in seen.values():
        first = lines[0]
        for other in lines[1:]:
            place = Place(other.file, other.line)
            if other.intent != first.intent:
                yield problem_at(
                    place,
                    "a text under one intent",
                    f"{other.text[:50]!r} under {other.intent} and, in {first.place}, under "
                    f"{first.intent}",
                    "Keep it where it belongs; until then it counts for both.",
                    "warning",
                )
            else:
                yield problem_at(
                    place,
                    "each text once",
                    f"{other.text[:50]!r} again, first in {first.place}",
                    "Remove one.",
                    "warning",
                )


def _entities(assistant: Assistant) -> Iterator[Problem]:
    reported: set[tuple[str, str]] = set()
    for example in assistant.examples:
        place = Place(example.file, example.line)
        for entity in example.entities or ():
            wrong = span_problem(example.text, entity)
            if wrong is not None:
                yield problem_at(
                    place, "a mark around a value, without blanks", wrong, "Move the brackets."
                )
            key = (entity.entity, example.file)
            if (
                assistant.entities
                and entity.entity not in assistant.entities
                and key not in reported
            ):
                reported.add(key)
                yield problem_at(
                    place,
                    "an entity type of the domain",
                    f"marks of {entity.entity!r}, which is not declared",
                    f"Add '- {entity.entity}' under entities, or mend the mark.",
                    "warning",
                )
            info = assistant.entities.get(entity.entity)
            for kind, value, known in (
                ("role", entity.role, info.roles if info else ()),
                ("group", entity.group, info.groups if info else ()),
            ):
                if value is not None and info is not None and value not in known:
                    yield problem_at(
                        place,
                        f"a declared {kind} of {entity.entity}",
                        repr(value),
                        f"Add it to the {kind}s of {entity.entity}.",
                        "warning",
                    )
        clash = overlapping(example.entities or ())
        if clash is not None:
            yield problem_at(place, "marks that do not overlap", example.text[:60], "Keep one.")
    for item in (*assistant.lookups, *assistant.regexes):
        if assistant.entities and item.name not in assistant.entities:
            yield problem_at(
                item.place,
                "an entity type of the domain",
                f"{item.name!r}",
                "Declare it under entities, or remove the item.",
                "warning",
            )


def _rules(assistant: Assistant) -> Iterator[Problem]:
    names: dict[str, Rule] = {}
    for rule in assistant.rules:
        if rule.name in names:
            yield problem_at(
                rule.place,
                "rules with different names",
                f"{rule.name!r} again, first in line {names[rule.name].place.line} of "
                f"{names[rule.name].place.file}",
                "Rename one.",
                "warning",
            )
        names.setdefault(rule.name, rule)
        if not rule.steps:
            yield problem_at(rule.place, "steps", "none", "Write what happens.")
    for rule in (*assistant.rules, *assistant.stories):
        for step in _steps((*rule.condition, *rule.steps)):
            yield from _step(assistant, step, rule)


def _dialogue(assistant: Assistant) -> Iterator[Problem]:
    """Rules against stories, and checkpoints that lead nowhere or in a circle."""
    yield from Dialogue.of(assistant, learn=False).problems


def _steps(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if step.kind == "or":
            yield from _steps(step.value)
        else:
            yield step


def _step(assistant: Assistant, step: Step, rule: Rule) -> Iterator[Problem]:
    where = f"in {rule.name!r}"
    if step.kind == "intent":
        name = str(step.value).split("/")[0]
        if name not in assistant.intents and name not in BUILT_IN_INTENTS:
            yield problem_at(
                step.place,
                f"a declared intent {where}",
                repr(name),
                "Declare it, or mend the name.",
                "warning",
            )
    elif step.kind == "action":
        if not known_action(assistant, str(step.value)):
            what = "response" if str(step.value).startswith("utter_") else "action or form"
            yield problem_at(
                step.place,
                f"a declared {what} {where}",
                repr(step.value),
                f"Declare the {what}, or mend the name.",
            )
    elif step.kind == "active_loop":
        loops = {None, "null", "action_two_stage_fallback", *assistant.forms}
        if step.value not in loops:
            yield problem_at(
                step.place, f"a declared form {where}", repr(step.value), "Declare it under forms."
            )
    elif step.kind == "slot_was_set":
        for name, _ in step.value:
            if name not in assistant.slots and name != "requested_slot":
                yield problem_at(
                    step.place,
                    f"a declared slot {where}",
                    repr(name),
                    "Declare it under slots.",
                    _unless_rasa(assistant),
                )


def _unless_rasa(assistant: Assistant) -> str:
    """How grave it is what Rasa itself puts up with, as in a project that runs there."""
    return "error" if assistant.rasa is None else "warning"


def known_action(assistant: Assistant, name: str) -> bool:
    """Whether the domain has an action, response or form of this name, or it is built in."""
    return (
        name in assistant.actions
        or name in assistant.responses
        or name in assistant.forms
        or name in BUILT_IN_ACTIONS
        or any(response.startswith(f"{name}/") for response in assistant.responses)
    )


def _forms(assistant: Assistant) -> Iterator[Problem]:
    for form in assistant.forms.values():
        if not form.required_slots:
            own = f"validate_{form.name}" in assistant.actions
            yield problem_at(
                form.place,
                f"slots that {form.name} asks for",
                "none",
                f"List them under required_slots, or let validate_{form.name} name them.",
                "warning" if own else "error",
            )
        for slot in form.required_slots:
            if slot not in assistant.slots:
                yield problem_at(
                    form.place, f"a declared slot in {form.name}", repr(slot), "Declare it."
                )
            elif not _asks(assistant, form.name, slot):
                yield problem_at(
                    form.place,
                    f"a question for {slot} in {form.name}",
                    "none",
                    f"Write the response utter_ask_{slot}, or the action action_ask_{slot}.",
                    _unless_rasa(assistant),
                )
        for intent in form.ignored_intents:
            if intent not in assistant.intents and intent not in BUILT_IN_INTENTS:
                yield problem_at(
                    form.place,
                    f"a declared intent in {form.name}",
                    repr(intent),
                    "Declare it.",
                    "warning",
                )


def _asks(assistant: Assistant, form: str, slot: str) -> bool:
    return any(
        name in assistant.responses or name in assistant.actions
        for name in (
            f"action_ask_{form}_{slot}",
            f"utter_ask_{form}_{slot}",
            f"action_ask_{slot}",
            f"utter_ask_{slot}",
        )
    )


def _slots(assistant: Assistant) -> Iterator[Problem]:
    for slot in assistant.slots.values():
        if slot.type == "categorical" and not slot.values:
            yield problem_at(
                slot.place,
                f"values of the categorical slot {slot.name}",
                "none",
                "List them.",
                _unless_rasa(assistant),
            )
        for mapping in slot.mappings:
            if mapping.entity and assistant.entities and mapping.entity not in assistant.entities:
                yield problem_at(
                    slot.place,
                    f"a declared entity type in {slot.name}",
                    repr(mapping.entity),
                    "Declare it under entities.",
                    "warning",
                )
            for intent in (*mapping.intents, *mapping.not_intents):
                if intent not in assistant.intents and intent not in BUILT_IN_INTENTS:
                    yield problem_at(
                        slot.place,
                        f"a declared intent in {slot.name}",
                        repr(intent),
                        "Declare it.",
                        "warning",
                    )
            for loop, asked in mapping.conditions:
                if loop is not None and loop not in assistant.forms:
                    yield problem_at(
                        slot.place, f"a declared form in {slot.name}", repr(loop), "Declare it."
                    )
                if asked is not None and asked not in assistant.slots:
                    yield problem_at(
                        slot.place, f"a declared slot in {slot.name}", repr(asked), "Declare it."
                    )


def _settings(assistant: Assistant) -> Iterator[Problem]:
    settings = assistant.settings
    file = Place("frontdesk.yml", 1)
    for name in (*settings.handoff_intents, *settings.intents):
        if assistant.intents and name not in assistant.intents and name != OUT_OF_SCOPE:
            yield problem_at(file, "declared intents", repr(name), "Declare it, or mend the name.")
    for name in settings.slots:
        if assistant.slots and name not in assistant.slots:
            yield problem_at(file, "declared slots", repr(name), "Declare it, or mend the name.")
    for name in (*settings.patterns, *settings.recognise):
        if assistant.entities and name not in assistant.entities:
            yield problem_at(
                file, "declared entity types", repr(name), "Declare it, or mend the name."
            )
