"""STAR's dialogues as sequences of turns before each agent's template."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.answers.vectors import Vectors
from models.arrays import FloatArray
from retrieval.situation import Facts, Situation, remember

CUSTOM = "custom"
"""What an agent said that is no template."""
PLACE = re.compile(r"\{[^}]*\}")


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


class Recogniser:
    """The template that an agent's utterance was made of, by the utterance's own words.

    What the agent said before is known as text; which template it was is found by the templates'
    words with anything in their places, and by what was said in the dialogues learned from.
    """

    def __init__(self, by_task: dict[str, dict[str, str]], learned: Iterable[Dialogue]) -> None:
        found = {(label, text) for task in by_task.values() for label, text in task.items()}
        self._patterns = sorted(
            ((len(PLACE.sub("", text)), label, _pattern(text)) for label, text in found),
            key=lambda item: (-item[0], item[1]),
        )
        said: dict[str, Counter[str]] = defaultdict(Counter)
        for dialogue in learned:
            for step in dialogue.steps:
                if step.kind == "agent" and step.label:
                    said[step.text.lower()][step.label] += 1
        self._said = {text: counts.most_common(1)[0][0] for text, counts in said.items()}
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The label, or ``custom``."""
        text = text.lower()
        if text not in self._known:
            fitting = (label for _, label, pattern in self._patterns if pattern.fullmatch(text))
            self._known[text] = next(fitting, self._said.get(text, CUSTOM))
        return self._known[text]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*?".join(re.escape(p.strip().lower()) for p in PLACE.split(text)))


@dataclass(frozen=True)
class Case:
    """One agent's turn: the situation before it, its label, and the labels of its tasks."""

    situation: Situation
    label: str
    labels: frozenset[str]


def cases(dialogue: Dialogue, vectors: Vectors, recognise: Recogniser) -> Iterator[Case]:
    """Every agent's turn whose label has a template in the dialogue's tasks."""
    now = _Heard(vectors)
    for step in dialogue.steps:
        if step.kind == "customer" and step.text:
            now.lines.append(step.text)
        elif step.kind == "result":
            now.results.append(step.facts)
            now.fresh = True
        elif step.kind == "agent":
            if step.label in dialogue.labels and step.label is not None:
                yield Case(now.situation(), step.label, dialogue.labels)
            now.reply(step.text, recognise(step.text))


class _Heard:
    """What has happened in a dialogue so far; ``lines`` are the customer's since the last reply."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._earlier: FloatArray | None = None
        self._before: list[str] = []
        self._replied: FloatArray | None = None
        self._said: list[str] = []
        self.lines: list[str] = []
        self.results: list[Facts] = []
        self.fresh = False

    def situation(self) -> Situation:
        lines = self._vectors(self.lines or [""])
        return Situation(
            text=" ".join(self.lines),
            vector=lines[-3:].mean(axis=0),
            replied=self._replied,
            earlier=self._earlier,
            before=" ".join(self._before),
            said=tuple(self._said),
            results=tuple(self.results),
            fresh=self.fresh,
            turns=1 + len(self._said) + len(self._before),
        )

    def reply(self, text: str, label: str) -> None:
        for line in self._vectors(self.lines):
            self._earlier = remember(self._earlier, line)
        self._before += self.lines
        self._replied = self._vectors([text])[0] if text else None
        self._said.append(label)
        self.lines, self.fresh = [], False
