"""Assistants as hypothesis draws them: any names and texts, every kind of part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from intents.assistant import (
    ANY,
    Assistant,
    Button,
    EntityInfo,
    Form,
    IntentInfo,
    Listing,
    Rule,
    SessionConfig,
    Slot,
    SlotMapping,
    Step,
    Synonym,
    Variation,
)
from intents.examples import Entity, Example, language_of
from intents.pipeline import Component, Pipeline
from intents.settings import IntentSettings, PatternSettings, Settings

ODD = """
yes no On off 12:30 0123 null ~ 1e3 0x1f 2024-01-01 订单 é faq/ask_x a.b - --- ... # ? ! % @x &a
.inf *a {} [a] a:b '
"""
SPECIAL = st.sampled_from(
    [*ODD.split(), "a b", "x: y", "- d", '"', "a\\b", "\\[", "[x](y)", "](", "{a}"]
)

texts = st.one_of(SPECIAL, st.text(max_size=8))
printable = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
names = st.one_of(SPECIAL, st.text(printable, max_size=6).map(lambda n: n.strip() or "é"))
sound = st.characters(exclude_categories=("Cc", "Cs"), include_characters="\t\n\r")
"""Characters that a training line may have."""
words = st.sampled_from(["alpha", "beta", "gamma", "no"])
few_names = st.lists(names, max_size=2).map(tuple)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False),
    texts,
)
data = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(texts, inner, max_size=2)),
    max_leaves=3,
)
maps = st.dictionaries(words, data, max_size=2)
something = data.filter(lambda value: value is not None)


def named(kind: Any, **parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    """A dictionary of objects by their own name."""
    one = st.builds(kind, name=names, **parts)
    return st.lists(one, max_size=2, unique_by=lambda x: x.name).map(
        lambda found: {x.name: x for x in found}
    )


conditions = st.lists(st.tuples(st.none() | names, st.none() | names), max_size=2).map(tuple)
mappings = st.builds(
    SlotMapping,
    st.sampled_from(["from_entity", "from_text", "from_intent", "from_trigger_intent", "custom"]),
    entity=names,
    intents=few_names,
    not_intents=few_names,
    role=st.none() | names,
    group=st.none() | names,
    value=data,
    action=st.none() | names,
    conditions=conditions,
)
numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
slots = named(
    Slot,
    type=st.sampled_from(["text", "float", "categorical", "any", "my.own.Slot"]),
    mappings=st.lists(mappings, min_size=1, max_size=2).map(tuple),
    initial_value=data,
    influence_conversation=st.booleans(),
    values=few_names,
    min_value=numbers,
    max_value=numbers,
    properties=maps,
)
titles = st.dictionaries(st.sampled_from(["en", "zh"]), texts, max_size=2)
buttons = st.builds(
    Button,
    title=texts,
    payload=names,
    translation=st.dictionaries(
        st.just("zh"), st.dictionaries(st.sampled_from(["title", "payload"]), texts), max_size=1
    ),
    extra=maps,
)
variations = st.builds(
    Variation,
    text=st.none() | texts,
    translation=titles,
    buttons=st.lists(buttons, max_size=2).map(tuple),
    image=st.none() | texts,
    custom=data,
    attachment=data,
    channel=st.none() | texts,
    condition=st.lists(maps, max_size=1).map(tuple),
    id=st.none() | texts,
    metadata=maps,
    extra=maps,
)
pairs = st.lists(st.tuples(names, st.just(ANY) | data), max_size=2).map(tuple)
entity_marks = st.lists(
    st.one_of(
        st.dictionaries(names, st.none(), min_size=1, max_size=1),
        st.dictionaries(names, something, min_size=1, max_size=2),
    ),
    max_size=2,
).map(tuple)
plain_steps = st.one_of(
    st.builds(
        Step,
        st.just("intent"),
        names,
        entities=entity_marks,
        text=st.none() | texts.map(str.strip),
    ),
    st.builds(Step, st.just("slot_was_set"), pairs),
)
steps = st.one_of(
    plain_steps,
    st.builds(Step, st.just("user"), texts),
    st.builds(Step, st.just("bot"), texts),
    st.builds(Step, st.just("action"), names),
    st.builds(Step, st.just("active_loop"), st.none() | names),
    st.builds(Step, st.just("checkpoint"), names, slots=pairs),
    st.builds(Step, st.just("or"), st.lists(plain_steps, max_size=2).map(tuple)),
)
few_steps = st.lists(steps, max_size=3).map(tuple)
rules = st.lists(
    st.builds(
        Rule,
        names,
        few_steps,
        condition=few_steps,
        conversation_start=st.booleans(),
        wait_for_user_input=st.booleans(),
        metadata=maps,
    ),
    max_size=2,
)


@st.composite
def lines(draw: st.DrawFn, marked: bool) -> Example:
    """A training line; where lines are ``marked``, one without entities says that it has none."""
    text = draw(st.one_of(SPECIAL, st.text(sound, max_size=8)).filter(str.strip))
    spans = draw(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 8)), max_size=2))
    entities = []
    position = 0
    for gap, length in spans if marked else ():
        start, end = position + gap, position + gap + length
        if end <= len(text) and text[start:end] == text[start:end].strip():
            kind, role, group = draw(names), draw(st.none() | names), draw(st.none() | names)
            value = text[start:end] if draw(st.booleans()) else draw(names)
            # a value of the span's length that stands elsewhere in the text is refused as a slip
            if value == text[start:end] or value not in text:
                entities.append(Entity(start, end, kind, value, role, group))
            position = end
    language = language_of(text)
    return Example(
        text,
        draw(st.none() | names),
        tuple(entities) if marked else None,
        draw(st.sampled_from([None, "negative"])),
        draw(st.sampled_from([language, "mul"])),
        requested_slots=draw(few_names),
        urgency=draw(st.sampled_from([None, "high"])),
        metadata=draw(maps),
    )


settings = st.builds(
    Settings,
    languages=st.sampled_from([("en",), ("zh", "en")]),
    default_language=st.just("en"),
    error_rate=st.floats(0.01, 0.4),
    handoff_intents=few_names,
    patterns=st.dictionaries(
        names,
        st.builds(PatternSettings, patterns=st.just((r"\d{4}",)), normalise=st.just(("upper",))),
    ),
    recognise=st.dictionaries(names, st.just("phone"), max_size=1),
    dimensions=st.sampled_from([(), ("time", "number")]),
    encoder=st.none() | names,
    intents=st.dictionaries(
        names,
        st.builds(
            IntentSettings,
            description=texts,
            title=titles,
            covers=st.sampled_from([(), ("a", "b")]),
            calls_off=st.sampled_from([(), ("a",)]),
            repeats=st.booleans(),
        ),
        max_size=1,
    ),
    slots=st.dictionaries(names, titles, max_size=1),
)
components = st.lists(
    st.builds(Component, st.sampled_from(["RulePolicy", "DIETClassifier"]), maps), max_size=2
).map(tuple)
pipelines = st.builds(
    Pipeline,
    language=st.none() | st.sampled_from(["en", "zh"]),
    components=components,
    policies=components,
    other=st.dictionaries(st.just("recipe"), names, max_size=1),
)
listings = st.lists(st.builds(Listing, names, st.lists(names, max_size=2).map(tuple)), max_size=2)


@st.composite
def assistants(draw: st.DrawFn) -> Assistant:
    """A whole assistant."""
    marked = draw(st.booleans())
    drawn = draw(settings)
    found = Assistant(
        Path(),
        intents=draw(
            named(IntentInfo, use_entities=st.just(True) | few_names, ignore_entities=few_names)
        ),
        entities=draw(
            named(
                EntityInfo, roles=few_names, groups=few_names, influence_conversation=st.booleans()
            )
        ),
        slots=draw(slots),
        forms=draw(named(Form, required_slots=few_names, ignored_intents=few_names)),
        responses=draw(
            st.dictionaries(
                names, st.lists(variations, min_size=1, max_size=2).map(tuple), max_size=2
            )
        ),
        action_texts=draw(st.lists(texts, max_size=1)),
        entities_as_slots=draw(st.booleans()),
        rules=draw(rules),
        stories=draw(rules),
        examples=draw(st.lists(lines(marked), max_size=4)),
        synonyms=draw(
            st.lists(st.builds(Synonym, names, st.lists(names, max_size=2).map(tuple)), max_size=1)
        ),
        lookups=draw(listings),
        regexes=draw(st.lists(st.builds(Listing, names, st.just((r"\d+", "[a-z]"))), max_size=1)),
        session_config=draw(st.builds(SessionConfig, st.floats(0, 99), st.booleans())),
        pipeline=draw(pipelines),
    )
    found.actions = dict.fromkeys(draw(few_names))
    found.send_domain = set(list(found.actions)[:1])
    languages = drawn.languages
    found.settings = Settings(**{**vars(drawn), "default_language": languages[0]})
    return found
