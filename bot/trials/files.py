"""Test stories as they are written: Rasa's ``tests/*.yml`` and ``test_cases``.

A test step says what the customer writes, with marks and intent, or what must follow. The
customer's words are kept, which is why stories for training are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from intents.assistant import ANY, Step
from intents.importing.rasa_stories import is_stories
from intents.importing.rasa_stories import read_stories as read_stories_of_markdown
from intents.reading.base import Training
from intents.reading.marks import parse_marks
from intents.reading.yamlfile import as_text, line_of, load, plain, read_text
from models.errors import DataError, Problem

Kind = Literal["user", "action", "bot", "loop", "slots", "unset"]
FOLDERS = ("tests", "test", "e2e_tests", "scenarios")
OPEN = "open"
"""Stem of a file of stories that are known to fail: played only when it is named."""

_STORIES = ("stories", "e2e_tests")
_TELLS = re.compile(rf"^['\"]?({'|'.join((*_STORIES, 'test_cases'))})['\"]?\s*:", re.MULTILINE)
"""A key of stories, seen without reading the YAML."""


@dataclass(frozen=True)
class TestStep:
    """One line of a test story.

    ``value`` is by kind: an action's or form's name, the bot's words, or (slot, value) pairs.
    For ``user`` it is the text without marks (None where only the intent is given), and
    ``intent`` and ``entities`` are what is to be understood; None where that is left open.
    Test cases may name several actions or words, one of which is enough (a tuple), and may say
    with ``negated`` what must not follow.
    """

    __test__ = False

    kind: Kind
    line: int
    value: Any = None
    intent: str | None = None
    entities: tuple[Mapping[str, Any], ...] | None = None
    negated: bool = False


@dataclass(frozen=True)
class TestStory:
    """A test story; ``told`` if it names every action, as Rasa's do.

    Otherwise (``test_cases``) a message is answered in full, and what is expected is looked for
    in the answer. ``customer`` is who is signed in; nobody where it is None.
    """

    __test__ = False

    name: str
    file: str
    line: int
    steps: tuple[TestStep, ...]
    told: bool = True
    slots: Mapping[str, Any] = field(default_factory=dict)
    customer: str | None = None


def test_files(root: Path) -> list[Path]:
    """The files of a project that hold tests: all under ``tests/``, and ``test_*.yml`` anywhere.

    Likewise Rasa 1.x's Markdown, where it holds stories.
    """
    found = []
    for path in sorted(root.rglob("*")):
        folders = path.relative_to(root).parts[:-1]
        named = path.suffix.lower() in (".yml", ".yaml", ".md") and path.stem != OPEN
        if not named or not path.is_file():
            continue
        if any(part.startswith(".") or part in ("node_modules", "models") for part in folders):
            continue
        tests = path.stem.startswith("test_") or any(map(_of_tests, folders))
        if tests and (path.suffix.lower() != ".md" or is_stories(read_text(path, path.name))):
            found.append(path)
    return found


test_files.__test__ = False  # type: ignore[attr-defined]


def _of_tests(folder: str) -> bool:
    return folder in FOLDERS or folder.startswith("test_")


def read_stories(root: Path, paths: Sequence[Path]) -> tuple[list[TestStory], list[Problem]]:
    """Every test story of ``paths``, and what could not be read of them."""
    stories: list[TestStory] = []
    problems: list[Problem] = []
    for path in paths:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        text = ""
        try:
            text = read_text(path, name)
            if path.suffix.lower() == ".md":
                stories += _of_markdown(text, name, problems)
                continue
            document = load(text, name)
        except DataError as error:
            # As in Rasa, a file of lines (test_nlu.yml) is none of stories, whatever it holds.
            problems += error.problems if not text or _TELLS.search(text) else ()
            continue
        if isinstance(document, dict):
            stories += _Reader(name, problems).stories(document)
    return stories, problems


def _of_markdown(text: str, name: str, problems: list[Problem]) -> Iterator[TestStory]:
    """The stories of Rasa 1.x's Markdown, whose steps are those of training stories."""
    read = Training()
    for story in read_stories_of_markdown(text, name, read):
        steps = tuple(step for told in story.steps for step in _of_step(told, name, problems))
        yield TestStory(story.name, name, story.place.line, steps)
    problems += [problem for problem in read.problems if problem.severity == "error"]


def _of_step(step: Step, name: str, problems: list[Problem]) -> Iterator[TestStep]:
    line = step.place.line
    if step.kind == "or":
        yield from _of_step(step.value[0], name, problems)
    elif step.kind == "intent" and step.text:
        yield _said(step.text, str(step.value), name, line, problems)
    elif step.kind == "intent":
        entities = tuple(map(_given, step.entities))
        yield TestStep("user", line, None, str(step.value), entities)
    elif step.kind == "action":
        yield TestStep("action", line, step.value)
    elif step.kind == "active_loop":
        yield TestStep("loop", line, step.value)
    elif step.kind == "slot_was_set":
        yield TestStep("slots", line, tuple(step.value))


class _Reader:
    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file = file
        self.problems = problems

    def stories(self, document: Mapping[Any, Any]) -> Iterator[TestStory]:
        fixtures = _fixtures(document.get("fixtures"))
        for key in (*_STORIES, "test_cases"):
            items = document.get(key)
            for item in items if isinstance(items, list) else []:
                story = self._story(item, key, fixtures)
                if story is not None:
                    yield story

    def _story(
        self, item: Any, key: str, fixtures: Mapping[str, Mapping[str, Any]]
    ) -> TestStory | None:
        steps = item.get("steps") if isinstance(item, dict) else None
        line = line_of(item)
        if not isinstance(steps, list):
            self._problem(line, "a story with a list of steps", plain(item))
            return None
        name = as_text(item.get("story") or item.get("test_case") or item.get("rule"))
        read = [step for node in steps for step in self._step(node, line_of(node) or line)]
        given: dict[str, Any] = {}
        for wanted in plain(item.get("fixtures")) or []:
            given.update(fixtures.get(as_text(wanted), {}))
        told = key in _STORIES
        customer = None if item.get("customer") is None else as_text(item["customer"])
        title = name or f"line {line}"
        return TestStory(title, self.file, line, tuple(read), told, given, customer)

    def _step(self, node: Any, line: int) -> Iterator[TestStep]:
        if not isinstance(node, dict):
            if node is not None and as_text(node) != "...":
                self._problem(line, "a step such as '- user: …'", plain(node))
            return
        if "user" in node or "intent" in node:
            yield self._user(node, line)
        elif "or" in node:
            choices = node["or"] if isinstance(node["or"], list) else [node["or"]]
            yield from self._step(choices[0], line)
        elif "not" in node:
            yield from (replace(step, negated=True) for step in self._step(node["not"], line))
        elif "action" in node or "utter" in node:
            yield TestStep("action", line, _one_of(node.get("action", node.get("utter"))))
        elif "bot" in node:
            yield TestStep("bot", line, _one_of(node["bot"]))
        elif "active_loop" in node or "form" in node:
            name = node.get("active_loop", node.get("form"))
            loop = None if name is None or as_text(name) == "null" else as_text(name)
            yield TestStep("loop", line, loop)
        elif "slot_was_set" in node or "slot_was_not_set" in node:
            key = "slot_was_set" if "slot_was_set" in node else "slot_was_not_set"
            yield TestStep("slots" if key == "slot_was_set" else "unset", line, _pairs(node[key]))
        elif "checkpoint" not in node and "metadata" not in node:
            self._problem(line, "user, action, bot, active_loop or slot_was_set", plain(node))

    def _user(self, node: Mapping[Any, Any], line: int) -> TestStep:
        intent = None if node.get("intent") is None else as_text(node["intent"])
        if node.get("user") is None:
            given = plain(node.get("entities")) or []
            entities = tuple(_given(item) for item in given)
            return TestStep("user", line, None, intent, entities)
        said = _said(as_text(node["user"]), intent, self.file, line, self.problems)
        if said.entities == () and node.get("entities"):
            # Beside the words instead of within them: which ones they are is left open.
            named = plain(node["entities"])
            given = (_given(i) if isinstance(i, dict) else {"entity": as_text(i)} for i in named)
            return replace(said, entities=tuple(given))
        return said

    def _problem(self, line: int, expected: str, found: Any) -> None:
        self.problems.append(Problem(self.file, line, expected, repr(found)[:80], "Mend it."))


def _said(
    marked: str, intent: str | None, file: str, line: int, problems: list[Problem]
) -> TestStep:
    """What the customer writes, with marks where the intent is given as well."""
    text, marks, issues = parse_marks(marked.strip())
    problems += [
        Problem(file, line, one.expected, one.found, one.fix, one.severity) for one in issues
    ]
    found = tuple(
        {
            "entity": mark.entity,
            "start": mark.start,
            "end": mark.end,
            "value": text[mark.start : mark.end] if mark.value is None else mark.value,
            **({"role": mark.role} if mark.role else {}),
            **({"group": mark.group} if mark.group else {}),
        }
        for mark in marks
    )
    return TestStep("user", line, text, intent, found if intent is not None else None)


def _given(item: Any) -> dict[str, Any]:
    """An entity apart from words: a name, or a name with its value."""
    if not isinstance(item, dict):
        return {"entity": as_text(item), "value": as_text(item)}
    extra = {key: item[key] for key in ("role", "group") if key in item}
    name = next((key for key in item if key not in ("role", "group", "value")), "")
    return {"entity": name, "value": item.get(name), **extra}


def _one_of(node: Any) -> str | tuple[str, ...]:
    """A name or words, or several of which one is enough."""
    if isinstance(node, list):
        return tuple(as_text(item).strip() for item in node)
    return as_text(node).strip()


def _pairs(node: Any) -> tuple[tuple[str, Any], ...]:
    found: list[tuple[str, Any]] = []
    for item in node if isinstance(node, list) else [node]:
        if isinstance(item, dict):
            found += [(as_text(key), plain(value)) for key, value in item.items()]
        else:
            found.append((as_text(item), ANY))
    return tuple(found)


def _fixtures(node: Any) -> dict[str, dict[str, Any]]:
    """Named slots that test cases begin with."""
    found: dict[str, dict[str, Any]] = {}
    for item in node if isinstance(node, list) else []:
        for name, values in item.items() if isinstance(item, dict) else ():
            rows = values if isinstance(values, list) else [values]
            found[as_text(name)] = {
                as_text(key): plain(value)
                for row in rows
                if isinstance(row, dict)
                for key, value in row.items()
            }
    return found
