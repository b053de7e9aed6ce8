"""What is odd about a set of training lines as a whole, each finding with file and line."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from intents.examples import OUT_OF_SCOPE, Example
from intents.validate import FEWEST
from models.errors import Problem

MOST = 10
"""Findings of one kind that are told one by one; the others as a number."""


def findings(examples: Sequence[Example]) -> list[Problem]:
    """Warnings about lines that can be used, but hardly say what they should.

    Intents of few lines, one text under two intents, lines that come twice, and names of intents
    that differ by case, width or blanks alone.
    """
    labelled = [example for example in examples if example.intent]
    found: list[Problem] = []
    for kind in (_few, _contradictions, _repeated, _look_alikes):
        found += _shortened(list(kind(labelled)))
    return found


def in_short(examples: Sequence[Example]) -> list[str]:
    """The same for a release's card: intents of few lines, and texts under two intents."""
    counts = Counter(example.intent for example in examples if example.intent)
    few = sorted(name for name, count in counts.items() if count < FEWEST)
    shown = []
    if few:
        named = ", ".join(f"{name} ({counts[name]})" for name in few[:20])
        shown.append(f"Fewer than {FEWEST} lines: {named}")
    by_text: dict[str, set[str]] = defaultdict(set)
    for example in examples:
        if example.intent:
            by_text[example.text.casefold().strip()].add(example.intent)
    both = sorted(text for text, intents in by_text.items() if len(intents) > 1)
    if both:
        named = "; ".join(f"{text[:40]!r}" for text in both[:5])
        shown.append(f"{len(both)} texts stand under two intents: {named}")
    return shown


def _few(examples: Sequence[Example]) -> Iterator[Problem]:
    lines: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        lines[str(example.intent)].append(example)
    if len(lines) == 1 and OUT_OF_SCOPE not in lines:
        yield _warning(
            examples[0],
            "at least two intents",
            f"only {examples[0].intent!r}",
            "With one alone, every message is of it; add another, or out_of_scope lines.",
        )
    for name, own in sorted(lines.items()):
        if len(own) < FEWEST:
            yield _warning(
                own[0],
                f"at least {FEWEST} lines of {name!r}",
                str(len(own)),
                "It is learned as well as so few allow; write some more.",
            )


def _contradictions(examples: Sequence[Example]) -> Iterator[Problem]:
    for first, other in _pairs(examples):
        if first.intent != other.intent:
            yield _warning(
                other,
                "a text under one intent",
                f"{other.text[:50]!r} under {other.intent!r} and, in {first.place}, under "
                f"{first.intent!r}",
                "Keep it where it belongs; until then it counts for both.",
            )


def _repeated(examples: Sequence[Example]) -> Iterator[Problem]:
    for first, other in _pairs(examples):
        if first.intent == other.intent:
            yield _warning(
                other,
                "each text once",
                f"{other.text[:50]!r} again, first in {first.place}",
                "It counts once; remove one.",
            )


def _look_alikes(examples: Sequence[Example]) -> Iterator[Problem]:
    names: dict[str, Example] = {}
    for example in examples:
        names.setdefault(str(example.intent), example)
    seen: dict[str, Example] = {}
    for name, example in names.items():
        first = seen.setdefault(_plain(name), example)
        if first is not example:
            yield _warning(
                example,
                "names of intents that differ to the eye",
                f"{name!r} and, in {first.place}, {first.intent!r}",
                "Use one spelling; until then they are two intents.",
            )


def _pairs(examples: Iterable[Example]) -> Iterator[tuple[Example, Example]]:
    """Every later line with a text that came before, and the first line with it.

    Answers to different questions are different lines.
    """
    seen: dict[tuple[object, ...], dict[str | None, Example]] = defaultdict(dict)
    for example in examples:
        own = seen[example.text.casefold().strip(), frozenset(example.requested_slots)]
        if example.intent in own:
            yield own[example.intent], example
        elif own:
            yield next(iter(own.values())), example
        own.setdefault(example.intent, example)


def _plain(name: str) -> str:
    shown = "".join(c for c in unicodedata.normalize("NFKC", name) if c.isalnum())
    return shown.casefold() or name


def _warning(example: Example, expected: str, found: str, fix: str) -> Problem:
    return Problem(example.file, example.line, expected, found, fix, "warning")


def _shortened(problems: Sequence[Problem]) -> list[Problem]:
    if len(problems) <= MOST:
        return list(problems)
    last = problems[MOST]
    more = Problem(
        last.file,
        last.line,
        last.expected,
        f"{len(problems) - MOST:,} more such findings from here on",
        "Mend those above first.",
        "warning",
    )
    return [*problems[:MOST], more]
