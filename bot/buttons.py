"""Signed quick replies: what a customer presses is what the bot offered in this conversation."""

from __future__ import annotations

from bot.secrets import Signer


def seal(signer: Signer, conversation: str, payload: str) -> str:
    """Sign a button's payload for one conversation."""
    return signer.seal(f"{conversation}\n{payload}")


def unseal(signer: Signer, conversation: str, sealed: str) -> str | None:
    """Return the payload of a button that was issued for this conversation, else None."""
    owner, _, payload = (signer.open(sealed) or "").partition("\n")
    return payload if payload and owner == conversation else None
