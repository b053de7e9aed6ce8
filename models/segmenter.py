"""Where a run of Chinese is cut into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache


@cache
def segmenter() -> Callable[[str], Iterable[str]]:
    """What cuts a run of Chinese into words; into characters where rjieba is not there."""
    try:
        import rjieba
    except ImportError:  # there is no wheel for every platform
        return list
    cut: Callable[[str], Iterable[str]] = rjieba.cut
    return cut


def dictionary_words(run: str) -> Iterable[str]:
    """A run of Chinese as words of the dictionary, and single characters where it knows none; all
    single characters where rjieba is not there."""
    cut = segmenter()
    return cut(run) if cut is list else cut(run, False)  # type: ignore[call-arg]
