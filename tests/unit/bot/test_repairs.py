"""Messages about the conversation itself."""

from __future__ import annotations

import pytest

from bot.repairs import NO_HURRY, WHAT_NEXT, repair_of

WORDS = {"utter_explain_number", NO_HURRY}


@pytest.mark.parametrize(
    "text",
    [
        "why do you need the number?",
        "what do you want that for",
        "where do I find it",
        "where can i see my order number?",
        "can't you see it yourself",
        "I can't find my order number",
        "which number do you mean",
        "为啥要订单号啊",
        "我去哪里看单号",
        "订单号在哪",
        "找不到订单号",
        "要这个干嘛",
        "什么号码",
    ],
)
def test_a_question_about_the_question_is_explained(text: str) -> None:
    assert repair_of(text, "number", WORDS) == "explain"
    assert repair_of(text, "tail", WORDS) is None  # no words for it
    assert repair_of(text, None, WORDS) is None  # nothing was asked


@pytest.mark.parametrize(
    "text",
    [
        "HL20418376",
        "the blue one",
        "where is my parcel",
        "why is it so late",
        "没有收到",
        "哪天能到",
    ],
)
def test_an_answer_or_another_request_is_no_repair(text: str) -> None:
    assert repair_of(text, "number", WORDS) is None


@pytest.mark.parametrize(
    "text",
    ["one moment please", "hang on, let me look", "ok wait", "not sure yet", "等一下", "我再想想",
     "稍等，我找一下", "嗯 我看看"],
)  # fmt: skip
def test_a_customer_who_needs_a_moment_is_given_it(text: str) -> None:
    assert repair_of(text, "number", WORDS) == "pause"
    assert repair_of(text, "number", set()) is None


@pytest.mark.parametrize(
    "text", ["ok", "嗯", "好的", "sorry", "please", "wait, cancel it", "等不了了"]
)
def test_manners_and_answers_are_no_pause(text: str) -> None:
    assert repair_of(text, "number", WORDS) is None


@pytest.mark.parametrize(
    "text",
    ["say that again", "sorry, what did you say?", "pardon me?", "can you repeat that please",
     "I didn't get that", "再说一遍", "你刚才说什么来着", "没看清"],
)  # fmt: skip
def test_what_was_said_is_said_again(text: str) -> None:
    assert repair_of(text, None, ()) == "repeat"
    assert repair_of(text, "number", WORDS) is None  # a form asks again by itself


@pytest.mark.parametrize(
    "text", ["what did you say about the refund?", "what", "刚才的订单", "", "x" * 90]
)
def test_a_request_of_its_own_is_not_taken_for_it(text: str) -> None:
    assert repair_of(text, None, ()) is None


@pytest.mark.parametrize(
    "text",
    [
        "i dont know the number",
        "I don't have it with me",
        "no idea",
        "lost the email",
        "单号忘了",
        "不记得了",
        "短信删了",
        "没有订单号",
    ],
)
def test_who_does_not_have_what_is_asked_for_says_so(text: str) -> None:
    assert repair_of(text, "number", WORDS) == "lacks"
    assert repair_of(text, None, WORDS) is None


@pytest.mark.parametrize("text", ["I don't remember the other number", "她的订单号我不知道"])
def test_outside_a_form_only_who_speaks_of_the_number_lacks_it(text: str) -> None:
    assert repair_of(text, None, {"utter_form_stuck"}) == "lacks"
    assert repair_of("no idea", None, {"utter_form_stuck"}) is None


@pytest.mark.parametrize(
    "text", ["why not", "凭什么", "it still doesn't work", "还是不行", "tried that", "试过了没用"]
)
def test_who_is_not_helped_asks_what_is_next(text: str) -> None:
    assert repair_of(text, None, {"utter_what_next"}) == "next"


@pytest.mark.parametrize("text", ["I don't want it any more", "没有", "不知道啥时候买的", "HL1"])
def test_other_messages_are_no_lack(text: str) -> None:
    assert repair_of(text, "number", WORDS) is None


@pytest.mark.parametrize(
    "text",
    ["ok what now", "so what now??", "now what", "what do i do now", "what should I do then?",
     "那怎么办呢", "现在咋办", "然后呢？", "那我该怎么办"],
)  # fmt: skip
def test_whom_the_answer_does_not_help_on_is_heard(text: str) -> None:
    assert repair_of(text, None, {WHAT_NEXT}) == "next"
    assert repair_of(text, None, set()) is None
    assert repair_of(text, "number", {WHAT_NEXT}) is None


@pytest.mark.parametrize(
    "text",
    ["what do I do about the broken lamp", "怎么办理退货", "what now costs 20", "然后呢要寄回去吗"],
)
def test_a_question_with_a_subject_is_no_call_for_help(text: str) -> None:
    assert repair_of(text, None, {WHAT_NEXT}) is None
