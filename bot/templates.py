"""Which templates a release answers with: the assistant's responses and the accepted mined ones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from intents.assistant import Assistant, Variation
from models.arrays import FloatArray
from models.errors import GenerationError
from models.filling.template_text import escape, parse_template
from retrieval.naming import Names
from retrieval.search.index import TemplateIndex
from retrieval.templates import Template, from_responses, read_templates, write_templates

ACCEPTED = Path("templates") / "accepted.jsonl"
_FIGURE = re.compile(r"\d")
QUESTIONS = 6
"""Training lines that stand beside an operator's template as questions it answers."""


def accepted_in(folder: Path) -> dict[str, Path]:
    """The accepted templates as a file of a release: going back to it brings them back."""
    path = folder / ACCEPTED
    return {f"assistant/{ACCEPTED.as_posix()}": path} if path.is_file() else {}


def add_templates(folder: Path, templates: Iterable[Template]) -> None:
    """Put accepted templates into the assistant in ``folder``; a known id is replaced."""
    path = folder / ACCEPTED
    known = {t.id: t for t in read_templates(path)} if path.is_file() else {}
    write_templates(path, {**known, **{t.id: t for t in templates}}.values())


def templates_of(assistant: Assistant, folder: Path) -> list[Template]:
    """Return every template of the assistant in ``folder``, live ones only."""
    own = from_responses(
        {
            name: [_plain(variation, assistant) for variation in variations]
            for name, variations in assistant.responses.items()
        },
        default_language=assistant.settings.default_language,
        intents={name: _answered(name, assistant) for name in assistant.responses},
        questions=_questions(assistant),
    )
    accepted = folder / ACCEPTED
    mined = read_templates(accepted) if accepted.is_file() else []
    known = {template.id for template in own}
    live = own + [t for t in mined if t.status == "live" and t.id not in known]
    names = names_of(assistant)
    return [_about(template, names) for template in live]


def _about(template: Template, names: Names) -> Template:
    about = names.about(template.questions, template.text if template.source == "mined" else "")
    return template if about == template.about else replace(template, about=about)


def names_of(assistant: Assistant) -> Names:
    """Every wording of a thing that the assistant knows: its lookups, synonyms and marked values.

    Values of a fixed shape or with a figure in them, such as order numbers, name nothing.
    """
    shaped = {
        *assistant.settings.patterns,
        *(t for t, how in assistant.settings.recognise.items() if how not in ("date", "time")),
    }
    listed = [listing.items for listing in assistant.lookups if listing.name not in shaped]
    marked = {
        example.text[entity.start : entity.end]
        for example in assistant.examples
        for entity in example.entities or ()
        if entity.entity not in shaped
    }
    words = {word for word in (*marked, *chain(*listed)) if not _FIGURE.search(word)}
    same = [frozenset((synonym.value, *synonym.variants)) for synonym in assistant.synonyms]
    return Names([*(group for group in same if group & words), *((word,) for word in words)])


def build_index(
    assistant: Assistant,
    folder: Path,
    encode: Callable[[Sequence[str]], FloatArray],
    known: dict[str, FloatArray] | None = None,
) -> TemplateIndex:
    """Index all templates of an assistant; ``known`` are vectors of texts encoded before."""
    return TemplateIndex.build(templates_of(assistant, folder), encode, known=known)


def renew_index(
    index: TemplateIndex,
    assistant: Assistant,
    folder: Path,
    encode: Callable[[Sequence[str]], FloatArray],
) -> TemplateIndex:
    """Return ``index`` with what has changed in the assistant; only new texts are embedded."""
    wanted = {template.id: template for template in templates_of(assistant, folder)}
    have = {template.id: template for template in index.templates}
    gone = [key for key in have if key not in wanted]
    changed = [template for key, template in wanted.items() if have.get(key) != template]
    return index.with_templates(changed, encode, drop=gone)


def _answered(name: str, assistant: Assistant) -> tuple[str, ...]:
    """The intents that a response answers by itself: ``utter_x`` answers ``x``."""
    intent = name.removeprefix("utter_")
    return (intent,) if intent in assistant.intents else ()


def _questions(assistant: Assistant) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for example in assistant.examples:
        if example.intent is None:
            continue
        questions = found.setdefault((f"utter_{example.intent}", example.language), [])
        if len(questions) < QUESTIONS:
            questions.append(example.text)
    return found


def _plain(variation: Variation, assistant: Assistant) -> dict[str, object]:
    said = as_rasa_says if assistant.rasa else str
    return {
        "text": None if variation.text is None else said(variation.text),
        "translation": {key: said(text) for key, text in variation.translation.items()},
        "buttons": [
            {
                "title": button.title,
                "payload": button.payload,
                "translation": {k: dict(v) for k, v in button.translation.items()},
            }
            for button in variation.buttons
        ],
        "image": variation.image,
        "custom": variation.custom,
        "attachment": variation.attachment,
        "channel": variation.channel,
        "condition": [dict(item) for item in variation.condition],
    }


def as_rasa_says(text: str) -> str:
    """A Rasa project's text as a template: one that is malformed is said as it stands."""
    try:
        parse_template(text)
    except GenerationError:
        return escape(text)
    return text


def spoken_in(assistant: Assistant, name: str) -> Iterable[str]:
    """Return the languages in which a response has words."""
    default = assistant.settings.default_language
    for language in assistant.languages:
        if any(v.text_in(language, default) for v in assistant.responses.get(name, ())):
            yield language
