"""What is written is read again as the same assistant."""

import tempfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.assistant import Assistant, IntentInfo
from intents.content import content
from intents.examples import Entity, Example
from intents.reading.folder import read_assistant
from intents.reading.yamlfile import load, plain
from intents.writing.exporting import render, spelt_out, write_assistant
from intents.writing.yamlwrite import Block, document
from models.errors import DataError
from tests.unit.intents.assistants import assistants, data, texts


@given(assistants())
def test_an_assistant_comes_back_as_it_was(assistant: Assistant) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_assistant(assistant, folder)
        again = read_assistant(folder, strict=False)
    assert content(again) == content(assistant)


@given(assistants())
def test_any_domain_can_be_spelt_out(assistant: Assistant) -> None:
    assert set(orjson.loads(orjson.dumps(spelt_out(assistant)))["slots"]) == set(assistant.slots)


DOMAIN = """
entities: [{city: {roles: [to]}}]
slots:
  size: {type: categorical, values: [S, L], mappings: [{type: custom}]}
  city:
    type: text
    influence_conversation: false
    initial_value: Rome
    mappings: [{type: from_entity, entity: city, conditions: [{active_loop: trip}]}]
forms: {trip: {required_slots: [city], ignored_intents: chitchat}}
responses:
  utter_a: [{text: A, channel: slack, buttons: [{title: B, payload: /b}], condition: [
    {type: slot, name: city, value: Rome}]}]
session_config: {session_expiration_time: 5, carry_over_slots_to_new_session: false}
"""


def test_actions_are_told_the_whole_domain(tmp_path: Path) -> None:
    """rasa-sdk asks the mappings which slots are a form's, custom actions ask for the rest."""
    (tmp_path / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    found = spelt_out(read_assistant(tmp_path, strict=False))
    wanted = plain(load(DOMAIN, "x"))
    size = {"initial_value": None, "influence_conversation": True, **wanted["slots"]["size"]}
    assert found["slots"] == {"size": size, "city": wanted["slots"]["city"]}
    assert found["forms"]["trip"]["ignored_intents"] == ["chitchat"]
    for key in ("entities", "responses", "session_config"):
        assert found[key] == wanted[key]


@given(st.dictionaries(texts, data, max_size=3))
def test_any_data_come_back_from_yaml(value: dict[str, Any]) -> None:
    assert plain(load(document(value), "x")) == value or not value


def test_texts_that_yaml_1_1_would_turn_are_quoted() -> None:
    text = document({"values": ["yes", "off", "12:30", "0123", "1e3", "~", "plain_name"]})
    assert (
        text
        == 'values:\n  - "yes"\n  - "off"\n  - "12:30"\n  - "0123"\n  - "1e3"\n  - "~"\n'
        + ("  - plain_name\n")
    )


def test_blocks_are_blocks() -> None:
    assert document({"a": [{"intent": "b", "examples": Block(["c", "d"])}]}) == (
        "a:\n  - intent: b\n    examples: |\n      - c\n      - d\n"
    )


def test_lines_stand_together_by_intent_with_their_marks(tmp_path: Path) -> None:
    examples = [
        Example("to Rome", "go", (Entity(3, 7, "city", "Rome"),)),
        Example("hi", "greet", ()),
        Example("to NYC", "go", (Entity(3, 6, "city", "New York", "to"),)),
    ]
    files = render(Assistant(tmp_path, examples=examples))
    assert (
        files["data/nlu.yml"]
        == """\
version: "3.1"

nlu:
  - intent: go
    examples: |
      - to [Rome](city)
      - to [NYC]{"entity": "city", "role": "to", "value": "New York"}
  - intent: greet
    examples: |
      - hi
"""
    )


@pytest.mark.parametrize(
    "odd",
    [
        Example("no intent"),
        Example("asked", "a", requested_slots=("city",)),
        Example("two\nlines", "a"),
        Example(" blank", "a"),
        Example("- dash", "a"),
    ],
)
def test_lines_that_yaml_cannot_say_go_to_a_file_of_json_lines(
    tmp_path: Path, odd: Example
) -> None:
    assistant = Assistant(tmp_path, examples=[Example("plain", "a"), odd])
    assert list(render(assistant)) == ["data/nlu.yml", "data/lines.jsonl"]
    write_assistant(assistant, tmp_path)
    assert content(read_assistant(tmp_path)) == content(assistant)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("mine", encoding="utf-8")
    assistant = Assistant(tmp_path, intents={"a": IntentInfo("a")})
    with pytest.raises(DataError, match="expected a folder without it"):
        write_assistant(assistant, tmp_path)
    assert (tmp_path / "domain.yml").read_text(encoding="utf-8") == "mine"


def test_an_empty_assistant_has_no_files(tmp_path: Path) -> None:
    assert render(Assistant(tmp_path)) == {}
