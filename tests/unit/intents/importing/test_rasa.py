"""Rasa projects of every age."""

from pathlib import Path

import pytest

from intents.content import content
from intents.examples import Entity
from intents.importing import bring, write
from intents.reading.folder import read_assistant
from tests.unit.intents.importing.support import again, brought, lines, put, steps, told

NLU_MD = """\
<!-- a comment
that goes on -->
## intent:greet
- hi
* hello [Ann](name)

## intent:go
- to [NYC](city:New York) and [Rome]{"entity": "city", "role": "to"}
-

## synonym:New York
- NYC
- big apple

## regex:zip
- \\d{5}

## lookup:city
data/cities.txt
"""
STORIES_MD = """\
## happy path <!-- 17 -->
* greet OR hello{"name": "Ann"}
  - utter_greet
  - slot{"known": true}
> later

## form
> later
* form: go{"city": "Rome"}
  - trip_form
  - form{"name": "trip_form"}
  - form{"name": null}
  - followup{"name": "x"}
"""
DOMAIN_1 = """\
intents:
- greet
- hello
- go: {triggers: action_go}
entities: [city, name, zip]
slots:
  city: {type: text}
  known: {type: unfeaturized}
templates:
  utter_greet:
  - Hello there
actions: [utter_greet, action_go]
forms: [trip_form]
"""
TESTS_MD = """\
## test
* greet: hello [Ann](name)
  - utter_greet
"""


def old_project() -> dict[str, str]:
    return {
        "README.md": "## A bot\n* it greets\n",
        "data/nlu.md": NLU_MD,
        "data/cities.txt": "Rome\nParis\n",
        "data/stories.md": STORIES_MD,
        "data/responses.md": "## ask\n* chitchat/ask_name\n  - I am a bot.\n  - A bot.\n",
        "domain.yml": DOMAIN_1,
        "tests/conversation_tests.md": TESTS_MD,
        "config.yml": "language: en\npipeline: supervised_embeddings\n",
        "endpoints.yml": "action_endpoint:\n  url: http://x\nnlg:\n  url: http://y\n",
        "credentials.yml": "slack:\n  token: secret-token\n",
        "actions.py": "",
    }


def test_a_project_of_1_x(tmp_path: Path) -> None:
    found = brought(tmp_path, old_project())
    a = found.assistant
    assert lines(found, "greet") == ["hi", "hello Ann"]
    assert a.examples_of("go")[0].entities == (
        Entity(3, 6, "city", "New York"),
        Entity(11, 15, "city", "Rome", "to"),
    )
    assert (a.synonyms[0].value, a.synonyms[0].variants) == ("New York", ("NYC", "big apple"))
    assert (a.regexes[0].items, a.lookups[0].items) == ((r"\d{5}",), ("Rome", "Paris"))
    first, second = a.stories
    assert [step.kind for step in first.steps] == ["or", "action", "slot_was_set", "checkpoint"]
    assert [step.value for step in first.steps[0].value] == ["greet", "hello"]
    assert first.steps[0].value[1].entities == ({"name": "Ann"},)
    assert steps(second)[1:] == [
        ("intent", "go"),
        ("action", "trip_form"),
        ("active_loop", "trip_form"),
        ("active_loop", None),
    ]
    assert a.responses["utter_greet"][0].text == "Hello there"
    assert [v.text for v in a.responses["utter_chitchat/ask_name"]] == ["I am a bot.", "A bot."]
    assert [m.type for m in a.slots["city"].mappings] == ["from_entity"]
    assert steps(a.rules[0]) == [("intent", "go"), ("action", "action_go")]
    assert found.tests[0].steps[0].text == "hello [Ann](name)"
    events = [p for p in found.problems if "followup" in p.found]
    assert (events[0].file, events[0].line) == ("data/stories.md", 13)


def test_what_does_not_come_along_is_told_without_secrets(tmp_path: Path) -> None:
    found = brought(tmp_path, old_project())
    notes = told(found)
    assert "config.yml:2: approximated: supervised_embeddings" in notes
    assert "endpoints.yml:1: approximated: the address of the action server" in notes
    assert "endpoints.yml:3: approximated: the address of the NLG server" in notes
    assert "credentials.yml:1: left out: the channel slack" in notes
    assert "the slots of trip_form" in told(found, "left out")
    assert "secret-token" not in notes


def test_what_is_written_is_read_again_as_the_same(tmp_path: Path) -> None:
    found = brought(tmp_path, old_project())
    read = again(found, tmp_path / "out")
    assert content(read) == content(found.assistant)
    tests = (tmp_path / "out/tests/test_stories.yml").read_text(encoding="utf-8")
    assert 'user: "hello [Ann](name)"' in tests


def test_a_project_of_today_is_copied_with_its_comments(tmp_path: Path) -> None:
    domain = 'version: "3.1"  # mine\nintents: [a]\nslots:\n  s: {type: text, mappings: []}\n'
    files = {
        "bot/domain.yml": domain,
        "bot/data/nlu.yml": "nlu:\n- intent: a\n  examples: |\n    - x\n",
        "bot/tests/test_a.yml": "stories: []\n",
        "bot/config.yml": "language: zh\nimporters: []\n",
    }
    found = brought(tmp_path, files)
    assert found.as_it_is
    written = write(found, tmp_path / "out")
    assert sorted(path.name for path in written) == [
        "config.yml",
        "domain.yml",
        "nlu.yml",
        "test_a.yml",
    ]
    assert (tmp_path / "out/domain.yml").read_text(encoding="utf-8") == domain
    assert read_assistant(tmp_path / "out").languages == ("zh",)


def test_a_domain_of_2_0_is_written_as_3_1(tmp_path: Path) -> None:
    domain = """\
version: "2.0"
intents: [a]
entities: [city]
slots: {city: {type: text}}
forms:
  f:
    required_slots:
      city: [{type: from_text}]
"""
    found = brought(tmp_path, {"domain.yml": domain})
    read = again(found, tmp_path / "out")
    text = (tmp_path / "out/domain.yml").read_text(encoding="utf-8")
    assert text.startswith('version: "3.1"')
    assert content(read) == content(found.assistant)
    assert read.slots["city"].mappings[0].conditions == (("f", "city"),)


JSON = {
    "rasa_nlu_data": {
        "common_examples": [
            {
                "text": "to Rome",
                "intent": "go",
                "entities": [
                    {"start": 3, "end": 7, "entity": "city", "value": "ROM", "role": "to"}
                ],
            },
            {
                "text": "to Oslo",
                "intent": "go",
                "entities": [{"start": 3, "end": 99, "entity": "c"}],
            },
            {"text": " ", "intent": "go"},
        ],
        "entity_synonyms": [{"value": "ROM", "synonyms": ["Rome"]}],
        "regex_features": [{"name": "zip", "pattern": "[0-9]{5}"}],
        "lookup_tables": [{"name": "city", "elements": ["Rome", "Oslo"]}],
    }
}


def test_nlu_json(tmp_path: Path) -> None:
    found = brought(tmp_path, {"data/nlu.json": JSON})
    a = found.assistant
    assert a.examples[0].entities == (Entity(3, 7, "city", "ROM", "to"),)
    assert (a.synonyms[0].variants, a.regexes[0].items) == (("Rome",), ("[0-9]{5}",))
    assert a.lookups[0].items == ("Rome", "Oslo")
    assert [problem.severity for problem in found.problems] == ["warning", "warning"]
    assert found.problems[0].line == 21
    assert content(again(found, tmp_path / "out")) == content(a)


def test_one_file_alone(tmp_path: Path) -> None:
    found = bring(put(tmp_path, {"stories.md": STORIES_MD, "nlu.md": NLU_MD}) / "nlu.md")
    assert lines(found, "greet") == ["hi", "hello Ann"]
    assert list(found.assistant.intents) == ["greet", "go"]


def test_a_broken_file_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    files = {
        "domain.yml": "intents: [a\n",
        "data/nlu.yml": "nlu:\n- intent: a\n  examples: |\n    - x\n",
        "data/new.yml": 'version: "4.0"\nnlu: []\n',
    }
    found = brought(tmp_path, files)
    assert lines(found, "a") == ["x"]
    assert [(p.file, p.line) for p in found.problems] == [("domain.yml", 2), ("data/new.yml", 1)]


def test_a_component_of_the_projects_own_is_left_out(tmp_path: Path) -> None:
    config = "pipeline:\n- name: mine.Speller\n- name: DIETClassifier\n- name: RulePolicy\n"
    duckling = "- name: DucklingEntityExtractor\n  dimensions: [time, temperature]\n"
    found = brought(tmp_path, {"domain.yml": "intents: [a]\n", "config.yml": config + duckling})
    assert "config.yml:2: left out: the component Speller" in told(found)
    assert "config.yml:3: approximated: DIETClassifier." in told(found)
    assert "config.yml:5: left out: Duckling's dimension temperature" in told(found)


@pytest.mark.parametrize("row", ["* greet{bad json}", "some prose", "- slot{1: 2}"])
def test_story_lines_that_cannot_be_read_are_told(tmp_path: Path, row: str) -> None:
    story = f"## a\n* greet\n  - utter_greet\n{row}\n"
    found = brought(tmp_path, {"data/stories.md": story, "domain.yml": "intents: [greet]\n"})
    assert [(p.file, p.line) for p in found.problems] == [("data/stories.md", 4)]
