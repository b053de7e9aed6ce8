"""Does what the policy decided: says a response, runs a form or an action, hands over.

Each deed adds events to the turn. Actions that reach the action server are recorded step by
step, so that a turn that is taken up again does not act twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import structlog

from bot.actions.client import ActionClient
from bot.actions.remote import VALIDATE_SLOTS, Remote
from bot.actions.result import ActionResult
from bot.buttons import seal, unseal
from bot.contacts import SAVED, contact_given, contact_in
from bot.escalations import Escalations
from bot.events import Event
from bot.extras import KEYS, plain_buttons, plain_cards
from bot.forms import LET_GO, run_form
from bot.knowledge import best_kept
from bot.phrases.changing import leaves
from bot.policy import (
    CLARIFY,
    FALLBACK,
    KEEP_CONTACT,
    KNOWLEDGE,
    LISTEN,
    REPEAT,
    RETRIEVE,
    SCREEN,
    SESSION,
    STILL_CLOSED,
    Decision,
)
from bot.rasa.nlg_client import NlgClient, unworded
from bot.record.record import Record
from bot.repairs import STUCK
from bot.responder import Responder, Turned, answerable, retrieved
from bot.secrets import Signer
from bot.slots import custom_actions, extract
from bot.standing import Standing
from bot.temper import SOOTHING, acknowledges
from bot.tracker import ABANDON, HANDOFF
from models.errors import ActionError, ActionRejected
from models.filling.generator import Value

if TYPE_CHECKING:
    from bot.work import Work

log = structlog.get_logger(__name__)

EXTRACT = "action_extract_slots"
LEAD_IN = "utter_next_request"
FILE_KEPT = "utter_file_kept"
"""Said where a form's question could not be answered, if the assistant has it: offers a person."""
LONGEST_QUOTE = 120

OTHER_DESKS = frozenset({"chatwoot"})
"""Channels with a desk of their own, whose people take over there."""

COVERED = 0.75
"""A question outside every intent is answered when retrieval is at least this sure."""


class Deeds:
    """The bot's repertoire."""

    def __init__(
        self,
        record: Record,
        responder: Responder,
        actions: ActionClient,
        escalations: Escalations,
        buttons: Signer,
        nlg: NlgClient | None = None,
    ) -> None:
        self._nlg = nlg
        self._responder = responder
        self._remotely = Remote(record, actions)
        self._escalations = escalations
        self._buttons = buttons
        self._built_in = {
            RETRIEVE: self._retrieve,
            KNOWLEDGE: self._answer_from_graph,
            CLARIFY: self._clarify,
            FALLBACK: self._fall_back,
            HANDOFF: self._hand_over,
            KEEP_CONTACT: self._keep_contact,
            ABANDON: self._abandon,
            REPEAT: self._repeat,
            SCREEN: self._screen,
            EXTRACT: self._extracted,
            **Standing(self._utter, self._fill_slots).deeds,
        }

    async def do(self, decision: Decision, work: Work) -> None:
        """Carry a decision out; every event it causes goes into the turn."""
        name = decision.action
        if acknowledges(name, decision.policy, work.tracker, work.live.assistant):
            for event in self._utter(SOOTHING, work):
                work.apply(event)
        if decision.interrupted:
            work.apply(Event("loop_interrupted", {"is_interrupted": True}))
        data: dict[str, Any] = {
            "name": name,
            "policy": decision.policy,
            "reason": decision.reason,
            "confidence": decision.confidence,
        }
        if decision.others:
            data["others"] = list(decision.others)
        if decision.hidden:
            data["hidden"] = True
        work.apply(Event("action", data))
        for event in await self._perform(name, work):
            refined = await self._responder.refined(event, work.live)
            work.apply(self._sealed(refined, work.conversation.id))

    async def begin_session(self, work: Work, *, expired: bool) -> None:
        """Begin a session, by the assistant's own action if it has one."""
        carry = work.live.assistant.session_config.carry_over_slots_to_new_session
        if SESSION in work.live.assistant.actions:
            for event in await self._remote(SESSION, work, quiet=True):
                work.apply(self._sealed(event, work.conversation.id))
        if not work.tracker.started or (expired and work.tracker.trail):
            data = {"carry_over": carry} if expired else {}
            work.apply(Event("session_started", data))

    async def fill_slots(self, work: Work) -> None:
        """Fill slots from the latest message, as every message does before anything is decided."""
        for event in await self._fill_slots(work):
            work.apply(self._sealed(event, work.conversation.id))

    async def _fill_slots(self, work: Work) -> list[Event]:
        tracker, assistant = work.tracker, work.live.assistant
        found = extract(tracker, assistant)
        for action in custom_actions(tracker, assistant):
            found += _told(await self._remote(action, work, quiet=True))
        if not found or VALIDATE_SLOTS not in assistant.actions:
            return found
        for event in found:
            work.apply(event)
        return _told(await self._remote(VALIDATE_SLOTS, work, quiet=True))

    async def _extracted(self, work: Work) -> list[Event]:
        return await self._fill_slots(work)

    def _sealed(self, event: Event, conversation: str) -> Event:
        """Sign the buttons, so that what a customer presses is what the bot offered here."""
        if event.kind == "bot":
            event.data["buttons"] = [
                {
                    "title": item["title"],
                    "payload": seal(self._buttons, conversation, item["payload"]),
                }
                for item in event.data.get("buttons", [])
            ]
            if "elements" in event.data:
                cards = plain_cards(event.data["elements"])
                for button in (button for card in cards for button in card["buttons"]):
                    if "payload" in button:
                        button["payload"] = seal(self._buttons, conversation, button["payload"])
                event.data["elements"] = cards
        return event

    async def _perform(self, name: str, work: Work) -> list[Event]:
        """Do an action; an NLG server words what it says where one is set."""
        events = await self._performed(name, work)
        if self._nlg is None:
            return events
        channel = work.conversation.channel
        return await self._nlg.all_worded(events, work.tracker, channel, self._responder.say)

    async def _performed(self, name: str, work: Work) -> list[Event]:
        assistant = work.live.assistant
        if name in self._built_in and name not in assistant.actions:
            return await self._built_in[name](work)
        if name in assistant.forms:
            await self._form(name, work)
            return []
        if name in work.live.dialogue.uttered:
            return [self._responder.say(name, [], work.tracker.language, {})]
        if name.startswith("utter_"):
            return self._utter(retrieved(name, work.tracker, assistant), work)
        return await self._remote(name, work)

    # -- saying -----------------------------------------------------------------------------

    def _utter(
        self,
        name: str,
        work: Work,
        values: Mapping[str, Value] | None = None,
        *,
        silent: bool = False,
    ) -> list[Event]:
        """Say a response; ``silent`` if it may be missing."""
        if silent and name not in work.live.assistant.responses:
            return []
        said = self._responder.respond(name, work.live, work.tracker, self._turned(work, values))
        if said is None and self._nlg is not None:
            return [unworded(name, work.tracker.language, values or {})]
        if said is None:
            log.warning("response.missing", name=name, language=work.tracker.language)
            work.unsaid = True
            return []
        return [said]

    def _turned(self, work: Work, values: Mapping[str, Value] | None = None) -> Turned:
        understood = work.understood
        nothing = np.zeros(work.live.understanding.encoder.dim, np.float32)
        known = {
            name: Value(value, f"slot:{name}")
            for name, value in work.tracker.slots.items()
            if isinstance(value, str | int | float) and not isinstance(value, bool)
        }
        return Turned(
            understood.text if understood else "",
            understood.vector if understood else nothing,
            work.tracker.language,
            work.conversation.channel,
            {**known, **(values or {})},
            "member" if work.conversation.customer_id else "visitor",
            understood.earlier if understood else None,
        )

    async def _retrieve(self, work: Work) -> list[Event]:
        intent = work.tracker.message.intent or ""
        said = self._responder.retrieve(
            frozenset({intent}), work.live, work.tracker, self._turned(work)
        )
        return [said] if said else self._utter("utter_default", work)

    async def _answer_from_graph(self, work: Work) -> list[Event]:
        answer = work.tracker.message.parse.get("knowledge", {}).get("answer")
        said = self._responder.tell(answer, work.live) if answer else None
        if said is None or work.live.knowledge is None:
            return await self._retrieve(work)
        return [said, *best_kept(work.tracker, work.live.assistant, work.live.knowledge)]

    async def _fall_back(self, work: Work) -> list[Event]:
        """A new question: answer it if the templates clearly cover it, else say so."""
        if work.live.assistant.rasa is not None:
            return [*self._utter("utter_default", work, silent=True), Event("rewind")]
        turned = self._turned(work)
        if self._responder.coverage(work.live, turned) >= COVERED:
            said = self._responder.retrieve(answerable(work.live), work.live, work.tracker, turned)
            if said is not None:
                return [said]
        return self._utter("utter_default", work)

    async def _clarify(self, work: Work) -> list[Event]:
        language = work.tracker.language
        options = list(work.tracker.message.parse.get("options", []))
        said = self._utter("utter_clarify", work)
        if not said:
            return []
        titles = [
            {"title": work.live.assistant.title(name, language), "payload": f"/{name}"}
            for name in options
        ]
        data = {**said[0].data, "buttons": titles, "options": options}
        return [Event("bot", data)]

    async def _repeat(self, work: Work) -> list[Event]:
        """Say once more what was said last, in the same words."""
        said = work.tracker.lately.said_last
        if not said:
            return self._utter("utter_default", work)
        return [self._once_more(event, work) for event in said]

    def _once_more(self, event: Mapping[str, Any], work: Work) -> Event:
        sealed = event["data"]["buttons"] or []
        shown = [
            {"title": item["title"], "payload": payload}
            for item in sealed
            if (payload := unseal(self._buttons, work.conversation.id, item["payload"]))
        ]
        data = {
            "text": event["text"],
            "language": work.tracker.language,
            "template": event["metadata"]["utter_action"],
            "buttons": shown,
        }
        return Event("bot", data)

    async def _screen(self, work: Work) -> list[Event]:
        if work.taken.message.data.get("file") and FILE_KEPT in work.live.assistant.responses:
            return self._utter(FILE_KEPT, work)
        foreign = work.tracker.message.parse.get("screen") == "foreign"
        return self._utter("utter_language_unsupported" if foreign else "utter_no_text", work)

    def lead_in(self, request: str, work: Work) -> list[Event]:
        """What is said before a request of the customer's that had to wait is taken up."""
        if LEAD_IN not in work.live.assistant.responses:
            return []
        return self._utter(LEAD_IN, work, {"request": Value(request[:LONGEST_QUOTE], "message")})

    def apology(self, work: Work) -> list[Event]:
        """What is said when a turn fails, even one that failed before anything was understood."""
        said = self._utter("utter_action_unavailable", work)
        return [self._sealed(event, work.conversation.id) for event in said]

    # -- forms ------------------------------------------------------------------------------

    async def _form(self, name: str, work: Work) -> None:
        async def run(action: str) -> list[Event]:
            return await self._perform(action, work)

        def apply(event: Event) -> None:
            work.apply(self._sealed(event, work.conversation.id))

        await run_form(name, work.tracker, work.live.assistant, apply, run)

    async def _abandon(self, work: Work) -> list[Event]:
        """Let go of the form; who could not answer it is offered a person."""
        stuck = STUCK in work.live.assistant.responses and not leaves(work.tracker.message.text)
        said = self._utter(STUCK if stuck else LET_GO, work)
        return [Event("active_loop", {"name": None}), *said]

    # -- the action server ------------------------------------------------------------------

    async def _remote(self, name: str, work: Work, *, quiet: bool = False) -> list[Event]:
        """Run an action on the action server; ``quiet`` if its failure is no business of the
        customer's."""
        try:
            result = await self._remotely.run(name, work)
        except ActionRejected:
            return [Event("action_execution_rejected", {"name": name})]
        except ActionError as error:
            log.warning("action.failed", action=name, why=error.message)
            work.failures.append(f"{name}: {error.message}")
            return [] if quiet else self._failed(work)
        return self._results(name, result, work)

    def _failed(self, work: Work) -> list[Event]:
        """Tell the customer, offer a person, and let go of the form."""
        leave = [Event("active_loop", {"name": None})] if work.tracker.active_loop else []
        return [*leave, *self._utter("utter_action_unavailable", work), _stop()]

    def _results(self, action: str, result: ActionResult, work: Work) -> list[Event]:
        events: list[Event] = []
        for response in result.responses:
            events += self._response(action, dict(response), work)
        return [*events, *result.as_events()]

    def _response(self, action: str, response: dict[str, Any], work: Work) -> list[Event]:
        # rasa-sdk names it twice; neither is a value to fill in
        names = response.pop("response", None), response.pop("template", None)
        name = names[0] or names[1]
        buttons = response.pop("buttons", [])
        if name is None:
            text = str(response.get("text", ""))
            return [self._responder.say(text, buttons, work.tracker.language, response)]
        values = {
            key: Value(value, f"action:{action}")
            for key, value in response.items()
            if isinstance(value, str | int | float)
        }
        said = self._utter(name, work, values)
        if said:
            own = {key: response[key] for key in KEYS if key in response}
            if buttons:
                own["buttons"] = plain_buttons(buttons)
            said[0].data.update(own)
        return said

    # -- handing over and starting anew -----------------------------------------------------

    async def _hand_over(self, work: Work) -> list[Event]:
        channel = work.conversation.channel
        elsewhere = channel if channel in OTHER_DESKS else None
        online = elsewhere is not None or await self._escalations.someone_online()
        given = None if online or work.tracker.reachable else contact_given(work.tracker)
        kept = self._kept(given, work) if given and SAVED in work.live.assistant.responses else []
        said = [] if kept else self._utter(_handing_over(online, work), work)
        handoff = self._escalations.handoff_event(work.tracker, online)
        return [
            *said,
            Event("handoff", {**handoff.data, **({"elsewhere": elsewhere} if elsewhere else {})}),
            Event("notice", {"notice": "handoff_requested", "online": online, "text": ""}),
            *kept,
        ]

    async def _keep_contact(self, work: Work) -> list[Event]:
        return self._kept(contact_in(work.tracker.message.text), work)

    def _kept(self, contact: str | None, work: Work) -> list[Event]:
        """Keep how to reach the customer, for the agents who see the escalation later."""
        text = work.tracker.message.text
        return [
            *self._utter(SAVED, work),
            Event("contact", {"contact": contact, "name": None, "note": text}),
            Event("notice", {"notice": "contact_saved", "text": contact}),
            Event("handoff", {"reason": "contact", "summary": text, "online": False}),
        ]

    async def after(self, work: Work, written: list[Event]) -> None:
        """Once the turn is written: tell agents of a new escalation."""
        if any(event.kind == "handoff" for event in written):
            await self._escalations.announce(work.conversation.id, written)


def _handing_over(online: bool, work: Work) -> str:
    """What is said to who asks for a person, in short to who has asked before."""
    if online:
        return "utter_handoff"
    if work.tracker.reachable and SAVED in work.live.assistant.responses:
        return SAVED
    again = work.tracker.waiting_for_person and STILL_CLOSED in work.live.assistant.responses
    return STILL_CLOSED if again else "utter_handoff_closed"


def _told(events: list[Event]) -> list[Event]:
    """What filling slots may bring about: slots and words."""
    return [event for event in events if event.kind in ("slot", "bot")]


def _stop() -> Event:
    """Ends the turn: the action to follow is to listen."""
    return Event("followup", {"name": LISTEN})
