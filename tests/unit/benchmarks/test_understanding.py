"""The benchmark of understanding: sets are read right, splits are fixed, the table is true."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.understanding import readers, splits
from benchmarks.understanding.plan import (
    QUICK,
    Estimate,
    Run,
    all_runs,
    chosen,
    quick_runs,
    spoken,
)
from benchmarks.understanding.run import read_all, write
from benchmarks.understanding.sets import SETS, set_named
from benchmarks.understanding.table import table
from benchmarks.understanding.targets import ROWS
from benchmarks.understanding.typos import mistyped, with_typo
from intents.examples import OUT_OF_SCOPE, Entity, Example


def rows(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_blank_texts_do_not_shift_labels(tmp_path: Path) -> None:
    rows(tmp_path / "seq.in", "one\n\nthree\n")
    rows(tmp_path / "label", "a\noos\nc\n")
    assert [(e.text, e.intent) for e in readers.sequences(tmp_path)] == [
        ("one", "a"),
        ("three", "c"),
    ]


def test_sequences_of_different_length_are_refused(tmp_path: Path) -> None:
    rows(tmp_path / "seq.in", "one\ntwo\n")
    rows(tmp_path / "label", "a\n")
    with pytest.raises(SystemExit, match="differ"):
        readers.sequences(tmp_path)


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("O O B-city I-city B-city", [(7, 15, "city"), (16, 20, "city")]),
        ("O O city city day", [(7, 15, "city"), (16, 20, "day")]),
        ("O O O O O", []),
    ],
)
def test_tags_become_character_spans(tags: str, spans: list[tuple[int, int, str]]) -> None:
    text, found = readers.from_tags(["fly", "to", "New", "York", "Rome"], tags.split())
    assert text == "fly to New York Rome"
    assert [(e.start, e.end, e.entity) for e in found or ()] == spans
    assert all(text[e.start : e.end] == e.value for e in found or ())


def test_tags_that_do_not_fit_say_that_nobody_looked() -> None:
    assert readers.from_tags(["a", "b"], ["O"]) == ("a b", None)


def test_restaurant_spans_without_a_start_begin_at_zero(tmp_path: Path) -> None:
    row = {
        "userInput": {"text": "6 a.m."},
        "context": {"requestedSlots": ["time", "time"]},
        "labels": [{"slot": "time", "valueSpan": {"endIndex": 6}}],
    }
    (found,) = readers.restaurant(rows(tmp_path / "a.json", json.dumps([row])))
    assert found.entities == (Entity(0, 6, "time", "6 a.m."),)
    assert (found.intent, found.requested_slots) == (None, ("time",))


def test_chinese_commands_end_with_their_last_character(tmp_path: Path) -> None:
    row = {
        "text": "听搬家",
        "intent": "QUERY",
        "entities": [{"type": "n", "start_idx": 1, "end_idx": 2}],
    }
    (found,) = readers.commands(rows(tmp_path / "a.json", json.dumps([row])))
    assert found.entities == (Entity(1, 3, "n", "搬家"),)


def test_turns_with_quotes_and_tabs(tmp_path: Path) -> None:
    head = "conversationId\tturnNumber\tutteranceId\tutterance\tslot-labels\tintent\n"
    body = 'a\t1\tx\tmy name is Ann\tO O O name\ttell\na\t2\tx\t"ford \t mondeo"\tcar car\ttell\n'
    first, second = readers.turns(rows(tmp_path / "a.tsv", head + body))
    assert first.entities == (Entity(11, 14, "name", "Ann"),)
    assert (second.text, second.entities) == (
        "ford mondeo",
        (Entity(0, 11, "car", "ford mondeo"),),
    )


def test_strangers_of_every_set_are_out_of_scope() -> None:
    for name in ("oos", "NO_NODES_DETECTED"):
        assert readers.example("hm", name).intent == OUT_OF_SCOPE


def many(intents: int, lines: int) -> list[Example]:
    return [
        Example(f"text {i} of {k}", f"intent {k}") for k in range(intents) for i in range(lines)
    ]


def test_splits_are_fixed_and_part_nothing_twice() -> None:
    lines = many(9, 20)
    for split in (splits.fifth, splits.tenth):
        train, held = split(lines)
        assert not {e.text for e in train} & {e.text for e in held}
        assert len(train) + len(held) == len(lines)
        assert split(lines) == (train, held)
        assert 0.05 < len(held) / len(lines) < 0.3


def test_left_out_intents_become_out_of_scope_and_are_never_learned() -> None:
    lines = many(9, 20)
    train, held = splits.left_out_intents(lines)
    assert len({e.intent for e in train}) == 6
    assert not {e.text for e in train} & {e.text for e in held}
    assert sum(e.intent == OUT_OF_SCOPE for e in held) == 60
    assert {e.intent for e in held} - {OUT_OF_SCOPE} == {e.intent for e in train}


def test_of_nested_values_the_longest_is_learned() -> None:
    whole, part, other = Entity(0, 5, "a", "12345"), Entity(1, 2, "b", "2"), Entity(6, 7, "c", "7")
    kept = splits.outermost(Example("12345 7", "x", (part, whole, other)))
    assert kept.entities == (whole, other)


@given(st.text(max_size=40), st.integers(0, 10_000))
def test_a_typo_is_one_edit_or_none(text: str, seed: int) -> None:
    made = with_typo(text, random.Random(seed))
    assert abs(len(made) - len(text)) <= 1
    changed = sum(a != b for a, b in zip(text, made, strict=False))
    if len(made) == len(text):
        assert changed <= 2
    assert with_typo(text, random.Random(seed)) == made


def test_nearly_every_line_of_words_gets_its_typo() -> None:
    lines = [
        Example(f"where is my card number {i}", "a", (Entity(0, 5, "x", "where"),))
        for i in range(50)
    ]
    made = mistyped(lines)
    assert all(a.text != b.text for a, b in zip(lines, made, strict=True))
    assert all(e.entities is None and e.intent == "a" for e in made)
    assert made == mistyped(lines)


def test_every_row_of_the_table_has_its_run_and_every_run_its_set() -> None:
    planned = {(run.set, run.part) for run in all_runs("full")}
    assert {(row.set, row.part) for row in ROWS} <= planned
    assert {name for name, _ in QUICK} <= {bench.name for bench in SETS}
    assert {run.mode for run in quick_runs()} == {"head"}


def test_seeds_are_three_for_few_examples_and_two_for_full_sets() -> None:
    runs = all_runs("head")
    assert len(chosen(runs, "banking77-10-")) == 3
    assert len(chosen(runs, "banking77-full-")) == 2
    assert len(chosen(all_runs("head", [7]), "banking77-*-s7")) == 3


def finished(run: Run, accuracy: float, seconds: float = 100.0) -> dict[str, object]:
    figures = {
        "intent": {"accuracy": accuracy},
        "lines": 10,
        "source": "valid",
        "official_test": False,
    }
    return {
        **vars(run),
        "train_lines": 770,
        "measured": {"main": figures, "typo": figures},
        "seconds": {"all": seconds},
    }


def test_estimates_learn_from_finished_runs() -> None:
    run = Run("banking77", "10", "full", 0)
    again = Run("banking77", "10", "full", 1)
    assert Estimate([finished(run, 0.9, 500.0)]).seconds(again, 770, 20) == 500.0
    other = Run("hwu64", "10", "full", 0)
    slow = Estimate([finished(run, 0.9, 5000.0)]).seconds(other, 640, 20)
    assert slow > 5 * Estimate([]).seconds(other, 640, 20)
    assert spoken(40) == "40 s"


def test_the_table_shows_mean_spread_and_whether_the_target_is_met() -> None:
    runs = [
        finished(Run("banking77", "10", "full", seed), value)
        for seed, value in enumerate((0.87, 0.89))
    ]
    line, empty = (
        next(x for x in table(runs, mode).split("\n") if x.startswith("| BANKING77, 10"))
        for mode in ("full", "head")
    )
    assert "88.0 ± 1.0 ✓" in line
    assert "| 2 | valid | 87.5 | 90.0 |" in line
    assert "| – | 0 |" in empty


def test_results_are_written_whole_and_broken_ones_count_as_missing(tmp_path: Path) -> None:
    write(tmp_path / "a-10-head-s0.json", {"set": "a"})
    rows(tmp_path / "b-10-head-s0.json", '{"set":')
    assert read_all(tmp_path) == [{"set": "a"}]


def test_a_number_that_is_no_part_is_a_sample(tmp_path: Path) -> None:
    folder = tmp_path / "hwu64"
    for part in ("train", "valid"):
        rows(folder / part / "seq.in", "".join(f"{part} text {i}\n" for i in range(30)))
        rows(folder / part / "label", "a\nb\n" * 15)
    material = set_named("hwu64").material(tmp_path, "20")
    assert len(material.train) == 20
    assert not material.measured["main"].official
    for name in ("seq.in", "label"):
        rows(folder / "test" / name, "x\n")
    assert set_named("hwu64").material(tmp_path, "full").measured["main"].official
