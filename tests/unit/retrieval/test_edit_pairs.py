"""Pairs of template and real turn, with what the customer had written before."""

from __future__ import annotations

from dataclasses import replace

from retrieval.conversation import Conversation, Turn
from retrieval.mining.edit_pairs import edit_pairs
from retrieval.templates import LogRef, Template

CHAT = Conversation(
    "c1",
    "en",
    (
        Turn("customer", "hi"),
        Turn("customer", "how long do you keep parcels"),
        Turn("agent", "Hello! Parcels are kept for 7 days."),
        Turn("customer", "and in Lima?"),
        Turn("agent", "The same there."),
    ),
)


def reviewed(text: str, conversation: str, turn: int) -> Template:
    refs = (LogRef(conversation, turn, "x"),)
    return Template("t", "utter_a", "en", text, source="mined", provenance=refs)


def test_answers_stand_beside_the_whole_turn_and_what_was_asked() -> None:
    first, second = edit_pairs([CHAT])
    assert (first.template, first.target) == (
        "Parcels are kept for 7 days.",
        "Hello! Parcels are kept for 7 days.",
    )
    assert (first.context, first.opening) == ("hi how long do you keep parcels", True)
    assert (second.context, second.opening) == ("and in Lima?", False)
    assert {pair.source for pair in (first, second)} == {"log"}


def test_reviewed_templates_stand_beside_the_lines_they_came_from() -> None:
    text = "Parcels are kept for 7 days in Lima too."
    pairs = edit_pairs([CHAT], [reviewed(text, "c1", 4)])
    own = [pair for pair in pairs if pair.source == "reviewed"]
    assert [(pair.template, pair.target, pair.context) for pair in own] == [
        (text, "The same there.", "and in Lima?")
    ]
    assert len(pairs) == 3


def test_lines_that_are_not_there_or_of_a_customer_or_too_long_are_left_out() -> None:
    strange = [reviewed("A b.", "c1", 3), reviewed("A b.", "c1", 9), reviewed("A b.", "c2", 2)]
    assert len(edit_pairs([CHAT], strange)) == 2
    long = replace(CHAT, turns=(CHAT.turns[0], Turn("agent", "We ship it. " * 50)))
    assert edit_pairs([long]) == []
