"""How well the hybrid search finds an answer, beside its parts and plain rank fusion.

Questions are the customers' own lines behind the pack's accepted templates; a hit is a template of
the same response. Whatever came from the question's own conversation is left out, so that nothing
finds itself. ``python -m benchmarks.bench_retrieval`` prints a table, ``--json`` the figures.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bot.templates import templates_of
from intents.reading.folder import read_assistant
from models.arrays import FloatArray
from models.encoders.export import export
from models.encoders.runtime import Encoder
from models.encoders.weights import resolve
from retrieval.logs import read_logs
from retrieval.mining.answers import find_answers
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.search.index import Fusion, Hit, Query, TemplateIndex
from retrieval.templates import Template

PACK = Path(__file__).parents[1] / "intents" / "packs" / "retail"
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
LOSSES = (0.0, 0.05, 0.1, 0.2)

Score = Callable[[Hit], float]


@dataclass(frozen=True)
class Asked:
    """A customer's line, the response that answers it, and where both come from."""

    text: str
    language: str
    name: str
    conversation: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--encoders", nargs="+", default=["e5-mul", "minilm-en"])
    given = parser.parse_args()
    results = [row for name in given.encoders for row in measure(name)]
    if given.json:
        print(json.dumps(results, indent=2))
        return
    columns = list(results[0])
    print("| " + " | ".join(columns) + " |\n|" + " --- |" * len(columns))
    for row in results:
        print("| " + " | ".join(str(row[column]) for column in columns) + " |")


def measure(encoder_name: str) -> list[dict[str, object]]:
    """Figures of one encoder, a row a language that it serves."""
    with tempfile.TemporaryDirectory() as scratch:
        export(resolve(encoder_name), Path(scratch) / "encoder")
        encoder = Encoder.load(Path(scratch) / "encoder")
    templates = templates_of(read_assistant(PACK), PACK)
    asked = questions(templates)
    vectors = encoder.encode([one.text for one in asked]).sentence
    languages = ("en",) if encoder_name == "minilm-en" else ("en", "zh")
    return [
        row(encoder_name, language, templates, asked, vectors, encoder) for language in languages
    ]


def questions(templates: Sequence[Template]) -> list[Asked]:
    """The lines that were really asked before the accepted answers, redacted."""
    redactor = Redactor.packaged(Rules.read(PACK / "templates" / "redaction.json"))
    conversations = [redactor.redact_conversation(c) for c in read_logs([PACK / "logs"])]
    lines = {(a.source.conversation, a.source.turn): a for a in find_answers(conversations)}
    found = []
    for template in templates:
        for ref in template.provenance[:1]:
            answer = lines.get((ref.conversation, ref.turn))
            if answer is not None:
                found.append(
                    Asked(answer.asked, template.language, template.name, ref.conversation)
                )
    return list(dict.fromkeys(found))


def row(
    encoder_name: str, language: str, templates: Sequence[Template], asked: Sequence[Asked],
    vectors: FloatArray, encoder: Encoder,
) -> dict[str, object]:  # fmt: skip
    chosen = [i for i, one in enumerate(asked) if one.language == language]
    default = Fusion()
    grid: dict[tuple[float, float], list[float]] = {}
    rows: dict[str, object] = {"encoder": encoder_name, "language": language, "n": len(chosen)}
    own = [replace(t, status="live") for t in templates if t.language == language]
    for loss in LOSSES:
        index = TemplateIndex.build(
            own, lambda texts: encoder.encode(texts).sentence, fusion=Fusion(text=loss)
        )
        listed = [everything(index, asked[i], vectors[i]) for i in chosen]
        wanted = [asked[i].name for i in chosen]
        for weight in WEIGHTS:
            grid[weight, loss] = ranks(listed, wanted, lambda h, w=weight: h.dense + w * h.lexical)
        if loss == default.text:
            rows["bm25"] = figures(ranks(listed, wanted, lambda h: h.lexical))
            rows["dense"] = figures(grid[0.0, loss])
            rows["rank fusion"] = figures(fused_ranks(listed, wanted))
            rows["fused"] = figures(grid[default.lexical, loss])
            rows["coverage AUROC"] = covered(index, listed, wanted)
            rows["search ms"] = milliseconds(index, [asked[i] for i in chosen], vectors[chosen])
    rows["chosen on other half"] = figures(halves(grid))
    best = max(grid, key=lambda key: np.mean(np.array(grid[key]) == 1))
    rows["best (lexical, text)"] = f"{best} {figures(grid[best])}"
    return rows


def everything(index: TemplateIndex, one: Asked, vector: FloatArray) -> list[Hit]:
    """All templates that do not come from the question's own conversation."""
    hits = index.search(Query(one.text, vector, one.language), len(index.templates))
    return [
        hit
        for hit in hits
        if one.conversation not in {ref.conversation for ref in hit.template.provenance}
    ]


def ranks(listed: Sequence[Sequence[Hit]], wanted: Sequence[str], score: Score) -> list[float]:
    """Rank of the first template of the wanted response; ties share the mean of their ranks."""
    found = []
    for hits, name in zip(listed, wanted, strict=True):
        scores = np.array([score(hit) for hit in hits])
        right = np.array([hit.template.name == name for hit in hits])
        best = scores[right].max() if right.any() else -np.inf
        above, level = int((scores > best).sum()), int((scores == best).sum())
        rightly = int((right & (scores == best)).sum())
        found.append(above + 1 + (level - rightly) / (rightly + 1))
    return found


def fused_ranks(listed: Sequence[Sequence[Hit]], wanted: Sequence[str]) -> list[float]:
    """Reciprocal rank fusion (Cormack 2009, k = 60) of the two parts."""
    fused = []
    for hits in listed:
        by_dense = {h.template.id: r for r, h in enumerate(sorted(hits, key=lambda h: -h.dense))}
        by_words = {h.template.id: r for r, h in enumerate(sorted(hits, key=lambda h: -h.lexical))}
        fused.append(
            [
                replace(
                    hit, dense=sum(1 / (60 + by[hit.template.id]) for by in (by_dense, by_words))
                )
                for hit in hits
            ]
        )
    return ranks(fused, wanted, lambda h: h.dense)


def halves(grid: dict[tuple[float, float], list[float]]) -> list[float]:
    """Each half's ranks at the weights that are best on the other half."""
    size = len(next(iter(grid.values())))
    even = np.arange(size) % 2 == 0
    found = np.zeros(size)
    for part in (even, ~even):
        best = max(grid, key=lambda key: np.mean(np.array(grid[key])[~part] == 1))
        found[part] = np.array(grid[best])[part]
    return list(found)


def figures(found: Sequence[float]) -> str:
    """R@1 / MRR."""
    ranked = np.array(found)
    return f"{np.mean(ranked == 1):.3f} / {np.mean(1 / ranked):.3f}"


def covered(index: TemplateIndex, listed: Sequence[Sequence[Hit]], wanted: Sequence[str]) -> str:
    """AUROC of coverage: with the right response there against with it taken away."""
    with_it, without = [], []
    for hits, name in zip(listed, wanted, strict=True):
        ranked = sorted(hits, key=lambda hit: -hit.score)
        with_it.append(index.coverage_of(ranked))
        without.append(index.coverage_of([h for h in ranked if h.template.name != name]))
    pairs = np.subtract.outer(np.array(with_it), np.array(without))
    return f"{np.mean((pairs > 0) + 0.5 * (pairs == 0)):.3f}"


def milliseconds(index: TemplateIndex, asked: Sequence[Asked], vectors: FloatArray) -> str:
    """Median time of a search for five, encoder not counted."""
    times = []
    for one, vector in zip(asked, vectors, strict=True):
        start = time.perf_counter()
        index.search(Query(one.text, vector, one.language), 5)
        times.append(time.perf_counter() - start)
    return f"{np.median(times) * 1000:.2f}"


if __name__ == "__main__":
    main()
