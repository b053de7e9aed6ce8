"""Replies of the retail pack worded anew by a language model: what the checker lets through.

    python -m benchmarks.bench_rewriting (--model FILE.gguf | --url URL --name MODEL)
                                         [--number 40] [--seed 0] [--show] [--json FILE]

Templates are drawn from the pack and filled with invented values; the model is asked as the
service asks it. Prints how many came back without a placeholder, were refused (by what) and
passed, word for word or worded anew, with seconds a reply and, of a local model, tokens a second.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.checker.planting import right_lines
from bot.generation.endpoint import EndpointGenerator
from bot.generation.gguf import GgufGenerator, serving
from bot.generation.grounds import sources_of
from models.checking import Checker
from models.errors import GenerationError
from models.filling.generator import GenerationRequest, Generator, Value


class Counted:
    """A local model whose tokens and seconds are added up."""

    def __init__(self, path: Path, threads: int) -> None:
        self._server = serving(path, threads)

    def handle_chat_completions(self, asked: dict[str, Any]) -> Any:
        """Ask, and note what it took."""
        started = time.perf_counter()
        answer = self._server.handle_chat_completions(asked)
        SPENT["seconds"] += time.perf_counter() - started
        SPENT["tokens"] += answer.get("usage", {}).get("completion_tokens", 0)
        SPENT["generating"] += answer.get("timings", {}).get("predicted_ms", 0.0) / 1000
        return answer


SPENT: Counter[str] = Counter()


def requests(number: int, seed: int) -> list[GenerationRequest]:
    """Templates of the pack with invented values, both languages."""
    found = []
    for line in right_lines(number, random.Random(seed)):
        values = {n: Value(v["value"], f"slot:{n}") for n, v in line.values.items()}
        kinds = {n: v["type"] for n, v in line.values.items()}
        found.append(GenerationRequest(line.template, values, line.language, kinds=kinds))
    return found


def measure(generator: Generator, asked: list[GenerationRequest], show: bool) -> dict[str, Any]:
    """What became of each reply."""
    checker, outcome, kinds = Checker(), Counter[str](), Counter[str]()
    times = []
    for request in asked:
        started = time.perf_counter()
        try:
            made = generator.generate(request)
        except GenerationError as error:
            outcome["failed: " + error.message] += 1
            continue
        finally:
            times.append(time.perf_counter() - started)
        verdict = checker.check(made.text, sources_of(request, made.traces))
        name = "refused" if not verdict.passed else "word for word" if verdict.literal else "anew"
        outcome[name] += 1
        kinds.update({finding.kind for finding in verdict.findings})
        if show:
            print(f"{name}: {made.text}\n    of: {request.template}\n    {verdict.findings}")
    times.sort()
    return {
        "replies": len(asked),
        "outcome": dict(outcome),
        "refused_for": dict(kinds.most_common()),
        "seconds_p50": round(times[len(times) // 2], 2),
        "seconds_max": round(times[-1], 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--name", default="")
    parser.add_argument("--number", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if bool(given.model) == bool(given.url):
        parser.error("give either --model or --url")
    generator: Generator = (
        GgufGenerator(given.model, load=Counted)
        if given.model
        else EndpointGenerator(given.url, given.name, timeout=60.0)
    )
    result = measure(generator, requests(given.number, given.seed), given.show)
    if SPENT["tokens"]:
        result["tokens_per_second"] = round(SPENT["tokens"] / SPENT["generating"], 1)
    print(json.dumps(result, ensure_ascii=False, indent=1))
    if given.json:
        given.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
