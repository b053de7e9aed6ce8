"""Tells those who watch a conversation what was written to it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.events import Event, public_view
from bot.sessions import Sessions


async def publish(sessions: Sessions, conversation: str, events: Sequence[Event]) -> None:
    """Publish the public events to the conversation's watchers, and a poke to the desks."""
    for event in events:
        view = public_view(event)
        if view is not None:
            await sessions.publish(f"conversation:{conversation}", {"type": "event", "event": view})
    if events:
        poke = {"conversation_id": conversation, "last_seq": events[-1].seq}
        await sessions.publish("desk", poke)
