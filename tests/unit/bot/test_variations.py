"""Wordings for certain slots and channels, in Rasa's order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from bot.live import Live
from bot.responder import Responder, Turned
from bot.tracker import Tracker
from intents.reading.folder import read_assistant
from models.filling.generator import TemplateFiller
from retrieval.search.index import TemplateIndex
from retrieval.templates import from_responses
from tests.unit.retrieval.encoders import trigrams

HELLO: list[dict[str, Any]] = [
    {"text": "Hello"},
    {"text": "Welcome back", "condition": [{"type": "slot", "name": "known", "value": True}]},
    {"text": "Good to see you", "condition": [{"type": "slot", "name": "known", "value": True}]},
    {"text": "Hi on the phone", "channel": "voice"},
]


def _said(folder: Path, slots: dict[str, Any], channel: str, times: int = 1) -> list[str]:
    rows = "\n".join(f"  - {json.dumps(row)}" for row in HELLO)
    (folder / "domain.yml").write_text(
        f'version: "3.1"\nresponses:\n  utter_hello:\n{rows}\n', encoding="utf-8"
    )
    templates = from_responses({"utter_hello": HELLO}, default_language="en")
    index = TemplateIndex.build(templates, trigrams)
    live = Live("r1", folder, read_assistant(folder), cast(Any, None), index)
    turned = Turned("hello", trigrams(["hello"])[0], "en", channel, {})
    tracker = Tracker.fresh("c", slots, "en")
    said = []
    for _ in range(times):
        event = Responder(TemplateFiller()).respond("utter_hello", live, tracker, turned)
        assert event is not None
        tracker.apply(event)
        said.append(event.data["text"])
    return said


@pytest.mark.parametrize(
    ("slots", "channel", "wanted"),
    [
        ({}, "widget", {"Hello"}),
        ({"known": False}, "widget", {"Hello"}),
        ({"known": True}, "widget", {"Welcome back", "Good to see you"}),
        ({"known": True}, "voice", {"Hi on the phone"}),
    ],
)
def test_the_most_specific_wording_is_said(
    tmp_path: Path, slots: dict[str, Any], channel: str, wanted: set[str]
) -> None:
    assert set(_said(tmp_path, slots, channel, times=4)) == wanted


def test_wordings_take_turns(tmp_path: Path) -> None:
    first, second, third = _said(tmp_path, {"known": True}, "widget", times=3)
    assert first != second
    assert third == first
