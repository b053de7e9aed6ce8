"""Writing into an assistant's YAML: what people wrote around it stays as it was.

Edits are made to the text, at the lines where the parts stand, and each file is replaced in one
step. A file that changed in between is not overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from intents.assistant import Assistant
from intents.examples import language_of
from intents.reading.folder import read_assistant
from intents.reading.marks import parse_marks
from intents.reading.yamlfile import as_text
from intents.settings import SETTINGS_FILE
from intents.writing.checks import (
    check_brackets,
    check_languages,
    check_name,
    check_others,
    checked,
    must_exist,
    refused,
)
from intents.writing.yamledit import YamlText, editing, in_brackets, name_of, quoted


def add_intent(
    folder: Path | str,
    name: str,
    examples: Sequence[str],
    responses: Mapping[str, str] | None = None,
    description: str = "",
    titles: Mapping[str, str] | None = None,
) -> list[Path]:
    """Declare an intent with its training lines, and the reply ``utter_<name>`` where one is given.

    :param examples: lines, with entity marks where wanted; with a description there may be none.
    :param responses: the reply by language.
    :param titles: how customers read the intent's name when they are asked what they meant.
    :returns: the files that were written.
    :raises DataError: the intent exists, its name is unfit, or a line cannot be used; nothing is
        written then.
    """
    root = Path(folder)
    assistant = read_assistant(root)
    check_name(name)
    if name in assistant.intents or assistant.examples_of(name):
        raise refused(root, "a new intent", f"{name!r}, which exists", "Choose another name.")
    lines = checked(root, examples) if examples or not description else []
    check_others(root, assistant, name, lines)
    check_languages(root, assistant, (responses or {}, titles or {}))
    check_brackets(root, responses or {})
    written = [_declare(root, assistant, name), *_write_lines(root, assistant, name, lines)]
    if responses:
        written.append(_set_response(root, assistant, f"utter_{name}", responses))
    if description or titles:
        written.append(_describe(root, name, description, titles or {}))
    return _distinct(written)


def add_examples(folder: Path | str, name: str, examples: Sequence[str]) -> list[Path]:
    """Add training lines to an intent; lines it has already are left out.

    :raises DataError: no such intent, or a line cannot be used.
    """
    root = Path(folder)
    assistant = read_assistant(root)
    must_exist(root, assistant, name)
    known = {example.text.strip() for example in assistant.examples_of(name)}
    lines = [row for row in checked(root, examples) if parse_marks(row)[0].strip() not in known]
    check_others(root, assistant, name, lines)
    return _write_lines(root, assistant, name, lines) if lines else []


def set_examples(folder: Path | str, name: str, examples: Sequence[str]) -> list[Path]:
    """Make ``examples`` the training lines of an intent: new ones are added, others removed.

    Lines that stay keep their place and marks.

    :raises DataError: no such intent, no line, or a line cannot be used.
    """
    root = Path(folder)
    assistant = read_assistant(root)
    must_exist(root, assistant, name)
    lines = checked(root, examples)
    wanted = {parse_marks(row)[0].strip() for row in lines}
    # New lines first, so that no list is left without an entry.
    added = add_examples(root, name, lines)
    gone = {e.text.strip() for e in assistant.examples_of(name)} - wanted
    return _distinct([*added, *_remove_lines(root, name, gone)]) if gone else added


def remove_intent(folder: Path | str, name: str) -> list[Path]:
    """Remove an intent: its declaration, its lines, its settings and its reply ``utter_<name>``.

    :raises DataError: no such intent, or a rule still names it.
    """
    root = Path(folder)
    assistant = read_assistant(root)
    must_exist(root, assistant, name)
    users = [
        rule.name
        for rule in (*assistant.rules, *assistant.stories)
        if any(step.kind == "intent" and step.value == name for step in rule.steps)
    ]
    if users:
        found = ", ".join(users)
        raise refused(root, f"no rule that names {name}", found, "Remove the rules first.")
    written = []
    for file in assistant.files:
        with editing(root, root / file) as text:
            before = text.text
            _drop_entries(text, "intents", lambda entry: _names(entry) == name)
            _drop_entries(text, "nlu", lambda entry: _intent_of(entry) == name)
            for key in ("responses", "templates"):
                _drop_key(text, key, f"utter_{name}")
            if file == SETTINGS_FILE:
                _drop_key(text, "intents", name)
            if text.text != before:
                written.append(root / file)
    return written


def set_response(folder: Path | str, name: str, texts: Mapping[str, str]) -> Path:
    """Set the texts of a response by language; other variations, buttons and images stay.

    The first variation without channel and condition is the one that changes.

    :returns: the file that was written.
    :raises DataError: no text, a language that the assistant does not have, or an unfit name.
    """
    root = Path(folder)
    return _set_response(root, read_assistant(root), name, texts)


def _set_response(root: Path, assistant: Assistant, name: str, texts: Mapping[str, str]) -> Path:
    check_name(name)
    if not texts:
        raise refused(root, "a text", "none", "Give one by language.")
    check_languages(root, assistant, (texts,))
    check_brackets(root, texts)
    known = assistant.responses.get(name)
    path = root / known[0].place.file if known else _responses_file(root, assistant)
    default = assistant.settings.default_language
    with editing(root, path) as text:
        index = _plain_variation(text, name)
        if index is None:
            _append_variation(text, name, texts, default)
        else:
            for language, value in texts.items():
                _set_text(text, name, index, language, value, default)
    return path


def _responses(text: YamlText, name: str) -> Any:
    """The section of a file that holds a response: 1.x called it ``templates``."""
    older = text.section("templates")
    return older if isinstance(older, dict) and name in older else text.section("responses")


def _plain_variation(text: YamlText, name: str) -> int | None:
    variations = (_responses(text, name) or {}).get(name)
    if not isinstance(variations, list):
        return None
    for index, variation in enumerate(variations):
        if isinstance(variation, str):
            return None
        block = isinstance(variation, dict) and not in_brackets(variation)
        if block and not {"channel", "condition"} & set(variation):
            return index
    return None


def _append_variation(text: YamlText, name: str, texts: Mapping[str, str], default: str) -> None:
    main = texts.get(default, next(iter(texts.values())))
    rows = [f"- text: {quoted(main)}"]
    others = [f"    {name_of(k)}: {quoted(v)}" for k, v in texts.items() if k != default]
    if others:
        rows += ["  translation:", *others]
    section = _responses(text, name)
    if section and name in section:
        variations = section[name]
        if isinstance(variations, list) and len(variations) and not in_brackets(variations):
            text.insert_before_entry(variations, 0, rows)
            if isinstance(variations[0], str):
                # A variation that is a text alone gives way to the new one.
                text.delete(*text.entry_region(_responses(text, name)[name], 1))
            return
        text.set_block(section, name, rows)
        return
    text.append_to("responses", [f"{name_of(name)}:", *("  " + row for row in rows)])


def _set_text(
    text: YamlText, name: str, index: int, language: str, value: str, default: str
) -> None:
    def variation() -> Any:
        return _responses(text, name)[name][index]

    if language == default:
        text.set_key(variation(), "text", value)
        return
    translation = variation().get("translation")
    if not isinstance(translation, dict) or not translation or in_brackets(translation):
        known = dict(translation or {})
        texts = {as_text(k): v.get("text") if isinstance(v, dict) else v for k, v in known.items()}
        texts[language] = value
        rows = [f"{name_of(k)}: {quoted(as_text(v))}" for k, v in texts.items()]
        text.set_block(variation(), "translation", rows, after="text")
        return
    inner = translation.get(language)
    if isinstance(inner, dict) and inner and not in_brackets(inner):
        text.set_key(inner, "text", value)
    else:
        text.set_key(translation, language, value)


def _declare(root: Path, assistant: Assistant, name: str) -> Path:
    places = [info.place.file for info in assistant.intents.values() if info.place.file]
    path = root / (places[-1] if places else "domain.yml")
    top = name.split("/")[0]
    if top not in assistant.intents:
        with editing(root, path) as text:
            text.append_to("intents", [f"- {name_of(top)}"])
    return path


def _write_lines(root: Path, assistant: Assistant, name: str, lines: Sequence[str]) -> list[Path]:
    """Put lines where the intent's lines of that language stand, else beside others of it."""
    by_file: dict[Path, list[str]] = {}
    for line in lines:
        by_file.setdefault(_lines_file(root, assistant, name, line), []).append(line)
    for path, rows in by_file.items():
        with editing(root, path) as text:
            items = text.section("nlu") or []
            at = next((i for i, item in enumerate(items) if _intent_of(item) == name), None)
            if at is None or not _extend(text, items[at], rows):
                body = [f"    - {row}" for row in rows]
                text.append_to("nlu", [f"- intent: {name_of(name)}", "  examples: |", *body])
    return list(by_file)


def _extend(text: YamlText, item: Any, rows: Sequence[str]) -> bool:
    """Add rows to an item's examples; False where they are in a form that cannot be extended."""
    examples = item.get("examples")
    if isinstance(examples, list):
        if not examples or in_brackets(examples):
            return False
        listed = isinstance(examples[0], dict)
        text.extend_list(
            item, "examples", [("text: " if listed else "") + quoted(row) for row in rows]
        )
        return True
    line = text.lines[item.lc.data["examples"][0]]
    if not re.search(r"examples:\s*\|[-+]?\d*\s*(#.*)?$", line):
        return False
    text.extend_block(item, "examples", [f"- {row}" for row in rows])
    return True


def _lines_file(root: Path, assistant: Assistant, name: str, line: str) -> Path:
    language = language_of(parse_marks(line)[0])
    own = [e for e in assistant.examples_of(name) if e.file.endswith((".yml", ".yaml"))]
    same = [e for e in own if e.language == language] or (own if language == "mul" else [])
    if same:
        return root / same[-1].file
    folder = root / "data" / "nlu"
    wanted = language if language != "mul" else assistant.settings.default_language
    if any(e.file.startswith(f"data/nlu/{wanted}/") for e in assistant.examples):
        return folder / wanted / "added.yml"
    files = [e.file for e in assistant.examples if e.intent and e.file.endswith((".yml", ".yaml"))]
    return root / files[-1] if files else folder / "added.yml"


def _remove_lines(root: Path, name: str, gone: set[str]) -> list[Path]:
    assistant = read_assistant(root)
    by_file: dict[str, list[int]] = {}
    for example in assistant.examples_of(name):
        if example.text.strip() in gone:
            by_file.setdefault(example.file, []).append(example.line)
    for file, numbers in by_file.items():
        with editing(root, root / file) as text:
            listed: list[tuple[int, int]] = []
            for item in text.section("nlu") or []:
                if _intent_of(item) == name and isinstance(item.get("examples"), list):
                    entries = item["examples"]
                    regions = [text.entry_region(entries, i) for i in range(len(entries))]
                    listed += [r for r in regions if any(r[0] < n <= r[1] + 1 for n in numbers)]
            inside = {n + 1 for first, last in listed for n in range(first, last + 1)}
            text.delete_rows([*inside, *(n for n in numbers if n not in inside)])
            _drop_entries(text, "nlu", lambda e: _intent_of(e) == name and not e.get("examples"))
    return [root / file for file in by_file]


def _drop_entries(text: YamlText, key: str, chosen: Any) -> None:
    section = text.section(key)
    if not isinstance(section, list) or not section:
        return
    doomed = [i for i, entry in enumerate(section) if chosen(entry)]
    if not doomed:
        return
    if in_brackets(section):
        text.append_to(key, [])
        section = text.section(key)
    if len(doomed) == len(section):
        first, last = text.region(text.document, key)
        text.delete(first, last)
        return
    for region in [text.entry_region(section, i) for i in doomed][::-1]:
        text.delete(*region)


def _drop_key(text: YamlText, key: str, name: str) -> None:
    section = text.section(key)
    if not isinstance(section, dict) or name not in section:
        return
    whole = len(section) == 1 or in_brackets(section)
    if whole and len(section) > 1:
        text.append_to(key, [])
        section, whole = text.section(key), False
    text.delete(*(text.region(text.document, key) if whole else text.region(section, name)))


def _describe(root: Path, name: str, description: str, titles: Mapping[str, str]) -> Path:
    path = root / SETTINGS_FILE
    rows = [f"  description: {quoted(description)}"] if description else []
    if titles:
        rows += ["  title:", *(f"    {name_of(k)}: {quoted(v)}" for k, v in titles.items())]
    with editing(root, path, fresh="") as text:
        _drop_key(text, "intents", name)
        text.append_to("intents", [f"{name_of(name)}:", *rows])
    return path


def _responses_file(root: Path, assistant: Assistant) -> Path:
    if (root / "responses").is_dir():
        return root / "responses" / "added.yml"
    files = [variations[0].place.file for variations in assistant.responses.values()]
    return root / (files[-1] if files else "domain.yml")


def _names(entry: Any) -> str:
    return as_text(next(iter(entry), "")) if isinstance(entry, dict) else as_text(entry)


def _intent_of(entry: Any) -> str:
    return as_text(entry.get("intent")) if isinstance(entry, dict) else ""


def _distinct(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))
