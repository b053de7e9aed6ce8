"""The dialogue of an assistant: its rules and stories, learned, and what each says comes next.

Who decides, in Rasa's order: a form that goes on; then whoever is surest, and of equally sure ones
a rule before a story followed to the letter before what was learned from stories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from intents.assistant import Assistant, Place
from intents.dialogue.history import LISTEN, History, State, Vocabulary
from intents.dialogue.learned import TURNS, LearnedPolicy, Told, digest_of
from intents.dialogue.memory import HiddenTurns, Memory
from intents.dialogue.paths import (
    Path,
    Player,
    Point,
    initial_values,
    rule_paths,
    story_paths,
    vocabulary_of,
)
from intents.dialogue.rules import Entry, RuleBook
from intents.dialogue.words import uttered
from intents.pipeline import Pipeline
from models.errors import Problem

LEARNED_BAR = 0.3
"""The probability from which the learned policy is followed where no config.yml says otherwise."""


@dataclass(frozen=True)
class Prediction:
    """An action, who says so (``rule``, ``story`` or ``learned``), how sure, and why."""

    action: str
    policy: str
    confidence: float
    reason: str
    interrupted: bool = False
    hidden: bool = False


@dataclass
class Dialogue:
    """What rules and stories say comes next."""

    assistant: Assistant
    vocabulary: Vocabulary
    rules: RuleBook
    memory: Memory
    hidden: HiddenTurns
    learned: LearnedPolicy | None
    initial: Mapping[str, Any]
    uttered: Mapping[str, str] = field(default_factory=dict)
    """What stories quote the bot to say, with the action that says it."""
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(
        cls, assistant: Assistant, learned: LearnedPolicy | None = None, *, learn: bool = True
    ) -> Dialogue:
        """Learn an assistant's rules and stories.

        :param learned: a policy learned before; it is learned anew if the stories are others.
        :param learn: whether a policy is learned at all.
        """
        problems: list[Problem] = []
        vocabulary = vocabulary_of(assistant)
        initial = initial_values(assistant)
        said = uttered(assistant)
        player = Player(vocabulary, initial, said)
        rules = [(path, player.points(path)) for path in rule_paths(assistant)]
        stories = [(path, player.points(path)) for path in story_paths(assistant, problems)]
        config = assistant.rasa or Pipeline()
        book = RuleBook.of(rules, stories)
        made = cls(
            assistant,
            vocabulary,
            book,
            Memory.of(
                stories if config.remembers else (), config.max_history, augmented=config.augmented
            ),
            _hidden(rules, stories),
            None,
            initial,
            said,
            problems,
        )
        made._compare(stories)
        if config.learns and learn and stories:
            fits = learned is not None and learned.digest == digest_of(stories)
            made.learned = learned if fits else LearnedPolicy.fit(stories)
        return made

    def predictions(
        self, history: History, slots: Mapping[str, Any], rejected: str | None = None
    ) -> list[Prediction]:
        """What each policy says, the one to follow first; ``rejected`` has just declined to run.

        A message that stories quote is looked at as the quotation, and as what it was taken for
        where nothing follows on the quotation (Rasa's end-to-end predictions overrule others).
        """
        quoting = history.quoting()
        policies = self._by_rule, self._by_story
        quoted = [policy(quoting, slots) for policy in policies if quoting is not history]
        taken = [policy(history, slots) for policy in policies]
        if history.last.quotation is not None and any(quoted):
            found = quoted
        else:
            found = [one or other for one, other in zip(taken, quoted or taken, strict=True)]
        found.append(self._by_learning(history, slots, rejected))
        kept = [one for one in found if one is not None and one.action != rejected]
        return sorted(kept, key=lambda one: -one.confidence)

    def _by_rule(self, history: History, slots: Mapping[str, Any]) -> Prediction | None:
        states = history.states(self.vocabulary, slots, self.rules.longest)
        entry = self.rules.find(states)
        loop = states[-1].loop
        interrupted = False
        if loop is not None:
            interrupted, other_follows = self.rules.digression(states)
            general = entry is not None and entry.states[-1].loop is None
            if entry is not None and general and entry.action == LISTEN:
                if not other_follows:
                    reason = f"back to {loop}: {entry.reason}"
                    return Prediction(loop, "rule", 1.0, reason)
                return None
        if entry is None:
            return None
        hidden = entry.states in self.rules.hidden
        return Prediction(entry.action, "rule", 1.0, entry.reason, interrupted, hidden)

    def _by_story(self, history: History, slots: Mapping[str, Any]) -> Prediction | None:
        found = self.memory.recall(history, self.vocabulary, slots, self.initial, self.hidden)
        if found is None:
            return None
        states = history.states(self.vocabulary, slots, 2)
        interrupted = states[-1].loop is not None and self.rules.digression(states)[0]
        return Prediction(found.action, "story", 1.0, f"story “{found.story}”", interrupted)

    def _by_learning(
        self, history: History, slots: Mapping[str, Any], rejected: str | None
    ) -> Prediction | None:
        if self.learned is None:
            return None
        # what rules alone tell of may matter or not: the surer reading counts
        quoting = history.quoting()
        readings = (history,) if quoting is history else (quoting, history)
        told = [
            self.hidden.clean(one.states(self.vocabulary, slots, TURNS + 1))
            for reading in readings
            for one in (self.hidden.of(reading), reading)
        ]
        action, share = max(
            (self.learned.best(states, rejected) for states in told), key=lambda best: best[1]
        )
        states = told[-1]
        rasa = self.assistant.rasa
        bar = (rasa.core_fallback_threshold if rasa else None) or LEARNED_BAR
        if share < bar:
            return None
        interrupted = states[-1].loop is not None and self.rules.digression(states)[0]
        return Prediction(
            action, "learned", share, f"learned from stories ({share:.2f})", interrupted
        )

    # -- rules against stories ---------------------------------------------------------------

    def _compare(self, stories: Told) -> None:
        """Report what rules and stories contradict, and note which rules the stories follow."""
        used: set[tuple[State, ...]] = set()
        for path, points in stories:
            for point in points:
                entry = self._expected(point)
                if entry is None:
                    continue
                # inside a form a general rule's end does not wait
                back = entry.action == LISTEN and entry.states[-1].loop is None
                if entry.action == point.action or (back and point.states[-1].loop is not None):
                    used.add(entry.states)
                elif not self._gives_way(entry, point):
                    self._contradiction(entry, "story", path.name, point.action, point.place)
        for entry, other in self.rules.clashes:
            self._contradiction(entry, "rule", other.name, other.action, other.place)
        self.rules.hidden = frozenset(
            entry.states for entry in self.rules.entries if entry.states not in used
        )

    def _expected(self, point: Point) -> Entry | None:
        """The rule that would speak at a point of a story; a form that goes on comes before it."""
        last = point.states[-1]
        entry = self.rules.find(point.states)
        if last.loop is None or entry is None:
            return entry
        if last.action in (LISTEN, last.loop) and point.action == last.loop:
            return None
        return entry

    def _gives_way(self, entry: Entry, point: Point) -> bool:
        """A rule that waits gives way to rules that say more of what follows its first action."""
        if len(entry.states) > 1 or entry.action != LISTEN:
            return False
        longer = any(
            other.states[0] == entry.states[0] and len(other.states) > 1
            for other in self.rules.entries
        )
        if longer:
            self.rules.drop(entry)
        return longer

    def _contradiction(self, entry: Entry, what: str, name: str, action: str, place: Place) -> None:
        problem = Problem(
            place.file,
            place.line,
            f"{entry.action} in {what} {name!r}, as rule {entry.name!r} says in "
            f"{entry.place.file}:{entry.place.line}",
            action,
            "Change one of them, or narrow the rule with a condition.",
        )
        if problem not in self.problems:
            self.problems.append(problem)


def _hidden(rules: Sequence[tuple[Path, Sequence[Point]]], stories: Told) -> HiddenTurns:
    def named(told: Told) -> tuple[set[str], set[str]]:
        slots: set[str] = set()
        loops: set[str] = set()
        for _, points in told:
            for point in points:
                for state in point.states:
                    slots.update(name for name, _ in state.slots)
                    loops.add(state.loop or "")
        return slots, loops

    if not stories:
        return HiddenTurns()
    (rule_slots, rule_loops), (story_slots, story_loops) = named(rules), named(stories)
    return HiddenTurns(frozenset(rule_slots - story_slots), frozenset(rule_loops - story_loops))
