"""Tells those who watch a conversation what was written to it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Event, public_view
from bot.sessions import Sessions


async def publish(sessions: Sessions, conversation: str, events: Sequence[Event]) -> None:
    """Publish the public events to the conversation's watchers, and a poke to the desks.

    ``events`` were written together. The frame says which numbers it stands for, so that who has
    seen everything before them need not ask the record.
    """
    if not events:
        return
    first, last = events[0].seq, events[-1].seq
    views = [view for event in events if (view := public_view(event)) is not None]
    if views:
        frame = {"type": "event", "after": first - 1, "last": last, "events": views}
        await sessions.publish(f"conversation:{conversation}", frame)
    await sessions.publish("desk", {"conversation_id": conversation, "last_seq": last})


async def show_typing(sessions: Sessions, conversation: str, on: bool) -> None:
    """Tell the conversation's watchers whether the bot is at work."""
    frame = {"type": "typing", "who": "bot", "on": on}
    await sessions.publish(f"conversation:{conversation}", frame)


async def show_partial(sessions: Sessions, conversation: str, turn: str, text: str) -> None:
    """Show a reply as far as it is known; an empty one takes back what was shown."""
    frame = {"type": "partial", "turn": turn, "text": text}
    await sessions.publish(f"conversation:{conversation}", frame)


def clauses(text: str) -> list[str]:
    """Return the growing beginnings of ``text``, one a clause, without the whole."""
    ends = [
        at + 1
        for at, char in enumerate(text[:-1])
        if char in "。！？；\n" or (char in ".!?;," and text[at + 1] == " ") or char == "，"
    ]
    return [text[:end] for end in ends]
