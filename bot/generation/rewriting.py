"""Rewriting: another generator says the filled reply its own way, if the checker lets it.

The filler's reply is there already; whatever goes wrong, it goes out.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, replace
from typing import Any

import structlog

from bot import guard
from bot.events import Event
from bot.generation.grounds import sources_of
from bot.live import Live
from models.checking import Checker
from models.checking.reader import PairReader, shipped_reader
from models.errors import FrontdeskError, GenerationError, ModelError
from models.filling.generator import (
    Generated,
    GenerationRequest,
    Generator,
    as_template,
    resolve,
)

log = structlog.get_logger(__name__)


class Breaker:
    """Stops asking for ``pause`` seconds after ``limit`` failures in a row."""

    def __init__(self, limit: int = 3, pause: float = 30.0) -> None:
        self._limit, self._pause = limit, pause
        self._failures, self._until = 0, 0.0

    @property
    def open(self) -> bool:
        """Whether nothing is asked at the moment."""
        return time.monotonic() < self._until

    def note(self, worked: bool) -> None:
        """Count a failure, or forget those before."""
        self._failures = 0 if worked else self._failures + 1
        if self._failures >= self._limit:
            self._until, self._failures = time.monotonic() + self._pause, 0


class Rewriter:
    """Runs a generator beside the event loop, within a time, behind a breaker and the checker."""

    def __init__(
        self, generator: Generator, timeout: float, breaker: Breaker | None = None
    ) -> None:
        self._generator = generator
        self.name = generator.name
        self._timeout = timeout
        self._breaker = breaker or Breaker()
        self._checker = Checker(_reader())

    async def written(self, request: GenerationRequest, live: Live) -> Generated:
        """The generator's words, written beside the event loop."""
        return await asyncio.to_thread(self._generator.generate, request)

    async def rewritten(self, event: Event, request: GenerationRequest, live: Live) -> Event:
        """The event with the generator's words, or as it was with what spoke against them."""
        request = replace(request, template=as_template(resolve(request)))
        if self._breaker.open:
            return _noted(event, self.name, ["paused"])
        try:
            async with asyncio.timeout(self._timeout):
                made = await self.written(request, live)
        except (GenerationError, ModelError, TimeoutError) as error:
            self._breaker.note(False)
            log.warning("generator.failed", generator=self.name, why=str(error)[:200])
            return _noted(event, self.name, ["failed"])
        self._breaker.note(True)
        if made.text == event.data["text"]:
            return event
        return await asyncio.to_thread(self._judged, event, request, made)

    def _judged(self, event: Event, request: GenerationRequest, made: Generated) -> Event:
        verdict = self._checker.check(made.text, sources_of(request, made.traces))
        kinds = sorted({finding.kind for finding in verdict.findings})
        if not verdict.passed:
            log.info("rewriting.refused", generator=made.generator, findings=kinds)
            return _noted(event, made.generator, kinds)
        try:
            values = [t.value for t in made.traces]
            facts = "\n".join((request.template, *request.facts))
            text = guard.check(made.text, facts, values)
        except guard.Refused:
            return _noted(event, made.generator, ["guard"])
        provenance = {
            **event.data["provenance"],
            "values": [
                {"placeholder": t.placeholder, "source": t.source, "start": t.start, "end": t.end}
                for t in made.traces
            ],
            "checked": {"passed": True, "literal": verdict.literal, "findings": []},
            **({"edits": [asdict(edit) for edit in made.edits]} if made.edits else {}),
        }
        data = {**event.data, "text": text, "generator": made.generator, "provenance": provenance}
        return replace(event, data=data)


def _reader() -> PairReader | None:
    """The trained reader, where its encoder is installed; evidence alone judges otherwise."""
    try:
        return shipped_reader()
    except (ImportError, OSError, FrontdeskError) as error:
        log.warning("checker.no_reader", why=str(error)[:200])
        return None


def _noted(event: Event, generator: str, findings: list[str]) -> Event:
    """The event as it was, with who was refused and why."""
    refused: dict[str, Any] = {"generator": generator, "findings": findings}
    provenance = {**event.data["provenance"], "refused": refused}
    return replace(event, data={**event.data, "provenance": provenance})
