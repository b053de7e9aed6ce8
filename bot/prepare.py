"""Prepares a home on first start: weights, training, index, first release.

Runs in its own process (``python -m bot.prepare``), so that serving imports no torch.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bot.commands.progress import Bars
from bot.home import Home
from bot.knowledge import release_files
from bot.templates import accepted_in, build_index
from intents.artefacts import read_stored
from intents.reading.folder import read_assistant
from intents.release import Release
from intents.training.training import Mode, train
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
        final = install(home, out, "first release", progress)
    home.store.promote(final.id, "prepared")
    return final.id


def install(home: Home, trained: Path, note: str, progress: Progress) -> Release:
    """Take a trained release into the home, with the home's assistant and an index beside it.

    It is not put into service. What ``frontdesk train`` writes can answer only after this.
    """
    assistant = read_assistant(home.assistant, strict=False)
    bare = home.store.add(trained)
    understanding = Understanding.load(bare.folder)
    progress.start("Indexing answer templates", None)
    stored = read_stored(bare)
    known = {row["text"]: stored.vectors[i] for i, row in enumerate(stored.rows)}
    index = build_index(
        assistant,
        home.assistant,
        lambda texts: understanding.encoder.encode(texts).sentence,
        known,
    )
    with tempfile.TemporaryDirectory(dir=home.path, prefix=".index-") as work:
        index.save(Path(work) / "index")
        graph = release_files(
            home.assistant,
            lambda texts: understanding.encoder.encode(texts).sentence,
            Path(work) / "knowledge",
        )
        files = {f"assistant/{name}": home.assistant / name for name in assistant.files}
        release = home.store.derive(
            bare,
            {
                "assistant/": None,
                **files,
                "index/": Path(work) / "index",
                **accepted_in(home.assistant),
                **graph,
            },
            note=note,
        )
    progress.done()
    home.store.discard(bare.id)
    return release


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
