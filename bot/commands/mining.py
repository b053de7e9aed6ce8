"""``frontdesk mine`` and ``frontdesk review``: past logs to proposals, and decisions by file."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
from pathlib import Path
from typing import Any

from bot.commands.files import print_json, print_summary
from bot.commands.progress import Bars
from bot.home import Home
from bot.live import Live, Releases
from bot.operating.changes import apply
from bot.operating.review import Acceptance, ReviewQueue, clean
from bot.templates import add_templates
from intents.artefacts import read_stored
from intents.assistant import Assistant
from intents.release import Release
from models.errors import BadRequest, DataError
from models.filling.generator import placeholders
from retrieval.mining.alignment import NameKind
from retrieval.search.corpus import Encode
from retrieval.search.projection import unit
from retrieval.templates import Template

RULES = Path("templates") / "redaction.json"


def mine(given: argparse.Namespace) -> int:
    """``frontdesk mine``: past logs to proposed templates with their provenance, and gaps."""
    from bot.commands.logs import past_logs
    from bot.commands.mining_work import MiningWork, Spread
    from intents.reading.folder import read_assistant
    from retrieval.engine import engine_of
    from retrieval.ingest import NothingToRedact
    from retrieval.mining.miner import mine as mine_log
    from retrieval.mining.proposals import write_lines
    from retrieval.redaction.redactor import Rules

    home = None if given.out else home_of(given.home)
    model = given.model or (home.path / "current" if home else None)
    if model is None:
        raise BadRequest("Which release?", fix="Name it by --model, or the home by --home.")
    release = Release.open(model)
    folder = model / "assistant"
    assistant = read_assistant(folder) if folder.is_dir() else None
    named = given.rules or (home.assistant / RULES if home else None)
    rules = Rules.read(named) if named and named.is_file() else Rules()
    engine = engine_of(given.engine, MiningWork(release.folder, rules).worker, given.workers)
    try:
        spread = Spread(engine)
        log = past_logs(given.logs, spread.encode, release.path("encoder"))
        found = mine_log(
            log.conversations if log.redacted else spread.redacted(log.conversations),
            centred(release, log.encode),
            spread.classify,
            Bars(),
            redactor=NothingToRedact(),
            known=kinds_of(assistant) if assistant else lambda _: None,
            work=given.out.parent if given.out else None,
        )
    finally:
        engine.close()
    summary: dict[str, Any] = log.counts()
    if home is None:
        summary["proposed"] = write_lines(given.out, found.proposals)
        gaps = given.out.with_name(f"{given.out.stem}.gaps.jsonl")
        summary |= {"gaps": write_lines(gaps, found.gaps), "out": str(given.out)}
    else:
        queue = ReviewQueue(home)
        new, known = queue.offer(found.proposals, found.gaps)
        summary |= {"proposed": new, "decided_before": known, "gaps": len(queue.gaps())}
        if given.accept_clean:
            summary |= _accept_clean(home, queue)
        summary["queue"] = str(home.path / "proposals")
    print_summary(summary, given.json)
    return 0


def centred(release: Release, encode: Encode) -> Encode:
    """``encode`` less the mean of the release's training lines: with an encoder whose cosines all
    lie close together, even a short log's lines are told apart then."""
    mean = read_stored(release).vectors.mean(axis=0)
    return lambda texts: unit(encode(texts) - mean)


def kinds_of(assistant: Assistant) -> NameKind:
    """The entity type of each thing that the assistant lists: its lookups and their synonyms."""
    kinds: dict[str, str] = {}
    for listing in assistant.lookups:
        for item in listing.items:
            kinds.setdefault(item.strip().casefold(), listing.name)
    for synonym in assistant.synonyms:
        words = [word.strip().casefold() for word in (synonym.value, *synonym.variants)]
        kind = next((kinds[word] for word in words if word in kinds), None)
        if kind:
            kinds |= dict.fromkeys(words, kind)
    return lambda text: kinds.get(text.strip().casefold())


def review(given: argparse.Namespace) -> int:
    """``frontdesk review``: the queue as a file, and decisions from one."""
    home = home_of(given.home)
    queue = ReviewQueue(home)
    if given.action == "list":
        for row in [
            *(p.as_json() for p in queue.proposals()),
            *(g.as_json() for g in queue.gaps()),
        ]:
            print_json(row)
        return 0
    rows = _decided(given.file)
    live = [row for row in rows if row.get("status") == "live"]
    gone = [str(row["id"]) for row in rows if row.get("status") == "rejected"]
    waiting = {proposal.id for proposal in queue.proposals()}
    if unknown := {*gone, *(str(row["id"]) for row in live)} - waiting:
        raise BadRequest(
            "Not all of these wait for a decision",
            found=", ".join(sorted(unknown)[:5]),
            fix="Take the file that 'frontdesk review list' writes now.",
        )
    taken = {
        str(row["id"]): queue.accepted(
            str(row["id"]),
            Acceptance(row.get("text"), row.get("intents"), flagged=given.flagged),
        )
        for row in live
    }
    summary = _put(home, queue, taken) if taken else {"accepted": 0}
    summary["rejected"] = len(queue.decide(gone, "rejected", _who()))
    print_summary(summary, given.json)
    return 0


def _accept_clean(home: Home, queue: ReviewQueue) -> dict[str, Any]:
    """The mode that puts proposals live unread: none that is flagged or holds a slot."""
    intents = set(_live(home).assistant.intents)
    good = [p for p in clean(queue.proposals()) if set(p.template.intents) <= intents]
    taken = {p.id: queue.accepted(p.id, Acceptance()) for p in good}
    return _put(home, queue, taken) if taken else {"accepted": 0}


def _put(home: Home, queue: ReviewQueue, taken: dict[str, Template]) -> dict[str, Any]:
    """A release with these templates, put into service; a running service follows by itself."""
    live = _live(home)
    for template in taken.values():
        _check(template, live.assistant)
    made = apply(
        home,
        live,
        lambda folder: add_templates(folder, taken.values()),
        f"accepted {len(taken)} answers",
        learns=False,
    )
    for identifier, template in taken.items():
        queue.decide([identifier], "accepted", _who(), template=template.id)
    return {"accepted": len(taken), "release": made.release}


def _check(template: Template, assistant: Assistant) -> None:
    unknown = {*placeholders(template.text)} - {*assistant.slots}
    strange = {*template.intents} - {*assistant.intents}
    if unknown or strange:
        raise BadRequest(
            f"Template {template.id} cannot serve",
            expected="intents and slots of the assistant",
            found=", ".join(sorted({*unknown, *strange})),
            fix="Change its text or its intents in the file.",
        )


def _live(home: Home) -> Live:
    releases = Releases(home.store, 1)
    asyncio.run(releases.start())
    return releases.live


def _decided(path: Path) -> list[dict[str, Any]]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
        if not all(isinstance(row, dict) and "id" in row for row in rows):
            raise TypeError("a line without an id")
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"{path} cannot be read",
            expected='lines of "frontdesk review list" with "status" set to live or rejected',
            found=str(error)[:200],
            fix="Mend the file.",
        ) from error
    return rows


def home_of(given: Path | None) -> Home:
    """The home that a command works on.

    :raises BadRequest: it has no assistant.
    """
    path = given or Path(os.environ.get("FRONTDESK_HOME", "var"))
    if not (path / "releases").is_dir():
        raise BadRequest(
            f"There is no assistant in {path}",
            expected="a home that 'frontdesk serve' has prepared",
            fix="Set FRONTDESK_HOME or --home, or name a release by --model and a file by --out.",
        )
    return Home(path.resolve())


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"
