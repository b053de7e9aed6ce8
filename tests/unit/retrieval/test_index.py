"""The hybrid index: filters, fusion, changes and files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.arrays import FloatArray
from models.errors import ModelError
from retrieval.search.index import Fusion, Query, TemplateIndex
from retrieval.templates import Template
from tests.unit.retrieval.encoders import trigrams

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def template(id_: str, text: str, *questions: str, **more: object) -> Template:
    base = Template(
        id=id_, name=f"utter_{id_.split('-')[0]}", language="en", text=text, questions=questions
    )
    return replace(base, **more)  # type: ignore[arg-type]


TEMPLATES = [
    template(
        "cost-1",
        "Shipping is free from ¥99.",
        "how much is shipping",
        "delivery fee?",
        intents=("shipping_cost",),
    ),
    template(
        "cost-2",
        "Orders below ¥99 pay ¥8 for shipping.",
        "how much is shipping to Xi'an",
        intents=("shipping_cost",),
        quality=0.5,
    ),
    template(
        "refund-1",
        "Refund of {refund_amount} is on its way.",
        "where is my refund",
        intents=("refund_status",),
    ),
    template("cost-zh", "满99元包邮。", "运费多少钱", language="zh", intents=("shipping_cost",)),
    template(
        "hours-1",
        "We are here from 8 to 24.",
        "when are you open",
        channels=("email",),
        intents=("service_hours",),
    ),
    template(
        "sale-1",
        "Our sale runs all week.",
        "is there a sale on",
        valid_from=NOW,
        valid_until=NOW + timedelta(days=7),
        intents=("bargain",),
    ),
    template("draft-1", "Draft answer", "how much is shipping", status="proposed"),
]


def query(text: str, language: str = "en", **more: object) -> Query:
    return Query(text, trigrams([text])[0], language, **{"at": NOW, **more})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def index() -> TemplateIndex:
    return TemplateIndex.build(TEMPLATES, trigrams)


def ids(index: TemplateIndex, asked: Query, k: int = 10) -> list[str]:
    return [hit.template.id for hit in index.search(asked, k)]


def test_the_question_it_answered_finds_a_template_first(index: TemplateIndex) -> None:
    best = index.search(query("delivery fee?"), 1)[0]
    assert best.template.id == "cost-1"
    assert best.dense == pytest.approx(1.0, abs=1e-4)
    assert best.lexical > 0.5


def test_chinese_is_found_and_languages_do_not_mix(index: TemplateIndex) -> None:
    assert ids(index, query("请问运费是多少", "zh-CN")) == ["cost-zh"]
    assert "cost-zh" not in ids(index, query("运费多少钱", "en"))


def test_filters(index: TemplateIndex) -> None:
    asked = query("how much is shipping")
    assert "draft-1" not in ids(index, asked)
    assert ids(index, replace(asked, names=frozenset({"utter_refund"}))) == ["refund-1"]
    assert set(ids(index, replace(asked, intents=frozenset({"shipping_cost", "x"})))) == {
        "cost-1",
        "cost-2",
    }
    assert "refund-1" not in ids(index, replace(asked, slots=frozenset({"order_id"})))
    assert "refund-1" in ids(index, replace(asked, slots=frozenset({"refund_amount", "b"})))
    assert "hours-1" not in ids(index, asked)
    assert "hours-1" in ids(index, replace(asked, channel="email"))
    assert "sale-1" in ids(index, asked)
    for moment in (NOW - timedelta(seconds=1), NOW + timedelta(days=7)):
        assert "sale-1" not in ids(index, replace(asked, at=moment))
    assert ids(index, replace(asked, names=frozenset())) == []
    assert ids(index, asked, 0) == []


def test_answers_for_members_are_for_those_who_are_signed_in() -> None:
    for_members = template("points-1", "You see your points.", "my points", audiences=("member",))
    index = TemplateIndex.build([*TEMPLATES, for_members], trigrams)
    assert ids(index, query("my points", audience="member"), 1) == ["points-1"]
    for other in (None, "visitor"):
        assert "points-1" not in ids(index, query("my points", audience=other))


def test_what_was_said_before_decides_where_the_message_says_little(index: TemplateIndex) -> None:
    asked = query("and then?")
    for before, wanted in (("where is my refund", "refund-1"), ("delivery fee?", "cost-1")):
        earlier = trigrams([before])[0]
        assert ids(index, replace(asked, earlier=earlier), 1) == [wanted]
    alone = query("is there a sale on", earlier=trigrams(["delivery fee?"])[0])
    assert ids(index, alone, 1) == ["sale-1"]


def test_a_wording_said_before_gives_way_to_one_nearly_as_good(index: TemplateIndex) -> None:
    asked = query("how much is shipping")
    assert ids(index, asked)[0] == "cost-1"
    again = replace(asked, avoid=frozenset({"cost-1"}))
    assert set(ids(index, again)) == set(ids(index, asked))
    by_id = {hit.template.id: hit.score for hit in index.search(again)}
    before = {hit.template.id: hit.score for hit in index.search(asked)}
    assert by_id["cost-1"] == pytest.approx(before["cost-1"] - index.fusion.avoid, abs=1e-5)


def test_no_filter_costs_recall() -> None:
    rng = np.random.default_rng(0)
    many = [
        template(f"n{i}-1", f"answer {i}", f"question number {i}", intents=(f"i{i % 7}",))
        for i in range(300)
    ]
    index = TemplateIndex.build(many, trigrams)
    for wanted in rng.choice(300, 40, replace=False):
        asked = query(f"number {wanted} question", intents=frozenset({f"i{wanted % 7}"}))
        found = index.search(asked, 5)
        everything = index.search(asked, 300)
        assert len(everything) == len([i for i in range(300) if i % 7 == wanted % 7])
        assert [hit.score for hit in found] == [hit.score for hit in everything[:5]]


def test_one_template_with_many_questions_does_not_hide_the_others() -> None:
    crowd = template("crowd-1", "Crowd", *(f"how much is shipping {i}" for i in range(500)))
    index = TemplateIndex.build([crowd, *TEMPLATES], trigrams)
    assert len(index.search(query("how much is shipping"), 4)) == 4


def test_changes_encode_only_new_texts(index: TemplateIndex) -> None:
    seen: list[str] = []

    def counting(texts: Sequence[str]) -> FloatArray:
        seen.extend(texts)
        return trigrams(texts)

    new = template("gift-1", "Wrapping costs ¥6.", "can you wrap it", "how much is shipping")
    edited = replace(TEMPLATES[0], text="Free from ¥99, otherwise ¥8.")
    changed = index.with_templates([new, edited], counting, drop={"refund-1"})
    assert sorted(seen) == sorted(["Wrapping costs ¥6.", "can you wrap it", edited.text])
    assert ids(changed, query("can you wrap it"))[0] == "gift-1"
    assert "refund-1" not in ids(changed, query("where is my refund"))
    assert [t.text for t in changed.templates if t.id == "cost-1"] == [edited.text]
    assert "gift-1" not in ids(index, query("can you wrap it"))
    fewer = changed.without({"gift-1"})
    assert "gift-1" not in ids(fewer, query("can you wrap it"))
    assert fewer.projection is index.projection


def test_what_came_and_went_is_counted_until_the_index_is_built_anew(
    index: TemplateIndex, tmp_path: Path
) -> None:
    assert (index.moved, index.stale) == (0, 0)
    new = template("gift-1", "We wrap gifts.", "gift wrap?", "can you wrap it")
    grown = index.with_templates([new], trigrams)
    assert grown.moved == 3
    shrunk = grown.without(["hours-1"])
    assert shrunk.moved == 5
    shrunk.save(tmp_path)
    loaded = TemplateIndex.load(tmp_path)
    assert (loaded.moved, loaded.stale) == (5, shrunk.stale)
    assert 0.2 < loaded.stale < 1
    renewed = loaded.renewed()
    assert (renewed.moved, renewed.stale) == (0, 0)
    assert ids(renewed, query("gift wrap?"))[0] == "gift-1"
    assert ids(renewed, query("gift wrap?")) == ids(
        TemplateIndex.build(loaded.templates, trigrams), query("gift wrap?")
    )


def test_an_index_can_be_empty_and_filled_later() -> None:
    empty = TemplateIndex.build([], trigrams)
    assert empty.search(query("anything")) == []
    assert empty.coverage(query("anything")) == 0.0
    assert ids(empty.with_templates(TEMPLATES, trigrams), query("delivery fee?"), 1) == ["cost-1"]
    emptied = TemplateIndex.build(TEMPLATES, trigrams).without({t.id for t in TEMPLATES})
    assert emptied.search(query("anything")) == []
    assert ids(emptied.with_templates(TEMPLATES, trigrams), query("delivery fee?"), 1) == ["cost-1"]


def test_files_round_trip(index: TemplateIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "index")
    loaded = TemplateIndex.load(tmp_path / "index")
    assert loaded.templates == index.templates
    assert loaded.fusion == index.fusion
    assert loaded.calibration == index.calibration
    for text, language in (("delivery fee?", "en"), ("运费", "zh"), ("refund please", "en")):
        asked = query(text, language)
        assert loaded.search(asked) == index.search(asked)
    more = loaded.with_templates([template("z-1", "Zebra")], trigrams)
    assert ids(more, query("zebra"), 1) == ["z-1"]


def test_an_empty_index_round_trips(tmp_path: Path) -> None:
    TemplateIndex.build([], trigrams).save(tmp_path)
    assert TemplateIndex.load(tmp_path).search(query("x")) == []


@pytest.mark.parametrize(
    "name",
    ["index.json", "templates.jsonl", "vectors.npy", "index.faiss", "lexical.npz"],
)
def test_a_damaged_or_absent_file_is_told(index: TemplateIndex, tmp_path: Path, name: str) -> None:
    index.save(tmp_path)
    (tmp_path / name).write_bytes(b"garbage" * 10)
    with pytest.raises(Exception, match=r"(?i)expected"):
        TemplateIndex.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(ModelError, match="Take the f"):
        TemplateIndex.load(tmp_path)


def test_files_of_two_indexes_do_not_mix(index: TemplateIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "a")
    index.without({"cost-1"}).save(tmp_path / "b")
    (tmp_path / "a" / "index.faiss").write_bytes((tmp_path / "b" / "index.faiss").read_bytes())
    with pytest.raises(ModelError, match="files of one index"):
        TemplateIndex.load(tmp_path / "a")


def test_an_index_of_another_version_is_told(index: TemplateIndex, tmp_path: Path) -> None:
    index.save(tmp_path)
    settings_ = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps(settings_ | {"version": 99}))
    with pytest.raises(ModelError, match="version 99"):
        TemplateIndex.load(tmp_path)


def test_vectors_of_another_encoder_are_told(index: TemplateIndex) -> None:
    with pytest.raises(ModelError, match="does not fit"):
        index.search(Query("x", np.ones(7, dtype=np.float32), "en"))
    with pytest.raises(ModelError, match="does not fit"):
        index.with_templates(
            [template("new-1", "new text")], lambda texts: np.ones((len(texts), 5), np.float32)
        )


def test_two_templates_with_one_id_are_told() -> None:
    with pytest.raises(ModelError, match="share an id"):
        TemplateIndex.build([TEMPLATES[0], TEMPLATES[0]], trigrams)


def test_coverage_tells_known_from_unknown_questions() -> None:
    topics = {
        "cost": "shipping fee price delivery cost",
        "refund": "refund money back return payment",
        "size": "size large small medium fitting",
        "hours": "open hours staff duty evening",
    }
    rng = np.random.default_rng(1)
    many = [
        template(
            f"{name}-{i}",
            f"{name} answer {i}",
            *(" ".join(rng.choice(words.split(), 3)) for _ in range(4)),
        )
        for name, words in topics.items()
        for i in range(5)
    ]
    index = TemplateIndex.build(many, trigrams)
    known = index.coverage(query("shipping delivery price"))
    unknown = index.coverage(query("quantum zebra xylophone"))
    assert 0 <= unknown < 0.5 < known <= 1


def test_a_row_for_text_counts_less_than_one_for_a_question() -> None:
    pair = [template("a-1", "green tea"), template("b-1", "other words", "green tea")]
    index = TemplateIndex.build(pair, trigrams, fusion=Fusion(text=0.2))
    assert ids(index, query("green tea")) == ["b-1", "a-1"]


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["en", "zh", "", "xx-YY"]))
def test_any_text_can_be_asked(text: str, language: str) -> None:
    index = TemplateIndex.build(TEMPLATES, trigrams)
    hits = index.search(Query(text, trigrams([text])[0], language, at=NOW), 3)
    assert all(np.isfinite(hit.score) for hit in hits)
    assert 0 <= index.coverage_of(hits) <= 1
