"""Why a turn was understood as it was, by the release that answered it."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from bot.inference import Inference
from bot.live import Releases
from bot.record.record import AskedTurn, Record
from intents.explaining import explain
from intents.understanding import Understanding
from models.errors import NotFound, ReleaseError

Silence = Literal["release_gone", "button", "screened"]
"""Why there is nothing to explain: the release is no more; a button named the intent; the message
has no word in a language of the assistant."""


class Whys:
    """Explains messages of now and turns of the past."""

    def __init__(self, record: Record, releases: Releases, inference: Inference) -> None:
        self._record = record
        self._releases = releases
        self._inference = inference
        self._former: Understanding | None = None
        self._loading = asyncio.Lock()

    async def of_text(self, text: str) -> dict[str, Any]:
        """Explain what the live release makes of ``text``."""
        return await self._explained(self._releases.live.understanding, text)

    async def of_turn(self, turn: str) -> dict[str, Any]:
        """Explain a past turn by the release that answered it, if that release still exists.

        Raises NotFound.
        """
        asked = await self._record.run(self._record.asked_turn, turn)
        if asked is None:
            raise NotFound("There is no such turn")
        silence = _silence(asked)
        understanding = None
        if silence is None:
            understanding = await self._understanding(asked.release)
            silence = "release_gone" if understanding is None else None
        return {
            "turn": turn,
            "conversation_id": asked.conversation,
            "text": asked.text,
            "release": asked.release,
            "policy": asked.decision,
            "reason": asked.reason,
            "missing": silence,
            "read_as": asked.read_as,
            "replies": list(asked.replies),
            "why": await self._explained(understanding, asked.text) if understanding else None,
        }

    async def _explained(self, understanding: Understanding, text: str) -> dict[str, Any]:
        # On the inference thread: a second one would slow customers' turns down more.
        why = await self._inference.run(explain, understanding, text)
        return why.as_json()

    async def _understanding(self, release: str | None) -> Understanding | None:
        """The named release, loaded; the last one that did not serve is kept for the next look."""
        live = self._releases.live
        if release is None or release == live.release:
            return live.understanding if release else None
        async with self._loading:
            if self._former is None or self._former.release.id != release:
                try:
                    self._former = await asyncio.to_thread(self._releases.former, release)
                except ReleaseError:
                    return None
            return self._former


def _silence(asked: AskedTurn) -> Silence | None:
    if asked.screened:
        return "screened"
    return "button" if asked.button else None
