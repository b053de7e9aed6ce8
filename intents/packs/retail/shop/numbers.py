"""Order numbers and phone tails as people type them, in the one form that the shop stores."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = re.compile(r"H[\s\-_.]*L[\s\-_.:#]*((?:\d[\s\-_.]*){8})(?!\d)", re.IGNORECASE)
_BARE = re.compile(r"(?:(?:no|nr|number|订单号?|单号)[\s.:#]*)?((?:\d[\s\-]*){8})", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[\s\-]*)?(1[3-9](?:[\s\-]*\d){9})(?!\d)")
_TAIL = re.compile(r"(?<!\d)\d(?:[\s\-]?\d){3}(?!\d)")


def plain_text(text: str) -> str:
    """``text`` with full-width forms and other digits written in ASCII (NFKC, decimal values)."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() and not char.isascii() else char
        for char in folded
    )


def order_number(text: str) -> str | None:
    """The order number in ``text`` as ``HL`` and eight digits, or None where there is none.

    Small letters, blanks, hyphens and full-width characters do not matter. Eight digits without
    the letters count only when nothing else is said.
    """
    plain = plain_text(text).strip()
    found = _LETTERS.search(plain) or _BARE.fullmatch(plain)
    return "HL" + digits(found[1]) if found else None


def phone_tail(text: str) -> str | None:
    """The last four digits of the phone number in ``text``, or None where there is none.

    A whole mobile number stands for its tail. Anything with several numbers in it is ambiguous.
    """
    plain = plain_text(text)
    phones = {digits(found[1]) for found in _PHONE.finditer(plain)}
    if len(phones) == 1:
        return phones.pop()[-4:]
    tails = {digits(found[0]) for found in _TAIL.finditer(plain)}
    return tails.pop() if not phones and len(tails) == 1 else None


def mobile_tail(text: str) -> str | None:
    """The last four digits of the one whole mobile number in ``text``."""
    phones = {digits(found[1]) for found in _PHONE.finditer(plain_text(text))}
    return phones.pop()[-4:] if len(phones) == 1 else None


def has_digits(text: str) -> bool:
    """Whether any digit stands in ``text``."""
    return any(char.isdecimal() for char in text)


def digits(text: str) -> str:
    """The digits of ``text``, in ASCII."""
    return re.sub(r"\D", "", plain_text(text))
