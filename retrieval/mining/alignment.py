"""Wordings that differ in a value become one template with a typed placeholder.

Two token sequences are aligned; what stands between the equal tokens are candidates for a slot. A
slot holds values only: numbers, names, quoted text, or words that many conversations exchange for
one another. A wording that differs by a negation, or by a common word, stays a wording of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.tokens import NEGATIONS, Token, is_polite

NameKind = Callable[[str], str | None]
"""The type of a thing that the assistant knows (``product``, ``city``), None for other text."""

LONGEST_VALUE = 8
"""Tokens of one value at most."""
_JOINED_BY = "a an and the of de la or & , ' \" - . / 和 与 及 、 的 （ ） ( )"
_JOINING = frozenset(_JOINED_BY.split())
_TITLE = re.compile(r"\b(?:Dr|Mr|Mrs|Ms|St|No|Prof)\.$")
_QUOTES = frozenset("'\"‘’“”「」『』【】《》")


def nothing_known(_: str) -> str | None:
    """A :data:`NameKind` that knows nothing."""
    return None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place that wordings fill differently; compared by ``key``."""

    key: str = "\x00"


@dataclass(slots=True)
class Pattern:
    """What wordings have in common: ``text`` is one of them, ``tokens`` are its own and slots."""

    text: str
    tokens: list[Token | Slot]

    @property
    def keys(self) -> list[str]:
        """What is compared: one symbol for every slot."""
        return [token.key for token in self.tokens]

    @property
    def words(self) -> int:
        """How many words are fixed."""
        return sum(1 for t in self.tokens if isinstance(t, Token) and t.is_word and not t.kind)


@dataclass(frozen=True, slots=True)
class Gap:
    """Where two sequences differ: ``left[a:b]`` of the pattern against ``right[c:d]``."""

    a: int
    b: int
    c: int
    d: int


def gaps(left: Sequence[str], right: Sequence[str]) -> list[Gap]:
    """Where two key sequences differ, in order."""
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return [Gap(a, b, c, d) for op, a, b, c, d in matcher.get_opcodes() if op != "equal"]


def joined(
    pattern: Pattern,
    text: str,
    tokens: Sequence[Token],
    known: NameKind = nothing_known,
    common: frozenset[str] = frozenset(),
) -> Pattern | None:
    """``pattern`` widened so that it also stands for ``tokens``; None where they say two things.

    :param common: words that are also written small inside sentences, so that a capital letter
        makes no name of them.
    """
    left, right = pattern.keys, [token.key for token in tokens]
    found = [g for g in gaps(left, right) if not _courtesy(pattern, tokens, g)]
    found = _grown(pattern, tokens, found)
    fixed = pattern.words - sum(_words(pattern.tokens[g.a : g.b]) for g in found)
    if fixed < 2 or len(found) > max(1, fixed // 2) or not _enough(pattern, tokens, found, fixed):
        return None
    for gap in found:
        if not _exchangeable(pattern, text, tokens, gap, known, common):
            return None
    return _widened(pattern, found)


def _enough(pattern: Pattern, tokens: Sequence[Token], found: Sequence[Gap], fixed: int) -> bool:
    """Whether at least as many words are fixed as are exchanged."""
    exchanged = max(
        sum(_words(pattern.tokens[g.a : g.b]) for g in found),
        sum(_words(tokens[g.c : g.d]) for g in found),
    )
    return fixed >= exchanged


def _words(tokens: Sequence[Token | Slot]) -> int:
    return sum(1 for t in tokens if isinstance(t, Slot) or (t.is_word and t.key not in _JOINING))


def _courtesy(pattern: Pattern, tokens: Sequence[Token], gap: Gap) -> bool:
    own = pattern.tokens[gap.a : gap.b]
    return all(isinstance(t, Token) and is_polite(t) for t in own) and all(
        is_polite(t) for t in tokens[gap.c : gap.d]
    )


def _grown(pattern: Pattern, tokens: Sequence[Token], found: Sequence[Gap]) -> list[Gap]:
    """Gaps over the whole of a name: ``Old [Town] Inn`` against ``Old [Mill] Inn`` is a name."""
    grown: list[Gap] = []
    for gap in found:
        a, b, c, d = gap.a, gap.b, gap.c, gap.d
        while a > 1 and c > 1 and _same_name(pattern.tokens[a - 1], pattern.text):
            a, c = a - 1, c - 1
        while b < len(pattern.tokens) and d < len(tokens):
            if not _same_name(pattern.tokens[b], pattern.text):
                break
            b, d = b + 1, d + 1
        if grown and (grown[-1].b >= a or grown[-1].d >= c):
            last = grown.pop()
            a, c = min(last.a, a), min(last.c, c)
        grown.append(Gap(a, b, c, d))
    return grown


def _same_name(token: Token | Slot, text: str) -> bool:
    return (
        isinstance(token, Token)
        and not token.kind
        and text[token.start].isupper()
        and token.key not in ("i", "i'm", "i'll", "i've")
        and not _begins(text, token.start)
    )


def _begins(text: str, at: int) -> bool:
    """Whether a sentence begins here, where a capital letter says nothing."""
    before = text[max(0, at - 12) : at].rstrip(" \t\"'“‘(")
    return not before or (before[-1] in ".!?\n。！？:：~～" and not _TITLE.search(before))


def _exchangeable(
    pattern: Pattern,
    text: str,
    tokens: Sequence[Token],
    gap: Gap,
    known: NameKind,
    common: frozenset[str],
) -> bool:
    own, other = pattern.tokens[gap.a : gap.b], tokens[gap.c : gap.d]
    if not own or not other or len(other) > LONGEST_VALUE or len(own) > LONGEST_VALUE:
        return False
    if any(t.key in NEGATIONS for t in (*own, *other) if isinstance(t, Token)):
        return False
    is_slot = len(own) == 1 and isinstance(own[0], Slot)
    quoted = _quoted(tokens, gap.c, gap.d)
    one = is_slot or _is_value(pattern.text, own, known, common) or quoted
    return one and (quoted or _is_value(text, other, known, common))


def _quoted(tokens: Sequence[Token], first: int, end: int) -> bool:
    return (
        first > 0
        and end < len(tokens)
        and tokens[first - 1].key in _QUOTES
        and tokens[end].key in _QUOTES
    )


def _is_value(
    text: str, tokens: Sequence[Token | Slot], known: NameKind, common: frozenset[str]
) -> bool:
    """Whether a stretch names or counts something: then another may stand in its place."""
    stretch = [token for token in tokens if isinstance(token, Token)]
    if not stretch:
        return True
    if known(text[stretch[0].start : stretch[-1].end]):
        return True
    said = [t for t in stretch if t.is_word and t.key not in _JOINING]
    return bool(said) and all(t.kind or _is_name(text, t, known, common) for t in said)


def _is_name(text: str, token: Token, known: NameKind, common: frozenset[str]) -> bool:
    word = text[token.start : token.end]
    if known(word):
        return True
    capital = word[0].isupper() and word[0].isascii() and not _begins(text, token.start)
    return any(c.isdigit() for c in word) or (capital and token.key not in common)


def _widened(pattern: Pattern, found: Sequence[Gap]) -> Pattern:
    made: list[Token | Slot] = []
    at = 0
    for gap in found:
        made += [*pattern.tokens[at : gap.a], Slot()]
        at = gap.b
    return Pattern(pattern.text, [*made, *pattern.tokens[at:]])


def values(pattern: Pattern, text: str, tokens: Sequence[Token]) -> list[str] | None:
    """What stands in each slot and masked place of ``pattern`` when it says ``text``, in order.

    None where the two do not fit, which a wider pattern can no longer tell apart.
    """
    found: dict[int, str] = {}
    matcher = SequenceMatcher(None, pattern.keys, [t.key for t in tokens], autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        for at in range(a, b):
            token = pattern.tokens[at]
            if isinstance(token, Token) and not token.kind:
                continue
            if op == "equal":
                other = tokens[c + at - a]
                found[at] = text[other.start : other.end]
            elif d > c:
                found[at] = text[tokens[c].start : tokens[d - 1].end]
    places = [i for i, t in enumerate(pattern.tokens) if isinstance(t, Slot) or t.kind]
    return [found[i] for i in places] if all(i in found for i in places) else None


def kind_of(seen: Collection[str], mask: str, known: NameKind = nothing_known) -> str:
    """A slot's type: what the assistant calls its values, what masked them, or their looks."""
    types = Counter(kind for value in seen if (kind := known(value)))
    if types and sum(types.values()) * 2 >= len(seen):
        return types.most_common(1)[0][0]
    if mask:
        return mask
    return "name" if all(value[:1].isupper() for value in seen) else "value"
