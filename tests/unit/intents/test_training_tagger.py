"""The tagger learns roles and groups with the types, from marked lines alone."""

import pytest

from intents.examples import Entity, Example
from intents.training.tagger import MarkedLines, label_of, tagger_figures
from intents.understanding import found_of
from models.progress import Silent
from tests.unit.intents.hashing import HashingEncoder

CITIES = ("Rome", "Paris", "Berlin", "Oslo", "Lima", "上海", "北京")


def route(start: str, end: str) -> Example:
    text = f"from {start} to {end} please"
    first = text.index(start)
    second = text.index(end, first + len(start))
    return Example(
        text,
        "route",
        (
            Entity(first, first + len(start), "city", start, "from", "1"),
            Entity(second, second + len(end), "city", end, "to"),
        ),
    )


@pytest.fixture(scope="module")
def lines() -> list[Example]:
    marked = [route(a, b) for a in CITIES for b in CITIES if a != b]
    return [*marked, *(Example(f"thanks number {n}", "thanks", ()) for n in range(9))]


def test_roles_and_groups_are_trained_and_decoded(lines: list[Example]) -> None:
    encoder = HashingEncoder()
    marked = MarkedLines([*lines, Example("to Rome", "route", None)])
    for start in (0, 40, 80):
        part = [line.text for line in lines][start : start + 40]
        marked.take(start, encoder.encode(part))  # type: ignore[arg-type]
    assert len(marked) == len(lines)
    tagger, figures = marked.fit(0, Silent())
    assert set(tagger.labels) == {"city\tfrom\t1", "city\tto"}
    assert (figures["lines"], figures["marks"]) == (len(lines), 2 * (len(lines) - 9))

    text = "from Oslo to 上海 please"
    encoding = encoder.encode([text])
    spans = tagger.decode(encoding.tokens[0], encoding.offsets[0], text)
    found = [found_of(text, span) for span in spans]
    assert [(f.entity, f.text, f.role, f.group) for f in found] == [
        ("city", "Oslo", "from", "1"),
        ("city", "上海", "to", None),
    ]
    assert found[0].as_rasa()["role"] == "from"
    assert "group" not in found[1].as_rasa()

    unseen = [route("Lima", "Oslo"), Example("to Rome", "route", None)]
    measured = tagger_figures(tagger, encoder, unseen)  # type: ignore[arg-type]
    assert measured == {"lines": 1, "marks": 2, "held_out_f1": 1.0}


def test_a_label_names_type_role_and_group() -> None:
    assert label_of(Entity(0, 1, "city", "x")) == "city"
    assert label_of(Entity(0, 1, "city", "x", "to")) == "city\tto"
    assert label_of(Entity(0, 1, "city", "x", None, "2")) == "city\t\t2"


def test_nothing_is_kept_where_no_line_is_marked_or_the_tagger_is_learned_elsewhere(
    lines: list[Example],
) -> None:
    for marked in (MarkedLines(lines[-9:]), MarkedLines(lines, wanted=False)):
        marked.take(0, HashingEncoder().encode([line.text for line in lines]))  # type: ignore[arg-type]
        assert len(marked) == 0
