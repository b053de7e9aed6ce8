"""The responses of Rasa's domain: variations with texts, buttons, images and conditions."""

from __future__ import annotations

from typing import Any

from intents.assistant import Button, Place, Variation
from intents.reading.nodes import NodeReader, line_in, optional
from intents.reading.yamlfile import as_text, line_of, plain

_FIELDS = (
    "text",
    "translation",
    "buttons",
    "image",
    "custom",
    "attachment",
    "channel",
    "condition",
    "id",
    "metadata",
)
_EXTRA = frozenset({"quick_replies", "elements", "type", "button_type", "template_type"})
"""Keys that some of Rasa's channels understand."""


class ResponseReader(NodeReader):
    """Adds the responses of one file to an assistant."""

    def read(self, node: Any, line: int) -> None:
        """Read the value of the key ``responses``."""
        for name, raw, at in self.named(node, line, "responses"):
            items = raw if isinstance(raw, list) else [raw]
            variations = []
            for index, item in enumerate(items):
                row = line_in(items, index, at)
                if isinstance(item, str):
                    item = {"text": item}
                if not isinstance(item, dict):
                    self.problem(
                        row,
                        f"a variation of {name}",
                        repr(plain(item))[:60],
                        "Write '- text: \"…\"'.",
                    )
                    continue
                variations.append(self._variation(name, item, row))
            if variations:
                self._add(name, tuple(variations), at)
            else:
                self.problem(at, f"a text for {name}", "none", "Write '- text: \"…\"'.")

    def _add(self, name: str, variations: tuple[Variation, ...], line: int) -> None:
        known = self.assistant.responses.get(name)
        if known is not None:
            self.twice("response", name, line, known[0].place)
        self.assistant.responses[name] = variations

    def _variation(self, name: str, item: dict[Any, Any], line: int) -> Variation:
        known = {*_FIELDS, *_EXTRA}
        for key in item:
            if as_text(key) not in known:
                self.problem(
                    line_of(item, key) or line,
                    "a key out of " + ", ".join(sorted(known)),
                    repr(as_text(key)),
                    f"It is kept, and nothing comes of it; mend or remove it in {name}.",
                    "warning",
                )
        metadata = plain(item.get("metadata"))
        conditions = plain(item.get("condition"))
        conditions = conditions if isinstance(conditions, list) else [conditions]
        return Variation(
            optional(item.get("text")),
            self._translations(item, line),
            self._buttons(name, item, line),
            optional(item.get("image")),
            plain(item.get("custom")),
            plain(item.get("attachment")),
            optional(item.get("channel")),
            tuple(condition for condition in conditions if isinstance(condition, dict)),
            optional(item.get("id")),
            metadata if isinstance(metadata, dict) else {},
            Place(self.file, line),
            self._extra(item),
        )

    @staticmethod
    def _extra(item: dict[Any, Any]) -> dict[str, Any]:
        """Everything else, as it is; ``quick_replies`` alone are the buttons."""
        extra = {as_text(k): plain(v) for k, v in item.items() if as_text(k) not in _FIELDS}
        if not item.get("buttons"):
            extra.pop("quick_replies", None)
        return extra

    def _translations(self, item: dict[Any, Any], line: int) -> dict[str, str]:
        """Texts by language: ``zh: text`` as in Rasa Pro, or ``zh: {text: text}``."""
        found: dict[str, str] = {}
        for key, value in self.map(item.get("translation"), line, "translation").items():
            if isinstance(value, dict):
                value = value.get("text")
            if value is None or isinstance(value, list):
                self.problem(
                    line_of(item["translation"], key) or line,
                    f"a text in {as_text(key)}",
                    repr(plain(value))[:60],
                    "Write the text behind the language.",
                )
                continue
            found[as_text(key)] = as_text(value)
        return found

    def _buttons(self, name: str, item: dict[Any, Any], line: int) -> tuple[Button, ...]:
        node = item.get("buttons") or item.get("quick_replies") or []
        if not isinstance(node, list):
            self.problem(line, f"a list of buttons in {name}", repr(plain(node))[:60], "Use '- '.")
            return ()
        buttons = []
        for index, raw in enumerate(node):
            at = line_in(node, index, line)
            if not isinstance(raw, dict) or raw.get("title") is None:
                self.problem(
                    at,
                    "a button with title and payload",
                    repr(plain(raw))[:60],
                    "Write '- title: …' and 'payload: …'.",
                )
                continue
            title = as_text(raw["title"])
            extra = {
                as_text(key): plain(value)
                for key, value in raw.items()
                if as_text(key) not in ("title", "payload", "translation")
            }
            payload = as_text(raw.get("payload")) or title
            buttons.append(Button(title, payload, self._button_texts(raw, at), extra))
        return tuple(buttons)

    def _button_texts(self, raw: dict[Any, Any], line: int) -> dict[str, dict[str, str]]:
        texts: dict[str, dict[str, str]] = {}
        for key, value in self.map(raw.get("translation"), line, "translation").items():
            if isinstance(value, dict):
                texts[as_text(key)] = {as_text(k): as_text(v) for k, v in value.items()}
            elif value is not None:
                texts[as_text(key)] = {"title": as_text(value)}
        return texts
