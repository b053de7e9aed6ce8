"""The same asked of several things in one message."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.each import for_each
from bot.events import Event
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.reading.folder import read_assistant

DOMAIN = """version: "3.1"
intents: [status, thanks]
entities: [number, tail, product]
slots:
  number: {type: text, mappings: [{type: from_entity, entity: number}]}
  tail: {type: text, mappings: [{type: from_entity, entity: tail}]}
forms:
  status_form: {required_slots: [number, tail]}
rules:
  - rule: status
    steps: [{intent: status}, {action: status_form}, {active_loop: status_form}]
"""
SETTINGS = "patterns:\n  number: {patterns: ['HL[0-9]+']}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Assistant:
    (tmp_path / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (tmp_path / "frontdesk.yml").write_text(SETTINGS, encoding="utf-8")
    return read_assistant(tmp_path, strict=False)


def read(text: str, intent: str = "status", **marked: str) -> dict[str, Any]:
    """A parse with values marked by type and words, several of a type parted by blanks."""
    entities = [
        {
            "entity": kind,
            "value": word,
            "start": text.index(word),
            "end": text.index(word) + len(word),
        }
        for kind, words in marked.items()
        for word in words.split()
    ]
    return {"text": text, "intent": {"name": intent}, "decision": "accept", "entities": entities,
            "intent_ranking": [{"name": intent, "confidence": 0.9}], "options": []}  # fmt: skip


def fresh() -> Tracker:
    return Tracker.fresh("c", {}, "en")


def in_form() -> Tracker:
    tracker = fresh()
    asked = read("where is it")
    tracker.apply(Event("understood", {"of": 1, "text": "where is it", "parse": asked}))
    tracker.apply(Event("active_loop", {"name": "status_form"}))
    tracker.apply(Event("slot", {"name": "requested_slot", "value": "number"}))
    return tracker


def values(segment: dict[str, Any]) -> dict[str, str]:
    return {item["entity"]: item["value"] for item in segment["parse"]["entities"]}


def test_each_thing_is_a_request_of_its_own(shop: Assistant) -> None:
    parse = read("where are HL1 and HL2?", number="HL1 HL2")
    first, second = for_each(parse, fresh(), shop) or ()
    assert (first["text"], values(first)) == ("where are HL1", {"number": "HL1"})
    assert (second["text"], values(second)) == ("HL2", {"number": "HL2"})
    for segment in (first, second):
        (marked,) = segment["parse"]["entities"]
        assert segment["text"][marked["start"] : marked["end"]] == marked["value"]
        assert parse["text"][segment["start"] : segment["end"]] == segment["text"]
    assert second["parse"]["intent"]["name"] == "status"


def test_what_stands_beside_one_is_its_own_and_what_stands_once_is_of_both(shop: Assistant) -> None:
    apart = read("HL1 5521, HL2 8846", number="HL1 HL2", tail="5521 8846")
    assert [values(one)["tail"] for one in for_each(apart, fresh(), shop) or ()] == ["5521", "8846"]
    shared = read("HL1 and HL2, 5521", number="HL1 HL2", tail="5521")
    assert [values(one)["tail"] for one in for_each(shared, fresh(), shop) or ()] == ["5521"] * 2


def test_inside_a_form_it_is_what_the_form_is_for(shop: Assistant) -> None:
    parse = read("HL1 and HL2", intent="thanks", number="HL1 HL2")
    _, second = for_each(parse, in_form(), shop) or ()
    assert (second["text"], second["parse"]["intent"]["name"]) == ("HL2", "status")


@pytest.mark.parametrize(
    "parse",
    [
        read("where is HL1", number="HL1"),
        read("HL1, I mean HL1", number="HL1"),
        read("oops, typo: HL1 HL2", number="HL1 HL2"),
        read("thanks for HL1 and HL2", intent="thanks", number="HL1 HL2"),
        read("lamp and mug", product="lamp mug"),
        {**read("HL1 and HL2", number="HL1 HL2"), "decision": "clarify"},
    ],
)
def test_other_messages_stay_whole(parse: dict[str, Any], shop: Assistant) -> None:
    assert for_each(parse, fresh(), shop) is None
