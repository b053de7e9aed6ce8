"""Rasa 1.x's stories in Markdown.

## a title
* greet OR hello{"name": "Ann"}
  - utter_greet
  - slot{"known": true}
  - some_form
  - form{"name": "some_form"}
> checkpoint
* bye: see you [tomorrow](time)       in end-to-end tests
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from intents.assistant import Place, Rule, Step
from intents.reading.base import Training
from intents.reading.markdown import uncommented

_USER = re.compile(r"\s*\*(?!\*)\s*(.+?)\s*$")
_BOT = re.compile(r"\s*-(?!-)\s*(.+?)\s*$")
_CHECKPOINT = re.compile(r"\s*>\s*([^{\s]+)\s*(\{.*\})?\s*$")
_CALL = re.compile(r"([^{:]+?)\s*(\{.*\})?$")
_SAID = re.compile(r"([^\s:{]+)\s*:\s*(.+)$")
_NO_STEP = ("reset_slots", "restart", "undo", "rewind", "pause", "resume", "export", "followup")

_RENAMED = {"action_deactivate_form": "action_deactivate_loop"}
"""What built-in actions have been called since 2.0."""

_RETRIEVES = "respond_"
"""How actions began that answer a retrieval intent; since 2.0 they begin as responses do."""


def is_stories(text: str) -> bool:
    """Whether a Markdown file holds stories."""
    rows = text.split("\n")
    return any(row.startswith("## ") for row in rows) and (
        any(_USER.match(row) for row in rows) or any(_CHECKPOINT.match(row) for row in rows)
    )


def read_stories(text: str, file: str, into: Training) -> list[Rule]:
    """The stories of a file; what cannot be read is reported in ``into``."""
    found: list[Rule] = []
    title, place = "", Place(file, 1)
    steps: list[Step] = []
    for line, row in enumerate([*uncommented(text).split("\n"), "## "], 1):
        if row.startswith("#"):
            if steps:
                found.append(Rule(title or f"{file}:{place.line}", tuple(steps), place=place))
            title, place, steps = row.strip("# ").strip(), Place(file, line), []
        elif row.strip():
            steps += _steps(row, Place(file, line), into)
    return found


def _steps(row: str, place: Place, into: Training) -> Iterator[Step]:
    checkpoint, user, bot = _CHECKPOINT.match(row), _USER.match(row), _BOT.match(row)
    if checkpoint is not None:
        pairs = tuple(_object(checkpoint[2], place, into).items())
        yield Step("checkpoint", checkpoint[1], place=place, slots=pairs)
    elif user is not None:
        choices = [_said(one, place, into) for one in user[1].split(" OR ")]
        yield choices[0] if len(choices) == 1 else Step("or", tuple(choices), place=place)
    elif bot is not None:
        yield from _done(bot[1], place, into)
    else:
        into.report(
            place.file, place.line, "a line that starts with *, - or >", repr(row[:60]), "Mend it."
        )


def _said(text: str, place: Place, into: Training) -> Step:
    text = text.strip().removeprefix("form: ")
    said = _SAID.match(text)
    if said is not None and "{" not in said[1]:
        return Step("intent", said[1], place=place, text=said[2].strip())
    call = _CALL.match(text)
    name = (call[1] if call else text).strip().strip("()").removeprefix("/")
    values = _object(call[2] if call else None, place, into)
    entities = tuple({key: value} for key, value in values.items())
    return Step("intent", name, entities, place)


def _done(text: str, place: Place, into: Training) -> Iterator[Step]:
    call = _CALL.match(text.removeprefix("form: "))
    name = (call[1] if call else text).strip()
    name = _RENAMED.get(name, name)
    if name.startswith(_RETRIEVES):
        name = "utter_" + name.removeprefix(_RETRIEVES)
    values = _object(call[2] if call else None, place, into)
    if name == "slot":
        yield Step("slot_was_set", tuple(values.items()), place=place)
    elif name in ("form", "active_loop"):
        yield Step("active_loop", values.get("name"), place=place)
    elif name in _NO_STEP:
        into.report(
            place.file,
            place.line,
            "actions, slots and forms in a story",
            f"the event {name!r}",
            "An action has to bring it about; it is left out here.",
            "warning",
        )
    else:
        yield Step("action", name, place=place)


def _object(text: str | None, place: Place, into: Training) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if isinstance(read, dict):
        return read
    into.report(
        place.file,
        place.line,
        "a JSON object in curly brackets",
        text[:60],
        "Put keys and texts in double quotes; the step is kept without it.",
        "warning",
    )
    return {}
