"""The knowledge graph in the service: made with a release, asked in a turn.

The graph's package knows neither intents nor conversations; here they come together. It is imported
where there is a graph: an assistant without one loads none of its libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.events import Event
from intents.assistant import Assistant
from intents.reading.yamlfile import load
from intents.release import Release, sha256_of
from intents.values.recognisers import Context as Moment
from intents.values.recognisers import read
from models.arrays import FloatArray
from models.errors import AssistantInvalid, DataError, Problem

if TYPE_CHECKING:
    from bot.tracker import Tracker
    from retrieval.knowledge.answer import Context, Reply, Time
    from retrieval.knowledge.building import Built
    from retrieval.knowledge.knowledge import Knowledge
    from retrieval.knowledge.question import Hint

FOLDER = "knowledge"
MANIFEST = f"{FOLDER}/graph.nt"
MAX_TEXT = 500
"""Longer messages are looked through for no times."""

_CLOCK = frozenset({"hour", "minute", "second"})
Encode = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True)
class Heard:
    """A message as the graph is asked: what understanding made of it, and when it was sent."""

    text: str
    language: str
    parse: Mapping[str, Any]
    vector: FloatArray
    at: float


# -- making a release -------------------------------------------------------------------------


def read_graph(assistant: Path) -> Built | None:
    """The graph of an assistant's folder, or None where it has none."""
    folder = assistant / FOLDER
    if not (folder / "schema.yml").is_file():
        return None
    from retrieval.knowledge.building import build

    return build(folder, load)


def problems_of(assistant: Path) -> list[Problem]:
    """What is wrong with an assistant's graph; files are named from the assistant's folder."""
    try:
        built = read_graph(assistant)
    except DataError as error:
        found: Sequence[Problem] = error.problems
    else:
        found = built.problems if built is not None else ()
    return [
        Problem(f"{FOLDER}/{p.file}", p.line, p.expected, p.found, p.fix, p.severity) for p in found
    ]


def release_files(
    assistant: Path, encode: Encode, work: Path, parent: Release | None = None
) -> dict[str, Path | None]:
    """What a release holds of an assistant's graph: the graph made, and the files it is made of.

    :param work: a folder to be made for the former.
    :param parent: a release of the same encoder, whose graph stays where no file has changed.
    :raises AssistantInvalid: data are wrong.
    """
    sources = _sources(assistant)
    if parent is not None and sources and _same(sources, parent):
        return sources
    problems = [p for p in problems_of(assistant) if p.severity == "error"]
    if problems:
        raise AssistantInvalid("The knowledge graph does not hold together", problems)
    built = read_graph(assistant)
    if built is None:
        return {f"{FOLDER}/": None}
    from retrieval.knowledge.knowledge import Knowledge

    Knowledge.build(built.graph, encode).save(work)
    return {f"{FOLDER}/": work, **sources}


def _sources(assistant: Path) -> dict[str, Path | None]:
    folder = assistant / FOLDER
    if not folder.is_dir():
        return {}
    from retrieval.knowledge.building import READABLE

    return {
        f"assistant/{FOLDER}/{path.relative_to(folder).as_posix()}": path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in READABLE
    }


def _same(sources: Mapping[str, Path | None], parent: Release) -> bool:
    """Whether ``parent`` was made of the same files."""
    before = {n: sha for n, sha in parent.files.items() if n.startswith(f"assistant/{FOLDER}/")}
    return parent.has(MANIFEST) and before == {
        name: sha256_of(path) for name, path in sources.items() if path
    }


def load_knowledge(release: Release) -> Knowledge | None:
    """The knowledge of a release, or None where it has none. Raises ModelError."""
    if not release.has(MANIFEST):
        return None
    from retrieval.knowledge.knowledge import Knowledge

    return Knowledge.load(release.folder / FOLDER)


# -- asking in a turn -------------------------------------------------------------------------


def look_up(heard: Heard, context: Any, knowledge: Knowledge) -> dict[str, Any]:
    """Ask the graph; what is returned is kept with the message (``parse["knowledge"]``)."""
    from retrieval.knowledge.answer import Context
    from retrieval.knowledge.question import Hint

    parse = heard.parse
    hints = [
        Hint(int(item["start"]), int(item["end"]), str(item["entity"]))
        for item in parse.get("entities", ())
    ]
    intent = _intent(parse, knowledge)
    reply = ask(knowledge, heard.text, heard.language, Context.from_json(context),
                at=heard.at, hints=hints, vector=heard.vector, intent=intent)  # fmt: skip
    return reply.as_json()


def _intent(parse: Mapping[str, Any], knowledge: Knowledge) -> str | None:
    """The intent, where one is clear; between several that all need live data, the first."""
    options = parse.get("options") or ()
    live = bool(options) and knowledge.graph.schema.live.issuperset(options[:2])
    return parse["intent"]["name"] if parse.get("decision") == "accept" or live else None


def compared_best(tracker: Tracker, language: str, knowledge: Knowledge) -> str | None:
    """The name of what came out best where things were compared last: the cheaper one."""
    best = _best(tracker)
    return knowledge.graph.name(best, language) if best is not None else None


def best_kept(tracker: Tracker, assistant: Assistant, knowledge: Knowledge) -> list[Event]:
    """What came out best, as the value of the slots that a tagger's finding of it would fill: it is
    what ``is it in stock?`` asks about next."""
    best, graph = _best(tracker), knowledge.graph
    if best is None:
        return []
    kinds = {kind.entity for kind in graph.schema.types.values() if graph.is_a(best, kind.name)}
    value = graph.name(best, assistant.settings.default_language)
    return [
        Event("slot", {"name": slot.name, "value": value})
        for slot in assistant.slots.values()
        if any(m.type == "from_entity" and m.entity in kinds for m in slot.mappings)
    ]


def _best(tracker: Tracker) -> str | None:
    for event in reversed(tracker.events):
        answer = event["event"] == "user" and event["parse_data"].get("knowledge", {}).get("answer")
        if not answer:
            continue
        groups = tracker.knowledge.get("groups") or [[]]
        one = answer["situation"] == "best" and len(groups[0]) == 1
        return str(groups[0][0]) if one else None
    return None


def ask(
    knowledge: Knowledge,
    text: str,
    language: str,
    context: Context,
    *,
    at: float,
    hints: Sequence[Hint] = (),
    vector: FloatArray | None = None,
    intent: str | None = None,
) -> Reply:
    """Ask a question as of the time ``at`` (seconds since 1970)."""
    from retrieval.knowledge.knowledge import Asked

    now = datetime.fromtimestamp(at, ZoneInfo(knowledge.graph.schema.timezone))
    times = _times(text, now) if len(text) <= MAX_TEXT else []
    return knowledge.ask(Asked(text, language, now, hints, times, vector, intent), context)


def _times(text: str, now: datetime) -> list[Time]:
    """Days and times of day that ``text`` says."""
    from retrieval.knowledge.answer import Time

    found = []
    for value in read("time", text, Moment(now)):
        given = value.value
        start = given if isinstance(given, str) else given.get("from") or given.get("to")
        ends = value.info if "grain" in value.info else value.info.get("from", {})
        at = datetime.fromisoformat(start)
        found.append(Time(value.start, value.end, at, ends.get("grain") in _CLOCK))
    return found


def provenance(answer: Mapping[str, Any], knowledge: Knowledge | None) -> dict[str, Any]:
    """Where a reply from the graph comes from, for agents and operators."""
    from retrieval.knowledge.speaking import explained

    path = [tuple(step) for step in answer["path"]]
    language = str(answer["language"])
    shown = explained(path[:12], knowledge.graph, language) if knowledge is not None else []
    return {
        "source": "graph",
        "score": answer["score"],
        "logs": [],
        "path": [dict(step) for step in shown],
    }
