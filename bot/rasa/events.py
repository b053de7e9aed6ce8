"""Rasa's events and trackers, read and written: what its HTTP API takes and gives.

Sources: rasa/shared/core/events.py, rasa/shared/core/trackers.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from bot.actions.result import ActionResult
from bot.events import Event
from bot.tracker import Tracker
from models.errors import BadRequest

_NAMED = frozenset({"slot", "action", "followup", "active_loop"})
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
    if len(sound) > MAX_EVENTS:
        raise BadRequest("Too many events at once", expected=f"at most {MAX_EVENTS}")
    return sound


def check_applies(tracker: Tracker, new: Sequence[Event]) -> None:
    """Raise BadRequest where a tracker cannot live through ``new``, which must not be written."""
    trial = tracker.copy()
    try:
        for event in new:
            _check_name(event)
            orjson.dumps(event.data)
            trial.apply(event)
        story("trial", trial.events)
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
    shown = tracker.as_rasa()
    shown["sender_id"] = sender
    if include == "NONE":
        shown["events"] = None
    elif include == "ALL":
        lasting = (event for event in log if event.kind != "restart")
        shown["events"] = Tracker.fold(sender, lasting, {}, tracker.language).events
    return shown


def story(title: str, events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A conversation as an end-to-end story in Rasa's 3.1 format."""
    steps: list[dict[str, Any]] = []
    for event in events:
        step = _step(event)
        if step is not None:
            steps.append(step)
    return {"version": "3.1", "stories": [{"story": title, "steps": steps}]}


def _step(event: Mapping[str, Any]) -> dict[str, Any] | None:
    kind = event["event"]
    if kind == "user":
        parse = event.get("parse_data") or {}
        step = {"intent": (parse.get("intent") or {}).get("name"), "user": event.get("text", "")}
        found = [{e["entity"]: e["value"]} for e in parse.get("entities", ())]
        return {**step, "entities": found} if found else step
    if kind == "action":
        return {"action": event.get("name")}
    if kind == "slot" and event.get("name") != "requested_slot":
        return {"slot_was_set": [{event["name"]: event.get("value")}]}
    if kind == "active_loop":
        return {"active_loop": event.get("name")}
    return None
