"""What a test story passes over, since Rasa's own test runs no actions and no forms.

There no action asks for the next one, a form that the story never calls active is not, and the
active form is taken to have declined wherever the story goes on with something else.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.events import Event
from bot.policy import LISTEN, Decision
from bot.tracker import Tracker


def passed_over(
    tracker: Tracker, decision: Decision, expected: str, *, untold: bool
) -> Iterator[tuple[Tracker, str, bool]]:
    """The conversations as Rasa's test has them, with what to note, and whether it stays so.

    :param expected: the action that the story names next.
    :param untold: the story never says whether the active form is active.
    """
    form = tracker.active_loop
    if tracker.followup is not None:
        left = tracker.copy()
        left.followup = None
        yield left, f"an action asks for {tracker.followup} next; the story passes over it", True
    if untold and form is not None:
        left = tracker.copy()
        left.apply(Event("active_loop", {"name": None}))
        yield left, f"{form} is still active; the story never says that it is", True
    if expected == LISTEN and form is not None and decision.action == form:
        left = tracker.copy()
        left.apply(Event("action_execution_rejected", {"name": form}))
        yield left, f"{form} would go on; the story does not say so", False
