"""``frontdesk test`` on a small Rasa project: trained, played, with its own actions or without."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from bot.cli import main

FILES = {
    "config.yml": """
language: en
pipeline:
- {name: WhitespaceTokenizer}
- {name: DIETClassifier}
- {name: EntitySynonymMapper}
- {name: FallbackClassifier}
policies: [{name: RulePolicy}, {name: AugmentedMemoizationPolicy}]
""",
    "domain.yml": """
version: "3.1"
intents: [greet, book, inform, help]
entities: [room]
slots:
  room: {type: text, influence_conversation: false,
    mappings: [{type: from_entity, entity: room}]}
  free: {type: bool, mappings: [{type: custom}]}
  loud: {type: bool, influence_conversation: false,
    mappings: [{type: custom, action: action_listen_closely}]}
forms:
  book_form: {required_slots: [room]}
actions: [utter_greet, validate_book_form, action_check, action_listen_closely]
responses:
  utter_greet: [{text: Hello}]
  utter_help: [{text: I book rooms}]
  utter_ask_room: [{text: Which room?}]
  utter_free: [{text: "The {room} room is yours"}]
  utter_taken: [{text: Taken}]
  utter_view: [{text: The blue one looks out on the lake}]
  utter_ask_rephrase: [{text: How else would you say it?}]
  utter_default: [{text: I give up}]
""",
    "data/nlu.yml": """
version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello
    - hi there
    - good morning
    - hey bot
    - greetings to you
- intent: book
  examples: |
    - I want to book a room
    - book a room please
    - can I reserve a room
    - I need a meeting room
    - reserve something for us
- intent: inform
  examples: |
    - the [blue](room) one
    - [red](room) please
    - take the [green](room) room
    - [blue](room) would be fine
    - the [red](room) room
- intent: help
  examples: |
    - help me
    - what can you do
    - how does this work
    - I need some help
    - explain yourself
""",
    "data/rules.yml": """
version: "3.1"
rules:
- rule: greet
  steps: [{intent: greet}, {action: utter_greet}]
- rule: help
  steps: [{intent: help}, {action: utter_help}]
- rule: not understood
  steps:
  - intent: nlu_fallback
  - action: action_two_stage_fallback
  - active_loop: action_two_stage_fallback
- rule: book
  steps: [{intent: book}, {action: book_form}, {active_loop: book_form}]
- rule: booked
  condition: [{active_loop: book_form}]
  wait_for_user_input: false
  steps: [{action: book_form}, {active_loop: null}, {action: action_check}]
- rule: free
  condition: [{slot_was_set: [{free: true}]}]
  steps: [{action: action_check}, {action: utter_free}]
- rule: taken
  condition: [{slot_was_set: [{free: false}]}]
  steps: [{action: action_check}, {action: utter_taken}]
""",
    "data/stories.yml": """
version: "3.1"
stories:
- story: what they want in their own words
  steps:
  - intent: help
  - action: utter_help
  - user: the view is what matters to me
  - action: utter_view
""",
    "actions/__init__.py": "",
    "actions/rooms.py": """
from rasa_sdk import Action
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.forms import FormValidationAction


class Validate(FormValidationAction):
    def name(self):
        return "validate_book_form"

    def validate_room(self, value, dispatcher, tracker, domain):
        return {"room": value if value in ("blue", "red") else None}


class ListenClosely(Action):
    def name(self):
        return "action_listen_closely"

    def run(self, dispatcher, tracker, domain):
        return [SlotSet("loud", tracker.latest_message["text"].isupper())]


class Check(Action):
    def name(self):
        return "action_check"

    def run(self, dispatcher, tracker, domain):
        hurried = tracker.latest_message["text"].endswith("!")
        found = SlotSet("free", tracker.get_slot("room").strip() == "blue")
        return [found, FollowupAction("utter_view")] if hurried else [found]
""",
    "tests/test_stories.yml": """
stories:
- story: booked, with help on the way
  steps:
  - {user: good morning, intent: greet}
  - action: utter_greet
  - {user: book a room please, intent: book}
  - action: book_form
  - active_loop: book_form
  - {user: what can you do, intent: help}
  - action: utter_help
  - action: book_form
  - {user: "the [blue](room) one", intent: inform}
  - action: book_form
  - active_loop: null
  - action: action_check
  - slot_was_set: [{free: true}]
  - action: utter_free
""",
    "tests/test_untold.yml": """
stories:
- story: a form that is never said to be active
  steps:
  - {user: book a room please, intent: book}
  - action: book_form
  - {user: what can you do, intent: help}
  - action: utter_help
  - {user: good morning, intent: greet}
  - action: utter_greet
""",
    "tests/test_asking_back.yml": """
stories:
- story: rephrased
  steps:
  - {user: good morning, intent: greet}
  - action: utter_greet
  - intent: nlu_fallback
  - action: action_two_stage_fallback
  - active_loop: action_two_stage_fallback
  - intent: out_of_scope
  - action: action_two_stage_fallback
  - bot: How else would you say it?
  - {user: what can you do, intent: help}
  - action: action_two_stage_fallback
  - active_loop: null
  - action: utter_help
  - user: The view is what matters to me!
  - action: utter_view
  - slot_was_set: [{loud: false}]
  - {user: I NEED SOME HELP, intent: help}
  - action: utter_help
  - slot_was_set: [{loud: true}]
""",
    "tests/test_wrong.yml": """
stories:
- story: the wrong words
  steps:
  - {user: hi there, intent: greet}
  - action: utter_help
test_cases:
- test_case: answered in full
  steps:
  - user: I want to book a room
  - bot: Which room?
  - user: "red please"
  - utter: utter_taken
  - slot_was_set: [{room: red}]
""",
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("rooms")
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def _tested(project: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    with pytest.raises(SystemExit) as ended:
        main(["test", str(project), "--json", *more])
    found: dict[str, object] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    assert ended.value.code == (1 if found["failed"] else 0)
    return found


def test_stories_are_played_with_the_projects_own_actions(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.relative_to(project) for path in project.rglob("*"))
    found = _tested(project, capsys)
    assert (found["stories"], found["passed"], found["action_server"]) == (5, 4, True)
    assert (found["passed_in_part"], found["not_run"]) == (0, {})
    assert sorted(path.relative_to(project) for path in project.rglob("*")) == before
    failures = found["failures"]
    assert isinstance(failures, list)
    [failure] = failures
    assert (failure["file"], failure["line"]) == ("tests/test_wrong.yml", 6)
    assert (failure["expected"], failure["found"]) == ("action utter_help", "utter_greet")
    assert "rule “greet”" in failure["why"]


def test_without_actions_the_story_says_what_they_bring_about(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name, text in FILES.items():
        if not name.startswith("actions/"):
            (bare / name).parent.mkdir(parents=True, exist_ok=True)
            (bare / name).write_text(text, encoding="utf-8")
    found = _tested(bare, capsys, "--stories", str(bare / "tests" / "test_stories.yml"))
    assert (found["passed"], found["action_server"], found["train_seconds"]) == (1, False, None)
    assert (found["passed_in_part"], found["not_run"]) == (1, {"book_form": 4, "action_check": 1})


OVER = """
stories:
- story: a form that would go on after the question
  steps:
  - {user: book a room please, intent: book}
  - action: book_form
  - active_loop: book_form
  - {user: what can you do, intent: help}
  - action: utter_help
- story: an action that asks for another one next
  steps:
  - {user: book a room please, intent: book}
  - action: book_form
  - active_loop: book_form
  - {user: "the [blue](room) one!", intent: inform}
  - action: book_form
  - active_loop: null
  - action: action_check
  - action: utter_free
- story: a form that is open cannot be forgotten where nothing else is written
  steps:
  - {user: book a room please, intent: book}
  - {user: good morning, intent: greet}
  - action: utter_greet
"""


def test_what_rasas_own_test_does_not_run_a_story_may_pass_over(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (story := tmp_path / "test_over.yml").write_text(OVER, encoding="utf-8")
    with pytest.raises(SystemExit):
        main(["test", str(project), "--json", "--verbose", "--stories", str(story)])
    said = capsys.readouterr()
    assert "note: book_form would go on; the story does not say so" in said.err
    assert "note: an action asks for utter_view next; the story passes over it" in said.err
    found = json.loads(said.out.strip().splitlines()[-1])
    first = found["failures"][0]
    assert (found["passed"], first["story"][:21]) == (2, "a form that is open c")
    assert (first["expected"], first["found"]) == ("action action_listen", "book_form")


SHORT = """
stories:
- story: the form's answers are left out
  steps:
  - {user: I want to book a room, intent: book}
  - action: book_form
  - active_loop: book_form
  - active_loop: null
  - action: action_check
  - slot_was_set: [{free: true}]
  - action: utter_free
- story: an answer without its words
  steps:
  - intent: book
  - action: book_form
  - active_loop: book_form
  - intent: inform
  - action: book_form
  - slot_was_set: [{room: blue}]
  - active_loop: null
  - action: action_check
  - slot_was_set: [{free: true}]
  - action: utter_free
- story: an intent instead of words
  steps:
  - {user: /help, intent: help}
  - action: utter_help
"""


def test_what_a_story_leaves_out_its_actions_cannot_read(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    story = tmp_path / "test_short.yml"
    story.write_text(SHORT, encoding="utf-8")
    found = _tested(project, capsys, "--stories", str(story))
    assert (found["passed"], found["action_server"]) == (3, True)


def test_actions_that_cannot_start_are_told_and_done_without(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(project, broken)
    (broken / "actions" / "rooms.py").write_text("import no_such_library\n", encoding="utf-8")
    given = str(broken / "tests" / "test_stories.yml")
    with pytest.raises(SystemExit):
        main(["test", str(broken), "--json", "--stories", given])
    out, err = capsys.readouterr()
    found = json.loads(out.strip().splitlines()[-1])
    assert (found["passed"], found["action_server"]) == (1, False)
    assert found["passed_in_part"] == 1
    assert "no_such_library" in err
    assert "1 of 1 stories passed, 1 of them with steps that were not run" in err
    assert "not run: book_form" in err
    with pytest.raises(SystemExit):
        main(["test", str(broken), "--python", sys.executable, "--stories", given])
    assert "did not start" in capsys.readouterr().err
