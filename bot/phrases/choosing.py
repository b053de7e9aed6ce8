"""Which of the things just shown or named a short answer means: ``the second one``, 那个蓝色的."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.phrases.plain import LONGEST, plain

_LEAD = (
    r"(?:(?:no|yes|ok|okay|oh|sorry|actually|please|it'?s|it is|i mean|i meant|i want|i'd like|"
    r"take|choose|maybe)\W+)*"
)
_TAIL = r"(?:\W+(?:please|thanks|thank you))?\W*"
_NUMBERS = (
    ("first", "1st", "一", "1"),
    ("second", "2nd", "二", "2"),
    ("third", "3rd", "三", "3"),
    ("fourth", "4th", "四", "4"),
    ("fifth", "5th", "五", "5"),
)
_ORDINAL = re.compile(
    rf"{_LEAD}(?:the\s+)?(?:(?:number|no\.?)\s+)?"
    r"(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|[1-5])"
    rf"(?:\s+(?:one|order|option))?{_TAIL}"
    r"|(?:不对?|不是|我要|我说的?是|选|就|是)*(?:第([一二三四五1-5])|(最[后上下]面?)[一那的]*)[个单条项]?"
    r"(?:订单)?[吧的]?\W*",
    re.IGNORECASE,
)
_THAT_ONE = re.compile(
    rf"{_LEAD}(?:(?:the|that|my)\s+)(?:(?:one|order)\s+(?:with|for|of)\s+(?:the\s+)?)?"
    rf"(.+?)(?:\s+(?:one|order))?{_TAIL}",
    re.IGNORECASE,
)
_THAT_ONE_ZH = re.compile(r"(?:不对?|不是|我要|我说的?是|选|就|是|那|这|个|单|，|,)*"
                          r"(.{2,12}?)(?:的|那)*[个单]?(?:订单)?[吧]?\W*")  # fmt: skip
_POINTS = re.compile(
    r"(?<![A-Za-z])(?:the\s+)?(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|former|latter)"
    r"\s+(?:one|order|option|item)s?(?![A-Za-z])|(?<![A-Za-z])the\s+(former|latter)(?![A-Za-z])"
    r"|第([一二三四五1-5])[个单条项款件](?:订单)?|(最后|后面|前面|后)(?:[一那][一]?)[个单条项款件种](?:订单)?",
    re.IGNORECASE,
)
"""Words inside a request that point at one of several things."""
_ENDS = {"former": 0, "前面": 0, "last": -1, "latter": -1, "最后": -1, "后面": -1, "后": -1}


def place_in(text: str, count: int) -> tuple[int, int, int] | None:
    """Where a message points at one of ``count`` things: start, end, and which one.

    None where it points at none, at several, or at one that there is not.
    """
    found = list(_POINTS.finditer(text))
    if len(found) != 1 or len(text) > LONGEST:
        return None
    word = next(group for group in found[0].groups() if group).casefold()
    if word in _ENDS:
        return found[0].start(), found[0].end(), _ENDS[word] % count
    place = next(at for at, names in enumerate(_NUMBERS) if word in names)
    return (found[0].start(), found[0].end(), place) if place < count else None


def chosen(text: str, titles: Sequence[str]) -> int | None:
    """Which of the buttons just shown a written answer means; None if none or several could be.

    By its title, by its place ("the second one", 最后一个), or by words that are in one title only
    ("the blue one", 那个蓝色的).
    """
    said = plain(text)
    if not titles or not said or len(said) > LONGEST:
        return None
    shown = [plain(title) for title in titles]
    if said.strip(" .!。！") in shown:
        return shown.index(said.strip(" .!。！"))
    return _by_place(said, len(titles)) if _ORDINAL.fullmatch(said) else _by_words(said, shown)


def _by_place(said: str, count: int) -> int | None:
    found = _ORDINAL.fullmatch(said)
    assert found is not None
    word = found[1] or found[2] or found[3]
    if word == "last" or word[0] == "最":
        return 0 if "上" in word else count - 1
    place = next(at for at, names in enumerate(_NUMBERS) if word in names)
    return place if place < count else None


def _by_words(said: str, shown: Sequence[str]) -> int | None:
    found = _THAT_ONE.fullmatch(said)
    if found is not None:
        wanted = [word.rstrip("s") for word in re.findall(r"[^\W_]+", found[1])]
        held = [{word.rstrip("s") for word in re.findall(r"[^\W_]+", title)} for title in shown]
        fits = [at for at, words in enumerate(held) if wanted and words.issuperset(wanted)]
    else:
        chinese = _THAT_ONE_ZH.fullmatch(said)
        if chinese is None or said.isascii():
            return None
        fits = [at for at, title in enumerate(shown) if _composed(chinese[1], title)]
    return fits[0] if len(fits) == 1 else None


def _composed(words: str, title: str) -> bool:
    """Whether ``words`` are pieces of ``title`` of two characters or more, in any order."""
    return words in title or any(
        words[:at] in title and _composed(words[at:], title) for at in range(2, len(words) - 1)
    )
