"""The checker on outputs with one planted error each, and on right paraphrases.

    python -m benchmarks.bench_checker [--number 2000] [--seed 0] [--hand FOLDER] [--errors]
                                       [--part PART] [--rules] [--json FILE]

Lines made by rule from the templates of the retail pack, and lines written by hand. Prints what
share of errors is caught and of right ones passed, apart for the two, by kind and language, and the
time a check takes. ``PART`` of the lines by hand:

- ``measuring`` (the default) and ``tuning``: the halves of ``lines.*.jsonl``, whose writer had not
  seen the checker. The MD5 of its template says to which half a line belongs, so that no template
  is in both; only ``tuning`` has been looked at.
- ``fresh``: lines of a further writer, never looked at.
- ``development``: written with the checker at hand; ``written`` and ``taught``: written for fitting
  its weights, the latter by two writers of everyday trades who had not seen it; ``shops``,
  ``firms`` and ``mixed``: written by eight more for its reader, who had not seen it either.
- ``lines``: both halves.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.checker.planting import Line, right_lines, wrong_lines
from models.checking import Checker, Sources, Stated, Verdict
from models.checking.reader import shipped_reader

HAND = Path(__file__).parent / "checker"
PARTS = ("measuring", "tuning", "fresh", "development", "written", "taught", "shops", "firms",
         "mixed", "lines")  # fmt: skip


def read(path: Path) -> list[Line]:
    """Lines of a file: template, values, facts, output, right, kind, language."""
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        if text.strip():
            row = json.loads(text)
            lines.append(
                Line(row["template"], row["values"], tuple(row.get("facts", ())), row["output"],
                     bool(row["right"]), row.get("kind", ""), row["language"])
            )  # fmt: skip
    return lines


def hand_lines(folder: Path, part: str) -> list[Line]:
    """The lines of a part in both languages; none where the files are absent."""
    name = "lines" if part in ("measuring", "tuning") else part
    paths = [folder / f"{name}.{language}.jsonl" for language in ("en", "zh")]
    lines = [line for path in paths if path.is_file() for line in read(path)]
    if name == part:
        return lines
    return [line for line in lines if for_tuning(line) == (part == "tuning")]


def for_tuning(line: Line) -> bool:
    """Whether a line of ``lines.*.jsonl`` belongs to the half that may be looked at."""
    return int(hashlib.md5(line.template.encode(), usedforsecurity=False).hexdigest(), 16) % 2 == 0


def sources_of(line: Line) -> Sources:
    """What the checker holds a line's output against."""
    values = {name: Stated(v["value"], v.get("type", "text")) for name, v in line.values.items()}
    return Sources(line.template, values, line.language, line.facts)


def check(line: Line, checker: Checker) -> Verdict:
    """The checker's verdict on a line."""
    return checker.check(line.output, sources_of(line))


def measure(lines: Iterable[Line], checker: Checker, show: bool) -> dict[str, Any]:
    """Shares caught and passed, by kind and language, and milliseconds of the processor a check."""
    total: Counter[tuple[str, str]] = Counter()
    good: Counter[tuple[str, str]] = Counter()
    times = []
    for line in lines:
        started = time.process_time()
        verdict = check(line, checker)
        times.append(time.process_time() - started)
        key = ("right" if line.right else line.kind, line.language)
        total[key] += 1
        good[key] += verdict.passed is line.right
        if show and verdict.passed is not line.right:
            findings = "; ".join(f"{f.kind} {f.text}" for f in verdict.findings)
            print(f"{'/'.join(key)}: {line.output}\n    of: {line.template}\n    {findings}")
    wrong = {key for key in total if key[0] != "right"}
    right = {key for key in total if key[0] == "right"}
    times.sort()
    return {
        "errors": sum(total[k] for k in wrong),
        "caught": _share(good, total, wrong),
        "right": sum(total[k] for k in right),
        "passed": _share(good, total, right),
        "by_kind": {"/".join(k): [round(good[k] / total[k], 4), total[k]] for k in sorted(total)},
        "ms_p50": round(times[len(times) // 2] * 1000, 2),
        "ms_p95": round(times[int(len(times) * 0.95)] * 1000, 2),
    }


def _share(good: Counter[Any], total: Counter[Any], keys: set[Any]) -> float:
    number = sum(total[k] for k in keys)
    return round(sum(good[k] for k in keys) / number, 4) if number else 1.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=2_000, help="errors, and right ones, in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hand", type=Path, default=HAND)
    parser.add_argument("--part", choices=PARTS, default="measuring")
    parser.add_argument("--rules", action="store_true", help="without the trained reader")
    parser.add_argument("--errors", action="store_true", help="list what went wrong")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    checker = Checker(None if given.rules else shipped_reader())
    rng = random.Random(given.seed)
    hand = hand_lines(given.hand, given.part)
    wrongs = max(0, given.number - sum(1 for line in hand if not line.right))
    rights = max(0, given.number - sum(1 for line in hand if line.right))
    made = [*wrong_lines(wrongs, rng), *right_lines(rights, rng)]
    result = {"by_rule": measure(made, checker, given.errors)} if made else {}
    if hand:
        result["by_hand"] = measure(hand, checker, given.errors)
        result["all"] = measure([*made, *hand], checker, False)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if given.json:
        given.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
