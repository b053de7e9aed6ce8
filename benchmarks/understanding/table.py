"""The table of all figures, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, pstdev
from typing import Any

from benchmarks.understanding.plan import BASELINE
from benchmarks.understanding.targets import ACCURACY, ROWS, SLOTS, Figures, Row, pick

Runs = Sequence[dict[str, Any]]


def table(runs: Runs, mode: str) -> str:
    """Every row, with mean and spread over seeds; a part that was not run has a dash."""
    head = "| what | figure | seeds | measured on | must | aim | published |"
    lines = [head, "|---|---|---|---|---|---|---|"]
    for row in ROWS:
        lines += _rows_of(row, runs, mode)
    lines += [_typo(runs, mode), _across(runs, mode), _baseline(runs, mode)]
    return "\n".join(lines)


def _rows_of(row: Row, runs: Runs, mode: str) -> list[str]:
    found = []
    samples = {r["part"] for r in runs if r["set"] == row.set and r["part"].isdigit()}
    small = sorted(samples - {"5", "10"}, key=int)
    for part in [row.part, *(small if row.part == "full" else [])]:
        of = _of(runs, row.set, part, mode)
        if not of and part != row.part:
            continue
        title = row.title if part == row.part else f"… sample of {part} lines to train on"
        values = _values(of, row.measured, row.pick)
        source = _source(of, row.measured)
        must = row.must if part == row.part else None
        aim = row.aim if part == row.part else None
        found.append(
            _line(
                title,
                _shown(values, row.percent, _met(values, must, row.lower)),
                len(values),
                source,
                _bound(must, row.percent, row.lower),
                _bound(aim, row.percent, row.lower),
                row.anchors if part == row.part else "",
            )
        )
    return found


def _of(runs: Runs, name: str, part: str, mode: str) -> Runs:
    return [r for r in runs if (r["set"], r["part"], r["mode"]) == (name, part, mode)]


def _values(runs: Runs, measured: str, picked: Any) -> list[float]:
    found = [picked(r["measured"][measured]) for r in runs if measured in r["measured"]]
    return [value for value in found if value is not None]


def _source(runs: Runs, measured: str) -> str:
    kinds = {
        ("test: " if r["measured"][measured]["official_test"] else "")
        + r["measured"][measured]["source"]
        for r in runs
        if measured in r["measured"]
    }
    return "; ".join(sorted(kinds))


def _met(values: list[float], bound: float | None, lower: bool) -> bool | None:
    if not values or bound is None:
        return None
    return mean(values) <= bound if lower else mean(values) >= bound


def _shown(values: list[float], percent: bool, met: bool | None = None) -> str:
    if not values:
        return "–"
    mark = {None: "", True: " ✓", False: " ✗"}[met]
    spread = f" ± {_number(pstdev(values), percent)}" if len(values) > 1 else ""
    return f"{_number(mean(values), percent)}{spread}{mark}"


def _number(value: float, percent: bool) -> str:
    return f"{100 * value:.1f}" if percent else f"{value:.3f}"


def _bound(value: float | None, percent: bool, lower: bool) -> str:
    if value is None:
        return ""
    return ("≤ " if lower else "") + _number(value, percent)


def _line(title: str, *cells: object) -> str:
    return f"| {title} | " + " | ".join(str(cell) for cell in cells) + " |"


def _typo(runs: Runs, mode: str) -> str:
    of = _of(runs, "banking77", "full", mode) or _of(runs, "banking77", "10", mode)
    both = [r for r in of if "typo" in r["measured"]]
    lost = [_gap(r["measured"]["typo"], r["measured"]["main"]) for r in both]
    part = {r["part"] for r in both} or {"full"}
    return _line(
        f"one typo a line, BANKING77 ({', '.join(sorted(part))}), points",
        _shown(lost, True, _met(lost, -0.03, False)),
        len(lost),
        _source(both, "typo"),
        "-3.0",
        "-1.5",
        "",
    )


def _gap(figures: Figures, reference: Figures) -> float:
    return (ACCURACY(figures) or 0.0) - (ACCURACY(reference) or 0.0)


def _across(runs: Runs, mode: str) -> str:
    """Accuracy on Chinese messages by English examples, as a share of that by Chinese ones."""
    by_seed = {
        part: {r["seed"]: ACCURACY(r["measured"]["main"]) for r in _of(runs, "retail", part, mode)}
        for part in ("en", "zh")
    }
    shares = []
    for seed, value in by_seed["en"].items():
        whole = by_seed["zh"].get(seed)
        if value is not None and whole:
            shares.append(value / whole)
    return _line(
        "English examples, Chinese messages (retail): share of the accuracy with Chinese ones",
        _shown(shares, True, _met(shares, 0.75, False)),
        len(shares),
        _source(_of(runs, "retail", "en", mode), "main"),
        "75.0",
        "90.0",
        "",
    )


def _baseline(runs: Runs, mode: str) -> str:
    of = _of(runs, "smp2020", "full", BASELINE)
    values = _values(of, "main", pick("entities", "f1"))
    ours = _values(_of(runs, "smp2020", "full", mode), "main", SLOTS)
    gap = f"ours {100 * (mean(ours) - mean(values)):+.1f} points" if ours and values else ""
    return _line(
        "SMP2020: character BiLSTM-CRF, slot F1",
        _shown(values, True),
        len(values),
        _source(of, "main"),
        "ours +3.0" if gap else "",
        "ours +6.0" if gap else "",
        gap,
    )
