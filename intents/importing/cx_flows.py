"""Flows and pages of Dialogflow CX as rules, forms and stories.

A route of a flow's start that an intent takes is a rule. A page that asks for parameters is a form;
what is said when all are known comes behind it. A page that waits for an intent is the middle of
stories, one for each way from the flow's start through it. Ways that go in a circle are cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from intents.assistant import Step
from intents.importing.asking import Wanted, ask
from intents.importing.dialogflow_text import filled, rich
from intents.importing.draft import FALLBACK_REPLY, Draft, Message, actions, base
from intents.reading.jsonfile import Located, line_of, objects, text_in, texts_in

MOST_STORIES = 200
"""Most ways through a flow that become stories."""

_FINAL = re.compile(r"""\$page\.params\.status\s*=\s*["']?FINAL["']?\s*$""")
_EQUAL = re.compile(r"""\$(?:session|page)\.params\.([\w-]+)\s*=\s*["']([^"']*)["']\s*$""")

Entities = Callable[[str, str, str, int], tuple[str, bool]]


@dataclass(frozen=True)
class _Page:
    """A page or a flow's start: its document, file and name."""

    item: Located
    file: str
    name: str


class Flows:
    """All flows of an agent."""

    def __init__(self, draft: Draft, entity: Entities) -> None:
        self.draft, self.entity = draft, entity
        self.starts: dict[str, _Page] = {}
        self.pages: dict[tuple[str, str], _Page] = {}
        self.groups: dict[tuple[str, str], Located] = {}
        self.forms: dict[str, str | None] = {}
        self.told: dict[str, str] = {}
        self.stories = 0

    def read(self) -> None:
        """Write down every flow's rules, forms and stories."""
        for name in self.draft.source.names(".json"):
            self._find(name)
        for flow, start in self.starts.items():
            self._fallback(start)
            for route in self._routes(flow, start):
                if text_in(route, "intent"):
                    self._rule(flow, start, route)

    def _find(self, file: str) -> None:
        parts = file.split("/")
        if "flows" not in parts[:-1]:
            return
        item = self.draft.source.json(file)
        at = parts.index("flows")
        if not isinstance(item, Located) or len(parts) < at + 3:
            return
        flow, name = parts[at + 1], text_in(item, "displayName")
        if len(parts) == at + 3:
            self.starts[flow] = _Page(item, file, name or flow)
        elif parts[at + 2] == "pages":
            self.pages[flow, name] = _Page(item, file, name)
        elif parts[at + 2] == "transitionRouteGroups":
            self.groups[flow, name] = item

    def _routes(self, flow: str, page: _Page) -> Iterator[Located]:
        yield from objects(page.item.get("transitionRoutes"))
        for group in texts_in(page.item, "transitionRouteGroups"):
            if (flow, group) in self.groups:
                yield from objects(self.groups[flow, group].get("transitionRoutes"))

    def _rule(self, flow: str, start: _Page, route: Located) -> None:
        """A rule for what an intent does at once, and stories for what may follow on its page."""
        file, line = start.file, line_of(route)
        intent = self.draft.name("intent", text_in(route, "intent"))
        condition = self._condition(route, file)
        if condition is None:
            return
        said = self._said(route, f"utter_{intent}", file)
        target = self._target(flow, route, file)
        head = [Step("intent", intent), *condition, *actions(said)]
        if target is None:
            self.draft.rule(f"{start.name}: {intent}", head, file, line)
            return
        form, before, after, page = self._enter(flow, target, intent)
        if form is not None:
            self.draft.form_rules(intent, form, [*said, *before], after, (file, line))
            steps = [*head, *actions([*before, form]), Step("active_loop", form)]
            steps += [*actions([form]), Step("active_loop", None), *actions(after)]
        else:
            self.draft.rule(f"{start.name}: {intent}", [*head, *actions(before)], file, line)
            steps = [*head, *actions(before)]
        self._walk(flow, page, steps, intent, (target.name,))

    def _enter(
        self, flow: str, page: _Page, intent: str
    ) -> tuple[str | None, list[str], list[str], _Page]:
        """A page's form, what is said before and after it, and the page where it then waits."""
        before = self._said_in(page.item.get("entryFulfillment"), f"utter_{page.name}", page.file)
        form = self._form(page, intent)
        after: list[str] = []
        seen = {page.name}
        here = page
        while True:
            route = self._onward(flow, here)
            if route is None:
                break
            after += self._said(route, f"utter_{here.name}_done", here.file)
            following = self._target(flow, route, here.file)
            if following is None or following.name in seen:
                break
            here = following
            seen.add(here.name)
            after += self._said_in(
                here.item.get("entryFulfillment"), f"utter_{here.name}", here.file
            )
            if objects_of(here.item):
                inner = self._form(here, intent)
                if inner:
                    what = f"the page {here.name}, which asks again behind a form"
                    note = f"Its form {inner} is here; an action has to start it."
                    self.draft.approximated(here.file, line_of(here.item), what, note)
                break
        return form, before, after, here

    def _onward(self, flow: str, page: _Page) -> Located | None:
        """The route that a page takes by itself once its parameters are known."""
        for route in self._routes(flow, page):
            condition = text_in(route, "condition").strip()
            if not text_in(route, "intent") and (
                condition in ("", "true") or _FINAL.match(condition)
            ):
                return route
        return None

    def _walk(
        self, flow: str, page: _Page, steps: list[Step], intent: str, way: tuple[str, ...]
    ) -> None:
        """Stories for each intent that a page waits for, and for the pages behind it."""
        for route in self._routes(flow, page):
            if text_in(route, "condition") and not text_in(route, "intent"):
                if not _FINAL.match(text_in(route, "condition").strip()):
                    self._condition(route, page.file)
                continue
            if not text_in(route, "intent") or self.stories >= MOST_STORIES:
                continue
            name = self.draft.name("intent", text_in(route, "intent"))
            condition = self._condition(route, page.file)
            if condition is None:
                continue
            said = self._said(route, f"utter_{page.name}_{name}", page.file)
            grown = [*steps, Step("intent", name), *condition, *actions(said)]
            self._go(flow, page, route, grown, intent, way)

    def _go(
        self,
        flow: str,
        page: _Page,
        route: Located,
        steps: list[Step],
        intent: str,
        way: tuple[str, ...],
    ) -> None:
        target = self._target(flow, route, page.file)
        title = f"{intent}: {' > '.join(way)} > {text_in(route, 'intent')}"
        if target is None or target.name in way:
            self.stories += 1
            self.draft.story(title, steps, page.file, line_of(route))
            if target is not None:
                what = f"the way back from {page.name} to {target.name}"
                note = "Stories end here; the intent's rule starts it anew."
                self.draft.approximated(page.file, line_of(route), what, note)
            return
        form, before, after, here = self._enter(flow, target, "")
        steps = [*steps, *actions(before)]
        if form is not None:
            steps += [*actions([form]), Step("active_loop", form)]
            steps += [*actions([form]), Step("active_loop", None)]
        steps += actions(after)
        self.stories += 1
        self.draft.story(title, steps, page.file, line_of(route))
        self._walk(flow, here, steps, intent, (*way, target.name))

    # -- parts ----------------------------------------------------------------------------------

    def _target(self, flow: str, route: Located, file: str) -> _Page | None:
        page, other = text_in(route, "targetPage"), text_in(route, "targetFlow")
        if other:
            start = self.starts.get(other)
            if start is not None:
                what = f"the way into the flow {other}"
                note = "Its own rules hold at any time."
                self.draft.approximated(file, line_of(route), what, note)
            return None
        return self.pages.get((flow, page))

    def _condition(self, route: Located, file: str) -> list[Step] | None:
        """A route's condition as a step; None where it cannot be said, which is noted."""
        text = text_in(route, "condition").strip()
        if text in ("", "true") or _FINAL.match(text):
            return []
        equal = _EQUAL.match(text)
        if equal is not None:
            slot = self.draft.deciding_slot(self.draft.name("slot", equal[1]), equal[2])
            return [Step("slot_was_set", ((slot, equal[2]),))]
        what = f"a route with the condition {text[:80]!r}"
        self.draft.left_out(file, line_of(route), what, "Write a story with slot_was_set.")
        return None

    def _form(self, page: _Page, intent: str) -> str | None:
        if page.name in self.forms:
            return self.forms[page.name]
        wanted = []
        for one in objects_of(page.item):
            name = text_in(one, "displayName")
            entity, sure = self.entity(text_in(one, "entityType"), name, page.file, line_of(one))
            behaviour = one.get("fillBehavior")
            prompt = (
                behaviour.get("initialPromptFulfillment") if isinstance(behaviour, dict) else None
            )
            asked = self._messages(prompt)
            needed = bool(one.get("required"))
            slot = self.draft.name("slot", name)
            wanted.append(Wanted(slot, entity, None, sure, needed, asked))
        title = f"{page.name}_form"
        at = (page.file, line_of(page.item))
        self.forms[page.name] = ask(self.draft, intent, wanted, *at, title) if wanted else None
        return self.forms[page.name]

    def _said(self, route: Located, name: str, file: str) -> list[str]:
        return self._said_in(route.get("triggerFulfillment"), name, file)

    def _said_in(self, fulfilment: Any, name: str, file: str) -> list[str]:
        """The reply of a fulfilment, and its webhook as an action."""
        if not isinstance(fulfilment, Located):
            return []
        line = line_of(fulfilment)
        found = []
        said = self._messages(fulfilment)
        if said:
            response = self.draft.response(self._free(name, said), said, file, line)
            found += [response] if response else []
        if text_in(fulfilment, "webhook"):
            action = self.draft.action(
                f"action_{text_in(fulfilment, 'tag') or name[6:]}", file, line
            )
            what = f"the webhook {text_in(fulfilment, 'webhook')}"
            self.draft.approximated(file, line, what, f"Write it as {action}.")
            found.append(action)
        if fulfilment.get("conditionalCases"):
            what = "conditional replies"
            self.draft.left_out(file, line, what, "Write variations with a condition.")
        if fulfilment.get("setParameterActions"):
            what = "parameters that a reply sets"
            self.draft.left_out(file, line, what, "Set them by an action.")
        return found

    def _free(self, name: str, said: dict[str, list[Message]]) -> str:
        """A name for a reply; the same one where the same is said again."""
        key = repr(said)
        number, wanted = 2, name
        while self.told.setdefault(wanted, key) != key:
            wanted, number = f"{name}_{number}", number + 1
        return wanted

    def _messages(self, fulfilment: Any) -> dict[str, list[Message]]:
        found: dict[str, list[Message]] = {}
        items = fulfilment.get("messages") if isinstance(fulfilment, dict) else None
        for item in objects(items):
            language = base(text_in(item, "languageCode") or self.draft.languages[0])
            if language not in self.draft.languages:
                language = self.draft.languages[0]
            found.setdefault(language, []).extend(self._message(item))
        return {language: said for language, said in found.items() if said}

    def _message(self, item: Located) -> list[Message]:
        text = item.get("text")
        if isinstance(text, Located):
            texts = [filled(one, self.draft) for one in texts_in(text, "text") if one]
            return [Message(tuple(texts))] if texts else []
        if item.get("payload"):
            return rich(item["payload"], self.draft)
        spoken = item.get("outputAudioText")
        if isinstance(spoken, Located):
            shown = re.sub(r"<[^<>]*>", "", text_in(spoken, "text", "ssml")).strip()
            return [Message((filled(shown, self.draft),))] if shown else []
        return []

    def _fallback(self, start: _Page) -> None:
        for handler in objects(start.item.get("eventHandlers")):
            if text_in(handler, "event") != "sys.no-match-default":
                continue
            said = self._messages(handler.get("triggerFulfillment"))
            if FALLBACK_REPLY in self.draft.assistant.responses or not said:
                continue
            name = self.draft.response(FALLBACK_REPLY, said, start.file, line_of(handler))
            steps = [Step("intent", "nlu_fallback"), *actions([name] if name else [])]
            self.draft.rule("nothing was understood", steps, start.file, line_of(handler))


def objects_of(item: Located) -> list[Located]:
    """The parameters that a page asks for."""
    form = item.get("form")
    return list(objects(form.get("parameters"))) if isinstance(form, Located) else []
