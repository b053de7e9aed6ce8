"""STAR's dialogues as sequences of turns before each agent's template."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Step:
    """What the product would know at this point: an utterance, or a knowledge base's result.

    ``kind`` is ``customer``, ``agent`` or ``result``. ``label`` is the gold template of an agent's
    step: what is to be found, never an input. ``facts`` are a result's fields.
    """

    kind: str
    text: str = ""
    label: str | None = None
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Dialogue:
    """Steps in order, and the labels that have a template in one of the dialogue's tasks."""

    id: str
    steps: tuple[Step, ...]
    labels: frozenset[str]


def templates(folder: Path) -> dict[str, dict[str, str]]:
    """Label to template text, for each task."""
    return {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("tasks/*/responses.json"))
    }


def dialogues(folder: Path) -> Iterator[Dialogue]:
    """Every dialogue of ``dialogues.jsonl.gz``.

    Suggestions asked for (``request_suggestions``), their options, queries and chosen items are
    left out: they tell what the agent was about to say.
    """
    by_task = templates(folder)
    with gzip.open(folder / "dialogues.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            tasks = [part["Task"] for part in row["Scenario"]["WizardCapabilities"]]
            yield Dialogue(
                str(row["DialogueID"]),
                tuple(step for event in row["Events"] for step in _step(event)),
                frozenset(label for task in tasks for label in by_task.get(task, {})),
            )


def _step(event: dict[str, Any]) -> list[Step]:
    agent, action = event["Agent"], event["Action"]
    if agent == "User" and action == "utter":
        return [Step("customer", event["Text"].strip())]
    if agent == "Wizard" and action in ("utter", "pick_suggestion"):
        return [Step("agent", event["Text"].strip(), event.get("ActionLabel"))]
    if agent == "KnowledgeBase":
        item = event.get("Item") or {}
        facts = tuple(sorted((str(k), str(v)) for k, v in item.items()))
        return [Step("result", facts=(*facts, ("results", str(event.get("TotalItems")))))]
    return []
