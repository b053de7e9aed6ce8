"""Whether the neural editor brings templates nearer to what agents really wrote.

    python -m benchmarks.bench_editor --model var/current --work editor-bench
    python -m benchmarks.bench_editor --model var/current --work other --logs chats.csv

Conversations are parted in folds; each fold's turns are edited by a network and phrases learned
from the other folds, with thresholds chosen on the others. Exact matches and Levenshtein's distance
in words stand beside the unedited template's; ``--show FILE`` writes what was edited, to be read.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from intents.understanding import Understanding
from models.arrays import save_arrays
from models.checking import Checker, Sources
from models.checking.sources import Stated
from models.editing.editor import Reading
from models.editing.edits import distance, words_in
from models.editing.labels import labels_of
from models.editing.phrases import Pair, learn_phrases
from models.learning.editor import (
    EditorSettings,
    best_thresholds,
    cross_fitted,
    edited_text,
    readings,
)
from models.progress import Silent
from retrieval.logs import read_logs
from retrieval.mining.edit_pairs import edit_pairs
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.templates import read_templates

PACK = Path("intents/packs/retail")
PART = 200
BOLD = 0.25
"""Thresholds that let unsure edits through, to be seen: what the caution holds back."""


def outcomes(
    pairs: list[Pair], read_pairs: list[Reading], settings: EditorSettings
) -> Iterator[tuple[Pair, str, str]]:
    """Each pair with what an editor made of it that had not seen its conversation: by thresholds
    chosen on the other folds, and by bold ones."""
    judged = cross_fitted(read_pairs, pairs, settings, Silent())
    for number, (head, cases) in enumerate(judged):
        others = [one for i, one in enumerate(judged) if i != number]
        own = replace(head, thresholds=best_thresholds(others))
        phrases = [phrase.text for phrase in head.phrases]
        print(f"fold {number}: thresholds {own.thresholds.round(2)}, phrases {phrases}", flush=True)
        for case in cases:
            bold = replace(head, thresholds=np.array([BOLD, BOLD], dtype=np.float32))
            yield case.pair, edited_text(own, case), edited_text(bold, case)


def _readings(pairs: list[Pair], model: Path, work: Path) -> list[Reading]:
    """Readings of all pairs, kept in parts so that a run that was cut off goes on."""
    encoder = Understanding.load(model).encoder
    made: list[Reading] = []
    for at in range(0, len(pairs), PART):
        part, kept = pairs[at : at + PART], work / f"read-{at}.npz"
        if not kept.is_file():
            found = readings(part, encoder, Silent())
            arrays = {f"b{i}": one.boundaries for i, one in enumerate(found)}
            save_arrays(kept, arrays | {f"c{i}": one.context for i, one in enumerate(found)})
            print(f"read {at + len(part)} of {len(pairs)}", flush=True)
        with np.load(kept, allow_pickle=False) as arrays:
            made += [
                Reading(words_in(p.template), words_in(p.context), arrays[f"b{i}"], arrays[f"c{i}"])
                for i, p in enumerate(part)
            ]
    return made


def passes(checker: Checker, pair: Pair, text: str) -> bool:
    """Whether the checker lets an edited template through; places are told letter by letter."""
    values = {
        w.text[1:-1]: w.text[1:-1].upper() for w in words_in(pair.template + pair.target) if w.place
    }
    stated = {name: Stated(value, "text") for name, value in values.items()}
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return checker.check(text, Sources(pair.template, stated, pair.language, ())).passed


def figures(made: Sequence[tuple[Pair, str]]) -> dict[str, Any]:
    """Figures of cases with what became of them."""
    checker = Checker()
    total = Counter[str]()
    for pair, text in made:
        target, before, after = (words_in(t) for t in (pair.target, pair.template, text))
        change = distance(before, target), distance(after, target)
        total["n"] += 1
        total["exact_before"] += change[0] == 0
        total["exact_after"] += change[1] == 0
        total["distance_before"] += change[0]
        total["distance_after"] += change[1]
        if text != pair.template:
            total["edited"] += 1
            total["nearer"] += change[1] < change[0]
            total["farther"] += change[1] > change[0]
            total["refused"] += not passes(checker, pair, text)
    return dict(total)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="a release, for its encoder")
    parser.add_argument("--logs", type=Path, default=PACK / "logs")
    parser.add_argument("--rules", type=Path, default=PACK / "templates" / "redaction.json")
    parser.add_argument("--templates", type=Path, default=PACK / "templates" / "accepted.jsonl")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=EditorSettings.steps)
    parser.add_argument("--work", type=Path, required=True, help="goes on from what lies here")
    parser.add_argument("--most", type=int, default=4000, help="pairs at most")
    parser.add_argument("--show", type=Path, help="write edited templates here")
    given = parser.parse_args()
    began = time.perf_counter()
    redactor = Redactor.packaged(Rules.read(given.rules))
    conversations = [redactor.redact_conversation(c) for c in read_logs([given.logs])]
    templates = read_templates(given.templates) if given.templates.is_file() else []
    pairs = edit_pairs(conversations, templates)
    if len(pairs) > given.most:
        pairs = random.Random(0).sample(pairs, given.most)
    given.work.mkdir(parents=True, exist_ok=True)
    chosen = EditorSettings(steps=given.steps, folds=given.folds)
    made = list(outcomes(pairs, _readings(pairs, given.model, given.work), chosen))
    for name in sorted({f"{pair.language} {pair.source}" for pair, _, _ in made}):
        own = [row for row in made if f"{row[0].language} {row[0].source}" == name]
        print(name, json.dumps(figures([(pair, text) for pair, text, _ in own])))
        print(name, "bold", json.dumps(figures([(pair, text) for pair, _, text in own])))
    taught = Counter[str]()
    phrases = learn_phrases(pairs)
    for pair in pairs:
        labels = labels_of(pair, phrases)
        taught["drops"] += int(labels.drops.sum())
        taught["phrases"] += int((labels.adds > 1).sum())
        taught["copies"] += len(labels.spans)
    print("taught", dict(taught), f"seconds {time.perf_counter() - began:.0f}")
    if given.show:
        rows = [
            {"language": c.language, "customer": c.context, "template": c.template,
             "edited": text, "agent": c.target, "passed": passes(Checker(), c, text)}
            for c, _, text in made if text != c.template
        ]  # fmt: skip
        given.show.write_text(
            "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8"
        )


if __name__ == "__main__":
    main()
