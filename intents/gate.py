"""Whether a re-fit harms intents that worked, judged on held-out predictions of stored lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.errors import GateRefused

OVERALL = 0.02
"""Most that the accuracy over all old lines may fall."""


@dataclass(frozen=True)
class Change:
    """Recall of an old intent before and after; ``lost_to`` counts where its lines went."""

    intent: str
    lines: int
    before: float
    after: float
    lost_to: Mapping[str, int]


@dataclass(frozen=True)
class Gate:
    """The verdict; ``worst`` holds the intents that lost, the heaviest loss first."""

    passed: bool
    margin: float
    before: float | None
    after: float | None
    worst: tuple[Change, ...]

    @property
    def harmed(self) -> tuple[Change, ...]:
        """The intents that lost more than the margin."""
        return tuple(c for c in self.worst if _loss(c) > self.margin)


class IntentsHarmed(GateRefused):
    """The gate refused a candidate; ``gate`` says which intents it would harm."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        shown = "; ".join(
            f"{c.intent} from {c.before:.0%} to {c.after:.0%}"
            + (f", to {_most(c.lost_to)}" if c.lost_to else "")
            for c in gate.harmed[:5]
        )
        overall = f"all old lines from {gate.before or 0:.1%} to {gate.after or 0:.1%}"
        super().__init__(
            "The change would make intents worse that work now",
            expected=f"no old intent to lose more than {gate.margin:.0%}, and all together not "
            f"more than {OVERALL:.0%}",
            found=shown or overall,
            fix="Make the new lines differ more from those intents, or add lines to them; "
            "or release it all the same by overriding the gate.",
        )


def judge(
    labels: Sequence[str], before: Sequence[str | None], after: Sequence[str], margin: float
) -> Gate:
    """Compare held-out predictions of the same lines.

    :param labels: what the lines are labelled with now.
    :param before: what the old release predicted held out; None for lines it did not have, or that
        had another label there.
    :param after: what the candidate predicts held out.
    """
    lines: dict[str, list[tuple[bool, bool, str]]] = defaultdict(list)
    for label, old, new in zip(labels, before, after, strict=True):
        if old is not None:
            lines[label].append((old == label, new == label, new))
    changes = [_change(label, rows) for label, rows in lines.items()]
    total = sum(c.lines for c in changes)
    was = sum(c.before * c.lines for c in changes) / total if total else None
    now = sum(c.after * c.lines for c in changes) / total if total else None
    worst = sorted((c for c in changes if c.after < c.before), key=lambda c: (-_loss(c), c.intent))
    # One line more or less is chance, whatever share of a small intent it is.
    harmed = [c for c in worst if _loss(c) > margin and round(_loss(c) * c.lines) >= 2]
    fine = was is None or now is None or was - now <= OVERALL
    return Gate(not harmed and fine, margin, was, now, tuple(worst))


def _change(label: str, rows: Sequence[tuple[bool, bool, str]]) -> Change:
    lost: dict[str, int] = defaultdict(int)
    for was, now, predicted in rows:
        if was and not now:
            lost[predicted] += 1
    count = len(rows)
    return Change(
        label,
        count,
        sum(was for was, _, _ in rows) / count,
        sum(now for _, now, _ in rows) / count,
        dict(lost),
    )


def _loss(change: Change) -> float:
    return change.before - change.after


def _most(lost_to: Mapping[str, int]) -> str:
    return max(sorted(lost_to), key=lambda name: lost_to[name])
