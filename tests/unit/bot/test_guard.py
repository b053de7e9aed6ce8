from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.guard import MAX_REPLY, Refused, check

WORDS = st.text(st.sampled_from("abc de，。订单请 \n"), min_size=1, max_size=40).filter(str.strip)
PERSONAL = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"1[3-9][0-9] [0-9]{4} [0-9]{4}", fullmatch=True),
    st.from_regex(r"[A-Z]{2}[0-9]{8,14}", fullmatch=True),
    st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}@[a-z]{1,8}\.(com|cn)", fullmatch=True),
    st.from_regex(r"[0-9]{15,19}", fullmatch=True),
)


# letters that touch a number on either side would make it another word
BESIDE = st.sampled_from(["", "订单", "您的，", "order ", "a b. "])


@given(WORDS)
def test_plain_words_pass_unchanged(text: str) -> None:
    assert check(text, text, ()) == text


@given(WORDS, WORDS, st.from_regex(r"[a-z_]{1,30}", fullmatch=True))
def test_reply_with_a_hole_is_refused(before: str, after: str, name: str) -> None:
    template = f"{before}{{{name}}}{after}"
    with pytest.raises(Refused, match="hole"):
        check(template, template, ())


@given(BESIDE, BESIDE.map(lambda w: w[::-1]), st.sampled_from(["None", "undefined", "NaN"]))
def test_reply_with_a_missing_value_is_refused(before: str, after: str, nothing: str) -> None:
    with pytest.raises(Refused, match="missing value"):
        check(f"{before}{nothing}{after}", f"{before}{{x}}{after}", ["x"])


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "< a href=x>",
        "</p>",
        "<!-- x -->",
        "javascript:alert(1)",
        "JavaScript :x",
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_markup_is_refused_wherever_it_comes_from(markup: str, known: bool) -> None:
    with pytest.raises(Refused, match="markup"):
        check(f"您好 {markup}", markup if known else "您好", [markup] if known else [])


@given(BESIDE, BESIDE.map(lambda words: words[::-1]), PERSONAL)
def test_planted_personal_data_is_refused(before: str, after: str, planted: str) -> None:
    with pytest.raises(Refused, match="personal data"):
        check(f"{before}{planted}{after}", before, [after])


@given(BESIDE, BESIDE.map(lambda words: words[::-1]), PERSONAL)
def test_personal_data_that_a_source_holds_passes(before: str, after: str, own: str) -> None:
    text = f"{before}{own}{after}"
    assert check(text, f"{before}{{own}}{after}", [own]) == text


@pytest.mark.parametrize(
    "template", ["发票已发到{email}，请查收", "发到{email}请查收", "It went to {email}.", "{email}"]
)
def test_address_beside_chinese_or_a_full_stop_is_the_same_address(template: str) -> None:
    text = template.format(email="emma.clarke@example.com")
    assert check(text, template, ["emma.clarke@example.com"]) == text


def test_stranger_beside_the_customers_own_number_is_refused() -> None:
    with pytest.raises(Refused):
        check("您的HL20418376和HL20418377", "您的{order_id}", ["HL20418376"])


def test_words_of_the_template_are_not_taken_for_missing_values() -> None:
    text = "None of your orders is late."
    assert check(text, text, ()) == text


def test_what_the_customer_wrote_is_not_taken_for_a_hole() -> None:
    assert check("Note: {later}", "Note: {note}", ["{later}"]) == "Note: {later}"


def test_control_characters_are_taken_out() -> None:
    assert check("a\x00b\x1b[31m\nc\td", "x", ()) == "ab[31m\nc\td"
    assert check("a\ud800b", "x", ()) == "ab"


@pytest.mark.parametrize("text", ["", "  \n", "\x00"])
def test_empty_reply_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="empty"):
        check(text, text, ())


def test_endless_reply_is_refused() -> None:
    with pytest.raises(Refused, match="too long"):
        check("x" * (MAX_REPLY + 1), "x", ())


@given(st.text(st.characters(codec=None), max_size=200))
def test_whatever_passes_can_be_sent(text: str) -> None:
    try:
        clean = check(text, text, ())
    except Refused:
        return
    clean.encode()
