"""Redaction on hand-labelled chat lines: recall and precision per kind, lines a second.

    python -m benchmarks.bench_redaction [--set NAME] [--errors] [--ordinary]
                                         [--learned FILE | --rules-only]

A value is caught when each of its characters lies in a redacted span; a redacted span is right when
it touches a marked value. Each line is redacted on its own, so that no other line helps. Prints one
JSON line a language; ``--errors`` lists each line that went wrong, unless it is kept.
``--ordinary`` counts instead the turns of the retail pack's past conversations, those that no
weights were trained on, in which the detector takes out what the rules had left.

Nothing was mended or trained on ``kept``, ``late``, ``last`` and ``counters``. All other sets are
worked on: rules were mended on them, and the shipped weights of the learned detector have read
them. A fair figure is that of a set which the weights of ``--learned`` have not seen (``python -m
benchmarks.redaction.teach --without SET --out FILE``).
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.redaction.lines import (
    KEPT,
    LANGUAGES,
    NUMBERS,
    OTHER,
    SETS,
    WORDS,
    Line,
    Mark,
    read,
)
from benchmarks.redaction.ordinary import conversations, rules
from retrieval.redaction.learned import TRAINED, detector
from retrieval.redaction.placeholders import Redacted
from retrieval.redaction.redactor import Redactor


@dataclass
class Score:
    """Counts over lines; ``found``, ``right`` are redacted spans, by the kind of placeholder."""

    marked: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def add(self, line: Line, spans: Sequence[Redacted]) -> tuple[list[Mark], list[Redacted]]:
        """Count one line; returns what was missed and what was wrongly redacted."""
        missed, wrong = [], []
        for mark in line.marks:
            if mark.kind == OTHER:
                continue
            self.marked[mark.kind] += 1
            if caught(mark, spans):
                self.caught[mark.kind] += 1
            else:
                missed.append(mark)
        for span in spans:
            touched = [m.kind for m in line.marks if m.start < span.end and span.start < m.end]
            if touched and set(touched) == {OTHER}:
                continue
            self.found[span.kind] += 1
            if touched:
                self.right[span.kind] += 1
            else:
                wrong.append(span)
        return missed, wrong

    def recall(self, kinds: Iterable[str]) -> float:
        """Share of the marked values of ``kinds`` that was caught."""
        kinds = tuple(kinds)
        marked = sum(self.marked[k] for k in kinds)
        return round(sum(self.caught[k] for k in kinds) / marked, 4) if marked else 1.0

    def precision(self, kinds: Iterable[str]) -> float:
        """Share of the redacted spans of ``kinds`` that touch a marked value."""
        kinds = tuple(kinds)
        found = sum(self.found[k] for k in kinds)
        return round(sum(self.right[k] for k in kinds) / found, 4) if found else 1.0

    def report(self) -> dict[str, object]:
        """Figures for the table."""
        return {
            "recall_numbers": self.recall(NUMBERS),
            "recall_words": self.recall(WORDS),
            "precision": self.precision(self.found),
            "recall": {
                k: [self.recall([k]), self.marked[k]] for k in (*NUMBERS, *WORDS) if self.marked[k]
            },
            "precision_by_placeholder": {
                k: [self.precision([k]), self.found[k]] for k in sorted(self.found)
            },
        }


def caught(mark: Mark, spans: Iterable[Redacted]) -> bool:
    """Whether each character of ``mark`` lies in a span."""
    covered = {at for span in spans for at in range(span.start, span.end)}
    return covered.issuperset(range(mark.start, mark.end))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", choices=(*KEPT, *SETS), default=KEPT[0])
    parser.add_argument("--language", choices=LANGUAGES, action="append")
    parser.add_argument("--errors", action="store_true", help="list what went wrong")
    parser.add_argument("--learned", type=Path, default=TRAINED, help="weights to use")
    parser.add_argument("--rules-only", action="store_true")
    parser.add_argument("--ordinary", action="store_true")
    given = parser.parse_args()
    if given.ordinary:
        print(json.dumps(changed(given.learned, show=given.errors)))
        return
    redactor = Redactor(learned=None if given.rules_only else detector(given.learned))
    for language in given.language or LANGUAGES:
        lines = list(read(language, given.set))
        if not lines:
            continue
        redactor.redact(lines[0].text)
        score = Score()
        started = time.process_time()
        done = [redactor.redact(line.text)[1] for line in lines]
        seconds = time.process_time() - started
        for line, spans in zip(lines, done, strict=True):
            missed, wrong = score.add(line, spans)
            if given.errors and given.set not in KEPT and (missed or wrong):
                show(line, missed, wrong)
        head = {"language": language, "set": given.set, "lines": len(lines)}
        rate = {"lines_per_processor_second": round(len(lines) / seconds)}
        print(json.dumps({**head, **score.report(), **rate}, ensure_ascii=False))


def changed(learned: Path, *, show: bool) -> dict[str, int]:
    """How many turns of ordinary conversations the detector changes beyond the rules."""
    talks = list(conversations(held_out=True))
    before, after = (
        [
            turn.text
            for talk in Redactor(rules(), learned=d).redact_conversations(talks)
            for turn in talk.turns
        ]
        for d in (None, detector(learned))
    )
    pairs = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    for a, b in pairs if show else ():
        print(f"{a}\n    {b}")
    return {"turns": len(before), "changed": len(pairs)}


def show(line: Line, missed: Iterable[Mark], wrong: Iterable[Redacted]) -> None:
    """Print one line with what was missed and what was wrongly taken."""
    lost = [f"-{m.kind} {line.text[m.start : m.end]}" for m in missed]
    extra = [f"+{s.kind} {line.text[s.start : s.end]}" for s in wrong]
    print(f"{line.number}: {line.text}\n    {' | '.join([*lost, *extra])}")


if __name__ == "__main__":
    main()
