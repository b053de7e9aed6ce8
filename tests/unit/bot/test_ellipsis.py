"""What a message leaves out, put back from what was said before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ellipsis import (
    Said,
    best_named,
    completed,
    gives_only,
    latest_request,
    referred,
    standing,
    with_values,
)
from bot.events import Event
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.reading.folder import read_assistant

DOMAIN = """version: "3.1"
intents: [stock, policy, thanks]
entities: [product, color, size]
forms:
  stock_form: {required_slots: []}
"""
LINES = """version: "3.1"
nlu:
- intent: stock
  examples: |
    - have you got the [hoodie](product) in [red](color)
    - is the [mug](product) there in size [L](size)
- intent: policy
  examples: |
    - what are your rules for the [mug](product)
    - how do returns work
- intent: thanks
  examples: |
    - thank you
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder: Path = tmp_path_factory.mktemp("shop")
    (folder / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (folder / "nlu.yml").write_text(LINES, encoding="utf-8")
    return read_assistant(folder, strict=False)


def parse(text: str, intent: str = "stock", decision: str = "accept", **marks: str) -> dict:
    """A parse of ``text`` in which the words of ``marks`` are values of those types."""
    entities = [
        {"entity": kind, "value": words, "start": text.index(words),
         "end": text.index(words) + len(words)}
        for kind, words in marks.items()
    ]  # fmt: skip
    named = {"name": intent, "confidence": 0.9}
    return {"text": text, "intent": named, "entities": entities, "decision": decision}


def heard(*parses: dict[str, Any]) -> Tracker:
    tracker = Tracker.fresh("c", {}, "en")
    for number, read in enumerate(parses):
        data = {"of": number, "text": read["text"], "language": "en", "parse": read}
        tracker.apply(Event("understood", data, "t"))
    return tracker


BEFORE = parse("is the hoodie there in red?", product="hoodie", color="red")


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        (parse("and in black?", color="black"), "is the hoodie there in black?"),
        (parse("sorry, I meant the mug", "thanks", product="mug"), "is the mug there in red?"),
        (parse("size L", "policy", size="L"), "is the hoodie there in red L?"),
        (parse("不好意思打错了，是黑色", color="黑色"), "is the hoodie there in 黑色?"),
        (parse("the mug in black", product="mug", color="black"), "is the mug there in black?"),
        (parse("where is my hoodie", product="hoodie"), None),
        (parse("and now?"), None),
    ],
)
def test_values_alone_belong_to_the_latest_request(
    said: dict, whole: str | None, shop: Assistant
) -> None:
    made = completed(said, heard(BEFORE), shop)
    assert (made and made[0]) == whole
    assert made is None or made[1].text == BEFORE["text"]


def test_a_value_that_the_request_has_no_use_for_completes_nothing(shop: Assistant) -> None:
    asked = heard(parse("how do returns work", "policy"))
    assert completed(parse("in black", color="black"), asked, shop) is None


def test_a_value_said_again_is_one_where_it_is_not_found_alone(shop: Assistant) -> None:
    before = heard(parse("is the mug there in size M", product="mug", size="M"))
    found = completed(parse("sorry, the hoodie M", product="hoodie"), before, shop)
    assert found is not None
    assert found[0] == "is the hoodie there in size M"
    assert completed(parse("sorry, the hoodie XM", product="hoodie"), before, shop) is None
    assert completed(parse("M"), before, shop) is None


def test_which_of_two_values_is_meant_is_not_guessed(shop: Assistant) -> None:
    two = parse("hoodie or mug?", product="hoodie")
    two["entities"] += parse("hoodie or mug?", product="mug")["entities"]
    assert completed(parse("the lamp", product="lamp"), heard(two), shop) is None


def test_manners_between_are_no_request_and_after_a_while_nothing_is_gone_on_with(
    shop: Assistant,
) -> None:
    thanks = parse("thank you", "thanks")
    black = parse("and in black?", color="black")
    made = completed(black, heard(BEFORE, thanks), shop)
    assert made is not None
    assert made[0] == "is the hoodie there in black?"
    assert completed(black, heard(BEFORE, *[thanks] * 4), shop) is None
    assert completed(black, heard(), shop) is None


def test_inside_a_form_values_answer_its_question(shop: Assistant) -> None:
    tracker = heard(BEFORE)
    tracker.apply(Event("active_loop", {"name": "stock_form"}))
    assert completed(parse("black", color="black"), tracker, shop) is None


def test_what_was_said_inside_a_form_is_no_request_to_go_on_with() -> None:
    tracker = heard(BEFORE)
    tracker.apply(Event("active_loop", {"name": "stock_form"}))
    data = {"of": 9, "text": "mug", "language": "en", "parse": parse("mug", product="mug")}
    tracker.apply(Event("understood", data, "t"))
    tracker.apply(Event("active_loop", {"name": None}))
    found = latest_request(tracker)
    assert found is not None
    assert found.text == BEFORE["text"]


def test_a_value_that_is_not_read_again_is_kept() -> None:
    given_ = parse("黑的呢", color="黑")
    whole = with_values(
        parse("卫衣黑L有吗", product="卫衣"), given_, Said("卫衣有吗", "stock", [], False)
    )
    assert [(e["entity"], e["start"], e["end"]) for e in whole["entities"]] == [
        ("product", 0, 2), ("color", 2, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "shown", "read"),
    [
        ("cancel the first one", ["HL1", "HL2"], "cancel HL1"),
        ("where is the last order?", ["HL1", "HL2"], "where is HL2?"),
        ("取消第二个", ["HL1", "HL2"], "取消HL2"),
        ("cancel the third one", ["HL1", "HL2"], None),
        ("cancel the first one", [], None),
        ("cancel it", ["HL1", "HL2"], None),
    ],
)
def test_a_place_in_the_list_just_shown_is_what_stands_there(
    said: str, shown: list[str], read: str | None
) -> None:
    assert referred(said, shown, heard()) == read


def test_the_latter_of_two_things_just_named() -> None:
    text = "hoodie or mug, which is better"
    two = parse(text, product="hoodie")
    two["entities"] += parse(text, product="mug")["entities"]
    assert referred("how much is the latter", [], heard(two)) == "how much is mug"
    assert referred("后面那款多少钱", [], heard(two)) == "mug多少钱"
    between = parse("which lasts longer", "policy")
    assert referred("how much is the former", [], heard(two, between)) == "how much is hoodie"


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80))
def test_any_message_is_only_values_or_not(text: str, start: int, end: int) -> None:
    marks = [{"entity": "color", "start": min(start, end), "end": max(start, end)}]
    assert gives_only(text, marks) in (True, False)
    assert not gives_only(text, [])


def test_a_completed_request_still_asks_what_it_asked_and_has_no_mood() -> None:
    read = parse("take the return back HL1", intent="return")
    other, same = read["intent"], {"name": "stock", "confidence": 0.3}
    read |= {"intent_ranking": [other, same], "sentiment": {"label": "negative"}}
    now = {**parse("HL1", number="HL1"), "sentiment": {"label": "neutral"}}
    whole = with_values(read, now, Said("take the return back", "stock", [], False))
    assert whole["intent"]["name"] == "stock"
    assert whole["sentiment"] == {}
    assert [item["entity"] for item in whole["entities"]] == ["number"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("not the lamp, the kettle", ["kettle"]),
        ("the kettle, not the lamp", ["kettle"]),
        ("不是lamp那个 是kettle", ["kettle"]),
        ("lamp or kettle", ["lamp", "kettle"]),
        ("the lamp, sorry, I mean the kettle", ["kettle"]),
        ("lamp，哦不对，kettle", ["kettle"]),
    ],
)
def test_what_is_ruled_out_for_another_is_no_value(text: str, kept: list[str]) -> None:
    marked = [
        {
            "entity": "product",
            "value": word,
            "start": text.index(word),
            "end": text.index(word) + len(word),
        }
        for word in ("lamp", "kettle")
    ]
    stand, out = standing(text, marked)
    assert sorted(item["value"] for item in stand) == sorted(kept)
    assert [item for item in marked if item not in stand] == out


def test_a_value_that_is_only_denied_stands() -> None:
    denied = [{"entity": "product", "value": "lamp", "start": 12, "end": 16}]
    assert standing("this is not lamp", denied) == (denied, [])


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("is the cheaper one in stock", "is Drift in stock"),
        ("the most expensive model please", "Drift please"),
        ("便宜的那个有货吗", "Drift 有货吗"),
        ("贵一点的那款多重", "Drift 多重"),
        ("which one is cheaper", "which one is cheaper"),
        ("the other one", "the other one"),
    ],
)
def test_the_best_of_what_was_compared_is_named(text: str, named: str) -> None:
    assert best_named(text, "Drift") == named


def test_a_value_of_the_request_that_is_not_read_again_is_kept() -> None:
    asked = parse("卫衣L有吗", product="卫衣", size="L")
    before = Said(asked["text"], "stock", asked["entities"], False)
    whole = with_values(parse("T恤L有吗", product="T恤"), parse("T恤呢", product="T恤"), before)
    assert [(e["entity"], e["value"], e["start"]) for e in whole["entities"]] == [
        ("product", "T恤", 0), ("size", "L", 2),
    ]  # fmt: skip
