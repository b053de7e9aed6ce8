"""Runs actions on the action server for a turn, each once however often the turn is taken up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bot.actions.client import ActionClient, candidates_last
from bot.actions.result import ActionResult
from bot.record.record import Record

if TYPE_CHECKING:
    from bot.work import Work

TURN_BUDGET = 8.5
"""Seconds after acceptance by which a turn must have ended, with an apology if need be."""

VALIDATE_SLOTS = "action_validate_slot_mappings"


class Remote:
    """The action server, as a turn sees it: steps that are written down in the record."""

    def __init__(self, record: Record, actions: ActionClient) -> None:
        self._record = record
        self._actions = actions

    async def run(self, name: str, work: Work) -> ActionResult:
        """Run an action, or give what it gave when the turn was first taken.

        Raises :class:`~models.errors.ActionError`, and ActionRejected where the action itself
        declines.
        """
        work.calls += 1
        number = work.calls
        recorded = await self._record.run(self._record.step, work.claim.turn, number)
        if recorded is not None and recorded.pop("action", name) == name:
            return ActionResult(**recorded)
        result = await self._call(name, number, work)
        await self._record.run(
            self._record.save_step, work.claim, number, {"action": name, **result.as_json()}
        )
        return result

    async def _call(self, name: str, number: int, work: Work) -> ActionResult:
        tracker = work.tracker.as_rasa()
        latest = tracker["latest_message"]
        key = f"{work.claim.turn}:{number}:{name}"
        latest["metadata"] = {**latest["metadata"], "idempotency_key": key}
        if name.startswith("validate_") or name == VALIDATE_SLOTS:
            tracker["events"] = candidates_last(tracker["events"])
        remaining = work.claim.accepted_at + work.read_for + TURN_BUDGET - time.time()
        return await self._actions.run(
            name,
            tracker,
            work.live.domain,
            max(0.5, remaining),
            work.live.domain_digest,
            work.told,
        )
