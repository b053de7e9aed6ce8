"""Which templates a release answers with: the assistant's responses and the accepted mined ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from intents.assistant import Assistant, Variation
from models.arrays import FloatArray
from retrieval.index import TemplateIndex
from retrieval.templates import Template, from_responses, read_templates

ACCEPTED = Path("templates") / "accepted.jsonl"
QUESTIONS = 6
"""Training lines that stand beside an operator's template as questions it answers."""


def templates_of(assistant: Assistant, folder: Path) -> list[Template]:
    """Return every template of the assistant in ``folder``, live ones only."""
    own = from_responses(
        {
            name: [_plain(variation) for variation in variations]
            for name, variations in assistant.responses.items()
        },
        default_language=assistant.settings.default_language,
        intents={name: _answered(name, assistant) for name in assistant.responses},
        questions=_questions(assistant),
    )
    accepted = folder / ACCEPTED
    mined = read_templates(accepted) if accepted.is_file() else []
    known = {template.id for template in own}
    return own + [t for t in mined if t.status == "live" and t.id not in known]


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


def _plain(variation: Variation) -> dict[str, object]:
    return {
        "text": variation.text,
        "translation": dict(variation.translation),
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


def spoken_in(assistant: Assistant, name: str) -> Iterable[str]:
    """Return the languages in which a response has words."""
    default = assistant.settings.default_language
    for language in assistant.languages:
        if any(v.text_in(language, default) for v in assistant.responses.get(name, ())):
            yield language
