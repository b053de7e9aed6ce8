"""Plays the pack's labelled test conversations against a running service.

    python benchmarks/bench_conversations.py --home HOME [--show]

HOME is a prepared home; it is copied, so that the benchmark leaves it as it was. Each
conversation meets a freshly seeded shop. Prints, for each language, the shares of expectations
that were met, answered wrongly, clarified, left to the fallback, and handed over.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.running import Running, serve

PACK = Path(__file__).parent.parent / "intents" / "packs" / "retail"
NOT_ANSWERS = ("utter_default", "utter_clarify", "utter_no_text")


def judge(expected: dict[str, Any], events: list[dict[str, Any]]) -> str:
    """Return ``right``, ``wrong``, ``clarified``, ``fallback``, ``handed_over`` or ``asked``.

    An answer read off the knowledge graph has no template: it is right where it holds the facts
    that are expected.
    """
    said = [event for event in events if event["role"] == "bot"]
    templates = [event.get("template") for event in said]
    handed = any(event.get("notice") == "handoff_requested" for event in events)
    text = " ".join(event["text"] for event in said).replace(",", "")
    if handed and not expected.get("handoff", False):
        return "handed_over"
    wanted = expected.get("template") or []
    from_graph = any(str(name).startswith("graph:") for name in templates)
    hit = not wanted or any(name in wanted for name in templates)
    hit = hit or (from_graph and bool(expected.get("facts")))
    facts = all(str(fact) in text for fact in expected.get("facts", []))
    if hit and facts and handed == bool(expected.get("handoff", False)):
        return "right"
    if "utter_clarify" in templates:
        return "clarified"
    if "utter_default" in templates:
        return "fallback"
    if any(str(name).startswith(("utter_ask_", "utter_order_not_found")) for name in templates):
        return "asked"
    return "wrong"


def play(running: Running, conversation: dict[str, Any], language: str) -> list[tuple[str, Any]]:
    """Play one conversation; return a verdict for each expectation."""
    for file in running.home.glob("shop.sqlite3*"):
        file.unlink()
    talk = running.open(language, conversation.get("customer"))
    verdicts = []
    for turn in conversation["turns"]:
        events = talk.say(str(turn["user"]))
        if "expect" in turn:
            said = [(e.get("template"), e["text"]) for e in events if e["role"] == "bot"]
            verdicts.append((judge(turn["expect"], events), (turn, said)))
    return verdicts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print what was not right")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as work:
        home = Path(work) / "home"
        copy_home(given.home, home)
        with serve(home) as running:
            for language in ("en", "zh"):
                file = PACK / "tests" / f"conversations.{language}.yml"
                counts: Counter[str] = Counter()
                for conversation in YAML(typ="safe").load(file.read_text(encoding="utf-8")):
                    for verdict, (turn, said) in play(running, conversation, language):
                        counts[verdict] += 1
                        if given.show and verdict != "right":
                            print(conversation["id"], verdict, turn, said, sep="\n    ")
                total = sum(counts.values())
                results[language] = {
                    "expectations": total,
                    **{name: round(count / total, 4) for name, count in counts.most_common()},
                }
    if given.json:
        print(json.dumps(results))
        return
    for language, figures in results.items():
        print(language, ", ".join(f"{name} {value}" for name, value in figures.items()))


def copy_home(source: Path, target: Path) -> None:
    """Copy the assistant and the releases of a home, without its conversations."""
    target.mkdir(parents=True)
    for name in ("assistant", "releases", "blobs"):
        shutil.copytree(source / name, target / name, symlinks=True)
    (target / "current").symlink_to((source / "current").readlink())


if __name__ == "__main__":
    main()
