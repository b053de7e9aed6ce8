"""``frontdesk next``: past logs to a network that knows which answer follows."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.commands import print_summary
from bot.home import Home
from bot.log_commands import logs_read_by, redacted
from bot.mining import RULES, home_of
from bot.progress import Bars
from intents.release import Release
from intents.understanding import Understanding
from models.errors import BadRequest
from retrieval.following import LEAST, followed, learn_following
from retrieval.index import TemplateIndex
from retrieval.next_template import FILE, NextTemplate

NOTE = "which answer follows"


def train_next(given: argparse.Namespace) -> int:
    """Learn from the logs; a release with the network serves where that finds more answers."""
    began = time.perf_counter()
    home = home_of(given.home)
    understanding = Understanding.load(home.path / "current")
    release = understanding.release
    log = logs_read_by(understanding, given.logs)
    bars = Bars()
    index = TemplateIndex.load(release.folder / "index")
    hidden = redacted(log, given.rules or home.assistant / RULES, bars)
    found = followed(hidden, index.templates)
    network, judged = learn_following(index, found, log.encode, bars)
    summary: dict[str, Any] = {
        **log.counts(),
        "labelled": len(found),
        "judged": judged.turns,
        "first_alone": round(judged.alone, 4),
        "first_with_network": round(judged.with_network, 4),
        "weight": judged.weight,
        "release": None,
    }
    if judged.turns >= LEAST:
        summary["release"] = _published(home, release, network)
    summary["seconds"] = round(time.perf_counter() - began, 1)
    print_summary(summary, given.json)
    return 0


def _published(home: Home, judged_on: Release, network: NextTemplate | None) -> str | None:
    """Put a release with the network into service, or one without that which helps no more."""
    with home.editing(), tempfile.TemporaryDirectory(dir=home.path, prefix=".next-") as work:
        current = home.store.current()
        if current is None or current.facts.encoder != judged_on.facts.encoder:
            raise BadRequest(
                "The encoder was exchanged while this was learned", fix="Run the command again."
            )
        if network is None and FILE not in current.files:
            return None
        path = Path(work) / FILE
        if network is not None:
            network.save(path)
        made = home.store.derive(current, {FILE: path if network else None}, note=NOTE)
        home.store.promote(made.id, NOTE)
        return made.id
