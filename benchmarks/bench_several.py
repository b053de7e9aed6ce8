"""How well messages with several requests are divided.

    python benchmarks/bench_several.py HOME [--data FOLDER] [--lines N]

Measures the current release of a home on the retail pack's hand-written messages
(``tests/several.*.yml``) and its test lines, and with ``--data`` how many of NLU++'s banking
messages (Casanueva et al., 2022; one request each, in many words) are left whole. A segment counts
when its characters overlap the marked ones by 0.6 (intersection over union).
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from ruamel.yaml import YAML

from benchmarks.pack_tests import read as read_lines
from intents.parse import Parse
from intents.requests.dividing import worth_reading
from intents.store import ReleaseStore
from intents.understanding import Understanding

MARK = re.compile(r"\[([^\]]+)\]\(([\w|]+)\)")
OVERLAP = 0.6
PACK_TESTS = Path(__file__).parents[1] / "intents" / "packs" / "retail" / "tests"


@dataclass(frozen=True)
class Wanted:
    """A request as it was marked: its characters and the intents that will do."""

    start: int
    end: int
    intents: tuple[str, ...]


def unmark(marked: str) -> tuple[str, list[Wanted]]:
    """The plain message and its requests."""
    text, wanted, at = "", [], 0
    for found in MARK.finditer(marked):
        text += marked[at : found.start()]
        end = len(text) + len(found.group(1))
        wanted.append(Wanted(len(text), end, tuple(found.group(2).split("|"))))
        text += found.group(1)
        at = found.end()
    return text + marked[at:], wanted


def overlap(start: int, end: int, wanted: Wanted) -> float:
    """Intersection over union of two spans of characters."""
    common = min(end, wanted.end) - max(start, wanted.start)
    return max(common, 0) / (max(end, wanted.end) - min(start, wanted.start))


def found(parse: Parse) -> list[tuple[int, int, str]]:
    """The requests that were found: spans with intents; the whole message where it is one."""
    if not parse.segments:
        return [(0, len(parse.text), parse.intent)]
    return [(s.start, s.end, s.intent) for s in parse.segments]


def on_marked(understanding: Understanding, path: Path) -> None:
    """Print how the marked messages of one file are divided."""
    read = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    several = [unmark(line) for line in read["several"]]
    single = [unmark(line) for line in read["single"]]
    got = parsed(understanding, [text for text, _ in several])
    alone = parsed(understanding, [text for text, _ in single])
    divided = sum(bool(p.segments) for p in got)
    wrongly = sum(bool(p.segments) for p in alone)
    spans = ordered = hits = 0
    for parse, (_, wanted) in zip(got, several, strict=True):
        each = found(parse)
        near = [
            any(overlap(a, b, w) >= OVERLAP and name in w.intents for a, b, name in each)
            for w in wanted
        ]
        hits += sum(near)
        fits = len(each) == len(wanted) and all(
            overlap(a, b, w) >= OVERLAP for (a, b, _), w in zip(each, wanted, strict=True)
        )
        spans += fits
        ordered += fits and all(
            name in w.intents for (_, _, name), w in zip(each, wanted, strict=True)
        )
    right = sum(p.intent in wanted[0].intents for p, (_, wanted) in zip(alone, single, strict=True))
    given = sum(len(found(p)) for p in got)
    requests = sum(len(wanted) for _, wanted in several)
    n = len(several)
    print(
        f"{path.name}: {n} with several, {len(single)} with one\n"
        f"  divided: recall {divided / n:.1%}, precision {divided / max(divided + wrongly, 1):.1%}"
        f" (wrongly {wrongly})\n"
        f"  all spans right {spans / n:.1%}; all intents right and in order {ordered / n:.1%}\n"
        f"  requests with span and intent: recall {hits / requests:.1%}, "
        f"precision {hits / given:.1%}\n"
        f"  top intent of the single ones {right / len(single):.1%}"
    )


def on_lines(understanding: Understanding, path: Path, most: int) -> None:
    """Print how many test lines are divided, and what that does to the first intent."""
    rows = [row for row in read_lines(path) if row["intent"] != "out_of_scope"]
    rows = rows[:: max(1, len(rows) // most)]
    parses = parsed(understanding, [row["text"] for row in rows])
    whole = sum(p.intent == row["intent"] for p, row in zip(parses, rows, strict=True))
    first = sum(found(p)[0][2] == row["intent"] for p, row in zip(parses, rows, strict=True))
    any_of = sum(
        row["intent"] in {name for _, _, name in found(p)}
        for p, row in zip(parses, rows, strict=True)
    )
    n = len(rows)
    split = sum(bool(p.segments) for p in parses)
    second = looked_twice(understanding, [row["text"] for row in rows])
    print(
        f"{path.name}: {n} lines, divided {split / n:.2%}, looked at twice {second / n:.1%}\n"
        f"  intent of the message {whole / n:.2%}, of the first request {first / n:.2%}, "
        f"of any request {any_of / n:.2%}"
    )


def on_nlupp(understanding: Understanding, folder: Path, most: int) -> None:
    """Print how many of NLU++'s banking messages are left whole."""
    texts = sorted(
        {row["text"] for path in folder.glob("fold*.json") for row in json.loads(path.read_text())}
    )
    texts = texts[:: max(1, len(texts) // most)]
    parses = parsed(understanding, texts)
    split = [p for p in parses if p.segments]
    print(f"{folder.name}: {len(texts)} messages, left whole {1 - len(split) / len(texts):.2%}")


def looked_twice(understanding: Understanding, texts: Sequence[str]) -> int:
    """How many messages need the second pass."""
    splitter = understanding.splitter
    if splitter is None or understanding.intents is None:
        return 0
    count = 0
    for start in range(0, len(texts), 64):
        part = list(texts[start : start + 64])
        encoding, parses = understanding.encode(part), understanding.parse(part)
        whole = understanding.intents.look(encoding.sentence)
        count += len(worth_reading(understanding, splitter, part, encoding, parses, whole))
    return count


def parsed(understanding: Understanding, texts: Sequence[str]) -> list[Parse]:
    """Parses of all texts, in batches."""
    return [
        parse
        for start in range(0, len(texts), 64)
        for parse in understanding.parse(texts[start : start + 64], divide=True)
    ]


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--lines", type=int, default=1000)
    arguments = parser.parse_args()
    release = ReleaseStore(arguments.home).current()
    if release is None:
        raise SystemExit(f"{arguments.home} has no current release: run 'frontdesk serve' once")
    understanding = Understanding.load(release.folder)
    for language in ("en", "zh"):
        on_marked(understanding, PACK_TESTS / f"several.{language}.yml")
    for language in ("en", "zh"):
        on_lines(understanding, PACK_TESTS / f"lines.{language}.txt", arguments.lines)
    if arguments.data:
        on_nlupp(understanding, arguments.data / "nlupp_banking", arguments.lines)


if __name__ == "__main__":
    main()
