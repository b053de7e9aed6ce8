"""Cross-validation of an assistant's training lines, in a process of its own.

``python -m bot.operating.cross_validation --assistant DIR --folds N`` prints as its last line what
``POST /model/test/intents`` answers, or ``{"error": {"message"}}``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from bot.commands.progress import Bars
from bot.rasa.evaluation import evaluated
from intents.crossvalidation import cross_validated
from intents.reading.folder import read_assistant
from models.errors import FrontdeskError


def main() -> int:
    """Entry point of the child process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assistant", type=Path, required=True)
    parser.add_argument("--folds", type=int, required=True)
    given = parser.parse_args()
    try:
        assistant = read_assistant(given.assistant, strict=False)
        pairs = cross_validated(assistant, given.folds, progress=Bars())
        said = evaluated([example for example, _ in pairs], [parse for _, parse in pairs])
    except FrontdeskError as error:
        said = {"error": {"message": str(error)}}
    print(orjson.dumps(said).decode())
    return 1 if "error" in said else 0


if __name__ == "__main__":
    sys.exit(main())
