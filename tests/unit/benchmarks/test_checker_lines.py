"""The lines that the checker is measured on are what they are said to be."""

from __future__ import annotations

import json
import random
from pathlib import Path

from benchmarks.bench_checker import measure, read
from benchmarks.checker.planting import right_lines, wrong_lines
from models.checking import Checker


def test_each_wrong_line_has_one_error_and_each_kind_comes_alike_often() -> None:
    lines = list(wrong_lines(50, random.Random(1)))
    assert {line.kind for line in lines} == {"amount", "date", "negation", "policy", "person"}
    assert not any(line.right for line in lines)
    assert {line.language for line in lines} == {"en", "zh"}
    assert lines == list(wrong_lines(50, random.Random(1)))


def test_lines_by_rule_are_mostly_told_apart() -> None:
    rng = random.Random(2)
    result = measure([*wrong_lines(60, rng), *right_lines(60, rng)], Checker(), False)
    assert (result["errors"], result["right"]) == (60, 60)
    assert result["caught"] >= 0.9
    assert result["passed"] >= 0.9


def test_hand_written_lines_are_read(tmp_path: Path) -> None:
    row = {
        "template": "Order {order_id} left.",
        "values": {"order_id": {"value": "HL1", "type": "text"}},
        "output": "Order HL1 has left.",
        "right": True,
        "language": "en",
    }
    path = tmp_path / "lines.en.jsonl"
    path.write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    (line,) = read(path)
    assert (line.kind, line.facts, line.values["order_id"]["value"]) == ("", (), "HL1")
    assert measure([line], Checker(), True)["passed"] == 1.0
