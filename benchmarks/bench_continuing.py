"""What customers go on with, read alone and behind the request before it.

    python -m benchmarks.bench_continuing --model DIR

Prints for follow-ups, new topics and what is about something else altogether
(``benchmarks/continuing``, written by hand; nothing was chosen on the ``kept`` ones) which share is
answered, asked back about and refused, and which share of the answered ones is right.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bot.continuing import joined, unsure, weighed
from intents.examples import OUT_OF_SCOPE
from intents.parse import Parse
from intents.understanding import Understanding

HERE = Path(__file__).parent
DECISIONS = "accept", "clarify", "reject"


def parses(understanding: Understanding, texts: Sequence[str]) -> list[Parse]:
    """Readings of texts, 32 at a time."""
    batches = (texts[i : i + 32] for i in range(0, len(texts), 32))
    return [parse for batch in batches for parse in understanding.parse(batch)]


def lines(path: Path) -> list[str]:
    """The lines of a file without its heading."""
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] != "#"]


def shares(read: Sequence[tuple[Parse, Sequence[str]]]) -> dict[str, float | int]:
    """How readings with the intents that they may have are decided."""
    decided = [_decision(parse) for parse, _ in read]
    answered = [parse.intent in gold for parse, gold in read if _decision(parse) == "accept"]
    return {
        "messages": len(read),
        **{name: round(decided.count(name) / len(read), 3) for name in DECISIONS},
        "right_of_answered": round(float(np.mean(answered)), 3) if answered else 0.0,
    }


def _decision(parse: Parse) -> str:
    """What becomes of it; an own ``out_of_scope`` is refused."""
    return "reject" if parse.intent == OUT_OF_SCOPE else parse.decision


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a release")
    understanding = Understanding.load(parser.parse_args().model)
    found: dict[str, list[tuple[Parse, Parse, list[str]]]] = {}
    for name in ("pairs", "changes", "kept_pairs", "kept_changes"):
        rows = [line.split("|") for line in lines(HERE / "continuing" / f"{name}.txt")]
        alone = parses(understanding, [text for _, text, _ in rows])
        before = parses(understanding, [request for request, _, _ in rows])
        joint = parses(understanding, [joined(request, text) for request, text, _ in rows])
        both = [understanding.taken(parse.vector) for parse in joint]
        for row, one, asked, two in zip(rows, alone, before, both, strict=True):
            read = weighed(one, two, asked.intent, understanding) if unsure(one) else one
            gold = row[2].split()
            what = re.sub("pairs|changes", "else", name) if gold == ["-"] else name
            found.setdefault(what, []).append((one, read, gold))
    for name, triples in found.items():
        print(json.dumps({"what": name, "read": "alone"} | shares([(a, g) for a, _, g in triples])))
        behind = [(b, g) for _, b, g in triples]
        print(json.dumps({"what": name, "read": "behind the request"} | shares(behind)))


if __name__ == "__main__":
    main()
