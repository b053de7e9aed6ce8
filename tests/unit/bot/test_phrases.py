"""Short answers that are read beside what was just said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.phrases.asking import agrees, bare_question
from bot.phrases.changing import bare_other, leaves, mistaken, only_mistaken, other_one, takes_back
from bot.phrases.choosing import chosen, place_in

ORDERS = [
    "HL20418376 · Drift earphones (blue) … · paid",
    "HL20417752 · Breakwater hoodie (grey, L) · on its way to you",
    "HL20415001 · Harbour T-shirt (blue, M) · delivered",
]
CHINESE = ["HL1 · 漂流蓝牙耳机（蓝色）", "HL2 · 防波堤卫衣（灰色，L）", "HL3 · 港湾T恤（白色）"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("the second one", 1),
        ("second", 1),
        ("no, the last one please", 2),
        ("2", 1),
        ("number 3", 2),
        ("4", None),
        ("the hoodie", 1),
        ("that grey one", 1),
        ("the one with the earphones", 0),
        ("the blue one", None),
        ("the kettle", None),
        ("where is my refund", None),
        ("", None),
        (ORDERS[2].upper(), 2),
    ],
)
def test_which_of_the_orders_shown_is_meant(text: str, place: int | None) -> None:
    assert chosen(text, ORDERS) == place


@pytest.mark.parametrize(
    ("text", "place"),
    [("第二个", 1), ("最后一个", 2), ("那个蓝色的", 0), ("卫衣", 1), ("裤子", None)],
)
def test_which_one_is_meant_in_chinese(text: str, place: int | None) -> None:
    assert chosen(text, CHINESE) == place


@given(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=5))
def test_a_choice_is_always_one_of_those_shown(text: str, titles: list[str]) -> None:
    place = chosen(text, titles)
    assert place is None or 0 <= place < len(titles)


@pytest.mark.parametrize(
    "text", ["never mind", "Oh, forget it", "stop, no more", "算了", "那不用了"]
)
def test_a_form_is_called_off(text: str) -> None:
    assert leaves(text)


@pytest.mark.parametrize("text", ["I changed my mind", "can you stop the parcel?", "HL20417752"])
def test_an_answer_calls_nothing_off(text: str) -> None:
    assert not leaves(text)


def test_another_one_alone_is_no_request_of_its_own() -> None:
    assert all(map(bare_other, ("上一个呢", "no, the other one", "What about the previous order?")))
    assert not any(map(bare_other, ("呢", "上一个再来一件", "cancel the other one", "hello")))


def test_another_one_is_meant() -> None:
    assert all(
        other_one(text) for text in ("no, the other one", "and the one before that?", "上一个呢")
    )
    assert not any(other_one(text) for text in ("no thanks", "the second one"))


@pytest.mark.parametrize("text", ["I changed my mind", "can you undo that?", "我反悔了", "点错了"])
def test_something_done_is_to_be_undone(text: str) -> None:
    assert takes_back(text)


@pytest.mark.parametrize(
    "text", ["no sorry, number 21", "Oops", "写错了，是三楼", "不对 是三楼", "my mistake"]
)
def test_something_given_was_wrong(text: str) -> None:
    assert mistaken(text)


@pytest.mark.parametrize("text", ["no thanks", "不用了", "where is it", "x" * 61 + " sorry"])
def test_other_messages_undo_and_correct_nothing(text: str) -> None:
    assert not takes_back(text)
    assert not mistaken(text)


@given(st.text(max_size=80), st.integers(1, 6))
def test_a_place_that_is_pointed_at_is_one_of_those_there_are(text: str, count: int) -> None:
    found = place_in(text, count)
    assert found is None or (0 <= found[2] < count and found[0] < found[1] <= len(text))


@pytest.mark.parametrize(
    "text",
    ["when does it come?", "ok how long will that take", "how much was it again", "is it free",
     "几号能到", "那要多久啊", "多少钱来着", "明天能到不"],
)  # fmt: skip
def test_a_question_without_a_subject(text: str) -> None:
    assert bare_question(text)


@pytest.mark.parametrize(
    "text",
    ["ok thx", "thanks", "how long does delivery take", "what does the lamp cost", "退款多久",
     "好的", "?", "", "HL20418376"],
)  # fmt: skip
def test_a_subject_or_no_question(text: str) -> None:
    assert not bare_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "yes please",
        "ok do it",
        "Sure, go ahead!",
        "that would be great, yes",
        "好啊",
        "那麻烦你了",
        "可以的",
    ],
)
def test_a_clear_yes(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text", ["ok", "ok thanks", "好的谢谢", "嗯", "no", "yes but first the lamp", "不行"]
)
def test_no_clear_yes(text: str) -> None:
    assert not agrees(text)


@pytest.mark.parametrize("text", ["ok", "fine", "好的", "okay then", "好的谢谢"])
def test_an_ok_is_a_yes_to_the_last_words(text: str) -> None:
    assert agrees(text, last=True)
    assert not agrees(text)
    assert not agrees("ok but first the lamp", last=True)


def test_who_asks_for_something_else_in_the_same_breath_does_not_only_let_go() -> None:
    assert not any(map(leaves, ("那算了，能换码吗", "never mind, can I swap it", "算了，直接退吧")))
    other = (
        "那算了 我要退款",
        "never mind, get me a person",
        "forget it, cancel my order",
        "算了，开张发票吧",
    )
    assert not any(map(leaves, other))
    kept = (
        "算了吧",
        "算了 不用取消了",
        "never mind, don't cancel it",
        "actually never mind the order",
    )
    assert all(map(leaves, kept))
    assert all(map(leaves, ("算了不注销了", "forget it, I'll keep it")))


@pytest.mark.parametrize(
    "text",
    ["oh sorry wrong order", "oops, typo", "不好意思 单号发错了", "哦，搞错了", "wrong number"],
)
def test_says_only_that_something_was_wrong(text: str) -> None:
    assert only_mistaken(text)


@pytest.mark.parametrize(
    "text",
    ["you sent the wrong order", "wrong colour, I ordered black", "你们发错货了", "sorry"],
)
def test_says_more_than_that_something_was_wrong(text: str) -> None:
    assert not only_mistaken(text)
