"""Answer templates: what the bot may say, which questions it answers and where it comes from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from models.errors import DataError, GenerationError, Problem
from models.filling.generator import parse_template, placeholders

Source = Literal["operator", "mined"]
Status = Literal["live", "proposed", "rejected"]


@dataclass(frozen=True)
class LogRef:
    """The log line a template came from: conversation id, turn index from 0, redacted text."""

    conversation: str
    turn: int
    text: str


@dataclass(frozen=True)
class Button:
    """A quick reply; ``payload`` is what pressing it says (``/intent`` or text)."""

    title: str
    payload: str


@dataclass(frozen=True)
class Template:
    """One answer in one language.

    ``name`` is the response it is a wording of (``utter_…``); ``text`` holds ``{slot}``
    placeholders by the generator's rule; ``questions`` are redacted customer lines that it
    answered. Empty ``channels`` and ``audiences`` mean all; of these, ``member`` is a customer who
    is signed in, ``visitor`` one who is not. Validity is ``valid_from <= t < valid_until`` in aware
    times. ``condition``, ``custom`` and ``attachment`` are the domain's own, as plain JSON data.
    ``flags`` say why a proposal needs a careful look. ``about`` are the things that it is about
    (see ``retrieval.naming``): for a message that names none of them the answer may be wrong.
    """

    id: str
    name: str
    language: str
    text: str
    intents: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    source: Source = "operator"
    provenance: tuple[LogRef, ...] = ()
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    custom: Any = None
    attachment: Any = None
    condition: tuple[Mapping[str, Any], ...] = ()
    quality: float = 1.0
    status: Status = "live"
    channels: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    flags: tuple[str, ...] = field(default=())
    about: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could never be said.

        :raises DataError: a malformed placeholder, a quality outside 0..1, an unknown status or
            source, or a time without a zone.
        """
        checks = (
            (0.0 <= self.quality <= 1.0, "a quality from 0 to 1", str(self.quality)),
            (self.status in get_args(Status), "a known status", repr(self.status)),
            (self.source in get_args(Source), "a known source", repr(self.source)),
            (_aware(self.valid_from, self.valid_until), "times with a zone", "one without"),
        )
        for holds, expected, found in checks:
            if not holds:
                raise _invalid(self.id, expected, found)
        try:
            parse_template(self.text)
        except GenerationError as error:
            raise _invalid(self.id, "a well-formed text", str(error)) from error

    @cached_property
    def slots(self) -> tuple[str, ...]:
        """Names of the placeholders, by the generator's own rule."""
        return placeholders(self.text)

    def spoken(self) -> str:
        """The text as a reader hears it, without braces: what search compares.

        An answer without words, such as an image, is found by its name.
        """
        return speak(self.text) if self.text.strip() else speak_name(self.name)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON data; fields that hold their default are left out, slots are added."""
        data = {
            f.name: value
            for f in fields(self)
            if (value := getattr(self, f.name)) != f.default
            or f.name in ("source", "status", "quality")
        }
        data["slots"] = list(self.slots)
        data["provenance"] = [asdict(ref) for ref in self.provenance]
        data["buttons"] = [asdict(button) for button in self.buttons]
        for name in ("intents", "questions", "channels", "audiences", "condition", "flags"):
            data[name] = [dict(v) if isinstance(v, Mapping) else v for v in getattr(self, name)]
        data["about"] = [list(group) for group in self.about]
        for name in ("valid_from", "valid_until"):
            if data.get(name):
                data[name] = data[name].isoformat()
        return {name: value for name, value in data.items() if value not in ([], None)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Template:
        """Rebuild a template; unknown keys are ignored, ``id`` and ``slots`` are derived.

        :raises DataError: a missing or wrongly typed field.
        """
        known = {f.name for f in fields(cls)}
        given = {name: value for name, value in data.items() if name in known}
        try:
            for name in ("name", "language", "text"):
                if not isinstance(given[name], str):
                    raise TypeError(f"{name} is {type(given[name]).__name__}, not text")
            for name in ("intents", "questions", "channels", "audiences", "flags"):
                given[name] = _texts(given.get(name, ()), name)
            given["about"] = tuple(_texts(group, "about") for group in given.get("about", ()))
            given["condition"] = tuple(given.get("condition", ()))
            given["provenance"] = tuple(LogRef(**ref) for ref in given.get("provenance", ()))
            given["buttons"] = tuple(Button(**button) for button in given.get("buttons", ()))
            given["quality"] = float(given.get("quality", 1.0))
            for name in ("valid_from", "valid_until"):
                given[name] = _time(given.get(name))
            given.setdefault("id", template_id(given["name"], given["language"], given["text"]))
            return cls(**given)
        except (KeyError, TypeError, ValueError) as error:
            raise _invalid(str(data.get("id", "?")), "a template's fields", repr(error)) from error


def template_id(name: str, language: str, text: str, variant: str = "") -> str:
    """Stable id: the same wording of the same response keeps its id over releases."""
    digest = hashlib.sha256("\x1f".join((name, language, text, variant)).encode()).hexdigest()
    return f"{name.removeprefix('utter_')}-{language}-{digest[:12]}"


def speak_name(name: str) -> str:
    """``utter_size_chart`` as words."""
    return name.removeprefix("utter_").replace("_", " ")


@lru_cache(maxsize=32768)
def speak(text: str) -> str:
    """Template text with ``{order_id}`` read as ``order id``; malformed text comes unchanged.

    Remembered, so that an index with a few texts changed is not read anew.
    """
    try:
        pieces = parse_template(text)
    except GenerationError:
        return text
    return "".join(p.text.replace("_", " ") if p.is_placeholder else p.text for p in pieces)


def from_responses(
    responses: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    default_language: str,
    intents: Mapping[str, Sequence[str]] | None = None,
    questions: Mapping[tuple[str, str], Sequence[str]] | None = None,
) -> list[Template]:
    """Operator templates from a domain's responses in Rasa's form.

    :param responses: name -> variations with ``text``, ``translation`` {language: text},
        ``buttons`` (``title``, ``payload``, ``translation`` {language: {title, payload}}),
        ``image``, ``custom``, ``attachment``, ``channel``, ``condition``.
    :param intents: name -> intents it answers; ``utter_x`` answers intent ``x`` where not given.
    :param questions: (name, language) -> customer lines that it answers.
    :raises DataError: a malformed text.
    """
    made: dict[str, Template] = {}
    for name, variations in responses.items():
        answered = tuple((intents or {}).get(name, (name.removeprefix("utter_"),)))
        for variation in variations:
            for language, text in _texts_by_language(variation, default_language):
                asked = tuple((questions or {}).get((name, language), ()))
                template = _from_variation(name, language, text, variation, answered, asked)
                made[template.id] = template
    return list(made.values())


def write_templates(path: Path, templates: Iterable[Template]) -> int:
    """Write JSON lines in one step; returns how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    count = 0
    with partial.open("w", encoding="utf-8") as out:
        for template in templates:
            out.write(json.dumps(template.as_json(), ensure_ascii=False) + "\n")
            count += 1
    partial.replace(path)
    return count


def read_templates(path: Path) -> list[Template]:
    """Read JSON lines.

    :raises DataError: a line that is not a template; all of them are named.
    """
    templates, problems = [], []
    for number, item in _numbered(path):
        try:
            templates.append(Template.from_json(json.loads(item)))
        except (ValueError, AttributeError, DataError) as error:
            problems.append(
                Problem(str(path), number, "a template", str(error)[:200], "Mend the line.")
            )
    if problems:
        raise DataError(f"{path} holds lines that are not templates", problems)
    return templates


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if line.strip():
                yield number, line


def _from_variation(
    name: str,
    language: str,
    text: str,
    variation: Mapping[str, Any],
    intents: tuple[str, ...],
    questions: tuple[str, ...],
) -> Template:
    channel = variation.get("channel")
    condition = tuple(variation.get("condition") or ())
    extras = [variation.get(key) for key in ("buttons", "image", "custom")]
    if variation.get("attachment") is not None:
        extras.append(variation["attachment"])
    told_apart = json.dumps([channel, condition, extras], default=str, sort_keys=True)
    plain = told_apart == json.dumps([None, (), [None, None, None]])
    return Template(
        id=template_id(name, language, text, "" if plain else told_apart),
        name=name,
        language=language,
        text=text,
        intents=intents,
        questions=questions,
        buttons=tuple(_button(b, language) for b in variation.get("buttons") or ()),
        image=variation.get("image"),
        custom=variation.get("custom"),
        attachment=variation.get("attachment"),
        condition=condition,
        channels=(channel,) if channel else (),
    )


def _texts_by_language(
    variation: Mapping[str, Any], default_language: str
) -> Iterator[tuple[str, str]]:
    translations: Mapping[str, str] = variation.get("translation") or {}
    main = variation.get("text")
    if main is not None or not translations:
        yield default_language, str(main or "")
    for language, text in translations.items():
        if main is None or language != default_language:
            yield language, text


def _button(data: Mapping[str, Any], language: str) -> Button:
    own: Mapping[str, str] = (data.get("translation") or {}).get(language) or {}
    title = str(own.get("title", data["title"]))
    return Button(title, str(own.get("payload", data.get("payload", title))))


def _texts(value: Any, name: str) -> tuple[str, ...]:
    if isinstance(value, str) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{name} must be a list of texts")
    return tuple(value)


def _time(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    parsed = datetime.fromisoformat(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _aware(*times: datetime | None) -> bool:
    return all(time is None or time.tzinfo is not None for time in times)


def _invalid(template: str, expected: str, found: str) -> DataError:
    return DataError(
        f"Template {template!r} cannot be used",
        expected=expected,
        found=found[:300],
        fix="Mend the template where it is written (the domain's responses or the mined file).",
    )
