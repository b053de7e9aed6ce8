"""Asks the pack's knowledge graph the questions in ``benchmarks/knowledge``.

    python benchmarks/bench_knowledge.py --home HOME [--part tune|kept] [--show] [--json]

HOME is a prepared home whose release holds a graph; each question goes the way of a turn: one
encoder pass, then the graph with the message's intent, entities, vector and what was asked before.
Questions that the graph can answer are *right*, *wrong* or *silent*; of those that it must leave to
others, *left* are right and *claimed* are wrong. Questions of the part ``kept`` were set aside
before anything was tuned. ``--plain`` asks without the encoder: words and graph alone.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.home import Home
from bot.knowledge import ask, load_knowledge
from intents.understanding import Understanding
from models.filling.generator import GenerationRequest, TemplateFiller, Value
from retrieval.knowledge.answer import Context, Reply
from retrieval.knowledge.knowledge import Knowledge
from retrieval.knowledge.question import Hint

QUESTIONS = Path(__file__).parent / "knowledge"
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""A Wednesday afternoon, when the questions are asked."""

SPOKEN = frozenset({"value", "best", "opens", "closes", "hours", "always"})
"""Situations whose answer is a value in the reply's words."""


class Asker:
    """Asks questions the way of a turn."""

    def __init__(self, home: Path, *, plain: bool) -> None:
        release = Home(home).store.current()
        knowledge = load_knowledge(release) if release else None
        if release is None or knowledge is None:
            raise SystemExit(f"{home} has no release with a knowledge graph")
        self.knowledge: Knowledge = knowledge
        self._understanding = None if plain else Understanding.load(release.folder)

    def __call__(self, text: str, language: str, context: Context) -> Reply:
        known: dict[str, Any] = {}
        if self._understanding is not None:
            [parse] = self._understanding.parse([text])
            known["vector"] = parse.vector
            known["intent"] = parse.intent if parse.decision == "accept" else None
            known["hints"] = [Hint(e.start, e.end, e.entity) for e in parse.entities]
        return ask(self.knowledge, text, language, context, at=NOW.timestamp(), **known)


def judge(expected: Any, reply: Reply, knowledge: Knowledge) -> str:
    """One of ``right``, ``wrong``, ``silent``; ``left`` or ``claimed`` for what has no answer."""
    answer = reply.answer
    if expected is None:
        return "left" if answer is None else "claimed"
    if answer is None:
        return "silent"
    if expected in ("yes", "no"):
        return "right" if answer.truth == (expected == "yes") else "wrong"
    if answer.situation == "count":
        return "right" if expected == [str(len(answer.values))] else "wrong"
    if answer.situation in SPOKEN:
        told = {*answer.values, *answer.subjects}
        fits = all(want in told or want in spoken(reply) for want in expected)
        return "right" if fits else "wrong"
    named = [{value, knowledge.graph.name(value, "en")} for value in answer.values]
    fits = len(named) == len(expected) and all(any(w in n for n in named) for w in expected)
    return "right" if fits else "wrong"


def spoken(reply: Reply) -> str:
    """The reply's words."""
    assert reply.answer is not None
    assert reply.wording is not None
    values = {name: Value(text, source) for name, (text, source) in reply.answer.slots.items()}
    return TemplateFiller().generate(GenerationRequest(reply.wording, values, reply.language)).text


def questions(language: str, part: str | None) -> Iterator[Mapping[str, Any]]:
    """The questions of a language, those of one part or all."""
    for line in (QUESTIONS / f"questions.{language}.jsonl").read_text("utf-8").splitlines():
        question = json.loads(line)
        if part in (None, question["part"]):
            yield question


def run(asker: Asker, language: str, part: str | None, *, show: bool) -> Counter[str]:
    """Ask all questions of a language; count the verdicts."""
    counts: Counter[str] = Counter()
    for question in questions(language, part):
        context = Context()
        for before in question.get("before", ()):
            context = asker(before, language, context).context
        reply = asker(question["text"], language, context)
        verdict = judge(question["expect"], reply, asker.knowledge)
        counts[verdict] += 1
        if show and verdict not in ("right", "left"):
            said = spoken(reply) if reply.answer else reply.considered[:2]
            print(verdict, question["id"], question["text"], said, reply.unexplained, sep=" | ")
    return counts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--part", choices=("tune", "kept"))
    parser.add_argument("--plain", action="store_true", help="without the encoder")
    parser.add_argument("--show", action="store_true", help="print what was not right")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    asker = Asker(given.home, plain=given.plain)
    results = {}
    for language in ("en", "zh"):
        counts = run(asker, language, given.part, show=given.show)
        results[language] = {name: counts[name] for name in VERDICTS}
    if given.json:
        print(json.dumps(results))
        return
    for language, figures in results.items():
        print(language, ", ".join(f"{name} {count}" for name, count in figures.items()))


VERDICTS = ("right", "wrong", "silent", "left", "claimed")

if __name__ == "__main__":
    main()
