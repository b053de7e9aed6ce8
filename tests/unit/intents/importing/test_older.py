"""Projects of Rasa 1.x: brought along on the way, and the forms of their code."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.home import Home
from bot.trials.files import read_stories, test_files
from intents.assistant import SlotMapping
from intents.importing import bring
from intents.importing.older import is_older, renewed
from intents.reading.folder import read_assistant
from intents.validate import validate
from tests.unit.intents.importing.support import put

LINES = """\
## intent:book
- a table please
- book [two](seats) seats

## intent:stop
- stop it
"""
STORIES = """\
## booking
* book
  - table_form
  - form{"name": "table_form"}
*stop
  - action_deactivate_form
  - form{"name": null}
  -utter_bye
* faq/price
  - respond_faq
"""
TESTS = """\
## booked in words
* book: [two](seats) seats at noon
  - table_form
  - form{"name": "table_form"}
  - slot{"seats": "two"}
* stop OR book{"seats": "four"}
  - utter_bye
"""
DOMAIN = """\
intents: [book, stop, faq]
entities: [seats]
slots:
  seats: {type: unfeaturized}
  at: {type: text}
forms: [table_form, other_form]
actions: [utter_bye]
responses:
  utter_faq/price: [{text: Ten}]
  utter_bye: [{text: Bye}]
  utter_ask_at: [{text: When?}]
  utter_ask_seats: [{text: How many?}]
"""
CODE = '''
from rasa_sdk import forms

raise SystemExit("this code is never run")


class TableForm(forms.FormAction):
    """Says \\d."""

    def name(self):
        return "table_form"

    @staticmethod
    def required_slots(tracker):
        if tracker.get_slot("seats"):
            return ["seats"]
        return ["seats", "at"]

    def slot_mappings(self):
        return {
            "at": [self.from_text(not_intent="stop"), self.from_intent(intent="stop", value=False)],
            "note": self.unknown(), LATER: self.from_text(),
        }


class OtherForm(forms.FormAction):
    def name(self):
        return "other_form"

    def required_slots(tracker):
        return NAMES
'''
PROJECT = {
    "domain.yml": DOMAIN,
    "config.yml": "language: en\npipeline: supervised_embeddings\n",
    "data/nlu.md": LINES,
    "data/stories.md": STORIES,
    "tests/conversation_tests.md": TESTS,
    "tests/notes.md": "# What we test\n",
    "actions.py": CODE,
    "broken.py": "class A(FormAction: pass",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return put(tmp_path / "project", PROJECT)


def test_forms_are_read_from_their_code(project: Path) -> None:
    found = bring(project)
    form = found.assistant.forms["table_form"]
    assert form.required_slots == ("seats", "at")
    assert found.assistant.slots["seats"].mappings == (
        SlotMapping("from_entity", "seats"),
        SlotMapping("from_entity", "seats", conditions=(("table_form", None),)),
    )
    asked = (("table_form", "at"),)
    assert found.assistant.slots["at"].mappings == (
        SlotMapping("from_text", not_intents=("stop",), conditions=asked),
        SlotMapping("from_intent", intents=("stop",), value=False, conditions=asked),
    )
    told = {note.what: note for note in found.notes}
    assert (
        "validate_table_form"
        in told["the slots of table_form, read from the code of its action"].instead
    )
    assert not found.assistant.forms["other_form"].required_slots
    assert "the slots of other_form, which stand in the code of its action" in told
    errors = [p.found for p in validate(found.assistant) if p.severity == "error"]
    assert errors == ["none"]  # the slots of other_form


def test_code_is_parsed_without_a_word(project: Path) -> None:
    program = "import sys; from intents.importing import bring; bring(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", program, project], capture_output=True, check=True
    )
    assert b"escape" not in done.stderr


def test_an_older_project_is_known_by_its_lines(project: Path, tmp_path: Path) -> None:
    assert is_older(project)
    assert not is_older(tmp_path / "nothing")
    (project / "nlu.yml").write_text("nlu:\n- intent: stop\n  examples: '- no'\n", encoding="utf-8")
    assert not is_older(project)
    readme = {"domain.yml": DOMAIN, "README.md": LINES}
    assert not is_older(put(tmp_path / "today", readme))
    assert is_older(put(tmp_path / "json", {"data.json": {"rasa_nlu_data": {}}}))


def test_a_home_takes_an_older_project(project: Path, tmp_path: Path) -> None:
    assistant = read_assistant(Home(tmp_path / "home").copy_pack(project), strict=False)
    assert [(line.text, line.intent) for line in assistant.examples] == [
        ("a table please", "book"),
        ("book two seats", "book"),
        ("stop it", "stop"),
    ]
    assert assistant.forms["table_form"].required_slots == ("seats", "at")
    [story] = assistant.stories
    done = [step.value for step in story.steps if step.kind == "action"]
    assert done == ["table_form", "action_deactivate_loop", "utter_bye", "utter_faq"]


def test_a_renewed_copy_keeps_what_else_is_there(project: Path, tmp_path: Path) -> None:
    out = put(tmp_path / "out", {**PROJECT, "actions/shop.py": "x = 1"})
    renewed(project, out)
    assert (out / "actions" / "shop.py").is_file()
    assert (out / "data" / "nlu.yml").is_file()
    assert 'version: "3.1"' in (out / "domain.yml").read_text(encoding="utf-8")


def test_test_stories_in_markdown(project: Path) -> None:
    files = test_files(project)
    assert [path.name for path in files] == ["conversation_tests.md"]
    [story], problems = read_stories(project, files)
    assert not problems
    assert (story.name, story.file, story.line) == (
        "booked in words",
        "tests/conversation_tests.md",
        1,
    )
    said, form, loop, slot, other, bye = story.steps
    assert (said.kind, said.value, said.intent, said.line) == (
        "user",
        "two seats at noon",
        "book",
        2,
    )
    mark = {"entity": "seats", "start": 0, "end": 3, "value": "two"}
    assert said.entities == (mark,)
    assert (form.kind, form.value) == ("action", "table_form")
    assert (loop.kind, loop.value) == ("loop", "table_form")
    assert (slot.kind, slot.value) == ("slots", (("seats", "two"),))
    assert (other.value, other.intent) == (None, "stop")
    assert (bye.kind, bye.value) == ("action", "utter_bye")


def test_what_a_test_left_behind_teaches_nothing(tmp_path: Path) -> None:
    plain = bring(put(tmp_path / "plain", PROJECT)).assistant
    left = {**PROJECT, "results/failed_stories.md": STORIES, "models/nlu.md": LINES}
    again = bring(put(tmp_path / "left", left)).assistant
    assert len(again.stories) == len(plain.stories)
    assert len(again.examples) == len(plain.examples)
