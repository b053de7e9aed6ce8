"""Accepting a message: check, limit, deduplicate, write down, acknowledge.

From the acknowledgement on the message cannot be lost: its turn is in the record, and
whichever worker lives takes it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from typing import Any

import orjson

from bot.buttons import unseal
from bot.events import new_id
from bot.fanout import publish
from bot.record import Accepted, Conversation, Record
from bot.secrets import Signer
from bot.sessions import Sessions
from bot.turn import Turns
from models.errors import BadRequest, TooLarge, TooMany

MAX_CLIENT_ID = 100
MAX_METADATA = 4_000
"""Bytes of what a client may send beside a message."""


class Inbox:
    """Takes customers' messages in, from whatever channel."""

    def __init__(
        self,
        record: Record,
        sessions: Sessions,
        turns: Turns,
        buttons: Signer,
        *,
        max_text: int,
        per_minute: int,
        typed_intents: bool,
        open_intents: Collection[str] = (),
    ) -> None:
        self._record = record
        self._sessions = sessions
        self._turns = turns
        self._buttons = buttons
        self._max_text = max_text
        self._per_minute = per_minute
        self._typed_intents = typed_intents
        self._open_intents = frozenset(open_intents)

    async def post(
        self,
        conversation: Conversation,
        text: str,
        *,
        client_message_id: str | None = None,
        payload: str | None = None,
        metadata: dict[str, Any] | None = None,
        trusted: bool = False,
        external: bool = False,
    ) -> Accepted:
        """Accept one message and start its turn. Raises BadRequest, TooLarge, TooMany.

        ``payload`` is a button's, sealed. What a ``trusted`` sender writes as ``/intent{...}`` is
        one; anyone else's is words, unless the intent is open to all. ``metadata`` is what the
        client sends along, for the actions. ``external`` is no person's message, and nobody is
        shown it: what comes of it is.
        """
        client_id = client_message_id or new_id()
        if len(client_id) > MAX_CLIENT_ID:
            raise BadRequest(
                "The client message id is too long", expected=f"at most {MAX_CLIENT_ID} characters"
            )
        data: dict[str, Any] = {
            "text": clean(text, self._max_text),
            "channel": conversation.channel,
        }
        if payload:
            data["payload"] = self.open_payload(conversation.id, payload)
        elif data["text"].startswith("/") and (trusted or self._open(data["text"])):
            data["payload"] = data["text"]
        if metadata:
            data["metadata"] = _bounded(metadata)
        if external:
            data["external"] = True
        await self._limit(conversation)
        accepted = await self._record.run(self._record.accept, conversation.id, client_id, data)
        if accepted.event is not None:
            await publish(self._sessions, conversation.id, [accepted.event])
        if accepted.turn is not None and not accepted.duplicate:
            self._turns.start(accepted.turn, conversation.id)
        return accepted

    async def _limit(self, conversation: Conversation) -> None:
        if not await self._sessions.hit(f"messages:{conversation.id}", self._per_minute):
            raise TooMany(
                "Too many messages in a short time",
                expected=f"at most {self._per_minute} a minute",
                fix="Wait a moment and send it again under the same id.",
            )

    def _open(self, text: str) -> bool:
        """Whether anyone may send this ``/intent``: one that is listed, bare, or as ``name{}``."""
        name, brace, _ = text[1:].partition("{")
        listed = f"{name}{{}}" if brace else name
        return self._typed_intents or listed in self._open_intents

    # -- buttons ----------------------------------------------------------------------------

    def open_payload(self, conversation: str, sealed: str) -> str:
        """Return a button's payload; one that was not issued here is refused."""
        payload = unseal(self._buttons, conversation, sealed)
        if payload is None:
            raise BadRequest(
                "This button is not from this conversation",
                expected="the payload of a button as it was received",
                found="another one",
                fix="Send the text without a payload.",
            )
        return payload


def _bounded(metadata: dict[str, Any]) -> dict[str, Any]:
    size = len(orjson.dumps(metadata, default=str, option=orjson.OPT_NON_STR_KEYS))
    if size > MAX_METADATA:
        raise TooLarge(
            "The message's metadata are too large",
            expected=f"at most {MAX_METADATA} bytes",
            found=f"{size} bytes",
        )
    return metadata


def clean(text: str, longest: int) -> str:
    """Return ``text`` without what no person types, or raise BadRequest or TooLarge.

    Control characters other than line breaks are dropped; bidirectional marks of real
    right-to-left text stay, overrides that reorder what others read do not.
    """
    if len(text) > longest:
        raise TooLarge(
            "The message is too long",
            expected=f"at most {longest} characters",
            found=f"{len(text)} characters",
            fix="Send it in parts.",
        )
    kept = "".join(c for c in text if c in "\n\t" or not _unwanted(c)).strip()
    if not kept:
        raise BadRequest("The message is empty", expected="some text", found="nothing readable")
    return kept


def _unwanted(char: str) -> bool:
    overrides = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    if char in overrides or unicodedata.category(char) in ("Cc", "Cs", "Co"):
        return True
    # unassigned here may be a newer emoji or a rare character of a name; these never are
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
