"""Settings of one assistant: the file ``frontdesk.yml`` beside its domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SETTINGS_FILE = "frontdesk.yml"


@dataclass(frozen=True)
class IntentSettings:
    """What people read about an intent: a description for operators, titles for customers.

    ``covers`` are intents that a question without a subject of its own may sound like; right after
    this intent such a question is about it. ``instead`` says what a short question that sounds like
    one intent is in truth, right after this one: postage, within a return, is that of the return.
    ``calls_off`` are intents whose form, while it is open, this one ends: who withdraws a return
    while it is being started wants none. ``repeats``: who tells more about it is answered by it
    once more, in other words; a warning bears that.
    """

    description: str = ""
    title: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    calls_off: tuple[str, ...] = ()
    repeats: bool = False


@dataclass(frozen=True)
class PatternSettings:
    """Regular expressions of one entity type.

    ``normalise`` lists steps in order: ``upper`` and ``lower`` case, ``no_blanks`` (nor hyphens),
    ``digits`` (full-width letters and digits become ordinary ones), ``only_digits``;
    ``when_asked`` holds looser patterns, tried only while a slot of this type is asked for.
    """

    patterns: tuple[str, ...] = ()
    when_asked: tuple[str, ...] = ()
    normalise: tuple[str, ...] = ()


@dataclass(frozen=True)
class Formats:
    """How values are written in replies: ``regions`` by language, ISO 4217, kinds by value name."""

    regions: Mapping[str, str] = field(default_factory=dict)
    currency: str = "CNY"
    kinds: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Every key of ``frontdesk.yml``; see docs/assistant.md."""

    languages: tuple[str, ...] = ("en",)
    default_language: str = "en"
    error_rate: float = 0.05
    out_of_scope_share: float = 0.2
    max_options: int = 3
    handoff_intents: tuple[str, ...] = ()
    patterns: Mapping[str, PatternSettings] = field(default_factory=dict)
    recognise: Mapping[str, str] = field(default_factory=dict)
    phone_region: str = "CN"
    dimensions: tuple[str, ...] = ()
    timezone: str = ""
    gate_margin: float = 0.1
    encoder: str | None = None
    intents: Mapping[str, IntentSettings] = field(default_factory=dict)
    slots: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Titles of slots by language: what agents read of a conversation."""
    formats: Formats = field(default_factory=Formats)


RECOGNISERS = (
    "phone", "email", "money", "date", "duration", "quantity", "time", "number", "ordinal",
    "distance", "url",
)  # fmt: skip
"""Built-in recognisers; ``recognise`` maps an entity type of the assistant to one of them."""

KINDS = ("text", "number", "money", "percent", "date", "datetime", "time", "person")
"""How ``formats`` may say that a value is written."""

NORMALISERS = ("upper", "lower", "no_blanks", "digits", "only_digits")
"""What ``normalise`` may list."""

BY_NAME = ("phone", "email", "money", "date", "duration", "quantity")
"""Recognisers that entity types of their names use without being told."""

DIMENSIONS = (
    "time", "duration", "number", "ordinal", "amount-of-money", "quantity", "distance", "email",
    "phone-number", "url",
)  # fmt: skip
"""Duckling's dimensions that are known, under Duckling's names."""
