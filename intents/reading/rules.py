"""Rules and stories of Rasa's YAML, kept as data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from intents.assistant import ANY, Place, Rule, Step
from intents.reading.yamlfile import as_text, line_of, plain
from models.errors import Problem

Report = Callable[[Problem], None]
_KINDS = ("user", "intent", "or", "action", "bot", "checkpoint", "slot_was_set", "active_loop")


def read_rules(node: Any, key: str, file: str, line: int, report: Report) -> list[Rule]:
    """Read the value of ``key`` (``rules`` or ``stories``)."""
    if not isinstance(node, list):
        if node is not None:
            report(Problem(file, line, f"a list under {key}", repr(plain(node))[:60], "Use '- '."))
        return []
    reader = _Reader(file, report)
    name_key = "rule" if key == "rules" else "story"
    return [rule for item in node if (rule := reader.rule(item, name_key, line)) is not None]


class _Reader:
    def __init__(self, file: str, report: Report) -> None:
        self.file = file
        self.report = report

    def rule(self, item: Any, name_key: str, line: int) -> Rule | None:
        at = line_of(item) or line
        if not isinstance(item, dict) or not isinstance(item.get("steps"), list):
            self._problem(
                at,
                f"'{name_key}: <name>' with a list of steps",
                repr(plain(item))[:80],
                "Add 'steps:' with '- intent: …' and '- action: …'.",
            )
            return None
        name = as_text(item.get(name_key) or item.get("rule") or item.get("story"))
        condition = item.get("condition")
        return Rule(
            name or f"{self.file}:{at}",
            self._steps(item["steps"], at),
            self._steps(condition, at) if isinstance(condition, list) else (),
            bool(item.get("conversation_start", False)),
            bool(item.get("wait_for_user_input", True)),
            Place(self.file, at),
            _metadata(item),
        )

    def _steps(self, node: list[Any], line: int) -> tuple[Step, ...]:
        return tuple(step for item in node for step in self._step(item, line_of(item) or line))

    def _step(self, item: Any, line: int) -> list[Step]:
        place = Place(self.file, line)
        if as_text(item) == "..." or item is None:
            return [Step("action", "...", place=place)]
        kind = next((k for k in _KINDS if isinstance(item, dict) and k in item), None)
        if kind is None:
            self._problem(
                line, "a step out of " + ", ".join(_KINDS), repr(plain(item))[:80], "Mend the step."
            )
            return []
        value = item[kind]
        if kind == "or":
            choices = value if isinstance(value, list) else [value]
            return [Step("or", self._steps(choices, line), place=place)]
        if kind == "slot_was_set":
            return [Step(kind, _slots(value), place=place)]
        if kind == "user" and item.get("intent") is not None:
            said = as_text(value).strip()
            return [Step("intent", as_text(item["intent"]), _entities(item), place, said)]
        if kind == "checkpoint":
            slots = _slots(item["slot_was_set"]) if item.get("slot_was_set") else ()
            return [Step(kind, as_text(value), place=place, slots=slots)]
        if kind == "active_loop":
            return [Step(kind, None if value is None else as_text(value), place=place)]
        return [Step(kind, as_text(value), _entities(item), place)]

    def _problem(self, line: int, expected: str, found: str, fix: str) -> None:
        self.report(Problem(self.file, line, expected, found, fix))


def _slots(value: Any) -> tuple[tuple[str, Any], ...]:
    found: list[tuple[str, Any]] = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            found += [(as_text(key), plain(one)) for key, one in item.items()]
        else:
            found.append((as_text(item), ANY))
    return tuple(found)


def _entities(item: dict[Any, Any]) -> tuple[dict[str, Any], ...]:
    raw = plain(item.get("entities"))
    return tuple(
        entry if isinstance(entry, dict) else {as_text(entry): None}
        for entry in (raw if isinstance(raw, list) else [])
    )


def _metadata(item: dict[Any, Any]) -> dict[str, Any]:
    found = plain(item.get("metadata"))
    return found if isinstance(found, dict) else {}
