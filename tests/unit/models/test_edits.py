"""Edits keep placeholders, figures and denials; texts are aligned and put together again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.editing.edits import (
    Script,
    differences,
    distance,
    edited,
    find_span,
    stretch,
    words_in,
    words_of,
)
from models.editing.labels import COPY, FIRST_PHRASE, labels_of
from models.editing.phrases import Pair, Phrase, learn_phrases
from models.filling.generator import as_template, escape, parse_template, placeholders

TEXTS = st.text(
    st.sampled_from(list("ab The no not 不 没有 您好，。 5 {} [] '-.,!?~ 7天 顺丰 Émile\n")),
    max_size=40,
)
NAMES = st.sampled_from(["order_id", "amount", "日期", "customer_name"])
TEMPLATES = st.lists(st.tuples(TEXTS, NAMES), max_size=4).map(
    lambda parts: "".join(escape(text) + "{" + name + "}" for text, name in parts)
)


def said(template: str, script: Script) -> str:
    return as_template(edited(words_of(parse_template(template))[1], script))


@given(TEMPLATES, st.text(max_size=12))
def test_without_edits_the_text_comes_back_letter_by_letter(template: str, tail: str) -> None:
    template += escape(tail.strip())
    plain, words = words_of(parse_template(template))
    assert all(plain[word.start : word.end] == word.text for word in words)
    assert stretch(words) == plain.strip()
    assert as_template(edited(words, Script())) == template.strip()


@given(TEMPLATES, st.data())
def test_whatever_is_edited_placeholders_figures_and_denials_stay(
    template: str, data: st.DataObject
) -> None:
    _, words = words_of(parse_template(template))
    n = len(words)
    script = Script.of(
        words,
        data.draw(st.sampled_from([words, words[:2], ()])),
        data.draw(st.sets(st.integers(-2, n + 2))),
        data.draw(st.dictionaries(st.integers(-2, n + 2), TEXTS.filter(str.strip), max_size=3)),
        data.draw(st.sets(st.integers(0, n), max_size=2)),
    )
    made = as_template(edited(words, script))
    before, after = placeholders(template), list(placeholders(made))
    assert set(before) <= set(after)
    assert [
        p.text for p in parse_template(made) if p.is_placeholder and p.text != "customer_name"
    ] == [
        p.text for p in parse_template(template) if p.is_placeholder and p.text != "customer_name"
    ]
    assert all(
        escape(word.text).lower() in made.lower() for word in words if word.kept and not word.place
    )
    assert len(script.told(words)) == len(script.drops) + len(script.adds)


def test_what_a_customer_typed_is_never_a_place() -> None:
    _, words = words_of(parse_template("It is red."))
    made = said("It is red.", Script.of(words, (), (), {0: "{customer_name} [[if"}, {0}))
    assert placeholders(made) == ()
    assert parse_template(made)[0].text == "{customer_name} [[if It is red."


@pytest.mark.parametrize(
    ("template", "drops", "adds", "wanted"),
    [
        ("Beijing: Jianguo Road 15, daily.", {0, 1}, {}, "Jianguo Road 15, daily."),
        ("Order {order_id} is here.", {0}, {0: "Hi!"}, "Hi! {order_id} is here."),
        ("In Lima, the shop is open.", {0, 1}, {0: "Hi!"}, "Hi! The shop is open."),
        ("Parcels are kept for 7 days.", {4}, {}, "Parcels are kept for 7 days."),
        ("You cannot, sorry, return it.", {1}, {}, "You cannot, sorry, return it."),
        ("It is kept, sorry.", {4}, {}, "It is kept, sorry."),
        ("It is kept here for you.", {0, 1, 2, 3}, {}, "It is kept here for you."),
        ("", {0}, {0: "Hi!"}, "Hi!"),
        ("可以送货。", set(), {0: "亲~"}, "亲~可以送货。"),
        ("Hello {order_id}", set(), {2: "Bye."}, "Hello {order_id} Bye."),
    ],
)
def test_edits(template: str, drops: set[int], adds: dict[int, str], wanted: str) -> None:
    _, words = words_of(parse_template(template))
    assert said(template, Script.of(words, words, drops, adds)) == wanted


def test_only_what_the_message_says_is_left_out() -> None:
    words = words_in("Shanghai: Pudong, Century Avenue, daily.")
    message = words_in("is the pickup point in shanghai open")
    assert Script.of(words, message, {0, 1}, {}).drops == {0, 1}
    assert not Script.of(words, message, {0, 1, 2}, {})
    assert not Script.of(words, message, {2, 3}, {})
    assert not Script.of(words_in("You can pay."), words_in("can i pay"), {1}, {})
    assert Script.of(words_in("耳机拆封就不退。"), words_in("耳机能退吗"), {0}, {}).drops == {0}


def test_texts_are_aligned_by_words_in_both_languages() -> None:
    one, other = words_in("Order {order_id} left today."), words_in("Your order {order_id_2} left.")
    assert [stretch(other[d.c : d.d]) for d in differences(one, other)] == ["Your", ""]
    assert distance(one, other) == 2
    left, right = words_in("耳机拆封就不支持退货。"), words_in("拆封就不支持退货。")
    assert [stretch(left[d.a : d.b]) for d in differences(left, right)] == ["耳机"]


def test_spans_are_found_whole_and_short() -> None:
    context = words_in("does the Drift Pro come in white")
    assert find_span(words_in("drift pro"), context) == (2, 4)
    assert find_span(words_in("drift black"), context) is None
    assert find_span(words_in("does the drift pro come"), context) is None
    assert find_span((), context) is None


def greeted(number: int, opening: str, answer: str = "We ship to {city}.") -> Pair:
    return Pair(answer, f"{opening} {answer}", "hi, do you ship there", "en", f"c{number}", True)


def test_phrases_are_manner_said_in_several_conversations() -> None:
    openings = ["Hello!", "Hello.", "Hello!", *["Yes."] * 4, *["Good evening."] * 4]
    openings += [*["Thank you, Mr {customer_name}."] * 3, *["Is it {order_id}?"] * 3, "Howdy!"]
    pairs = [greeted(number, text) for number, text in enumerate(openings)]
    pairs += [greeted(99, "Wow!")] * 5
    assert {phrase.text for phrase in learn_phrases(pairs)} == {
        "Hello!",
        "Thank you, {customer_name}.",
    }


def test_only_what_the_editor_could_do_is_taught() -> None:
    phrases = (Phrase("Hello!", "en", "start"),)
    pair = Pair(
        "The lamp is in stock, it is {price}.",
        "Hello! I looked it up. The red lamp is in stock.",
        "is the red lamp here?",
        "en",
        "c",
    )
    labels = labels_of(pair, phrases)
    assert labels.adds[0] == FIRST_PHRASE
    assert labels.adds[1] == COPY
    assert labels.spans == {1: (2, 3)}
    words = words_in(pair.template)
    assert not labels.drops[[i for i, word in enumerate(words) if word.kept]].any()
    assert not re.search("looked", str(labels))
