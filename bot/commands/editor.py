"""``frontdesk editor``: past logs to a neural editor that goes with the release."""

from __future__ import annotations

import argparse
import time
from typing import Any

from bot.commands.files import print_summary
from bot.commands.learned import put_into_service
from bot.commands.mining import RULES, home_of
from bot.commands.progress import Bars
from bot.templates import ACCEPTED
from intents.understanding import Understanding
from models.editing.editor import FILE, OFF, EditorHead
from retrieval.mining.edit_pairs import edit_pairs
from retrieval.templates import read_templates


def train_editor(given: argparse.Namespace) -> int:
    """Train on the logs; put a release with the editor into service where edits came nearer."""
    from bot.commands.logs import logs_read_by, redacted
    from models.learning.editor import EditorSettings, learn_editor

    began = time.perf_counter()
    home = home_of(given.home)
    understanding = Understanding.load(home.path / "current")
    log = logs_read_by(understanding, given.logs)
    bars = Bars()
    hidden = redacted(log, given.rules or home.assistant / RULES, bars)
    accepted = home.assistant / ACCEPTED
    templates = read_templates(accepted) if accepted.is_file() else []
    pairs = edit_pairs(hidden, [t for t in templates if t.status == "live"])
    head = learn_editor(pairs, understanding.encoder, EditorSettings(seed=given.seed), bars)
    summary: dict[str, Any] = {
        **log.counts(),
        "pairs": len(pairs),
        "phrases": [phrase.text for phrase in head.phrases],
        "drops": _used(head, 0),
        "adds": _used(head, 1),
        "release": None,
    }
    if summary["drops"] is not None or summary["adds"] is not None:
        summary["release"] = put_into_service(
            home, understanding.release, FILE, head.save, "neural editor"
        )
    summary["seconds"] = round(time.perf_counter() - began, 1)
    print_summary(summary, given.json)
    return 0


def _used(head: EditorHead, which: int) -> float | None:
    """The threshold of dropping (0) or adding (1); None where nothing passes it."""
    threshold = round(float(head.thresholds[which]), 3)
    return None if threshold >= OFF else threshold
