"""Asking what was meant: the two-stage fallback, and stories that ask step by step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.events import Event
from bot.policy import TWO_STAGES
from bot.standing import AFFIRM, NOT_UNDERSTOOD, OUT_OF_SCOPE, REPHRASE, REVERT, Standing
from bot.tracker import Tracker
from bot.work import Work
from intents.assistant import Assistant
from tests.support.trackers import Talk, assistant_of

CONFIG = """
pipeline: [{name: WhitespaceTokenizer}, {name: FallbackClassifier}]
policies: [{name: RulePolicy}, {name: AugmentedMemoizationPolicy}]
"""
DOMAIN = """
intents: [greet, pay, affirm, deny]
responses:
  utter_hello: [{text: Hello}]
  utter_pay: [{text: Pay here}]
  utter_thanks: [{text: Thanks}]
  utter_default: [{text: I give up}]
  utter_ask_rephrase: [{text: Please say it another way}]
stories:
  - story: paid
    steps:
      - intent: greet
      - action: utter_hello
      - intent: pay
      - action: utter_pay
      - intent: affirm
      - action: utter_thanks
"""
TWO = """
rules:
  - rule: not understood
    steps:
      - intent: nlu_fallback
      - action: action_two_stage_fallback
      - active_loop: action_two_stage_fallback
"""
STEPS = """
rules:
  - rule: ask what was meant
    steps: [{intent: nlu_fallback}, {action: action_default_ask_affirmation}]
  - rule: another way
    steps:
      - action: action_default_ask_affirmation
      - intent: out_of_scope
      - action: action_default_ask_rephrase
  - rule: that was it
    steps:
      - action: action_default_ask_affirmation
      - intent: pay
      - action: action_revert_fallback_events
  - rule: said another way
    steps:
      - action: action_default_ask_rephrase
      - intent: pay
      - action: action_revert_fallback_events
"""
RANKING = [{"name": NOT_UNDERSTOOD, "confidence": 0.9}, {"name": "pay", "confidence": 0.2}]


class Asking(Talk):
    """A conversation whose standing actions are the real ones."""

    def __init__(self, assistant: Assistant) -> None:
        self.standing = Standing(self._utter, self._fill)
        names = (TWO_STAGES, AFFIRM, REPHRASE, REVERT)
        super().__init__(assistant, **{name: self._deed(name) for name in names})
        self.said: list[dict[str, Any]] = []

    def _deed(self, name: str) -> Callable[[Tracker], list[Event]]:
        def run(tracker: Tracker) -> list[Event]:
            live = SimpleNamespace(assistant=self.assistant)
            work = cast("Work", SimpleNamespace(tracker=tracker, live=live))
            events: list[Event] = []

            async def deed() -> None:
                events.extend(await self.standing.deeds[name](work))

            step = deed()
            with pytest.raises(StopIteration):  # it awaits nothing that takes time
                step.send(None)
            self.said += [event.data for event in events if event.kind == "bot"]
            return events

        return run

    @staticmethod
    def _utter(name: str, work: Work, *, silent: bool = False) -> list[Event]:
        return [Event("bot", {"text": name, "template": name, "buttons": []})]

    @staticmethod
    async def _fill(work: Work) -> list[Event]:
        return []

    def garble(self) -> list[str]:
        """Say what nobody understands, most like ``pay``."""
        self.said = []
        return self.say(NOT_UNDERSTOOD, decision="reject")

    @property
    def intents(self) -> list[str | None]:
        """The messages that stories know of."""
        return [moment.intent for moment in self.tracker.history.moments if moment.heard]

    @property
    def words(self) -> list[str]:
        """What the standing actions have said since the last garble."""
        return [data["text"] for data in self.said]


@pytest.fixture
def two(tmp_path: Path) -> Asking:
    return _asking(tmp_path, TWO)


@pytest.fixture
def steps(tmp_path: Path) -> Asking:
    return _asking(tmp_path, STEPS)


def _asking(folder: Path, rules: str) -> Asking:
    (folder / "config.yml").write_text(CONFIG, encoding="utf-8")
    talk = Asking(assistant_of(folder, DOMAIN + rules))
    talk.say("greet")
    return talk


def test_the_one_who_says_yes_goes_on_as_if_it_had_been_understood(two: Asking) -> None:
    assert two.garble() == [TWO_STAGES]
    assert two.tracker.active_loop == TWO_STAGES
    # the story goes on over what was not understood: no rule knows of this
    assert two.say("pay") == [TWO_STAGES, "utter_pay"]
    assert two.tracker.active_loop is None
    assert two.intents == ["greet", "pay"]
    assert two.say("affirm") == ["utter_thanks"]
    assert two.decisions[0].policy == "story"


def test_no_is_asked_to_rephrase_and_all_that_failed_is_forgotten(two: Asking) -> None:
    two.garble()
    assert two.say(OUT_OF_SCOPE) == [TWO_STAGES]
    assert two.words[-1] == "utter_ask_rephrase"
    assert two.say("pay") == [TWO_STAGES, "utter_pay"]
    assert two.intents == ["greet", "pay"]
    assert two.say("affirm") == ["utter_thanks"]


def test_rephrased_in_vain_is_asked_once_more_and_then_given_up(two: Asking) -> None:
    two.garble()
    two.say(OUT_OF_SCOPE)
    assert two.garble() == [TWO_STAGES]
    assert two.tracker.active_loop == TWO_STAGES
    assert two.say(OUT_OF_SCOPE)[0] == TWO_STAGES
    assert two.words[-1] == "utter_default"
    assert two.tracker.active_loop is None


def test_two_that_are_not_understood_in_a_row_are_given_up(two: Asking) -> None:
    two.garble()
    two.garble()
    assert two.words == ["utter_default"]
    assert two.tracker.active_loop is None
    assert two.say("greet") == ["utter_hello"]


def test_likeliest_intent_is_offered_with_buttons_in_the_customers_language(two: Asking) -> None:
    two.tracker.message.parse["intent_ranking"] = RANKING
    for language, yes in (("en", "Yes"), ("zh", "是")):
        two.tracker.language = language
        [asked] = two.remote[AFFIRM](two.tracker)
        assert "pay" in asked.data["text"]
        assert asked.data["buttons"][0] == {"title": yes, "payload": "/pay"}
        assert asked.data["buttons"][1]["payload"] == f"/{OUT_OF_SCOPE}"
    two.tracker.message.parse["intent_ranking"] = RANKING[:1]
    [asked] = two.remote[AFFIRM](two.tracker)
    assert asked.data["template"] == "utter_ask_rephrase"


def test_story_that_asks_step_by_step_takes_out_what_failed(steps: Asking) -> None:
    assert steps.garble() == [AFFIRM]
    assert steps.say("pay") == [REVERT, "utter_pay"]
    assert steps.intents == ["greet", "pay"]
    assert steps.say("affirm") == ["utter_thanks"]


def test_rephrasing_takes_out_all_three(steps: Asking) -> None:
    steps.garble()
    assert steps.say(OUT_OF_SCOPE) == [REPHRASE]
    assert steps.say("pay") == [REVERT, "utter_pay"]
    assert steps.intents == ["greet", "pay"]


def test_nothing_is_taken_out_where_nothing_was_asked(steps: Asking) -> None:
    before = steps.intents
    assert steps.remote[REVERT](steps.tracker) == []
    assert steps.intents == before
