"""Characters that sound alike, and those that do not."""

from __future__ import annotations

import pytest

from models.pinyin import sound


@pytest.mark.parametrize(("said", "meant"), [("青肝", "轻干"), ("诗", "思"), ("真", "蒸")])
def test_what_accents_do_not_tell_apart_is_one(said: str, meant: str) -> None:
    assert sound(said) == sound(meant)


@pytest.mark.parametrize(
    ("one", "other"), [("蓝", "南"), ("上", "先"), ("女", "奴"), ("东", "懂得")]
)
def test_other_sounds_stay_apart(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_what_has_no_reading_stands_for_itself() -> None:
    assert sound("a1") == ("a", "1")
