"""Moods, urgency and languages as data files name them."""

from __future__ import annotations

from typing import Any

from intents.examples import SENTIMENTS, URGENCIES, language_of
from intents.reading.base import Training
from intents.reading.yamlfile import as_text

LANGUAGES = ("en", "zh", "mul")
_SHORT = {"pos": "positive", "neg": "negative", "neu": "neutral"}


def sentiment(raw: Any, name: str, line: int, into: Training) -> str | None:
    """One of the three moods; None, with a finding, where something else is said."""
    if raw is None:
        return None
    value = as_text(raw).strip().lower()
    value = _SHORT.get(value, value)
    if value in SENTIMENTS:
        return value
    into.report(name, line, " or ".join(SENTIMENTS), repr(raw)[:60], "Use one of them.", "warning")
    return None


def urgency(raw: Any, name: str, line: int, into: Training) -> str | None:
    """How much a line presses; None, with a finding, where something else is said."""
    if raw is None:
        return None
    value = as_text(raw).strip().lower()
    if value in URGENCIES:
        return value
    into.report(name, line, " or ".join(URGENCIES), repr(raw)[:60], "Use one of them.", "warning")
    return None


def language(raw: Any, text: str, name: str, line: int, into: Training) -> str:
    """The language that a line names; found by script, with a finding, where it names no known."""
    if raw is None:
        return language_of(text)
    named = as_text(raw).strip().lower().replace("_", "-").partition("-")[0]
    if named in LANGUAGES:
        return named
    if into.first_time(f"language {named}"):
        into.report(
            name,
            line,
            " or ".join(LANGUAGES),
            f"the language {as_text(raw)[:20]!r}",
            "Use one of them; the script of the text decides until then.",
            "warning",
        )
    return language_of(text)
