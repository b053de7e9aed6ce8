from pathlib import Path

import pytest

from intents.reading.folder import read_assistant
from intents.validate import validate
from models.errors import Problem

SOUND = {
    "domain.yml": (
        "intents:\n- greet\n- book\nentities:\n- city:\n    roles: [to]\n"
        "slots:\n  city:\n    type: text\n"
        "    mappings:\n    - type: from_entity\n      entity: city\nforms:\n  book_form:\n"
        "    required_slots: [city]\nactions: [action_book]\nresponses:\n"
        "  utter_greet:\n  - text: Hello {city}\n    translation: {zh: 你好 {city}}\n"
        "  utter_ask_city:\n  - text: Where?\n    translation:\n      zh: 哪里？\n"
    ).replace("{zh: 你好 {city}}", "\n      zh: 你好 {city}"),
    "frontdesk.yml": "languages: [en, zh]\nhandoff_intents: [book]\n",
    "nlu.yml": (
        "nlu:\n- intent: greet\n  examples: |\n"
        "    - one\n    - two\n    - three\n    - four\n    - five\n"
        "- intent: book\n  examples: |\n    - a\n    - b\n    - c\n    - d\n"
        '    - to [Rome]{"entity": "city", "role": "to"}\n'
    ),
    "rules.yml": (
        "rules:\n- rule: r\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
        "- rule: f\n  condition:\n  - active_loop: book_form\n  steps:\n  - action: book_form\n"
        "  - slot_was_set:\n    - city: Rome\n  - action: action_book\n"
    ),
}


def findings(folder: Path, **changed: str) -> list[Problem]:
    for name, text in SOUND.items():
        extra = changed.get(name.split(".")[0], "")
        (folder / name).write_text(extra or text, encoding="utf-8")
    return validate(read_assistant(folder, strict=False))


def test_sound_assistant_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "found", "severity"),
    [
        ("rules", "intent: greet", "intent: gret", "'gret'", "warning"),
        ("rules", "utter_greet", "utter_gret", "'utter_gret'", "error"),
        ("rules", "action_book", "action_bok", "'action_bok'", "error"),
        ("rules", "active_loop: book_form", "active_loop: bok_form", "'bok_form'", "error"),
        ("rules", "- city: Rome", "- town: Rome", "'town'", "error"),
        ("rules", "rule: f", "rule: r", "'r' again", "warning"),
        ("nlu", "intent: book", "intent: bok", "lines of 'bok'", "warning"),
        ("nlu", "- one", "- a", "under book and", "warning"),
        ("nlu", "- two", "- one", "'one' again", "warning"),
        ("nlu", "    - two\n", "", "4", "warning"),
        ("nlu", '"city"', '"town"', "marks of 'town'", "warning"),
        ("nlu", '"to"', '"from"', "'from'", "warning"),
        ("nlu", "[Rome]", "[Rome ]", "blanks", "warning"),
        ("domain", "- greet\n", "- greet\n- lone\n", "none", "warning"),
        ("domain", "[city]", "[city, town]", "'town'", "error"),
        ("domain", "utter_ask_city", "utter_ask_town", "none", "error"),
        ("domain", "entity: city", "entity: town", "'town'", "warning"),
        ("domain", "    translation:\n      zh: 哪里？\n", "", "none", "warning"),
        ("domain", "      zh: 哪里？\n", "      zh: 哪里？\n      fr: où\n", "'fr'", "warning"),
        ("domain", "你好 {city}", "你好", "zh: none", "warning"),
        ("domain", "Hello {city}", "Hello {city", "malformed", "error"),
        ("domain", "  - text: Where?", "  - channel: slack", "none", "error"),
        ("domain", "type: text\n", "type: categorical\n", "none", "error"),
        ("frontdesk", "[book]", "[bok]", "'bok'", "error"),
        ("frontdesk", "languages: [en, zh]", "recognise: {town: date}", "'town'", "error"),
    ],
)
def test_findings(tmp_path: Path, file: str, old: str, new: str, found: str, severity: str) -> None:
    text = next(text for name, text in SOUND.items() if name.startswith(file))
    assert old in text
    problems = findings(tmp_path, **{file: text.replace(old, new, 1)})
    hits = [p for p in problems if found in p.found and p.severity == severity]
    assert hits, [str(p) for p in problems]
    assert hits[0].file
    assert hits[0].line
    assert hits[0].fix


def test_malformed_text_of_a_rasa_project_is_said_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("pipeline: [{name: DIETClassifier}]", encoding="utf-8")
    problems = findings(tmp_path, domain=SOUND["domain.yml"].replace("Where?", "Send {"))
    [found] = [p for p in problems if "malformed" in p.found]
    assert found.severity == "warning"
    assert "as it stands" in found.fix


@pytest.mark.parametrize(
    ("file", "old", "new", "found"),
    [
        ("domain", "utter_ask_city", "utter_ask_town", "none"),
        ("rules", "- city: Rome", "- town: Rome", "'town'"),
        ("domain", "type: text\n", "type: categorical\n", "none"),
        ("domain", "- city:\n    roles: [to]", "- city:\n  - roles: [to]", "[{'roles': ['to']}]"),
    ],
)
def test_what_rasa_puts_up_with_keeps_no_rasa_project_from_running(
    tmp_path: Path, file: str, old: str, new: str, found: str
) -> None:
    (tmp_path / "config.yml").write_text("pipeline: [{name: DIETClassifier}]", encoding="utf-8")
    text = next(text for name, text in SOUND.items() if name.startswith(file))
    problems = findings(tmp_path, **{file: text.replace(old, new, 1)})
    assert found in [problem.found for problem in problems if problem.severity == "warning"]
    assert not [problem for problem in problems if problem.severity == "error"]


def test_buttons_need_titles_in_every_language(tmp_path: Path) -> None:
    text = SOUND["domain.yml"].replace(
        "  - text: Where?\n",
        "  - text: Where?\n    buttons:\n    - title: Rome\n      payload: /a\n",
    )
    (problem,) = findings(tmp_path, domain=text)
    assert "button 'Rome'" in problem.expected


def test_findings_of_reading_are_included_and_errors_come_first(tmp_path: Path) -> None:
    problems = findings(tmp_path, rules="rules:\n- rule: a\n", nlu=SOUND["nlu.yml"] + "# end\n")
    assert problems[0].severity == "error"
    assert problems[0].file == "rules.yml"


def test_retrieval_intents_and_the_two_stage_fallback_need_no_declaration(tmp_path: Path) -> None:
    rules = """\
rules:
  - rule: answers
    steps:
      - intent: greet
      - action: utter_faq
  - rule: asks twice
    steps:
      - intent: nlu_fallback
      - action: action_two_stage_fallback
      - active_loop: action_two_stage_fallback
"""
    domain = SOUND["domain.yml"].replace("responses:\n", "responses:\n  utter_faq/a: [{text: x}]\n")
    found = findings(tmp_path, domain=domain, rules=rules)
    assert [str(problem) for problem in found if problem.severity == "error"] == []
