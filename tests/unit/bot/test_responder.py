"""Which wording is said, in which tone, with what kept of where it came from."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from bot.events import Event
from bot.generation.rewriting import Rewriter
from bot.live import Live
from bot.responder import Responder, Turned
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.reading.settings import read_settings
from intents.settings import Formats, Settings
from models.errors import Problem
from models.filling.generator import Generated, GenerationRequest, TemplateFiller, Value
from retrieval.search.index import TemplateIndex
from retrieval.templates import from_responses
from tests.unit.retrieval.encoders import trigrams

ANGRY = {"intent": {"name": "late"}, "sentiment": {"label": "negative", "confidence": 0.9}}
CALM = {"intent": {"name": "late"}, "sentiment": {"label": "neutral", "confidence": 0.9}}


class Desk:
    """A responder over some responses, and the conversation so far."""

    def __init__(self, formats: Formats | None = None, **responses: Any) -> None:
        written = {
            name: [{"text": text} if isinstance(text, str) else text for text in texts]
            for name, texts in responses.items()
        }
        templates = from_responses(written, default_language="en")
        assistant = Assistant(Path(), settings=Settings(formats=formats or Formats()))
        assistant = replace(assistant, responses=dict.fromkeys(responses, ()))
        index = TemplateIndex.build(templates, trigrams)
        self.live = Live("r1", Path(), assistant, cast(Any, None), index)
        self.tracker = Tracker.fresh("c", {}, "en")
        self.responder = Responder(TemplateFiller())
        self.turn = 0

    def hear(self, parse: Mapping[str, Any] = CALM, of: str | None = None) -> None:
        self.turn += 1
        data = {"of": of or self.turn, "text": "where?", "parse": dict(parse)}
        self.tracker.apply(Event("understood", data))

    def say(self, name: str, **values: object) -> Event | None:
        given = {key: Value(value, f"slot:{key}") for key, value in values.items()}
        turned = Turned("where?", trigrams(["where?"])[0], "en", "widget", given)
        said = self.responder.respond(name, self.live, self.tracker, turned)
        if said is not None:
            self.tracker.apply(said)
        return said

    def text(self, name: str, **values: object) -> str:
        said = self.say(name, **values)
        assert said is not None
        return str(said.data["text"])


def test_a_reply_keeps_what_it_was_made_of() -> None:
    desk = Desk(utter_due=["Order {order_id} is due on {due_date}[[ with {carrier}]]."])
    desk.hear()
    said = desk.say("utter_due", order_id="HL1", due_date="2025-03-09")
    assert said is not None
    text, provenance = said.data["text"], said.data["provenance"]
    assert text == "Order HL1 is due on March 9, 2025."
    assert provenance["source"] == "operator"
    assert said.data["template_id"].endswith(provenance["version"])
    assert provenance["checked"] == {"passed": True, "literal": True, "findings": []}
    assert provenance["adapted"] is False
    shown = {v["source"]: text[v["start"] : v["end"]] for v in provenance["values"]}
    assert shown == {"slot:order_id": "HL1", "slot:due_date": "March 9, 2025"}


def test_an_angry_customer_hears_one_apology() -> None:
    desk = Desk(
        utter_a=["I'm sorry, order {order_id} is late."],
        utter_b=["I'm really sorry: order {order_id} can't be cancelled."],
        utter_c=["We are sorry about that. You can return {order_id}."],
    )
    desk.hear(ANGRY)
    assert desk.text("utter_a", order_id="HL1") == "I'm sorry, order HL1 is late."
    desk.hear(ANGRY)
    said = desk.say("utter_b", order_id="HL1")
    assert said is not None
    assert said.data["text"] == "Order HL1 can't be cancelled."
    assert said.data["provenance"]["adapted"] is True
    assert desk.text("utter_c", order_id="HL1") == "You can return HL1."


def test_a_calm_customer_hears_templates_as_they_are() -> None:
    desk = Desk(utter_a=["I'm sorry, no."], utter_b=["I'm sorry, not that either."])
    desk.hear()
    assert desk.text("utter_a") == "I'm sorry, no."
    desk.hear()
    assert desk.text("utter_b") == "I'm sorry, not that either."


def test_somebody_upset_is_not_cheered_at() -> None:
    desk = Desk(utter_a=["Great news, it left!", "Sorry for the wait. It has left.", "Yay, sent!"])
    desk.hear(ANGRY)
    assert desk.text("utter_a") == "Sorry for the wait. It has left."


def test_a_condition_may_ask_whether_somebody_is_upset() -> None:
    desk = Desk(utter_a=["[[if upset: I'm sorry about this. ]]It has left."])
    desk.hear(ANGRY)
    assert desk.text("utter_a") == "I'm sorry about this. It has left."
    desk.hear(ANGRY)
    assert desk.text("utter_a") == "It has left."


def test_a_sentence_is_said_once_in_a_turn() -> None:
    desk = Desk(
        utter_a=["Order {order_id} left. A colleague can help you."],
        utter_b=["Order {order_id} was paid. A colleague can help you."],
    )
    desk.hear(of="7")
    desk.text("utter_a", order_id="HL1")
    assert desk.text("utter_b", order_id="HL1") == "Order HL1 was paid."
    desk.hear(of="8")
    assert desk.text("utter_b", order_id="HL1").endswith("A colleague can help you.")


def test_wordings_take_turns_and_the_oldest_comes_back_first() -> None:
    desk = Desk(utter_a=["One way.", "Another way.", "A third way."])
    heard = []
    for _ in range(6):
        desk.hear()
        heard.append(desk.text("utter_a"))
    assert len(set(heard[:3])) == 3
    assert heard[3:] == heard[:3]


def test_what_is_lacking_is_asked_for() -> None:
    desk = Desk(utter_a=["Order {order_id} left."], utter_ask_order_id=["Which order?"])
    desk.hear()
    assert desk.text("utter_a") == "Which order?"
    assert Desk(utter_a=["Order {order_id} left."]).say("utter_a") is None


def test_values_are_written_as_the_assistant_says() -> None:
    formats = Formats({"en": "GB"}, "GBP", {"arrival": "date", "who": "person"})
    desk = Desk(formats, utter_a=["{who}: {paid_amount}, {arrival}."])
    said = desk.text("utter_a", who="Ann Lee, ms", paid_amount="5", arrival="2025-03-09")
    assert said == "Ms Lee: £5, 9 March 2025."


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "<img src=x>", "javascript:x"])
def test_markup_in_a_value_is_not_said(value: str) -> None:
    desk = Desk(utter_a=["Note: {note}", "Your note is kept."])
    assert desk.text("utter_a", note=value) == "Your note is kept."


def test_a_rewriter_is_asked_for_replies_alone() -> None:
    class Shouts:
        name = "shouts"

        def generate(self, request: GenerationRequest) -> Generated:
            return Generated("Your order HL1 has left.", (), self.name)

    desk = Desk(utter_a=["Order {order_id} left."])
    desk.responder = Responder(TemplateFiller(), Rewriter(Shouts(), 2.0))
    said = desk.say("utter_a", order_id="HL1")
    assert said is not None
    refined = asyncio.run(desk.responder.refined(said, desk.live))
    assert refined.data["text"] == "Your order HL1 has left."
    assert refined.data["generator"] == "shouts"
    own = desk.responder.say("Hi", [], "en", {})
    assert asyncio.run(desk.responder.refined(own, desk.live)) is own
    assert own.data["provenance"]["source"] == "action"


@pytest.mark.parametrize(
    ("formats", "problems"),
    [
        ({"regions": {"en": "gb"}, "currency": "eur", "kinds": {"a": "date"}}, 0),
        ({"regions": {"en": "England"}}, 1),
        ({"kinds": {"a": "colour"}}, 1),
        ({"currency": "euros"}, 1),
        ({"languages": {}}, 1),
        ({"regions": ["GB"]}, 1),
    ],
)
def test_formats_are_read_and_checked(formats: dict[str, Any], problems: int) -> None:
    found: list[Problem] = []
    read = read_settings({"formats": formats}, "frontdesk.yml", found).formats
    assert len(found) == problems
    if not problems:
        assert read == Formats({"en": "GB"}, "EUR", {"a": "date"})
