"""Writing into an assistant's YAML: what people wrote around it stays as it was.

Edits are made to the text, at the lines where the parts stand, and each file is replaced in one
step. A file that changed in between is not overwritten.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from intents.assistant import Assistant
from intents.examples import language_of
from intents.marks import parse_marks
from intents.reading import read_assistant
from intents.settings import SETTINGS_FILE
from intents.yamledit import YamlText, editing, in_brackets, name_of, quoted
from intents.yamlfile import as_text
from models.errors import DataError, Problem

_NAME = re.compile(r"[^\W\d]\w*(?:[/.-]\w+)*")


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
    _check_name(name)
    if name in assistant.intents or assistant.examples_of(name):
        raise _refused(root, "a new intent", f"{name!r}, which exists", "Choose another name.")
    lines = _checked(root, examples) if examples or not description else []
    _check_languages(root, assistant, (responses or {}, titles or {}))
    _check_brackets(root, responses or {})
    written = [_declare(root, assistant, name), *_write_lines(root, assistant, name, lines)]
    if responses:
        written.append(set_response(root, f"utter_{name}", responses))
    if description or titles:
        written.append(_describe(root, name, description, titles or {}))
    return _distinct(written)


def add_examples(folder: Path | str, name: str, examples: Sequence[str]) -> list[Path]:
    """Add training lines to an intent; lines it has already are left out.

    :raises DataError: no such intent, or a line cannot be used.
    """
    root = Path(folder)
    assistant = read_assistant(root)
    _must_exist(root, assistant, name)
    known = {example.text.strip() for example in assistant.examples_of(name)}
    lines = [row for row in _checked(root, examples) if parse_marks(row)[0].strip() not in known]
    return _write_lines(root, assistant, name, lines) if lines else []


def set_examples(folder: Path | str, name: str, examples: Sequence[str]) -> list[Path]:
    """Make ``examples`` the training lines of an intent: new ones are added, others removed.

    Lines that stay keep their place and marks.

    :raises DataError: no such intent, no line, or a line cannot be used.
    """
    root = Path(folder)
    assistant = read_assistant(root)
    _must_exist(root, assistant, name)
    lines = _checked(root, examples)
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
    _must_exist(root, assistant, name)
    users = [
        rule.name
        for rule in (*assistant.rules, *assistant.stories)
        if any(step.kind == "intent" and step.value == name for step in rule.steps)
    ]
    if users:
        found = ", ".join(users)
        raise _refused(root, f"no rule that names {name}", found, "Remove the rules first.")
    written = []
    for file in assistant.files:
        with editing(root, root / file) as text:
            before = text.text
            _drop_entries(text, "intents", lambda entry: _names(entry) == name)
            _drop_entries(text, "nlu", lambda entry: _intent_of(entry) == name)
            _drop_key(text, "responses", f"utter_{name}")
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
    assistant = read_assistant(root)
    _check_name(name)
    if not texts:
        raise _refused(root, "a text", "none", "Give one by language.")
    _check_languages(root, assistant, (texts,))
    _check_brackets(root, texts)
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


def _plain_variation(text: YamlText, name: str) -> int | None:
    variations = (text.section("responses") or {}).get(name)
    if not isinstance(variations, list):
        return None
    for index, variation in enumerate(variations):
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
    section = text.section("responses")
    if section and name in section:
        variations = section[name]
        if isinstance(variations, list) and len(variations) and not in_brackets(variations):
            text.insert_before_entry(variations, 0, rows)
            return
        text.set_block(section, name, rows)
        return
    text.append_to("responses", [f"{name_of(name)}:", *("  " + row for row in rows)])


def _set_text(
    text: YamlText, name: str, index: int, language: str, value: str, default: str
) -> None:
    def variation() -> Any:
        return text.section("responses")[name][index]

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


def _checked(root: Path, examples: Sequence[str]) -> list[str]:
    """Lines fit to be written: one line each, not blank, marks readable, none twice."""
    lines: dict[str, str] = {}
    for number, raw in enumerate(examples, 1):
        line = " ".join(raw.split())
        text, _, issues = parse_marks(line)
        at = f"line {number}"
        if issues:
            raise _refused(root, issues[0].expected, f"{at}: {issues[0].found}", issues[0].fix)
        if not line.isprintable() or len(line) > 10_000:
            found = f"{at}: {line[:40]!r}"
            wanted = "printable text of at most 10,000 characters"
            raise _refused(root, wanted, found, "Write the line again.")
        if text.strip():
            lines.setdefault(text.casefold().strip(), line)
    if not lines:
        raise _refused(root, "training lines", "none", "Write at least five.")
    return list(lines.values())


def _check_languages(root: Path, assistant: Assistant, given: Iterable[Mapping[str, str]]) -> None:
    unknown = sorted({language for texts in given for language in texts} - {*assistant.languages})
    if unknown:
        wanted = "one of " + ", ".join(assistant.languages)
        found = ", ".join(unknown)
        raise _refused(root, wanted, found, "Add the language to frontdesk.yml first.")


def _check_brackets(root: Path, texts: Mapping[str, str]) -> None:
    for text in texts.values():
        try:
            list(Formatter().parse(text))
        except ValueError as error:
            found = f"{text[:50]!r}: {error}"
            fix = "Close the bracket; write {{ for a bracket that is text."
            raise _refused(root, "values in curly brackets", found, fix) from error


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or len(name) > 120:
        wanted = "a name of letters, digits and underscores, a letter first"
        raise DataError(
            "Nothing was written",
            [Problem("", 0, wanted, repr(name)[:80], "Rename it, for example 'gift_card'.")],
        )


def _must_exist(root: Path, assistant: Assistant, name: str) -> None:
    if name not in assistant.intents and not assistant.examples_of(name):
        raise _refused(root, "an intent of the assistant", repr(name), "Check the name.")


def _names(entry: Any) -> str:
    return as_text(next(iter(entry), "")) if isinstance(entry, dict) else as_text(entry)


def _intent_of(entry: Any) -> str:
    return as_text(entry.get("intent")) if isinstance(entry, dict) else ""


def _distinct(paths: Iterable[Path]) -> list[Path]:
    return list(dict.fromkeys(paths))


def _refused(root: Path, expected: str, found: str, fix: str) -> DataError:
    return DataError("Nothing was written", [Problem(str(root), 0, expected, found, fix)])
