"""Which sentences of an agent answer, and what had been asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.conversation import Conversation, Turn
from retrieval.mining.answers import find_answers, sayings
from retrieval.mining.sentences import act, split


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ("Good morning!", "greeting"),
        ("Dear Ms {customer_name},", "greeting"),
        ("Kind regards, {agent_name}", "greeting"),
        ("You're very welcome, enjoy the lamp!", "greeting"),
        ("亲~", "greeting"),
        ("您好，我是客服{agent_name}。", "greeting"),
        ("不客气，祝您周末愉快。", "greeting"),
        ("🙂", "greeting"),
        ("How may I assist you today?", "greeting"),
        ("It was a pleasure!", "greeting"),
        ("请问还有其他可以帮到您的吗?", "greeting"),
        ("还辛苦您给小妹打个评价呢~点击表情栏旁边的“+”哦。", "greeting"),
        ("您好，新疆属于偏远地区，在正常运费基础上加收12元，祝您生活愉快", "answer"),
        ("你有什么质量问题都可以在7天内退", "answer"),
        ("Let me check that for you.", "lookup"),
        ("好嘞，稍等，我去系统里翻一下～", "lookup"),
        ("Which order is it?", "question"),
        ("Please send me a photo.", "question"),
        ("订单号发我下", "question"),
        ("请问您是哪天收到的？", "question"),
        ("I've cancelled it for you.", "case"),
        ("Your order has left the warehouse.", "case"),
        ("已为您登记。", "case"),
        ("Shipping is free from ¥99.", "answer"),
        ("满99元包邮，偏远地区加12元。", "answer"),
        ("我们支持Visa与Mastercard。", "answer"),
    ],
)
def test_what_a_sentence_does(sentence: str, what: str) -> None:
    assert act(sentence) == what


def test_sentences_are_split_without_tearing_numbers_and_titles() -> None:
    assert split("Hi! It is ¥8.50 for Mr. Tan. Ok?\nBye") == [
        "Hi!", "It is ¥8.50 for Mr. Tan.", "Ok?", "Bye",
    ]  # fmt: skip
    assert split("可以的～满99包邮！还有吗？") == ["可以的～", "满99包邮！", "还有吗？"]


def test_what_a_turn_says_is_kept_apart() -> None:
    assert sayings("Hi! Shipping is ¥8. Free from ¥99. Which order is it?") == {
        "greeting": "Hi!",
        "answer": "Shipping is ¥8. Free from ¥99.",
        "question": "Which order is it?",
    }
    assert sayings("您好。已为您取消。退款1到3个工作日到账。") == {
        "greeting": "您好。",
        "case": "已为您取消。",
        "answer": "退款1到3个工作日到账。",
    }
    assert "answer" not in sayings("Let me look. Which order?")


def test_answers_are_linked_to_what_was_asked() -> None:
    turns = (
        Turn("agent", "Welcome! We are open."),
        Turn("customer", "hi"),
        Turn("customer", "what is shipping"),
        Turn("agent", "Shipping is ¥8."),
        Turn("agent", "It is free from ¥99."),
        Turn("customer", "thanks!"),
        Turn("agent", "Bye!"),
    )
    found = list(find_answers([Conversation("c1", "en", turns, outcome="resolved", rating=5)]))
    assert [(a.text, a.asked, a.source.turn) for a in found] == [
        ("Shipping is ¥8.", "hi what is shipping", 3),
        ("It is free from ¥99.", "hi what is shipping", 4),
    ]
    assert found[0].opening == "hi"
    assert [a.mood for a in found] == [0, 1]
    assert (found[0].outcome, found[0].rating) == ("resolved", 5)


@given(st.text(max_size=200))
def test_any_turn_can_be_read(text: str) -> None:
    assert "".join("".join(split(text)).split()) == "".join(text.split())
    assert all(sayings(text).values())
