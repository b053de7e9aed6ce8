"""Builds a release's index as a whole, in a process of its own: ``python -m
bot.operating.renewal_job``.

It learns for seconds to minutes, and imports libraries that serving does not. Started by
:mod:`bot.operating.renewal`, which hands it the lock that it holds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bot.children import NICE, die_with_parent
from bot.home import Home
from models.errors import FrontdeskError
from retrieval.search.index import TemplateIndex

NOTE = "index built anew"


def renew(home: Home, release_id: str) -> str | None:
    """Put a release into service that differs from this one in its index alone; its id.

    None where another release serves by now: its index is looked at by itself.
    """
    parent = home.store.get(release_id)
    with tempfile.TemporaryDirectory(dir=home.path, prefix=".renew-") as work:
        folder = Path(work) / "index"
        TemplateIndex.load(parent.folder / "index").renewed().save(folder)
        with home.editing():
            if home.store.current_id() != release_id:
                return None
            made = home.store.derive(parent, {"index/": folder}, note=NOTE)
            home.store.promote(made.id, NOTE)
    return made.id


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--release", required=True)
    given = parser.parse_args()
    die_with_parent()
    os.nice(NICE)
    try:
        renew(Home(given.home), given.release)
    except FrontdeskError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
