"""The last look at a reply before it is written: no hole, no stranger's data, no markup.

Shares no code with the generators. What it refuses is not sent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from models.errors import GenerationError

MAX_REPLY = 4_000

_HOLE = re.compile(r"\{[^{}\s]{1,80}\}")
_NOTHING = re.compile(r"(?<![A-Za-z0-9])(?:None(?! of )|undefined|NaN)(?![A-Za-z0-9])")
_MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!][^>]*>|javascript\s*:", re.IGNORECASE)
# Chinese stands next to these without a space, so that \w and \b would not find their ends
_PERSONAL = (
    re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"),
    re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{8,14}(?![A-Za-z0-9])"),
    re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    re.compile(r"(?<!\d)\d{15,19}(?!\d)"),
)


class Refused(GenerationError):
    """The guard refuses a reply."""


def check(text: str, template: str, values: Iterable[str]) -> str:
    """Return ``text`` cleaned of control characters, or raise Refused.

    ``template`` and ``values`` are what the reply was made of: personal data in it must stand
    in one of them.
    """
    clean = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))
    if not clean.strip():
        raise Refused("The reply is empty")
    if len(clean) > MAX_REPLY:
        raise Refused("The reply is too long", expected=f"{MAX_REPLY} characters at most")
    values = tuple(values)
    sources = (template, *values)
    for name, pattern, allowed in (
        # what the customer's own data say is shown as text, not taken for a hole
        ("a hole", _HOLE, values),
        ("a missing value", _NOTHING, sources),
        ("markup", _MARKUP, ()),
    ):
        for found in pattern.finditer(clean):
            if not any(found.group() in source for source in allowed):
                raise Refused(f"The reply has {name} in it", found=repr(found.group()[:40]))
    for pattern in _PERSONAL:
        for found in pattern.finditer(clean):
            if not any(found.group() in source for source in sources):
                raise Refused("The reply holds personal data of unknown origin")
    return clean
