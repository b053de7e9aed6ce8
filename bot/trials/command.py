"""``frontdesk test``: play a project's test stories, print what passed and what did not."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from bot.commands.files import print_json
from bot.commands.progress import Bars
from bot.trials.files import TestStory, read_stories, test_files
from bot.trials.outcome import Outcome
from bot.trials.stage import LEFT_OUT, Stage, staged
from bot.trials.story import play
from intents.importing.older import is_older, renewed
from models.errors import BadRequest, DataError


def test(given: argparse.Namespace) -> int:
    """Play every test story of ``given.path``; 1 if any failed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    root: Path = given.path
    if not root.is_dir():
        raise BadRequest(f"{root} is no project", expected="a folder", fix="Check the path.")
    with contextlib.ExitStack() as stack:
        return _tested(root, _of_today(root, stack), given)


test.__test__ = False  # type: ignore[attr-defined]


def _of_today(root: Path, stack: contextlib.ExitStack) -> Path:
    """The project, or a copy of it in today's files where it is of Rasa 1.x."""
    if not is_older(root):
        return root
    copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fd-"))) / root.name
    shutil.copytree(root, copy, ignore=LEFT_OUT)
    renewed(root, copy)
    _say(f"{root} is a project of Rasa 1.x; what 'frontdesk import' makes of it is tested.")
    return copy


def _tested(root: Path, project: Path, given: argparse.Namespace) -> int:
    paths = given.stories or test_files(root)
    stories, problems = read_stories(root, paths)
    wanted = [story for story in stories if not given.only or given.only in story.name]
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise DataError(f"{len(errors)} steps of the test stories cannot be read", errors)
    for problem in problems:
        _say(str(problem))
    if not wanted:
        raise BadRequest(
            f"There are no test stories in {root}",
            expected="tests/*.yml with stories or test_cases",
            fix="Name them with --stories.",
        )
    summary = asyncio.run(_run(project, wanted, given))
    if given.json:
        print_json(summary)
    return 1 if summary["failed"] else 0


async def _run(
    root: Path, stories: Sequence[TestStory], given: argparse.Namespace
) -> dict[str, Any]:
    async with staged(root, given.actions, given.python, Bars()) as stage:
        began = time.perf_counter()
        if stage.actions is None and stage.live.assistant.actions:
            if stage.silent:
                _say(stage.silent)
            _say(
                "No action server: what custom actions and forms bring about is taken from the "
                "stories, as Rasa's own test does. Give --actions URL to run them."
            )
        outcomes = []
        for story in stories:
            outcome = await play(stage, story)
            outcomes.append(outcome)
            _tell(outcome, verbose=given.verbose)
        return _summary(outcomes, stage, time.perf_counter() - began)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _tell(outcome: Outcome, *, verbose: bool) -> None:
    story = outcome.story
    without = f"; steps not run: {outcome.not_run.total()}" if outcome.not_run else ""
    said = "passed" if outcome.passed else "FAILED"
    _say(f"{said}  {story.name}  ({story.file}:{story.line}{without})")
    for failure in outcome.failures:
        _say(f"    {failure}")
    for note in outcome.notes if verbose else ():
        _say(f"    note: {note}")


def _summary(outcomes: Sequence[Outcome], stage: Stage, seconds: float) -> dict[str, Any]:
    failed = [outcome for outcome in outcomes if not outcome.passed]
    untested = sum(outcome.passed and bool(outcome.not_run) for outcome in outcomes)
    not_run = sum((outcome.not_run for outcome in outcomes), Counter[str]())
    but = f", {untested} of them with steps that were not run" if untested else ""
    _say(f"{len(outcomes) - len(failed)} of {len(outcomes)} stories passed{but}")
    if not_run:
        _say("not run: " + ", ".join(f"{name} ({n})" for name, n in not_run.most_common()))
    return {
        "stories": len(outcomes),
        "passed": len(outcomes) - len(failed),
        "failed": len(failed),
        "passed_in_part": untested,
        "not_run": dict(not_run.most_common()),
        "actions": sum(outcome.actions for outcome in outcomes),
        "action_server": stage.actions is not None,
        "train_seconds": stage.trained,
        "seconds": round(seconds, 2),
        "decided": [one for outcome in outcomes for one in outcome.decided],
        "accuracy": stage.live.understanding.release.facts.accuracy,
        "failures": [
            {
                "story": outcome.story.name,
                "file": failure.file,
                "line": failure.line,
                "expected": failure.expected,
                "found": failure.found,
                "why": failure.why,
            }
            for outcome in failed
            for failure in outcome.failures
        ],
    }
