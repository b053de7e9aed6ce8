"""The graph's edges, its way to disk and back, opening hours, and likeness to examples."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arrays import FloatArray
from models.errors import ModelError
from retrieval.knowledge.answer import Context, Frame
from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.hours import check_hours, is_open, on_day, same_every_day
from retrieval.knowledge.knowledge import Asked, Knowledge
from retrieval.knowledge.lexicon import Lexicon, units_of
from retrieval.knowledge.prototypes import Prototypes
from retrieval.knowledge.schema import Schema
from tests.unit.retrieval.knowledge.catalogue import NOW

HOURS = Schema({}, {}, timezone="Asia/Shanghai", country="CN")


@pytest.fixture
def graph(known: Knowledge) -> KnowledgeGraph:
    return known.graph


def test_edges_lead_both_ways_and_over_what_lies_in_between(graph: KnowledgeGraph) -> None:
    relations = graph.schema.relations
    assert graph.out("C100", relations["fits"]) == ("X100", "X200")
    assert graph.into("X200", relations["fits"]) == {"C100", "C200"}
    assert graph.into("shanghai", relations["located_in"]) == {"s1", "s2"}
    assert graph.holds("s1", relations["located_in"], "shanghai")
    assert not graph.holds("s1", relations["located_in"], "xuhui")
    assert graph.path("s1", relations["located_in"], "shanghai") == (
        ("s1", "located_in", "pudong"),
        ("pudong", "within", "shanghai"),
    )


def test_sizes_stand_in_their_order(graph: KnowledgeGraph) -> None:
    assert graph.out("C100", graph.schema.relations["size"]) == ("size:S", "size:M", "size:L")


def test_types_take_in_those_below_them(graph: KnowledgeGraph) -> None:
    assert graph.of_type("product") == {"X100", "X200", "X300", "C100", "C200"}
    assert graph.is_a("C100", "product")
    assert not graph.is_a("C100", "phone")


def test_the_same_catalogue_gives_the_same_bytes(known: Knowledge, tmp_path: Path) -> None:
    known.save(tmp_path / "one")
    Knowledge.load(tmp_path / "one").save(tmp_path / "two")
    for file in (tmp_path / "one").iterdir():
        if file.suffix != ".npz":
            assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
    again = Knowledge.load(tmp_path / "one")
    reply = again.ask(Asked("does the X100 come in white", "en", NOW))
    assert reply.answer is not None


def test_damaged_files_are_refused(known: Knowledge, tmp_path: Path) -> None:
    known.save(tmp_path)
    (tmp_path / "graph.nt").write_text("nonsense\n")
    with pytest.raises(ModelError, match="N-Triples"):
        Knowledge.load(tmp_path)
    (tmp_path / "schema.json").write_text("[]")
    with pytest.raises(ModelError, match=r"schema\.json"):
        Knowledge.load(tmp_path)


@pytest.mark.parametrize(
    ("text", "day", "spans"),
    [
        ("Mo-Sa 10:00-22:00; Su 10:00-20:00", 22, (("10:00", "20:00"),)),
        ("Mo-Fr 09:00-12:00,13:00-18:00", 18, (("09:00", "12:00"), ("13:00", "18:00"))),
        ("Mo-Fr 09:00-18:00", 22, ()),
        ("Fr-Sa 18:00-02:00", 21, (("18:00", "02:00"),)),
        ("Fr-Sa 18:00-02:00", 22, ()),
        ("24/7", 22, (("00:00", "24:00"),)),
        ("Mo-Su 10:00-21:00; Nov 22 off", 22, ()),
    ],
)
def test_hours_of_a_day(text: str, day: int, spans: tuple[tuple[str, str], ...]) -> None:
    assert check_hours(text, HOURS)
    assert on_day(text, date(2026, 11, day), HOURS).spans == spans


def test_holidays_are_those_of_the_country() -> None:
    text = "Mo-Su 10:00-21:00; PH off"
    assert on_day(text, date(2026, 10, 1), HOURS).spans == ()
    assert same_every_day("Mo-Su 10:00-21:00", date(2026, 11, 18), HOURS) == (("10:00", "21:00"),)
    assert same_every_day("Mo-Sa 10:00-21:00", date(2026, 11, 18), HOURS) is None


def test_open_is_told_in_the_shops_own_time() -> None:
    london = datetime(2026, 11, 18, 9, 0, tzinfo=ZoneInfo("Europe/London"))  # 17:00 in Shanghai
    assert is_open("Mo-Su 16:00-18:00", london, HOURS)
    assert not is_open("Mo-Su 08:00-10:00", london, HOURS)


@given(st.text(max_size=40))
def test_any_text_as_hours_is_read_or_refused(text: str) -> None:
    if check_hours(text, HOURS):
        on_day(text, date(2026, 11, 18), HOURS)


@given(st.text(max_size=80))
def test_units_keep_their_places(text: str) -> None:
    units = units_of(text)
    assert all(0 <= unit.start < unit.end <= len(text) for unit in units)
    assert [unit.start for unit in units] == sorted(unit.start for unit in units)


@given(text=st.text(alphabet="X100 comes in redor 有红色的吗港口店?,.'", max_size=60))
def test_no_text_breaks_the_graph(known: Knowledge, text: str) -> None:
    for language in ("en", "zh"):
        known.ask(Asked(text, language, NOW), Context((("X100",), ("C100", "C200"))))


def test_names_come_before_words_and_the_longest_first(known: Knowledge) -> None:
    found = Lexicon(known.graph).segments("is the shell case red")
    said = ["is the shell case red"[s.start : s.end] for s in found.segments]
    assert said == ["is", "the", "shell case", "red"]
    assert found.unexplained == ()


def test_context_is_plain_data_and_survives_anything() -> None:
    context = Context((("a",), ("b", "c")), Frame("colour", ("a",), ("red",), None, "2026-11-18"))
    assert Context.from_json(context.as_json()) == context
    for broken in ({}, None, {"groups": 3, "frame": None}, {"groups": [], "frame": {"x": 1}}):
        assert Context.from_json(broken) == Context()


def encode(texts: object) -> FloatArray:
    """Bags of letters: enough to tell *how heavy* from *what colour*."""
    rows = np.zeros((len(list(texts)), 64), np.float32)  # type: ignore[call-overload]
    for row, text in zip(rows, texts, strict=True):  # type: ignore[call-overload]
        for one, two in pairwise(text):
            row[hash((ord(one), ord(two))) % 64] += 1
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: FloatArray = rows / np.maximum(norms, 1e-9)
    return unit


def test_prototypes_are_examples_with_names_and_descriptions(
    known: Knowledge, tmp_path: Path
) -> None:
    made = Prototypes.build(known.graph, encode)
    assert {"colour", "price", ""} == set(made.relations)
    likeness = made.likeness(encode(["does Shell case come in black"])[0])
    assert max(likeness, key=lambda name: likeness[name]) == "colour"
    made.save(tmp_path / "p.npz")
    again = Prototypes.load(tmp_path / "p.npz")
    assert again.relations == made.relations
    assert made.likeness(np.zeros(64, np.float32)) == {}
    assert made.likeness(np.ones(3, np.float32)) == {}
