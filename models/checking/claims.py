"""What a text claims and denies, clause by clause, by the lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from models.checking.lexicon import Lexicon, Meaning, Polar, lexicon, word_stems
from models.segmenter import cut

_PIECE = re.compile(
    r"(?P<latin>[A-Za-z]+(?:['’][A-Za-z]+)*(?:-[A-Za-z]+)*)"
    r"|(?P<han>[㐀-䶿一-鿿]+)"
    r"|(?P<stop>[。！？!?；;\n…]+|\.(?=\s|$)|(?<=[^\x00-\x7f])\.)"
    r"|(?P<and>、)|(?P<comma>[，,:：（）()—–]|\s-\s)"
)
_PHRASE = 5
_TURNS = frozenset(
    ("but", "however", "though", "otherwis", "但", "但是", "不过", "而", "否则", "却")
)
_AND = frozenset(("and", "or", "nor", "和", "或", "及", "与", "、", "或者", "以及"))
_NOT = frozenset("不没未前后")
_WEAK = frozenset({"ALLOW", "FIND"})
"""Concepts that a denial reaches through, to what is allowed."""


@dataclass(frozen=True)
class Token:
    """A word or phrase: what it claims, and whether its clause denies it.

    ``key`` is the stem or the Chinese word itself; ``known`` says that the lexicon has it; ``item``
    is set where something exact stands instead of words; ``supposed`` where a clause only
    supposes; ``unsure`` where a denial near it may reach it; ``beside`` where its clause denies
    something;
    ``stop`` is 2 at the end of a sentence and 1 at a comma.
    """

    key: str
    start: int
    end: int
    claims: frozenset[Polar] = frozenset()
    neutral: bool = False
    denies: bool = False
    denied: bool = False
    known: bool = False
    item: int | None = None
    supposed: bool = False
    unsure: bool = False
    beside: bool = False
    stop: int = 0
    capital: bool = False

    @property
    def polar(self) -> frozenset[Polar]:
        """The claims, turned round where they are denied; both ways where that is not sure."""
        if self.unsure:
            return frozenset((c, p) for c, _ in self.claims for p in (True, False))
        return frozenset((c, p != self.denied) for c, p in self.claims)

    @property
    def content(self) -> bool:
        """Whether it says something that a denial can be about."""
        return bool(self.claims) or not (self.known or self.stop or self.item is not None)


def read_claims(text: str, masks: Sequence[tuple[int, int]] = ()) -> list[Token]:
    """The tokens of ``text`` with denials resolved; ``masks`` are spans of items, in order."""
    lex = lexicon()
    tokens: list[Token] = []
    at = 0
    for number, (start, end) in enumerate(masks):
        tokens += _words(text, at, start, lex)
        tokens.append(Token("", start, end, item=number))
        at = end
    tokens += _words(text, at, len(text), lex)
    return _resolved(tokens)


def sentences(tokens: Iterable[Token]) -> list[list[Token]]:
    """Tokens by sentence, without the stops."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.stop == 2:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if any(not token.stop for token in part)]


def _words(text: str, start: int, end: int, lex: Lexicon) -> list[Token]:
    tokens: list[Token] = []
    latin: list[tuple[str, int, int, bool]] = []

    def flush() -> None:
        tokens.extend(_latin(latin, lex))
        latin.clear()

    for piece in _PIECE.finditer(text, start, end):
        kind = piece.lastgroup
        if kind == "latin":
            word = piece.group()
            latin += [(s, piece.start(), piece.end(), word[0].isupper()) for s in _parts(word, lex)]
            continue
        flush()
        if kind == "and":
            tokens.append(Token("、", piece.start(), piece.end(), known=True))
        elif kind == "han":
            tokens += _han(piece.group(), piece.start(), lex)
        else:
            tokens.append(
                Token("", piece.start(), piece.end(), stop=2 if kind == "stop" else 1, known=True)
            )
    flush()
    return tokens


def _parts(word: str, lex: Lexicon) -> list[str]:
    """The stems of a written word; one with hyphens is taken apart unless the lexicon has it."""
    whole = word_stems(word)
    if "-" not in word or tuple(whole) in lex.english:
        return whole
    return [stem for part in word.split("-") for stem in word_stems(part)]


def _latin(run: Sequence[tuple[str, int, int, bool]], lex: Lexicon) -> list[Token]:
    tokens, at = [], 0
    while at < len(run):
        for size in range(min(_PHRASE, len(run) - at), 0, -1):
            meaning = lex.english.get(tuple(word[0] for word in run[at : at + size]))
            if meaning is not None:
                break
        first, last = run[at], run[at + size - 1]
        key = " ".join(word[0] for word in run[at : at + size])
        tokens.append(_token(key, first[1], last[2], meaning, capital=first[3]))
        at += size
    return tokens


def _han(run: str, start: int, lex: Lexicon) -> list[Token]:
    """The longest entries of the lexicon; what lies between as the segmenter has it."""
    words = _segmented(run)
    single = _singles(words)
    tokens: list[Token] = []
    at = unknown = 0
    while at <= len(run):
        size = _longest(run, at, single, lex) if at < len(run) else 0
        if (size or at == len(run)) and unknown < at:
            tokens += _between(run, unknown, at, start, words)
        if size:
            word = run[at : at + size]
            tokens.append(_token(word, start + at, start + at + size, lex.chinese[word]))
            unknown = at + size
        at += size or 1
    return tokens


def _longest(run: str, at: int, single: frozenset[int], lex: Lexicon) -> int:
    """Length of the entry that begins here; one character only where it is a word of its own."""
    for size in range(min(lex.longest, len(run) - at), 0, -1):
        free = size > 1 or at in single or run[at] in _NOT
        if free and run[at : at + size] in lex.chinese:
            return size
    return 0


def _singles(words: Sequence[str]) -> frozenset[int]:
    found, at = set(), 0
    for word in words:
        if len(word) == 1:
            found.add(at)
        at += len(word)
    return frozenset(found)


def _between(run: str, begin: int, end: int, start: int, words: Sequence[str]) -> Iterator[Token]:
    """The segmenter's words from ``begin`` to ``end``, cut where the lexicon's entries begin."""
    at = 0
    for word in words:
        first, last = max(at, begin), min(at + len(word), end)
        if first < last:
            yield _token(run[first:last], start + first, start + last, None)
        at += len(word)


def _token(
    key: str, start: int, end: int, meaning: Meaning | None, *, capital: bool = False
) -> Token:
    if meaning is None:
        return Token(key, start, end, capital=capital)
    return Token(
        key, start, end, meaning.claims, meaning.neutral, meaning.denies, known=True,
        capital=capital,
    )  # fmt: skip


def _resolved(tokens: Sequence[Token]) -> list[Token]:
    """Tell each denial whom it denies: what follows in its clause, else what stands before it."""
    resolved = list(tokens)
    for at, token in enumerate(tokens):
        if not _denying(token):
            continue
        if _is_not_before(tokens, at):
            continue
        targets = _targets(tokens, at)
        if not targets:
            resolved[at] = replace(resolved[at], unsure=True)
        for target in targets:
            resolved[target] = replace(resolved[target], denied=not resolved[target].denied)
        ahead = _clause(tokens, range(max([at, *targets]) + 1, len(tokens)))
        before = _clause(tokens, range(min([at, *targets]) - 1, -1, -1))
        near = takewhile(lambda i: not _ends_reach(tokens[i]), ahead)
        for other in (*near, *(before if targets and min(targets) < at else ())):
            if _deniable(tokens[other]):
                resolved[other] = replace(resolved[other], unsure=True)
    return _supposing(resolved)


def _supposing(tokens: list[Token]) -> list[Token]:
    """Mark what stands in a clause with an *if*."""
    start = 0
    for at, token in enumerate([*tokens, Token("", 0, 0, stop=2)]):
        if token.stop:
            clause = tokens[start:at]
            supposed = any(("IF", True) in t.claims for t in clause)
            beside = any(_denying(t) for t in clause)
            if supposed or beside:
                tokens[start:at] = [replace(t, supposed=supposed, beside=beside) for t in clause]
            start = at + 1
    return tokens


def _targets(tokens: Sequence[Token], at: int) -> list[int]:
    """Ahead, the first that can be denied, with what is joined to it; else what stands before."""
    ahead = list(_clause(tokens, range(at + 1, len(tokens))))
    weak = [i for i in ahead if _is_weak(tokens[i])]
    behind = list(_clause(tokens, range(at - 1, -1, -1)))
    for fits in (_deniable, _lesser):
        for i in ahead:
            if fits(tokens[i]):
                return [*(j for j in weak if j < i), i, *_joined(tokens, i)]
        for i in behind if _reaches_back(tokens, weak) else ():
            if fits(tokens[i]):
                return [*weak, i, *_joined(tokens, i, -1)]
    return weak


def _is_not_before(tokens: Sequence[Token], at: int) -> bool:
    """In ``没出库之前`` nothing is denied: it is ``出库之前``."""
    later = [tokens[i] for i in _clause(tokens, range(at + 1, min(at + 4, len(tokens))))]
    return not tokens[at].key.isascii() and any(
        ("BEFORE", True) in token.claims and not token.key.isascii() for token in later
    )


def _clause(tokens: Sequence[Token], steps: range) -> Iterator[int]:
    for i in steps:
        if tokens[i].stop or tokens[i].key in _TURNS:
            return
        yield i


def _joined(tokens: Sequence[Token], at: int, step: int = 1) -> Iterator[int]:
    """What ``and`` or ``or`` joins to the token, one after the other."""
    i = at + step
    joins = _AND | {"的"} if step > 0 else _AND
    while 0 <= i + step < len(tokens) and tokens[i].key in joins and _deniable(tokens[i + step]):
        yield i + step
        i += 2 * step


def _denying(token: Token) -> bool:
    return token.denies or ("ALLOW", False) in token.claims


def _ends_reach(token: Token) -> bool:
    """Whether no denial from before reaches further: another one, or a condition, begins."""
    return _denying(token) or ("IF", True) in token.claims


def _is_weak(token: Token) -> bool:
    return bool(token.claims) and {c for c, _ in token.claims} <= _WEAK


def _reaches_back(tokens: Sequence[Token], weak: Sequence[int]) -> bool:
    """``X is not possible`` denies X; ``X does not match`` denies the matching."""
    return not weak or any(("ALLOW", True) in tokens[i].claims for i in weak)


def _lesser(token: Token) -> bool:
    """What a denial is about where nothing better is there: a thing, or a word of many uses."""
    return bool(token.claims) and not token.denies and not {c for c, _ in token.claims} <= _WEAK


def _deniable(token: Token) -> bool:
    concepts = {c for c, _ in token.claims}
    if _denying(token) or token.neutral:
        return False
    if concepts:
        return not concepts <= _WEAK | lexicon().things
    return token.content and (token.key.isascii() or len(token.key) > 1)


def _segmented(run: str) -> list[str]:
    return cut(run) if len(run) > 1 else [run]
