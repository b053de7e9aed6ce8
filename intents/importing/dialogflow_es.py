"""Dialogflow ES: an agent's export, as a zip or folder, in all its languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from intents.assistant import Step
from intents.importing.asking import Wanted, ask
from intents.importing.dialogflow_messages import messages
from intents.importing.dialogflow_text import filled, joined
from intents.importing.draft import FALLBACK_REPLY, Draft, Message, actions, base
from intents.importing.report import Import
from intents.importing.source import Source
from intents.importing.systems import DIALOGFLOW, system_entity
from intents.reading.jsonfile import Located, line_of, objects, text_in, texts_in

_SAYS = re.compile(r"(.+)_usersays_([\w-]+)\.json$")
_ENTRIES = re.compile(r"(.+)_entries_([\w-]+)\.json$")


def is_dialogflow_es(source: Source) -> bool:
    """Whether there is ``agent.json`` with intents, or an intent with what users say."""
    if any(_SAYS.match(name) for name in source.files):
        return True
    return bool(source.folders_with("agent.json", "intents/")) and not source.folders_with(
        "agent.json", "flows/"
    )


def import_dialogflow_es(source: Source) -> Import:
    """The agent."""
    agents = [source.json(name) for name in source.names("agent.json")]
    languages = [text_in(agent, "language") for agent in agents if isinstance(agent, Located)]
    found = [match[2] for name in source.files if (match := _SAYS.match(name))]
    draft = Draft(
        "Dialogflow ES", source, [*filter(None, languages), *sorted(set(found))] or ["en"]
    )
    return _Agent(draft).read()


class _Agent:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.intents: dict[str, tuple[Located, str]] = {}
        self.replies: dict[str, list[Step]] = {}

    def read(self) -> Import:
        source = self.draft.source
        for name in source.names(".json"):
            if "entities/" in name and not _ENTRIES.match(name):
                self._entity(name)
        for name in source.names(".json"):
            if "intents/" in name and not _SAYS.match(name):
                item = source.json(name)
                if isinstance(item, Located) and text_in(item, "name"):
                    self.intents[text_in(item, "id") or name] = (item, name)
        for item, name in self.intents.values():
            self._intent(item, name)
        for item, name in self.intents.values():
            self._order(item, name)
        return self.draft.finish()

    def _speaks(self, language: str) -> bool:
        """Whether a language is taken: the assistant's, or any where the agent has none of them."""
        return base(language) in self.draft.languages or not self._other_spoken()

    def _other_spoken(self) -> bool:
        codes = {base(m[2]) for name in self.draft.source.files if (m := _SAYS.match(name))}
        return bool(codes & {"en", "zh"})

    def _entity(self, file: str) -> None:
        draft, item = self.draft, self.draft.source.json(file)
        if not isinstance(item, Located) or not text_in(item, "name"):
            return
        name = draft.entity(text_in(item, "name"), file, line_of(item))
        values: list[str] = []
        # Until 2017 the values stood in the entity's own file.
        values += self._entries(item, name, file, item.get("entries"))
        for other, (_, language) in self._beside(file, _ENTRIES):
            if self._speaks(language):
                values += self._entries(item, name, other, self.draft.source.json(other))
        if item.get("isRegexp"):
            draft.regex(name, values, file, line_of(item))
        else:
            draft.lookup(name, [v for v in values if "@" not in v], file, line_of(item))
        if any("@" in value for value in values) and not item.get("isRegexp"):
            what = f"composite values of {name}, such as {next(v for v in values if '@' in v)!r}"
            draft.left_out(file, line_of(item), what, "Mark its parts in the lines instead.")

    def _beside(self, file: str, pattern: re.Pattern[str]) -> list[tuple[str, tuple[str, str]]]:
        stem = file.removesuffix(".json")
        found = ((name, pattern.match(name)) for name in self.draft.source.names(".json"))
        return [(name, (m[1], m[2])) for name, m in found if m is not None and m[1] == stem]

    def _entries(self, item: Located, name: str, file: str, rows: Any) -> list[str]:
        values = []
        for row in objects(rows):
            main, others = text_in(row, "value"), texts_in(row, "synonyms")
            if not item.get("isRegexp") and not item.get("isEnum"):
                plain = [other for other in others if "@" not in other]
                self.draft.synonym(main, plain, file, line_of(row))
            values += others if item.get("isRegexp") else [main, *others]
        return values

    def _intent(self, item: Located, file: str) -> None:
        draft, line, original = self.draft, line_of(item), text_in(item, "name")
        fallback = bool(item.get("fallbackIntent"))
        said = [(n, c) for n, (_, c) in self._beside(file, _SAYS) if self._speaks(c)]
        answer = next(iter(objects(item.get("responses"))), Located())
        if fallback:
            for name, _ in said:
                for row in objects(draft.source.json(name)):
                    text = "".join(text_in(part, "text") for part in objects(row.get("data")))
                    draft.out_of_scope(text, name, line_of(row))
            self._fallback(item, answer, file)
            return
        intent = draft.intent(original, file, line)
        kinds = self._kinds(answer, file)
        for row in objects(item.get("userSays")):
            self._line(row, intent, kinds, file)
        for name, _ in said:
            for row in objects(draft.source.json(name)):
                self._line(row, intent, kinds, name)
        self._tell(item, intent, file)
        self._answer(item, answer, intent, kinds, file)

    def _kinds(self, answer: Located, file: str) -> dict[str, tuple[str | None, bool, str | None]]:
        """Entity type, whether it is found for sure, and role, by the parameter's name."""
        parameters = [p for p in objects(answer.get("parameters")) if text_in(p, "name")]
        types = [text_in(p, "dataType") for p in parameters]
        found: dict[str, tuple[str | None, bool, str | None]] = {}
        for parameter in parameters:
            kind, name = text_in(parameter, "dataType"), text_in(parameter, "name")
            line = line_of(parameter)
            entity, sure = self._kind(kind, name, file, line)
            role = self.draft.name("slot", name) if entity and types.count(kind) > 1 else None
            if entity:
                self.draft.entity(entity, file, line, role)
            found[name] = (entity, sure, role)
        return found

    def _kind(self, kind: str, name: str, file: str, line: int) -> tuple[str | None, bool]:
        kind = kind.lstrip("@")
        if not kind or kind == "sys.any":
            return (self.draft.entity(name, file, line), False) if kind else (None, False)
        if kind.startswith("sys."):
            return system_entity(self.draft, kind[4:], DIALOGFLOW, file, line)
        return self.draft.entity(kind, file, line), True

    def _line(self, row: Located, intent: str, kinds: Mapping[str, Any], file: str) -> None:
        parts = []
        for piece in objects(row.get("data")):
            meta, alias = text_in(piece, "meta"), text_in(piece, "alias")
            kind, role = None, None
            if meta and meta != "@sys.ignore":
                known = kinds.get(alias)
                kind, role = (known[0], known[2]) if known else (None, None)
                if kind is None:
                    kind, _ = self._kind(meta, alias or meta, file, line_of(piece))
            parts.append((text_in(piece, "text"), kind, role))
        text, marks = joined(parts)
        if row.get("isTemplate"):
            what = f"the template {text[:50]!r}"
            self.draft.left_out(file, line_of(row), what, "Write some lines of it.")
            return
        self.draft.line(text, intent, file, line_of(row), marks)

    def _answer(
        self, item: Located, answer: Located, intent: str, kinds: Mapping[str, Any], file: str
    ) -> None:
        draft, line = self.draft, line_of(item)
        reply = draft.response(f"utter_{intent}", self._said(answer, file), file, line)
        names = [reply] if reply else []
        if item.get("webhookUsed"):
            action = draft.action(f"action_{intent}", file, line)
            what = f"the webhook of {intent}"
            if reply:
                instead = f"Its fixed reply is said; write {action} and put it into the rule."
            else:
                instead = f"Write it as {action} of the action server."
                names = [action]
            draft.approximated(file, line, what, instead)
        wanted = [
            self._wanted(p, kinds) for p in objects(answer.get("parameters")) if text_in(p, "name")
        ]
        form = ask(draft, intent, wanted, file, line)
        steps = actions(names)
        if form:
            draft.form_rules(intent, form, [], names, (file, line))
            filled_in = [Step("active_loop", form), *actions([form]), Step("active_loop", None)]
            steps = [*actions([form]), *filled_in, *steps]
        self.replies[text_in(item, "id") or file] = steps

    def _wanted(self, parameter: Located, kinds: Mapping[str, Any]) -> Wanted:
        entity, sure, role = kinds[text_in(parameter, "name")]
        asked: dict[str, list[Message]] = {}
        for prompt in objects(parameter.get("prompts")):
            language = self._language(text_in(prompt, "lang"))
            text = filled(text_in(prompt, "value"), self.draft)
            if language and text:
                texts = asked[language][0].texts if language in asked else ()
                asked[language] = [Message((*texts, text))]
        slot = self.draft.name("slot", text_in(parameter, "name"))
        return Wanted(slot, entity, role, sure, bool(parameter.get("required")), asked)

    def _language(self, code: str) -> str | None:
        """The assistant's language for a code of the agent; None where it is left out."""
        language = base(code) if code else self.draft.languages[0]
        if language in self.draft.languages:
            return language
        return None if self._other_spoken() else self.draft.languages[0]

    def _said(self, answer: Located, file: str) -> dict[str, list[Message]]:
        found: dict[str, list[Message]] = {}
        every = [m for m in objects(answer.get("messages")) if self._language(text_in(m, "lang"))]
        common = [m for m in every if not text_in(m, "platform")]
        platforms = {text_in(m, "platform") for m in every} - {""}
        for name in sorted(platforms) if common else sorted(platforms)[1:]:
            row = next(m for m in every if text_in(m, "platform") == name)
            what = f"messages for the platform {name} alone"
            self.draft.left_out(file, line_of(row), what, "What is said everywhere is here.")
        first = sorted(platforms)[:1]
        for message in common or [m for m in every if text_in(m, "platform") in first]:
            language = self._language(text_in(message, "lang"))
            found.setdefault(str(language), []).extend(messages(message, self.draft, file))
        return found

    def _fallback(self, item: Located, answer: Located, file: str) -> None:
        line = line_of(item)
        if item.get("contexts"):
            what = f"the fallback {text_in(item, 'name')} of a context"
            self.draft.left_out(file, line, what, "There is one fallback for everything.")
            return
        name = self.draft.response(FALLBACK_REPLY, self._said(answer, file), file, line)
        if name:
            steps = [Step("intent", "nlu_fallback"), *actions([name])]
            self.draft.rule("nothing was understood", steps, file, line)

    def _tell(self, item: Located, intent: str, file: str) -> None:
        line = line_of(item)
        events = [text_in(event, "name") for event in objects(item.get("events"))]
        if events:
            what = f"the event {', '.join(events)} of {intent}"
            self.draft.left_out(file, line, what, "The intent is understood from its lines.")
        if item.get("conditionalResponses") or item.get("conditionalFollowupEvents"):
            what = f"conditional replies of {intent}"
            self.draft.left_out(file, line, what, "Write variations with a condition.")

    def _order(self, item: Located, file: str) -> None:
        """A rule for an intent of any time; stories for one that follows others."""
        key = text_in(item, "id") or file
        intent, line = self.draft.name("intent", text_in(item, "name")), line_of(item)
        steps = [Step("intent", intent), *self.replies.get(key, [])]
        if item.get("fallbackIntent"):
            return
        before = self._before(item)
        if not before:
            if f"{intent}_form" not in self.draft.assistant.forms:
                self.draft.rule(f"answers {intent}", steps, file, line)
            return
        what = f"the input contexts of {intent}: {', '.join(texts_in(item, 'contexts'))}"
        instead = "Stories say what it follows; it is understood at other times as well."
        self.draft.approximated(file, line, what, instead)
        for other in before:
            first = self.draft.name("intent", text_in(self.intents[other][0], "name"))
            whole = [Step("intent", first), *self.replies.get(other, []), *steps]
            if len(whole) > 2:
                self.draft.story(f"{first}, then {intent}", whole, file, line)

    def _before(self, item: Located) -> list[str]:
        """The intents that set all the contexts which this one needs."""
        needed = {one.lower() for one in texts_in(item, "contexts")}
        if not needed:
            return []
        found = []
        for key, (other, _) in self.intents.items():
            answers = objects(other.get("responses"))
            contexts = (c for a in answers for c in objects(a.get("affectedContexts")))
            sets = {text_in(c, "name").lower() for c in contexts if c.get("lifespan") != 0}
            if needed <= sets and other is not item and not other.get("fallbackIntent"):
                found.append(key)
        return found
