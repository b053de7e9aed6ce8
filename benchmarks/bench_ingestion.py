"""Reading logs: messages a second through each stage, and memory against the length of the log.

    python -m benchmarks.bench_ingestion [--part rate|whole|stream|scattered|vectors|mine]
                                         [--messages N] [--home DIR] [--again]

``rate`` reads, redacts, encodes and indexes a log with the encoder of a prepared home, step by
step; ``whole`` does it as ``frontdesk logs read --model`` does, in one process and in two.
``stream`` puts a log through the store and ``scattered`` joins messages that lie all over a CSV:
both show resident memory at ten points, and leave redaction and encoding out, whose time is in
``rate`` and which hold one block at a time. ``vectors`` keeps vectors of N messages, ``mine`` mines
N: in both, seeded directions stand for the encoder, whose results memory does not depend on.

Logs are generated from the pack's own with a seed: numbers are drawn anew, and of a turn with
several sentences one comes from another conversation; lengths stay. A part that has its result in
benchmarks/results/ingestion is not run again without ``--again``; a ``stream`` that was stopped
goes on in its store. Seconds are of the processor, one thread, with wall time beside them.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bot.commands.progress import Bars
from models.arrays import FloatArray
from models.encoders.runtime import Encoder
from retrieval.engine import LocalEngine, engine_of
from retrieval.ingest import Entry, NothingToRedact, Redacted, Work, ingest, texts_of
from retrieval.kept_vectors import BATCH, distinct, encoder_name
from retrieval.mining.miner import mine
from retrieval.mining.sentences import split
from retrieval.reading.formats import LogFile
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.search.nearest import build
from retrieval.store import LogStore

ROOT = Path(__file__).parents[1]
PACK = ROOT / "intents" / "packs" / "retail"
RESULTS = ROOT / "benchmarks" / "results" / "ingestion"
WORK = ROOT / "build" / "ingestion"
PARTS = ("rate", "whole", "stream", "scattered", "vectors", "mine")
DIM, POINTS = 896, 10
DEFAULT = {"rate": 4000, "whole": 16_000, "stream": 1_000_000, "scattered": 1_000_000,
           "vectors": 200_000, "mine": 20_000}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--messages", type=int)
    parser.add_argument("--home", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    for part in given.part or PARTS:
        count = given.messages or DEFAULT[part]
        file = RESULTS / f"{part}.json"
        if file.exists() and not given.again:
            result = json.loads(file.read_text())
        else:
            result = {"part": part, **RUN[part](count, given.home)}
            RESULTS.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(result, indent=1) + "\n")
        print(json.dumps(result))


def rate(count: int, home: Path) -> dict[str, Any]:
    """Messages a second of each stage and of all, by language."""
    encoder = Encoder.load((home / "current" / "encoder").resolve())
    redactor = Redactor.packaged(Rules.read(PACK / "templates" / "redaction.json"))
    result: dict[str, Any] = {"messages": count, "languages": {}}
    for language in ("en", "zh"):
        file = WORK / f"rate-{language}-{count}.jsonl.gz"
        generate(file, count // 2, seed=1, language=language)
        spent: dict[str, tuple[float, float]] = {}
        with timed(spent, "read"):
            talks = [c for c in LogFile.of(file).read() if not hasattr(c, "reason")]
        messages = sum(len(c.turns) for c in talks)  # type: ignore[union-attr]
        with timed(spent, "redact"):
            hidden = redactor.redact_conversations(talks)
        with timed(spent, "choose"):
            texts = distinct(t for c in hidden for t in texts_of(c))
        with timed(spent, "encode"):
            vectors = encoder.encode(texts).sentence
        with timed(spent, "index"):
            build(vectors)
        every = list(dict.fromkeys(turn.text for c in hidden for turn in c.turns))
        whole = sum(cpu for cpu, _ in spent.values())
        encode = spent["encode"][0] / len(texts)
        result["languages"][language] = {
            "messages": messages,
            "texts": len(texts),
            "distinct_messages": len(every),
            "per_second": {name: round(messages / cpu) for name, (cpu, _) in spent.items()},
            "texts_encoded_per_second": round(1 / encode),
            "whole_per_second": round(messages / whole),
            "whole_per_second_wall": round(messages / sum(w for _, w in spent.values())),
            "every_message_encoded_per_second": round(
                messages / (whole - spent["encode"][0] + encode * len(every))
            ),
        }
    return result


def whole(count: int, home: Path) -> dict[str, Any]:
    """Messages a second from a log to a store with its vectors and an index of them."""
    encoder = (home / "current" / "encoder").resolve()
    rules = Rules.read(PACK / "templates" / "redaction.json")
    result: dict[str, Any] = {"messages": count, "languages": {}}
    for language in ("en", "zh"):
        file = generate(WORK / f"whole-{language}-{count}.jsonl.gz", count // 2, 5, language)
        result["languages"][language] = {
            f"workers_{workers}": _whole(file, Work(rules, encoder), workers) for workers in (1, 2)
        }
    return result


def _whole(file: Path, work: Work, workers: int) -> dict[str, Any]:
    folder = WORK / "whole"
    shutil.rmtree(folder, ignore_errors=True)
    engine = engine_of("local", work.worker, workers)
    for _ in engine.map("encode", ((None, ["ready"]) for _ in range(2 * workers))):
        pass  # each worker has loaded its encoder
    began, spent = time.perf_counter(), time.process_time()
    with LogStore.open(folder, create=True) as store:
        ingest([LogFile.of(file)], store, replace(work, key=store.key), engine, Bars())
        kept = store.vectors(encoder_name(work.encoder)) if work.encoder else None
        rows = np.asarray(kept.rows if kept else np.zeros((0, DIM)), dtype=np.float32)
        build(rows)
        messages = store.summary()["messages"]
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    engine.close()
    result = {"messages": messages, "vectors": len(rows), "per_second_wall": round(messages / wall)}
    return result | ({"per_processor_second": round(messages / cpu)} if workers == 1 else {})


def stream(count: int, _: Path) -> dict[str, Any]:
    """Resident memory while a packed log goes through the store."""
    file = generate(WORK / f"stream-{count}.jsonl.gz", count, seed=2)
    folder = WORK / f"store-{count}"
    memory = Memory(count)
    began = time.process_time()
    with LogStore.open(folder, create=True) as store:
        before = store.summary()["messages"]
        ingest(
            [LogFile.of(file)], store, Work(key=store.key), LocalEngine(Untouched), Bars(),
            lambda done: memory.note(before + done.turns),
        )  # fmt: skip
        summary = store.summary()
        size = sum(f.stat().st_size for f in folder.iterdir())
        found = sum(len(c.turns) for c in store)
    spent = time.process_time() - began
    shutil.rmtree(folder)
    return {
        "messages": summary["messages"],
        "read_back": found,
        "file_bytes": file.stat().st_size,
        "store_bytes": size,
        "resumed_after": before,
        "per_second": round((summary["messages"] - before) / spent),
        **memory.result(),
    }


def scattered(count: int, _: Path) -> dict[str, Any]:
    """Resident memory while messages of a CSV in the order of time are joined."""
    file = WORK / f"scattered-{count}.csv"
    if not file.exists():
        rows(file, count)
    memory, began = Memory(count), time.process_time()
    read = 0
    for item in LogFile.of(file).read():
        read += len(getattr(item, "turns", ()))
        memory.note(read)
    return {
        "messages": read,
        "file_bytes": file.stat().st_size,
        "per_second": round(read / (time.process_time() - began)),
        **memory.result(),
    }


def vectors(count: int, _: Path) -> dict[str, Any]:
    """Resident memory while vectors of distinct texts are kept and read back."""
    folder = WORK / "vectors"
    shutil.rmtree(folder, ignore_errors=True)
    memory, began = Memory(count), time.process_time()
    with LogStore.open(folder, create=True) as store:
        kept = store.vectors("seeded")
        for start in range(0, count, BATCH):
            kept.encode(list(map(_saying, range(start, min(start + BATCH, count)))), directions)
            memory.note(len(kept))
        spent = time.process_time() - began
        sample = list(map(_saying, range(0, count, max(1, count // 500))))
        assert np.allclose(kept.get(sample), directions(sample), atol=1e-3)
        size = sum(f.stat().st_size for f in folder.iterdir())
    shutil.rmtree(folder)
    return {"texts": count, "disk_bytes": size, "per_second": round(count / spent)} | (
        memory.result()
    )


def _saying(number: int) -> str:
    """A wording of its own for each number."""
    return "text " + "".join(chr(97 + int(digit)) for digit in str(number))


def mining(count: int, _: Path) -> dict[str, Any]:
    """Resident memory of mining redacted conversations, and its slope over four sizes."""
    points = []
    for share in (8, 4, 2, 1):
        talks = take(count // share, seed=3)
        began, before = time.process_time(), resident()
        found = mine(talks, directions, progress=Bars(), redactor=NothingToRedact())
        points.append(
            {
                "messages": count // share,
                "proposals": len(found.proposals),
                "cpu_seconds": round(time.process_time() - began, 1),
                "resident_mb": resident(),
                "grew_mb": resident() - before,
            }
        )
    return {"points": points, "peak_mb": peak()}


class Untouched:
    """A worker that leaves entries as they are."""

    def redact(self, entries: Sequence[Entry]) -> Redacted:
        return Redacted(tuple(entries), ())

    def encode(self, texts: Sequence[str]) -> Any:
        return np.zeros((0, 0), dtype=np.float16)


class Memory:
    """Resident megabytes at ten points of a run."""

    def __init__(self, count: int) -> None:
        self._step = max(1, count // POINTS)
        self._next = self._step
        self._points: list[tuple[int, int]] = []

    def note(self, done: int) -> None:
        if done >= self._next:
            self._points.append((done, resident()))
            self._next = (done // self._step + 1) * self._step

    def result(self) -> dict[str, Any]:
        later = self._points[1:]
        slope = float(np.polyfit(*zip(*later, strict=True), 1)[0]) if len(later) > 1 else 0.0
        last = self._points[-1][1] if self._points else resident()
        return {
            "resident_mb": self._points,
            "mb_per_million": round(slope * 1e6, 1),
            "at_5_million_mb": round(last + max(0.0, slope) * (5e6 - later[-1][0])) if later else 0,
            "peak_mb": peak(),
        }


RUN: dict[str, Callable[[int, Path], dict[str, Any]]] = {
    "rate": rate, "whole": whole, "stream": stream, "scattered": scattered, "vectors": vectors,
    "mine": mining,
}  # fmt: skip


def generate(file: Path, count: int, seed: int, language: str = "") -> Path:
    """A packed log of ``count`` messages, made once."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f".{file.name}")
        with gzip.open(partial, "wt", encoding="utf-8", compresslevel=1) as out:
            for talk in made(count, seed, language):
                out.write(json.dumps(talk, ensure_ascii=False) + "\n")
        partial.rename(file)
    return file


def rows(file: Path, count: int) -> None:
    """A CSV in which two hundred conversations go on at a time."""
    file.parent.mkdir(parents=True, exist_ok=True)
    talks, rng = made(count, 4, ""), random.Random(4)
    with file.open("w", encoding="utf-8") as out:
        out.write("conversation_id,role,text\n")
        open_ones = [(t["id"], iter(t["turns"])) for t in islice(talks, 200)]
        while open_ones:
            at = rng.randrange(len(open_ones))
            number, turns = open_ones[at]
            turn = next(turns, None)
            if turn is not None:
                said = turn["text"].replace('"', "'").replace("\n", " ")
                out.write(f'{number},{turn["role"]},"{said}"\n')
                continue
            following = next(talks, None)
            if following is None:
                open_ones.pop(at)
            else:
                open_ones[at] = (following["id"], iter(following["turns"]))


def made(count: int, seed: int, language: str) -> Iterator[dict[str, Any]]:
    """Conversations of ``count`` messages in all, out of the pack's own."""
    files = sorted((PACK / "logs").glob(f"{language}*.jsonl"))
    known = [json.loads(row) for file in files for row in file.read_text("utf-8").splitlines()]
    rng, number = random.Random(seed), 0
    while count > 0:
        talk, other = rng.choice(known), rng.choice(known)
        while other["language"] != talk["language"]:
            other = rng.choice(known)
        turns = [_turn(turn, other, rng) for turn in talk["turns"][:count]]
        count -= len(turns)
        number += 1
        yield {**talk, "id": f"g{number}", "turns": turns}


def _turn(turn: dict[str, Any], other: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """A turn with other digits and, where it has several sentences, one of them from elsewhere."""
    said = split(turn["text"])
    theirs = [s for t in other["turns"] if t["role"] == turn["role"] for s in split(t["text"])]
    if len(said) > 1 and theirs:
        said[rng.randrange(len(said))] = rng.choice(theirs)
    text = ("" if re.search("[\u4e00-\u9fff]", turn["text"]) else " ").join(said)
    return {**turn, "text": re.sub(r"\d", lambda _: str(rng.randrange(10)), text)}


def take(count: int, seed: int) -> Iterator[Any]:
    """Conversations as a reader gives them, generated as they are asked for."""
    from retrieval.reading.native import parse_conversation

    return map(parse_conversation, made(count, seed, ""))


def directions(texts: Sequence[str]) -> FloatArray:
    """Unit vectors that depend on the text alone."""
    found = np.empty((len(texts), DIM), dtype=np.float32)
    for row, text in zip(found, texts, strict=True):
        row[:] = np.random.default_rng(list(text.encode())).standard_normal(DIM, dtype=np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found


class timed:  # noqa: N801
    """Processor and wall seconds of a block, under a name."""

    def __init__(self, spent: dict[str, tuple[float, float]], name: str) -> None:
        self._spent, self._name = spent, name

    def __enter__(self) -> None:
        self._began = time.process_time(), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        cpu, wall = self._began
        self._spent[self._name] = (time.process_time() - cpu, time.perf_counter() - wall)


def resident() -> int:
    """Megabytes that this process holds now."""
    return _status("VmRSS")


def peak() -> int:
    """Megabytes that this process held at most."""
    return _status("VmHWM")


def _status(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found.group(1)) // 1024 if found else 0


if __name__ == "__main__":
    main()
