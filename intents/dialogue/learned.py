"""A small learned policy for conversations that no story tells word for word.

Multinomial logistic regression over the last turns: intent, entities, slots, form and the actions
before, alone and in pairs. It stands where Rasa has TED, and is fitted in about a second.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath

import numpy as np

from intents.dialogue.history import LISTEN, State
from intents.dialogue.paths import Path, Point
from models.arrays import FloatArray, load_arrays
from models.regression import solve
from models.shares import softmax

FILE = "dialogue.npz"
TURNS = 5
"""States that are looked at, the present one included."""

GLUED = 3
"""Other stories after whose ends each story is seen to begin."""

VERSION = 2
"""Counts up when the same stories teach something else."""

STRENGTH = 8.0
"""Inverse strength of the L2 penalty: stories are few and mean what they say."""

Told = Sequence[tuple[Path, Sequence[Point]]]


@dataclass(frozen=True)
class LearnedPolicy:
    """Weights (d, k) and bias (k,) over named features and actions."""

    features: tuple[str, ...]
    actions: tuple[str, ...]
    weight: FloatArray
    bias: FloatArray
    digest: str

    @classmethod
    def fit(cls, stories: Told) -> LearnedPolicy | None:
        """Learn from the points of stories; None where they know of fewer than two actions."""
        rows = _rows(stories)
        actions = tuple(sorted({action for _, action in rows}))
        if len(actions) < 2:
            return None
        names = tuple(sorted(set().union(*(row for row, _ in rows))))
        at = {name: index for index, name in enumerate(names)}
        x = np.zeros((len(rows), len(names)), np.float32)
        for index, (row, _) in enumerate(rows):
            x[index, [at[name] for name in row]] = 1.0
        codes = np.array([actions.index(action) for _, action in rows])
        counts = np.array([*rows.values()], np.float32)
        weight = np.zeros((len(names), len(actions)), np.float32)
        bias = np.zeros(len(actions), np.float32)
        weight, bias = solve(x, codes, counts, STRENGTH, weight, bias)
        return cls(names, actions, weight, bias, digest_of(stories))

    def shares(self, states: Sequence[State]) -> FloatArray:
        """Probability of each of ``actions`` (k,)."""
        at = {name: index for index, name in enumerate(self.features)}
        known = [at[name] for name in set(features_of(states)) if name in at]
        return softmax(self.weight[known].sum(axis=0) + self.bias)

    def best(self, states: Sequence[State], without: str | None = None) -> tuple[str, float]:
        """The likeliest action and its probability; ``without`` one that has just declined."""
        shares = self.shares(states)
        if without in self.actions:
            shares[self.actions.index(without)] = 0.0
        index = int(np.argmax(shares))
        return self.actions[index], float(shares[index])

    def as_bytes(self) -> bytes:
        """The policy as a file of a release."""
        names = json.dumps([self.features, self.actions, self.digest]).encode()
        buffer = io.BytesIO()
        np.savez(
            buffer,
            kind=np.array("dialogue"),
            names=np.frombuffer(names, np.uint8),
            weight=self.weight.astype(np.float32),
            bias=self.bias.astype(np.float32),
        )
        return buffer.getvalue()

    @classmethod
    def load(cls, path: FilePath) -> LearnedPolicy:
        """The inverse of :meth:`as_bytes`."""
        arrays = load_arrays(path, "dialogue")
        features, actions, digest = json.loads(arrays["names"].tobytes())
        return cls(tuple(features), tuple(actions), arrays["weight"], arrays["bias"], digest)


def _rows(stories: Told) -> Counter[tuple[frozenset[str], str]]:
    """What is learned from: features and the action that followed, with how often.

    Besides what the stories tell, each message is seen with nothing before it, and after the ends
    of other stories: one matter follows another in any order (Rasa's augmentation, which glues
    stories at random; here by a fixed choice).
    """
    ends = [points[-1].states for _, points in stories if points]
    rows: Counter[tuple[frozenset[str], str]] = Counter()
    for number, (_, points) in enumerate(stories):
        for point in points:
            rows[frozenset(features_of(point.states)), point.action] += 1
            for states in _elsewhere(point.states, number, ends):
                rows[frozenset(features_of(states)), point.action] += 1
    return rows


def _elsewhere(
    states: Sequence[State], number: int, ends: Sequence[tuple[State, ...]]
) -> Iterator[Sequence[State]]:
    """The states since the first message of a story after other ends, and since the last alone."""
    heard = [at for at, state in enumerate(states) if state.action == LISTEN]
    if not heard or states[heard[-1]].loop is not None:
        return
    yield [State(), *states[heard[-1] :]]
    for turn in range(GLUED if len(states) - heard[0] < TURNS else 0):
        yield [*ends[(number * GLUED + turn) % len(ends)], *states[heard[0] :]]


def digest_of(stories: Told) -> str:
    """Names what a policy was learned from, and how."""
    told: list[object] = [VERSION]
    told += [(p.states, p.action) for _, points in stories for p in points]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def features_of(states: Sequence[State]) -> Iterator[str]:
    """Names of what holds in the last states."""
    now = states[-1]
    for back, state in enumerate(reversed(states[-TURNS:])):
        yield f"action-{back}={state.action}"
        if state.intent is not None:
            yield f"intent-{back}={state.intent}"
        if state.loop is not None:
            yield f"loop-{back}={state.loop}"
    for name in now.entities:
        yield f"entity={name}"
    for name, feature in now.slots:
        yield f"slot={name}:{feature}"
    yield f"intent+action={now.intent}+{now.action}"
    yield f"intent+loop={now.intent}+{now.loop}"
    yield f"action+loop={now.action}+{now.loop}"
    earlier = [state.action for state in states[:-1] if state.action != now.action]
    if earlier:
        yield f"intent+before={now.intent}+{now.action}+{earlier[-1]}"
