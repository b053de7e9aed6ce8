"""Says things: finds the template, fills it, has it checked, and keeps where it came from."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot import guard, temper
from bot.events import Event
from bot.extras import KEYS, filled, plain_buttons
from bot.following import following
from bot.generation.grounds import kinds_of, locale_of, sources_of
from bot.generation.rewriting import Rewriter
from bot.knowledge import provenance
from bot.live import Live
from bot.tracker import Tracker
from bot.variations import fitting
from intents.assistant import Assistant
from models.arrays import FloatArray
from models.checking import Checker, Verdict
from models.errors import GenerationError, MissingValue
from models.filling.composing import without_repeats
from models.filling.generator import Generated, GenerationRequest, Generator, Trace, Value
from models.filling.template_text import without_values
from models.filling.tone import apologises, cheerful, without_apology
from retrieval.search.index import Hit, Query
from retrieval.templates import Template

log = structlog.get_logger(__name__)
CANDIDATES = 8
FACTS = 3
"""Further templates that a generator that rewrites may draw on."""


@dataclass(frozen=True)
class Turned:
    """What a reply may be made of: the message's text and vector, and the values known.

    ``audience`` is ``member`` where the customer is signed in, else ``visitor``. ``earlier`` is the
    memory of what they said before.
    """

    text: str
    vector: FloatArray
    language: str
    channel: str
    values: Mapping[str, Value] = field(default_factory=dict)
    audience: str = "visitor"
    earlier: FloatArray | None = None


@dataclass(frozen=True)
class Reply(Event):
    """A bot event that still knows what it was made from, so that it can be rewritten."""

    request: GenerationRequest | None = None


class Responder:
    """Writes bot events from response names, intents or an action's words."""

    def __init__(self, generator: Generator, rewriter: Rewriter | None = None) -> None:
        self._generator = generator
        self._rewriter = rewriter
        self._checker = Checker()

    def respond(self, name: str, live: Live, tracker: Tracker, turned: Turned) -> Event | None:
        """Say the response ``name``; None when it has no wording that can be filled."""
        return self._best(live, tracker, turned, names=frozenset({name}))

    def retrieve(
        self, intents: frozenset[str] | None, live: Live, tracker: Tracker, turned: Turned
    ) -> Event | None:
        """Answer by the best template of these intents; None when there is none.

        Where all lack a value, it is asked for, if the assistant has a question for it.
        """
        return self._best(live, tracker, turned, intents=intents)

    def tell(self, answer: Mapping[str, Any], live: Live) -> Event | None:
        """Say what the knowledge graph answers; None where the words cannot be used."""
        name = f"graph:{answer['relation']}/{answer['situation']}"
        values = {key: Value(text, source) for key, (text, source) in answer["slots"].items()}
        language = str(answer["language"])
        request = GenerationRequest(
            str(answer["template"]),
            values,
            language,
            kinds=dict.fromkeys(values, "text"),
            template_id=name,
        )
        try:
            generated = self._generator.generate(request)
            verdict = self._checked(request, generated)
            sources = [t.value for t in generated.traces]
            text = guard.check(generated.text, request.template, sources)
        except GenerationError as refused:
            log.warning("reply.refused", template=name, why=refused.message)
            return None
        data = {
            "text": text,
            "language": language,
            "buttons": [],
            "template": name,
            "release": live.release,
            "generator": generated.generator,
            "provenance": {
                **provenance(answer, live.knowledge),
                "values": values_of(generated.traces),
                "checked": checked(verdict),
            },
        }
        return Reply("bot", data, request=request)

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
            "generator": "action",
            "provenance": {"source": "action", "logs": [], "values": []},
            **shown,
        }
        return Event("bot", data)

    async def refined(self, event: Event, live: Live) -> Event:
        """The reply rewritten by the generator that is set, if the checker passes that."""
        if self._rewriter is None or not isinstance(event, Reply) or event.request is None:
            return event
        return await self._rewriter.rewritten(event, event.request, live)

    def _best(
        self,
        live: Live,
        tracker: Tracker,
        turned: Turned,
        *,
        names: frozenset[str] | None = None,
        intents: frozenset[str] | None = None,
    ) -> Event | None:
        query = replace(
            _query(turned, names, intents, frozenset(tracker.recent_texts), turned.earlier),
            following=following(turned.text, turned.vector, turned.earlier, tracker, live),
        )
        hits = live.index.search(query, CANDIDATES)
        if names is not None:
            hits = _in_turn(hits, tracker)
        hits = fitting(hits, tracker.slots)
        for hit in hits:
            try:
                return self._write(hit, hits, live, tracker, turned)
            except MissingValue as missing:
                log.info("template.unfilled", template=hit.template.id, names=missing.names)
            except GenerationError as refused:
                log.warning("reply.refused", template=hit.template.id, why=refused.message)
        if live.assistant.rasa is None:
            return self._asked(query, live, tracker, turned)
        return self._bare(query, live, tracker, turned)

    def _bare(self, query: Query, live: Live, tracker: Tracker, turned: Turned) -> Event | None:
        """Say a wording without the values that are not known: a Rasa project speaks all the same.

        Rasa would say ``None`` in their place.
        """
        hits = live.index.search(replace(query, slots=None), CANDIDATES)
        for hit in fitting(hits, tracker.slots):
            lacking = [name for name in hit.template.slots if name not in turned.values]
            text = without_values(hit.template.text, lacking)
            with contextlib.suppress(GenerationError):
                if lacking and text.strip():
                    told = replace(hit, template=replace(hit.template, text=text))
                    return self._write(told, hits, live, tracker, turned)
        return None

    def _asked(self, query: Query, live: Live, tracker: Tracker, turned: Turned) -> Event | None:
        """Ask for the first value that keeps an answer from being given, if there is a question."""
        for hit in live.index.search(replace(query, slots=None), CANDIDATES):
            for name in hit.template.slots:
                question = f"utter_ask_{name}"
                if name not in turned.values and question in live.assistant.responses:
                    asked = question not in (query.names or ())
                    return self.respond(question, live, tracker, turned) if asked else None
        return None

    def _write(
        self, hit: Hit, hits: Sequence[Hit], live: Live, tracker: Tracker, turned: Turned
    ) -> Event:
        template = hit.template
        request = self._request(template, hits, live, tracker, turned)
        generated = self._generator.generate(request)
        wordless = not template.text.strip()
        shown = {name: str(value.value) for name, value in turned.values.items()}
        extras = filled(template.id, _extras(template), shown)
        verdict = None
        if not (wordless and any(key in extras for key in KEYS)):
            verdict = self._checked(request, generated)
        sources = [t.value for t in generated.traces]
        data: dict[str, Any] = {
            "text": guard.check(generated.text, template.text, sources) if verdict else "",
            "language": template.language,
            "template": template.name,
            "template_id": template.id,
            "release": live.release,
            "generator": generated.generator,
            "provenance": _provenance(hit, request, generated.traces, verdict),
            **extras,
        }
        return Reply("bot", data, request=request if verdict else None)

    def _checked(self, request: GenerationRequest, generated: Generated) -> Verdict:
        """The checker's verdict. Raises Refused where it does not pass."""
        verdict = self._checker.check(generated.text, sources_of(request, generated.traces))
        if not verdict.passed:
            raise guard.Refused(
                "The checker refuses the reply",
                found=", ".join(finding.kind for finding in verdict.findings),
            )
        return verdict

    def _request(
        self, template: Template, hits: Sequence[Hit], live: Live, tracker: Tracker, turned: Turned
    ) -> GenerationRequest:
        formats = live.assistant.settings.formats
        text = without_repeats(template.text, _said_this_turn(tracker))
        if temper.mood_now(tracker) == "negative" and _acknowledged(tracker):
            text = without_apology(text)
        upset = temper.upset(tracker.message.parse) and not _acknowledged(tracker)
        opens = not any(event["event"] == "bot" for event in tracker.events)
        others = [h.template.text for h in hits if h.template.id != template.id]
        return GenerationRequest(
            text,
            turned.values,
            locale_of(template.language, formats),
            kinds=kinds_of(text, formats),
            template_id=template.id,
            context={
                "customer": turned.text,
                **({"upset": "yes"} if upset else {}),
                **({"opening": "yes"} if opens else {}),
            },
            currency=formats.currency,
            facts=tuple(others[:FACTS]),
        )


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
    earlier: FloatArray | None = None,
) -> Query:
    return Query(
        text=turned.text,
        vector=turned.vector,
        language=turned.language,
        names=names,
        intents=intents,
        slots=frozenset(turned.values),
        channel=turned.channel,
        audience=turned.audience,
        avoid=avoid,
        earlier=earlier,
    )


def _in_turn(hits: list[Hit], tracker: Tracker) -> list[Hit]:
    """Wordings of one response in the order to try them: by tone, then the longest unsaid first.

    For somebody upset the sober ones come first, and no second apology.
    """
    recent = list(tracker.recent_texts)
    upset, acknowledged = temper.upset(tracker.message.parse), _acknowledged(tracker)

    def order(hit: Hit) -> tuple[bool, bool, int]:
        text = hit.template.text
        unfit = upset and cheerful(text), upset and apologises(text) is acknowledged
        said = max((at for at, id_ in enumerate(recent) if id_ == hit.template.id), default=-1)
        return (*unfit, said)

    return sorted(hits, key=order)


def _acknowledged(tracker: Tracker) -> bool:
    """Whether the customer has been told already that we are sorry."""
    said = (event.get("text") for event in tracker.events if event["event"] == "bot")
    return tracker.soothed or any(apologises(text) for text in said if text)


def _said_this_turn(tracker: Tracker) -> list[str]:
    """What the bot said since the customer's message; a divided one is one message."""
    said: list[str] = []
    heard = ""
    for event in tracker.events:
        if event["event"] == "user":
            message = str(event.get("message_id", "")).partition(".")[0]
            said, heard = (said if message == heard else []), message
        elif event["event"] == "bot" and event.get("text"):
            said.append(event["text"])
    return said


def _provenance(
    hit: Hit, request: GenerationRequest, traces: Sequence[Trace], verdict: Verdict | None
) -> dict[str, Any]:
    template: Template = hit.template
    return {
        "source": template.source,
        "version": template.id.rpartition("-")[2],
        "score": round(float(hit.score), 4),
        **({"following": round(hit.following, 4)} if hit.following else {}),
        "logs": [ref.conversation for ref in template.provenance],
        "values": values_of(traces),
        "adapted": request.template != template.text,
        "checked": checked(verdict),
    }


def values_of(traces: Sequence[Trace]) -> list[dict[str, Any]]:
    """Where each value stands in the text and where it came from."""
    return [
        {"placeholder": t.placeholder, "source": t.source, "start": t.start, "end": t.end}
        for t in traces
    ]


def checked(verdict: Verdict | None) -> dict[str, Any] | None:
    """The checker's verdict as plain data, without the customer's words."""
    if verdict is None:
        return None
    return {
        "passed": verdict.passed,
        "literal": verdict.literal,
        "findings": sorted({finding.kind for finding in verdict.findings}),
    }


def retrieved(name: str, tracker: Tracker, assistant: Assistant) -> str:
    """``utter_faq`` as the response that answers the message: ``utter_faq/ask_price``."""
    intent = tracker.message.parse.get("intent") or {}
    full = intent.get("full_retrieval_intent_name") or ""
    if name in assistant.responses or f"utter_{full}".split("/")[0] != name:
        return name
    return f"utter_{full}"
