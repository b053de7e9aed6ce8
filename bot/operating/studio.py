"""The operator's side: add and change intents live, try a message, look at turns and releases.

A change is written to a copy of the working assistant, re-fitted, gated and released; only then
does the copy become the working one. Turns in flight keep the release they began with.
"""

from __future__ import annotations

import asyncio
import importlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.events import Event
from bot.home import Home
from bot.inference import Inference
from bot.knowledge import Heard, look_up
from bot.language import choose
from bot.live import Releases
from bot.operating.changes import apply
from bot.operating.review import Acceptance, ReviewQueue
from bot.responder import Responder, Turned
from bot.templates import add_templates, renew_index, spoken_in
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.parse import Parse
from intents.reading.folder import read_assistant
from intents.refit import rehearse
from intents.validate import validate
from intents.writing import edits as writing
from models.errors import BadRequest, Conflict, GenerationError, NotFound
from models.filling.generator import placeholders

MIN_EXAMPLES = 5
CHANGE_NEEDS = ("scipy.sparse", "scipy.special", "scipy.optimize")
_NAME = re.compile(r"[A-Za-z\u4e00-\u9fff][\w\u4e00-\u9fff-]{0,63}")


@dataclass(frozen=True)
class Changed:
    """What a change led to."""

    release: str
    seconds: float
    gate: dict[str, Any]
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class NewIntent:
    """What an operator writes to add an intent."""

    name: str
    examples: Sequence[str]
    replies: dict[str, str]
    description: str = ""
    override: bool = False


class Studio:
    """Changes the assistant and shows what it makes of messages."""

    def __init__(
        self,
        home: Home,
        releases: Releases,
        responder: Responder,
        inference: Inference,
    ) -> None:
        self._home = home
        self._releases = releases
        self._responder = responder
        self._inference = inference
        self.queue = ReviewQueue(home)

    # -- looking ----------------------------------------------------------------------------

    def intents(self) -> dict[str, Any]:
        """List the intents with their counts."""
        live = self._releases.live
        assistant = live.assistant
        return {
            "release": live.release,
            "languages": list(assistant.languages),
            "intents": [self._row(name, assistant) for name in sorted(assistant.intents)],
        }

    def _row(self, name: str, assistant: Assistant) -> dict[str, Any]:
        examples = assistant.examples_of(name)
        counts = dict.fromkeys(assistant.languages, 0)
        for example in examples:
            language = choose(
                example.text, assistant.settings.default_language, assistant.languages
            )
            counts[language] = counts.get(language, 0) + 1
        info = assistant.settings.intents.get(name)
        return {
            "name": name,
            "description": info.description if info else "",
            "examples": counts,
            "has_reply": any(True for _ in spoken_in(assistant, f"utter_{name}")),
            "replies": _replies(name, assistant),
        }

    def intent(self, name: str) -> dict[str, Any]:
        """Return one intent with its examples. Raises NotFound."""
        assistant = self._releases.live.assistant
        if name not in assistant.intents:
            raise NotFound(f"There is no intent {name}")
        default = assistant.settings.default_language
        return {
            **self._row(name, assistant),
            "examples": [
                {"text": e.text, "language": choose(e.text, default, assistant.languages)}
                for e in assistant.examples_of(name)
            ],
        }

    async def parse(self, text: str) -> dict[str, Any]:
        """Show what the live release makes of ``text``, and what it would reply."""
        began = time.perf_counter()
        live = self._releases.live
        parsed = await self._inference.parse(live.understanding, text)
        default = live.assistant.settings.default_language
        language = choose(text, default, live.assistant.languages)
        turned = Turned(text, parsed.vector, language, "studio")
        tracker = Tracker.fresh("studio", live.initial_slots, language)
        reply = self._from_graph(parsed, text, language)
        if reply is None and parsed.decision == "accept":
            intents = frozenset({parsed.intent})
            reply = self._responder.retrieve(intents, live, tracker, turned)
        return {
            "parse": {
                **parsed.as_rasa(),
                "decision": parsed.decision,
                "options": list(parsed.options),
                "out_of_scope": parsed.out_of_scope,
                "sentiment": parsed.sentiment,
                "nearest": [
                    {"text": n.text, "intent": n.intent, "similarity": n.similarity}
                    for n in live.understanding.nearest(parsed.vector, 5)
                ],
            },
            "reply": reply
            and {
                "template": reply.data["template"],
                "text": reply.data["text"],
                "path": reply.data["provenance"].get("path", []),
            },
            "release": live.release,
            "ms": round((time.perf_counter() - began) * 1000, 2),
        }

    def _from_graph(self, parsed: Parse, text: str, language: str) -> Event | None:
        """What the knowledge graph would say, if anything."""
        live = self._releases.live
        if live.knowledge is None:
            return None
        read = {**parsed.as_rasa(), "decision": parsed.decision}
        heard = Heard(text, language, read, parsed.vector, time.time())
        answer = look_up(heard, {}, live.knowledge).get("answer")
        return self._responder.tell(answer, live) if answer else None

    def releases(self) -> dict[str, Any]:
        """List the releases, newest first."""
        return {
            "current": self._home.store.current_id(),
            "releases": [
                {
                    "id": release.id,
                    "created": release.facts.created,
                    "mode": release.facts.mode,
                    "intents": len(release.facts.labels),
                    "examples": release.facts.examples,
                    "accuracy": release.facts.accuracy,
                    "note": release.facts.note,
                }
                for release in self._home.store.list()
            ],
        }

    # -- changing ---------------------------------------------------------------------------

    async def add_intent(self, new: NewIntent) -> Changed:
        """Add an intent and put it into service. Raises BadRequest, Conflict, GateRefused."""
        examples = _distinct(new.examples)
        if not _NAME.fullmatch(new.name):
            raise BadRequest(
                "This name cannot be used for an intent",
                expected="a letter, then letters, digits, '_' or '-' (64 at most)",
                found=repr(new.name[:70]),
            )
        # A described intent works by its description until there are lines.
        if examples or not new.description.strip():
            _check_enough(examples)
        if not any(text.strip() for text in new.replies.values()):
            raise BadRequest("There is no reply", fix="Write it in at least one language.")
        _check_fillable(f"utter_{new.name}", new.replies, self._releases.live.assistant)
        if new.name in self._releases.live.assistant.intents:
            raise Conflict(f"There is an intent {new.name} already", fix="Change that one.")

        def write(folder: Path) -> None:
            writing.add_intent(
                folder,
                new.name,
                examples,
                {k: v for k, v in new.replies.items() if v.strip()},
                description=new.description,
            )

        return await self._change(write, f"added {new.name}", learns=True, override=new.override)

    async def change_intent(
        self, name: str, examples: Sequence[str] | None, replies: dict[str, str] | None
    ) -> Changed:
        """Replace an intent's examples or replies."""
        self.intent(name)
        if examples is not None:
            _check_enough(_distinct(examples))
        _check_fillable(f"utter_{name}", replies or {}, self._releases.live.assistant)

        def write(folder: Path) -> None:
            if examples is not None:
                writing.set_examples(folder, name, _distinct(examples))
            if replies is not None:
                writing.set_response(folder, f"utter_{name}", replies)

        return await self._change(write, f"changed {name}", learns=examples is not None)

    async def remove_intent(self, name: str) -> Changed:
        """Take an intent out."""
        self.intent(name)
        return await self._change(
            lambda folder: writing.remove_intent(folder, name), f"removed {name}", learns=True
        )

    async def set_response(self, name: str, replies: dict[str, str]) -> Changed:
        """Change a response's words; nothing is learned anew."""
        if name not in self._releases.live.assistant.responses:
            raise NotFound(f"There is no response {name}")
        _check_fillable(name, replies, self._releases.live.assistant)
        return await self._change(
            lambda folder: writing.set_response(folder, name, replies),
            f"changed {name}",
            learns=False,
        )

    async def accept(self, identifier: str, how: Acceptance, by: str) -> Changed:
        """Put a mined proposal into service. Raises NotFound, BadRequest."""
        template = await asyncio.to_thread(self.queue.accepted, identifier, how)
        assistant = self._releases.live.assistant
        if unknown := [name for name in template.intents if name not in assistant.intents]:
            raise BadRequest(
                "There is no such intent", found=", ".join(unknown), fix="Choose one, or add it."
            )
        _check_fillable(template.name, {template.language: template.text}, assistant)
        changed = await self._change(
            lambda folder: add_templates(folder, [template]),
            f"accepted an answer to {template.intents[0]}",
            learns=False,
        )
        decide = self.queue.decide
        await asyncio.to_thread(decide, [identifier], "accepted", by, template=template.id)
        if merged := [other for other in how.merge if other != identifier]:
            await asyncio.to_thread(decide, merged, "merged", by, template=template.id)
        return changed

    async def promote(self, release: str) -> str:
        """Put a release into service. Raises ReleaseNotFound, ReleaseAltered."""
        await asyncio.to_thread(self._home.promote, release, "studio")
        await self._releases.follow()
        return release

    def warmth(self) -> Iterator[str]:
        """Do step by step, each with a name, what the first change would otherwise wait for.

        Libraries that only changes need, a first reading and check of the assistant, the words
        and names in its templates, and a fit.
        """
        for name in CHANGE_NEEDS:
            importlib.import_module(name)
            yield name
        assistant = read_assistant(self._home.assistant, strict=False)
        yield "reading"
        validate(assistant)
        yield "checking"
        live = self._releases.live
        renew_index(live.index, assistant, self._home.assistant, live.embed)
        yield "templates"
        _ = live.problems
        yield "problems"
        rehearse(live.understanding.release)
        yield "fitting"

    async def _change(
        self, write: Callable[[Path], object], note: str, *, learns: bool, override: bool = False
    ) -> Changed:
        began = time.perf_counter()
        changed = await asyncio.to_thread(
            apply, self._home, self._releases.live, write, note, learns=learns, override=override
        )
        self._releases.read = (changed.release, changed.assistant)
        await self._releases.follow()
        seconds = round(time.perf_counter() - began, 3)
        return Changed(changed.release, seconds, changed.gate, changed.warnings)


def _replies(name: str, assistant: Assistant) -> dict[str, str]:
    default = assistant.settings.default_language
    found: dict[str, str] = {}
    for variation in assistant.responses.get(f"utter_{name}", ()):
        for language in assistant.languages:
            text = variation.text_in(language, default)
            if text and language not in found:
                found[language] = text
    return found


def _check_enough(examples: Sequence[str]) -> None:
    if len(examples) < MIN_EXAMPLES:
        raise BadRequest(
            "Too few examples",
            expected=f"at least {MIN_EXAMPLES} different ones",
            found=str(len(examples)),
            fix="Write down how customers really ask for it.",
        )


def _check_fillable(name: str, replies: Mapping[str, str], assistant: Assistant) -> None:
    """Refuse words with a placeholder that no slot, and no reply of this name so far, has."""
    before = [
        text
        for variation in assistant.responses.get(name, ())
        for text in (variation.text, *variation.translation.values())
    ]
    known = {*assistant.slots, *(n for text in before for n in placeholders(text or ""))}
    try:
        unknown = {n for text in replies.values() for n in placeholders(text)} - known
    except GenerationError as error:
        raise BadRequest(
            error.message, expected=error.expected, found=error.found, fix=error.fix
        ) from error
    if unknown:
        raise BadRequest(
            "The reply names a value that nobody knows",
            expected=", ".join(f"{{{n}}}" for n in sorted(known)) or "no placeholder",
            found=", ".join(f"{{{n}}}" for n in sorted(unknown)),
            fix="Write the value itself, or use one of the assistant's slots.",
        )


def _distinct(examples: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(text.strip() for text in examples if text.strip()))
