"""Accepting a message: check, limit, deduplicate, write down, acknowledge.

From the acknowledgement on the message cannot be lost: its turn is in the record, and
whichever worker lives takes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from bot.attachments.content import Attachment
from bot.buttons import unseal
from bot.cleaning import clean
from bot.events import new_id
from bot.record.record import Accepted, Conversation
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
        sessions: Sessions,
        turns: Turns,
        buttons: Signer,
        *,
        max_text: int,
        per_minute: int,
        typed_intents: bool,
        open_intents: Collection[str] = (),
    ) -> None:
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
        entities: Sequence[Mapping[str, Any]] = (),
        attachment: Attachment | None = None,
        elsewhere: dict[str, str] | None = None,
    ) -> Accepted:
        """Accept one message and start its turn. Raises BadRequest, TooLarge, TooMany.

        ``payload`` is a button's, sealed. What a ``trusted`` sender writes as ``/intent{...}`` is
        one; anyone else's is words, unless the intent is open to all. ``metadata`` is what the
        client sends along, for the actions. ``external`` is no person's message, and nobody is
        shown it: what comes of it is; its ``entities`` stand for the payload's. With an
        ``attachment`` there need be no words, nor with a file that lies ``elsewhere`` (``url``,
        ``name``) and is fetched when its turn is taken.
        """
        client_id = client_message_id or new_id()
        if len(client_id) > MAX_CLIENT_ID:
            raise BadRequest(
                "The client message id is too long", expected=f"at most {MAX_CLIENT_ID} characters"
            )
        data: dict[str, Any] = {
            "text": clean(text, self._max_text)
            if text.strip() or not (attachment or elsewhere)
            else "",
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
        if entities:
            data["entities"] = [dict(entity) for entity in entities]
        if attachment is not None:
            data["file"] = attachment.described()
        if elsewhere is not None:
            data["elsewhere"] = elsewhere
        await self._limit(conversation)
        content = attachment.content if attachment is not None else None
        accepted = await self._turns.accept(conversation, client_id, data, content)
        if accepted.event is not None and accepted.turn is None and attachment is not None:
            self._turns.reading.aside(conversation.id, accepted.event, conversation.language)
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
