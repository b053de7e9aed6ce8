"""Says things: finds the template, fills it, has it guarded, and keeps where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot import guard
from bot.events import Event
from bot.extras import KEYS, filled, plain_buttons
from bot.live import Live
from bot.tracker import Tracker
from models.arrays import FloatArray
from models.errors import GenerationError, MissingValue
from models.formatting import Kind
from models.generator import GenerationRequest, Generator, Value
from retrieval.index import Hit, Query
from retrieval.templates import Template

log = structlog.get_logger(__name__)
CANDIDATES = 8


@dataclass(frozen=True)
class Turned:
    """What a reply may be made of: the message's text and vector, and the values known."""

    text: str
    vector: FloatArray
    language: str
    channel: str
    values: Mapping[str, Value] = field(default_factory=dict)


class Responder:
    """Writes bot events from response names, intents or an action's words."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator

    def respond(self, name: str, live: Live, tracker: Tracker, turned: Turned) -> Event | None:
        """Say the response ``name``; None when it has no wording that can be filled."""
        hits = self._search(live, tracker, turned, names=frozenset({name}))
        return self._first_that_works(hits, live, tracker, turned)

    def retrieve(
        self, intents: frozenset[str] | None, live: Live, tracker: Tracker, turned: Turned
    ) -> Event | None:
        """Answer by the best template of these intents; None when there is none."""
        hits = self._search(live, tracker, turned, intents=intents)
        return self._first_that_works(hits, live, tracker, turned)

    def coverage(self, live: Live, turned: Turned) -> float:
        """How sure it is (0 to 1) that some template answers this text, whatever its intent."""
        return live.index.coverage(_query(turned, None, answerable(live), frozenset()))

    def say(
        self, text: str, buttons: list[dict[str, Any]], language: str, extra: Mapping[str, Any]
    ) -> Event:
        """Say an action's own words, or show what it sends instead of words."""
        shown = {key: extra[key] for key in KEYS if key in extra}
        data = {
            "text": guard.check(text, text, ()) if text.strip() or not shown else "",
            "language": language,
            "buttons": plain_buttons(buttons),
            **shown,
        }
        return Event("bot", data)

    def _search(
        self,
        live: Live,
        tracker: Tracker,
        turned: Turned,
        *,
        names: frozenset[str] | None = None,
        intents: frozenset[str] | None = None,
    ) -> list[Hit]:
        avoid = frozenset(tracker.recent_texts)
        hits = live.index.search(_query(turned, names, intents, avoid), CANDIDATES)
        return hits or live.index.search(_query(turned, names, intents, frozenset()), CANDIDATES)

    def _first_that_works(
        self, hits: list[Hit], live: Live, tracker: Tracker, turned: Turned
    ) -> Event | None:
        for hit in hits:
            try:
                return self._write(hit, live, turned)
            except MissingValue as missing:
                log.info("template.unfilled", template=hit.template.id, names=missing.names)
            except GenerationError as refused:
                log.warning("reply.refused", template=hit.template.id, why=refused.message)
        return None

    def _write(self, hit: Hit, live: Live, turned: Turned) -> Event:
        template = hit.template
        generated = self._generator.generate(
            GenerationRequest(
                template.text,
                turned.values,
                template.language,
                kinds={name: _kind(name) for name in template.slots},
                template_id=template.id,
            )
        )
        extras = filled(
            template.id, _extras(template), {k: str(v.value) for k, v in turned.values.items()}
        )
        wordless = not template.text.strip() and any(key in extras for key in KEYS)
        sources = [t.value for t in generated.traces]
        data: dict[str, Any] = {
            "text": "" if wordless else guard.check(generated.text, template.text, sources),
            "language": template.language,
            "template": template.name,
            "template_id": template.id,
            "release": live.release,
            "generator": generated.generator,
            "provenance": _provenance(hit, generated.traces),
            **extras,
        }
        return Event("bot", data)


def _extras(template: Template) -> dict[str, Any]:
    given = {key: getattr(template, key, None) for key in KEYS}
    return {
        "buttons": [{"title": b.title, "payload": b.payload} for b in template.buttons],
        **{key: value for key, value in given.items() if value is not None},
    }


def answerable(live: Live) -> frozenset[str]:
    """All intents: their templates answer questions, others are steps of a dialogue."""
    return frozenset(live.assistant.intents)


def _query(
    turned: Turned,
    names: frozenset[str] | None,
    intents: frozenset[str] | None,
    avoid: frozenset[str],
) -> Query:
    return Query(
        text=turned.text,
        vector=turned.vector,
        language=turned.language,
        names=names,
        intents=intents,
        slots=frozenset(turned.values),
        channel=turned.channel,
        avoid=avoid,
    )


def _kind(name: str) -> Kind:
    """Values travel as JSON; their key says how they are written."""
    if name.endswith("_amount"):
        return "money"
    return "date" if name.endswith("_date") else "text"


def _provenance(hit: Hit, traces: Any) -> dict[str, Any]:
    template: Template = hit.template
    return {
        "source": template.source,
        "score": round(float(hit.score), 4),
        "logs": [ref.conversation for ref in template.provenance],
        "values": [
            {"placeholder": t.placeholder, "source": t.source, "start": t.start, "end": t.end}
            for t in traces
        ],
    }
