"""What a reply is made of, told to the generators and to the checker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from intents.settings import Formats
from models.checking import Sources, Stated
from models.filling.formatting import Kind
from models.filling.generator import GenerationRequest, Trace, all_placeholders

_ENDINGS: tuple[tuple[str, Kind], ...] = (
    ("_amount", "money"),
    ("_percent", "percent"),
    ("_date", "date"),
    ("_time", "time"),
    ("_count", "number"),
)


def kind_of(name: str, formats: Formats) -> Kind:
    """Values travel as JSON; the assistant's settings or their name's end say how to write them."""
    if name in formats.kinds:
        return cast(Kind, formats.kinds[name])
    return next((kind for ending, kind in _ENDINGS if name.endswith(ending)), "text")


def kinds_of(template: str, formats: Formats) -> dict[str, Kind]:
    """The kind of every value that a template may say."""
    return {name: kind_of(name, formats) for name in all_placeholders(template)}


def locale_of(language: str, formats: Formats) -> str:
    """A reply's language with its region, such as ``en-GB``."""
    region = formats.regions.get(language, "")
    return f"{language}-{region}" if region else language


def sources_of(request: GenerationRequest, traces: Sequence[Trace] = ()) -> Sources:
    """What the checker holds a reply against.

    A person's name goes in as it was written: how somebody is addressed is no matter of reading.
    """
    written = {trace.placeholder: trace.value for trace in traces}
    values = {}
    for name, kind in request.kinds.items():
        given = request.values.get(name)
        if given is None or given.value is None:
            continue
        value: object = given.value
        if kind == "person":
            value, kind = written.get(name, str(value)), "text"
        elif kind == "money" and not str(value).strip()[-1:].isalpha():
            value = f"{value} {request.currency}"
        values[name] = Stated(value, kind)
    return Sources(request.template, values, request.language, request.facts)
