"""A message that is not clear by itself, read behind the request before it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from bot.continuing import joined, read_behind, request_before
from bot.events import Event
from bot.inference import Inference
from bot.live import Live
from bot.tracker import Tracker
from intents.assistant import Form, Step
from intents.parse import Parse
from intents.thresholds import Thresholds
from intents.understanding import Understanding

THRESHOLDS = Thresholds(
    accept_at=0.7, reject_at=0.7, least_known=0.5, error_rate=0.05, max_options=3, covers=0.95
)


def parse(text: str, score: float = 0.1, **shares: float) -> Parse:
    ranking = tuple(sorted(shares.items(), key=lambda item: -item[1]))
    decision = THRESHOLDS.decide(np.array([share for _, share in ranking]), score)
    return Parse(
        text=text, language="en", intent=ranking[0][0], confidence=ranking[0][1], ranking=ranking,
        decision=decision, options=(), out_of_scope=score, entities=(), sentiment="neutral",
        sentiment_confidence=0.9, urgency="normal", urgency_confidence=0.9, vector=np.zeros(3),
    )  # fmt: skip


class Reads:
    """Stands for the encoder: it knows what a text is taken for."""

    def __init__(self, *parses: Parse) -> None:
        self.known = {each.text: each for each in parses}
        self.asked: list[str] = []

    async def vector(self, understanding: Understanding, text: str) -> str:
        self.asked.append(text)
        return text

    async def run(self, taken: Any, text: str) -> Parse:
        return self.known[text]


def live(*ignored: str, rules: Sequence[Any] = ()) -> Live:
    understanding = SimpleNamespace(
        taken=None,
        taken_for=THRESHOLDS.taken,
    )
    forms = {"return_form": Form("return_form", ("number",), ignored)}
    settings = SimpleNamespace(handoff_intents=("complaint",))
    assistant = SimpleNamespace(forms=forms, settings=settings, rules=rules)
    return cast(Live, SimpleNamespace(understanding=understanding, assistant=assistant))


def talk(*said: tuple[str, str, dict[str, Any]]) -> Tracker:
    tracker = Tracker.fresh("c", {}, "en")
    for number, (text, intent, marks) in enumerate(said, start=1):
        read = {"text": text, "intent": {"name": intent}, "decision": "accept", "entities": []}
        data = {"of": number, "text": text, "parse": {**read, **marks}}
        tracker.apply(Event("understood", data))
    return tracker


def read(parsed: Parse, tracker: Tracker, given: Live, *known: Parse) -> tuple[Parse, list[str]]:
    inference = Reads(*known)
    found, _ = asyncio.run(read_behind(parsed, tracker, given, cast(Inference, inference)))
    return found, inference.asked


LOGIN = talk(("I can't log in", "login", {}))
BOTH = "I can't log in. tried that three times"


def test_a_message_without_a_topic_takes_that_of_the_request() -> None:
    alone = parse("tried that three times", 0.8, praise=0.3, login=0.2, refund=0.1)
    both = parse(BOTH, 0.05, login=0.99, praise=0.004)
    found, _ = read(alone, LOGIN, live(), both)
    assert (alone.decision, found.decision) == ("reject", "accept")
    assert found.intent == "login"
    assert (found.text, found.sentiment) == (alone.text, alone.sentiment)


def test_a_message_with_a_topic_of_its_own_keeps_it() -> None:
    alone = parse("where is my refund", refund=0.9, login=0.001)
    both = parse("I can't log in. where is my refund", login=0.99, refund=0.005)
    assert read(alone, LOGIN, live(), both)[0].intent == "refund"


def test_what_was_said_clearly_gives_way_to_what_was_spoken_of_alone() -> None:
    alone = parse("how long for a refund", refund=0.8, status=0.19, login=0.001)
    third = parse("I can't log in. how long for a refund", status=0.99, refund=0.0005)
    found, _ = read(alone, LOGIN, live(), third)
    assert found is alone


def test_small_talk_that_is_not_clear_gives_way() -> None:
    alone = parse("so what do I do", 0.5, chitchat=0.8, praise=0.1, login=0.0001)
    both = parse("I can't log in. so what do I do", 0.05, login=0.95, chitchat=0.0001)
    found, _ = read(alone, LOGIN, live(), both)
    assert found.ranking[0][0] == "login"
    thanks = parse("ok thx", 0.5, thanks=0.8, praise=0.1, login=0.0001)
    behind = parse("I can't log in. ok thx", 0.05, login=0.99, thanks=0.0001)
    assert read(thanks, LOGIN, live(), behind)[0] is thanks


def test_a_clear_message_does_not_become_unclear_behind_a_request() -> None:
    alone = parse("you there?", 0.4, greet=0.7, praise=0.2, login=0.0001)
    both = parse("I can't log in. you there?", 0.4, greet=0.01, praise=0.05, login=0.9)
    assert read(alone, LOGIN, live(), both)[0] is alone


def test_what_is_far_from_the_shop_stays_so_behind_a_request_unless_it_goes_on_with_it() -> None:
    tracker = talk(("where is my parcel", "track_shipment", {}))
    both = {"track_shipment": 0.99, "refund_status": 0.01}

    def read_as(text: str) -> str:
        parsed = parse(text, 0.9, track_shipment=0.5, refund_status=0.5)
        known = parse(joined("where is my parcel", text), 0.001, **both)
        return read(parsed, tracker, live(), known)[0].decision

    assert read_as("my dog ate the sofa") == "reject"
    assert read_as("and if the dog ate it?") == "accept"


def test_the_request_far_in_front_is_not_asked_back_about() -> None:
    def found(refund: float) -> Parse:
        alone = parse("is that for ever?", 0.75, login=0.2, refund=refund)
        both = parse("I can't log in. is that for ever?", 0.1, login=0.6, refund=0.08, praise=0.3)
        return read(alone, LOGIN, live(), both)[0]

    assert (found(0.2).intent, found(0.2).decision) == ("login", "accept")
    assert (found(0.9).intent, found(0.9).decision) == ("login", "clarify")


def test_nobody_is_called_by_a_guess() -> None:
    tracker = talk(("your courier was rude", "complaint", {}))
    alone = parse("yesterday at noon", 0.8, hours=0.3, complaint=0.2)
    both = parse("your courier was rude. yesterday at noon", 0.05, complaint=0.99)
    assert read(alone, tracker, live(), both)[0] is alone


def test_a_clear_or_long_message_is_not_read_again() -> None:
    clear = parse("where is my refund", refund=0.97)
    assert read(clear, LOGIN, live()) == (clear, [])
    long = parse("x" * 61, 0.9, refund=0.3)
    assert read(long, LOGIN, live()) == (long, [])


def test_the_same_words_again_are_no_more_about_it() -> None:
    again = parse("i can't log in", 0.2, login=0.8, refund=0.1)
    assert read(again, LOGIN, live()) == (again, [])


def test_without_a_request_there_is_nothing_to_go_on_with() -> None:
    unsure = parse("tried that", 0.8, praise=0.3)
    assert read(unsure, talk(("hi", "greet", {})), live()) == (unsure, [])


def test_inside_a_form_only_a_question_that_it_leaves_aside_is_found() -> None:
    tracker = talk(("I want to send it back", "return", {}))
    tracker.apply(Event("active_loop", {"name": "return_form"}))
    alone = parse("and who pays", 0.8, fee=0.3, methods=0.3)
    both = parse("I want to send it back. and who pays", 0.05, fee=0.99)
    assert read(alone, tracker, live("fee"), both)[0].intent == "fee"
    assert read(alone, tracker, live(), both)[0] is alone


def test_inside_a_form_more_about_its_own_request_stays_with_it() -> None:
    tracker = talk(("where is my refund", "refund", {}))
    tracker.apply(Event("active_loop", {"name": "return_form"}))
    alone = parse("five days already", 0.6, late=0.57, bye=0.2, refund=0.05)
    both = parse("where is my refund. five days already", 0.05, refund=0.9, late=0.05)
    steps = (Step("intent", "refund"), Step("action", "return_form"))
    begins = live(rules=(SimpleNamespace(steps=steps),))
    found, _ = read(alone, tracker, begins, both)
    assert (found.intent, found.decision) == ("refund", "accept")
    assert read(alone, tracker, live(), both)[0] is alone


def test_the_request_is_the_latest_that_was_clear_by_itself() -> None:
    continued = ("three times", "login", {"continues": {"intent": "login"}})
    number = {"entity": "number", "start": 0, "end": 3, "value": "HL1"}
    values = ("HL1", "status", {"entities": [number]})
    found = request_before(talk(("I can't log in", "login", {}), continued, values))
    assert found is not None
    assert found.text == "I can't log in"
    many = [(f"hm {n}", "greet", {}) for n in range(6)]
    assert request_before(talk(("I can't log in", "login", {}), *many)) is None


def test_a_request_that_was_asked_back_about_is_gone_on_with() -> None:
    unclear = {"decision": "clarify", "options": ["thanks", "returns", "fee"]}
    found = request_before(talk(("what's your return window", "returns", unclear)))
    assert found is not None
    assert (found.text, found.intent) == ("what's your return window", "returns")
    manners = {"decision": "clarify", "options": ["greet", "thanks"]}
    assert request_before(talk(("hm well", "greet", manners))) is None


def test_a_request_that_was_given_up_is_not_gone_on_with() -> None:
    tracker = talk(("where is my order", "status", {}))
    tracker.apply(Event("action", {"name": "action_abandon_form"}))
    assert request_before(tracker) is None


def test_two_messages_become_one_text_as_people_would_write_it() -> None:
    assert joined("I can't log in", "three times") == "I can't log in. three times"
    assert joined("Really?", "yes") == "Really? yes"
    assert joined("登录不上", "试过了") == "登录不上。试过了"
    assert joined("登录不上！", "试过了") == "登录不上！试过了"
