"""Rasa's events and trackers, read and written: what its HTTP API takes and gives.

Sources: rasa/shared/core/events.py, rasa/shared/core/trackers.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from bot.actions.result import KINDS, ActionResult
from bot.events import Event
from bot.tracker import Tracker, with_listening
from intents.examples import Entity
from intents.reading.marks import write_marks
from models.errors import BadRequest

_NAMED = frozenset({"slot", "action", "followup", "active_loop"})
_UNSERVED = frozenset({"agent", "entities", "export", "user_featurization", "wrong_action"})
"""Rasa's other events: read, and nothing comes of them."""

MAX_EVENTS = 1_000
"""Events that one request may bring."""


def events_of(body: Any) -> list[dict[str, Any]]:
    """Events as they were sent: one or a list of them. Raises BadRequest."""
    given = body if isinstance(body, list) else [body]
    sound = [e for e in given if isinstance(e, dict) and isinstance(e.get("event"), str)]
    if not sound or len(sound) != len(given):
        raise BadRequest(
            "Couldn't extract proper events from the request body",
            expected='{"event": "slot", "name": "…", "value": …}, or a list of such',
        )
    known = {"user", "bot", "action", *KINDS, *_UNSERVED}
    strange = next((event["event"] for event in sound if event["event"] not in known), None)
    if strange is not None:
        raise BadRequest(f"Unknown event name {strange[:80]!r}", expected=", ".join(sorted(known)))
    if len(sound) > MAX_EVENTS:
        raise BadRequest("Too many events at once", expected=f"at most {MAX_EVENTS}")
    return sound


def entities_of(given: Any) -> list[dict[str, Any]]:
    """Entities that come with an intent: by name in an object, or a list with roles and groups."""
    if isinstance(given, Mapping):
        return [{"entity": str(name), "value": value} for name, value in given.items()]
    return [dict(entity) for entity in _list(given) if _is_entity(entity)]


def intent_text(name: str, entities: Sequence[Mapping[str, Any]]) -> str:
    """How an intent is written as a message: ``/name{"entity": "value"}``."""
    values = {entity["entity"]: entity["value"] for entity in entities}
    return f"/{name}{orjson.dumps(values).decode() if values else ''}"


def check_applies(tracker: Tracker, new: Sequence[Event]) -> None:
    """Raise BadRequest where a tracker cannot live through ``new``, which must not be written."""
    trial = tracker.copy()
    try:
        for event in new:
            _check_name(event)
            orjson.dumps(event.data)
            trial.apply(event)
        stories("trial", trial.events)
        trial.as_rasa()
        orjson.dumps(trial.snapshot())
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRequest("The events are not whole", found=repr(error)[:80]) from error


def _check_name(event: Event) -> None:
    name = event.data.get("name")
    nameless = event.kind == "active_loop" and name is None
    if event.kind in _NAMED and not isinstance(name, str) and not nameless:
        raise ValueError(f"{event.kind} without a name")


def written_as_ours(event: Mapping[str, Any], of: int) -> list[Event]:
    """One of Rasa's events as ours; ``of`` is the number that the first of them will have."""
    kind = event["event"]
    if kind == "user":
        return _user(event, of)
    if kind == "bot":
        return [Event("bot", _bot(event))]
    if kind == "action":
        kept = {key: event.get(key) for key in ("policy", "confidence")}
        return [Event("action", {"name": str(event.get("name")), **kept})]
    return ActionResult([dict(event)]).as_events()


def _user(event: Mapping[str, Any], of: int) -> list[Event]:
    text = str(event.get("text") or "")
    given = event.get("parse_data")
    parse = dict(given) if isinstance(given, Mapping) else {}
    parse.setdefault("text", text)
    intent = parse.get("intent")
    parse["intent"] = intent if isinstance(intent, dict) else {"name": None, "confidence": 0.0}
    parse["entities"] = [e for e in _list(parse.get("entities")) if _is_entity(e)]
    parse.update({"decision": "accept", "options": []})
    metadata = event.get("metadata")
    data = {
        "of": of,
        "text": text,
        "parse": parse,
        "channel": event.get("input_channel"),
        "metadata": metadata if isinstance(metadata, dict) else {},
    }
    identifier = event.get("message_id")
    said = {"text": text, **({"client_message_id": str(identifier)} if identifier else {})}
    return [Event("user", said), Event("understood", data)]


def _list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _is_entity(given: Any) -> bool:
    return isinstance(given, dict) and isinstance(given.get("entity"), str) and "value" in given


def _bot(event: Mapping[str, Any]) -> dict[str, Any]:
    given = event.get("data")
    data = given if isinstance(given, Mapping) else {}
    kept = {key: data[key] for key in ("image", "attachment", "custom") if data.get(key)}
    return {"text": str(event.get("text") or ""), **kept}


def view(tracker: Tracker, sender: str, log: Sequence[Event], include: str) -> dict[str, Any]:
    """The tracker as Rasa's API shows it under ``sender``; ``log`` is what it was folded from."""
    events: Sequence[Mapping[str, Any]]
    if include == "ALL":
        events = [e for part in _lives(log) for e in _folded(part, tracker.language)]
    elif include == "APPLIED":
        events = applied(tracker.events)
    else:
        events = [event for event in tracker.events if event["event"] != "restart"]
    told = with_listening(events, at_rest=True)
    latest = next((e.get("name") for e in reversed(told) if e["event"] == "action"), None)
    return {
        **tracker.as_rasa(),
        "sender_id": sender,
        "events": None if include == "NONE" else told,
        "latest_action": {"action_name": latest},
        "latest_action_name": latest,
    }


def _lives(log: Sequence[Event]) -> list[list[Event]]:
    """A log cut before each restart."""
    lives: list[list[Event]] = [[]]
    for event in log:
        if event.kind == "restart":
            lives.append([])
        lives[-1].append(event)
    return lives


def _folded(log: Sequence[Event], language: str) -> list[dict[str, Any]]:
    return Tracker.fold("", log, {}, language).events


def applied(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The events that still count: no earlier session, nothing undone or taken back."""
    kept: list[Mapping[str, Any]] = []
    for event in events:
        kind = event["event"]
        if kind in ("restart", "session_started"):
            kept.clear()
        elif kind in ("undo", "rewind"):
            until = "action" if kind == "undo" else "user"
            while kept and kept.pop()["event"] != until:
                pass
        else:
            kept.append(event)
    return kept


def stories(
    title: str, events: Iterable[Mapping[str, Any]], *, every: bool = True
) -> dict[str, Any]:
    """A conversation as end-to-end stories in Rasa's 3.1 format: one of each session.

    :param every: all sessions, numbered if they are several; else the latest.
    """
    sessions: list[list[dict[str, Any]]] = [[]]
    for event in events:
        if event["event"] == "session_started":
            sessions.append([])
        step = _step(event)
        if step is not None:
            sessions[-1].append(step)
    told = [steps for steps in (sessions if every else sessions[-1:]) if steps]
    names = [title] if len(told) == 1 else [f"{title}, story {n}" for n in range(1, len(told) + 1)]
    found = [{"story": name, "steps": steps} for name, steps in zip(names, told, strict=True)]
    return {"version": "3.1", "stories": found}


def _step(event: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = event["event"]
    if kind == "user":
        return _user_step(event)
    if kind == "action":
        return None if event.get("name") in _UNTOLD else {"action": event.get("name")}
    if kind == "slot" and event.get("name") != "requested_slot":
        return {"slot_was_set": [{event["name"]: event.get("value")}]}
    if kind == "active_loop":
        return {"active_loop": event.get("name")}
    return None


_UNTOLD = ("action_listen", "action_session_start", "action_unlikely_intent")
"""Actions that stories leave out."""


def _user_step(event: Mapping[str, Any]) -> dict[str, Any]:
    """What the customer wrote, with marks; entities that cannot be marked stand beside it."""
    parse, text = event.get("parse_data") or {}, str(event.get("text") or "")
    step = {"intent": (parse.get("intent") or {}).get("name"), "user": text}
    found = parse.get("entities") or []
    if not found or text.startswith("/"):
        return step
    marked = None
    if all(isinstance(entity.get(key), int) for entity in found for key in ("start", "end")):
        marked = write_marks(text, sorted(map(_marked, found), key=lambda one: one.start))
    if marked is not None:
        return {**step, "user": marked}
    return {**step, "entities": [{entity["entity"]: entity["value"]} for entity in found]}


def _marked(entity: Mapping[str, Any]) -> Entity:
    role, group = (entity.get(key) for key in ("role", "group"))
    value = str(entity["value"])
    return Entity(entity["start"], entity["end"], entity["entity"], value, role, group)
