"""Answers about one thing stand behind general ones for whoever did not name it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.naming import Names, names_any
from retrieval.search.index import Query, TemplateIndex
from retrieval.templates import Template
from tests.unit.retrieval.encoders import trigrams

NAMES = Names(
    [["Lhasa", "拉萨"], ["Drift"], ["Drift Pro", "pro earphones"], ["Cup"], ["周末"], ["L"]]
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("shipping to LHASA?", {("lhasa", "拉萨")}),
        ("寄到拉萨多少钱", {("lhasa", "拉萨")}),
        ("is the drift pro in stock", {("drift pro", "pro earphones")}),
        ("is the drift, pro or not, in stock", {("drift",)}),
        ("a cupboard, an L or an XL", set()),
        ("周末送货吗", {("周末",)}),
        ("", set()),
    ],
)
def test_things_that_a_text_names(text: str, wanted: set[tuple[str, ...]]) -> None:
    assert NAMES.found(text) == wanted


def test_template_is_about_what_all_its_questions_name() -> None:
    assert NAMES.in_all(["to Lhasa?", "拉萨 drift"]) == (("lhasa", "拉萨"),)
    assert NAMES.in_all(["to Lhasa?", "how much is it"]) == ()
    assert NAMES.in_all([]) == ()
    assert Names([]).in_all(["Lhasa"]) == ()


def test_answer_is_about_the_one_thing_it_speaks_of() -> None:
    lhasa = (("lhasa", "拉萨"),)
    assert NAMES.about(["and to my aunt?"], "拉萨要加12元") == lhasa
    assert NAMES.about(["to the drift?"], "Lhasa is remote") == (("drift",),)
    assert NAMES.about(["and to my aunt?"], "Lhasa, or a Cup") == ()
    assert NAMES.about([], "") == ()


@given(st.text(max_size=40), st.lists(st.lists(st.text(max_size=6), max_size=3), max_size=4))
def test_whatever_is_found_is_named(text: str, groups: list[list[str]]) -> None:
    found = Names(groups).found(text)
    assert all(names_any(text, [group]) for group in found)
    assert names_any(text, list(found)) == bool(found)


def _template(text: str, question: str) -> Template:
    about = NAMES.in_all([question])
    return Template(text, "utter_cost", "en", text, ("cost",), (question,), "mined", about=about)


LHASA = _template("Lhasa is remote: 12 more.", "how much is shipping to lhasa")
GENERAL = _template("Shipping is 8 yuan.", "what do you charge for shipping a parcel")


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("how much is shipping", GENERAL),
        ("how much is shipping to Chengdu", GENERAL),
        ("how much is shipping to Lhasa", LHASA),
        ("how much is shipping to 拉萨", LHASA),
    ],
)
def test_answer_about_one_place_is_for_those_who_name_it(asked: str, wanted: Template) -> None:
    index = TemplateIndex.build([LHASA, GENERAL], trigrams)
    query = Query(asked, trigrams([asked])[0], "en")
    assert index.search(query, 2)[0].template == wanted


def test_answer_about_one_place_is_better_than_none() -> None:
    index = TemplateIndex.build([LHASA], trigrams)
    asked = "how much is shipping"
    [hit] = index.search(Query(asked, trigrams([asked])[0], "en"), 1)
    assert hit.template == LHASA


def test_what_a_template_is_about_survives_a_file() -> None:
    assert Template.from_json(LHASA.as_json()) == LHASA
    assert "about" not in GENERAL.as_json()
