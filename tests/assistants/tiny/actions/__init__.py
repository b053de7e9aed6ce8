"""The tiny assistant's actions, for an action server of its own.

``SHOP_DB`` names a folder. A cancellation is a line in its file ``cancelled``, once for each
idempotency key; every call is a line in ``calls``. A file ``hold.before`` or ``hold.after`` keeps
an action from going on, before or after its effect, until the file is gone.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from rasa_sdk import Action


def _ledger() -> Path:
    # the supervisor hands this variable on to the action server
    return Path(os.environ["SHOP_DB"])


async def _held(where: str) -> None:
    while (_ledger() / f"hold.{where}").exists():  # noqa: ASYNC110 - another process's file
        await asyncio.sleep(0.01)


def _note(name: str, line: str) -> None:
    with (_ledger() / name).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _lines(name: str) -> list[str]:
    path = _ledger() / name
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


class ActionCancelOrder(Action):
    """Cancels an order."""

    def name(self) -> str:
        return "action_cancel_order"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[dict[str, Any]]:
        order = tracker.get_slot("order_id")
        key = tracker.latest_message["metadata"]["idempotency_key"]
        _note("calls", key)
        await _held("before")
        if f"{key} {order}" not in _lines("cancelled"):
            _note("cancelled", f"{key} {order}")
        await _held("after")
        dispatcher.utter_message(response="utter_order_cancelled", order_id=order)
        return [{"event": "slot", "timestamp": None, "name": "order_id", "value": None}]
