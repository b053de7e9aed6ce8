"""Where a text stands between the two languages."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.script import sides, written


def test_scripts_say_the_language_and_codes_say_nothing() -> None:
    texts = ["where is my parcel", "我的包裹到哪了", "HL20418376", "a@b.example 😀", ""]
    assert sides(texts)[:, 0].tolist() == [-1, 1, 0, 0, 0]
    assert sides(["HL20418376 到哪了"])[0, 0] == 1
    assert written("我的iPhone坏了") == (4, 1)
    assert 0 < sides(["我的iPhone坏了"])[0, 0] < 1
    assert sides([]).shape == (0, 1)


@given(st.lists(st.text(), max_size=5))
def test_any_text_stands_between_them(texts: list[str]) -> None:
    found = sides(texts)
    assert found.shape == (len(texts), 1)
    assert (np.abs(found) <= 1).all()
