"""What came of a test story."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bot.policy import Decision
from bot.trials.files import TestStory


@dataclass(frozen=True)
class Failure:
    """Where a story and the bot part: the line, what was expected, what came, and why."""

    file: str
    line: int
    expected: str
    found: str
    why: str = ""

    def __str__(self) -> str:
        why = f" ({self.why})" if self.why else ""
        return f"{self.file}:{self.line}: expected {self.expected}, found {self.found}{why}"


@dataclass
class Outcome:
    """What came of a story; ``notes`` are worth a look without being failures.

    ``not_run`` counts by name the actions and forms that were taken as done without being run,
    ``decided`` is for each action that the story names what was decided on, by which policy.
    """

    story: TestStory
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    actions: int = 0
    not_run: Counter[str] = field(default_factory=Counter)
    decided: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether the bot did what the story says."""
        return not self.failures

    def judge(self, expected: str, decision: Decision, *, same: bool) -> None:
        """Note what was decided on where the story names ``expected``."""
        found = {"action": expected, "predicted": expected if same else decision.action}
        self.decided.append({**found, "policy": decision.policy, "confidence": decision.confidence})
