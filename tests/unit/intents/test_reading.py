from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intents.assistant import ANY
from intents.reading.folder import read_assistant
from models.errors import AssistantInvalid, DataError, Problem

DOMAIN = """\
version: "3.1"
intents:
  - greet
  - yes  # a name that YAML 1.1 would turn into a truth value
  - book:
      use_entities: [city]
entities:
  - city:
      roles: [from, to]
  - number
slots:
  answer:
    type: text
    initial_value: yes
    mappings:
      - type: from_entity
        entity: city
        role: to
        not_intent: greet
        conditions:
          - active_loop: book_form
            requested_slot: answer
  mood:
    type: categorical
    values: [on, off]
    mappings:
      - type: custom
forms:
  book_form:
    ignored_intents: greet
    required_slots:
      - answer
      - mood
responses:
  utter_greet:
    - text: "Hello"
      translation:
        zh: "你好"
      buttons:
        - title: "A person"
          payload: /human
          translation:
            zh: {title: 转人工}
        - title: "Bye"
          payload: /goodbye
          translation: {zh: 再见}
    - text: Hi
      channel: slack
      condition:
        - type: slot
          name: mood
          value: on
      translation:
        zh:
          text: 嗨
  utter_picture:
    - image: https://example.com/a.png
      custom: {kind: card, items: [1, 2]}
actions:
  - action_book
session_config:
  session_expiration_time: 30
  carry_over_slots_to_new_session: false
"""
NLU = """\
version: "3.1"
nlu:
  - intent: greet
    examples: |
      - hello
      - 你好
  - intent: book
    examples: |
      - to [Rome]{"entity": "city", "role": "to"}
  - synonym: New York
    examples: |
      - NYC
      - big apple
  - lookup: city
    examples: |
      - Rome
      - Paris
  - regex: number
    examples: |
      - \\d{4}
"""
RULES = """\
version: "3.1"
rules:
  - rule: greets
    conversation_start: true
    steps:
      - intent: greet
      - action: utter_greet
  - rule: leaves the form
    condition:
      - active_loop: book_form
    wait_for_user_input: false
    steps:
      - action: book_form
      - active_loop: null
      - slot_was_set:
          - requested_slot: null
          - mood
      - or:
          - intent: greet
          - intent: book
            entities:
              - city: Rome
      - action: action_book
stories:
  - story: a story
    steps:
      - user: hello there
        intent: greet
      - checkpoint: later
"""
SETTINGS = """\
languages: [en, zh]
default_language: en
error_rate: 0.01
max_options: 3
handoff_intents: [greet]
patterns:
  number: \\d{4}
  order_id:
    patterns: ['HL\\d{8}']
    when_asked: ['\\d{8}']
    normalise: [upper, no_blanks]
recognise: {number: quantity}
intents:
  greet:
    description: says hello
    title: {en: Greeting, zh: 问候}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (tmp_path / "data" / "nlu.yml").write_text(NLU, encoding="utf-8")
    (tmp_path / "data" / "rules.yml").write_text(RULES, encoding="utf-8")
    (tmp_path / "frontdesk.yml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


def test_domain_is_read_as_yaml_1_2(folder: Path) -> None:
    a = read_assistant(folder)
    assert list(a.intents) == ["greet", "yes", "book"]
    assert a.intents["book"].use_entities == ("city",)
    assert a.entities["city"].roles == ("from", "to")
    assert a.slots["answer"].initial_value == "yes"
    assert a.slots["mood"].values == ("on", "off")
    assert a.problems == []


def test_slot_mappings_and_forms(folder: Path) -> None:
    a = read_assistant(folder)
    (mapping,) = a.slots["answer"].mappings
    assert (mapping.entity, mapping.role, mapping.not_intents) == ("city", "to", ("greet",))
    assert mapping.conditions == (("book_form", "answer"),)
    assert a.forms["book_form"].required_slots == ("answer", "mood")
    assert a.forms["book_form"].ignored_intents == ("greet",)
    assert a.entity_types_of_slot("answer") == ("city",)
    assert a.session_config.session_expiration_time == 30
    assert not a.session_config.carry_over_slots_to_new_session


def test_responses_with_translations_buttons_and_conditions(folder: Path) -> None:
    a = read_assistant(folder)
    first, second = a.responses["utter_greet"]
    assert (first.text_in("en", "en"), first.text_in("zh", "en")) == ("Hello", "你好")
    assert second.text_in("zh", "en") == "嗨"
    assert second.text_in("fr", "en") is None
    assert [b.title_in("zh") for b in first.buttons] == ["转人工", "再见"]
    assert first.buttons[0].payload_in("zh") == "/human"
    assert second.condition == ({"type": "slot", "name": "mood", "value": "on"},)
    assert second.channel == "slack"
    (picture,) = a.responses["utter_picture"]
    assert picture.custom == {"kind": "card", "items": [1, 2]}
    assert first.place.file == "domain.yml"
    assert first.place.line == DOMAIN.split("\n").index('    - text: "Hello"') + 1


def test_training_lines_have_file_and_line(folder: Path) -> None:
    a = read_assistant(folder)
    assert [(e.text, e.file, e.line) for e in a.examples] == [
        ("hello", "data/nlu.yml", 5),
        ("你好", "data/nlu.yml", 6),
        ("to Rome", "data/nlu.yml", 9),
    ]
    assert a.examples[0].entities == ()
    assert a.synonyms[0].variants == ("NYC", "big apple")
    assert a.lookups[0].items == ("Rome", "Paris")
    assert a.regexes[0].items == (r"\d{4}",)


def test_rules_and_stories_are_kept_as_data(folder: Path) -> None:
    a = read_assistant(folder)
    first, second = a.rules
    assert first.conversation_start
    assert [(s.kind, s.value) for s in first.steps] == [
        ("intent", "greet"),
        ("action", "utter_greet"),
    ]
    assert [(s.kind, s.value) for s in second.condition] == [("active_loop", "book_form")]
    assert not second.wait_for_user_input
    assert second.steps[1].value is None
    assert second.steps[2].value == (("requested_slot", None), ("mood", ANY))
    assert [s.value for s in second.steps[3].value] == ["greet", "book"]
    assert second.steps[3].value[1].entities == ({"city": "Rome"},)
    assert [(s.kind, s.value) for s in a.stories[0].steps] == [
        ("intent", "greet"),
        ("checkpoint", "later"),
    ]


def test_settings_of_the_assistant(folder: Path) -> None:
    s = read_assistant(folder).settings
    assert (s.languages, s.error_rate, s.max_options) == (("en", "zh"), 0.01, 3)
    assert s.patterns["order_id"].when_asked == (r"\d{8}",)
    assert s.patterns["number"].patterns == (r"\d{4}",)
    assert s.intents["greet"].title["zh"] == "问候"
    assert read_assistant(folder).title("greet", "zh") == "问候"
    assert read_assistant(folder).title("book", "zh") == "book"


def test_mappings_inside_forms_as_in_version_2(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text(
        "slots:\n  city:\n    type: text\nforms:\n  book_form:\n    city:\n"
        "      - type: from_entity\n        entity: city\n",
        encoding="utf-8",
    )
    a = read_assistant(tmp_path)
    assert a.forms["book_form"].required_slots == ("city",)
    assert a.slots["city"].mappings[0].entity == "city"


def problem_of(folder: Path, name: str, text: str) -> Problem:
    (folder / name).write_text(text, encoding="utf-8")
    found = read_assistant(folder, strict=False).problems
    assert found, text
    return found[0]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("intents:\n  - a\n - b\n", 3, "Indent"),
        ("intents:\n\t- a\n", 2, "blanks"),
        ("a: b: c\n", 1, "quotes"),
        ("intents:\n  - a\nintents:\n  - b\n", 3, "Keep one"),
        ('responses:\n  utter_a:\n    - text: "open\n', 4, "Close"),
        ("nlu:\n- intent: a\n  examples: |\n    hello\n", 4, "- "),
        ("nlu:\n- intent: a\n", 2, "examples"),
        ("nlu:\n- example: a\n", 2, "intent"),
        ("nlu: text\n", 1, "intent"),
        ("- a\n- b\n", 1, "nlu"),
        ("slots:\n  a:\n    type: txt\n", 3, "Use one"),
        ("slots:\n  a:\n    type: text\n    mappings:\n    - entity: b\n", 5, "from_entity"),
        ("responses:\n  utter_a: []\n", 2, "text"),
        ("responses:\n  utter_a:\n  - text: a\n    buttons:\n    - payload: /b\n", 5, "title"),
        ("rules:\n- rule: a\n", 2, "steps"),
        ("rules:\n- rule: a\n  steps:\n  - intnt: b\n", 4, "step"),
        ('version: "4.0"\nintents: [a]\n', 1, "3.1"),
        ("nlu:\n- regex: a\n  examples: |\n    - (a\n", 4, "Escape"),
        ("session_config:\n  session_expiration_time: soon\n", 1, "0 is never"),
    ],
)
def test_problems_name_file_line_and_remedy(
    tmp_path: Path, text: str, line: int, word: str
) -> None:
    problem = problem_of(tmp_path, "domain.yml", text)
    assert (problem.file, problem.line) == ("domain.yml", line), str(problem)
    assert word in problem.fix, str(problem)
    assert problem.expected
    assert problem.found


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("languages: en\n", 1, "<name>"),
        ("error_rate: 2\n", 1, "range"),
        ("error_rate: low\n", 1, "number"),
        ("languages: [en]\ndefault_language: fr\n", 2, "languages"),
        ("patterns: {a: '('}\n", 1, "Mend"),
        ("recognise: {a: b}\n", 1, "Use one"),
        ("colour: red\n", 1, "Remove"),
        ("intents: {a: {covers: b}}\n", 1, "Write"),
        ("intents: {a: {instead: b}}\n", 1, "Write"),
    ],
)
def test_settings_problems(tmp_path: Path, text: str, line: int, word: str) -> None:
    problem = problem_of(tmp_path, "frontdesk.yml", text)
    assert (problem.file, problem.line) == ("frontdesk.yml", line)
    assert word in problem.fix, str(problem)


def test_strict_reading_raises_with_every_error(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("intents:\n  - a\n - b\n", encoding="utf-8")
    (tmp_path / "nlu.yml").write_text("nlu: words\n", encoding="utf-8")
    with pytest.raises(AssistantInvalid) as caught:
        read_assistant(tmp_path)
    assert {p.file for p in caught.value.problems} == {"domain.yml", "nlu.yml"}


def test_missing_folder_and_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(AssistantInvalid):
        read_assistant(tmp_path / "none")
    with pytest.raises(AssistantInvalid):
        read_assistant(tmp_path)


def test_empty_file_and_mixed_line_ends_are_warnings(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_bytes(b"intents:\r\n  - a\n")
    (tmp_path / "nlu.yml").write_text("# nothing yet\n", encoding="utf-8")
    a = read_assistant(tmp_path)
    assert {(p.file, p.severity) for p in a.problems} == {
        ("domain.yml", "warning"),
        ("nlu.yml", "warning"),
    }


def test_kept_apart_folders_are_not_read(folder: Path) -> None:
    (folder / "tests").mkdir()
    (folder / "tests" / "nlu.yml").write_text("broken: [", encoding="utf-8")
    (folder / "credentials.yml").write_text("rest: [", encoding="utf-8")
    (folder / "test_stories.yml").write_text("stories: [", encoding="utf-8")
    (folder / ".pre-commit-config.yaml").write_text("repos: [", encoding="utf-8")
    assert read_assistant(folder).problems == []


def test_sentiment_lines_are_examples_without_intent(folder: Path) -> None:
    row = '{"text": "great, another delay", "sentiment": "negative"}\n'
    (folder / "data" / "sentiment.en.jsonl").write_text(row, encoding="utf-8")
    last = read_assistant(folder).examples[-1]
    assert (last.intent, last.sentiment, last.entities) == (None, "negative", None)


fragments = st.sampled_from(
    [
        "nlu:",
        "intents:",
        "- intent: a",
        "  examples: |",
        "    - x [y](z)",
        "slots:",
        "{",
        "[",
        "&a",
        "*a",
        "!!python/object",
        "? ",
        "\t",
        ": ",
        "'",
        '"',
        "<<: ",
        "---",
        "...",
        "%YAML 1.1",
        "2001-13-99",
        "!!set",
        "!!timestamp x",
        "!!binary $",
        "responses:",
        "  utter_a:",
        "rules:",
        "forms:",
        "1e999",
        "session_config:",
        "version: 3",
        "~",
        "!!omap",
        "entities:",
        "- a: 1",
    ]
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(text=st.one_of(st.text(max_size=80), st.lists(fragments, max_size=12).map("\n".join)))
@example(text="&0{&0")
def test_arbitrary_yaml_never_fails_otherwise(tmp_path: Path, text: str) -> None:
    for name in ("domain.yml", "frontdesk.yml"):
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    for problem in read_assistant(tmp_path, strict=False).problems:
        assert problem.fix
    caught: list[DataError] = []
    try:
        read_assistant(tmp_path)
    except DataError as error:
        caught.append(error)
    assert all(error.problems for error in caught)


def test_what_is_done_with_a_reading_stays_out_of_the_next(folder: Path) -> None:
    first = read_assistant(folder)
    lines = list(first.examples)
    first.examples.clear()
    first.synonyms.clear()
    assert read_assistant(folder).examples == lines
    path = folder / lines[0].file
    path.write_text(path.read_text(encoding="utf-8").replace(lines[0].text, "quite another line"))
    assert read_assistant(folder).examples[0].text == "quite another line"


@pytest.mark.parametrize(
    ("name", "text", "severity"),
    [
        ("compose.yml", "version: '3.4'\nservices: {web: {image: a}}\n", "warning"),
        ("tools/list.yml", "- a\n- b\n", "warning"),
        ("data/nlu/greet.yml", "- intent: greet\n", "error"),
        ("nlu_shop.yml", "- intent: greet\n", "error"),
    ],
)
def test_files_of_other_tools_are_told_and_left(
    tmp_path: Path, name: str, text: str, severity: str
) -> None:
    (tmp_path / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    [problem] = read_assistant(tmp_path, strict=False).problems
    assert (problem.file, problem.severity) == (name, severity)
