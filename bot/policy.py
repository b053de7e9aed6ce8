"""What happens next in a conversation: one deterministic decision at a time.

The first of these that has something to say decides, and says why:

1. a follow-up that an action asked for
2. the active form, unless it has just declined the message
3. the customer's mood: upset about the same thing again, or pressed and not understood
4. the knowledge graph, where it has the answer to a question
5. a rule whose steps match what has happened since the message
6. clarification, where two or three intents are close together
7. the fallback, where nothing was understood
8. retrieval: the answer templates of the intent
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.temper import needs_person
from bot.tracker import Tracker
from intents.assistant import ANY, Assistant, Rule, Step

LISTEN = "action_listen"
CLARIFY = "action_clarify"
FALLBACK = "action_default_fallback"
RETRIEVE = "action_retrieve_answer"
KNOWLEDGE = "action_answer_from_graph"
HANDOFF = "action_handoff"
ABANDON = "action_abandon_form"

SCREEN = "action_screen"
LEAVING = frozenset({"deny", "stop"})
"""Intents that leave a form which cannot use them as an answer (Rasa's customary names)."""

MAX_ASKED = 2
"""How often a form asks the same question before it lets go and offers a person."""


@dataclass(frozen=True)
class Decision:
    """The next action, the policy that chose it, and its reason in one sentence."""

    action: str
    policy: str
    reason: str


def decide(tracker: Tracker, assistant: Assistant) -> Decision:
    """Return what happens next."""
    if tracker.followup:
        return Decision(tracker.followup, "followup", "an action asked for it")
    if not tracker.trail:
        return Decision(LISTEN, "rule", "the conversation has begun anew")
    return (
        _screened(tracker)
        or _form(tracker, assistant)
        or _mood(tracker)
        or _knowledge(tracker)
        or _rule_or_back(tracker, assistant)
        or _return_to_form(tracker)
        or _answered(tracker)
        or _clarify(tracker)
        or _fallback(tracker)
        or Decision(
            RETRIEVE,
            "retrieval",
            f"no rule for intent {tracker.message.intent}: an answer is retrieved",
        )
    )


def _form(tracker: Tracker, assistant: Assistant) -> Decision | None:
    form = tracker.active_loop
    if form is None or len(tracker.trail) != 1:
        return None
    if form not in assistant.forms:
        return Decision("action_deactivate_loop", "form", f"{form} is no longer in the assistant")
    if tracker.sets_form_aside(assistant.forms[form].ignored_intents):
        return None
    return Decision(form, "form", f"{form} is waiting for {tracker.requested_slot}")


def _screened(tracker: Tracker) -> Decision | None:
    """Nothing that could be understood, and no form that might know better."""
    if tracker.message.decision != "screened" or tracker.active_loop or len(tracker.trail) > 1:
        return None
    return Decision(SCREEN, "screen", f"the message is {tracker.message.parse.get('screen')}")


def _mood(tracker: Tracker) -> Decision | None:
    if len(tracker.trail) > 1:
        return None
    found = needs_person(tracker)
    return Decision(HANDOFF, found[0], found[1]) if found else None


def _knowledge(tracker: Tracker) -> Decision | None:
    """The graph's answer, found when the message was read; an active form comes first."""
    answer = tracker.message.parse.get("knowledge", {}).get("answer")
    if answer is None or any(kind == "action" for kind, _ in tracker.trail):
        return None
    return Decision(KNOWLEDGE, "knowledge", f"the graph knows: {answer['reason']}")


def _return_to_form(tracker: Tracker) -> Decision | None:
    """After a digression inside a form its question is asked again, but not for ever."""
    form = tracker.active_loop
    if form is None or tracker.trail[-1:] == [("action", form)]:
        return None
    rejected = ("rejected", form) in tracker.trail
    if not rejected or tracker.trail[-1] != ("rejected", form):
        if not rejected:
            return None
        return Decision(form, "form", f"back to {form} after a digression")
    if tracker.message.intent in LEAVING:
        return Decision(ABANDON, "form", f"the customer said no to {form}")
    if tracker.asked[1] >= MAX_ASKED and tracker.message.decision != "accept":
        return Decision(
            ABANDON, "form", f"{tracker.requested_slot} was asked for {tracker.asked[1]} times"
        )
    if tracker.message.decision != "accept":
        return Decision(form, "form", f"the message did not answer {tracker.requested_slot}")
    return None


def _answered(tracker: Tracker) -> Decision | None:
    done = [name for kind, name in tracker.trail if kind == "action"]
    if not done:
        return None
    return Decision(LISTEN, "rule", f"{done[-1]} was the last step")


def _clarify(tracker: Tracker) -> Decision | None:
    if tracker.message.decision != "clarify":
        return None
    options = tracker.message.parse.get("options", [])
    return Decision(CLARIFY, "clarify", "close together: " + ", ".join(options))


def _fallback(tracker: Tracker) -> Decision | None:
    if tracker.message.decision != "reject":
        return None
    score = tracker.message.parse.get("out_of_scope", 0.0)
    return Decision(FALLBACK, "fallback", f"not understood (out-of-scope score {score:.2f})")


# -- rules --------------------------------------------------------------------------------


def _rule_or_back(tracker: Tracker, assistant: Assistant) -> Decision | None:
    """A rule; one that was a digression from a form leads back to the form when it is complete."""
    decision = _rule(tracker, assistant)
    if decision is not None and decision.action == LISTEN:
        return _return_to_form(tracker) or decision
    return decision


def _rule(tracker: Tracker, assistant: Assistant) -> Decision | None:
    begun = any(kind == "action" for kind, _ in tracker.trail)
    if tracker.message.decision in ("clarify", "screened") and not begun:
        return None
    best: tuple[int, Rule, Step | None] | None = None
    for rule in assistant.rules:
        found = match(rule, tracker)
        if found is None:
            continue
        length, following = found
        if following is None and not rule.wait_for_user_input:
            continue  # complete, but it leaves the next step to others
        if best is None or _weight(length, rule) > _weight(best[0], best[1]):
            best = (length, rule, following)
    if best is None:
        return None
    _, rule, following = best
    if following is None:
        return Decision(LISTEN, "rule", f"rule “{rule.name}” is complete")
    return Decision(str(following.value), "rule", f"rule “{rule.name}”")


def _weight(length: int, rule: Rule) -> tuple[int, int, bool]:
    """Among rules that fit: how much has happened of them, then how narrow they are."""
    return length, len(rule.condition), rule.conversation_start


def match(rule: Rule, tracker: Tracker) -> tuple[int, Step | None] | None:
    """Align a rule with the end of the trail.

    Returns how many steps have happened and the action that follows (None when the rule is
    complete), or None when the rule does not apply here. A rule with ``conversation_start``
    applies to the first message of a session alone.
    """
    if not rule.steps or (rule.conversation_start and tracker.heard > 1):
        return None
    trail = [item for item in tracker.trail if item[0] != "rejected"]
    for start in range(len(trail)):
        done = _aligned(rule.steps, trail[start:], tracker)
        if done is None or not _starts(rule, trail[start], tracker, start):
            continue
        following = _next_action(rule.steps[done:], tracker)
        if following is not None or _complete(rule.steps[done:]):
            return len(trail) - start, following
    return None


def _starts(rule: Rule, item: tuple[str, str | None], tracker: Tracker, start: int) -> bool:
    """A rule begins with a message, or with the form that its condition says is active."""
    for step in rule.condition:
        if step.kind == "slot_was_set" and not _slots_hold(step, tracker):
            return False
        if step.kind == "active_loop" and not _loop_was(step.value, tracker, start):
            return False
    return item[0] == "intent" or any(step.kind == "active_loop" for step in rule.condition)


def _loop_was(name: str | None, tracker: Tracker, start: int) -> bool:
    """The active loop at ``start`` of the trail: undo what the trail did since."""
    trail = [item for item in tracker.trail if item[0] != "rejected"]
    later = [value for kind, value in trail[start:] if kind == "active_loop"]
    if not later:
        return tracker.active_loop == name
    if later[0] is None:
        return name is not None and ("action", name) in trail[start:]
    return name is None


def _aligned(
    steps: Sequence[Step], trail: Sequence[tuple[str, str | None]], tracker: Tracker
) -> int | None:
    """Return how many steps the trail has gone through, or None if it left them."""
    position = 0
    for kind, name in trail:
        while position < len(steps) and steps[position].kind == "slot_was_set":
            if not _slots_hold(steps[position], tracker):
                return None
            position += 1
        if position >= len(steps) or not _fits(steps[position], kind, name, tracker):
            return None
        position += 1
    return position


def _fits(step: Step, kind: str, name: str | None, tracker: Tracker) -> bool:
    if step.kind == "or":
        return any(_fits(choice, kind, name, tracker) for choice in step.value)
    if step.kind == "intent":
        return kind == "intent" and step.value == name and _has_entities(step, tracker)
    return step.kind == kind and step.value == name


def _has_entities(step: Step, tracker: Tracker) -> bool:
    found = tracker.message.parse.get("entities", [])
    return all(
        any(
            item["entity"] == name and (value is None or value == item.get("value"))
            for item in found
        )
        for wanted in step.entities
        for name, value in _entity_items(wanted)
    )


def _entity_items(wanted: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(wanted, str):
        return [(wanted, None)]
    return [(name, value) for name, value in wanted.items() if name not in ("role", "group")]


def _slots_hold(step: Step, tracker: Tracker) -> bool:
    for name, wanted in step.value:
        value = tracker.slots.get(name)
        if wanted is ANY:
            if value is None:
                return False
        elif value != wanted:
            return False
    return True


def _next_action(steps: Sequence[Step], tracker: Tracker) -> Step | None:
    for step in steps:
        if step.kind == "slot_was_set":
            if not _slots_hold(step, tracker):
                return None
            continue
        return step if step.kind == "action" else None
    return None


def _complete(steps: Sequence[Step]) -> bool:
    return all(step.kind == "slot_was_set" for step in steps)
