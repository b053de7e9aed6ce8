"""Runs every row of the table of understanding, and prints it beside what others published.

    FRONTDESK_DATA=/path/to/sets python -m benchmarks.understanding [--mode head|full]
        [--only PATTERN] [--seeds 0,1,2] [--quick] [--table] [--results DIR]

A run that has its JSON is not repeated; one that was killed goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from benchmarks.understanding.plan import (
    Estimate,
    Run,
    all_runs,
    chosen,
    quick_runs,
    spoken,
)
from benchmarks.understanding.run import ROOT, perform, read_all
from benchmarks.understanding.sets import set_named
from benchmarks.understanding.table import table

RESULTS = ROOT / "benchmarks" / "results" / "understanding"
WORK = ROOT / "build" / "understanding"
QUICK_SECONDS = 590.0


def main() -> int:
    """Run what is missing, then print the table."""
    given = _arguments()
    mode = "head" if given.quick else given.mode
    seeds = [int(seed) for seed in given.seeds.split(",")] if given.seeds else None
    failed = 0
    if not given.table:
        runs = quick_runs(seeds) if given.quick else all_runs(mode, seeds)
        limit = QUICK_SECONDS if given.quick else None
        folders = (_data(given.data), given.results, given.work)
        failed = _run_all(chosen(runs, given.only), *folders, limit)
    print(table(read_all(given.results), mode))
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.understanding",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--mode", choices=("head", "full"), default="full")
    parser.add_argument("--only", metavar="PATTERN", help="part of a run's name, or * pattern")
    parser.add_argument(
        "--seeds", metavar="0,1,2", help="default: three for few examples, else two"
    )
    parser.add_argument("--quick", action="store_true", help="samples in head mode: ten minutes")
    parser.add_argument("--table", action="store_true", help="run nothing, print what there is")
    parser.add_argument("--data", type=Path, help="default: FRONTDESK_DATA")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR")
    parser.add_argument("--work", type=Path, default=WORK, metavar="DIR", help="checkpoints")
    return parser.parse_args()


def _data(given: Path | None) -> Path:
    named = given or os.environ.get("FRONTDESK_DATA")
    if not named:
        raise SystemExit(
            "The public sets are not part of the product.\n"
            "expected: their folder, as FRONTDESK_DATA or --data\nfound:    nothing\n"
            "do:       FRONTDESK_DATA=/path/to/sets make bench-understanding"
        )
    folder = Path(named)
    if not (folder / "banking77").is_dir():
        raise SystemExit(
            f"expected: the public sets in {folder}, a folder each (banking77, clinc150 …)\n"
            f"found:    {'no banking77 in it' if folder.is_dir() else 'no such folder'}\n"
            "do:       name the folder by FRONTDESK_DATA or --data"
        )
    return folder


def _run_all(
    runs: list[Run], data: Path, results: Path, work: Path, limit: float | None = None
) -> int:
    """Do every run that has no JSON yet, the shortest first; return how many failed.

    :param limit: seconds after which no run goes on; the next call does the rest.
    """
    finished = read_all(results)
    known = {Run(r["set"], r["part"], r["mode"], r["seed"]) for r in finished}
    waiting = [run for run in runs if run not in known]
    if len(runs) > len(waiting):
        print(f"{len(runs) - len(waiting)} of {len(runs)} runs are there already", file=sys.stderr)
    sizes = {part: _sizes(*part, data) for part in {(run.set, run.part) for run in waiting}}
    failed = 0
    began = time.perf_counter()
    for number in range(1, len(waiting) + 1):
        estimate = Estimate(read_all(results))
        left = {run: estimate.seconds(run, *sizes[run.set, run.part]) for run in waiting}
        run = min(waiting, key=lambda r: (left[r], r.name))
        print(
            f"[{number}/{number + len(waiting) - 1}] {run.name}: about {spoken(left[run])}; "
            f"{spoken(time.perf_counter() - began)} gone, "
            f"{spoken(sum(left.values()))} left",
            file=sys.stderr,
            flush=True,
        )
        gone = time.perf_counter() - began
        if limit is not None and gone + left[run] > limit:
            text = "of these runs do not fit into the ten minutes; the same command does them"
            print(f"{len(waiting)} {text}", file=sys.stderr)
            break
        waiting.remove(run)
        rest = None if limit is None else limit - gone
        failed += not _in_a_process(run, data, results, work, rest)
    return failed


def _sizes(name: str, part: str, data: Path) -> tuple[int, int]:
    material = set_named(name).material(data, part)
    return len(material.train), sum(len(m.examples) for m in material.measured.values())


def _in_a_process(
    run: Run, data: Path, results: Path, work: Path, limit: float | None = None
) -> bool:
    """A process a run: its memory is its own, and one that fails ends alone."""
    process = multiprocessing.get_context("spawn").Process(
        target=perform, args=(run, data, results, work)
    )
    process.start()
    try:
        process.join(limit)
        if process.is_alive():
            process.terminate()
            process.join()
    except KeyboardInterrupt:
        process.terminate()
        process.join()
        raise SystemExit("\nstopped; the same command goes on from here") from None
    if process.exitcode:
        print(f"{run.name} failed (exit {process.exitcode})", file=sys.stderr)
    return process.exitcode == 0


if __name__ == "__main__":
    sys.exit(main())
