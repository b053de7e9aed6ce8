"""Questions of one and two edges, in both languages, and those that are left alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from retrieval.knowledge.answer import Time
from retrieval.knowledge.question import Hint
from tests.unit.retrieval.knowledge.catalogue import NOW, Talk

SUNDAY = datetime(2026, 11, 22, tzinfo=NOW.tzinfo)
MONDAY = datetime(2026, 11, 23, tzinfo=NOW.tzinfo)


def at(text: str, words: str, when: datetime, *, has_hour: bool = False) -> Time:
    start = text.index(words)
    return Time(start, start + len(words), when, has_hour)


@pytest.mark.parametrize(
    ("question", "truth"),
    [
        ("does the shell case for the X200 come in red?", True),
        ("does the shell case for the X200 come in blue?", False),
        ("Is the shell case compatible with the X200?", True),
        ("is the shell case compatible with the X100", False),
        ("does the X100 come in white", True),
        ("is the X200 waterproof?", True),
        ("is the X100 waterproof?", False),
        ("is the X100 cheaper than the X200?", True),
        ("is the X100 heavier than the X200?", False),
        ("do you have a store in Shanghai?", True),
        ("贝壳保护壳有红色的吗", True),
        ("彗星X200的保护套出红色吗", True),
        ("贝壳保护壳能给X100用吗", False),
        ("彗星X100比彗星X200便宜吗", True),
        ("上海有门店吗", True),
    ],
)
def test_whether_something_is_so(talk: Talk, question: str, truth: bool) -> None:
    answer = talk.ask(question).answer
    assert answer is not None
    assert answer.truth is truth
    assert answer.path


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("what colours does the X100 come in", ("black", "white")),
        ("which colours does the shell case for the X200 come in?", ("black", "red")),
        ("what sizes does the leather sleeve have", ("size:S", "size:M", "size:L")),
        ("which store near Pudong has the X200?", ("s1",)),
        ("which stores in Shanghai have the X100", ("s2",)),
        ("which cases fit the X200", ("C100", "C200")),
        ("which phones do you have under 2500 yuan", ("X100",)),
        ("how much is the sleeve", ("199",)),
        ("which is cheaper, the X100 or the X200?", ("X100",)),
        ("what's the cheapest phone", ("X100",)),
        ("which is heavier, the X100 or the X200", ("X200",)),
        ("彗星X100有哪些颜色", ("black", "white")),
        ("浦东附近哪家店有X200", ("s1",)),
        ("皮套多少钱", ("199",)),
        ("最贵的保护壳是哪个", ("C100",)),
        ("how many colours does the X100 come in", ("black", "white")),
    ],
)
def test_what_is_asked_for_is_found(talk: Talk, question: str, values: tuple[str, ...]) -> None:
    answer = talk.ask(question).answer
    assert answer is not None
    assert answer.values == values


@pytest.mark.parametrize(
    "question",
    [
        "where is my order",
        "does the X200 break easily",
        "why does the X200 come in black",
        "how heavy is the X300",
        "is the X300 waterproof",
        "is the shell case for the iPhone red",
        "does it come in red",
        "which one is cheaper",
        "I want the red one",
        "the X200 I bought came in black",
        "我的X200什么时候到",
        "X200好用吗",
        "does the X100 come in red or white?",
        "which store in Shanghai opens on Monday",
        "它有红色的吗",
        "为什么X200没有红色",
        "",
        "?!",
        "X200",
        "case " * 200,
    ],
)
def test_what_the_graph_cannot_answer_is_left_to_others(talk: Talk, question: str) -> None:
    assert talk.ask(question).answer is None


def test_a_conversation_is_followed(talk: Talk) -> None:
    assert talk.ask("tell me about the shell case").answer is None
    red = talk.ask("does it come in red?").answer
    assert red is not None
    assert red.truth is True
    blue = talk.ask("and in blue?").answer
    assert blue is not None
    assert (blue.subjects, blue.truth) == (("C200",), False)
    other = talk.ask("what about the X100?").answer
    assert other is not None
    assert (other.subjects, other.objects, other.truth) == (("X100",), ("blue",), False)
    price = talk.ask("how much is it").answer
    assert price is not None
    assert price.values == ("1999",)


def test_the_cheaper_one_is_one_of_those_just_listed(talk: Talk) -> None:
    assert talk.ask("which cases fit the X200").answer is not None
    answer = talk.ask("and the cheaper one?").answer
    assert answer is not None
    assert answer.subjects == ("C200",)
    again = talk.ask("那更便宜的是哪个").answer
    assert again is None  # there is only one left to compare


def test_what_cannot_be_followed_is_left_alone(talk: Talk) -> None:
    assert talk.ask("how much is the X100").answer is not None
    assert talk.ask("and the other one?").answer is None
    assert talk.ask("which is heavier").answer is None


def test_equal_ones_are_said_to_be_equal(talk: Talk) -> None:
    answer = talk.ask("which is cheaper, the X200 or the X300?").answer
    assert answer is not None
    assert answer.situation == "equal"


def test_opening_hours_know_days_and_the_time(talk: Talk) -> None:
    text = "when does the Harbour store close on Sunday"
    closes = talk.ask(text, at(text, "Sunday", SUNDAY)).answer
    assert closes is not None
    assert closes.values == ("20:00",)
    assert closes.slots["day"][0] == "Sunday, November 22"
    text = "and on Monday?"
    monday = talk.ask(text, at(text, "Monday", MONDAY)).answer
    assert monday is not None
    assert monday.values == ("22:00",)
    now = talk.ask("is the Hill store open now?").answer
    assert now is not None
    assert (now.situation, now.truth) == ("open_now", True)
    text = "is the Hill store open on Monday"
    shut = talk.ask(text, at(text, "Monday", MONDAY)).answer
    assert shut is not None
    assert (shut.situation, shut.truth) == ("shut", False)
    text = "is the Hill store open on Sunday at 8 pm"
    late = talk.ask(text, at(text, "Sunday at 8 pm", SUNDAY + timedelta(hours=20), has_hour=True))
    assert late.answer is not None
    assert late.answer.situation == "shut_then"
    week = talk.ask("港口店的营业时间").answer
    assert week is not None
    assert week.situation == "week"


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("how much is the leater sleeve", "C100"),
        ("how much is the lether sleeve", "C100"),
        ("贝可保护壳多少钱", "C200"),
        ("贝壳保护克多少钱", "C200"),
        ("ＣＯＭＥＴ x200 多少钱", "X200"),
    ],
)
def test_misspelt_names_are_known(talk: Talk, question: str, subject: str) -> None:
    answer = talk.ask(question).answer
    assert answer is not None
    assert answer.subjects == (subject,)


def test_the_taggers_entity_tells_what_a_short_word_is(talk: Talk) -> None:
    text = "does the sleeve come in L"
    assert talk.ask(text).answer is None
    assert talk.ask(text, hints=[Hint(24, 25, "color")]).answer is None
    assert talk.ask(text, hints=[Hint(24, 25, "size")]).answer is not None
    assert talk.ask("does the sleeve come in size L").answer is not None


def test_live_intents_need_a_relation_in_so_many_words(talk: Talk) -> None:
    assert talk.ask("is the X100 there in white", intent="stock").answer is None
    assert talk.ask("does the X100 come in white", intent="stock").answer is not None


def test_other_intents_are_answered_only_where_all_is_understood(talk: Talk) -> None:
    assert talk.ask("how much is the X100", intent="bargain").answer is not None
    assert talk.ask("is there a shell case for the X200 bro", intent="bargain").answer is None


def test_every_answer_says_what_it_rests_on(talk: Talk) -> None:
    answer = talk.ask("which store near Shanghai has the X200?").answer
    assert answer is not None
    assert ("s1", "located_in", "pudong") in answer.path
    assert ("pudong", "within", "shanghai") in answer.path
    assert ("s1", "shows", "X200") in answer.path
    assert answer.slots["values"] == (
        "Harbour store",
        "graph:" + " ; ".join("/".join(step) for step in answer.path),
    )
