"""covid_faq: customers' questions and the 67 answers, five folds by normalised question."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers.readers import Faq, covid_faq, normalised
from benchmarks.answers.vectors import encoded
from benchmarks.understanding.splits import place
from models.progress import Progress
from retrieval.search.corpus import Corpus
from retrieval.search.index import Hit, Query, TemplateIndex
from retrieval.templates import Template

FOLDS = 5
Score = Callable[[Hit], float]
PARTS: dict[str, Score] = {
    "fused": lambda hit: hit.score,
    "bm25": lambda hit: hit.lexical,
    "dense": lambda hit: hit.dense,
    "head": lambda hit: hit.learned,
}


def measure(data: Path, work: Path, progress: Progress) -> dict[str, Any]:
    """R@1 and MRR; any gold answer is a hit.

    The index holds the answers, the FAQ's own headings, and the customers' questions of the other
    four folds. ``r1`` counts each distinct question once, ``r1_pairs`` as often as the file has it.
    """
    faq = covid_faq(data / "covid_faq")
    texts = [*Corpus(_templates(faq, range(len(faq.questions)))).texts, *faq.questions]
    vectors = encoded(texts, "minilm-en", work / "covid_faq", progress)
    fold = np.array([place(normalised(q), "fold") % FOLDS for q in faq.questions])
    ranked: dict[str, list[float]] = {name: [] for name in PARTS}
    times: list[int] = []
    progress.start("covid_faq: folds", FOLDS)
    began = time.perf_counter()
    for number in range(FOLDS):
        index = TemplateIndex.build(_templates(faq, np.flatnonzero(fold != number)), vectors)
        for row in np.flatnonzero(fold == number):
            query = Query(faq.questions[row], vectors([faq.questions[row]])[0], "en")
            hits = index.search(query, len(index.templates))
            gold = {f"a{answer}" for answer in faq.gold[row]}
            for name, score in PARTS.items():
                ranked[name].append(_rank(hits, gold, score))
            times.append(faq.times[row])
        progress.advance()
    progress.done()
    figures: dict[str, float] = {}
    for name, found in ranked.items():
        figures.update(_figures(name, np.array(found), np.array(times)))
    single = max(figures[f"r1_{name}"] for name in PARTS if name != "fused")
    figures["r1_over_single"] = round(figures["r1_fused"] - single, 6)
    return {
        "measured": len(times),
        "answers": len(faq.answers),
        "figures": figures,
        "seconds": {"all_folds": round(time.perf_counter() - began, 1)},
    }


def _templates(faq: Faq, rows: Iterable[int]) -> list[Template]:
    questions: dict[int, list[str]] = {}
    for text, answer in faq.headings:
        questions.setdefault(answer, []).append(text)
    for row in rows:
        for answer in faq.gold[row]:
            questions.setdefault(answer, []).append(faq.questions[row])
    blank = Template("", "", "en", "")
    return [
        replace(
            blank, id=f"a{n}", name=f"a{n}", text=_plain(text),
            questions=tuple(dict.fromkeys(map(_plain, questions.get(n, ())))),
        )
        for n, text in enumerate(faq.answers)
    ]  # fmt: skip


def _plain(text: str) -> str:
    """Braces would be placeholders in a template."""
    return text.replace("{", "(").replace("}", ")")


def _rank(hits: Sequence[Hit], gold: set[str], score: Score) -> float:
    best = max(score(hit) for hit in hits if hit.template.id in gold)
    others = [score(hit) for hit in hits if hit.template.id not in gold]
    return 1.0 + sum(s > best for s in others) + sum(s == best for s in others) / 2


def _figures(name: str, ranked: Any, times: Any) -> dict[str, float]:
    hit = ranked == 1
    return {
        f"r1_{name}": round(float(hit.mean()), 4),
        f"mrr_{name}": round(float((1 / ranked).mean()), 4),
        f"r1_pairs_{name}": round(float((hit * times).sum() / times.sum()), 4),
    }
