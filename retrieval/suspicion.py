"""What makes a past answer unfit to be repeated, however well it reads."""

from __future__ import annotations

import re
from typing import Protocol

from retrieval.redact_values import MONEY

POISON = frozenset({"link", "instruction", "insult", "promise", "bad_rating", "unresolved"})
"""Flags that keep an answer from being proposed as good."""

_LINK = re.compile(r"{link(?:_\d+)?}|https?://|www\.|<[a-z/!][^>]*>|\]\(|[{]{2}", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your |previous |prior )*(?:instruction|rule"
    r"|prompt|above)|system prompt|developer mode|you are now\b|act as (?:a|an)\b|jailbreak"
    r"|as an ai\b|\b(?:drop|delete) table\b|忽略(?:之前|以上|所有|前面)|系统提示|提示词|你现在是"
    r"|开发者模式"
    r"|扮演",
    re.IGNORECASE,
)
_INSULT = re.compile(
    r"\b(?:idiots?|stupid|morons?|shut up|dumb|fuck\w*|shit\w*|bitch|clowns?|liars?|pathetic"
    r"|not my problem|deal with it|your own fault|learn to read|asking again won't)\b"
    r"|傻|蠢|白痴|滚|妈的|他妈|废物|神经病|有病|闭嘴|活该|关我什么事|爱买不买|自己不会|脑子|智障",
    re.IGNORECASE,
)
_GIFT = re.compile(
    r"\b(?:compensat\w+|goodwill|gift you|give you|credit you|send you a (?:voucher|coupon)|on the"
    r" house|for free as an? (?:apology|exception)|make an exception|extra discount|knock off"
    r"|just for you|i promise|guarantee\w*)\b|补偿|赔(?:您|你|偿|付)|送(?:您|你)|破例|特批|私下"
    r"|给(?:您|你)(?:返|优惠|减|便宜)|红包|返现|我保证|包赔|绝对",
    re.IGNORECASE,
)


class Judged(Protocol):
    """What :func:`flags` reads of an answer."""

    @property
    def text(self) -> str:
        """The answering sentences."""

    @property
    def outcome(self) -> str | None:
        """How the conversation ended."""

    @property
    def rating(self) -> int | None:
        """The customer's rating, 1 to 5."""

    @property
    def mood(self) -> int:
        """-1 where the customer protested next."""

    @property
    def case(self) -> bool:
        """Whether the turn also spoke of the customer's own case."""


def flags(answer: Judged, whole: str, known_amounts: frozenset[str]) -> tuple[str, ...]:
    """Names of what is suspicious, sorted.

    :param whole: the agent's whole turn.
    :param known_amounts: amounts that several conversations state; one that is given away and
        stands alone is a ``promise``.
    """
    found = {
        "link": _LINK.search(whole),
        "instruction": _INSTRUCTION.search(whole),
        "insult": _INSULT.search(whole),
        "promise": _gives_away(answer.text, known_amounts),
        "bad_rating": answer.rating is not None and answer.rating <= 2,
        "unresolved": answer.outcome in ("unresolved", "abandoned"),
        "protest": answer.mood < 0,
        "case": answer.case,
        "personal": re.search(r"{[a-z_]+\d*}", answer.text),
    }
    return tuple(sorted(name for name, hit in found.items() if hit))


def amounts(text: str) -> frozenset[str]:
    """Amounts of money in ``text``, however they are written: ``99`` for ``¥99`` and ``99元``."""
    return frozenset(
        digits for m in MONEY.finditer(text) if (digits := re.sub(r"[^\d.]", "", m.group()))
    )


def _gives_away(text: str, known: frozenset[str]) -> bool:
    if not _GIFT.search(text):
        return False
    stated = amounts(text)
    return not stated or not stated <= known
