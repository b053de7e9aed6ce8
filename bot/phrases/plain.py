"""The words of a message as they are compared, and how many a short answer may have."""

from __future__ import annotations

import unicodedata

LONGEST = 60
"""Characters that such an answer has at most."""


def plain(text: str) -> str:
    """The words as they are compared: one case, one width, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").casefold().split())
