"""Rasa and Frontdesk on the same bots: training, memory, understanding, speed.

    python -m benchmarks.rasa_side_by_side --rasa PYTHON --bot DIR... [--actions PYTHON]
        [--work DIR] [--only STEP] [--limit SECONDS] [--json FILE]

PYTHON of ``--rasa`` is an interpreter with Rasa 3.6, that of ``--actions`` one with rasa-sdk and
what the bots' actions need. Of each bot a copy is made in which ``rasa data split nlu`` has put a
fifth of the lines aside, components that need another server or model (``LEFT_OUT``) are gone
from the pipeline, and a domain of Rasa 2 is migrated; both are given that copy.

Each step's figures are kept under ``--work`` and not taken again; with ``--limit`` no step is
begun after so many seconds. The steps of one bot are ``rasa.train``, ``frontdesk.train``,
``rasa.serve``, ``frontdesk.serve``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.rasa_side_by_side.load import (
    Client,
    Script,
    driven,
    medians,
    parsing,
    talking,
)
from benchmarks.rasa_side_by_side.projects import Project, made_ready
from benchmarks.rasa_side_by_side.scoring import scores
from benchmarks.rasa_side_by_side.sides import (
    Frontdesk,
    Rasa,
    Served,
    Side,
    actions_of,
    memory,
    processor_seconds,
)
from benchmarks.rasa_side_by_side.table import table

CLIENTS = (1, 16)
WARM = 2.0
"""Seconds of each load before the measured ones."""


def served(
    side: Side, project: Project, python: str, seconds: float, rounds: int
) -> dict[str, Any]:
    """Serve what was trained, and measure it."""
    with actions_of(project, python) as actions, side.serving(project, actions) as server:
        started = round(processor_seconds(server.pid), 1)
        held_out = project.held_out()
        client = Client(server.port)
        parsed = [client.post(server.parse, {"text": example.text}) for example in held_out]
        return {
            "start_seconds": round(server.start_seconds, 1),
            "start_processor_seconds": started,
            "memory_at_start_mib": memory(server.pid),
            **scores(held_out, parsed),
            **loads(server, project, seconds, rounds),
            "memory_mib": memory(server.pid),
        }


def loads(server: Served, project: Project, seconds: float, rounds: int) -> dict[str, Any]:
    """Speed of parsing and of turns; the median of ``rounds``."""
    scripts = {
        "parse": parsing([example.text for example in project.held_out()], server.parse),
        "turns": talking(project.conversations()),
    }
    found = {}
    for name, script in scripts.items():
        for clients in CLIENTS:
            driven(server.port, script, clients, WARM)
            runs = [_run(server, script, clients, seconds) for _ in range(rounds)]
            found[f"{name}_{clients}"] = medians(runs)
    return found


def _run(server: Served, script: Script, clients: int, seconds: float) -> dict[str, Any]:
    """One load, with the processor time (ms) that the server took for each request."""
    before = processor_seconds(server.pid)
    run = driven(server.port, script, clients, seconds)
    took = processor_seconds(server.pid) - before
    return {**run, "processor_ms": 1000 * took / run["requests"]}


def steps_of(
    project: Project, given: argparse.Namespace
) -> dict[str, Callable[[], dict[str, Any]]]:
    """The steps of one bot by name, in their order."""
    sides: tuple[Side, ...] = (Rasa(given.rasa), Frontdesk())
    training = {f"{side.name}.train": partial(side.train, project) for side in sides}
    how = (project, given.actions, given.seconds, given.rounds)
    return {**training, **{f"{side.name}.serve": partial(served, side, *how) for side in sides}}


def main() -> None:
    """Take the steps that are missing, then print the table of all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rasa", required=True, metavar="PYTHON")
    parser.add_argument("--bot", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--actions", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--work", type=Path, default=Path("build/rasa"))
    parser.add_argument("--only", default="", metavar="STEP", help="bot/step, or a part of that")
    parser.add_argument("--limit", type=float, default=float("inf"), metavar="SECONDS")
    parser.add_argument("--seconds", type=float, default=6.0, help="of one load")
    parser.add_argument("--rounds", type=int, default=3, help="of which the median is taken")
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()
    until = time.monotonic() + given.limit
    rows: dict[str, Any] = {}
    for bot in given.bot:
        project = made_ready(bot.resolve(), given.rasa, given.work.resolve())
        row: dict[str, Any] = {"changed": list(project.changed)}
        for name, step in steps_of(project, given).items():
            kept = project.root / f"{name}.json"
            wanted = given.only in f"{project.name}/{name}" and time.monotonic() < until
            if not kept.exists() and wanted:
                print(f"{project.name}: {name}", file=sys.stderr, flush=True)
                kept.write_text(json.dumps(step(), indent=2))
            row[name] = json.loads(kept.read_text()) if kept.exists() else None
        rows[project.name] = row
    print(table(rows))
    if given.json:
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
