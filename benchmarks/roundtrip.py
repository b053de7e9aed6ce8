"""Reads Rasa projects, writes them as Rasa 3.1, reads that again, and says what differs.

python -m benchmarks.roundtrip PROJECT...
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from intents.content import differences
from intents.reading.folder import read_assistant
from intents.writing.exporting import write_assistant


def main() -> int:
    """One line for each project; 1 where anything differs, 2 where a folder is not there."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("projects", nargs="+", type=Path, metavar="PROJECT")
    status = 0
    for project in parser.parse_args().projects:
        if not project.is_dir():
            print(f"{project}: no such folder", file=sys.stderr)
            return 2
        lost = roundtrip(project)
        print(f"{project}: {', '.join(lost) + ' differ' if lost else 'the same'}")
        status = 1 if lost else status
    return status


def roundtrip(project: Path) -> list[str]:
    """The parts of a project that do not come back as they were."""
    first = read_assistant(project, strict=False)
    with tempfile.TemporaryDirectory() as folder:
        write_assistant(first, folder)
        return differences(first, read_assistant(folder, strict=False))


if __name__ == "__main__":
    sys.exit(main())
