"""What an operator may do about it, the change that touches most lines first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from intents.reporting.confusion import IntentRow, Pair
from intents.reporting.learning import CurvePoint
from intents.reporting.near import Copies, Overlap
from intents.reporting.suspects import Suspect

Deed = Literal["merge", "sharpen", "add", "move", "settle", "begin", "grow"]
MERGE_AT, MOST_MOVES, MOST_OF_A_DEED = 0.12, 6, 5
WEAK, FEW, STEEP = 0.75, 5, 0.015


@dataclass(frozen=True)
class Advice:
    """A suggestion: ``merge`` two intents; ``sharpen`` the border between two; ``add`` lines like
    ``lines`` to one; ``move`` a line to another; ``settle`` a text that stands under two; ``begin``
    an intent properly that has hardly a line; ``grow``: more lines help all over.

    ``weight`` is about how many lines it would set right.
    """

    deed: Deed
    intent: str
    other: str
    lines: tuple[str, ...]
    place: str
    weight: float
    figure: float


def advise(
    pairs: Sequence[Pair],
    rows: Sequence[IntentRow],
    overlaps: Sequence[Overlap],
    suspects: Sequence[Suspect],
    against: Sequence[Copies],
    curve: Sequence[CurvePoint],
    empty: Sequence[str] = (),
) -> tuple[Advice, ...]:
    """Suggestions from the report's findings.

    :param empty: intents that are known by their name and description alone.
    """
    borders = _borders(pairs, overlaps)
    named = {frozenset((a.intent, a.other)) for a in borders}
    found = [
        *borders,
        *_settle(against),
        *_moves(suspects),
        *_additions(rows, pairs, named),
        *_beginnings(rows, empty),
        *_growth(curve, sum(row.lines for row in rows)),
    ]
    return tuple(sorted(found, key=lambda a: (-a.weight, a.deed, a.intent)))


def _borders(pairs: Sequence[Pair], overlaps: Sequence[Overlap]) -> list[Advice]:
    """Two intents that are taken for each other: merge where they also lie among each other."""
    close = {frozenset((o.first, o.second)): o for o in overlaps}
    seen: set[frozenset[str]] = set()
    found: list[Advice] = []
    for pair in pairs:
        key = frozenset((pair.intent, pair.taken_for))
        both = pair.lines + pair.back
        if key in seen or both < 3:
            continue
        seen.add(key)
        texts = tuple(line.text for line in pair.examples[:3])
        overlap = close.get(key)
        mutual = pair.back > 0 and both / max(1, 2 * pair.of) >= MERGE_AT
        merge = mutual and overlap is not None and overlap.share >= MERGE_AT
        deed: Deed = "merge" if merge else "sharpen"
        share = overlap.share if overlap is not None else 0.0
        found.append(Advice(deed, pair.intent, pair.taken_for, texts, "", both, share))
    merges = [a for a in found if a.deed == "merge"][:MOST_OF_A_DEED]
    return merges + [a for a in found if a.deed == "sharpen"][:MOST_OF_A_DEED]


def _settle(against: Sequence[Copies]) -> list[Advice]:
    found = []
    for copies in against[:MOST_OF_A_DEED]:
        first = copies.lines[0]
        other = next(line for line in copies.lines if line.intent != first.intent)
        places = ", ".join(line.place for line in copies.lines if line.place)
        found.append(Advice("settle", first.intent, other.intent, (first.text,), places, 2.0, 1.0))
    return found


def _moves(suspects: Sequence[Suspect]) -> list[Advice]:
    sure = [s for s in suspects if s.likelier_share >= 0.5 and s.share <= 0.1]
    return [
        Advice("move", s.line.intent, s.likelier, (s.line.text,), s.line.place, 1.5, s.share)
        for s in sure[:MOST_MOVES]
    ]


def _additions(
    rows: Sequence[IntentRow], pairs: Sequence[Pair], named: set[frozenset[str]]
) -> list[Advice]:
    """Weak intents that no border explains: more lines like those that went wrong."""
    found = []
    for row in rows:
        mine = [p for p in pairs if p.intent == row.intent]
        told = any(frozenset((p.intent, p.taken_for)) in named for p in mine)
        if row.recall >= WEAK or row.lines < FEW or told or not mine:
            continue
        texts = tuple(line.text for p in mine for line in p.examples)[:3]
        missed = row.lines * (1 - row.recall)
        found.append(Advice("add", row.intent, "", texts, "", missed, row.recall))
    return found[:MOST_OF_A_DEED]


def _beginnings(rows: Sequence[IntentRow], empty: Sequence[str]) -> list[Advice]:
    few = [(name, 0) for name in empty]
    few += [(row.intent, row.trained) for row in rows if 0 < row.trained < FEW]
    return [
        Advice("begin", name, "", (), "", 1.0, float(lines)) for name, lines in few[:MOST_OF_A_DEED]
    ]


def _growth(curve: Sequence[CurvePoint], lines: int) -> list[Advice]:
    if len(curve) < 3:
        return []
    gain = curve[-1].accuracy - curve[-2].accuracy
    if gain < STEEP:
        return []
    return [Advice("grow", "", "", (), "", gain * lines, gain)]
