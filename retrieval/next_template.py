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
from retrieval.situation import Frame, Situation, marks

if TYPE_CHECKING:
    from models.torch_mixed import MixedSettings

KIND = "next-template"
RARE = 5
"""A mark that fewer situations have says nothing."""


class NextTemplate:
    """Scores of the ``labels`` (templates' names) in a situation."""

    def __init__(
        self, labels: Sequence[str], frame: Frame, known: Marks, networks: Sequence[Mixed]
    ) -> None:
        self.labels = tuple(labels)
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
        from models.torch_mixed import MixedSettings, classifier

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
        made = mean_of(self._networks, self._frame.dense(situations), bags)
        made -= made.max(axis=1, keepdims=True)
        scaled: FloatArray = made - np.log(np.exp(made).sum(axis=1, keepdims=True))
        return scaled

    def save(self, path: Path) -> None:
        """Write one npz file."""
        arrays = {
            "kind": np.array(KIND),
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
        )
