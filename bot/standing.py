"""Actions that every assistant has, as Rasa defines them: back, restart, rephrase, affirm.

An assistant that declares an action of the same name runs its own instead.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from bot.events import Event
from bot.policy import BACK, RESTART, SESSION, TWO_STAGES
from intents.dialogue.history import Moment

if TYPE_CHECKING:
    from bot.work import Work

AFFIRM = "action_default_ask_affirmation"
REPHRASE = "action_default_ask_rephrase"
REVERT = "action_revert_fallback_events"
OUT_OF_SCOPE = "out_of_scope"
NOT_UNDERSTOOD = "nlu_fallback"

FAILED = frozenset({NOT_UNDERSTOOD, OUT_OF_SCOPE})
"""What a message was taken for that did not clear things up."""

Deed = Callable[["Work"], Awaitable[list[Event]]]


class Utter(Protocol):
    """Says a response of the assistant, nothing if it is missing and may be."""

    def __call__(self, name: str, work: Work, *, silent: bool = False) -> list[Event]:
        """Return the bot events."""


class Standing:
    """The deeds by action name; ``utter`` says responses, ``fill`` fills slots from a message."""

    def __init__(self, utter: Utter, fill: Deed) -> None:
        self._utter = utter
        self._fill = fill
        self.deeds: dict[str, Deed] = {
            "action_deactivate_loop": self._deactivate,
            RESTART: self._restart,
            SESSION: self._session_start,
            BACK: self._back,
            AFFIRM: self._ask_affirmation,
            REPHRASE: self._ask_rephrase,
            TWO_STAGES: self._two_stages,
            "action_unlikely_intent": self._nothing,
            REVERT: self._revert,
        }

    async def _nothing(self, work: Work) -> list[Event]:
        return []

    async def _deactivate(self, work: Work) -> list[Event]:
        return [Event("active_loop", {"name": None})]

    async def _restart(self, work: Work) -> list[Event]:
        said = self._utter("utter_restart", work, silent=True)
        return [*said, Event("restart"), Event("session_started")]

    async def _session_start(self, work: Work) -> list[Event]:
        return [Event("session_started")]

    async def _back(self, work: Work) -> list[Event]:
        """Forget the wish to go back, and the message before it."""
        said = self._utter("utter_back", work, silent=True)
        return [*said, Event("rewind"), Event("rewind")]

    async def _ask_rephrase(self, work: Work) -> list[Event]:
        return self._utter("utter_ask_rephrase", work, silent=True)

    async def _ask_affirmation(self, work: Work) -> list[Event]:
        """Ask whether the likeliest intent was meant."""
        parse = work.tracker.message.parse
        names = [item.get("name") for item in parse.get("intent_ranking", [])]
        intent = next((name for name in names if name not in (None, NOT_UNDERSTOOD)), None)
        if intent is None:
            return await self._ask_rephrase(work)
        language = work.tracker.language
        title = work.live.assistant.title(intent, language)
        chinese = language == "zh"
        buttons = [
            {"title": "是" if chinese else "Yes", "payload": f"/{intent}"},
            {"title": "不是" if chinese else "No", "payload": f"/{OUT_OF_SCOPE}"},
        ]
        text = f"您是想说“{title}”吗？" if chinese else f"Did you mean '{title}'?"
        data = {"text": text, "language": language, "template": AFFIRM, "buttons": buttons}
        return [Event("bot", data)]

    async def _two_stages(self, work: Work) -> list[Event]:
        """Ask what was meant, then to rephrase, then give up (Rasa's TwoStageFallbackAction)."""
        begun = work.tracker.active_loop != TWO_STAGES
        intents = [
            (event["parse_data"].get("intent") or {}).get("name")
            for event in work.tracker.events
            if event["event"] == "user"
        ]
        latest = intents[-1] if intents else None
        given_up = intents[-2:] == [NOT_UNDERSTOOD] * 2 or intents[-3:] == [
            OUT_OF_SCOPE,
            NOT_UNDERSTOOD,
            OUT_OF_SCOPE,
        ]
        start = [Event("active_loop", {"name": TWO_STAGES})] if begun else []
        if given_up:
            end = Event("active_loop", {"name": None})
            return [end, *self._utter("utter_default", work, silent=True), Event("rewind")]
        if latest in FAILED:
            affirms = begun or latest == NOT_UNDERSTOOD
            asked = self._ask_affirmation(work) if affirms else self._ask_rephrase(work)
            return [*start, *await asked]
        intents_before = (moment.intent for moment in _heard(work)[1:])
        failed = itertools.takewhile(FAILED.__contains__, intents_before)
        end = Event("active_loop", {"name": None})
        return [end, *_meant(work, sum(1 for _ in failed))]

    async def _revert(self, work: Work) -> list[Event]:
        """Take the messages out that were answered by asking what was meant, or to rephrase.

        For stories that ask step by step instead (``ActionRevertFallbackEvents``).
        """
        asked = _answered_by_asking(work)
        return _meant(work, asked) if asked else []


def _heard(work: Work) -> list[Moment]:
    """The moments that began with a message, the latest first."""
    return [moment for moment in reversed(work.tracker.history.moments) if moment.heard]


def _answered_by_asking(work: Work) -> int:
    """How many messages before the latest one were answered by asking back."""
    moments = work.tracker.history.moments
    heard = [at for at, moment in enumerate(moments) if moment.heard]
    count = 0
    for at in reversed(heard):
        if moments[at - 1].action not in (AFFIRM, REPHRASE):
            break
        count += 1
    return min(count, len(heard) - 1)


def _meant(work: Work, failed: int) -> list[Event]:
    """The latest message takes the place of the ``failed`` ones before it, as if never said."""
    message = work.tracker.message
    intent = {**(message.parse.get("intent") or {}), "confidence": 1.0}
    again = {
        "of": message.seq,
        "text": message.text,
        "language": work.tracker.language,
        "parse": {**message.parse, "intent": intent},
        "metadata": message.metadata,
    }
    return [*(Event("rewind") for _ in range(failed + 1)), Event("understood", again)]
