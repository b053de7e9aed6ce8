"""Templates: their placeholders, their JSON and those made from a domain's responses."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import DataError, FrontdeskError
from models.filling.generator import placeholders
from retrieval.templates import (
    Button,
    LogRef,
    Template,
    from_responses,
    read_templates,
    speak,
    template_id,
    write_templates,
)

FULL = Template(
    id="t1",
    name="utter_refund_status",
    language="zh",
    text="订单 {order_id} 的退款 {refund_amount} 元会在 {{工作日}} 到账",
    intents=("refund_status",),
    questions=("钱呢", "退款 {order_id} 到哪了"),
    source="mined",
    provenance=(LogRef("zh-0001", 3, "订单 {order_id} 退款已到账"),),
    buttons=(Button("转人工", "/human"),),
    image="https://shop.example/a.png",
    custom={"card": [1, {"a": None}]},
    condition=({"type": "slot", "name": "vip", "value": True},),
    quality=0.25,
    status="proposed",
    channels=("widget",),
    audiences=("member",),
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_until=datetime(2026, 7, 1, tzinfo=UTC),
    flags=("promise",),
)


def test_slots_follow_the_generator() -> None:
    assert FULL.slots == placeholders(FULL.text) == ("order_id", "refund_amount")


def test_json_round_trip_of_every_field() -> None:
    assert Template.from_json(json.loads(json.dumps(FULL.as_json()))) == FULL


@given(st.text(max_size=60), st.sampled_from(["en", "zh"]))
def test_any_text_is_refused_clearly_or_survives_json(text: str, language: str) -> None:
    try:
        made = Template(id="x", name="utter_x", language=language, text=text)
    except DataError:
        return
    assert Template.from_json(json.loads(json.dumps(made.as_json()))) == made


def test_spoken_text_has_no_braces() -> None:
    assert speak("Order {order_id}, {{ok}}") == "Order order id, {ok}"
    assert speak("broken {") == "broken {"


@pytest.mark.parametrize(
    "change",
    [
        {"text": "broken {"},
        {"quality": 1.5},
        {"status": "great"},
        {"source": "dream"},
        {"valid_from": datetime(2026, 1, 1)},
    ],
)
def test_what_could_never_be_said_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(DataError, match="Mend the template"):
        Template(**{"id": "a", "name": "utter_a", "language": "en", "text": "x", **change})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "utter_a", "language": "en", "text": 3},
        {"name": "utter_a", "language": "en", "text": "x", "questions": "one"},
        {"name": "utter_a", "language": "en", "text": "x", "buttons": [{"titel": "y"}]},
        {"name": "utter_a", "language": "en", "text": "x", "valid_from": "yesterday"},
    ],
)
def test_json_that_is_no_template_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(DataError):
        Template.from_json(data)


def test_an_id_is_stable_and_tells_wordings_apart() -> None:
    assert template_id("utter_a", "en", "x") == template_id("utter_a", "en", "x")
    ids = {template_id("utter_a", lang, text) for lang in ("en", "zh") for text in ("x", "y")}
    assert len(ids) == 4


RESPONSES = {
    "utter_greet": [
        {
            "text": "Hello {name}",
            "translation": {"zh": "你好 {name}"},
            "buttons": [
                {"title": "Orders", "payload": "/o", "translation": {"zh": {"title": "订单"}}}
            ],
        },
        {"text": "Hi", "channel": "email"},
    ],
    "utter_card": [{"custom": {"kind": "card"}}],
}


def test_responses_become_one_template_a_language_and_wording() -> None:
    made = from_responses(
        RESPONSES,
        default_language="en",
        intents={"utter_card": ["stock_check"]},
        questions={("utter_greet", "zh"): ["在吗"]},
    )
    assert [(t.name, t.language, t.text) for t in made] == [
        ("utter_greet", "en", "Hello {name}"),
        ("utter_greet", "zh", "你好 {name}"),
        ("utter_greet", "en", "Hi"),
        ("utter_card", "en", ""),
    ]
    hello, nihao, hi, card = made
    assert hello.buttons == (Button("Orders", "/o"),)
    assert nihao.buttons == (Button("订单", "/o"),)
    assert nihao.questions == ("在吗",)
    assert hello.questions == ()
    assert hi.channels == ("email",)
    assert hello.intents == ("greet",)
    assert card.intents == ("stock_check",)
    assert card.custom == {"kind": "card"}
    assert {t.source for t in made} == {"operator"}


def test_a_wording_for_one_channel_is_another_template() -> None:
    both = [{"text": "Hi"}, {"text": "Hi", "channel": "email"}]
    assert len(from_responses({"utter_a": both}, default_language="en")) == 2


def test_files_round_trip_and_name_their_bad_lines(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "t.jsonl"
    assert write_templates(path, [FULL, replace(FULL, status="live")]) == 2
    assert read_templates(path) == [FULL, replace(FULL, status="live")]
    path.write_text(path.read_text("utf-8") + "\n{not json\n[]\n", "utf-8")
    with pytest.raises(FrontdeskError) as caught:
        read_templates(path)
    assert f"{path}:4" in str(caught.value)
    assert f"{path}:5" in str(caught.value)
