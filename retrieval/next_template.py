"""Which template comes next: a classifier over situations, learned from conversations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import FloatArray, load_arrays, save_arrays
from models.marks import Marks
from models.mixed import Mixed, mean_of
from models.progress import Progress
from models.shares import log_softmax
from retrieval.situation import Frame, Situation, marks

if TYPE_CHECKING:
    from models.learning.mixed import MixedSettings

FILE = "next.npz"
KIND = "next-template"
FLOOR = 7.0
RARE = 5
"""A mark that fewer situations have says nothing."""


class NextTemplate:
    """Scores of the ``labels`` (templates' names or ids) in a situation.

    ``weight`` is what they count beside a search.
    """

    def __init__(
        self, labels: Sequence[str], frame: Frame, known: Marks, networks: Sequence[Mixed],
        weight: float = 1.0,
    ) -> None:  # fmt: skip
        self.labels = tuple(labels)
        self.weight = weight
        self._frame, self._known, self._networks = frame, known, tuple(networks)

    @classmethod
    def learn(
        cls,
        situations: Sequence[Situation],
        labels: Sequence[str],
        settings: MixedSettings | None = None,
        progress: Progress | None = None,
    ) -> NextTemplate:
        """Learn from situations and the name of the template that followed each.

        Needs the libraries of training. The result is the same on every run.

        :raises ModelError: there are no situations.
        """
        from models.learning.mixed import MixedSettings, classifier

        frame = Frame.of(situations, [s.replied for s in situations if s.replied is not None])
        bags = [marks(situation) for situation in situations]
        known = Marks.learn(bags, rare=RARE, scaled=False)
        names = sorted(set(labels))
        place = {name: code for code, name in enumerate(names)}
        codes = np.array([place[label] for label in labels], dtype=np.int64)
        networks = classifier(
            frame.dense(situations), known.read(bags), len(known), codes, len(names),
            settings or MixedSettings(), progress,
        )  # fmt: skip
        return cls(names, frame, known, networks)

    def scores(self, situations: Sequence[Situation]) -> FloatArray:
        """Log-probabilities (n, labels)."""
        bags = self._known.read(marks(situation) for situation in situations)
        return log_softmax(mean_of(self._networks, self._frame.dense(situations), bags))

    def says(self, situation: Situation) -> dict[str, float]:
        """How likely each label is, from 0 to ``weight`` by the probability's logarithm; those of a
        probability of ``exp(-FLOOR)`` or less are left out."""
        (found,) = self.weight * (1 + self.scores([situation]) / np.float32(FLOOR))
        return {
            label: float(score)
            for label, score in zip(self.labels, found, strict=True)
            if score > 0
        }

    def save(self, path: Path) -> None:
        """Write one npz file."""
        arrays = {
            "kind": np.array(KIND),
            "counts": np.array(self.weight, dtype=np.float32),
            "labels": np.array(self.labels),
            "networks": np.array(len(self._networks)),
            **self._frame.arrays(),
            **self._known.arrays("marks."),
        }
        for number, network in enumerate(self._networks):
            arrays.update(network.arrays(f"{number}."))
        save_arrays(path, arrays)

    @classmethod
    def load(cls, path: Path) -> NextTemplate:
        """Read what :meth:`save` wrote.

        :raises ModelError: the file is absent, damaged or of another kind.
        """
        arrays = load_arrays(path, KIND)
        return cls(
            [str(label) for label in arrays["labels"]],
            Frame(arrays["asked"], arrays["replied"]),
            Marks.from_arrays("marks.", arrays),
            [Mixed.from_arrays(f"{i}.", arrays) for i in range(int(arrays["networks"]))],
            float(arrays["counts"]),
        )
