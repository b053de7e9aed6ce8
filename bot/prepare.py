"""Prepares a home on first start: weights, training, index, first release.

Runs in its own process (``python -m bot.prepare``), so that serving imports no torch.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from bot.home import Home
from bot.progress import Bars
from bot.templates import build_index
from intents.artefacts import read_stored
from intents.reading import read_assistant
from intents.training import Mode, train
from intents.understanding import Understanding
from intents.validate import validate
from models.errors import AssistantInvalid, FrontdeskError
from models.progress import Progress


def prepare(home: Home, pack: Path | None, *, mode: Mode = "head", progress: Progress) -> str:
    """Train the home's assistant and put it into service; return the release's id."""
    folder = home.copy_pack(pack)
    assistant = read_assistant(folder, strict=False)
    errors = [problem for problem in validate(assistant) if problem.severity == "error"]
    if errors:
        raise AssistantInvalid(f"The assistant in {folder} does not hold together", errors)
    with tempfile.TemporaryDirectory(dir=home.path, prefix=".prepare-") as work:
        out = Path(work) / "release"
        train(assistant.examples, out, mode=mode, assistant=assistant, progress=progress)
        release = home.store.add(out)
        shutil.rmtree(out)
        understanding = Understanding.load(release.folder)
        progress.start("Indexing answer templates", None)
        stored = read_stored(release)
        known = {row["text"]: stored.vectors[i] for i, row in enumerate(stored.rows)}
        index = build_index(
            assistant,
            folder,
            lambda texts: understanding.encoder.encode(texts).sentence,
            known,
        )
        index.save(Path(work) / "index")
        progress.done()
        final = home.store.derive(release, {"index/": Path(work) / "index"}, note="first release")
    home.store.promote(final.id, "prepared")
    return final.id


def main() -> int:
    """Entry point of the child process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--pack", type=Path)
    parser.add_argument("--mode", choices=("head", "full"), default="head")
    arguments = parser.parse_args()
    os.environ.setdefault("FRONTDESK_CACHE", str(arguments.home / "cache"))
    try:
        prepare(Home(arguments.home), arguments.pack, mode=arguments.mode, progress=Bars())
    except FrontdeskError as error:
        print(f"frontdesk: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
