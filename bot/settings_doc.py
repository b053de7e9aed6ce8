"""Writes ``docs/settings.md`` from the settings themselves: ``python -m bot.settings_doc``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from bot.settings import Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
_HEAD = """\
# Settings

Every option of `frontdesk serve`, as an environment variable or a line of an `.env` file in the
folder it is started from. Lists are written as JSON, for example
`FRONTDESK_ORIGINS='["https://shop.example"]'`. The defaults run everything on one machine.

| Variable | Default | What it does |
|---|---|---|
"""
_FOOT = """
This page is made by `python -m bot.settings_doc` from `bot/settings.py`.
"""


def page() -> str:
    """Return the page's text."""
    rows = [_row(name, field) for name, field in Settings.model_fields.items()]
    return _HEAD + "".join(rows) + _FOOT


def _row(name: str, field: FieldInfo) -> str:
    limits = _limits(field)
    said = f"{field.description}{f' ({limits})' if limits else ''}"
    return f"| `FRONTDESK_{name.upper()}` | {_default(field.default)} | {said} |\n"


def _default(value: Any) -> str:
    if value is None:
        return "unset"
    plain = str(value) if isinstance(value, Path) else value
    shown = plain if isinstance(plain, str) else json.dumps(plain)
    return f"`{shown}`"


def _limits(field: FieldInfo) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    found = [
        f"{words[key]} {getattr(item, key):g}"
        for item in field.metadata
        for key in words
        if getattr(item, key, None) is not None
    ]
    return ", ".join(found)


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
