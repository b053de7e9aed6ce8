"""Plays the test stories of public Rasa bots that lie on this machine, unmodified.

    python -m benchmarks.compat --bots DIR [--python PATH] [--only NAME] [--json]

DIR holds clones of RasaHQ/financial-demo, RasaHQ/helpdesk-assistant and RasaHQ/rasa-examples.
Nothing is fetched and nothing of theirs is kept; a bot that is not there is skipped. PATH is an
interpreter with rasa-sdk and what their actions need (ruamel.yaml < 0.18, sqlalchemy < 2, pytz,
numpy, requests). Each bot runs in a process of its own; its peak memory is that process's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Bot:
    """A public bot: where it lies, how many stories it has, and stories of ours if it has none."""

    name: str
    folder: str
    stories: int
    own: Path | None = None


BOTS = (
    Bot("financial-demo", "financial-demo", 48),
    Bot("helpdesk-assistant", "helpdesk-assistant", 12),
    Bot("formbot", "rasa-examples/formbot", 3),
    Bot("knowledgebasebot", "rasa-examples/knowledgebasebot", 1, HERE / "knowledgebase.yml"),
)


def played(bot: Bot, folder: Path, python: str | None) -> dict[str, Any]:
    """Play one bot's stories; returns the figures."""
    command = [sys.executable, "-m", "bot", "test", str(folder), "--json"]
    command += ["--python", python] if python else []
    command += ["--stories", str(bot.own)] if bot.own else []
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    lines = said.strip().splitlines()
    read = json.loads(lines[-1]) if lines else {"error": f"ended with {child.returncode}"}
    return {
        "bot": bot.name,
        **read,
        "wall_seconds": round(time.perf_counter() - began, 1),
        "peak_mib": round(usage.ru_maxrss / 1024),
    }


def main() -> int:
    """Play every bot that is there; 1 if any story failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--bots", type=Path, required=True, metavar="DIR")
    parser.add_argument("--python", metavar="PATH")
    parser.add_argument("--only", metavar="NAME")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = []
    for bot in BOTS:
        folder = (given.bots / bot.folder).resolve()
        if given.only and given.only != bot.name:
            continue
        if not (folder / "domain.yml").is_file():
            print(f"skipped  {bot.name}: no clone in {folder} (COMPAT=DIR names where)")
            continue
        row = played(bot, folder, given.python)
        rows.append(row)
        print(f"{bot.name}: {row.get('passed', 0)} of {bot.stories} stories passed", flush=True)
    if given.json:
        print(json.dumps(rows))
    return 0 if all(row.get("failed") == 0 for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
