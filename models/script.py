"""Which of the two languages a text is written in, by its script."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from models.arrays import FloatArray

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_CODE = re.compile(r"[A-Za-z]*\d[A-Za-z0-9]*|\S+@\S+")


def written(text: str) -> tuple[int, int]:
    """How many Chinese characters and English words a text has.

    Codes, addresses of mail and numbers say nothing about a language and are left out.
    """
    words = _CODE.sub(" ", text)
    return len(HAN.findall(words)), len(_WORD.findall(words))


def sides(texts: Sequence[str]) -> FloatArray:
    """Where each text stands between English (-1) and Chinese (1), (n, 1).

    A Chinese character counts as much as an English word; a text of neither stands in the middle.
    """
    counts = np.array([written(text) for text in texts], dtype=np.float32).reshape(-1, 2)
    han, latin = counts[:, :1], counts[:, 1:]
    sides: FloatArray = (han - latin) / np.maximum(han + latin, 1)
    return sides
