"""The lexicon of claims: which words of English and Chinese claim, deny or mean nothing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

Polar = tuple[str, bool]
"""A concept, and whether it is claimed (True) or denied."""

NEUTRAL, DENIAL = "~", "^"
_FILE = Path(__file__).with_name("claims.txt")
_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)*(?:-[a-z]+)*")
_SHORT = {
    "can't": "can not", "cannot": "can not", "won't": "will not", "shan't": "shall not",
    "ain't": "is not", "i'm": "i am", "let's": "let us", "y'all": "you",
}  # fmt: skip
_ENDINGS = {"n't": "not", "'s": "", "'re": "are", "'ll": "will", "'ve": "have", "'d": "would"}
_IRREGULAR = {
    "sent": "send", "bought": "buy", "paid": "pay", "kept": "keep", "left": "left",
    "went": "go", "gone": "go", "came": "come", "got": "get", "gotten": "get", "took": "take",
    "taken": "take", "gave": "give", "given": "give", "made": "make", "said": "say",
    "told": "tell", "held": "hold", "lost": "lost", "found": "find", "broken": "broke",
    "worn": "wear", "chosen": "choose", "spent": "spend", "shown": "show", "seen": "see",
    "brought": "bring", "sold": "sell", "written": "write", "children": "child",
    "cancelled": "cancel", "cancelling": "cancel", "cancellation": "cancel",
    "delivery": "deliver", "deliveries": "deliver", "payment": "pay", "payments": "pay",
    "shipment": "ship", "shipping": "ship", "arrival": "arriv", "refunded": "refund",
    "goods": "goods", "business": "business", "was": "is", "were": "is", "are": "is", "be": "is",
    "been": "is", "being": "is", "has": "have", "had": "have", "does": "do", "did": "do",
    "done": "done", "fell": "fall", "fallen": "fall", "drawn": "draw", "withdrew": "withdraw",
    "withdrawn": "withdraw", "frozen": "freeze", "hidden": "hide", "split": "split",
}  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What a word or phrase may stand for."""

    claims: frozenset[Polar] = frozenset()
    neutral: bool = False
    denies: bool = False


@dataclass(frozen=True)
class Lexicon:
    """Meanings by English stems and by Chinese words, and what follows from a claim."""

    english: dict[tuple[str, ...], Meaning]
    chinese: dict[str, Meaning]
    follows: dict[Polar, frozenset[Polar]] = field(default_factory=dict)
    plain: frozenset[str] = frozenset()
    """Concepts that promise nothing."""
    things: frozenset[str] = frozenset()
    """Concepts that a denial reaches through."""

    longest: int = 1
    """Characters of the longest Chinese entry."""

    def closed(self, claims: set[Polar]) -> set[Polar]:
        """``claims`` with what follows from them."""
        return claims.union(*(self.follows.get(claim, ()) for claim in claims))


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    return read_lexicon(_FILE.read_text(encoding="utf-8"))


def read_lexicon(text: str) -> Lexicon:
    """Read the format that the shipped file explains."""
    english: dict[tuple[str, ...], set[str]] = defaultdict(set)
    chinese: dict[str, set[str]] = defaultdict(set)
    follows: dict[Polar, set[Polar]] = defaultdict(set)
    tiers: dict[str, set[str]] = {"plain": set(), "thing": set(), "neutral": set()}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        tier, _, names = line.partition(":")
        if tier in tiers:
            tiers[tier].update(names.split())
            continue
        if "|" not in line:
            for premise, result in _rules(line):
                follows[premise].add(result)
            continue
        name, first, *rest = (part.strip() for part in line.split("|"))
        for phrase in filter(None, (p.strip() for p in first.split(","))):
            english[tuple(stems(phrase))].add(name)
        for word in (rest[0] if rest else "").split():
            chinese[word].add(name)
    return Lexicon(
        {key: _meaning(names, tiers["neutral"]) for key, names in english.items() if key},
        {key: _meaning(names, tiers["neutral"]) for key, names in chinese.items()},
        {premise: frozenset(results) for premise, results in follows.items()},
        frozenset(tiers["plain"]),
        frozenset(tiers["thing"]),
        max(map(len, chinese), default=1),
    )


def stems(phrase: str) -> list[str]:
    """English words without their endings, contractions written out."""
    return [stem for word in _WORD.findall(phrase.lower()) for stem in word_stems(word)]


def word_stems(word: str) -> list[str]:
    """The stems of one written word: ``can't`` has two."""
    plain = word.lower().replace("’", "'")
    if plain in _SHORT:
        return [stem(part) for part in _SHORT[plain].split()]
    for ending, full in _ENDINGS.items():
        if plain.endswith(ending) and len(plain) > len(ending):
            return [stem(plain.removesuffix(ending)), *([stem(full)] if full else [])]
    return [stem(plain)]


@cache
def stem(word: str) -> str:
    """Take off inflections: plural and singular, past and present meet in one form."""
    word = _IRREGULAR.get(word, word)
    if len(word) <= 3:
        return word
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ied", "y"), ("iest", "y")):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ingly", "edly", "ing", "ed", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] in "bdgmnprt":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def _meaning(names: set[str], neutral: set[str]) -> Meaning:
    claims = frozenset(
        (name.removeprefix("!"), not name.startswith("!"))
        for name in names
        if name not in (NEUTRAL, DENIAL)
    )
    return Meaning(claims, NEUTRAL in names or bool(names & neutral), DENIAL in names)


def _rules(line: str) -> Iterator[tuple[Polar, Polar]]:
    """``A = !B`` both ways, ``A > B`` one way."""
    both = "=" in line
    first, second = (_polar(part) for part in re.split("[=>]", line))
    yield first, second
    if both:
        yield second, first


def _polar(name: str) -> Polar:
    plain = name.strip()
    return plain.removeprefix("!"), not plain.startswith("!")
