"""STAR: which template did the agent say next?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.answers.readers import held_back
from benchmarks.answers.star import Recogniser, cases, dialogues, templates
from benchmarks.answers.vectors import encoded
from models.progress import Progress
from retrieval.next_template import NextTemplate
from retrieval.search.lexical import LexicalIndex
from retrieval.words import words


def measure(data: Path, work: Path, progress: Progress) -> dict[str, Any]:
    """R@1 among the labels of the dialogue's tasks, and among all labels.

    One dialogue in five (md5 of its number) is measured on, the others are learned from.
    """
    folder = data / "star"
    every = list(dialogues(folder))
    texts = dict.fromkeys(step.text for one in every for step in one.steps if step.text)
    vectors = encoded(list(texts), "minilm-en", work / "star", progress)
    by_task = templates(folder)
    learned = [one for one in every if not held_back(one.id)]
    recognise = Recogniser(by_task, learned)
    train = [case for one in learned for case in cases(one, vectors, recognise)]
    test = [c for one in every if held_back(one.id) for c in cases(one, vectors, recognise)]
    began = time.perf_counter()
    labels = [case.label for case in train]
    head = NextTemplate.learn([case.situation for case in train], labels, None, progress)
    seconds = time.perf_counter() - began
    scores = head.scores([case.situation for case in test])
    place = {label: column for column, label in enumerate(head.labels)}
    gold = np.array([place.get(case.label, -1) for case in test])
    allowed = np.array([[label in case.labels for label in head.labels] for case in test])
    chosen = np.where(allowed, scores, -np.inf)
    agents = [s for one in every if held_back(one.id) for s in one.steps if s.label is not None]
    return {
        "train": len(train),
        "measured": len(test),
        "left_out": len(agents) - len(test),
        "figures": {
            "r1_task": float((chosen.argmax(axis=1) == gold).mean()),
            "r1_all": float((scores.argmax(axis=1) == gold).mean()),
            **_by_words(test, by_task),
        },
        "seconds": {"learn": round(seconds, 1)},
    }


def _by_words(test: Any, by_task: dict[str, dict[str, str]]) -> dict[str, float]:
    """BM25 of the customer's line against the templates' texts, for comparison."""
    texts = sorted({(label, text) for task in by_task.values() for label, text in task.items()})
    index = LexicalIndex.build([words(text) for _, text in texts])
    found = [texts[int(index.scores(words(c.situation.text)).argmax())][0] for c in test]
    right = [label == case.label for label, case in zip(found, test, strict=True)]
    return {"r1_bm25": float(np.mean(right))}
