"""What was learned from past logs goes into a release that serves."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.home import Home
from intents.release import Release
from models.errors import BadRequest


def put_into_service(
    home: Home, learned_with: Release, file: str, save: Callable[[Path], object] | None, note: str
) -> str | None:
    """Promote the current release with ``file``; return its id.

    Without ``save`` the release is one without the file: None where it has none now.

    :raises BadRequest: the encoder is another than the one it was learned with.
    """
    with home.editing(), tempfile.TemporaryDirectory(dir=home.path, prefix=".learned-") as work:
        current = home.store.current()
        if current is None or current.facts.encoder != learned_with.facts.encoder:
            raise BadRequest(
                "The encoder was exchanged while this was learned", fix="Run the command again."
            )
        if save is None and file not in current.files:
            return None
        path = Path(work) / file
        if save is not None:
            save(path)
        made = home.store.derive(current, {file: path if save else None}, note=note)
        home.store.promote(made.id, note)
        return made.id
