"""What goes with a reply besides words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Event, public_view
from bot.extras import filled, in_words, safe_address, shown
from bot.live import Live
from bot.responder import Responder, Turned
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.pipeline import Component, Pipeline
from models.errors import MissingValue
from models.filling.generator import TemplateFiller, Value
from retrieval.search.index import TemplateIndex
from retrieval.templates import from_responses
from tests.unit.retrieval.encoders import trigrams

PDF = "https://shop.example/files/size%20chart.pdf"
PNG = "https://shop.example/map.png"

DANGEROUS = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,<script>",
    "//shop.example/a.png",
    "https://",
    "https://me:secret@shop.example/",
    "https://shop.example/a b",
    "https://shop.example/\n",
    "https://[::1",
    "",
    "x" * 3000,
    5,
    None,
    {"src": PNG},
]


@pytest.mark.parametrize("address", DANGEROUS)
def test_address_that_no_browser_should_open(address: Any) -> None:
    assert safe_address(address) is None
    assert shown({"image": address, "attachment": address})["image"] is None


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.dictionaries(st.text(), x)))
def test_whatever_an_action_sends_can_be_shown(data: Any) -> None:
    found = shown({"image": data, "attachment": data, "custom": data})
    assert found["custom"] == data
    for line in in_words(found):
        assert line.startswith("[")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (PDF, {"type": "file", "url": PDF, "title": "size chart.pdf"}),
        ({"url": PDF, "title": "Sizes"}, {"type": "file", "url": PDF, "title": "Sizes"}),
        (
            {"type": "video", "payload": {"src": "https://shop.example/"}},
            {"type": "video", "url": "https://shop.example/", "title": "shop.example"},
        ),
        (
            {"type": "template", "payload": {"url": PDF, "name": "Sizes"}},
            {"type": "file", "url": PDF, "title": "Sizes"},
        ),
        ("invoice.pdf", None),
        ({"type": "template", "payload": {"elements": []}}, None),
        ([PDF], None),
    ],
)
def test_attachments_in_the_forms_that_rasa_bots_use(given: Any, wanted: Any) -> None:
    assert shown({"attachment": given})["attachment"] == wanted


def test_attached_image_is_a_picture() -> None:
    found = shown({"attachment": {"type": "image", "payload": {"src": PNG}}})
    assert (found["image"], found["attachment"]) == (PNG, None)
    assert in_words(found) == [f"[image] {PNG}"]


# -- slots in extras ------------------------------------------------------------------------


def test_slots_are_filled_in_everything_and_a_value_cannot_leave_its_quotes() -> None:
    values = {"order_id": 'HL1", "x": "'}
    extras = {
        "buttons": [{"title": "Track {order_id}", "payload": '/track{"order_id": "{order_id}"}'}],
        "image": "https://shop.example/{order_id}.png",
        "custom": {"order": "{order_id}", "rows": ["{row}", 5]},
    }
    found = filled("t", extras, values)
    [button] = found["buttons"]
    assert button["title"] == 'Track HL1", "x": "'
    assert json.loads(button["payload"].removeprefix("/track")) == values
    assert found["image"] == 'https://shop.example/HL1", "x": ".png'
    assert found["custom"] == {"order": 'HL1", "x": "', "rows": ["{row}", 5]}


@pytest.mark.parametrize(
    ("payload", "sent"),
    [
        ('/rate{{"mark": "good"}}', '/rate{"mark": "good"}'),
        ('/pick{{"size": "{size}", "of": {{"kind": "shoe"}}}}',
         '/pick{"size": "L", "of": {"kind": "shoe"}}'),
        ('/pick{"of": {"kind": "{kind}"}}', '/pick{"of": {"kind": "boot"}}'),
        ("/city/{城市}", "/city/北京"),
    ],
)  # fmt: skip
def test_doubled_braces_of_a_payload_are_braces(payload: str, sent: str) -> None:
    extras = {"buttons": [{"title": "a", "payload": payload}]}
    found = filled("t", extras, {"size": "L", "kind": "boot", "城市": "北京"})
    assert found["buttons"][0]["payload"] == sent


@pytest.mark.parametrize("extras", [{"image": "{where}"}, {"buttons": [{"title": "{where}"}]}])
def test_extra_without_its_value_is_not_sent(extras: Mapping[str, Any]) -> None:
    with pytest.raises(MissingValue):
        filled("t", extras, {})


RASA = Pipeline(components=(Component("DIETClassifier"),))


def _said(
    response: dict[str, Any],
    values: Mapping[str, Value] | None = None,
    pipeline: Pipeline | None = None,
) -> Event | None:
    templates = from_responses({"utter_map": [response]}, default_language="en")
    index = TemplateIndex.build(templates, trigrams)
    assistant = Assistant(Path(), pipeline=pipeline or Pipeline())
    live = Live("r1", Path(), assistant, cast(Any, None), index)
    turned = Turned("where", trigrams(["where"])[0], "en", "widget", values or {})
    tracker = Tracker.fresh("c", {}, "en")
    return Responder(TemplateFiller()).respond("utter_map", live, tracker, turned)


@pytest.mark.parametrize(
    "extra", [{"image": PNG}, {"attachment": PDF}, {"custom": {"map": [1, 2]}}]
)
def test_response_without_words_is_said(extra: dict[str, Any]) -> None:
    said = _said(extra)
    assert said is not None
    assert said.data["text"] == ""
    view = public_view(said)
    assert view is not None
    assert any(view[key] for key in extra)


def test_response_with_neither_words_nor_anything_else_is_not_said() -> None:
    assert _said({"text": ""}) is None


def test_response_whose_button_cannot_be_filled_is_not_said() -> None:
    response = {"text": "Here", "buttons": [{"title": "{order_id}", "payload": "/track"}]}
    assert _said(response) is None
    said = _said(response, {"order_id": Value("HL1", "slot:order_id")})
    assert said is not None
    assert said.data["buttons"] == [{"title": "HL1", "payload": "/track"}]


def test_a_rasa_project_speaks_without_values_that_it_lacks() -> None:
    hello = {"text": "Hello {name}! Your size is {size}, {name}."}
    known = {"size": Value("L", "slot:size")}
    assert _said(hello, known) is None
    said = _said(hello, known, RASA)
    assert said is not None
    assert said.data["text"] == "Hello! Your size is L,."
    whole = _said(hello, {**known, "name": Value("Ann", "slot:name")}, RASA)
    assert whole is not None
    assert whole.data["text"] == "Hello Ann! Your size is L, Ann."
    assert _said({"text": "{name}"}, {}, RASA) is None
