"""An assistant as the files of Rasa's 3.1 format: what is read from them again is the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from intents.assistant import ANY, Assistant, IntentInfo, Rule, SessionConfig, Slot, Step, Variation
from intents.examples import OUT_OF_SCOPE, Example, language_of
from intents.reading.marks import write_marks
from intents.reading.yamlfile import one_problem
from intents.settings import SETTINGS_FILE
from intents.writing.exporting_settings import pipeline_document, settings_document
from intents.writing.yamledit import replace_file
from intents.writing.yamlwrite import Block, document

VERSION = {"version": "3.1"}


def write_assistant(assistant: Assistant, folder: Path | str) -> list[Path]:
    """Write an assistant's files into ``folder`` and say which; there may be none of them yet.

    What a folder holds beside them, such as actions and tests, is not touched.

    :raises DataError: one of the files is there already; nothing is written then.
    """
    root = Path(folder)
    files = render(assistant)
    for name in files:
        if (root / name).exists():
            raise one_problem(name, 0, "a folder without it", "the file", "Name another folder.")
    for name, text in files.items():
        replace_file(root / name, text)
    return [root / name for name in files]


def render(assistant: Assistant) -> dict[str, str]:
    """The files of an assistant by name; those that would be empty are left out."""
    in_yaml, others = _divided(assistant.examples)
    parts = {
        "domain.yml": _domain(assistant),
        "data/nlu.yml": {"nlu": [*_intents(in_yaml), *_values(assistant)]},
        "data/rules.yml": {"rules": [_rule(rule, "rule") for rule in assistant.rules]},
        "data/stories.yml": {"stories": [_rule(story, "story") for story in assistant.stories]},
    }
    files = {}
    for name, keys in parts.items():
        kept = {key: value for key, value in keys.items() if value not in ([], {}, None)}
        if kept:
            files[name] = document({**VERSION, **kept})
    files["config.yml"] = document(pipeline_document(assistant.pipeline))
    files[SETTINGS_FILE] = document(settings_document(assistant))
    files["data/lines.jsonl"] = "".join(_json_line(example) for example in others)
    return {name: text for name, text in files.items() if text}


def render_tests(stories: Sequence[Rule]) -> dict[str, str]:
    """End-to-end stories as the file that ``frontdesk test`` takes; none where there are none."""
    shown = {**VERSION, "stories": [_rule(story, "story") for story in stories]}
    return {"tests/test_stories.yml": document(shown)} if stories else {}


def spelt_out(assistant: Assistant) -> dict[str, Any]:
    """The domain as Rasa gives it to actions and over HTTP: plain data, defaults included."""
    found = {**VERSION, **_domain(assistant)}
    unsaid = {"initial_value": None, "influence_conversation": True}
    found["slots"] = {name: {**unsaid, **said} for name, said in found["slots"].items()}
    found["config"] = {"store_entities_as_slots": assistant.entities_as_slots}
    found["session_config"] = dict(vars(assistant.session_config))
    plain: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return plain


def _domain(assistant: Assistant) -> dict[str, Any]:
    session = assistant.session_config
    return {
        "intents": [_intent(info) for info in assistant.intents.values()],
        "entities": [
            _described(
                info.name,
                roles=list(info.roles),
                groups=list(info.groups),
                influence_conversation=None if info.influence_conversation else False,
            )
            for info in assistant.entities.values()
        ],
        "slots": {slot.name: _slot(slot) for slot in assistant.slots.values()},
        "forms": {
            form.name: _kept(
                ignored_intents=list(form.ignored_intents),
                required_slots=list(form.required_slots),
                always=("required_slots",),
            )
            for form in assistant.forms.values()
        },
        "actions": [
            _described(name, send_domain=True if name in assistant.send_domain else None)
            for name in assistant.actions
        ],
        "e2e_actions": list(assistant.action_texts),
        "responses": {
            name: [_variation(one) for one in variations]
            for name, variations in assistant.responses.items()
        },
        "config": {} if assistant.entities_as_slots else {"store_entities_as_slots": False},
        "session_config": {} if session == SessionConfig() else dict(vars(session)),
    }


def _kept(always: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    """Fields that say something: not None, and not empty unless in ``always``."""
    return {
        key: value
        for key, value in fields.items()
        if value is not None and (value not in ([], {}, ()) or key in always)
    }


def _described(name: str, **fields: Any) -> Any:
    """A name alone, or a map from it to what is said of it."""
    kept = _kept(**fields)
    return {name: kept} if kept else name


def _intent(info: IntentInfo) -> Any:
    ignored = list(info.ignore_entities)
    if info.use_entities is True:
        return _described(info.name, ignore_entities=ignored)
    return {info.name: {"use_entities": list(info.use_entities), **_kept(ignore_entities=ignored)}}


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "type": slot.type,
        **slot.properties,
        **_kept(
            initial_value=slot.initial_value,
            influence_conversation=None if slot.influence_conversation else False,
            values=list(slot.values),
            min_value=slot.min_value,
            max_value=slot.max_value,
            always=("initial_value",),
        ),
        "mappings": [
            _kept(
                type=mapping.type,
                entity=mapping.entity,
                role=mapping.role,
                group=mapping.group,
                intent=_few(mapping.intents),
                not_intent=_few(mapping.not_intents),
                value=mapping.value,
                action=mapping.action,
                conditions=[_condition(*pair) for pair in mapping.conditions],
                always=("value",),
            )
            for mapping in slot.mappings
        ],
    }


def _few(names: Sequence[str]) -> Any:
    """One name by itself, several as a list."""
    return names[0] if len(names) == 1 else list(names)


def _condition(loop: str | None, requested: str | None) -> dict[str, Any]:
    return {"active_loop": loop, **_kept(requested_slot=requested)}


def _variation(one: Variation) -> dict[str, Any]:
    return {
        **_kept(
            id=one.id,
            channel=one.channel,
            condition=[dict(condition) for condition in one.condition],
            text=one.text,
            translation=dict(one.translation),
            buttons=[
                {"title": b.title, "payload": b.payload, **b.extra}
                | _kept(translation={k: dict(v) for k, v in b.translation.items()})
                for b in one.buttons
            ],
            image=one.image,
            custom=one.custom,
            attachment=one.attachment,
            metadata=dict(one.metadata),
            always=("text", "custom", "attachment"),
        ),
        **one.extra,
    }


def _rule(rule: Rule, key: str) -> dict[str, Any]:
    return {
        key: rule.name,
        **_kept(
            metadata=dict(rule.metadata),
            condition=[_step(step) for step in rule.condition],
            conversation_start=rule.conversation_start or None,
            wait_for_user_input=None if rule.wait_for_user_input else False,
        ),
        "steps": [_step(step) for step in rule.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    if step.kind == "or":
        return {"or": [_step(one) for one in step.value]}
    if step.kind == "slot_was_set":
        return {"slot_was_set": _pairs(step.value)}
    entities = [next(iter(e)) if [*e.values()] == [None] else dict(e) for e in step.entities]
    return {
        step.kind: step.value,
        **_kept(user=step.text, entities=entities, slot_was_set=_pairs(step.slots)),
    }


def _pairs(pairs: Iterable[tuple[str, Any]]) -> list[Any]:
    return [name if value is ANY else {name: value} for name, value in pairs]


def _intents(examples: Sequence[tuple[Example, str]]) -> Iterator[dict[str, Any]]:
    by_intent: dict[str, list[tuple[Example, str]]] = {}
    for example, line in examples:
        by_intent.setdefault(str(example.intent), []).append((example, line))
    for intent, lines in by_intent.items():
        said = [(line, _metadata(example)) for example, line in lines]
        if any(metadata for _, metadata in said) or not all(line.isprintable() for line, _ in said):
            listed = [{"text": line, **_kept(metadata=metadata)} for line, metadata in said]
            yield {"intent": intent, "examples": listed}
        else:
            yield {"intent": intent, "examples": Block(line for line, _ in said)}


def _metadata(example: Example) -> dict[str, Any]:
    found = language_of(example.text)
    return {
        **example.metadata,
        **_kept(
            sentiment=example.sentiment,
            urgency=example.urgency,
            language=None if example.language == found else example.language,
        ),
    }


def _values(assistant: Assistant) -> Iterator[dict[str, Any]]:
    for synonym in assistant.synonyms:
        yield {"synonym": synonym.value, "examples": _lines(synonym.variants)}
    for kind, listings in (("lookup", assistant.lookups), ("regex", assistant.regexes)):
        for listing in listings:
            yield {kind: listing.name, "examples": _lines(listing.items)}


def _lines(values: Sequence[str]) -> Sequence[str]:
    sound = values and all(value.isprintable() and value == value.strip() for value in values)
    return Block(values) if sound else list(values)


def _divided(
    examples: Sequence[Example],
) -> tuple[list[tuple[Example, str]], list[Example]]:
    """Lines that YAML can say, with their marks, and the others.

    Where any line carries a mark, a line without one says that it holds no entity; where none does,
    or where it is out of scope, it says that nobody looked.
    """
    marked = any(example.entities and example.intent for example in examples)
    in_yaml, others = [], []
    for example in examples:
        aside = example.intent == OUT_OF_SCOPE and not example.entities
        looked = example.entities is not None
        sayable = looked == (marked and not aside)
        line = write_marks(example.text, example.entities or ()) if sayable else None
        if line is None or not _plain(example, line):
            others.append(example)
        else:
            in_yaml.append((example, line))
    if marked and not any(example.entities for example, _ in in_yaml):
        # What carried the marks cannot be said in YAML: nothing else may rest on them.
        return [], list(examples)
    return in_yaml, others


def _plain(example: Example, line: str) -> bool:
    return (
        bool(example.intent)
        and not example.requested_slots
        and line == line.strip()
        and not line.startswith("- ")
        and "\n" not in line
        and "\r" not in line
    )


def _json_line(example: Example) -> str:
    entities = example.entities
    fields: Mapping[str, Any] = {
        "text": example.text,
        **_kept(
            intent=example.intent,
            entities=None
            if entities is None
            else [_kept(**vars(entity), always=("value",)) for entity in entities],
            sentiment=example.sentiment,
            urgency=example.urgency,
            language=None if example.language == language_of(example.text) else example.language,
            requested_slots=list(example.requested_slots),
            metadata=dict(example.metadata),
            always=("entities",),
        ),
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"
