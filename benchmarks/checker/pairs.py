"""Pairs of a source and a reply from lines written by hand, and the texts that rules change.

A line's template says the same as each of its right rewordings and as they say among themselves; a
wrong line says something else than all of these. What it says else is what it does not share with
the nearest of them.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache

from benchmarks.bench_checker import sources_of
from benchmarks.checker.planting import PACK, Line, _values, templates
from benchmarks.checker.turning import Pair, Span, reworded, turn
from models.checking.pairs import PIECE, plain_pair
from models.checking.sources import folded, ground

_ONE_WAY = ("polic", "promise", "dropped_condition", "widened", "reason", "hole", "lost", "inject",
            "language")  # fmt: skip
"""Kinds of errors that say more than the source, or less: turned round they may be right."""


@dataclass
class Group:
    """Everything written by hand to one source."""

    source: str
    language: str
    told: bool
    """Whether facts stand beside the template, which its rewordings may say or not."""
    right: list[str] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def same(self) -> list[str]:
        """All texts that say the same."""
        return [self.source, *self.right]


def groups_of(lines: Iterable[Line]) -> list[Group]:
    """Lines by their source."""
    found: dict[tuple[str, str], Group] = {}
    for line in lines:
        source, reply = plain_pair(line.output, sources_of(line))
        group = found.setdefault(
            (line.language, source), Group(source, line.language, bool(line.facts))
        )
        if line.right:
            group.right.append(reply)
        else:
            group.wrong.append((reply, line.kind))
    return list(found.values())


def drawn(group: Group, rng: random.Random) -> Iterator[Pair]:
    """A pair for each text of the group, and some more, other ones every time."""
    language, same = group.language, group.same
    for reply in same:
        yield Pair(_either(group, rng, but=reply), reply, False, (), language, "right")
    for reply, kind in group.wrong:
        spans = differing(reply, tuple(same))
        yield Pair(_either(group, rng), reply, True, spans, language, kind)
        if rng.random() < 0.35:
            source, _ = reworded(reply, (), language, rng)
            yield Pair(source, reply, False, (), language, "right")
        if not group.told and rng.random() < 0.35 and not any(part in kind for part in _ONE_WAY):
            yield Pair(reply, rng.choice(same), True, None, language, kind)
    for text in rng.sample(same, min(2, len(same))):
        turned = turn(text, [group.source], language, rng)
        if turned is None or turned[1] in ("sentence", "left out"):
            continue
        reply, spans = reworded(turned[0], turned[2], language, rng)
        yield Pair(_either(group, rng), reply, True, spans, language, turned[1])


def _either(group: Group, rng: random.Random, but: str = "") -> str:
    if group.told:
        return group.source
    others = [text for text in group.right if text != but]
    source = group.source if group.source != but else ""
    if source and (not others or rng.random() < 0.6):
        return source
    return rng.choice(others) if others else group.source


@cache
def differing(reply: str, same: tuple[str, ...]) -> tuple[Span, ...]:
    """Where ``reply`` has what the nearest of texts has not."""
    pieces = [(m.group().lower(), m.start(), m.end()) for m in PIECE.finditer(reply)]
    words = [word for word, _, _ in pieces]
    best: SequenceMatcher[str] | None = None
    for text in same:
        found = SequenceMatcher(None, [w.lower() for w in PIECE.findall(text)], words, False)
        if best is None or found.ratio() > best.ratio():
            best = found
    if best is None or best.ratio() < 0.5:
        return ()
    return tuple(
        (pieces[low][1], pieces[high - 1][2])
        for tag, _, _, low, high in best.get_opcodes()
        if tag in ("insert", "replace")
    )


def plain_texts(rng: random.Random) -> dict[str, list[str]]:
    """What the pack's templates say with made-up values, and what agents of its logs said."""
    found: dict[str, list[str]] = defaultdict(list)
    for language, template in templates():
        line = Line(template, _values(template, language, rng), (), "", True, "", language)
        found[language].append(ground(sources_of(line)).text)
    for path in sorted((PACK / "logs").glob("*.jsonl")):
        for row in path.read_text(encoding="utf-8").splitlines():
            talk = json.loads(row)
            least = 30 if talk["language"] == "en" else 14
            found[talk["language"]] += [
                folded(t["text"]) for t in talk["turns"]
                if t["role"] == "agent" and len(t["text"]) > least
            ]  # fmt: skip
    return found
