"""The labelled lines for redaction and how they are scored."""

from __future__ import annotations

import re

import pytest
from stdnum import iban, luhn
from stdnum.cn import ric

from benchmarks.bench_redaction import Score, caught
from benchmarks.redaction.lines import KEPT, LANGUAGES, NUMBERS, SETS, WORDS, Mark, parse, read
from retrieval.redaction.redactor import Redacted


def test_marks_are_read_with_their_places() -> None:
    line = parse("[Ann](name), ring [555 0142](phone) [or](else)", 3)
    assert line.text == "Ann, ring 555 0142 [or](else)"
    assert line.marks == (Mark(0, 3, "name"), Mark(10, 18, "phone"))
    assert line.part == "test"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_are_many_each_once_and_wholly_parsed(language: str) -> None:
    lines = list(read(language))
    assert len(lines) >= 600
    assert len({line.text for line in lines}) == len(lines)
    assert not [line.text for line in lines if "](" in line.text]
    assert sum(not line.marks for line in lines) >= len(lines) / 3
    assert {m.kind for line in lines for m in line.marks} >= {*NUMBERS, *WORDS}


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_of_another_writer_are_many_each_once_and_wholly_parsed(language: str) -> None:
    lines = list(read(language, "unseen"))
    assert len(lines) >= 200
    assert len({line.text for line in lines}) == len(lines)
    assert not [line.text for line in lines if "](" in line.text]
    assert sum(not line.marks for line in lines) >= len(lines) / 5
    assert {m.kind for line in lines for m in line.marks} >= {*NUMBERS, *WORDS}


@pytest.mark.parametrize("name", [*SETS, *KEPT])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_set_has_each_line_once_with_all_marks_closed(language: str, name: str) -> None:
    lines = list(read(language, name))
    assert bool(lines) is ((language, name) != ("en", "counters"))
    assert len({line.text for line in lines}) == len(lines)
    assert not [line.number for line in lines if "](" in line.text or not line.text.strip()]


@pytest.mark.parametrize("name", ["lines", "unseen"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_invented_numbers_have_their_check_digits(language: str, name: str) -> None:
    for line in read(language, name):
        for mark in line.marks:
            value = re.sub(r"[ -]", "", line.text[mark.start : mark.end])
            if mark.kind == "card" and len(value) >= 12:
                assert luhn.is_valid(value), line
            if mark.kind == "bank" and re.fullmatch(r"[A-Z]{2}\d{2}\w{11,}", value, re.I):
                assert iban.is_valid(value, check_country=False), line
            if re.fullmatch(r"\d{17}[\dX]", value) and mark.kind == "id":
                assert ric.calc_check_digit(value) == value[-1], line
                assert value[14:17] == "000", "a running number that nobody has"


def test_a_value_is_caught_when_each_character_is_covered() -> None:
    mark = Mark(2, 6, "order")
    assert caught(mark, [Redacted(2, 4, "code", "{code}"), Redacted(4, 9, "code", "{code_2}")])
    assert not caught(mark, [Redacted(3, 9, "code", "{code}")])


def test_other_marks_count_neither_way() -> None:
    score = Score()
    line = parse("[Acme](other) owes [Ann](name) a size 12")
    at = line.text.index("12")
    spans = [Redacted(0, 4, "company", "{company}"), Redacted(at, at + 2, "code", "{code}")]
    missed, wrong = score.add(line, spans)
    assert [m.kind for m in missed] == ["name"]
    assert wrong == [spans[1]]
    assert score.recall(WORDS) == 0.0
    assert score.precision(score.found) == 0.0
