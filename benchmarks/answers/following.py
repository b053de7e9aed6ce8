"""STAR as past logs: does the network that a release holds put the right template first?"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from benchmarks.answers.star import PLACE, Dialogue, dialogues, templates
from benchmarks.answers.vectors import encoded
from benchmarks.understanding.splits import place
from models.progress import Progress
from retrieval.conversation import Conversation, Role, Turn
from retrieval.following import followed, learn_following
from retrieval.search.corpus import Corpus
from retrieval.search.index import TemplateIndex
from retrieval.templates import Template

SAMPLE = 150
"""Dialogues, by the md5 of their numbers."""
QUESTIONS = 6
_ROLES: dict[str, Role] = {"customer": "customer", "agent": "agent"}


def measure(data: Path, work: Path, progress: Progress) -> dict[str, Any]:
    """R@1 of a search for the customer's line, with the line before, alone and with the network.

    The templates are the gold list's, as if an operator had written them, with the customers' lines
    that they answered most often; the logs are what both sides said. What is measured is what
    ``frontdesk next`` judges by: a third of the conversations at a time, which neither the index
    nor the network has seen. Labels that no text tells apart count as one.
    """
    folder = data / "star"
    some = sorted(dialogues(folder), key=lambda one: place(one.id, "following"))[:SAMPLE]
    logs = [_conversation(one) for one in some]
    bare = _templates(folder, {})
    found = followed(logs, bare)
    asked: dict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        asked[one.label][one.asked] += 1
    answering = _templates(folder, asked)
    lines = {t for one in found for t in (one.asked, one.replied, *one.earlier) if t}
    texts = sorted({*lines, *Corpus(answering).texts})
    vectors = encoded(texts, "minilm-en", work / "star", progress)
    index = TemplateIndex.build(answering, vectors)
    began = time.perf_counter()
    _, judged = learn_following(index, found, vectors, progress)
    return {
        "dialogues": len(some),
        "labelled": len(found),
        "measured": judged.turns,
        "figures": {
            "r1_search": judged.alone,
            "r1_following": judged.with_network,
            "gain": judged.with_network - judged.alone,
        },
        "weight": judged.weight,
        "seconds": {"learn": round(time.perf_counter() - began, 1)},
    }


def _conversation(one: Dialogue) -> Conversation:
    turns = tuple(Turn(_ROLES[s.kind], s.text) for s in one.steps if s.kind in _ROLES and s.text)
    return Conversation(one.id, "en", turns)


def _templates(folder: Path, asked: dict[str, Counter[str]]) -> list[Template]:
    listed = {(label, text) for task in templates(folder).values() for label, text in task.items()}
    made = []
    for number, (label, text) in enumerate(sorted(listed)):
        identifier = f"{label}-{number}"
        questions = tuple(q for q, _ in asked.get(identifier, Counter()).most_common(QUESTIONS))
        text = PLACE.sub("{value}", text)
        made.append(Template(identifier, f"utter_{label}", "en", text, questions=questions))
    return made
