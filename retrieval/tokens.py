"""Texts as tokens that two wordings can be compared by, with what may differ between them masked.

A token remembers where it stands, so that a template can be written back with its own spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from models.segmenter import cut
from retrieval.redaction.spans import KINDS, fold, merge
from retrieval.redaction.values import find_values

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(KINDS)})(?:_\d{{1,3}})?\}}")
_FOREIGN = re.compile(r"\[[^\[\]\s\d]{1,6}x\]|__[a-z_]+__|<[A-Z_]{2,20}>")
"""Placeholders that another tool left, such as ``[姓名x]`` or ``__num__``: values all the same."""
FOREIGN = "value"
_PIECE = re.compile(
    r"(?P<number>\d+(?:[.,:]\d+)*%?)"
    r"|(?P<word>[^\W_]+(?:['’][^\W_]+)*)|(?P<other>[^\w\s]|_)"
)
_WIDE = re.compile(r"[㐀-䶿一-鿿豈-﫿]+")
_PART = re.compile(
    r"[㐀-䶿一-鿿豈-﫿]+|[A-Za-z][A-Za-z0-9]*|\d+(?:\.\d+)?|[^\W\d㐀-䶿一-鿿豈-﫿]+|."
)
_COURTESY = (
    "please kindly just so very really dear sir madam well actually also then now okay ok oh ah"
    " 亲 呢 哦 啦 哈 呀 哟 噢 喔 嘛 呐 哒 滴 的呢 的哦 了呢 了哦 请 麻烦 亲亲"
)
_POLITE = frozenset(_COURTESY.split())
_TURNING = (
    "not no never none nothing nobody neither nor without cannot can't don't doesn't didn't won't"
    " wouldn't isn't aren't wasn't weren't shouldn't couldn't haven't hasn't hadn't unable except"
    " unless only until before after first last"
    " 不 没 没有 无 未 非 别 勿 不能 不可 不会 不是 不用 不可以 无法 不要 不支持 不行"
    " 除 除非 除了 只 仅 以前 以后 之前 之后 以内 之内"
)
NEGATIONS = frozenset(_TURNING.split())
"""Words that turn a statement round: two lines that differ by one never share a template."""


@dataclass(frozen=True, slots=True)
class Token:
    """``text[start:end]``; ``key`` is what is compared, ``kind`` names a masked value, else ""."""

    key: str
    start: int
    end: int
    kind: str = ""

    @property
    def is_word(self) -> bool:
        """Whether it says something: a word or a value, no punctuation."""
        return bool(self.kind) or self.key[0].isalnum()


def tokenise(text: str) -> list[Token]:
    """Tokens of a redacted text in order; amounts, dates, numbers and placeholders are masked."""
    folded = fold(text)
    masked = [(m.start(), m.end(), m.group(1)) for m in _PLACEHOLDER.finditer(text)]
    masked += [(*m.span(), FOREIGN) for m in _FOREIGN.finditer(text)]
    held = [(start, end) for start, end, _ in masked]
    masked += [
        (span.start, span.end - _full_stop(folded[span.start : span.end]), span.kind)
        for span in merge(find_values(folded))
        if all(span.end <= start or span.start >= end for start, end in held)
    ]
    tokens: list[Token] = []
    at = 0
    for start, end, kind in sorted(masked):
        tokens += _plain(folded, at, start)
        tokens.append(Token(f"<{kind}>", start, end, kind))
        at = end
    return [*tokens, *_plain(folded, at, len(folded))]


def signature(tokens: Iterable[Token]) -> tuple[str, ...]:
    """What two writings of one wording share: words and kinds of values.

    Case, punctuation, courtesy and particles do not count.
    """
    return tuple(t.key for t in tokens if t.is_word and t.key not in _POLITE)


def is_polite(token: Token) -> bool:
    """Whether a token may come or go without changing what is said."""
    return not token.is_word or token.key in _POLITE


def _full_stop(value: str) -> int:
    """1 where a value such as ``5 pm.`` took its sentence's full stop with it."""
    return int(value.endswith(".") and value.count(".") == 1)


def _plain(text: str, start: int, end: int) -> Iterable[Token]:
    for match in _PIECE.finditer(text, start, end):
        first, last = match.span()
        if match.lastgroup == "number":
            yield Token("<number>", first, last, "number")
        elif match.lastgroup == "word" and _WIDE.search(match.group()):
            yield from _mixed(match.group(), first)
        else:
            yield Token(_key(match.group()), first, last)


def _mixed(run: str, start: int) -> Iterable[Token]:
    """A run with Chinese in it: Chinese by its words, digits and Latin as they stand."""
    for part in _PART.finditer(run):
        first = start + part.start()
        if part.group()[0].isdigit():
            yield Token("<number>", first, start + part.end(), "number")
        elif _WIDE.match(part.group()):
            for word in cut(part.group()):
                yield Token(word.replace("您", "你"), first, first + len(word))
                first += len(word)
        else:
            yield Token(_key(part.group()), first, start + part.end())


def _key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("’", "'") or text
