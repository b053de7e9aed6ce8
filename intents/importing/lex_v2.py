"""Amazon Lex V2: an export with ``Bot.json`` and a folder for each locale, as zip or folder."""

from __future__ import annotations

from typing import Any

from intents.assistant import Button, Step
from intents.examples import Entity
from intents.importing.asking import Wanted, ask
from intents.importing.draft import FALLBACK_REPLY, Draft, Message, actions, base
from intents.importing.lex_text import in_braces, samples
from intents.importing.patterns import fill
from intents.importing.report import Import
from intents.importing.source import Source
from intents.importing.systems import LEX, system_entity
from intents.reading.jsonfile import Located, line_of, number_in, objects, text_in

_LOCALES = "BotLocales/"
Said = dict[str, list[Message]]


def is_lex_v2(source: Source) -> bool:
    """Whether there are locales of a bot."""
    return any(_LOCALES in name and name.endswith("/Intent.json") for name in source.files)


def import_lex_v2(source: Source) -> Import:
    """All locales of a bot; what has one name in two of them is one thing in two languages."""
    locales = sorted({_locale(name) for name in source.files if _LOCALES in name})
    codes = [base(locale.rsplit("/", 1)[-1]) for locale in locales]
    order = sorted(range(len(locales)), key=lambda i: codes[i] != "en")
    draft = Draft("Amazon Lex V2", source, [codes[i] for i in order])
    bot = _Bot(draft)
    for i in order:
        if codes[i] in draft.languages:
            bot.locale(locales[i], codes[i])
        elif not {"en", "zh"} & set(codes):
            bot.locale(locales[i], draft.languages[0])
    bot.answers()
    return draft.finish()


def _locale(name: str) -> str:
    head, _, tail = name.partition(_LOCALES)
    return head + _LOCALES + tail.split("/")[0]


class _Bot:
    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.values: dict[tuple[str, str], list[str]] = {}
        self.intents: dict[str, tuple[Located, str]] = {}
        self.said: dict[tuple[str, str], Said] = {}
        self.slots: dict[str, list[tuple[Located, str]]] = {}

    def locale(self, folder: str, language: str) -> None:
        """Read one locale; replies wait until all are read."""
        names = [name for name in self.draft.source.names(".json") if name.startswith(folder + "/")]
        for name in names:
            if name.endswith("/SlotType.json"):
                self._type(name, language)
        for name in names:
            if name.endswith("/Intent.json"):
                self._intent(name, names, language)

    def _type(self, file: str, language: str) -> None:
        item = self.draft.source.json(file)
        if not isinstance(item, Located):
            return
        name = self.draft.entity(text_in(item, "name"), file, line_of(item))
        every = []
        for row in objects(item.get("slotTypeValues")):
            sample = row.get("sampleValue")
            main = text_in(sample, "value") if isinstance(sample, dict) else ""
            others = [text_in(one, "value") for one in objects(row.get("synonyms"))]
            self.values.setdefault((name, language), []).append(main)
            self.draft.synonym(main, others, file, line_of(row))
            every += [main, *others]
        self.draft.lookup(name, every, file, line_of(item))
        setting = item.get("valueSelectionSetting")
        expression = setting.get("regexFilter") if isinstance(setting, Located) else None
        if isinstance(expression, Located):
            self.draft.regex(name, [text_in(expression, "pattern")], file, line_of(expression))

    def _intent(self, file: str, names: list[str], language: str) -> None:
        item = self.draft.source.json(file)
        if not isinstance(item, Located):
            return
        signature = text_in(item, "parentIntentSignature")
        closing = self._closing(item)
        if signature == "AMAZON.FallbackIntent":
            self._say("", "fallback", language, closing)
            self.intents.setdefault("", (item, file))
            return
        if signature or item.get("kendraConfiguration") or item.get("qnAIntentConfiguration"):
            what = f"the built-in {signature or 'search'} of {text_in(item, 'name')}"
            instead = "Frontdesk answers by its own templates; write lines and a reply."
            self.draft.left_out(file, line_of(item), what, instead)
        line = line_of(item)
        intent = self.draft.intent(text_in(item, "name"), file, line, text_in(item, "description"))
        self.intents.setdefault(intent, (item, file))
        self._slots(item, intent, file, names, language)
        self._lines(item, intent, file, language)
        opening = item.get("initialResponseSetting")
        if isinstance(opening, Located):
            self._say(intent, "opening", language, self._messages(opening.get("initialResponse")))
        self._say(intent, "closing", language, closing)
        self._tell(item, intent, file)

    def _slots(
        self, item: Located, intent: str, file: str, names: list[str], language: str
    ) -> None:
        folder = file.removesuffix("Intent.json") + "Slots/"
        order = {
            text_in(one, "slotName"): number_in(one, "priority", 999)
            for one in objects(item.get("slotPriorities"))
        }
        found = []
        for name in names:
            slot = self.draft.source.json(name) if name.startswith(folder) else None
            if isinstance(slot, Located):
                found.append((slot, name))
                setting = slot.get("valueElicitationSetting")
                prompt = setting.get("promptSpecification") if isinstance(setting, dict) else None
                self._say(intent, text_in(slot, "name"), language, self._messages(prompt))
        found.sort(key=lambda pair: order.get(text_in(pair[0], "name"), 999))
        self.slots.setdefault(intent, found)

    def _entity(self, slot: Located, file: str) -> tuple[str, bool]:
        kind = text_in(slot, "slotTypeName")
        if kind.startswith("AMAZON."):
            return system_entity(self.draft, kind[7:].lower(), LEX, file, line_of(slot))
        return self.draft.entity(kind or text_in(slot, "name"), file, line_of(slot)), True

    def _lines(self, item: Located, intent: str, file: str, language: str) -> None:
        kinds = {
            text_in(slot, "name"): self._entity(slot, at)[0] for slot, at in self.slots[intent]
        }
        made = 0
        for row in objects(item.get("sampleUtterances")):
            sample = text_in(row, "utterance")

            def values(name: str) -> list[str]:
                entity = kinds.get(name, name)
                return self.values.get((entity, language)) or samples(entity, name, language)

            filled = fill(sample, values)
            made += len(filled) if "{" in sample else 0
            for text, spans in filled:
                marks = [
                    Entity(
                        start,
                        end,
                        self.draft.entity(kinds.get(name, name), file, line_of(row)),
                        text[start:end],
                    )
                    for start, end, name in spans
                ]
                self.draft.line(text, intent, file, line_of(row), marks)
        if made:
            what = f"utterances of {intent} with slots in them"
            note = f"{made} lines with values in their place."
            self.draft.approximated(file, line_of(item), what, note)

    def _tell(self, item: Located, intent: str, file: str) -> None:
        confirmation = item.get("intentConfirmationSetting")
        if isinstance(confirmation, Located) and confirmation.get("isActive", True):
            what = f"the question before {intent} is done"
            instead = "Write it as a last slot of the form, filled by yes and no."
            self.draft.left_out(file, line_of(confirmation), what, instead)
        for key in ("inputContexts", "outputContexts"):
            if item.get(key):
                what = f"{key} of {intent}"
                instead = "The intent is understood at any time; write a story for its order."
                self.draft.approximated(file, line_of(item), what, instead)

    def _closing(self, item: Located) -> list[Message]:
        closing, hook = item.get("intentClosingSetting"), item.get("fulfillmentCodeHook")
        found: list[Message] = []
        if isinstance(hook, Located):
            after = hook.get("postFulfillmentStatusSpecification")
            if isinstance(after, Located):
                found += self._messages(after.get("successResponse"))
        if isinstance(closing, Located) and closing.get("isActive", True):
            found += self._messages(closing.get("closingResponse"))
        return found

    def _messages(self, node: Any) -> list[Message]:
        if not isinstance(node, Located):
            return []
        groups = objects(node.get("messageGroupsList") or node.get("messageGroups"))
        return [message for group in groups for message in self._group(group)]

    def _group(self, group: Located) -> list[Message]:
        every = [group.get("message"), *objects(group.get("variations"))]
        texts, cards, custom = [], [], None
        for one in every:
            if not isinstance(one, Located):
                continue
            for key in ("plainTextMessage", "ssmlMessage"):
                text = text_in(one.get(key), "value")
                texts += [in_braces(text, self.draft)] if text else []
            if isinstance(one.get("imageResponseCard"), Located):
                cards.append(_card(one["imageResponseCard"], self.draft))
            custom = custom or text_in(one.get("customPayload"), "value") or None
        shown = {"lex": custom} if custom else None
        return [Message(tuple(texts), custom=shown), *cards]

    def _say(self, intent: str, what: str, language: str, said: list[Message]) -> None:
        self.said.setdefault((intent, what), {})[language] = said

    def answers(self) -> None:
        """Responses, forms and rules of all intents, with every language read."""
        for intent, (item, file) in self.intents.items():
            if intent:
                self._answer(intent, item, file)
        if "" in self.intents:
            item, file = self.intents[""]
            said = self.said.get(("", "fallback"), {})
            name = self.draft.response(FALLBACK_REPLY, said, file, line_of(item))
            if name:
                steps = [Step("intent", "nlu_fallback"), *actions([name])]
                self.draft.rule("nothing was understood", steps, file, line_of(item))

    def _answer(self, intent: str, item: Located, file: str) -> None:
        line = line_of(item)
        wanted = [self._wanted(intent, slot, at) for slot, at in self.slots[intent]]
        first = self._response(intent, "opening", f"utter_{intent}_first", file, line)
        last = self._response(intent, "closing", f"utter_{intent}", file, line)
        hook = item.get("fulfillmentCodeHook")
        if isinstance(hook, Located) and hook.get("enabled"):
            action = self.draft.action(f"action_{intent}", file, line)
            what, instead = f"the Lambda function of {intent}", f"Write it as {action}."
            self.draft.approximated(file, line_of(hook), what, instead)
            last = [action, *last]
        form = ask(self.draft, intent, wanted, file, line)
        if form:
            self.draft.form_rules(intent, form, first, last, (file, line))
        else:
            steps = [Step("intent", intent), *actions([*first, *last])]
            self.draft.rule(f"answers {intent}", steps, file, line)

    def _wanted(self, intent: str, slot: Located, file: str) -> Wanted:
        setting = slot.get("valueElicitationSetting")
        entity, sure = self._entity(slot, file)
        return Wanted(
            self.draft.name("slot", text_in(slot, "name")),
            entity,
            None,
            sure,
            text_in(setting, "slotConstraint") == "Required",
            self.said.get((intent, text_in(slot, "name")), {}),
        )

    def _response(self, intent: str, what: str, name: str, file: str, line: int) -> list[str]:
        found = self.draft.response(name, self.said.get((intent, what), {}), file, line)
        return [found] if found else []


def _card(card: Located, draft: Draft) -> Message:
    title, subtitle = text_in(card, "title"), text_in(card, "subtitle")
    text = in_braces("\n".join(filter(None, (title, subtitle))), draft)
    buttons = tuple(
        Button(text_in(one, "text"), text_in(one, "value"))
        for one in objects(card.get("buttonsList") or card.get("buttons"))
    )
    return Message((text,) if text else (), buttons, text_in(card, "imageUrl") or None)
