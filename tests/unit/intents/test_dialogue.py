"""Rules, stories and what is learned from them: what comes next, and what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.assistant import ANY, Assistant, Slot
from intents.dialogue.history import MAX_MOMENTS, History, Vocabulary
from intents.dialogue.learned import LearnedPolicy
from intents.dialogue.paths import story_paths
from intents.dialogue.policy import Dialogue, Prediction
from intents.dialogue.slot_features import feature_of
from intents.dialogue.words import Quotations, quotations, quoted
from intents.pipeline import Component, Pipeline
from intents.reading.folder import read_assistant
from intents.validate import validate
from models.arrays import FloatArray

DOMAIN = """
intents: [greet, affirm, deny, buy, pay, help, city]
entities: [city, name]
slots:
  tier: {type: categorical, values: [gold, basic]}
  signed_in: {type: bool}
  note: {type: text, influence_conversation: false}
forms:
  pay_form: {required_slots: [amount]}
actions: [action_offer, action_receipt]
responses:
  utter_hello: [{text: Hello}]
  utter_ok: [{text: Fine}]
  utter_bye: [{text: Bye}]
  utter_gold: [{text: Gold}]
  utter_help: [{text: Help}]
  utter_ask_amount: [{text: How much?}]
"""


def told(tmp_path: Path, text: str, domain: str = DOMAIN) -> Assistant:
    (tmp_path / "domain.yml").write_text('version: "3.1"\n' + domain, encoding="utf-8")
    (tmp_path / "stories.yml").write_text('version: "3.1"\n' + text, encoding="utf-8")
    return read_assistant(tmp_path, strict=False)


class Talk:
    """A conversation, told to a history."""

    def __init__(self, dialogue: Dialogue) -> None:
        self.dialogue = dialogue
        self.history = History()
        self.slots: dict[str, Any] = dict(dialogue.initial)

    def hear(self, intent: str, *entities: str, quotation: str | None = None) -> Talk:
        self.history.message(intent, list(entities), quotation)
        return self

    def did(self, *names: str) -> Talk:
        for name in names:
            self.history.did(name)
        return self

    def set(self, name: str, value: Any) -> Talk:
        self.history.slot(name, self.slots.get(name))
        self.slots[name] = value
        return self

    def loop(self, name: str | None) -> Talk:
        self.history.form(name)
        return self

    def said(self, rejected: str | None = None) -> list[Prediction]:
        return self.dialogue.predictions(self.history, self.slots, rejected)

    @property
    def next(self) -> tuple[str, str] | None:
        said = self.said()
        return (said[0].action, said[0].policy) if said else None


OFFERS = """
rules:
  - rule: hello
    steps: [{intent: greet}, {action: utter_hello}]
  - rule: gold hello
    condition: [{slot_was_set: [{tier: gold}]}]
    steps: [{intent: greet}, {action: utter_gold}]
stories:
  - story: taken
    steps: [{intent: buy}, {action: action_offer}, {intent: affirm}, {action: utter_ok}]
  - story: refused
    steps: [{intent: buy}, {action: action_offer}, {intent: deny}, {action: utter_bye}]
"""


def test_rule_then_story_then_what_was_learned(tmp_path: Path) -> None:
    dialogue = Dialogue.of(told(tmp_path, OFFERS))
    assert dialogue.problems == []
    assert Talk(dialogue).hear("greet").next == ("utter_hello", "rule")
    offered = Talk(dialogue).hear("buy").did("action_offer")
    assert offered.next == ("action_listen", "story")
    assert offered.hear("deny").next == ("utter_bye", "story")
    # no story begins with help: what is learned still knows what an offer leads to
    other = Talk(dialogue).hear("help").did("action_offer").hear("affirm")
    assert (other.said()[0].action, other.said()[0].policy) == ("utter_ok", "learned")
    assert 0.3 < other.said()[0].confidence < 1.0


def test_condition_narrows_a_rule_and_others_are_told(tmp_path: Path) -> None:
    talk = Talk(Dialogue.of(told(tmp_path, OFFERS))).set("tier", "GOLD").hear("greet")
    assert talk.next == ("utter_gold", "rule")
    assert "gold hello" in talk.said()[0].reason
    assert Talk(talk.dialogue).set("tier", "basic").hear("greet").next == ("utter_hello", "rule")


def test_old_slots_do_not_hide_a_story(tmp_path: Path) -> None:
    dialogue = Dialogue.of(told(tmp_path, OFFERS), learn=False)
    talk = Talk(dialogue).hear("greet").set("signed_in", True).did("utter_hello")
    assert talk.hear("buy").next == ("action_offer", "story")
    plain = told(tmp_path, OFFERS)
    plain.pipeline = Pipeline(policies=(Component("MemoizationPolicy"),))
    strict = Talk(Dialogue.of(plain)).hear("greet").set("signed_in", True).did("utter_hello")
    assert strict.hear("buy").next is None


def test_max_history_forgets_what_lies_further_back(tmp_path: Path) -> None:
    assistant = told(tmp_path, OFFERS)
    assistant.pipeline = Pipeline(policies=(Component("MemoizationPolicy", {"max_history": 3}),))
    talk = Talk(Dialogue.of(assistant)).hear("help").did("utter_help")
    talk.hear("buy").did("action_offer").hear("affirm")
    assert talk.next == ("utter_ok", "story")


def test_stories_that_differ_in_what_follows_are_not_followed(tmp_path: Path) -> None:
    same = """
stories:
  - story: one
    steps: [{intent: buy}, {action: utter_ok}]
  - story: other
    steps: [{intent: buy}, {action: utter_bye}]
"""
    assert Talk(Dialogue.of(told(tmp_path, same), learn=False)).hear("buy").next is None


def test_or_and_checkpoints_are_every_way_through(tmp_path: Path) -> None:
    text = """
stories:
  - story: start
    steps: [{or: [{intent: greet}, {intent: help}]}, {action: utter_hello}, {checkpoint: met}]
  - story: buys
    steps: [{checkpoint: met}, {intent: buy}, {action: action_offer}]
  - story: pays
    steps: [{checkpoint: met}, {intent: pay}, {action: utter_ok}]
"""
    dialogue = Dialogue.of(told(tmp_path, text), learn=False)
    assert dialogue.problems == []
    assert len(story_paths(dialogue.assistant)) == 4
    assert Talk(dialogue).hear("help").did("utter_hello").hear("pay").next == ("utter_ok", "story")


def test_checkpoint_in_a_circle_is_an_error_with_its_lines(tmp_path: Path) -> None:
    text = """
stories:
  - story: start
    steps: [{intent: greet}, {action: utter_hello}, {checkpoint: round}]
  - story: again
    steps: [{checkpoint: round}, {intent: buy}, {action: utter_ok}, {checkpoint: round}]
"""
    found = [p for p in validate(told(tmp_path, text)) if "'round'" in p.found]
    assert [(p.severity, p.file, p.line) for p in found] == [("error", "stories.yml", 7)]
    assert "stories.yml:5" in found[0].found


def test_checkpoint_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    text = "stories: [{story: s, steps: [{intent: greet}, {action: utter_ok}, {checkpoint: x}]}]"
    (found,) = Dialogue.of(told(tmp_path, text)).problems
    assert (found.severity, found.line) == ("warning", 2)


def test_rule_and_story_that_disagree_are_both_named(tmp_path: Path) -> None:
    text = """
rules:
  - rule: hello
    steps:
      - intent: greet
      - action: utter_hello
stories:
  - story: rude
    steps:
      - intent: greet
      - action: utter_bye
"""
    (found,) = [p for p in validate(told(tmp_path, text)) if "rude" in p.expected]
    assert (found.file, found.line, found.found) == ("stories.yml", 12, "utter_bye")
    assert "rule 'hello' says in stories.yml:7" in found.expected


def test_two_rules_that_disagree_are_reported(tmp_path: Path) -> None:
    text = """
rules:
  - rule: one
    condition: [{slot_was_set: [{tier: gold}]}]
    steps: [{intent: greet}, {action: utter_gold}]
  - rule: other
    condition: [{slot_was_set: [{tier: gold}]}]
    steps: [{intent: greet}, {action: utter_bye}]
"""
    assert [
        p for p in validate(told(tmp_path, text)) if "'o" in p.expected and "rule" in p.expected
    ]


FORM = """
rules:
  - rule: pay
    steps: [{intent: pay}, {action: pay_form}, {active_loop: pay_form}]
  - rule: paid
    condition: [{active_loop: pay_form}]
    steps: [{action: pay_form}, {active_loop: null}, {action: action_receipt}]
  - rule: help
    steps: [{intent: help}, {action: utter_help}]
stories:
  - story: stop and go on
    steps:
      - intent: pay
      - action: pay_form
      - active_loop: pay_form
      - intent: deny
      - action: utter_ok
      - intent: affirm
      - action: pay_form
      - active_loop: null
      - action: action_receipt
"""


def _paying(dialogue: Dialogue) -> Talk:
    return Talk(dialogue).hear("pay").did("pay_form").loop("pay_form")


def test_form_that_goes_on_is_one_step_of_a_story(tmp_path: Path) -> None:
    talk = _paying(Dialogue.of(told(tmp_path, FORM), learn=False))
    for _ in range(3):
        talk.hear("city").did("pay_form")
    assert len(talk.history.moments) == 3
    assert talk.loop(None).next == ("action_receipt", "rule")


def test_rule_inside_a_form_leads_back_to_it(tmp_path: Path) -> None:
    talk = _paying(Dialogue.of(told(tmp_path, FORM), learn=False)).hear("help").did("pay_form")
    talk.history.rejected("pay_form")
    assert talk.next == ("utter_help", "rule")
    assert talk.did("utter_help").next == ("pay_form", "rule")


def test_story_inside_a_form_waits_and_comes_back_without_an_answer(tmp_path: Path) -> None:
    talk = _paying(Dialogue.of(told(tmp_path, FORM), learn=False)).hear("deny").did("pay_form")
    talk.history.rejected("pay_form")
    assert talk.next == ("utter_ok", "story")
    assert talk.did("utter_ok").next == ("action_listen", "story")
    back = talk.hear("affirm").said()[0]
    assert (back.action, back.policy, back.interrupted) == ("pay_form", "story", True)


def test_action_that_declined_is_not_chosen_again(tmp_path: Path) -> None:
    talk = Talk(Dialogue.of(told(tmp_path, OFFERS))).hear("greet")
    assert all(one.action != "utter_hello" for one in talk.said(rejected="utter_hello"))


def test_learned_policy_is_kept_as_a_file(tmp_path: Path) -> None:
    assistant = told(tmp_path, OFFERS)
    learned = Dialogue.of(assistant).learned
    assert learned is not None
    (tmp_path / "d.npz").write_bytes(learned.as_bytes())
    read = LearnedPolicy.load(tmp_path / "d.npz")
    assert Dialogue.of(assistant, read).learned is read
    # other stories are learned anew
    other = told(tmp_path, OFFERS.replace("utter_ok", "utter_gold"))
    again = Dialogue.of(other, read).learned
    assert again is not None
    assert "utter_gold" in again.actions


@pytest.mark.parametrize(
    ("slot", "value", "feature"),
    [
        (Slot("s"), "x", (1.0,)),
        (Slot("s"), None, (0.0,)),
        (Slot("s", "bool"), False, (1.0, 0.0)),
        (Slot("s", "bool"), "true", (1.0, 1.0)),
        (Slot("s", "bool"), "maybe", (0.0, 0.0)),
        (Slot("s", "float", min_value=0, max_value=10), 5, (1.0, 0.5)),
        (Slot("s", "float", max_value=10), "x", (0.0, 0.0)),
        (Slot("s", "categorical", values=("a", "B")), "b", (0.0, 1.0)),
        (Slot("s", "categorical", values=("a", "__other__")), "z", (0.0, 1.0)),
        (Slot("s", "categorical", values=("a",)), "z", (0.0,)),
        (Slot("s", "list"), [], (0.0,)),
        (Slot("s", "list"), ["a"], (1.0,)),
        (Slot("s", "any"), "x", ()),
        (Slot("s", "float"), ANY, (1.0,)),
    ],
)
def test_features_of_slots(slot: Slot, value: Any, feature: tuple[float, ...]) -> None:
    assert feature_of(slot, value) == feature


DEEDS = st.one_of(
    st.tuples(st.just("hear"), st.sampled_from(["a", "b"])),
    st.tuples(st.just("did"), st.sampled_from(["form", "utter_x", "utter_y"])),
    st.tuples(st.just("reject"), st.sampled_from(["form", "utter_x"])),
    st.tuples(st.just("loop"), st.sampled_from(["form", None])),
    st.tuples(st.just("slot"), st.integers(0, 3)),
    st.tuples(st.just("rewind"), st.none()),
)


@given(st.lists(DEEDS, max_size=60))
def test_history_knows_every_earlier_value_and_survives_a_snapshot(deeds: list[Any]) -> None:
    history, slots = History(), {"n": 0}
    for kind, what in deeds:
        if kind == "hear":
            history.message(what, [])
        elif kind == "did":
            history.did(what)
        elif kind == "reject":
            history.rejected(what)
        elif kind == "loop":
            history.form(what)
        elif kind == "slot":
            history.slot("n", slots["n"])
            slots["n"] = what
        else:
            slots.update(history.rewind())
        assert 1 <= len(history.moments) <= MAX_MOMENTS
        assert History.restore(history.plain()) == history
    assert len(history.states(Vocabulary({}, {}), slots)) == len(history.moments)


def test_rewinding_gives_back_what_was(tmp_path: Path) -> None:
    talk = Talk(Dialogue.of(told(tmp_path, OFFERS))).set("tier", "basic").hear("greet")
    talk.set("tier", "gold").did("utter_gold")
    assert talk.history.rewind() == {"tier": "basic"}
    assert len(talk.history.moments) == 1


# -- stories that quote the customer --------------------------------------------------------

QUOTING = """
rules:
  - rule: help
    steps: [{intent: help}, {action: utter_help}]
stories:
  - story: taken
    steps: [{intent: buy}, {action: action_offer}, {intent: affirm}, {action: utter_ok}]
  - story: taken in other words
    steps:
      - intent: buy
      - action: action_offer
      - user: "I could live in [Rome](city) for ever"
      - action: utter_gold
  - story: refused in other words
    steps: [{intent: buy}, {action: action_offer}, {user: "Seen that."}, {action: utter_bye}]
"""


def test_story_that_quotes_goes_before_what_the_message_is_taken_for(tmp_path: Path) -> None:
    dialogue = Dialogue.of(told(tmp_path, QUOTING))
    assert dialogue.problems == []
    offered = Talk(dialogue).hear("buy").did("action_offer")
    seen = quoted("Seen that.")
    copy = Talk(dialogue)
    copy.history = offered.history.copy()
    assert copy.hear("affirm", quotation=seen).next == ("utter_bye", "story")
    assert copy.did("utter_bye").next == ("action_listen", "story")
    # the entity of the quotation counts as any other
    rome = quoted("I could live in [Rome](city) for ever")
    other = Talk(dialogue)
    other.history = History.restore(offered.history.plain())
    assert other.hear("affirm", "city", quotation=rome).next == ("utter_gold", "story")
    # without a quotation it is what it is taken for, and so where no story quotes it there
    assert offered.hear("affirm").next == ("utter_ok", "story")
    asked = Talk(dialogue).hear("buy").did("action_offer").hear("help", quotation=seen)
    assert asked.next == ("utter_bye", "story")
    assert Talk(dialogue).hear("help", quotation=seen).next == ("utter_help", "rule")
    assert asked.did("utter_bye").hear("help").next == ("utter_help", "rule")


def test_quotations_are_known_by_their_words_or_nearly_so(tmp_path: Path) -> None:
    assistant = told(tmp_path, QUOTING)
    assert quotations(assistant) == ("I could live in Rome for ever", "Seen that.")

    def embed(texts: Sequence[str]) -> FloatArray:
        return np.array([[3.0, 0.0] if "Rome" in text else [0.0, 2.0] for text in texts])

    known = Quotations.of(assistant, embed)
    assert known is not None
    far = np.array([-1.0, 0.0])
    assert known.meant("  seen THAT！", far) == quoted("Seen that.")
    rome = quoted("I could live in [Rome](city) for ever")
    assert known.meant("something else", np.array([1.0, 0.1])) == rome
    assert known.meant("something else", np.array([1.0, 0.5])) is None
    assert known.meant("something else", far) is None
    assert known.meant("", np.zeros(2)) is None
    assert Quotations.of(told(tmp_path, OFFERS), embed) is None


# -- checkpoints with slots -----------------------------------------------------------------

CONDITIONS = """
stories:
  - story: begins, gold
    steps:
      - intent: greet
      - slot_was_set: [{tier: gold}]
      - action: utter_hello
      - checkpoint: greeted
  - story: begins
    steps: [{intent: help}, {action: utter_help}, {checkpoint: greeted}]
  - story: goes on, gold
    steps:
      - checkpoint: greeted
        slot_was_set: [{tier: gold}]
      - intent: buy
      - action: utter_gold
  - story: goes on
    steps:
      - checkpoint: greeted
        slot_was_set: [{tier: null}]
      - intent: buy
      - action: action_offer
  - story: goes on, known
    steps:
      - checkpoint: greeted
        slot_was_set: [tier]
      - intent: pay
      - action: action_receipt
"""


def test_checkpoint_is_followed_where_the_slots_are_as_it_says(tmp_path: Path) -> None:
    dialogue = Dialogue.of(told(tmp_path, CONDITIONS), learn=False)
    assert dialogue.problems == []
    assert len(story_paths(dialogue.assistant)) == 3
    gold = Talk(dialogue).hear("greet").set("tier", "gold").did("utter_hello")
    assert gold.hear("buy").next == ("utter_gold", "story")
    plain = Talk(dialogue).hear("help").did("utter_help").hear("buy")
    assert plain.next == ("action_offer", "story")
    known = Talk(dialogue).hear("greet").set("tier", "gold").did("utter_hello").hear("pay")
    assert known.next == ("action_receipt", "story")
    assert Talk(dialogue).hear("help").did("utter_help").hear("pay").next is None


FILLED = """
intents: [price, find]
entities: [{place: {roles: [from, to]}}, item]
slots:
  item: {type: categorical, values: [tea, milk], mappings: [{type: from_entity, entity: item}]}
  origin: {type: text, mappings: [{type: from_entity, entity: place, role: from}]}
  asked: {type: text, mappings: [{type: from_entity, entity: place, role: to,
    conditions: [{active_loop: trip_form}]}]}
forms:
  trip_form: {required_slots: [asked]}
responses:
  utter_tea: [{text: Tea}]
  utter_milk: [{text: Milk}]
  utter_which: [{text: Which one?}]
  utter_from: [{text: From there}]
  utter_ask_asked: [{text: Where to?}]
"""
PRICES = """
rules:
  - rule: tea
    steps: [{intent: price, entities: [{item: tea}]}, {action: utter_tea}]
  - rule: milk
    steps: [{intent: price, entities: [{item: milk}]}, {action: utter_milk}]
  - rule: which one
    steps: [{intent: price}, {slot_was_set: [{item: null}]}, {action: utter_which}]
stories:
  - story: from and to
    steps:
      - intent: find
        entities: [{place: Rome, role: from}, {place: Oslo, role: to}]
      - action: utter_from
"""


def test_entities_in_rules_and_stories_fill_their_slots(tmp_path: Path) -> None:
    dialogue = Dialogue.of(told(tmp_path, PRICES, FILLED), learn=False)
    assert dialogue.problems == []
    for item in ("tea", "milk"):
        talk = Talk(dialogue).hear("price", "item").set("item", item)
        assert talk.next == (f"utter_{item}", "rule")
    assert Talk(dialogue).hear("price").next == ("utter_which", "rule")
    named = Talk(dialogue).hear("find", "place", "place#from", "place#to").set("origin", "Rome")
    assert named.next == ("utter_from", "story")


def test_entities_fill_no_slots_where_the_domain_says_so(tmp_path: Path) -> None:
    domain = FILLED + "config: {store_entities_as_slots: false}\n"
    dialogue = Dialogue.of(told(tmp_path, PRICES, domain), learn=False)
    assert [problem.expected for problem in dialogue.problems] == [
        "utter_tea in rule 'milk', as rule 'tea' says in stories.yml:5"
    ]


SEPARATE = """
stories:
  - story: greeting
    steps: [{intent: greet}, {action: utter_hello}]
  - story: help
    steps: [{intent: help}, {action: utter_help}]
  - story: paying after a greeting
    steps: [{intent: greet}, {action: utter_hello}, {intent: pay}, {action: action_receipt}]
  - story: buying
    steps: [{intent: buy}, {action: action_offer}, {intent: deny}, {action: utter_bye}]
"""


def test_matters_that_stories_tell_apart_follow_each_other_in_any_order(tmp_path: Path) -> None:
    policies = "policies: [{name: MemoizationPolicy}, {name: TEDPolicy}]"
    (tmp_path / "config.yml").write_text(policies, encoding="utf-8")
    dialogue = Dialogue.of(told(tmp_path, SEPARATE))
    both = Talk(dialogue).hear("buy").did("action_offer").hear("deny").did("utter_bye")
    [after] = both.hear("help").said()
    assert (after.action, after.policy) == ("utter_help", "learned")
    assert after.confidence > 0.7
    [at_once] = Talk(dialogue).hear("pay").said()
    assert (at_once.action, at_once.policy) == ("action_receipt", "learned")
    assert at_once.confidence > 0.7
