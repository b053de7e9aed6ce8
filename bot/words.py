"""Fixed words of the service in the customer's language, taken from the assistant's responses."""

from __future__ import annotations

from bot.live import Releases


class Words:
    """Looks up plain responses (no placeholders) outside a turn."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases

    def say(self, name: str, language: str) -> str:
        """Return the first wording of ``name`` in ``language``, or ``""`` if there is none."""
        assistant = self._releases.live.assistant
        default = assistant.settings.default_language
        for variation in assistant.responses.get(name, ()):
            text = variation.text_in(language, default)
            if text:
                return text
        return ""
