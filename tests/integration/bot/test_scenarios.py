"""The retail pack's scenarios: conversations played on the real parts, a sample of every file.

``make scenarios`` plays them all.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from bot.commands.progress import Bars
from bot.trials.files import read_stories, test_files
from bot.trials.stage import staged
from bot.trials.story import play
from tests.support.timing import within

pytestmark = pytest.mark.weights

PACK = Path(__file__).parents[3] / "intents" / "packs" / "retail"
SAMPLE = 3
"""Conversations that are played of each file."""


@within(600)
async def test_that_customers_get_what_they_came_for() -> None:
    paths = [path for path in test_files(PACK) if "scenarios" in path.parts]
    stories, problems = read_stories(PACK, paths)
    assert not problems
    assert len({story.name + story.file for story in stories}) == len(stories)
    chosen = [s for _, own in groupby(stories, lambda s: s.file) for s in [*own][:SAMPLE]]
    async with staged(PACK, None, None, Bars()) as stage:
        outcomes = [await play(stage, story) for story in chosen]
    failures = [str(failure) for outcome in outcomes for failure in outcome.failures]
    assert len(outcomes) >= 6 * SAMPLE
    assert not failures, "\n".join(failures)
