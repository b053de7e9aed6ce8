"""What an encoder learns from texts without labels, before anything is fitted to its vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from intents.training.mood import spoken
from models.encoders.runtime import Encoder

_ENOUGH = 500


def balance(
    encoder: Encoder, texts: Sequence[str], language: str, folder: Path | None = None
) -> None:
    """Weigh the encoder's two views by ``texts``, and bring two languages together.

    :param language: ``en``, ``zh`` or ``mul``.
    :param folder: of the serving encoder, where it is written down.
    """
    encoder.weigh_view([*texts[:: -(-len(texts) // _ENOUGH)]], folder)
    if language == "mul":
        encoder.bring_together(spoken("en"), spoken("zh"), folder)
