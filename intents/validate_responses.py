"""Whether responses say something in every language, with the same values."""

from __future__ import annotations

from collections.abc import Iterator

from intents.assistant import Assistant, Place, Variation
from models.errors import GenerationError, Problem
from models.filling.template_text import all_placeholders


def problem_at(
    place: Place, expected: str, found: str, fix: str, severity: str = "error"
) -> Problem:
    """A finding about one place."""
    return Problem(place.file, place.line, expected, found, fix, severity)


def response_findings(assistant: Assistant) -> Iterator[Problem]:
    """Findings about all responses."""
    for name, variations in assistant.responses.items():
        for variation in variations:
            yield from _variation(assistant, name, variation)


def _variation(assistant: Assistant, name: str, variation: Variation) -> Iterator[Problem]:
    default = assistant.settings.default_language
    if variation.text is None and not (variation.custom or variation.image or variation.attachment):
        yield problem_at(variation.place, f"a text for {name}", "none", "Write '- text: \"…\"'.")
        return
    texts = {default: variation.text, **variation.translation}
    for language in assistant.languages:
        if variation.text is not None and not texts.get(language):
            yield problem_at(
                variation.place,
                f"a text in {language} for {name}",
                "none",
                f"Add 'translation: {{{language}: …}}'.",
                "warning",
            )
        for button in variation.buttons:
            if language != default and "title" not in button.translation.get(language, {}):
                yield problem_at(
                    variation.place,
                    f"a title in {language} for the button {button.title!r} of {name}",
                    "none",
                    f"Add 'translation: {{{language}: …}}' to the button.",
                    "warning",
                )
    for language in variation.translation:
        if language not in assistant.languages:
            yield problem_at(
                variation.place,
                "a language of the assistant",
                f"{language!r} in {name}",
                "Add it to languages in frontdesk.yml, or remove it.",
                "warning",
            )
    yield from _placeholders(assistant, name, variation)


def _placeholders(assistant: Assistant, name: str, variation: Variation) -> Iterator[Problem]:
    wanted: dict[str, frozenset[str]] = {}
    for language, text in {
        assistant.settings.default_language: variation.text or "",
        **variation.translation,
    }.items():
        try:
            fields = frozenset(all_placeholders(text))
        except GenerationError as error:
            rasa = assistant.rasa is not None
            fix = "Close the bracket; write {{ for a bracket that is text."
            yield problem_at(
                variation.place,
                f"{{slot}} in {name}",
                f"{text[:50]!r}: {error.message}",
                f"It is said as it stands. {fix}" if rasa else fix,
                "warning" if rasa else "error",
            )
            return
        wanted[language] = fields
    if len(set(wanted.values())) > 1 and variation.text is not None:
        shown = "; ".join(f"{k}: {', '.join(sorted(v)) or 'none'}" for k, v in wanted.items())
        yield problem_at(
            variation.place,
            f"the same values in every language of {name}",
            shown,
            "Use the same names in curly brackets.",
            "warning",
        )
