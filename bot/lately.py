"""What was said and done lately, read off a conversation's events from the end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from bot.message import Message


class Lately:
    """A look back over a tracker's ``events`` (in Rasa's shape)."""

    def __init__(self, events: Sequence[dict[str, Any]]) -> None:
        self._events = events

    @property
    def buttons(self) -> list[dict[str, str]]:
        """The buttons that the customer saw last, sealed; none once they have written again."""
        shown = (event["data"]["buttons"] for event in reversed(self._said()))
        return list(next(filter(None, shown), ()))

    @property
    def template(self) -> str | None:
        """The response that the customer saw last; None once they have written again."""
        said = self._said()
        return said[-1]["metadata"]["utter_action"] if said else None

    @property
    def asks(self) -> bool:
        """Whether the words that the customer saw last hold a question."""
        return "?" in self._last_words or "？" in self._last_words

    @property
    def ends_asking(self) -> bool:
        """Whether they end with one."""
        return self._last_words.rstrip(" ~").endswith(("?", "？"))

    @property
    def _last_words(self) -> str:
        last = next((e for e in reversed(self._events) if e["event"] == "bot"), None)
        return str(last["text"] or "") if last is not None else ""

    @property
    def said_last(self) -> list[dict[str, Any]]:
        """What the bot said in answer to the customer's message before this one."""
        found: list[dict[str, Any]] = []
        heard = 0
        for event in reversed(self._events):
            heard += event["event"] == "user"
            if heard > 1 or event["event"] == "session_started":
                break
            if heard == 1 and event["event"] == "bot" and event["text"]:
                found.insert(0, event)
        return found

    @property
    def intent_before(self) -> str | None:
        """The intent of the customer's message before this one, if it was clear."""
        heard = [e["parse_data"] for e in self._events if e["event"] == "user"]
        clear = len(heard) > 1 and heard[-2].get("decision") == "accept"
        return str(heard[-2]["intent"]["name"]) if clear else None

    @property
    def repeats(self) -> bool:
        """Whether the answer just given, without a button, was the answer before it already."""
        now = [e for e in self._said() if e["text"]]
        before = {event["metadata"]["utter_action"] for event in self.said_last}
        return (
            bool(now)
            and not now[-1]["data"]["buttons"]
            and all(event["metadata"]["utter_action"] in before for event in now)
        )

    def _said(self) -> list[dict[str, Any]]:
        """What the bot has said since the customer's latest message."""
        found: list[dict[str, Any]] = []
        for event in reversed(self._events):
            if event["event"] == "user":
                break
            if event["event"] == "bot":
                found.insert(0, event)
        return found

    @property
    def listed(self) -> list[dict[str, str]]:
        """The buttons of the latest list that the customer was shown in this session, sealed."""
        for event in reversed(self._events):
            if event["event"] == "session_started":
                break
            if event["event"] == "bot" and len(event["data"]["buttons"] or ()) > 1:
                return list(event["data"]["buttons"])
        return []

    @property
    def latest_form(self) -> str | None:
        """The form that runs or ran last in this session."""
        for event in reversed(self._events):
            if event["event"] == "active_loop" and event.get("name"):
                return str(event["name"])
            if event["event"] == "session_started":
                break
        return None

    @property
    def just_ended(self) -> bool:
        """Whether a form ended with the customer's message before this one."""
        heard = 0
        for event in reversed(self._events):
            heard += event["event"] == "user"
            if heard > 1 or event["event"] == "session_started":
                return False
            if event["event"] == "active_loop":
                return heard == 1 and event.get("name") is None
        return False

    def asides(self, ignored: Collection[str]) -> int:
        """The customer's latest messages in a row that were asides of a form (see ``Message``)."""
        found = 0
        for event in reversed(self._events):
            if event["event"] == "active_loop":
                break
            if event["event"] == "user":
                message = Message(event["text"] or "", parse=event["parse_data"])
                if not message.is_aside(ignored):
                    break
                found += 1
        return found

    def filled_by_message(self) -> set[str]:
        """The slots that the latest message has filled."""
        found: set[str] = set()
        for event in reversed(self._events):
            if event["event"] == "user":
                break
            if event["event"] == "slot" and event.get("value") is not None:
                found.add(event["name"])
        return found
