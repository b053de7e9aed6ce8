"""Amazon Lex V1: the JSON of a bot, an intent or a slot type, alone or in a zip."""

from __future__ import annotations

import json
from typing import Any

from intents.assistant import Button, Step
from intents.examples import Entity
from intents.importing.asking import Wanted, ask
from intents.importing.draft import FALLBACK_REPLY, Draft, Message, actions
from intents.importing.lex_text import in_braces, samples
from intents.importing.patterns import fill
from intents.importing.report import Import
from intents.importing.source import Source
from intents.importing.systems import LEX, system_entity
from intents.reading.jsonfile import Located, line_of, number_in, objects, text_in, texts_in


def is_lex_v1(source: Source) -> bool:
    """Whether there is such a file."""
    return bool(_files(source))


def _files(source: Source) -> list[str]:
    return [
        name
        for name in source.names(".json")
        if b'"importType"' in source.files[name][:2000] and b'"resource"' in source.files[name]
    ]


def import_lex_v1(source: Source) -> Import:
    """All resources of the files in one assistant."""
    read = [(name, source.json(name)) for name in _files(source)]
    sound = [
        (name, document["resource"])
        for name, document in read
        if isinstance(document, Located) and isinstance(document.get("resource"), Located)
    ]
    draft = Draft("Amazon Lex V1", source, [text_in(r, "locale") or "en-US" for _, r in sound])
    bot = _Bot(draft)
    for name, resource in sound:
        bot.types(resource, name)
    for name, resource in sound:
        bot.read(resource, name)
    return draft.finish()


class _Bot:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.language = draft.languages[0]
        self.values: dict[str, list[str]] = {}

    def types(self, resource: Located, file: str) -> None:
        """Slot types with their values."""
        own = [resource] if "enumerationValues" in resource else []
        for item in [*own, *objects(resource.get("slotTypes"))]:
            name = self.draft.entity(text_in(item, "name"), file, line_of(item))
            every = []
            for row in objects(item.get("enumerationValues")):
                main, others = text_in(row, "value"), texts_in(row, "synonyms")
                self.values.setdefault(name, []).append(main)
                self.draft.synonym(main, others, file, line_of(row))
                every += [main, *others]
            self.draft.lookup(name, every, file, line_of(item))

    def read(self, resource: Located, file: str) -> None:
        """Intents, and what is said where nothing is understood."""
        own = [resource] if "sampleUtterances" in resource else []
        for item in [*own, *objects(resource.get("intents"))]:
            self._intent(item, file)
        clarification = self._messages(resource.get("clarificationPrompt"), file)
        name = self.draft.response(FALLBACK_REPLY, {self.language: clarification}, file, 1)
        if name:
            steps = [Step("intent", "nlu_fallback"), *actions([name])]
            self.draft.rule("nothing was understood", steps, file, line_of(resource))
        if resource.get("abortStatement"):
            what = "what is said when the bot gives up"
            instead = "Frontdesk offers a person instead."
            self.draft.left_out(file, line_of(resource["abortStatement"]), what, instead)

    def _intent(self, item: Located, file: str) -> None:
        line, original = line_of(item), text_in(item, "name")
        if text_in(item, "parentIntentSignature") == "AMAZON.FallbackIntent":
            return
        intent = self.draft.intent(original, file, line, text_in(item, "description"))
        kinds: dict[str, str] = {}
        slots = sorted(
            objects(item.get("slots")), key=lambda slot: number_in(slot, "priority", 999)
        )
        wanted = [self._slot(slot, kinds, file) for slot in slots]
        self._lines(item, intent, kinds, file)
        self._told(item, file)
        reply = self._reply(item, intent, file)
        form = ask(self.draft, intent, wanted, file, line)
        if form:
            self.draft.form_rules(intent, form, [], reply, (file, line))
        else:
            steps = [Step("intent", intent), *actions(reply)]
            self.draft.rule(f"answers {intent}", steps, file, line)

    def _slot(self, item: Located, kinds: dict[str, str], file: str) -> Wanted:
        line, name, kind = line_of(item), text_in(item, "name"), text_in(item, "slotType")
        if kind.startswith("AMAZON."):
            short = kind[7:].lower().replace("_", "").removeprefix("us")
            entity, sure = system_entity(self.draft, short, LEX, file, line)
        else:
            entity, sure = self.draft.entity(kind, file, line), True
        kinds[name] = entity
        return Wanted(
            self.draft.name("slot", name),
            entity,
            None,
            sure,
            text_in(item, "slotConstraint") == "Required",
            {self.language: self._messages(item.get("valueElicitationPrompt"), file)},
        )

    def _lines(self, item: Located, intent: str, kinds: dict[str, str], file: str) -> None:
        line = line_of(item)
        made = 0
        for sample in texts_in(item, "sampleUtterances"):

            def values(name: str) -> list[str]:
                entity = kinds.get(name, name)
                return self.values.get(entity) or samples(entity, name, self.language)

            filled = fill(str(sample), values)
            made += len(filled) if "{" in str(sample) else 0
            for text, spans in filled:
                marks = [
                    Entity(
                        start,
                        end,
                        self.draft.entity(kinds.get(name, name), file, line),
                        text[start:end],
                    )
                    for start, end, name in spans
                ]
                self.draft.line(text, intent, file, line, marks)
        if made:
            what = f"utterances of {intent} with slots in them"
            self.draft.approximated(file, line, what, f"{made} lines with values in their place.")

    def _told(self, item: Located, file: str) -> None:
        prompt = item.get("confirmationPrompt")
        if prompt:
            what = f"the question before {text_in(item, 'name')} is done"
            instead = "Write it as a last slot of the form, filled by yes and no."
            self.draft.left_out(file, line_of(prompt), what, instead)
        for slot in objects(item.get("slots")):
            if slot.get("sampleUtterances"):
                what = f"sample answers for the slot {text_in(slot, 'name')}"
                instead = "An answer is taken while its slot is asked for."
                self.draft.left_out(file, line_of(slot), what, instead)

    def _reply(self, item: Located, intent: str, file: str) -> list[str]:
        line = line_of(item)
        said = self._messages(item.get("conclusionStatement"), file)
        name = self.draft.response(f"utter_{intent}", {self.language: said}, file, line)
        activity = item.get("fulfillmentActivity")
        if isinstance(activity, Located) and text_in(activity, "type") == "CodeHook":
            action = self.draft.action(f"action_{intent}", file, line)
            what = f"the Lambda function of {intent}"
            instead = f"Write it as {action} of the action server."
            self.draft.approximated(file, line_of(activity), what, instead)
            return [action, name] if name else [action]
        return [name] if name else []

    def _messages(self, node: Any, file: str) -> list[Message]:
        """Messages of one group are alternatives; groups follow each other."""
        groups: dict[int, list[str]] = {}
        if not isinstance(node, Located):
            return []
        for item in objects(node.get("messages")):
            if text_in(item, "contentType") in ("PlainText", "SSML", ""):
                number = item.get("groupNumber")
                text = in_braces(text_in(item, "content"), self.draft)
                groups.setdefault(number if isinstance(number, int) else 1, []).append(text)
        found = [Message(tuple(texts)) for _, texts in sorted(groups.items())]
        return [*found, *_card(node, self.draft, file)]


def _card(node: Located, draft: Draft, file: str) -> list[Message]:
    """The buttons of a response card, which is JSON inside the JSON."""
    try:
        card = json.loads(text_in(node, "responseCard") or "{}")
        pages = card.get("genericAttachments") or []
        buttons = [
            Button(str(one["text"]), str(one["value"]))
            for page in pages
            for one in page.get("buttons") or []
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        draft.left_out(
            file, line_of(node), "a response card that is not readable", "Write buttons."
        )
        return []
    unique = list({button.title: button for button in buttons}.values())
    return [Message(buttons=tuple(unique))] if unique else []
