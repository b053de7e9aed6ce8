"""What the subcommands do that work on files: train, evaluate, parse, validate, releases."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.commands.progress import Bars
from intents.examples import Example
from intents.parse import Parse
from intents.understanding import Understanding
from models.errors import BadRequest, DataError, Problem

BATCH = 32


def print_summary(summary: dict[str, Any], as_json: bool) -> None:
    """A command's outcome: one JSON line, or a line for each figure."""
    if as_json:
        print_json(summary)
        return
    for key, value in summary.items():
        print(f"{key:>13}  {value}")


def print_json(data: Any) -> None:
    """One line; what the terminal's encoding cannot write goes out as JSON's escapes."""
    line = json.dumps(data, ensure_ascii=False, allow_nan=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        line = json.dumps(data, allow_nan=False)
    print(line, flush=True)


def train(given: argparse.Namespace) -> int:
    """``frontdesk train``: data files to a self-contained release folder."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from intents.findings import findings
    from intents.reading.datasets import read_dataset
    from intents.training.full import settings_of
    from intents.training.training import train as train_release

    began = time.perf_counter()
    if given.out.exists() and any(given.out.iterdir() if given.out.is_dir() else [given.out]):
        raise BadRequest(
            f"{given.out} is not empty",
            expected="a folder that does not exist yet",
            fix="Name another one; releases are never overwritten.",
        )
    dataset = read_dataset(given.data)
    _tell([*dataset.problems, *findings(dataset.examples)])
    release = train_release(
        dataset.examples,
        given.out,
        language=given.language,
        mode=given.mode,
        encoder=given.encoder,
        seed=given.seed,
        progress=Bars(),
        problems=dataset.problems,
        logs=given.logs,
        note=_note,
        tuning=settings_of(given.tune) if given.mode == "full" else None,
    )
    facts = release.facts
    summary = {
        "release": release.id,
        "out": str(given.out),
        "encoder": facts.encoder.get("name"),
        "languages": list(facts.languages),
        "mode": facts.mode,
        "intents": len(facts.labels),
        "entity_types": len(facts.entity_types),
        "examples": facts.examples,
        "accuracy": facts.accuracy,
        "left_out": dataset.left_out,
        "seconds": round(time.perf_counter() - began, 2),
    }
    print_summary(summary, given.json)
    return 0


def search(given: argparse.Namespace) -> int:
    """``frontdesk search``: the fine-tune's settings for this data, and a release with them."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from intents.findings import findings
    from intents.reading.datasets import read_dataset
    from intents.training.search import search as search_settings

    if given.trials < 1:
        raise BadRequest("--trials cannot be used", expected="1 or more", found=str(given.trials))
    dataset = read_dataset(given.data)
    _tell([*dataset.problems, *findings(dataset.examples)])
    made = search_settings(
        dataset.examples,
        given.out,
        trials=given.trials,
        minutes=given.minutes,
        language=given.language,
        encoder=given.encoder,
        seed=given.seed,
        progress=Bars(),
        note=_note,
    )
    summary = {**asdict(made), "out": str(given.out / "release")}
    print_summary(summary, given.json)
    return 0


def _note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _tell(problems: Sequence[Problem], most: int = 40) -> None:
    """Findings on standard error, those that cost lines first."""
    ordered = sorted(problems, key=lambda problem: problem.severity != "error")
    for problem in ordered[:most]:
        print(problem, file=sys.stderr)
    if len(ordered) > most:
        print(f"… and {len(ordered) - most:,} more", file=sys.stderr)


def adapt(given: argparse.Namespace) -> int:
    """``frontdesk adapt``: an assistant's lines to an encoder adapter."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from intents.reading.folder import read_assistant
    from intents.training.adapting import adapt as adapt_encoder
    from intents.training.adapting import judge_again

    out = given.out or given.path / "encoder.safetensors"
    how = {"rank": given.rank, "seed": given.seed, "work": given.work, "progress": Bars()}
    if given.judge:
        right = judge_again(read_assistant(given.path), out, **how)
        summary: dict[str, Any] = {"path": str(out), "cross_fitted": right}
        said = ""
    else:
        made = adapt_encoder(read_assistant(given.path), out, **how)
        right, summary = made.cross_fitted, {**asdict(made), "path": str(made.path)}
        shown = f"{made.accuracy:.1%}" if made.accuracy is not None else "unknown"
        said = f"{made.lines} lines learned, {shown} right of {made.held_out} held out; "
    if given.json:
        print_json(summary)
    else:
        every = f"{right:.1%}" if right is not None else "unknown"
        print(f"{out}: {said}{every} right of all, each read without having been learned")
    return 0


def evaluate(given: argparse.Namespace) -> int:
    """``frontdesk evaluate``: a release's figures on labelled data."""
    from intents.evaluation import report
    from intents.reading.datasets import read_dataset

    understanding = Understanding.load(given.model)
    dataset = read_dataset(given.data)
    _tell(dataset.problems)
    examples = dataset.examples
    if not examples:
        raise DataError("There is nothing to evaluate on", dataset.problems)
    bars = Bars()
    bars.start("Evaluating", len(examples))
    began = time.perf_counter()
    parses: list[Parse] = []
    for start in range(0, len(examples), BATCH):
        part = examples[start : start + BATCH]
        asked = [example.requested_slots or None for example in part]
        parses += understanding.parse([example.text for example in part], asked)
        bars.advance(len(part))
    bars.done()
    result = report(examples, parses, round(time.perf_counter() - began, 3))
    if given.report:
        _write_report(given, understanding, examples, parses, bars)
    if given.json:
        print_json(result)
        return 0
    for block, figures in result.items():
        if isinstance(figures, dict):
            shown = ", ".join(f"{name} {_shown(value)}" for name, value in figures.items())
            print(f"{block:>13}  {shown}")
        else:
            print(f"{block:>13}  {_shown(figures)}")
    return 0


def _write_report(
    given: argparse.Namespace,
    understanding: Understanding,
    examples: Sequence[Example],
    parses: Sequence[Parse],
    bars: Bars,
) -> None:
    from intents.reporting import render, report_on_lines

    names = [path.name for path in given.data]
    found = report_on_lines(understanding, examples, parses, names, progress=bars)
    given.report.parent.mkdir(parents=True, exist_ok=True)
    partial = given.report.with_name(f".{given.report.name}.partial")
    partial.write_text(render(found, given.lang), encoding="utf-8")
    partial.replace(given.report)
    print(f"report: {given.report}", file=sys.stderr)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, dict):
        return "(" + ", ".join(f"{k} {_shown(v)}" for k, v in value.items()) + ")"
    return "–" if value is None else str(value)


def parse(given: argparse.Namespace) -> int:
    """``frontdesk parse``: JSON lines in, Rasa's parse results out, one for each line."""
    from intents.explaining import explain

    understanding = Understanding.load(given.model)
    waiting: list[tuple[str, Any]] = []

    def flush() -> None:
        texts = [text for text, _ in waiting]
        parses = understanding.parse(texts, [asked for _, asked in waiting])
        for (text, asked), parsed in zip(waiting, parses, strict=True):
            why = {"why": explain(understanding, text, asked).as_json()} if given.why else {}
            print_json({**parsed.as_rasa(), **why})
        waiting.clear()

    interactive = sys.stdin.isatty()
    try:
        for number, line in enumerate(sys.stdin.buffer, 1):
            if not line.strip():
                continue
            waiting.append(_read_line(line, number))
            if interactive or len(waiting) >= BATCH:
                flush()
    finally:
        # Also before a line that cannot be read: those above it have their answers.
        if waiting:
            flush()
    return 0


def _read_line(line: bytes, number: int) -> tuple[str, Any]:
    try:
        data = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        text, asked = data["text"], data.get("requested_slots")
        names = [asked] if isinstance(asked, str) else asked or []
        if not isinstance(text, str) or not all(isinstance(name, str) for name in names):
            raise TypeError(type(text).__name__)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadRequest(
            f"Line {number} of standard input cannot be read",
            expected='a JSON object such as {"text": "where is my order"}',
            found=line.decode(errors="replace").strip()[:80],
        ) from error
    return text, names or None


def validate(given: argparse.Namespace) -> int:
    """``frontdesk validate``: every problem of an assistant, with file, line and remedy."""
    from bot.knowledge import problems_of
    from intents.importing import bring
    from intents.importing.older import is_older
    from intents.reading.folder import read_assistant
    from intents.validate import validate as check

    older = is_older(given.path)
    # what stands in Markdown is told with its own file and line
    assistant = bring(given.path).assistant if older else read_assistant(given.path, strict=False)
    problems = [*check(assistant), *problems_of(given.path)]
    errors = sum(1 for problem in problems if problem.severity == "error")
    if given.json:
        print_json({"errors": errors, "problems": [asdict(p) for p in problems]})
    else:
        for problem in problems:
            print(problem)
        print(
            f"{len(assistant.intents)} intents, {len(assistant.examples)} examples, "
            f"{len(assistant.responses)} responses: {errors} errors, "
            f"{len(problems) - errors} warnings"
        )
    return 1 if errors else 0


def releases(given: argparse.Namespace) -> int:
    """``frontdesk releases``: list, promote, rollback, prune."""
    from bot.home import Home

    home = given.home or Path(os.environ.get("FRONTDESK_HOME", "var"))
    if not (home / "releases").is_dir():
        raise BadRequest(
            f"There are no releases in {home}",
            expected="a home that 'frontdesk serve' has prepared",
            fix="Set FRONTDESK_HOME or --home.",
        )
    here = Home(home.resolve())
    store = here.store
    if given.action == "add":
        from bot.prepare import install

        install(here, given.folder, "added", Bars())
    elif given.action == "promote":
        here.promote(given.release, "command line")
    elif given.action == "rollback":
        here.adopt(store.rollback())
    elif given.action == "prune":
        store.prune(given.keep)
    rows = [
        {
            "id": release.id,
            "current": release.id == store.current_id(),
            "created": release.facts.created,
            "mode": release.facts.mode,
            "intents": len(release.facts.labels),
            "examples": release.facts.examples,
            "accuracy": release.facts.accuracy,
            "note": release.facts.note,
        }
        for release in store.list()
    ]
    if given.json:
        print_json({"releases": rows})
        return 0
    for row in rows:
        mark = "*" if row["current"] else " "
        print(
            f"{mark} {row['id']}  {row['created']}  {row['intents']} intents, "
            f"{row['examples']} examples  {row['note']}"
        )
    return 0
