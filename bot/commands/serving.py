"""``frontdesk serve``."""

from __future__ import annotations

import argparse
import re

from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot import logs
from bot.serve import Supervisor
from bot.settings import Settings
from models.errors import BadRequest


def serve(_: argparse.Namespace) -> int:
    """Run the service until it is told to stop.

    :raises BadRequest: a setting cannot be read.
    """
    try:
        settings = Settings()
    except SettingsError as error:
        named = re.search(r'field "(\w+)"', str(error))
        raise BadRequest(
            f"FRONTDESK_{named.group(1).upper() if named else '…'} cannot be read",
            expected="""a JSON list such as '["https://shop.example"]'""",
            fix="See docs/settings.md.",
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = "FRONTDESK_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadRequest(
            f"{name} cannot be used",
            expected=first["msg"],
            found=repr(first["input"])[:80],
            fix="See docs/settings.md.",
        ) from error
    logs.configure(settings.log_level, as_json=settings.log_json)
    Supervisor(settings).run()
    return 0
