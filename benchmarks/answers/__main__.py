"""Runs every row of the table of answers, and prints it beside what others published.

    FRONTDESK_DATA=/path/to/sets python -m benchmarks.answers [--only PATTERN] [--table]
        [--again] [--results DIR]

A run that has its JSON is not repeated; one that was killed goes on with the vectors it has.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks.answers import faq, following, next_template, replies
from benchmarks.answers.table import table
from benchmarks.understanding.plan import spoken
from benchmarks.understanding.run import ROOT, environment, read_all, write
from bot.commands.progress import Bars
from models.progress import Progress

RESULTS = ROOT / "benchmarks" / "results" / "answers"
WORK = ROOT / "build" / "answers"
CODE = ("retrieval", "models", "benchmarks/answers")
Measure = Callable[[Path, Path, Progress], dict[str, Any]]

RUNS: dict[str, Measure] = {
    "covid_faq": faq.measure,
    **{name: partial(replies.measure, name) for name in replies.LOGS},
    "star": next_template.measure,
    "star_following": following.measure,
}
"""The runs by name, the shortest first."""


def main() -> int:
    """Do what is missing, then print the table."""
    given = _arguments()
    if not given.table:
        data = _data(given.data)
        known = set() if given.again else {run["run"] for run in _finished(given.results)}
        wanted = [n for n in RUNS if given.only is None or fnmatch.fnmatch(n, given.only)]
        waiting = [name for name in wanted if name not in known]
        for number, name in enumerate(waiting, 1):
            print(f"[{number}/{len(waiting)}] {name}", file=sys.stderr, flush=True)
            _perform(name, data, given.work, given.results)
    print(table(_finished(given.results)))
    return 0


def _perform(name: str, data: Path, work: Path, results: Path) -> None:
    began = time.perf_counter()
    made = {"run": name, **RUNS[name](data, work, Bars()), **environment(CODE)}
    made["peak_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    made["seconds"]["all"] = round(time.perf_counter() - began, 1)
    made["seconds"]["processor"] = round(time.process_time(), 1)
    write(results / f"{name}.json", made)
    print(f"{name}: {spoken(made['seconds']['all'])}", file=sys.stderr, flush=True)


def _finished(results: Path) -> list[dict[str, Any]]:
    return [run for run in read_all(results, "*.json") if run.get("run") in RUNS]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.answers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", metavar="PATTERN", help=f"one of {', '.join(RUNS)}")
    parser.add_argument("--table", action="store_true", help="run nothing, print what there is")
    parser.add_argument("--again", action="store_true", help="repeat what has been done")
    parser.add_argument("--data", type=Path, help="default: FRONTDESK_DATA")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--work", type=Path, default=WORK, metavar="DIR", help="vectors")
    return parser.parse_args()


def _data(given: Path | None) -> Path:
    named = given or os.environ.get("FRONTDESK_DATA")
    if not named or not (Path(named) / "star").is_dir():
        raise SystemExit(
            "The public sets are not part of the product.\n"
            "expected: their folder, with star and covid_faq in it, as FRONTDESK_DATA or --data\n"
            f"found:    {named or 'nothing'}\n"
            "do:       FRONTDESK_DATA=/path/to/sets make bench-answers"
        )
    return Path(named)


if __name__ == "__main__":
    sys.exit(main())
