"""What people write, without what no person types."""

from __future__ import annotations

import unicodedata

from models.errors import BadRequest, TooLarge


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
