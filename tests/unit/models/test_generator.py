"""The template filler says what template and values hold, traces it, and nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import GenerationError, MissingValue
from models.filling.formatting import Money, visible
from models.filling.generator import (
    GenerationRequest,
    TemplateFiller,
    Value,
    all_placeholders,
    escape,
    is_placeholder_name,
    parse_template,
    placeholders,
)

FILLER = TemplateFiller()
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
TEXT = st.text(max_size=60)


def fill(template: str, language: str = "en", **values: object) -> str:
    given_values = {name: Value(value, f"slot:{name}") for name, value in values.items()}
    return FILLER.generate(GenerationRequest(template, given_values, language)).text


def test_fills_and_traces() -> None:
    request = GenerationRequest(
        "订单 {order_id} 已退款 {amount}。",
        {
            "order_id": Value("A-1001", "slot:order_id"),
            "amount": Value(Money(Decimal("1299")), "action:refund_status"),
        },
        "zh",
    )
    made = FILLER.generate(request)
    assert made.text == "订单 A-1001 已退款 ¥1,299。"
    assert [(t.placeholder, t.value, t.source) for t in made.traces] == [
        ("order_id", "A-1001", "slot:order_id"),
        ("amount", "¥1,299", "action:refund_status"),
    ]
    assert all(made.text[t.start : t.end] == t.value for t in made.traces)
    assert made.generator == "template-filler"


def test_kinds_read_values_as_they_come_out_of_json() -> None:
    request = GenerationRequest(
        "Paid {sum} on {day}.",
        {"sum": Value("19.9", "action:a"), "day": Value("2024-05-03", "action:a")},
        "en",
        kinds={"sum": "money", "day": "date"},
    )
    assert FILLER.generate(request).text == "Paid ¥19.90 on May 3, 2024."


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_missing_and_blank_values_are_refused(absent: object) -> None:
    with pytest.raises(MissingValue) as caught:
        fill("Order {order_id} is with {carrier}.", order_id=absent)
    assert caught.value.names == ("order_id", "carrier")


@pytest.mark.parametrize(
    "template",
    ["{", "}", "a } b", "{}", "{a.b}", "{a[0]}", "{a!r}", "{a:>10}", "{0}", "{a", "{a b}", "{{a}"],
)
def test_malformed_templates_are_refused(template: str) -> None:
    with pytest.raises(GenerationError, match=r"malformed.*\{name\}"):
        fill(template, a="x")


def test_doubled_braces_are_literal() -> None:
    assert fill("{{{a}}} {{a}}", a="x") == "{x} {a}"


def test_an_untraceable_type_is_refused() -> None:
    with pytest.raises(GenerationError, match="cannot be written"):
        fill("{a}", a=object())


def test_names_may_be_chinese() -> None:
    assert fill("{订单号}", "zh", 订单号="A1") == "A1"
    assert not is_placeholder_name("a.b")
    assert not is_placeholder_name("x" * 200)


def test_placeholders_are_listed_once_in_order() -> None:
    assert placeholders("{b} {a} {b} {{c}}") == ("b", "a")


@given(TEXT)
def test_a_value_is_inserted_as_it_is(value: str) -> None:
    if visible(value).strip():
        assert fill("<{a}>", a=value) == f"<{visible(value)}>"


@given(st.sampled_from(["{secret}", "{{secret}}", "{a}", "{a.__class__}", "%(secret)s", "{0}"]))
def test_a_value_never_brings_in_a_placeholder(hostile: str) -> None:
    request = GenerationRequest(
        "Hello {a}", {"a": Value(hostile, "slot:a"), "secret": Value("42", "slot:secret")}, "en"
    )
    made = FILLER.generate(request)
    assert made.text == f"Hello {hostile}"
    assert [trace.placeholder for trace in made.traces] == ["a"]


@given(TEXT)
def test_escaped_text_comes_out_as_it_went_in(text: str) -> None:
    assert fill(escape(text)) == text
    assert placeholders(escape(text)) == ()


@given(st.lists(st.tuples(TEXT, NAMES), max_size=6), TEXT, st.data())
def test_every_character_comes_from_the_template_or_a_traced_value(parts, tail, data) -> None:
    template = "".join(escape(text) + "{" + name + "}" for text, name in parts) + escape(tail)
    shown = st.text(min_size=1, max_size=20).map(visible).filter(str.strip)
    values = {name: Value(data.draw(shown), f"slot:{name}") for _, name in parts}
    made = FILLER.generate(GenerationRequest(template, values, "en"))
    rebuilt, at = [], 0
    for trace in made.traces:
        assert made.text[trace.start : trace.end] == trace.value == values[trace.placeholder].value
        rebuilt.append(made.text[at : trace.start])
        at = trace.end
    assert rebuilt == [text for text, _ in parts]
    assert made.text[at:] == tail


@pytest.mark.parametrize(
    ("template", "values", "shown"),
    [
        ("On its way[[, with {carrier}]].", {}, "On its way."),
        ("On its way[[, with {carrier}]].", {"carrier": "SF"}, "On its way, with SF."),
        ("[[if member: Free for you. | It costs ¥8.]]", {"member": "yes"}, "Free for you."),
        ("[[if member: Free for you. | It costs ¥8.]]", {}, "It costs ¥8."),
        ("[[if member: Free for you. | It costs ¥8.]]", {"member": "no"}, "It costs ¥8."),
        ("[[if not member: Join us! ]]Bye.", {}, "Join us! Bye."),
        ("[[if level = Gold: A | B]]", {"level": "gold"}, "A"),
        ("[[if level != Gold: A | B]]", {"level": "silver"}, "A"),
        ("[[if days > 3: late | fine]]", {"days": "10"}, "late"),
        ("[[if days > 3: late | fine]]", {"days": 3}, "fine"),
        ("[[if days >= 3: late | fine]]", {"days": "soon"}, "fine"),
        ("{n} [[plural n: item | items]]", {"n": 1}, "1 item"),
        ("{n} [[plural n: item | items]]", {"n": "2"}, "2 items"),
        ("[[if you like, {name} helps.]]", {"name": "Ann"}, "if you like, Ann helps."),
        ("[[[[x]]", {}, "[[x]]"),
    ],
)
def test_parts_are_said_when_they_can_be(template: str, values, shown: str) -> None:
    assert fill(template, **values) == shown


def test_measure_words_follow_the_noun() -> None:
    assert fill("2[[measure item]]{item}", "zh", item="云朵运动鞋") == "2双云朵运动鞋"
    assert fill("1[[measure item]]{item}", "zh", item="卵石台灯（白色）") == "1台卵石台灯（白色）"
    assert fill("3[[measure item]]{item}", "zh", item="某物") == "3件某物"


def test_conditions_may_ask_for_the_context() -> None:
    request = GenerationRequest("[[if upset: Sorry. ]]Done.", {}, "en", context={"upset": "yes"})
    assert FILLER.generate(request).text == "Sorry. Done."


def test_what_parts_may_say_is_not_needed() -> None:
    template = "{a}[[ {b}]][[if c: {d}]][[plural e: x | y]]"
    assert placeholders(template) == ("a", "e")
    assert set(all_placeholders(template)) == {"a", "b", "d", "e"}
    with pytest.raises(MissingValue):
        fill("[[plural left: x | y]]")
    with pytest.raises(GenerationError, match="decides a form"):
        fill("[[plural left: x | y]]", left="some")


@pytest.mark.parametrize(
    "template", ["[[a", "[[a [[b]] c]]", "[[{a]]", "[[if {a}: b", "[[plural n: {a}]]"]
)
def test_malformed_parts_are_refused(template: str) -> None:
    with pytest.raises(GenerationError, match="malformed"):
        fill(template, a="x", n=1)


@given(st.text(alphabet="{}ab.[]!: |", max_size=30))
def test_any_template_is_read_or_refused_cleanly(template: str) -> None:
    try:
        pieces = parse_template(template)
    except GenerationError:
        return
    rebuilt = "".join(
        "{" + piece.text + "}" if piece.is_placeholder else escape(piece.text) for piece in pieces
    )
    assert parse_template(rebuilt) == pieces


@given(st.dates(min_value=date(1900, 1, 1)), st.sampled_from(["zh", "en"]))
def test_dates_keep_their_year_and_day(day: date, language: str) -> None:
    text = fill("{day}", language, day=day)
    assert str(day.year) in text
    assert str(day.day) in text
