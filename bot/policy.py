"""What happens next in a conversation: one deterministic decision at a time.

The first of these that has something to say decides, and says why:

1. a follow-up that an action asked for
2. "restart" and "back", which mean the same in every assistant, and messages about the conversation
   itself ("why do you need that?", "one moment", "say that again")
3. the active form, unless it has just declined the message
4. a correction of what the last form was about ("no, the other one")
5. the customer's mood: upset about the same thing again, or pressed and not understood
6. the knowledge graph, where it has the answer to a question
7. what was written: a rule, else a story followed to the letter, else what was learned from
   stories, if it is surer (``intents.dialogue.policy``)
8. clarification, where two or three intents are close together
9. the fallback, where nothing was understood
10. retrieval: the answer templates of the intent

An assistant with a ``config.yml`` is a Rasa project and is read as Rasa reads it: moods and
retrieval keep out of it, a form that has declined a message waits until a rule or story returns
to it, and where nothing else is sure its core fallback speaks.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.bare_values import UNASKED
from bot.ellipsis import gives_only
from bot.evidence import CLEAR, form_of
from bot.phrases.asking import asks
from bot.phrases.changing import bare_other, leaves, mistaken, only_mistaken, other_one, takes_back
from bot.repairs import EXPLAIN, NO_HURRY, STUCK, WHAT_NEXT
from bot.temper import GREETING, needs_person
from bot.tracker import ABANDON, HANDOFF, Tracker
from bot.waiting import NOTED
from intents.dialogue.policy import Dialogue, Prediction
from intents.requests.segments import SOCIAL

LISTEN = "action_listen"
RESTART = "action_restart"
BACK = "action_back"
SESSION = "action_session_start"
CLARIFY = "action_clarify"
FALLBACK = "action_default_fallback"
RETRIEVE = "action_retrieve_answer"
KNOWLEDGE = "action_answer_from_graph"
REPEAT = "action_repeat_bot_messages"
"""Rasa Pro's name for saying once more what was said last."""
KEEP_CONTACT = "action_keep_contact"
STILL_CLOSED = "utter_handoff_still_closed"
"""Response to who calls again for a person while nobody is at the desk."""
NOT_ENOUGH = "utter_not_enough"
"""Response after an answer that the customer has had already; it offers a person."""
MORE_TOLD = "utter_more_told"
"""Response to who tells more about what was just answered, and asks nothing; it offers a person."""

SCREEN = "action_screen"
TWO_STAGES = "action_two_stage_fallback"
LEAVING = frozenset({"deny", "stop"})
"""Intents that leave a form which cannot use them as an answer (Rasa's customary names)."""

UNPRESSED = frozenset({"abuse", "goodbye", "thanks"})
"""Intents after which a form does not repeat its question at once; it waits."""

MAX_ASKED = 2
"""How often a form asks the same question before it lets go and offers a person."""


BY_INTENT = {"restart": RESTART, "back": BACK, "session_start": SESSION}
"""What some intents mean in every assistant."""


REPAIRS = {
    "contact": (KEEP_CONTACT, "the customer says how to be reached"),
    "explain": (f"{EXPLAIN}{{slot}}", "asks about the question for {slot}"),
    "lacks": (ABANDON, "the customer does not have {slot}"),
    "next": (WHAT_NEXT, "the answer before does not help the customer on"),
    "noted": (NOTED, "for the person who was asked for"),
    "pause": (NO_HURRY, "the customer needs a moment"),
    "waits": (HANDOFF, "asks what becomes of it, and nobody has come yet"),
    "unasked": (UNASKED, "gives a number that nothing asks for"),
    "repeat": (REPEAT, "the customer wants to hear it again"),
}
"""Action and reason for a message about the conversation itself (``bot.repairs``)."""


@dataclass(frozen=True)
class Decision:
    """The next action, the policy that chose it, and its reason in one sentence.

    ``others`` is what the other policies said; ``hidden`` and ``interrupted`` see
    :class:`intents.dialogue.policy.Prediction`.
    """

    action: str
    policy: str
    reason: str
    confidence: float = 1.0
    others: tuple[str, ...] = ()
    hidden: bool = False
    interrupted: bool = False


def decide(tracker: Tracker, dialogue: Dialogue) -> Decision:
    """Return what happens next."""
    if tracker.followup:
        return Decision(tracker.followup, "followup", "an action asked for it")
    if not tracker.trail:
        return Decision(LISTEN, "rule", "the conversation has begun anew")
    decision = _next(tracker, dialogue)
    if decision.action != LISTEN or tracker.active_loop or tracker.waiting_for_person:
        return decision
    return _resumed(tracker, dialogue) or _not_enough(tracker, dialogue) or decision


def _next(tracker: Tracker, dialogue: Dialogue) -> Decision:
    return (
        _by_intent(tracker)
        or _screened(tracker)
        or _repaired(tracker)
        or _form(tracker, dialogue)
        or _corrected(tracker, dialogue)
        or _mood(tracker, dialogue)
        or _knowledge(tracker)
        or _told(tracker, dialogue)
        or _return_to_form(tracker, dialogue)
        or _answered(tracker)
        or _clarify(tracker)
        or _fallback(tracker, dialogue)
        or _more_told(tracker, dialogue)
        or Decision(
            RETRIEVE,
            "retrieval",
            f"no rule for intent {tracker.message.intent}: an answer is retrieved",
        )
    )


def _begun(tracker: Tracker) -> bool:
    return any(kind == "action" for kind, _ in tracker.trail)


def _by_intent(tracker: Tracker) -> Decision | None:
    action = BY_INTENT.get(tracker.message.intent or "")
    if action is None or len(tracker.trail) != 1 or tracker.message.decision != "accept":
        return None
    return Decision(action, "rule", f"{tracker.message.intent} means this in every assistant")


def _repaired(tracker: Tracker) -> Decision | None:
    """An answer to a message about the conversation itself (``bot.repairs``)."""
    repair = tracker.message.parse.get("repair")
    if repair is None or len(tracker.trail) != 1:
        return None
    action, reason = REPAIRS[repair]
    slot = tracker.requested_slot
    return Decision(action.format(slot=slot), "repair", reason.format(slot=slot))


def _form(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    form = tracker.active_loop
    if form is None:
        return None
    forms = dialogue.assistant.forms
    done = [name for kind, name in tracker.trail if kind == "action"]
    if done and done[-1] == form and not tracker.loop_rejected:
        return Decision(LISTEN, "form", f"{form} has asked for {tracker.requested_slot}")
    if len(tracker.trail) != 1:
        return None
    if form not in forms and form != TWO_STAGES:
        return Decision("action_deactivate_loop", "form", f"{form} is no longer in the assistant")
    if tracker.loop_rejected and dialogue.assistant.rasa is not None:
        return None
    if _lets_go(tracker, dialogue):
        return Decision(ABANDON, "form", f"the customer lets go of {form}")
    if form in forms and tracker.message.is_aside(forms[form].ignored_intents):
        return None
    return Decision(form, "form", f"{form} is waiting for {tracker.requested_slot}")


def _lets_go(tracker: Tracker, dialogue: Dialogue) -> bool:
    """Whether the form is called off; where a yes or no is awaited that is a no, not a way out."""
    slot = dialogue.assistant.slots.get(tracker.requested_slot or "")
    asks_yes = slot is not None and slot.type == "bool"
    return dialogue.assistant.rasa is None and not asks_yes and leaves(tracker.message.text)


def _corrected(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    """The last form once more, for what the customer meant instead.

    That is a message without a request of its own which gives one of the form's values anew, says
    that another one is meant or that something was wrong, or wants what was just done undone.
    """
    message, form = tracker.message, tracker.lately.latest_form
    done = dialogue.assistant.forms.get(form or "")
    if dialogue.assistant.rasa is not None or tracker.active_loop or len(tracker.trail) != 1:
        return None
    if form is None or done is None or tracker.waiting_for_person:
        return None
    if tracker.lately.just_ended and takes_back(message.text):
        return Decision(form, "correction", f"{form} again: it is to be taken back")
    other = other_one(message.text)
    named = tracker.lately.just_ended and gives_only(
        message.parse.get("text", ""), message.parse.get("entities", [])
    )
    leaving = SOCIAL if other else LEAVING
    asks = message.decision == "accept" and message.intent not in leaving
    clear = asks and message.parse["intent"]["confidence"] >= CLEAR
    given = tracker.lately.filled_by_message() & {*done.required_slots}
    clear = clear or bool(message.parse.get("for_one_form"))
    named = named and (bool(given) or not clear)
    slip = tracker.lately.just_ended and only_mistaken(message.text)
    if asks and not named and not bare_other(message.text) and not slip:
        return None
    wrong = slip or (tracker.lately.just_ended and mistaken(message.text))
    if not given and not wrong and not other and not named:
        return None
    what = ", ".join(sorted(given)) or "another one"
    return Decision(form, "correction", f"{form} again: the customer meant {what}")


def _screened(tracker: Tracker) -> Decision | None:
    """Nothing that could be understood, and no form that might know better."""
    if tracker.message.decision != "screened" or tracker.active_loop or len(tracker.trail) > 1:
        return None
    return Decision(SCREEN, "screen", f"the message is {tracker.message.parse.get('screen')}")


def _mood(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    if len(tracker.trail) > 1 or dialogue.assistant.rasa is not None:
        return None
    if tracker.waiting_for_person and _calls(tracker, dialogue):
        return Decision(HANDOFF, "repair", "calls for the person who was asked for")
    found = needs_person(tracker)
    return Decision(HANDOFF, found[0], found[1]) if found else None


def _calls(tracker: Tracker, dialogue: Dialogue) -> bool:
    """Whether a customer who can be reached nowhere else says hello once more."""
    if tracker.reachable or STILL_CLOSED not in dialogue.assistant.responses:
        return False
    return tracker.message.intent == GREETING and tracker.message.decision == "accept"


def _knowledge(tracker: Tracker) -> Decision | None:
    """The graph's answer, found when the message was read; an active form comes first."""
    answer = tracker.message.parse.get("knowledge", {}).get("answer")
    if answer is None or _begun(tracker):
        return None
    return Decision(KNOWLEDGE, "knowledge", f"the graph knows: {answer['reason']}")


def _told(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    """What rules and stories say."""
    unclear = tracker.message.decision != "accept"
    begun = _begun(tracker)
    if tracker.message.decision in ("clarify", "screened") and not begun:
        return None
    kind, name = tracker.trail[-1]
    if name == KNOWLEDGE:
        return None  # no rule or story knows of it
    said = dialogue.predictions(
        tracker.history, tracker.slots, name if kind == "rejected" else None
    )
    if unclear and not begun:
        said = [one for one in said if one.policy != "learned"]
    if not said:
        return None
    first, *others = said
    return Decision(
        first.action,
        first.policy,
        first.reason,
        first.confidence,
        tuple(_in_short(one) for one in others),
        first.hidden,
        any(one.interrupted for one in said),
    )


def _in_short(said: Prediction) -> str:
    return f"{said.policy}: {said.action} ({said.confidence:.2f})"


def _return_to_form(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    """After a digression inside a form its question is asked again, but not for ever."""
    form = tracker.active_loop
    rejected = ("rejected", form) in tracker.trail
    if form is None or tracker.trail[-1] == ("action", form):
        return None
    if not rejected and not _set_aside(form, tracker, dialogue):
        return None
    if tracker.trail[-1] != ("rejected", form):
        return Decision(form, "form", f"back to {form} after a digression")
    if dialogue.assistant.rasa is not None:
        return None
    if tracker.message.intent in LEAVING or _calls_off(form, tracker, dialogue):
        return Decision(ABANDON, "form", f"the customer said no to {form}")
    wanted = form_of(str(tracker.message.intent), dialogue.assistant) == form
    if tracker.asked[1] >= MAX_ASKED and (wanted or tracker.message.decision != "accept"):
        return Decision(
            ABANDON, "form", f"{tracker.requested_slot} was asked for {tracker.asked[1]} times"
        )
    if wanted:
        return Decision(form, "form", f"{form} is what the customer wants already")
    if tracker.message.decision != "accept":
        return Decision(form, "form", f"the message did not answer {tracker.requested_slot}")
    return None


def _calls_off(form: str, tracker: Tracker, dialogue: Dialogue) -> bool:
    """Whether the message withdraws what the form is for: ``I'll keep them`` within a return."""
    if tracker.message.decision != "accept":
        return False
    known = dialogue.assistant.settings.intents.get(str(tracker.message.intent))
    called_off = known.calls_off if known is not None else ()
    return any(form_of(intent, dialogue.assistant) == form for intent in called_off)


def _set_aside(form: str, tracker: Tracker, dialogue: Dialogue) -> bool:
    """Whether an answer outside the form has been given and the form's question is open still.

    It is asked again once: who goes on about other things has not forgotten it.
    """
    known = dialogue.assistant.forms.get(form)
    if known is None or dialogue.assistant.rasa is not None or not _begun(tracker):
        return False
    if tracker.waiting_for_person or tracker.message.intent in UNPRESSED:
        return False
    if tracker.message.parse.get("repair") == "pause":
        return False
    if tracker.lately.asides(known.ignored_intents) > 1:
        return False
    ran = any(name == form for _, name in tracker.trail)
    return not ran and tracker.message.is_aside(known.ignored_intents)


def _resumed(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    """Back to the form that a question about something else had put aside."""
    form = tracker.suspended.get("form")
    if form not in dialogue.assistant.forms:
        return None
    return Decision(form, "form", f"back to {form}, which was put aside")


def _not_enough(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    """Who goes on about something and gets the same answer again is asked whether it helps."""
    going_on = tracker.message.parse.get("continues", {}).get("intent") == tracker.message.intent
    if not going_on or NOT_ENOUGH not in dialogue.assistant.responses:
        return None
    if tracker.trail[-1][0] != "action" or not tracker.lately.repeats:
        return None
    return Decision(
        NOT_ENOUGH, "retrieval", f"the same was said of {tracker.message.intent} before"
    )


def _more_told(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    """More about what was answered a moment ago: the same answer would be no answer to it."""
    message = tracker.message
    going_on = message.parse.get("continues", {}).get("intent") == message.intent
    if not going_on or MORE_TOLD not in dialogue.assistant.responses or asks(message.text):
        return None
    if gives_only(message.text, message.parse.get("entities", [])):
        return None
    known = dialogue.assistant.settings.intents.get(str(message.intent))
    just = tracker.lately.intent_before == message.intent and tracker.lately.said_last
    if not just or (known is not None and known.repeats):
        return None
    return Decision(MORE_TOLD, "retrieval", f"tells more about {message.intent}, just answered")


def _answered(tracker: Tracker) -> Decision | None:
    done = [name for kind, name in tracker.trail if kind == "action"]
    if not done:
        return None
    return Decision(LISTEN, "rule", f"{done[-1]} was the last step")


def _clarify(tracker: Tracker) -> Decision | None:
    if tracker.message.decision != "clarify":
        return None
    options = tracker.message.parse.get("options", [])
    if STUCK in (event["metadata"]["utter_action"] for event in tracker.lately.said_last):
        return Decision(FALLBACK, "fallback", "more about what could not be answered")
    asking = [name for name in options if name not in SOCIAL]
    if len(asking) < min(2, len(options)):
        return Decision(FALLBACK, "fallback", "close to nothing that asks for anything")
    return Decision(CLARIFY, "clarify", "close together: " + ", ".join(options))


def _fallback(tracker: Tracker, dialogue: Dialogue) -> Decision | None:
    config = dialogue.assistant.rasa
    if config is not None:
        action = config.core_fallback_action if config.falls_back else LISTEN
        return Decision(action, "fallback", f"nothing is written for {tracker.message.intent}")
    if tracker.message.decision != "reject":
        return None
    score = tracker.message.parse.get("out_of_scope", 0.0)
    return Decision(FALLBACK, "fallback", f"not understood (out-of-scope score {score:.2f})")
