"""Rasa projects of 2.0 and 3.x, in every form in which their files may say a thing."""

from pathlib import Path

import pytest

from intents.assistant import Assistant, EntityInfo, Form, SlotMapping
from intents.examples import Entity
from intents.pipeline import Component
from intents.reading.folder import read_assistant
from intents.writing.exporting import write_assistant

FORM_2_0 = """\
version: "2.0"
intents:
  - greet
  - ask: {triggers: action_tell}
  - silent: {use_entities: false, ignore_entities: [city]}
entities:
  - cuisine
  - number
  - city: {roles: [from, to], influence_conversation: false}
slots:
  cuisine: {type: unfeaturized}
  seats: {type: rasa.core.slots.FloatSlot, auto_fill: false, min_value: 1, max_value: 9}
  number: {type: any, auto_fill: false}
  note: {type: text}
forms:
  restaurant_form:
    ignored_intents: greet
    required_slots:
      cuisine:
        - type: from_entity
          entity: cuisine
      seats:
        - type: from_entity
          entity: number
          intent: [greet]
        - {type: from_text, not_intent: greet}
  other_form:
    cuisine:
      - type: from_entity
        entity: cuisine
    city:
"""


def read(tmp_path: Path, **files: str) -> Assistant:
    for name, text in files.items():
        path = tmp_path / (name.replace("__", "/") + ".yml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_assistant(tmp_path, strict=False)


def test_mappings_inside_forms_move_to_the_slots_with_their_condition(tmp_path: Path) -> None:
    a = read(tmp_path, domain=FORM_2_0)
    assert a.problems == []
    assert a.forms["restaurant_form"].required_slots == ("cuisine", "seats")
    assert a.forms["restaurant_form"].ignored_intents == ("greet",)
    assert a.forms["other_form"].required_slots == ("cuisine", "city")
    in_forms = SlotMapping(
        "from_entity", "cuisine", conditions=(("restaurant_form", None), ("other_form", None))
    )
    # the entity of the slot's name fills it also outside the forms, as in 2.0
    assert a.slots["cuisine"].mappings == (in_forms, SlotMapping("from_entity", "cuisine"))
    entity, text = a.slots["seats"].mappings
    assert entity.conditions == (("restaurant_form", None),)
    assert (text.conditions, text.not_intents) == ((("restaurant_form", "seats"),), ("greet",))
    assert a.slots["city"].mappings[0].entity == "city"


def test_old_slots_become_those_of_today(tmp_path: Path) -> None:
    slots = read(tmp_path, domain=FORM_2_0).slots
    assert (slots["cuisine"].type, slots["cuisine"].influence_conversation) == ("any", False)
    assert (slots["seats"].type, slots["seats"].max_value) == ("float", 9)
    assert slots["number"].mappings == (SlotMapping("custom"),)  # auto_fill is off
    assert slots["note"].mappings == (SlotMapping("custom"),)  # no such entity


def test_entities_do_not_fill_slots_where_the_domain_says_so(tmp_path: Path) -> None:
    switch = "config: {store_entities_as_slots: false}\n"
    domain = "entities: [city]\nslots: {city: {type: text}}\n"
    on, off = tmp_path / "on", tmp_path / "off"
    assert read(on, domain=domain).slots["city"].mappings[0].type == "from_entity"
    assert read(off, domain=domain + switch).slots["city"].mappings == (SlotMapping("custom"),)


def test_slots_of_3_x_are_filled_by_their_mappings_alone(tmp_path: Path) -> None:
    domain = 'version: "3.1"\nentities: [city]\nslots: {city: {type: text, mappings: []}}\n'
    assert read(tmp_path, domain=domain).slots["city"].mappings == (SlotMapping("custom"),)


def test_forms_and_their_slots_may_stand_in_any_order_of_files(tmp_path: Path) -> None:
    a = read(
        tmp_path,
        domain__a_forms='version: "2.0"\nforms: {f: {required_slots: {s: [{type: from_text}]}}}\n',
        domain__b_slots='version: "2.0"\nslots: {s: {type: text, initial_value: on}}\n',
    )
    assert a.slots["s"].initial_value == "on"
    assert a.slots["s"].mappings == (SlotMapping("from_text", conditions=(("f", "s"),)),)


def test_forms_as_a_list(tmp_path: Path) -> None:
    a = read(tmp_path, domain="forms:\n  - bare\n  - full:\n      required_slots: [x]\n")
    assert a.forms["bare"] == Form("bare", place=a.forms["bare"].place)
    assert a.forms["full"].required_slots == ("x",)


def test_triggers_become_a_rule(tmp_path: Path) -> None:
    (rule,) = read(tmp_path, domain=FORM_2_0).rules
    assert [step.value for step in rule.steps] == ["ask", "action_tell"]


def test_entities_and_intents_keep_what_is_said_of_them(tmp_path: Path) -> None:
    a = read(tmp_path, domain=FORM_2_0)
    city = a.entities["city"]
    assert city == EntityInfo("city", ("from", "to"), (), city.place, False)
    assert (a.intents["silent"].use_entities, a.intents["silent"].ignore_entities) == (
        (),
        ("city",),
    )


def test_actions_that_are_sent_the_domain_and_texts_of_the_bot(tmp_path: Path) -> None:
    a = read(
        tmp_path,
        domain="actions:\n- action_a: {send_domain: true}\n- action_b\ne2e_actions: [Bye now]\n",
    )
    assert (list(a.actions), a.send_domain) == (["action_a", "action_b"], {"action_a"})
    assert a.action_texts == ["Bye now"]


def test_templates_are_responses_and_channels_keep_their_keys(tmp_path: Path) -> None:
    a = read(
        tmp_path,
        domain="""\
templates:
  utter_a:
    - Plain words
    - text: Choose
      quick_replies: [{title: A, payload: /a}]
    - text: Look
      elements: [{title: One}]
      button_type: inline
""",
    )
    plain, choice, cards = a.responses["utter_a"]
    assert plain.text == "Plain words"
    assert ([b.title for b in choice.buttons], choice.extra) == (["A"], {})
    assert cards.extra == {"elements": [{"title": "One"}], "button_type": "inline"}


def test_scalars_are_words_as_in_yaml_1_2(tmp_path: Path) -> None:
    a = read(
        tmp_path,
        domain="""\
slots:
  s:
    type: categorical
    values: [yes, no, on, off, 12:30, 0123, 1e3x, ~x]
    initial_value: no
    mappings: [{type: from_intent, intent: affirm, value: yes}]
""",
    )
    slot = a.slots["s"]
    assert slot.values == ("yes", "no", "on", "off", "12:30", "0123", "1e3x", "~x")
    assert (slot.initial_value, slot.mappings[0].value) == ("no", "yes")


STORIES = """\
version: "3.1"
stories:
  - story: end to end
    metadata: {by: hand}
    steps:
      - checkpoint: start
        slot_was_set: [known: true, name]
      - user: |
          to [Rome]{"entity": "city"}
      - bot: Which day?
      - intent: inform
        user: |
          on [Monday](day)
      - or:
          - intent: affirm
          - slot_was_set: [sure: true]
      - active_loop: null
"""


def test_steps_of_stories(tmp_path: Path) -> None:
    a = read(tmp_path, data__stories=STORIES)
    assert a.problems == []
    (story,) = a.stories
    start, said, bot, both, either, loop = story.steps
    assert story.metadata == {"by": "hand"}
    assert start.kind == "checkpoint"
    assert [name for name, _ in start.slots] == ["known", "name"]
    assert (said.kind, said.value.strip()) == ("user", 'to [Rome]{"entity": "city"}')
    assert (bot.kind, bot.value) == ("bot", "Which day?")
    assert (both.kind, both.value, both.text) == ("intent", "inform", "on [Monday](day)")
    assert [step.kind for step in either.value] == ["intent", "slot_was_set"]
    assert loop.value is None


def test_several_entities_of_one_stretch(tmp_path: Path) -> None:
    a = read(
        tmp_path,
        nlu="""\
nlu:
  - intent: go
    examples: |
      - to [Rome][{"entity": "city", "role": "to"}, {"entity": "place", "value": "IT"}] now
""",
    )
    (example,) = a.examples
    assert example.entities == (
        Entity(3, 7, "city", "Rome", "to"),
        Entity(3, 7, "place", "IT"),
    )


def test_metadata_of_lines_is_kept(tmp_path: Path) -> None:
    a = read(
        tmp_path,
        nlu="""\
nlu:
  - intent: go
    metadata: {source: web, sentiment: neutral}
    examples:
      - text: |
          let us go
        metadata: {source: mail}
      - text: go
""",
    )
    first, second = a.examples
    assert (first.text, first.metadata, first.sentiment) == (
        "let us go",
        {"source": "mail"},
        "neutral",
    )
    assert second.metadata == {"source": "web"}


CONFIG = """\
recipe: default.v1
language: zh
pipeline:
  - name: WhitespaceTokenizer
  - name: RegexEntityExtractor
  - name: rasa.nlu.classifiers.fallback_classifier.FallbackClassifier
    threshold: 0.7
  - name: DucklingEntityExtractor
    dimensions: [time, temperature, amount-of-money]
  - {name: SpacyEntityExtractor, dimensions: [PERSON]}
policies:
  - name: AugmentedMemoizationPolicy
    max_history: 4
  - name: RulePolicy
    core_fallback_threshold: 0.4
    core_fallback_action_name: action_ask_again
"""


def test_what_holds_of_a_configuration(tmp_path: Path) -> None:
    a = read(tmp_path, config=CONFIG, domain="intents: [a]\n")
    p = a.pipeline
    assert a.problems == []
    assert p.components[0] == Component("WhitespaceTokenizer", {}, 4)
    assert (p.fallback_threshold, p.ambiguity_threshold) == (0.7, 0.1)
    assert (p.core_fallback_threshold, p.core_fallback_action) == (0.4, "action_ask_again")
    assert (p.max_history, p.regex_entities, p.named_entities) == (4, True, ("PERSON",))
    assert p.other == {"recipe": "default.v1"}
    assert a.settings.dimensions == ("time", "amount-of-money")
    assert a.languages == ("zh",)


def test_settings_of_its_own_come_before_the_configuration(tmp_path: Path) -> None:
    a = read(tmp_path, config=CONFIG, frontdesk="languages: [en, zh]\ndimensions: [number]\n")
    assert (a.languages, a.settings.dimensions) == (("en", "zh"), ("number",))


def test_an_assistant_without_a_configuration(tmp_path: Path) -> None:
    p = read(tmp_path, domain="intents: [a]\n").pipeline
    assert not p
    assert (p.fallback_threshold, p.core_fallback_threshold, p.max_history) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("pipeline: {name: x}\n", "a list under pipeline"),
        ("policies:\n  - epochs: 3\n", "a name in policies"),
        ("flows: {transfer: {}}\n", "Rasa's 3.1 format"),
    ],
)
def test_what_cannot_be_taken_over_is_told(tmp_path: Path, text: str, word: str) -> None:
    (problem,) = read(tmp_path, config=text).problems
    assert problem.expected == word
    assert problem.line > 0


def test_policies_of_1_x(tmp_path: Path) -> None:
    text = """\
pipeline: supervised_embeddings
policies:
  - name: TwoStageFallbackPolicy
    nlu_threshold: 0.6
    core_threshold: 0.2
    fallback_core_action_name: action_sorry
"""
    p = read(tmp_path, config=text).pipeline
    assert p.components[0].name == "supervised_embeddings"
    assert (p.fallback_threshold, p.core_fallback_threshold) == (0.6, 0.2)
    assert p.core_fallback_action == "action_sorry"


def test_rule_policy_without_fallback(tmp_path: Path) -> None:
    text = "policies:\n  - {name: RulePolicy, enable_fallback_prediction: false}\n"
    assert read(tmp_path, config=text).pipeline.core_fallback_threshold is None


def test_what_rasa_passes_over_is_left_out_with_a_warning(tmp_path: Path) -> None:
    nlu = """\
nlu:
  - intent: a
    examples: |
      - one [link] (see below)
        goes on
      - two
  - comment: by hand
  - synonym: empty
"""
    a = read(tmp_path, nlu=nlu)
    assert [example.text for example in a.examples] == ["one [link] (see below)", "two"]
    assert [problem.severity for problem in a.problems] == ["warning"] * 4
    assert [problem.line for problem in a.problems] == [4, 5, 7, 8]


@pytest.mark.parametrize(
    "text",
    ["language: en\npipeline:\npolicies: null\n", "recipe: default.v1\nlanguage: en\n"],
)
def test_what_a_config_leaves_open_is_what_rasa_takes(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, config=text)
    assert found.rasa is not None
    p = found.pipeline
    assert (p.fallback_threshold, p.ambiguity_threshold) == (0.3, 0.1)
    assert (p.core_fallback_threshold, p.core_fallback_action) == (0.3, "action_default_fallback")
    assert (p.remembers, p.augmented, p.learns, p.falls_back) == (True, False, True, True)
    assert p.find("EntitySynonymMapper")
    assert p.components == p.policies == ()
    write_assistant(found, tmp_path / "again")
    assert read_assistant(tmp_path / "again").pipeline == p


def test_a_list_that_is_named_stands_for_itself(tmp_path: Path) -> None:
    named = "pipeline:\n- name: DIETClassifier\npolicies:\n- name: RulePolicy\n"
    p = read(tmp_path, config=named).pipeline
    assert (p.fallback_threshold, p.remembers, p.learns) == (None, False, False)
    half = read(tmp_path, config="pipeline:\npolicies:\n- name: RulePolicy\n").pipeline
    assert (half.fallback_threshold, half.remembers) == (0.3, False)
    assert read(tmp_path, config="language: en\n").rasa is None


@pytest.mark.parametrize(
    ("version", "policies", "history"),
    [
        ("2.0", "policies:\n- name: MemoizationPolicy\n- name: RulePolicy\n", 5),
        ("2.0", "policies:\n- {name: AugmentedMemoizationPolicy, max_history: 3}\n", 3),
        ("2.0", "policies:\n", 5),
        ("3.1", "policies:\n- name: MemoizationPolicy\n", None),
    ],
)
def test_how_far_memories_look_back_where_nobody_says(
    tmp_path: Path, version: str, policies: str, history: int | None
) -> None:
    found = read(tmp_path, config=policies, domain=f'version: "{version}"\nintents: [a]\n')
    assert found.pipeline.max_history == history


@pytest.mark.parametrize(
    ("named", "zone", "told"),
    [
        ("timezone: Europe/Rome", "Europe/Rome", 0),
        ("timezone: India/Kolkata", "UTC", 1),
        ("timezone: ../etc", "UTC", 1),
        ("locale: en_GB", "America/Los_Angeles", 0),
    ],
)
def test_a_zone_that_nobody_knows_is_utc(tmp_path: Path, named: str, zone: str, told: int) -> None:
    config = f"pipeline:\n- name: DucklingEntityExtractor\n  {named}\npolicies: []\n"
    found = read(tmp_path, config=config)
    assert found.pipeline.timezone == zone
    assert [(p.line, p.severity) for p in found.problems] == [(2, "warning")] * told
