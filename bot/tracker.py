"""The tracker: what a conversation's event log amounts to.

``Tracker.apply`` is a fold: applying a log's events in order to a fresh tracker gives the same
state as the one that lived through them. ``as_rasa`` hands it to an action server in Rasa's
shape (``/conversations/{id}/tracker``).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from itertools import islice
from typing import Any

from bot.events import Event
from bot.lately import Lately
from bot.message import Message
from bot.temper import SOOTHING
from intents.dialogue.history import LISTEN, History, entity_names

MAX_EVENTS = 400
ABANDON = "action_abandon_form"
HANDOFF = "action_handoff"
_SAME_IN_RASA = frozenset(
    {
        "slot",
        "active_loop",
        "followup",
        "pause",
        "resume",
        "restart",
        "rewind",
        "undo",
        "loop_interrupted",
        "reminder",
        "cancel_reminder",
    }
)


@dataclass
class Tracker:
    """State of one conversation.

    ``reachable`` says that the customer has left a contact, ``soothed`` that their anger has
    been acknowledged. ``pending`` are requests of divided messages that have not been taken up
    yet (``of``, ``index``, ``text``, ``parse``). ``heard`` counts the customer's messages in
    this session. ``trail`` lists what has happened since the latest message as (kind, name)
    pairs; ``history`` holds the moments of the session, which rules and stories are compared
    with. ``loop_rejected`` says that the active form has declined a message and not run since,
    ``interrupted`` that it goes on without an answer. ``heard_at`` is when the customer spoke
    last. ``suspended`` is the form that a question about something else has put aside, with its
    values as they stood (``form``, ``slots``).
    """

    conversation: str
    slots: dict[str, Any] = field(default_factory=dict)
    initial_slots: dict[str, Any] = field(default_factory=dict)
    active_loop: str | None = None
    message: Message = field(default_factory=Message)
    events: list[dict[str, Any]] = field(default_factory=list)
    trail: list[tuple[str, str | None]] = field(default_factory=list)
    followup: str | None = None
    paused: bool = False
    started: bool = False
    latest_action: str | None = None
    language: str = "en"
    last_seq: int = 0
    fallbacks: int = 0
    asked: tuple[str, int] = ("", 0)
    recent_texts: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    waiting_for_person: bool = False
    person_for: list[str] = field(default_factory=list)
    """Intents of the last two requests before a person was fetched, and the form that led to it:
    what they are to see to."""
    reachable: bool = False
    pending: list[dict[str, Any]] = field(default_factory=list)
    heard: int = 0
    soothed: bool = False
    knowledge: dict[str, Any] = field(default_factory=dict)
    """What was spoken of last, as the knowledge graph keeps it in mind."""
    history: History = field(default_factory=History)
    loop_rejected: bool = False
    interrupted: bool = False
    heard_at: float | None = None
    suspended: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def fresh(cls, conversation: str, initial_slots: Mapping[str, Any], language: str) -> Tracker:
        """Return the tracker of a conversation in which nothing has happened."""
        slots = dict(initial_slots)
        return cls(conversation, dict(slots), slots, language=language)

    @classmethod
    def fold(
        cls,
        conversation: str,
        events: Iterable[Event],
        initial_slots: Mapping[str, Any],
        language: str,
    ) -> Tracker:
        """Return the tracker that a log amounts to."""
        tracker = cls.fresh(conversation, initial_slots, language)
        for event in events:
            tracker.apply(event)
        return tracker

    # -- the fold -----------------------------------------------------------------------

    def apply(self, event: Event) -> None:
        """Take one event in."""
        handler = getattr(self, f"_on_{event.kind}", None)
        if handler is not None:
            handler(event)
        if event.kind in _SAME_IN_RASA:
            self._remember({"event": event.kind, "timestamp": event.at, **event.data})
        self.last_seq = max(self.last_seq, event.seq)

    def _remember(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if len(self.events) > MAX_EVENTS:
            del self.events[:-MAX_EVENTS]

    def _on_session_started(self, event: Event) -> None:
        """A new session: what was said no longer counts, slots only if they are carried over."""
        self.started = True
        self.heard = 0
        self._remember({"event": "session_started", "timestamp": event.at})
        self.history.begin()
        self.trail = []
        self.active_loop, self.loop_rejected, self.interrupted = None, False, False
        self.suspended = {}
        self.slots["requested_slot"] = None
        if event.data.get("carry_over") is False:
            self.slots = dict(self.initial_slots)

    def _on_understood(self, event: Event) -> None:
        data = event.data
        self.language = data.get("language", self.language)
        self.heard += 1
        if self.active_loop is None:
            self.suspended = {}  # nobody came back to it
        segments = data["parse"].get("segments", [])
        self._hear(event, str(data["of"]), remember=not segments)
        self.pending = [
            *self.pending,
            *({"of": data["of"], "index": i, **item} for i, item in enumerate(segments)),
        ]

    def _on_segment(self, event: Event) -> None:
        """One request of a divided message is the latest message now."""
        of, index = event.data["of"], event.data["index"]
        self.pending = [item for item in self.pending if (item["of"], item["index"]) != (of, index)]
        if self.heard == 1:
            self.history.begin()  # all requests of the first message stand at the start
        self._hear(event, f"{of}.{index}", remember=True)

    def _hear(self, event: Event, name: str, *, remember: bool) -> None:
        data = event.data
        self.message = Message(data["text"], data["of"], data["parse"], data.get("metadata", {}))
        self.trail = [("intent", self.message.intent)]
        self.knowledge = data["parse"].get("knowledge", {}).get("context", self.knowledge)
        self.interrupted = False
        self.heard_at = event.at
        self.followup = None
        self.options = []
        if self.message.decision == "accept":
            self.fallbacks = 0
        if not remember:
            return  # each of its requests is a message to an action server
        found = entity_names(data["parse"].get("entities", []))
        self.history.message(self.message.intent, found, data["parse"].get("quotation"))
        self._remember(
            {
                "event": "user",
                "timestamp": event.at,
                "text": data["text"],
                "parse_data": data["parse"],
                "input_channel": data.get("channel") or self.message.metadata.get("channel"),
                "message_id": name,
                "metadata": self.message.metadata,
            }
        )

    def _on_bot(self, event: Event) -> None:
        data = event.data
        self.recent_texts = [*self.recent_texts[-5:], data.get("template_id") or data["text"]]
        self.options = list(data.get("options", []))
        self.soothed = self.soothed or data.get("template") == SOOTHING
        self._remember(
            {
                "event": "bot",
                "timestamp": event.at,
                "text": data["text"],
                "data": {"buttons": data.get("buttons") or None, "image": data.get("image")},
                "metadata": {"utter_action": data.get("template")},
            }
        )

    def _on_slot(self, event: Event) -> None:
        name, value = event.data["name"], event.data.get("value")
        self.history.slot(name, self.slots.get(name))
        self.slots[name] = value
        if name == "requested_slot" and value is not None:
            again = self.asked[1] + (not self._strayed()) if self.asked[0] == value else 1
            self.asked = (value, again)

    def _strayed(self) -> bool:
        """Whether the message was about something else: asking again is then no impatience."""
        return any(kind == "action" and name != self.active_loop for kind, name in self.trail)

    def _on_reset_slots(self, event: Event) -> None:
        for name, value in self.slots.items():
            if value != self.initial_slots.get(name):
                self.history.slot(name, value)
        self.slots = dict(self.initial_slots)
        self._remember({"event": "reset_slots", "timestamp": event.at})

    def _on_active_loop(self, event: Event) -> None:
        if event.data.get("suspends"):
            given = {name: value for name, value in self.slots.items() if value is not None}
            self.suspended = {"form": self.active_loop, "slots": given}
        elif event.data.get("name") is not None:
            self.suspended = {}
        self.active_loop = event.data.get("name")
        self.history.form(self.active_loop)
        self.loop_rejected = self.interrupted = False
        if self.active_loop is None and self.trail[-1:] and self.trail[-1][0] == "active_loop":
            self.trail.pop()  # begun and ended in one step
        self.trail.append(("active_loop", self.active_loop))
        if self.active_loop is None:
            self.history.slot("requested_slot", self.slots.get("requested_slot"))
            self.slots["requested_slot"] = None
            self.asked = ("", 0)

    def _on_action(self, event: Event) -> None:
        name = event.data["name"]
        if name == LISTEN:
            return  # a message says as much
        self.latest_action = name
        self.trail.append(("action", name))
        self.history.did(name, hidden=bool(event.data.get("hidden")))
        if name == self.active_loop:
            self.loop_rejected = False
        if name == ABANDON:
            self.suspended = {}
        if name == self.followup:
            self.followup = None
        if event.data.get("policy") == "fallback":
            self.fallbacks += 1
        self._remember(
            {
                "event": "action",
                "timestamp": event.at,
                "name": name,
                "policy": event.data.get("policy"),
                "confidence": event.data.get("confidence", 1.0),
            }
        )

    def _on_action_execution_rejected(self, event: Event) -> None:
        """The action that was begun did not happen."""
        name = event.data["name"]
        if self.trail[-1:] == [("action", name)]:
            self.trail.pop()
        self.trail.append(("rejected", name))
        self.history.rejected(name)
        self.loop_rejected = self.loop_rejected or name == self.active_loop
        self._remember({"event": "action_execution_rejected", "timestamp": event.at, "name": name})

    def _on_loop_interrupted(self, event: Event) -> None:
        self.interrupted = bool(event.data.get("is_interrupted", True))

    def _on_rewind(self, event: Event) -> None:
        """The latest message and what came of it are forgotten."""
        self._go_back(self.history.rewind())

    def _on_undo(self, event: Event) -> None:
        """The latest action and what came of it are forgotten."""
        self._go_back(self.history.undone())

    def _go_back(self, slots: Mapping[str, Any]) -> None:
        self.slots.update(slots)
        self.active_loop = self.history.last.loop
        self.loop_rejected = self.interrupted = False
        self.trail = []

    def _on_followup(self, event: Event) -> None:
        self.followup = event.data.get("name")

    def _on_pause(self, event: Event) -> None:
        self.paused = True

    def _on_resume(self, event: Event) -> None:
        self.paused = False

    def _on_restart(self, event: Event) -> None:
        kept = self.conversation, self.initial_slots, self.language, self.last_seq
        self.__init__(kept[0], dict(kept[1]), kept[1], language=kept[2])  # type: ignore[misc]
        self.last_seq = kept[3]

    def _on_handoff(self, event: Event) -> None:
        if not self.waiting_for_person:
            read = (e["parse_data"] for e in reversed(self.events) if e["event"] == "user")
            asked = (p["intent"]["name"] for p in read if p.get("decision") == "accept")
            self.person_for = [*islice(asked, 2), *self._form_done()]
        # people at another desk have the conversation there; here the bot keeps it
        self.waiting_for_person = not event.data.get("elsewhere")
        self.reachable = self.reachable or event.data.get("reason") == "contact"
        self.pending = []  # the person reads the whole message
        self.active_loop = None
        self.suspended = {}
        self.history.form(None)
        self.slots["requested_slot"] = None

    def _form_done(self) -> list[str]:
        """The form that the latest message brought to its end."""
        since = itertools.takewhile(lambda e: e["event"] != "user", reversed(self.events))
        ended = any(e["event"] == "active_loop" and e.get("name") is None for e in since)
        form = self.lately.latest_form if ended else None
        return [form] if form is not None else []

    def _on_owner(self, event: Event) -> None:
        self.waiting_for_person = event.data["owner"] != "bot"

    # -- views --------------------------------------------------------------------------

    @property
    def lately(self) -> Lately:
        """What was said and done lately."""
        return Lately(self.events)

    @property
    def requested_slot(self) -> str | None:
        """The slot that the active form has asked for."""
        return self.slots.get("requested_slot")

    def as_rasa(self) -> dict[str, Any]:
        """Return the tracker in the shape of Rasa's HTTP API and action server protocol.

        It is that of a turn under way: the bot last listened before the latest message.
        """
        loop = {"name": self.active_loop} if self.active_loop else {}
        parse = self.message.parse
        events = with_listening(self.events)
        latest = next((e["name"] for e in reversed(events) if e["event"] == "action"), None)
        return {
            "sender_id": self.conversation,
            "slots": dict(self.slots),
            "latest_message": {
                **parse,
                "text": self.message.text,
                "intent": parse.get("intent") or {},
                "entities": parse.get("entities", []),
                "message_id": str(self.message.seq),
                "metadata": self.message.metadata,
            },
            "latest_event_time": self.events[-1]["timestamp"] if self.events else None,
            "followup_action": self.followup,
            "paused": self.paused,
            "events": events,
            "latest_input_channel": self.message.metadata.get("channel"),
            "active_loop": loop,
            "latest_action": {"action_name": latest},
            "latest_action_name": latest,
        }

    def snapshot(self) -> dict[str, Any]:
        """Return the tracker as plain JSON data, which shares its parts with the tracker."""
        data = {item.name: getattr(self, item.name) for item in fields(self)}
        data["message"] = {item.name: getattr(self.message, item.name) for item in fields(Message)}
        data["history"] = self.history.plain()
        return data

    def copy(self) -> Tracker:
        """Return a tracker that can take events in without changing this one."""
        return replace(
            self,
            slots=dict(self.slots),
            events=list(self.events),
            trail=list(self.trail),
            recent_texts=list(self.recent_texts),
            options=list(self.options),
            pending=list(self.pending),
            person_for=list(self.person_for),
            suspended=dict(self.suspended),
            history=self.history.copy(),
        )

    @classmethod
    def restore(cls, snapshot: Mapping[str, Any]) -> Tracker:
        """Return the tracker that ``snapshot`` was taken of."""
        data = dict(snapshot)
        data["message"] = Message(**data["message"])
        data["trail"] = [(kind, name) for kind, name in data["trail"]]
        name, count = data["asked"]
        data["asked"] = (name, count)
        data["history"] = History.restore(data["history"])
        return cls(**data)


def with_listening(events: Iterable[Mapping[str, Any]], *, at_rest: bool = False) -> list[Any]:
    """Events in Rasa's shape with the actions that go without saying: a session begins by
    ``action_session_start``, and before each message the bot has listened.

    :param at_rest: no turn is under way, so that it listens again if it has done anything.
    """
    told: list[Any] = []
    acted = False
    for event in events:
        kind = event["event"]
        before = {"user": LISTEN, "session_started": "action_session_start"}.get(kind)
        if before is not None and (not told or told[-1].get("name") != before):
            told.append(_unsaid(before, event["timestamp"]))
        told.append(event)
        acted = kind not in ("user", "restart") and (acted or kind in ("action", "bot"))
    if at_rest and acted:
        told.append(_unsaid(LISTEN, told[-1]["timestamp"]))
    return told


def _unsaid(action: str, at: float) -> dict[str, Any]:
    return {"event": "action", "timestamp": at, "name": action, "policy": None, "confidence": 1.0}
