"""One project for both: a copy of a bot, its training lines divided, what cannot run left out."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.trials.files import read_stories, test_files
from intents.examples import Example
from intents.reading.datasets import read_file
from intents.reading.yamlfile import yaml

LEFT_OUT = ("DucklingEntityExtractor", "SpacyNLP", "SpacyEntityExtractor")
"""Components that need a server or a model which is not part of Rasa."""

FRACTION, SEED = "0.8", "42"


@dataclass(frozen=True)
class Project:
    """A bot made ready under ``root``; ``changed`` is what had to be, besides the split."""

    name: str
    root: Path
    changed: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """The project with the lines to train on."""
        return self.root / "project"

    def held_out(self) -> list[Example]:
        """The labelled lines that neither is trained on."""
        found = read_file(self.root / "split" / "test_data.yml").examples
        return [example for example in found if example.intent is not None]

    def conversations(self) -> list[list[str]]:
        """What the customer says in each of the bot's own test stories."""
        stories, _ = read_stories(self.folder, test_files(self.folder))
        said = [
            [step.value for step in story.steps if step.kind == "user" and step.value]
            for story in stories
        ]
        return [texts for texts in said if texts]


def limited(**more: str) -> dict[str, str]:
    """The environment of everything that is measured: one compute thread, no network chatter."""
    return {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "TF_INTRA_OP_PARALLELISM_THREADS": "1",
        "TF_INTER_OP_PARALLELISM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "RASA_TELEMETRY_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
        "HF_HUB_OFFLINE": "1",
        **more,
    }


def rasa(python: str, *arguments: str) -> list[str]:
    """A Rasa command; the interpreter's own warnings are not its output."""
    return [python, "-W", "ignore", "-m", "rasa", *arguments]


def made_ready(bot: Path, python: str, work: Path) -> Project:
    """Copy ``bot`` and divide its lines with ``rasa data split nlu``, unless that is done."""
    root = work / bot.name
    folder = root / "project"
    if not (root / "ready").exists():
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(bot, folder, ignore=shutil.ignore_patterns(".git", "models", ".rasa"))
        split = ["--nlu", "data", "--training-fraction", FRACTION, "--random-seed", SEED]
        command = rasa(python, "data", "split", "nlu", *split, "--out", str(root / "split"))
        subprocess.run(command, cwd=folder, env=limited(), check=True)
        for file in sorted((folder / "data").rglob("*.yml")):
            _without_lines(file)
        shutil.copy(root / "split" / "training_data.yml", folder / "data" / "nlu.yml")
        changed = [f"without {name}" for name in _runnable(folder / "config.yml")]
        changed += _migrated(folder, python)
        (root / "ready").write_text("\n".join(changed))
    return Project(bot.name, root, tuple((root / "ready").read_text().split("\n")))


def _migrated(folder: Path, python: str) -> list[str]:
    """Bring a domain of Rasa 2 into Rasa 3's form, which Rasa 3 insists on."""
    domain = folder / "domain.yml"
    if not str(yaml().load(domain.read_text()).get("version", "2.0")).startswith("2"):
        return []
    subprocess.run(rasa(python, "data", "migrate"), cwd=folder, env=limited(), check=True)
    (folder / "new_domain.yml").rename(domain)
    (folder / "original_domain.yml").unlink()
    return ["rasa data migrate"]


def _without_lines(file: Path) -> None:
    document = yaml().load(file.read_text())
    if document is not None and document.pop("nlu", None) is not None:
        with file.open("w") as out:
            yaml().dump(document, out)


def _runnable(config: Path) -> list[str]:
    """Take out of a pipeline what cannot run; returns what that was."""
    document: dict[str, Any] = yaml().load(config.read_text())
    named = [component["name"] for component in document["pipeline"]]
    kept = [c for c in document["pipeline"] if c["name"] not in LEFT_OUT]
    document["pipeline"] = kept
    with config.open("w") as out:
        yaml().dump(document, out)
    return [name for name in named if name in LEFT_OUT]
