"""Building an assistant out of another tool's export, with a note on all that changes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intents.assistant import (
    Assistant,
    Button,
    EntityInfo,
    Form,
    IntentInfo,
    Listing,
    Place,
    Rule,
    Slot,
    SlotMapping,
    Step,
    Synonym,
    Variation,
)
from intents.examples import OUT_OF_SCOPE, Entity, Example, language_of
from intents.importing.closing import close
from intents.importing.report import APPROXIMATED, LEFT_OUT, Import, Note
from intents.importing.source import Source
from intents.reading.base import Training, check_text
from intents.settings import IntentSettings, Settings

FALLBACK_REPLY = "utter_default"
"""The response to what was not understood."""


@dataclass(frozen=True)
class Message:
    """One message of a reply; ``texts`` are alternatives, of which one is said."""

    texts: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    custom: Any = None


class Draft:
    """An assistant in the making. Names of the other tool become names that Rasa takes."""

    def __init__(
        self, format_name: str, source: Source, languages: Sequence[str] = ("en",)
    ) -> None:
        self.format = format_name
        self.source = source
        known = tuple(dict.fromkeys(code for code in map(base, languages) if code in ("en", "zh")))
        self.languages = known or ("en",)
        self.assistant = Assistant(Path())
        self.notes: list[Note] = []
        self.training = Training()
        self._names: dict[tuple[str, str], str] = {}
        self._dimensions: list[str] = []
        self._about: dict[str, IntentSettings] = {}
        others = [code for code in dict.fromkeys(map(base, languages)) if code not in ("en", "zh")]
        what = f"lines and replies in {', '.join(others)}"
        if others and known:
            self.left_out("", 0, what, "Frontdesk speaks English and Chinese.")
        elif others:
            instead = "Frontdesk itself speaks English and Chinese, and is measured in these."
            self.approximated("", 0, what, instead)

    # -- what is said about it ------------------------------------------------------------------

    def approximated(self, file: str, line: int, what: str, instead: str) -> None:
        """Note what is here in another way than there."""
        self.notes.append(Note(APPROXIMATED, file, line, what, instead))

    def left_out(self, file: str, line: int, what: str, instead: str) -> None:
        """Note what has no place here."""
        self.notes.append(Note(LEFT_OUT, file, line, what, instead))

    # -- intents, entities, lines ---------------------------------------------------------------

    def name(self, kind: str, original: str) -> str:
        """The name for something of ``kind`` that was called ``original``; always the same."""
        key = (kind, original)
        if key not in self._names:
            wanted = re.sub(r"[^\w.-]+", "_", original)
            wanted = re.sub(r"_[_.-]+|[.-]+_", "_", wanted).strip("_.-") or kind
            wanted = f"{kind}_{wanted}" if wanted[0].isdigit() else wanted
            taken = {name for (other, _), name in self._names.items() if other == kind}
            name, number = wanted, 2
            while name in taken:
                name, number = f"{wanted}_{number}", number + 1
            self._names[key] = name
        return self._names[key]

    def intent(self, original: str, file: str, line: int, description: str = "") -> str:
        """Declare an intent; what it was called is kept as its description."""
        name = self.name("intent", original)
        if name not in self.assistant.intents:
            self.assistant.intents[name] = IntentInfo(name, place=Place(file, line))
            described = description.strip() or (original if original != name else "")
            if described:
                self._about[name] = IntentSettings(" ".join(described.split()))
        return name

    def entity(self, original: str, file: str, line: int, role: str | None = None) -> str:
        """Declare an entity type, and a role of it."""
        name = self.name("entity", original)
        info = self.assistant.entities.get(name) or EntityInfo(name, place=Place(file, line))
        if role and role not in info.roles:
            info = replace(info, roles=(*info.roles, role))
        self.assistant.entities[name] = info
        return name

    def dimension(self, name: str, file: str, line: int) -> str:
        """An entity type that is found by rules: one of Duckling's dimensions."""
        if name not in self._dimensions:
            self._dimensions.append(name)
        return self.entity(name, file, line)

    def line(
        self, text: str, intent: str | None, file: str, line: int, entities: Iterable[Entity] = ()
    ) -> None:
        """Add a training line: one row, without blanks at its edges, its marks moved with it.

        Without an intent it teaches its entities alone.
        """
        text = re.sub(r"[\t\r\n]", " ", text)
        stripped = text.strip()
        if not check_text(stripped, file, line, self.training):
            return
        shift = len(text) - len(text.lstrip())
        kept = [_moved(mark, shift, stripped) for mark in entities]
        marks = tuple(sorted((m for m in kept if m is not None), key=lambda m: (m.start, m.end)))
        language = language_of(stripped)
        self.training.examples.append(Example(stripped, intent, marks, None, language, file, line))

    def out_of_scope(self, text: str, file: str, line: int) -> None:
        """Add a line that is none of the assistant's intents."""
        self.line(text, self.intent(OUT_OF_SCOPE, file, line), file, line)

    def lookup(self, name: str, values: Iterable[str], file: str, line: int) -> None:
        """Values of an entity type."""
        items = tuple(dict.fromkeys(" ".join(value.split()) for value in values if value.strip()))
        if items:
            self.assistant.lookups.append(Listing(name, items, Place(file, line)))

    def synonym(self, value: str, variants: Iterable[str], file: str, line: int) -> None:
        """Other ways to write a value."""
        value = " ".join(value.split())
        others = (" ".join(variant.split()) for variant in variants)
        kept = tuple(dict.fromkeys(other for other in others if other and other != value))
        if value and kept:
            self.assistant.synonyms.append(Synonym(value, kept, Place(file, line)))

    def regex(self, name: str, patterns: Iterable[str], file: str, line: int) -> None:
        """Expressions of an entity type; one that Python does not take is left out, with a note."""
        sound = []
        for pattern in patterns:
            try:
                with warnings.catch_warnings(action="ignore"):
                    re.compile(pattern)
            except (re.error, OverflowError, RecursionError) as error:
                self.left_out(
                    file, line, f"the expression {pattern!r} of {name} ({error})", "Write it anew."
                )
            else:
                sound.append(pattern)
        if sound:
            self.assistant.regexes.append(Listing(name, tuple(sound), Place(file, line)))

    # -- what is answered -----------------------------------------------------------------------

    def response(
        self, name: str, said: Mapping[str, Sequence[Message]], file: str, line: int
    ) -> str | None:
        """A response out of messages by language; None where there is nothing in them."""
        by_language = {
            language: _variations(said[language])
            for language in self.languages
            if language in said and _variations(said[language])
        }
        if not by_language:
            return None
        first, main = next(iter(by_language.items()))
        main = [self._worded(variation, name, first, file, line) for variation in main]
        others = dict(list(by_language.items())[1:])
        found = []
        for index, variation in enumerate(main):
            texts = {k: v[index % len(v)].text for k, v in others.items()}
            kept = {language: text for language, text in texts.items() if text}
            found.append(replace(variation, translation=kept, place=Place(file, line)))
        name = self.name("response", name)
        self.assistant.responses[name] = tuple(found)
        return name

    def _worded(self, said: Variation, name: str, language: str, file: str, line: int) -> Variation:
        """A reply of buttons alone, with the words before them that every channel needs."""
        if said.text is not None or not said.buttons:
            return said
        text = "请选择：" if language == "zh" else "Please choose:"
        what = f"the words before the buttons of {name}, of which there are none"
        self.approximated(file, line, what, f"It says {text!r}; write better ones.")
        return replace(said, text=text)

    def action(self, name: str, file: str, line: int) -> str:
        """Declare an action of the action server."""
        name = self.name("action", name)
        self.assistant.actions.setdefault(name, Place(file, line))
        return name

    def slot(self, name: str, *mappings: SlotMapping, kind: str = "text") -> str:
        """A slot, or more mappings for one that is there."""
        slot = self.assistant.slots.get(name) or Slot(name, kind, influence_conversation=False)
        new = tuple(mapping for mapping in mappings if mapping not in slot.mappings)
        self.assistant.slots[name] = replace(slot, mappings=(*slot.mappings, *new))
        return name

    def deciding_slot(self, name: str, value: str) -> str:
        """A slot whose value decides what comes next: the values are told apart."""
        slot = self.assistant.slots.get(name) or Slot(name)
        values = tuple(dict.fromkeys((*slot.values, value)))
        self.assistant.slots[name] = replace(
            slot, type="categorical", values=values, influence_conversation=True
        )
        return name

    def form(self, name: str, slots: Sequence[str], file: str, line: int) -> str:
        """A form that asks for ``slots`` in this order."""
        name = self.name("form", name)
        self.assistant.forms[name] = Form(name, tuple(slots), place=Place(file, line))
        return name

    def rule(self, name: str, steps: Iterable[Step], file: str, line: int, **more: Any) -> None:
        """A rule, if it says more than one step; of two that begin alike the longer one."""
        new = Rule(name, tuple(steps), place=Place(file, line), **more)
        rules = self.assistant.rules
        at = next((n for n, rule in enumerate(rules) if _same_beginning(rule, new)), None)
        if len(new.steps) < 2 or (at is not None and rules[at].steps == new.steps):
            return
        if at is None:
            rules.append(new)
            return
        kept, other = sorted((rules[at], new), key=lambda rule: -len(rule.steps))
        rules[at] = kept
        what = f"what {other.name!r} does at {new.steps[0].value}"
        note = f"There another flow is active then; here {kept.name!r} holds."
        self.left_out(other.place.file, other.place.line, what, note)

    def story(self, name: str, steps: Iterable[Step], file: str, line: int) -> None:
        """A story."""
        self.assistant.stories.append(Rule(name, tuple(steps), place=Place(file, line)))

    def form_rules(
        self,
        intent: str,
        form: str,
        before: Sequence[str],
        after: Sequence[str],
        at: tuple[str, int],
    ) -> None:
        """Rules that start ``form`` at ``intent``, and that go on when all is known."""
        start = [Step("intent", intent), *actions(before), *actions([form])]
        self.rule(f"{intent} starts {form}", [*start, Step("active_loop", form)], *at)
        title = f"{form} is filled"
        if any(rule.name == title for rule in self.assistant.rules):
            return
        condition = (Step("active_loop", form),)
        end = [*actions([form]), Step("active_loop", None)]
        self.rule(title, [*end, *actions(after)], *at, condition=condition)

    # -- the end --------------------------------------------------------------------------------

    def finish(self) -> Import:
        """Put everything together."""
        assistant = self.assistant
        assistant.examples = self.training.examples
        assistant.settings = Settings(
            languages=self.languages,
            default_language=self.languages[0],
            dimensions=tuple(self._dimensions),
            intents=self._about,
        )
        found = Import(self.format, assistant, list(dict.fromkeys(self.notes)))
        close(found)
        found.problems = [*self.source.problems, *self.training.problems]
        return found


def actions(names: Iterable[str]) -> list[Step]:
    """One action step for each name."""
    return [Step("action", name) for name in names]


def _same_beginning(one: Rule, other: Rule) -> bool:
    """Whether two rules begin at the same intent, whatever was said before."""
    if one.condition or other.condition or not one.steps or not other.steps:
        return False
    if any(step.kind == "slot_was_set" for rule in (one, other) for step in rule.steps):
        return False
    return one.steps[0] == other.steps[0] and one.steps[0].kind == "intent"


def base(language: str) -> str:
    """The language without its region: ``zh`` of ``zh-CN`` or ``zh_Hant``."""
    return re.split("[-_]", language.lower())[0]


def braces(text: str) -> str:
    """Text whose curly brackets are text."""
    return text.replace("{", "{{").replace("}", "}}")


def _moved(mark: Entity, shift: int, text: str) -> Entity | None:
    """A mark moved to the stripped text, without blanks at its edges."""
    start, end = max(mark.start - shift, 0), min(mark.end - shift, len(text))
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    value = mark.value.strip() or text[start:end]
    return replace(mark, start=start, end=end, value=value) if start < end else None


def _variations(messages: Sequence[Message]) -> list[Variation]:
    """The alternatives of a reply; messages that follow each other are paragraphs of one text."""
    kept = [m for m in messages if m.texts or m.buttons or m.image or m.custom]
    if not kept:
        return []
    buttons = tuple(button for message in kept for button in message.buttons)
    image = next((message.image for message in kept if message.image), None)
    custom = next((message.custom for message in kept if message.custom), None)
    found = []
    for index in range(max(1, *(len(message.texts) for message in kept))):
        texts = [m.texts[index % len(m.texts)].strip() for m in kept if m.texts]
        text = "\n\n".join(filter(None, texts)) or None
        found.append(Variation(text, {}, buttons, image, custom))
    return [v for v in found if v.text or v.buttons or v.image or v.custom]
