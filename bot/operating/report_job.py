"""Makes one release's report, in a process of its own: ``python -m bot.operating.report_job``.

It computes for up to a minute and imports libraries that serving does not, so that it must not be
done where turns are. Started by :mod:`bot.operating.reports`, which hands it the lock that it
holds.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from bot.children import NICE, die_with_parent
from intents.reporting import render, report_on_release
from intents.reporting.texts import WORDS
from intents.store import ReleaseStore
from models.errors import FrontdeskError

_EVERY = 0.25


class Written:
    """Progress as a small file that others read; at most four times a second."""

    def __init__(self, path: Path, release: str) -> None:
        self._path = path
        self._said = {"release": release, "began": time.time()}
        self._what, self._total, self._done = "", 0, 0
        self._wrote = 0.0

    def start(self, what: str, total: int | None = None) -> None:
        """Begin a stage."""
        self._what, self._total, self._done = what, total or 0, 0
        self._write()

    def advance(self, n: int = 1) -> None:
        """Note ``n`` more steps."""
        self._done += n
        if time.monotonic() - self._wrote >= _EVERY:
            self._write()

    def done(self) -> None:
        """End the stage."""
        self._done = self._total
        self._write()

    def _write(self) -> None:
        self._wrote = time.monotonic()
        stage = {"stage": self._what, "done": min(self._done, self._total), "total": self._total}
        replace(self._path, json.dumps({**self._said, **stage}))


def replace(path: Path, content: str) -> None:
    """Write a file whole or not at all."""
    descriptor, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
    Path(partial).replace(path)


def make(home: Path, release_id: str, folder: Path, progress: Path) -> None:
    """Write the report of a release into ``folder``; what went wrong into ``problem.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "problem.json").unlink(missing_ok=True)
    try:
        release = ReleaseStore(home).get(release_id)
        report = report_on_release(release, progress=Written(progress, release_id))
    except FrontdeskError as error:
        replace(folder / "problem.json", json.dumps({"message": str(error)}))
        return
    for language in WORDS:
        replace(folder / f"report.{language}.html", render(report, language))
    # Last, since it says that the report is there.
    data = json.dumps(report.as_json(), ensure_ascii=False, allow_nan=False)
    replace(folder / "report.json", data)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--release", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--progress", type=Path, required=True)
    given = parser.parse_args()
    die_with_parent()
    os.nice(NICE)
    make(given.home, given.release, given.out, given.progress)


if __name__ == "__main__":
    main()
    sys.exit(0)
