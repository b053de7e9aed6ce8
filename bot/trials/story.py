"""Plays one test story on the real parts: understanding, tracker, policies, forms and actions.

As in ``rasa test --e2e`` the story is followed step by step: what is understood and what is
decided is compared with what it says, and where it says what became of slots and forms, that
holds from there on. Unlike there, actions really run where an action server does.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.deeds import EXTRACT
from bot.events import Event, new_id
from bot.policy import LISTEN, SESSION, Decision, decide
from bot.record.record import Taker
from bot.tracker import Tracker
from bot.trials.comparing import (
    in_words,
    same_action,
    same_entities,
    says_loop,
    unmarked,
    words_of,
)
from bot.trials.files import TestStep, TestStory
from bot.trials.outcome import Failure, Outcome
from bot.trials.passing import passed_over
from bot.trials.stage import Stage, patient
from bot.work import Work
from intents.assistant import ANY, BUILT_IN_INTENTS
from intents.dialogue.slot_features import feature_of
from intents.validate import known_action


async def play(stage: Stage, story: TestStory) -> Outcome:
    """Play a story; its failures are in the outcome, whatever happens."""
    began = time.perf_counter()
    outcome = Outcome(story)
    player = await Player.begin(stage, outcome)
    try:
        if story.told:
            await player.follow(story.steps)
        else:
            await player.converse(story.steps)
    except Exception as error:  # a story that breaks the bot has failed; the others are played
        outcome.failures.append(
            Failure(story.file, story.line, "a story that can be played", repr(error)[:200])
        )
    outcome.seconds = time.perf_counter() - began
    return outcome


class Player:
    """One conversation on the stage."""

    def __init__(self, stage: Stage, work: Work, outcome: Outcome) -> None:
        self._stage = stage
        self._work = work
        self._outcome = outcome
        self._story = outcome.story
        self._said: list[Event] = []
        self._done: list[str] = []
        self._seq = 0
        self._shortened = False
        self._untold = False

    @classmethod
    async def begin(cls, stage: Stage, outcome: Outcome) -> Player:
        """Open a conversation and begin its session."""
        record, live = stage.service.record, stage.live
        language = live.assistant.settings.default_language
        stage.clear()
        conversation = record.create_conversation(
            channel="rest", language=language, visitor=new_id(), customer_id=outcome.story.customer
        )
        accepted = record.accept(conversation.id, "test", {"text": "test", "channel": "rest"})
        taken = record.take(str(accepted.turn), Taker("test", 3600.0, None, 0))
        assert taken is not None
        tracker = Tracker.fresh(conversation.id, live.initial_slots, language)
        work = Work(patient(taken), live, tracker, time.perf_counter())
        player = cls(stage, work, outcome)
        if stage.actions is not None or SESSION not in live.assistant.actions:
            await stage.service.turns.deeds.begin_session(work, expired=False)
        else:
            outcome.not_run[SESSION] += 1
            work.apply(Event("session_started"))
        for name, value in outcome.story.slots.items():
            work.apply(Event("slot", {"name": name, "value": value}))
        player._look(outcome.story.line, "action_session_start")
        return player

    # -- a story that names every action ------------------------------------------------------

    async def follow(self, steps: Sequence[TestStep]) -> None:
        """Follow a story that names every action."""
        last = steps[-1].line if steps else self._story.line
        for at, step in enumerate(steps):
            if step.kind == "user":
                await self._wait(step.line)
                await self._hear(step)
            elif step.kind == "action":
                before = self._work.tracker.active_loop
                await self._act(step)
                if self._work.tracker.active_loop != before:
                    self._untold = not says_loop(steps[at + 1 :])
            elif step.kind == "bot":
                await self._words(step)
            elif step.kind == "loop":
                self._loop(step)
            else:
                self._slots(step)
        await self._wait(last)

    async def _wait(self, line: int) -> None:
        """The bot is to listen now."""
        decision = self._as_told(decide(self._work.tracker, self._stage.live.dialogue), LISTEN)
        if self._work.tracker.trail:
            self._compared(line, LISTEN, decision)

    async def _hear(self, step: TestStep) -> None:
        message, work = self._message(step), self._work
        understood = await self._stage.service.understander.understand(
            message, work.conversation, work.tracker, self._stage.live, work.claim.turn
        )
        work.understood = replace(understood, vectors=())
        for event in understood.events:
            if event.kind == "understood":
                event.data["parse"].pop("segments", None)
                self._understood(step, event.data["parse"])
            work.apply(event)
        await self._stage.service.turns.deeds.fill_slots(work)
        self._look(step.line, EXTRACT)

    def _message(self, step: TestStep) -> Event:
        """What the customer writes, as the message of the turn at hand."""
        self._said, self._done = [], []
        self._seq += 2
        text = step.value if step.value is not None else f"/{step.intent}"
        message = Event("user", {"text": text, "channel": "rest"}, seq=self._seq)
        if text.startswith("/"):  # Rasa's tests may say an intent instead of words
            message.data["payload"] = text
        taken = patient(self._work.taken)
        claim = replace(taken.claim, seq=self._seq)
        self._work.taken = replace(taken, claim=claim, message=message)
        return message

    def _understood(self, step: TestStep, parse: dict[str, Any]) -> None:
        """Compare what was understood; the story's word holds from here on."""
        if step.intent is None:
            return
        name, full = str(parse["intent"].get("name")), step.intent
        said = str(parse["intent"].get("full_retrieval_intent_name") or name)
        if full not in (name, said):
            found = f"{said} ({float(parse['intent'].get('confidence', 0.0)):.2f})"
            declared = {*self._stage.live.assistant.intents, *BUILT_IN_INTENTS}
            known = full.split("/")[0] in declared
            why = repr(parse["text"])[:120] + ("" if known else "; the domain has no such intent")
            self._add(step.line, f"intent {full}", found, why)
            parse["intent"] = {"name": full.split("/")[0], "confidence": 1.0}
            if "/" in full:
                parse["intent"]["full_retrieval_intent_name"] = full
        parse["decision"], parse["options"] = "accept", []
        if full == "nlu_fallback":
            parse["decision"] = "reject"
        if step.entities is None:
            return
        wanted = [dict(entity) for entity in step.entities]
        assistant = self._stage.live.assistant
        if step.value is None:
            parse["entities"] = wanted
            return
        read, beyond = unmarked(parse["entities"], wanted, assistant.pipeline.dimensions)
        if not same_entities(read, wanted, assistant.synonyms):
            told = f"entities {in_words(wanted, step.value)}"
            self._add(step.line, told, in_words(read, step.value), repr(step.value)[:120])
            named = [{"value": entity["entity"], **entity} for entity in wanted]
            parse["entities"] = [*named, *beyond]

    async def _act(self, step: TestStep) -> None:
        """Compare the next action with the story's, and do the story's."""
        expected = str(step.value)
        decision = self._as_told(await self._decided(expected), expected)
        self._outcome.actions += 1
        if not self._compared(step.line, expected, decision):
            decision = Decision(expected, "story", "the story says so")
        if expected == LISTEN:
            return
        await self._do(replace(decision, action=expected.split("/")[0]), step)

    def _as_told(self, decision: Decision, expected: str) -> Decision:
        """What is decided without what the story passes over, where that is what it expects."""
        work, name = self._work, self._full_name()
        if same_action(decision.action, expected, name):
            return decision
        for left, note, stays in passed_over(work.tracker, decision, expected, untold=self._untold):
            told = decide(left, self._stage.live.dialogue)
            if same_action(told.action, expected, name):
                self._note(note)
                work.tracker = left if stays else work.tracker
                return told
        return decision

    async def _decided(self, expected: str) -> Decision:
        """The bot's decision; a form that the story passes over is let decline first."""
        work, dialogue = self._work, self._stage.live.dialogue
        decision = decide(work.tracker, dialogue)
        form, kept = work.tracker.active_loop, work.tracker.copy()
        if decision.action != form or form is None or expected == form:
            return decision
        if self._stage.actions is not None:
            await self._stage.service.turns.deeds.do(decision, work)
            if work.tracker.loop_rejected:
                return decide(work.tracker, dialogue)
            self._note(f"{form} would have taken the message for an answer")
        else:
            self._outcome.not_run[form] += 1
        work.tracker = kept
        work.apply(Event("action_execution_rejected", {"name": form}))
        return decide(work.tracker, dialogue)

    async def _do(self, decision: Decision, step: TestStep) -> None:
        work = self._work
        before = len(work.new)
        named = decision.action
        custom = named in self._stage.live.assistant.actions and not named.startswith("utter_")
        form = named in self._stage.live.assistant.forms
        if self._stage.actions is None and (custom or form):
            self._pretend(decision, form=form)
        else:
            kept = work.tracker.copy()
            await self._stage.service.turns.deeds.do(decision, work)
            if form and work.tracker.loop_rejected:
                bare = "payload" in work.taken.message.data
                what = "takes what the story gives no words of" if bare else "would decline this"
                self._note(f"line {step.line}: {named} {what}")
                work.tracker = kept
                self._pretend(decision, form=True)
        self._done.append(named)
        self._said += [event for event in work.new[before:] if event.kind == "bot"]
        self._look(step.line, named)

    def _pretend(self, decision: Decision, *, form: bool) -> None:
        """Let an action be done that does not run here."""
        name = decision.action
        self._outcome.not_run[name] += 1
        data = {"name": name, "policy": decision.policy, "hidden": decision.hidden}
        self._work.apply(Event("action", data))
        if form and self._work.tracker.active_loop != name:
            self._work.apply(Event("active_loop", {"name": name}))

    def _look(self, line: int, action: str) -> None:
        """Report what failed while an action ran; without a server, that of slots says nothing.

        Where the story has left out a form's answers, its actions cannot be expected to run.
        """
        without = self._stage.actions is None and action == EXTRACT
        for failure in () if without else self._work.failures:
            if self._shortened:
                self._note(f"line {line}: {failure}; the story leaves out the form's answers")
            else:
                self._add(line, f"{action} to run", failure)
            self._work.tracker.followup = None
        self._work.failures.clear()
        if self._work.unsaid:
            self._note(f"line {line}: {action} has no words that can be filled here")
            self._work.unsaid = False

    def _loop(self, step: TestStep) -> None:
        tracker = self._work.tracker
        if tracker.active_loop == step.value:
            return
        if step.value is None and tracker.requested_slot and self._stage.actions is not None:
            self._note(f"line {step.line}: {tracker.active_loop} still asks for "
                       f"{tracker.requested_slot}; the story ends it")  # fmt: skip
            self._shortened = True
        self._work.apply(Event("active_loop", {"name": step.value}))

    def _slots(self, step: TestStep) -> None:
        for name, value in step.value:
            present = self._work.tracker.slots.get(name)
            if step.kind == "unset":
                if present is not None:
                    self._add(step.line, f"slot {name} not set", repr(present))
                continue
            if value is ANY:
                value = present if present is not None else True
            if present == value or str(present) == str(value):
                continue
            self._compare_slot(step.line, name, value, present)
            self._work.apply(Event("slot", {"name": name, "value": value}))

    def _compare_slot(self, line: int, name: str, value: Any, present: Any) -> None:
        slot = self._stage.live.assistant.slots.get(name)
        if slot is None or self._stage.actions is None or not slot.influence_conversation:
            return
        if feature_of(slot, value) != feature_of(slot, present):
            self._note(f"line {line}: {name} is {present!r}; the story says {value!r}")

    async def _words(self, step: TestStep) -> None:
        """Words that the bot has just said, or that a story quotes it to say next."""
        said = [str(event.data.get("text", "")).strip() for event in self._said]
        action = self._stage.live.dialogue.uttered.get(str(step.value).strip())
        if step.value in said:
            return
        if action is not None:
            await self._act(replace(step, kind="action", value=action))
        else:
            self._add(step.line, f"the words {step.value!r}", repr(said)[:200])

    # -- a conversation of which the story names what matters -----------------------------------

    async def converse(self, steps: Sequence[TestStep]) -> None:
        """Answer each message in full, and look for what is expected in the answer."""
        for step in steps:
            if step.kind == "user":
                await self._answer(step)
            elif step.kind == "action":
                done = [*self._done, *(str(said.data.get("template")) for said in self._said)]
                self._among(step, done)
            elif step.kind == "bot":
                texts = [text for said in self._said for text in words_of(said)]
                self._among(step, texts, within=True)
            elif step.kind == "loop":
                self._among(step, [str(self._work.tracker.active_loop)])
            else:
                self._check_slots(step)

    def _among(self, step: TestStep, found: Sequence[str], *, within: bool = False) -> None:
        """Check that one of the step's values was ``found``, or none where it is negated.

        :param within: a value may be a part of what was found.
        """
        values = [str(v) for v in (step.value if isinstance(step.value, tuple) else [step.value])]
        held = any(v == one or (within and v in one) for v in values for one in found)
        if held != step.negated:
            return
        wanted = " or ".join(repr(value) for value in values)
        wanted = f"not {wanted}" if step.negated else wanted
        parse = self._work.tracker.message.parse
        intent = f"understood as {(parse.get('intent') or {}).get('name')}"
        self._add(step.line, f"{step.kind} {wanted}", repr(list(found))[:600], intent)

    async def _answer(self, step: TestStep) -> None:
        """Answer a message as the service does: its requests one after the other."""
        work = self._work
        before = len(work.new)
        self._message(step)
        await self._stage.service.turns.answer(work)
        new = work.new[before:]
        self._done = [str(event.data["name"]) for event in new if event.kind == "action"]
        self._outcome.actions += len(self._done)
        self._said = [event for event in new if event.kind == "bot"]
        for event in new:
            if event.kind == "understood":
                self._understood(step, event.data["parse"])
        self._look(step.line, "the turn")

    def _check_slots(self, step: TestStep) -> None:
        for name, value in step.value:
            present = self._work.tracker.slots.get(name)
            if step.kind == "unset":
                if present is not None and (value is ANY or present == value):
                    self._add(step.line, f"slot {name} not set", repr(present))
            elif present is None or (value is not ANY and str(present) != str(value)):
                wanted = "a value" if value is ANY else repr(value)
                self._add(step.line, f"slot {name} with {wanted}", repr(present))

    # -- helpers --------------------------------------------------------------------------------

    def _full_name(self) -> str:
        intent = self._work.tracker.message.parse.get("intent") or {}
        return f"utter_{intent.get('full_retrieval_intent_name')}"

    def _compared(self, line: int, expected: str, decision: Decision) -> bool:
        """Whether what is decided is what is expected; a failure where it is not."""
        same = same_action(decision.action, expected, self._full_name())
        self._outcome.judge(expected, decision, same=same)
        if same:
            return True
        others = "; ".join(decision.others)
        why = f"{decision.policy}: {decision.reason}" + (f"; {others}" if others else "")
        if not self._declared(expected):
            why += "; the domain has no such action"
        self._add(line, f"action {expected}", decision.action, why)
        return False

    def _declared(self, action: str) -> bool:
        live = self._stage.live
        known = known_action(live.assistant, action) or action in live.dialogue.uttered
        return known or action.split("/")[0] in live.assistant.responses

    def _add(self, line: int, expected: str, found: str, why: str = "") -> None:
        self._outcome.failures.append(Failure(self._story.file, line, expected, found, why))

    def _note(self, text: str) -> None:
        if text not in self._outcome.notes:
            self._outcome.notes.append(text)
