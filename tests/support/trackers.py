"""Assistants from a few lines of YAML, and conversations with them without a model.

``Talk`` walks the same decisions as a turn does; what actions answer is written by the test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bot.events import Event
from bot.forms import run_form
from bot.policy import CLARIFY, LISTEN, Decision, decide
from bot.requests import begin, first_request, next_request
from bot.slots import extract, initial_slots
from bot.tracker import ABANDON, HANDOFF, Tracker
from intents.assistant import Assistant
from intents.dialogue.policy import Dialogue
from intents.reading.folder import read_assistant

Remote = Callable[[Tracker], list[Event]]


def assistant_of(folder: Path, text: str) -> Assistant:
    """Read the assistant that ``text`` describes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "domain.yml").write_text('version: "3.1"\n' + text, encoding="utf-8")
    return read_assistant(folder, strict=False)


def entity(name: str, value: Any, **more: Any) -> dict[str, Any]:
    """An entity as the parse holds it."""
    return {"entity": name, "value": value, "start": 0, "end": 1, **more}


def slot(name: str, value: Any) -> Event:
    """A slot event."""
    return Event("slot", {"name": name, "value": value})


def request(
    intent: str, *entities: dict[str, Any], decision: str = "accept", text: str = ""
) -> dict[str, Any]:
    """One of several requests of a message, as the parse holds it."""
    words = text or intent
    parse = {
        "intent": {"name": intent, "confidence": 0.9},
        "entities": list(entities),
        "decision": decision,
        "options": ["hours", "points"] if decision == "clarify" else [],
        "sentiment": {"label": "neutral", "confidence": 0.9},
    }
    return {"start": 0, "end": len(words), "text": words, "parse": parse}


class Talk:
    """A conversation: what is said is understood as the test says."""

    def __init__(self, assistant: Assistant, **remote: Remote) -> None:
        self.assistant = assistant
        self.dialogue = Dialogue.of(assistant)
        self.tracker = Tracker.fresh("c1", initial_slots(assistant), "en")
        self.log: list[Event] = []
        self.remote = remote
        self.called: list[str] = []
        self.decisions: list[Decision] = []

    def apply(self, event: Event) -> None:
        """Take an event into the log and the tracker."""
        numbered = Event(event.kind, event.data, "t", event.id, event.at, len(self.log) + 1)
        self.log.append(numbered)
        self.tracker.apply(numbered)

    def say(
        self,
        intent: str | None,
        *entities: dict[str, Any],
        text: str = "words",
        decision: str = "accept",
        options: Sequence[str] = (),
        sentiment: str = "neutral",
        confidence: float = 0.9,
        continues: str | None = None,
    ) -> list[str]:
        """Say something; returns what the bot did, response and action names in order.

        :param continues: the intent of the request before that it was read behind.
        """
        parse = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "entities": list(entities),
            "decision": decision,
            "options": list(options),
            "sentiment": {"label": sentiment, "confidence": 0.9},
            **({"continues": {"intent": continues}} if continues else {}),
        }
        self.apply(Event("user", {"text": text}))
        data = {"of": len(self.log), "text": text, "parse": parse, "language": "en"}
        self.apply(Event("understood", data))
        for event in extract(self.tracker, self.assistant):
            self.apply(event)
        self.called = []
        self.decisions = []
        asyncio.run(self._all(divided=False))
        return self.called

    def say_several(self, *requests: dict[str, Any], text: str = "words") -> list[str]:
        """Say several things at once (see ``request``); returns what the bot did."""
        parse = {
            "intent": {"name": "whole", "confidence": 0.4},
            "entities": [],
            "decision": "accept",
            "options": [],
            "segments": list(requests),
        }
        self.apply(Event("user", {"text": text}))
        data = {"of": len(self.log), "text": text, "parse": parse, "language": "en"}
        self.apply(Event("understood", data))
        self.called = []
        self.decisions = []
        asyncio.run(self._all(divided=True))
        return self.called

    async def _all(self, *, divided: bool) -> None:
        if not divided:
            await self._go_on()
        item = first_request(self.tracker, self.dialogue) if divided else None
        while item := item or next_request(self.tracker, self.dialogue):
            self.apply(begin(item, self.tracker))
            for event in extract(self.tracker, self.assistant):
                self.apply(event)
            await self._go_on()
            item = None

    async def _go_on(self) -> None:
        for _ in range(12):
            decision = decide(self.tracker, self.dialogue)
            self.decisions.append(decision)
            if decision.action == LISTEN:
                return
            data = {"name": decision.action, "policy": decision.policy}
            self.apply(Event("action", data))
            for event in await self._perform(decision.action):
                self.apply(event)
        raise AssertionError(f"the bot does not come to an end: {self.called}")

    async def _perform(self, name: str) -> list[Event]:
        self.called.append(name)
        if name in self.assistant.forms:
            await run_form(name, self.tracker, self.assistant, self.apply, self._perform)
            return []
        if name == ABANDON:
            return [Event("active_loop", {"name": None})]
        if name in self.remote:
            return self.remote[name](self.tracker)
        if name == CLARIFY:
            options = list(self.tracker.message.parse["options"])
            return [Event("bot", {"text": "which", "options": options})]
        if name == HANDOFF:
            return [Event("handoff", {"reason": "asked"})]
        if name.startswith("utter_"):
            return [Event("bot", {"text": name, "template": name})]
        return []
