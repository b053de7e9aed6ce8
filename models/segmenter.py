"""Where a run of Chinese is cut into words; into characters where rjieba is not there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache


def cut(run: str) -> list[str]:
    """A run as words: those of the dictionary, and those that a model takes for new ones."""
    return _cutter()(run, True)


def dictionary_words(run: str) -> list[str]:
    """A run as words of the dictionary, and single characters where it knows none."""
    return _cutter()(run, False)


@cache
def _cutter() -> Callable[[str, bool], list[str]]:
    try:
        import rjieba
    except ImportError:  # there is no wheel for every platform
        return lambda run, _: list(run)
    found: Callable[[str, bool], list[str]] = rjieba.cut
    return found
