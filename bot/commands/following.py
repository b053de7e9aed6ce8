"""``frontdesk next``: past logs to a network that knows which answer follows."""

from __future__ import annotations

import argparse
import time
from typing import Any

from bot.commands.files import print_summary
from bot.commands.learned import put_into_service
from bot.commands.logs import logs_read_by, redacted
from bot.commands.mining import RULES, home_of
from bot.commands.progress import Bars
from intents.understanding import Understanding
from retrieval.following import LEAST, followed, learn_following
from retrieval.next_template import FILE
from retrieval.search.index import TemplateIndex

NOTE = "which answer follows"


def train_next(given: argparse.Namespace) -> int:
    """Learn from the logs; a release with the network serves where that finds more answers."""
    began = time.perf_counter()
    home = home_of(given.home)
    understanding = Understanding.load(home.path / "current")
    log = logs_read_by(understanding, given.logs)
    bars = Bars()
    index = TemplateIndex.load(understanding.release.folder / "index")
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
        save = network.save if network is not None else None
        summary["release"] = put_into_service(home, understanding.release, FILE, save, NOTE)
    summary["seconds"] = round(time.perf_counter() - began, 1)
    print_summary(summary, given.json)
    return 0
