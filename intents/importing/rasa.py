"""A Rasa project of any age: YAML of 2.0 and 3.x, Markdown and JSON of 1.x, in any mixture."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path, PurePosixPath

from intents.assistant import Assistant, EntityInfo, IntentInfo, Place
from intents.importing import rasa_stories
from intents.importing.form_code import fill_forms
from intents.importing.rasa_notes import notes_on
from intents.importing.report import Import
from intents.importing.source import Source
from intents.pipeline import with_older_history
from intents.reading import markdown as reading_markdown
from intents.reading.base import Training
from intents.reading.folder import KEPT_APART, assistant_files, read_assistant
from intents.reading.nlu import close_annotations
from intents.reading.rasa_json import is_rasa_json, read_rasa_json
from intents.reading.yamlfile import as_text, load
from models.errors import DataError

_KEYS = re.compile(
    r"^(nlu|stories|rules|responses|intents|entities|slots|forms|actions|templates)\s*:", re.M
)
_TESTS = ("tests", "test")
_NO_DATA = {"docs", *KEPT_APART.difference(_TESTS)}


def is_rasa(source: Source) -> bool:
    """Whether there are files of Rasa's among the files."""
    if any(_KEYS.search(_peek(source, name)) for name in source.names(".yml", ".yaml")):
        return True
    if any(reading_markdown.is_training(_peek(source, name)) for name in source.names(".md")):
        return True
    return any(b'"rasa_nlu_data"' in source.files[name][:4096] for name in source.names(".json"))


def import_rasa(source: Source) -> Import:
    """The assistant of a project, every file read that Rasa would read."""
    root = _root(source)
    files = {n.removeprefix(root): raw for n, raw in source.files.items() if n.startswith(root)}
    inner = Source(source.path, files, source.problems)
    with tempfile.TemporaryDirectory() as folder:
        for name in inner.names(".yml", ".yaml", ".jsonl"):
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        assistant = read_assistant(folder, strict=False)
        used = [path.relative_to(folder).as_posix() for path in assistant_files(Path(folder))]
    assistant.folder = Path()
    if not used:
        # A folder of Markdown or JSON alone lacks nothing.
        assistant.problems = []
    found = Import("Rasa", assistant)
    older = _older(inner, assistant, found)
    if older:
        _declare(assistant)
        assistant.pipeline = with_older_history(assistant.pipeline)
    coded = fill_forms(inner, assistant)
    found.notes += notes_on(inner, assistant, coded)
    found.problems = [*inner.problems, *assistant.problems]
    found.as_it_is = not older and not coded and all(_today(inner, name) for name in used)
    found.copied = {name: files[name] for name in _kept(inner, used if found.as_it_is else [])}
    return found


def _root(source: Source) -> str:
    """The folder of the project: where ``domain`` or ``config`` stand, or the outermost."""
    for marker in ("domain.yml", "config.yml", "domain.yaml", "domain/"):
        folders = source.folders_with(marker) if not marker.endswith("/") else []
        if folders:
            return folders[0]
    return ""


def _older(source: Source, assistant: Assistant, found: Import) -> bool:
    """Add what Markdown and JSON files hold; say whether there were any."""
    into = Training()
    before = len(source.problems)
    read = [_markdown(source, name, assistant, into, found) for name in source.names(".md")]
    for name in source.names(".json"):
        if b'"rasa_nlu_data"' in source.files[name][:4096]:
            document = source.json(name)
            if is_rasa_json(document):
                read_rasa_json(document, name, into)
            read.append(is_rasa_json(document))
    assistant.examples = close_annotations([*assistant.examples, *into.examples])
    assistant.synonyms += into.synonyms
    assistant.lookups += into.lookups
    assistant.regexes += into.regexes
    assistant.problems += into.problems
    return any(read) or len(source.problems) > before


def _markdown(
    source: Source, name: str, assistant: Assistant, into: Training, found: Import
) -> bool:
    path = PurePosixPath(name)
    if path.stem.lower().startswith(reading_markdown.PROSE) or _NO_DATA & set(path.parts[:-1]):
        return False
    try:
        text = source.text(name)
    except DataError as error:
        source.problems += error.problems
        return False

    def opened(value: str) -> str | None:
        for wanted in (value, str(path.parent / value)):
            if wanted in source.files:
                return source.text(wanted)
        return None

    if reading_markdown.is_training(text):
        reading_markdown.read_training(text, name, into, opened)
    elif reading_markdown.is_responses(text):
        reading_markdown.read_responses(text, name, assistant)
    elif rasa_stories.is_stories(text) and (len(source.files) == 1 or _is_data(path)):
        stories = rasa_stories.read_stories(text, name, into)
        if path.parts[0] in _TESTS or path.name.startswith(("test_", "conversation_tests")):
            found.tests += stories
        else:
            assistant.stories += stories
    else:
        return False
    return True


def _is_data(path: PurePosixPath) -> bool:
    named = ("data", "core", "stories", *_TESTS)
    return any(part in named for part in path.parts[:-1]) or "stor" in path.stem.lower()


def _declare(assistant: Assistant) -> None:
    """What only lines and stories name, where no domain declares anything."""
    for example in assistant.examples:
        place = Place(example.file, example.line)
        if example.intent:
            top = example.intent.split("/")[0]
            assistant.intents.setdefault(top, IntentInfo(top, place=place))
        for mark in example.entities or ():
            assistant.entities.setdefault(mark.entity, EntityInfo(mark.entity, place=place))


def _today(source: Source, name: str) -> bool:
    """Whether a YAML file says of itself that it is of 3.x, and so needs no change."""
    try:
        document = load(source.text(name), name)
    except DataError:
        return False
    if not isinstance(document, dict):
        return True
    version = as_text(document.get("version")).strip()
    return version.startswith("3.") or not ({"slots", "forms", "templates"} & set(document))


def _kept(source: Source, used: list[str]) -> list[str]:
    tests = [
        name
        for name in source.names(".yml", ".yaml")
        if PurePosixPath(name).parts[0] in _TESTS or PurePosixPath(name).name.startswith("test_")
    ]
    lines = [name for name in source.names(".jsonl") if name.startswith("data/")]
    return sorted({*used, *tests, *(lines if used else [])})


def _peek(source: Source, name: str) -> str:
    return source.files[name][:100_000].decode("utf-8", "replace")
