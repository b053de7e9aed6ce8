"""``frontdesk knowledge``: check a graph's files, ask it a question, put it into service."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.home import Home
from bot.knowledge import FOLDER, load_knowledge, problems_of, read_graph, release_files
from bot.knowledge import ask as answer_of
from bot.language import choose
from intents.release import Release
from intents.understanding import Understanding
from models.errors import BadRequest, DataError
from models.filling.generator import GenerationRequest, TemplateFiller, Value
from retrieval.knowledge.answer import Context, Reply
from retrieval.knowledge.knowledge import Knowledge
from retrieval.knowledge.question import Hint
from retrieval.knowledge.speaking import explained


def check(given: argparse.Namespace) -> int:
    """``frontdesk knowledge check``: every problem of the files, with file, line and remedy."""
    problems = problems_of(given.path)
    try:
        built = read_graph(given.path)
    except DataError:
        built = None  # its problems are among those
    if built is None and not problems:
        raise BadRequest(
            f"{given.path} has no knowledge graph",
            expected=f"{FOLDER}/schema.yml in the assistant's folder",
            fix="Write one, see docs/knowledge.md.",
        )
    errors = [problem for problem in problems if problem.severity == "error"]
    things = len(built.graph.types) if built is not None else 0
    if given.json:
        shown = [str(problem) for problem in problems]
        print(json.dumps({"things": things, "errors": len(errors), "problems": shown}))
    else:
        for problem in problems:
            print(problem)
        print(f"{things} things, {len(errors)} errors")
    return 1 if errors else 0


def ask(given: argparse.Namespace) -> int:
    """``frontdesk knowledge ask``: the answer of a release's graph, and the path to it."""
    release = Release.open(given.model)
    knowledge = load_knowledge(release)
    if knowledge is None:
        raise BadRequest(
            f"The release {release.id} has no knowledge graph",
            expected=f"one made of an assistant with {FOLDER}/schema.yml",
            fix="Run 'frontdesk knowledge publish'.",
        )
    understanding = Understanding.load(release.folder)
    context = Context()
    for text in given.question:
        began = time.perf_counter()
        reply, language = _ask(text, context, knowledge, understanding)
        context = reply.context
        took = (time.perf_counter() - began) * 1000
        if given.json:
            print(json.dumps({"text": text, **reply.as_json()}, ensure_ascii=False))
        else:
            _show(reply, knowledge, language, took)
    return 0


def publish(given: argparse.Namespace) -> int:
    """``frontdesk knowledge publish``: a release with the graph as the home's files are now."""
    home = Home((given.home or Path(os.environ.get("FRONTDESK_HOME", "var"))).resolve())
    current = home.store.current()
    if current is None:
        raise BadRequest(
            f"Nothing serves in {home.path}",
            expected="a home that 'frontdesk serve' has prepared",
            fix="Set FRONTDESK_HOME or --home.",
        )
    encoder = Understanding.load(current.folder).encoder
    with home.editing(), tempfile.TemporaryDirectory(dir=home.path, prefix=".graph-") as work:
        files = release_files(
            home.assistant, lambda texts: encoder.encode(texts).sentence, Path(work) / "graph"
        )
        release = home.store.derive(current, files, note="new knowledge graph")
    home.store.promote(release.id, "command line")
    if given.json:
        print(json.dumps({"release": release.id}))
    else:
        print(f"{release.id} serves")
    return 0


def _ask(
    text: str, context: Context, knowledge: Knowledge, understanding: Understanding
) -> tuple[Reply, str]:
    [parse] = understanding.parse([text])
    language = choose(text, "en", ("en", "zh"))
    hints = [Hint(e.start, e.end, e.entity) for e in parse.entities]
    intent = parse.intent if parse.decision == "accept" else None
    reply = answer_of(knowledge, text, language, context, at=time.time(), hints=hints,
                vector=parse.vector, intent=intent)  # fmt: skip
    return reply, language


def _show(reply: Reply, knowledge: Knowledge, language: str, took: float) -> None:
    answer = reply.answer
    if answer is None or reply.wording is None:
        left = ", ".join(reply.unexplained)
        print("no answer" + (f"; not understood: {left}" if left else ""))
        for reading in reply.considered:
            print(f"  considered {reading}")
        return
    values: dict[str, Any] = {n: Value(text, source) for n, (text, source) in answer.slots.items()}
    said = TemplateFiller().generate(GenerationRequest(reply.wording, values, language))
    print(said.text)
    for step in explained(answer.path[:12], knowledge.graph, language):
        print(f"  {step['from']} → {step['by']} → {step['to']}")
    print(f"  {answer.reason}, score {answer.score:.2f}, {took:.0f} ms", file=sys.stderr)
