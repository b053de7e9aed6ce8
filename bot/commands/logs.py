"""What ``frontdesk logs`` does: past conversations into a store, shown, redacted again."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from bot.commands.mining_work import BLOCK
from bot.commands.progress import Bars
from intents.understanding import Understanding
from models.errors import BadRequest, NotFound
from models.progress import Progress
from retrieval.conversation import Conversation
from retrieval.engine import engine_of
from retrieval.ingest import Work, ingest, redact_again
from retrieval.kept_vectors import encoder_name
from retrieval.logs import read_logs
from retrieval.reading.columns import Columns
from retrieval.reading.formats import LogFile, find_logs
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.search.corpus import Encode
from retrieval.store import LogStore, Written, is_store


def read(given: argparse.Namespace) -> int:
    """``frontdesk logs read``: raw logs to a store of redacted conversations."""
    files = find_logs(given.paths, Columns.read(given.mapping) if given.mapping else None)
    if not files:
        raise BadRequest(
            "No logs found",
            expected="files, folders of them, or the address of a database",
            found=", ".join(map(str, given.paths)),
        )
    confirm(files, yes=given.yes)
    began = time.perf_counter()
    with LogStore.open(given.store, create=True) as store:
        work = Work(_rules(given.rules), _encoder(given.model), store.key)
        engine = engine_of(given.engine, work.worker, given.workers)
        try:
            written = ingest(files, store, work, engine, Bars())
        finally:
            engine.close()
        summary = store.summary()
    _report(given, files, written, summary, time.perf_counter() - began)
    return 0 if summary["conversations"] else 1


def columns(given: argparse.Namespace) -> int:
    """``frontdesk logs columns``: how a file would be read, for a person to mend."""
    file = LogFile.of(given.path)
    found = file.columns
    if given.json:
        print(json.dumps({"format": file.format, "columns": found.data() if found else None}))
    else:
        print(f"{file.source.path}: {file.format}")
        print(found.show(file.sample) if found else "  needs no mapping")
    if given.out and found:
        found.write(given.out)
    return 0 if file.format != "unknown" else 1


def show(given: argparse.Namespace) -> int:
    """``frontdesk logs show``: what a store holds, or one of its conversations."""
    with LogStore.open(given.store) as store:
        if not given.id:
            _print(store.summary(), as_json=given.json)
            return 0
        found = store.find(given.id)
        if found is None:
            raise NotFound(f"{given.store} holds no conversation {given.id!r}")
        turns = [{"role": t.role, "text": t.text} for t in found.turns]
        if given.json:
            print(json.dumps({"id": found.id, "turns": turns}, ensure_ascii=False))
        else:
            for turn in turns:
                print(f"{turn['role']:>8}: {turn['text']}")
    return 0


def redact(given: argparse.Namespace) -> int:
    """``frontdesk logs redact``: the rules of today over a store that older ones made."""
    with LogStore.open(given.store) as store:
        changed = redact_again(store, Work(_rules(given.rules)), Bars())
        summary = {"changed": changed, **store.summary()}
    _print(summary, as_json=given.json)
    return 0


@dataclass(frozen=True)
class PastLogs:
    """Conversations to mine, whether they are ``redacted``, and what makes their vectors.

    ``counts`` tells afterwards how many there were and shows what was left out.
    """

    conversations: Iterable[Conversation]
    redacted: bool
    encode: Encode
    counts: Callable[[], dict[str, Any]]


def past_logs(paths: Sequence[str], encode: Encode, encoder: Path) -> PastLogs:
    """Raw logs, or a store: that is redacted, and keeps vectors for the next time."""
    if len(paths) == 1 and is_store(Path(paths[0])):
        store = LogStore.open(Path(paths[0]))
        vectors = store.vectors(encoder_name(encoder))
        return PastLogs(
            store,
            True,
            lambda texts: vectors.encode(texts, encode),
            lambda: {"conversations": len(store), "left_out": 0},
        )
    reader = read_logs(paths)
    confirm(reader.files, yes=True)

    def counts() -> dict[str, Any]:
        for bad in reader.bad[:20]:
            print(f"left out: {bad}", file=sys.stderr)
        return {"conversations": reader.read, "left_out": reader.bad_count}

    return PastLogs(reader, False, encode, counts)


def logs_read_by(understanding: Understanding, paths: Sequence[str]) -> PastLogs:
    """Past logs, encoded as a release encodes messages."""
    return past_logs(
        paths,
        lambda texts: understanding.encoder.encode(texts).sentence,
        understanding.release.path("encoder"),
    )


def redacted(log: PastLogs, rules: Path | None, progress: Progress) -> list[Conversation]:
    """All conversations of past logs, redacted by the rules in a file where they are raw."""
    redactor = Redactor.packaged(Rules.read(rules) if rules and rules.is_file() else Rules())
    progress.start("Redacting conversations", None)
    hidden: list[Conversation] = []
    left = iter(log.conversations)
    while block := list(islice(left, BLOCK)):
        hidden += block if log.redacted else redactor.redact_conversations(block)
        progress.advance(len(block))
    progress.done()
    return hidden


def confirm(files: Iterable[LogFile], *, yes: bool) -> None:
    """Show how tables and transcripts will be read, and ask whether that is right.

    :raises BadRequest: it is not, or nobody is there to say so.
    """
    alike: dict[str, list[LogFile]] = defaultdict(list)
    for file in files:
        if file.columns and file.guessed:
            alike[repr(replace(file.columns, roles={}))].append(file)
    for some in alike.values():
        more = f" and {len(some) - 1} more like it" if len(some) > 1 else ""
        print(f"{some[0].source.path}{more}: {some[0].format}, read as", file=sys.stderr)
        assert some[0].columns is not None
        print(some[0].columns.show(some[0].sample), file=sys.stderr)
    if not alike or yes:
        return
    if sys.stdin.isatty():
        print("Is that right? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() in ("y", "yes", "是"):
            return
    raise BadRequest(
        "How the columns are read was not confirmed",
        fix="Say --yes, or write the mapping with 'frontdesk logs columns FILE --out MAPPING', "
        "mend it and name it with --mapping.",
    )


def _rules(path: Path | None) -> Rules:
    return Rules.read(path) if path else Rules()


def _encoder(release: Path | None) -> Path | None:
    if release is None:
        return None
    from intents.release import Release

    return Release.open(release).path("encoder").resolve()


def _report(
    given: argparse.Namespace,
    files: list[LogFile],
    written: Written,
    summary: dict[str, Any],
    seconds: float,
) -> None:
    counts = {
        "files": len(files),
        **vars(written),
        "seconds": round(seconds, 2),
        "store": summary,
        "bad_lines_file": str(given.store / "bad-lines.jsonl"),
    }
    if given.json:
        print(json.dumps(counts, ensure_ascii=False))
        return
    print(
        f"{written.added} conversations of {written.turns} messages added, {written.repeated} "
        f"were there, {written.grown} had grown, {written.bad} lines kept apart "
        f"({counts['bad_lines_file']}). The store holds {summary['conversations']} conversations."
    )


def _print(summary: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary, ensure_ascii=False))
        return
    for key, value in summary.items():
        print(f"{key:>13}  {value}")
