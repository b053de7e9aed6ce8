"""Schema and data files: what is wrong is told with file and line, and nothing makes them fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.reading.yamlfile import load
from models.errors import DataError, Problem
from retrieval.knowledge.building import build
from retrieval.knowledge.rdf import read_rdf
from retrieval.knowledge.rows import read_csv, read_json
from retrieval.knowledge.schema import Schema
from retrieval.knowledge.schema_file import read_schema
from tests.unit.retrieval.knowledge.catalogue import CASES, PLACES, SCHEMA, THINGS, built


def told(problems: list[Problem]) -> list[tuple[str, int]]:
    return [(problem.file, problem.line) for problem in problems]


def test_a_sound_catalogue_has_no_findings(tmp_path: Path) -> None:
    assert built(tmp_path).problems == []


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("X400,Y,Y,,,black,,cheap,,\n", "a number"),
        ("X400,Y,Y,,,puce,,1,,\n", "the id or name of a colour"),
        ("X400,Y,Y,,,X100,,1,,\n", "the id or name of a colour"),
        ("X400,Y,Y,,,black,,1,3 miles,\n", "units g, kg"),
        ("X400,Y,Y,,,black,,1,,perhaps\n", "yes or no"),
        ("X100,Y,Y,,,black,,1,,\n", "each id once"),
        (",Y,Y,,,black,,1,,\n", "an id"),
        ("X400,Y,Y\n", "10 cells"),
        (f"X400,{'Y' * 200},Y,,,black,,1,,\n", "a name"),
        (f"X400,{'Y' * 3000},Y,,,black,,1,,\n", "2000 characters"),
        ('X400,"Y"Z,Y,,,black,,1,,\n', "CSV"),
    ],
)
def test_bad_rows_are_named_and_left_out(tmp_path: Path, row: str, part: str) -> None:
    found = built(tmp_path, things_csv=THINGS + row)
    assert told(found.problems) == [("things.csv", 5)]
    assert part in found.problems[0].expected
    assert found.problems[0].fix
    assert found.graph.name("X100", "en") == "Comet X100"


def test_a_column_that_the_schema_does_not_know_is_named(tmp_path: Path) -> None:
    found = built(tmp_path, cases_csv=CASES.replace("fits", "suits", 1))
    assert told(found.problems) == [("cases.csv", 2), ("cases.csv", 3)]
    assert "fits" in found.problems[0].expected


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("timezone: Asia/Shanghai", "timezone: Asia/Atlantis", 1),
        ("live: [stock]", "lively: [stock]", 7),
        ("live: [stock]", "live: stock", 7),
        (
            "    is_a: product\n    nouns: {en: [phone]",
            "    is_a: thing\n    nouns: {en: [phone]",
            14,
        ),
        ("    to: colour\n", "    to: color\n", 37),
        ("    kind: money\n", "    kind: gold\n", 54),
        ("    closed: true\n    title: {en: colours", "    closed: 3\n    title: {en: colours", 38),
        ("along: within", "along: inside", 81),
        ('en: "{subject}: {value}"', 'en: "{subject}: {price}"', 84),
        ("{file: things.csv, type: phone}", "{file: ../things.csv, type: phone}", 3),
        ("{n} g", "some g", 66),
    ],
)
def test_what_is_wrong_in_a_schema_has_its_line(old: str, new: str, line: int) -> None:
    assert old in SCHEMA
    text = SCHEMA.replace(old, new, 1)
    problems: list[Problem] = []
    read_schema(load(text, f"schema-{line}"), "schema.yml", problems)
    expected = text[: text.index(new)].count("\n") + 1
    assert problems
    assert all(abs(problem.line - expected) <= 2 for problem in problems), problems
    assert all(problem.expected and problem.found and problem.fix for problem in problems)


def test_a_schema_survives_its_way_through_a_release() -> None:
    problems: list[Problem] = []
    schema = read_schema(load(SCHEMA, "schema"), "schema.yml", problems)
    data = json.loads(json.dumps(schema.as_json()))
    assert Schema.from_json(data).as_json() == data
    assert problems == []


def test_types_in_a_circle_are_told(tmp_path: Path) -> None:
    text = SCHEMA.replace("  product:\n    nouns", "  product:\n    is_a: phone\n    nouns")
    assert any("circle" in problem.found for problem in built(tmp_path, schema_yml=text).problems)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    text = SCHEMA.replace("things.csv", "elsewhere.csv")
    found = built(tmp_path, schema_yml=text).problems
    assert ("elsewhere.csv", 0) in told(found)


def test_no_schema_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"schema\.yml"):
        build(tmp_path, load)


def test_rdf_is_read_in_each_of_its_notations() -> None:
    base = "https://shop.example/"
    label = "http://www.w3.org/2000/01/rdf-schema#label"
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    triples = f'<{base}a> <{kind}> <{base}place> .\n<{base}a> <{label}> "Aa"@en-GB .\n'
    linked = json.dumps(
        {"@id": base + "a", "@type": base + "place", label: {"@value": "Aa", "@language": "en"}}
    )
    for text, suffix in ((triples, ".nt"), (triples, ".ttl"), (linked, ".jsonld")):
        problems: list[Problem] = []
        [row] = read_rdf(text, "file", suffix, problems)
        assert (row.id, row.type, row.names) == ("a", "place", {"en": "Aa"})
        assert problems == []


@pytest.mark.parametrize(
    "text",
    [
        '{"@context": "https://elsewhere.example/context", "@id": "a"}',
        '{"\\u0040context": ["https://elsewhere.example/context"], "@id": "a"}',
        '{"@context": {"x": {"@id": "urn:x", "@context": "https://elsewhere.example"}}}',
        '{"@context": {"@import": "https://elsewhere.example/context"}}',
    ],
)
def test_json_ld_fetches_no_context(text: str) -> None:
    problems: list[Problem] = []
    assert read_rdf(text, "file", ".jsonld", problems) == []
    assert "elsewhere" in problems[0].found


def test_two_things_of_one_last_name_are_told() -> None:
    text = '<https://a.example/x> <urn:p> "1" .\n<https://b.example/x> <urn:p> "2" .\n'
    problems: list[Problem] = []
    assert len(read_rdf(text, "file", ".nt", problems)) == 1
    assert "differ" in problems[0].expected


LINES = st.text(max_size=60)
FUZZ = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FUZZ
@given(st.text(max_size=300) | st.lists(LINES).map(lambda many: "id,name_en\n" + "\n".join(many)))
def test_csv_never_fails(text: str) -> None:
    problems: list[Problem] = []
    rows = read_csv(text, "file", "phone", problems)
    assert all(row.line >= 1 for row in rows)
    assert all(problem.line >= 1 for problem in problems)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "name", "type", "x", "aliases"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@FUZZ
@given(st.text(max_size=200) | JSON.map(json.dumps) | st.lists(JSON).map(json.dumps))
def test_json_never_fails(text: str) -> None:
    problems: list[Problem] = []
    rows = read_json(text, "file", "phone", problems)
    assert rows or problems or json.loads(text) in ([], {"items": []})


@FUZZ
@given(
    st.text(max_size=200)
    | st.tuples(st.integers(0, len(PLACES)), LINES).map(
        lambda cut: PLACES[: cut[0]] + cut[1] + PLACES[cut[0] :]
    ),
    st.sampled_from([".ttl", ".nt", ".jsonld"]),
)
def test_rdf_never_fails(text: str, suffix: str) -> None:
    problems: list[Problem] = []
    rows = read_rdf(text, "file", suffix, problems)
    assert all(row.id for row in rows) or problems


@FUZZ
@given(JSON)
def test_any_document_is_no_more_than_a_bad_schema(document: object) -> None:
    problems: list[Problem] = []
    read_schema(document, "schema.yml", problems)
    assert problems


@FUZZ
@given(cut=st.integers(0, len(THINGS)), junk=st.text(max_size=40))
def test_any_damage_to_a_file_leaves_a_graph(
    tmp_path_factory: pytest.TempPathFactory, cut: int, junk: str
) -> None:
    try:
        text = THINGS[:cut] + junk + THINGS[cut:]
        text.encode()
    except UnicodeEncodeError:
        return
    found = built(tmp_path_factory.mktemp("damaged"), things_csv=text)
    assert found.graph.is_a("red", "colour")
    assert all(
        problem.file in ("things.csv", "cases.csv", "more.json") for problem in found.problems
    )
