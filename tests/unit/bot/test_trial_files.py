"""Test stories as they are written."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bot.trials.files import read_stories, test_files
from intents.assistant import ANY

STORIES = """
stories:
- story: buying
  steps:
  - user: |
      to [Rome]{"entity": "city", "role": "to", "value": "ROM"} please
    intent: inform
  - intent: affirm
    entities:
    - amount: 5
  - slot_was_set:
    - city: ROM
    - amount
  - or:
    - action: utter_a
    - action: utter_b
  - active_loop: null
  - bot: "Done"
"""
CASES = """
fixtures:
- signed_in:
  - name: Ann
test_cases:
- test_case: hello
  fixtures: [signed_in]
  steps:
  - user: hi
  - utter: utter_hello
  - slot_was_not_set: [city]
"""


def _write(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_story_keeps_words_marks_and_lines(tmp_path: Path) -> None:
    path = _write(tmp_path, "tests/test_stories.yml", STORIES)
    (story,), problems = read_stories(tmp_path, [path])
    assert (problems, story.name, story.file, story.told) == (
        [], "buying", "tests/test_stories.yml", True,
    )  # fmt: skip
    first, second, slots, action, loop, bot = story.steps
    assert (first.kind, first.line, first.value, first.intent) == (
        "user", 5, "to Rome please", "inform",
    )  # fmt: skip
    assert first.entities == (
        {"entity": "city", "start": 3, "end": 7, "value": "ROM", "role": "to"},
    )
    assert (second.value, second.entities) == (None, ({"entity": "amount", "value": 5},))
    assert slots.value == (("city", "ROM"), ("amount", ANY))
    assert [(s.kind, s.value) for s in (action, loop, bot)] == [
        ("action", "utter_a"), ("loop", None), ("bot", "Done"),
    ]  # fmt: skip


def test_test_case_begins_with_its_fixtures(tmp_path: Path) -> None:
    (case,), problems = read_stories(tmp_path, [_write(tmp_path, "tests/e2e.yml", CASES)])
    assert (problems, case.told, dict(case.slots)) == ([], False, {"name": "Ann"})
    assert [step.kind for step in case.steps] == ["user", "action", "unset"]


def test_files_are_found_in_tests_and_by_name(tmp_path: Path) -> None:
    wanted = {"tests/a.yml", "test_b.yaml", "data/test_c.yml"}
    for name in (*wanted, "data/nlu.yml", ".git/tests/x.yml", "tests/notes.txt"):
        _write(tmp_path, name, "stories: []")
    assert {p.relative_to(tmp_path).as_posix() for p in test_files(tmp_path)} == wanted


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    text = "stories:\n- story: s\n  steps:\n  - shout: hey\n- story: t\n"
    stories, problems = read_stories(tmp_path, [_write(tmp_path, "tests/t.yml", text)])
    assert [len(story.steps) for story in stories] == [0]
    assert [(p.file, p.line) for p in problems] == [("tests/t.yml", 4), ("tests/t.yml", 5)]


@given(st.text(max_size=200))
def test_any_text_is_read_or_reported(text: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "t.yml"
        path.write_text("stories: " + text, encoding="utf-8", errors="replace")
        read_stories(Path(name), [path])


KEYS = """
stories:
- story: every key
  steps:
  - user: hi
    metadata: {channel: web}
  - utter: [utter_a, utter_b]
  - bot: [One, Two]
  - not: {bot: "None of this"}
  - form: booking
  - form: null
  - slot_was_not_set: [city, {name: Ann}]
  - checkpoint: later
  - metadata: {note: kept out}
  - ...
  - intent: inform
    entities: [city, {city: Rome, role: to}]
  - or: {action: utter_c}
- story: a customer's
  customer: 12
  steps: [{user: hi}]
  fixtures: [unknown]
rules:
- rule: no test
  steps: [{user: hi}]
"""


def test_every_key_of_a_step_is_read(tmp_path: Path) -> None:
    (story, customers), problems = read_stories(tmp_path, [_write(tmp_path, "tests/k.yml", KEYS)])
    assert problems == []
    assert [(s.kind, s.value, s.negated) for s in story.steps] == [
        ("user", "hi", False),
        ("action", ("utter_a", "utter_b"), False),
        ("bot", ("One", "Two"), False),
        ("bot", "None of this", True),
        ("loop", "booking", False),
        ("loop", None, False),
        ("unset", (("city", ANY), ("name", "Ann")), False),
        ("user", None, False),
        ("action", "utter_c", False),
    ]
    assert story.steps[7].entities == (
        {"entity": "city", "value": "city"},
        {"entity": "city", "value": "Rome", "role": "to"},
    )
    assert (customers.customer, dict(customers.slots)) == ("12", {})


def test_test_case_names_its_fixtures_and_later_ones_win(tmp_path: Path) -> None:
    text = """
fixtures:
- one: {name: Ann, city: Rome}
- two: [{name: Bob}, {tier: gold}]
- three: nonsense
test_cases:
- test_case: both
  fixtures: [one, two, three]
  steps: [{user: hi}]
"""
    (case,), problems = read_stories(tmp_path, [_write(tmp_path, "tests/f.yml", text)])
    assert problems == []
    assert dict(case.slots) == {"name": "Bob", "city": "Rome", "tier": "gold"}


def test_entities_may_stand_beside_the_words(tmp_path: Path) -> None:
    text = """
stories:
- story: beside
  steps:
  - user: "from Rome"
    intent: inform
    entities:
    - city: Rome
    - place
  - user: "from [Rome](city)"
    intent: inform
    entities: [place]
"""
    (story,), problems = read_stories(tmp_path, [_write(tmp_path, "tests/t.yml", text)])
    assert problems == []
    beside, within = (step.entities for step in story.steps)
    assert beside == ({"entity": "city", "value": "Rome"}, {"entity": "place"})
    assert within == ({"entity": "city", "start": 5, "end": 9, "value": "Rome"},)


def test_a_folder_named_for_tests_holds_tests(tmp_path: Path) -> None:
    path = _write(tmp_path, "test_conversations/greeting.yml", STORIES)
    _write(tmp_path, "testimony/stories.yml", STORIES)
    assert test_files(tmp_path) == [path]


def test_a_bracket_that_is_no_mark_is_text_and_told(tmp_path: Path) -> None:
    text = 'stories:\n- story: a\n  steps:\n  - user: "to [Rome]](city)"\n    intent: inform\n'
    (story,), problems = read_stories(tmp_path, [_write(tmp_path, "tests/t.yml", text)])
    assert [step.value for step in story.steps] == ["to [Rome]](city)"]
    assert [problem.severity for problem in problems] == ["warning"]


def test_a_broken_file_of_lines_is_none_of_stories(tmp_path: Path) -> None:
    """``rasa init`` lays test_nlu.yml beside the stories; Rasa's test of them never reads it."""
    lines = "nlu:\n- intent: a\n  examples: |\n     - b\n   - c\n"
    broken = _write(tmp_path, "tests/test_nlu.yml", lines)
    told = _write(tmp_path, "tests/test_stories.yml", STORIES)
    stories, problems = read_stories(tmp_path, [broken, told])
    assert ([story.name for story in stories], problems) == (["buying"], [])
    _write(tmp_path, "tests/test_nlu.yml", f"{lines}stories: []\n")
    assert read_stories(tmp_path, [broken, told])[1]
