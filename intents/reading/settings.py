"""Reading ``frontdesk.yml``; every key is checked against what it may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from intents.reading.yamlfile import as_text, line_of, plain
from intents.settings import (
    DIMENSIONS,
    KINDS,
    NORMALISERS,
    RECOGNISERS,
    Formats,
    IntentSettings,
    PatternSettings,
    Settings,
)
from models.errors import Problem
from models.filling.zones import time_zones

_KEYS = frozenset(Settings.__dataclass_fields__) | {"version"}


def read_settings(document: dict[Any, Any], file: str, problems: list[Problem]) -> Settings:
    """The settings in ``document``; what cannot be read is reported and keeps its default."""
    return _Reader(document, file, problems).settings()


class _Reader:
    def __init__(self, document: dict[Any, Any], file: str, problems: list[Problem]) -> None:
        self.document, self.file, self.problems = document, file, problems

    def settings(self) -> Settings:
        for key in self.document:
            if as_text(key) not in _KEYS:
                self._problem(key, "a key out of " + ", ".join(sorted(_KEYS)), "Remove it.")
        defaults = Settings()
        languages = self._names("languages") or defaults.languages
        default = as_text(self.document.get("default_language")) or languages[0]
        if default not in languages:
            self._problem("default_language", "one of the languages", "Add it to languages.")
            default = languages[0]
        ordered = (default, *(language for language in languages if language != default))
        return Settings(
            languages=ordered,
            default_language=default,
            error_rate=self._number("error_rate", defaults.error_rate, 0.0001, 0.5),
            out_of_scope_share=self._number(
                "out_of_scope_share", defaults.out_of_scope_share, 0.0, 0.9
            ),
            max_options=int(self._number("max_options", defaults.max_options, 2, 4)),
            handoff_intents=self._names("handoff_intents"),
            patterns=self._patterns(),
            recognise=self._recognise(),
            phone_region=as_text(self.document.get("phone_region")).upper()
            or defaults.phone_region,
            dimensions=self._dimensions(),
            timezone=self._timezone(),
            gate_margin=self._number("gate_margin", defaults.gate_margin, 0.0, 1.0),
            encoder=as_text(self.document.get("encoder")) or None,
            intents=self._intents(),
            slots=self._slots(),
            formats=self._formats(),
        )

    def _problem(self, key: Any, expected: str, fix: str, found: str | None = None) -> None:
        shown = found if found is not None else repr(plain(self.document.get(key)))[:60]
        if as_text(key) not in _KEYS:
            shown = repr(as_text(key))
        line = line_of(self.document, key)
        self.problems.append(Problem(self.file, line, expected, shown, fix))

    def _names(self, key: str) -> tuple[str, ...]:
        value = plain(self.document.get(key))
        if value is None:
            return ()
        if not isinstance(value, list) or any(isinstance(item, dict | list) for item in value):
            self._problem(key, f"a list of names in {key}", "Write '- <name>' lines.")
            return ()
        return tuple(as_text(item) for item in value)

    def _number(self, key: str, default: float, low: float, high: float) -> float:
        value = self.document.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._problem(key, f"a number between {low} and {high}", "Write a number.")
            return default
        if not low <= float(value) <= high:
            self._problem(key, f"a number between {low} and {high}", "Choose one in that range.")
            return default
        return float(value)

    def _section(self, key: str) -> dict[str, Any]:
        value = plain(self.document.get(key))
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._problem(key, f"a map under {key}", "Write '<name>: …' lines.")
            return {}
        return value

    def _patterns(self) -> dict[str, PatternSettings]:
        found = {}
        for name, raw in self._section("patterns").items():
            parts = raw if isinstance(raw, dict) else {"patterns": raw}
            unknown = set(parts) - {"patterns", "when_asked", "normalise"}
            if unknown:
                self._problem(
                    "patterns",
                    "patterns, when_asked and normalise",
                    "Mend the key.",
                    ", ".join(sorted(unknown)),
                )
            found[name] = PatternSettings(
                self._expressions(parts.get("patterns")),
                self._expressions(parts.get("when_asked")),
                self._normalisers(parts.get("normalise")),
            )
        return found

    def _expressions(self, raw: Any) -> tuple[str, ...]:
        sound = []
        for item in _listed(raw):
            try:
                re.compile(item)
            except (re.error, OverflowError, RecursionError) as error:
                self._problem("patterns", "regular expressions", "Mend it.", f"{item!r}: {error}")
            else:
                sound.append(item)
        return tuple(sound)

    def _normalisers(self, raw: Any) -> tuple[str, ...]:
        names = _listed(raw)
        for name in names:
            if name not in NORMALISERS:
                self._problem("patterns", " or ".join(NORMALISERS), "Use one of them.", repr(name))
        return tuple(name for name in names if name in NORMALISERS)

    def _recognise(self) -> dict[str, str]:
        found = {}
        for name, raw in self._section("recognise").items():
            if raw in RECOGNISERS:
                found[name] = str(raw)
            else:
                self._problem("recognise", " or ".join(RECOGNISERS), "Use one.", repr(raw)[:60])
        return found

    def _dimensions(self) -> tuple[str, ...]:
        names = self._names("dimensions")
        for name in names:
            if name not in DIMENSIONS:
                self._problem("dimensions", " or ".join(DIMENSIONS), "Use one of them.", repr(name))
        return tuple(name for name in names if name in DIMENSIONS)

    def _timezone(self) -> str:
        name = as_text(self.document.get("timezone"))
        if name and name not in time_zones():
            self._problem("timezone", "a zone such as Asia/Shanghai", "Name a zone, or none.")
            return ""
        return name

    def _intents(self) -> dict[str, IntentSettings]:
        found = {}
        for name, raw in self._section("intents").items():
            if not isinstance(raw, dict):
                self._problem("intents", "description and title", "Indent them under the intent.")
                continue
            instead = raw.get("instead") or {}
            if not isinstance(instead, dict):
                self._problem("intents", "an intent for each intent", "Write {heard: meant}.")
                instead = {}
            found[name] = IntentSettings(
                as_text(raw.get("description")),
                self._titles(raw.get("title")),
                self._listed(raw, "covers"),
                {as_text(heard): as_text(meant) for heard, meant in instead.items()},
                self._listed(raw, "calls_off"),
                raw.get("repeats") is True,
            )
        return found

    def _listed(self, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
        names = raw.get(key) or ()
        if isinstance(names, list | tuple):
            return tuple(as_text(name) for name in names)
        self._problem("intents", f"a list of intents under {key}", "Write [a, b].")
        return ()

    def _slots(self) -> dict[str, dict[str, str]]:
        found = {}
        for name, raw in self._section("slots").items():
            if isinstance(raw, dict) and set(raw) == {"title"}:
                found[name] = self._titles(raw["title"])
            else:
                self._problem("slots", "a title", "Write 'title:' under the slot.", repr(raw)[:60])
        return found

    def _formats(self) -> Formats:
        section = self._section("formats")
        parts = {key: section.pop(key, None) or {} for key in ("regions", "kinds")}
        currency = as_text(section.pop("currency", None)).upper() or Formats.currency
        wrong = [*section, *(key for key, value in parts.items() if not isinstance(value, dict))]
        if wrong or not re.fullmatch("[A-Z]{3}", currency):
            found = ", ".join(map(str, wrong)) or currency
            self._problem(
                "formats", "regions, currency (such as EUR) and kinds", "Mend it.", repr(found)
            )
            return Formats()
        kinds = {as_text(name): as_text(kind) for name, kind in parts["kinds"].items()}
        for name in [name for name, kind in kinds.items() if kind not in KINDS]:
            self._problem("formats", " or ".join(KINDS), "Use one.", repr(kinds.pop(name)))
        regions = {
            as_text(key): as_text(region).upper() for key, region in parts["regions"].items()
        }
        for key in [key for key, region in regions.items() if not re.fullmatch("[A-Z]{2}", region)]:
            self._problem("formats", "a region such as GB", "Mend it.", repr(regions.pop(key)))
        return Formats(regions, currency, kinds)

    def _titles(self, raw: Any) -> dict[str, str]:
        """A title by language; one alone is in the default language."""
        titles = raw if isinstance(raw, dict) else {} if raw is None else {self._default(): raw}
        return {as_text(key): as_text(title) for key, title in titles.items()}

    def _default(self) -> str:
        languages = self._names("languages") or Settings().languages
        return as_text(self.document.get("default_language")) or languages[0]


def _listed(raw: Any) -> list[str]:
    if raw is None:
        return []
    items = raw if isinstance(raw, list) else [raw]
    return [as_text(item) for item in items if not isinstance(item, dict | list)]
