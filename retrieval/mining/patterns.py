"""Groups wordings that say one thing: near duplicates, and lines that differ in values only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.filling.generator import escape
from models.progress import Progress, Silent
from retrieval.mining.alignment import (
    NameKind,
    Pattern,
    Slot,
    joined,
    kind_of,
    nothing_known,
    values,
)
from retrieval.tokens import FOREIGN, Token, signature, tokenise

CANDIDATES = 12
"""Patterns that a wording is aligned with at most."""
POSTINGS = 400
"""Patterns that are remembered for one pair of words; the most used stand first."""
FACT_SHARE, FACT_USES = 0.6, 3
"""A value that this share of at least so many uses states is a fact, not a slot's filling."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot of a template: its placeholder and what stood there, the frequent first."""

    placeholder: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Texts (by number) that one template says; ``head`` is the one it is written like."""

    template: str
    head: int
    members: tuple[int, ...]
    filled: tuple[Filled, ...]


def group(
    texts: Sequence[str],
    uses: Sequence[int],
    order: Sequence[int],
    known: NameKind = nothing_known,
    progress: Progress | None = None,
) -> list[Group]:
    """Templates of ``texts``, each text in one of them.

    :param uses: how often each text was said.
    :param order: text numbers, those first that a template should be written like.
    """
    progress = progress or Silent()
    tokens = [tokenise(text) for text in texts]
    same: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in order:
        same[signature(tokens[number]) or (texts[number],)].append(number)
    common = _common(texts, tokens)
    found = _Patterns(texts, tokens, known, common)
    progress.start("Aligning wordings", len(same))
    for members in sorted(same.values(), key=lambda m: -sum(uses[i] for i in m)):
        found.add(members)
        progress.advance()
    progress.done()
    rank = {number: place for place, number in enumerate(order)}
    made: list[Group] = []
    for pattern, members in found.all():
        members.sort(key=rank.__getitem__)
        made += _settled(pattern, members, texts, tokens, uses, known)
    return sorted(made, key=lambda g: rank[g.head])


class _Patterns:
    """Patterns found so far, looked up by the pairs of words they hold."""

    def __init__(
        self,
        texts: Sequence[str],
        tokens: Sequence[list[Token]],
        known: NameKind,
        common: frozenset[str],
    ) -> None:
        self._texts, self._tokens = texts, tokens
        self._known, self._common = known, common
        self._patterns: list[tuple[Pattern, list[int]]] = []
        self._by_pair: dict[tuple[str, str], list[int]] = defaultdict(list)

    def add(self, members: list[int]) -> None:
        """Put wordings of one signature to the pattern that they fit, or make one of them."""
        head = members[0]
        for number in self._near(head):
            pattern, own = self._patterns[number]
            wider = joined(
                pattern, self._texts[head], self._tokens[head], self._known, self._common
            )
            if wider is not None:
                own += members
                self._patterns[number] = (wider, own)
                return
        pattern = Pattern(self._texts[head], list(self._tokens[head]))
        for pair in _pairs(pattern.tokens):
            if len(posting := self._by_pair[pair]) < POSTINGS:
                posting.append(len(self._patterns))
        self._patterns.append((pattern, list(members)))

    def all(self) -> Iterable[tuple[Pattern, list[int]]]:
        """Every pattern with its texts."""
        return self._patterns

    def _near(self, number: int) -> list[int]:
        pairs = _pairs(self._tokens[number])
        shared: Counter[int] = Counter()
        for pair in pairs:
            shared.update(self._by_pair.get(pair, ()))
        enough = max(1, len(pairs) // 4)
        return [p for p, times in shared.most_common(CANDIDATES) if times >= enough]


def _pairs(tokens: Sequence[Token | Slot]) -> set[tuple[str, str]]:
    words = ["^", *(t.key for t in tokens if isinstance(t, Slot) or t.is_word), "$"]
    return set(pairwise(words))


def _common(texts: Sequence[str], tokens: Sequence[Sequence[Token]]) -> frozenset[str]:
    """Words more often written small than not: no names, whatever somebody capitalised."""
    small: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for text, own in zip(texts, tokens, strict=True):
        for token in own:
            if not token.kind and token.is_word:
                (small if text[token.start].islower() else large)[token.key] += 1
    return frozenset(word for word, times in small.items() if times > large[word])


def _settled(
    pattern: Pattern,
    members: list[int],
    texts: Sequence[str],
    tokens: Sequence[list[Token]],
    uses: Sequence[int],
    known: NameKind,
) -> list[Group]:
    """The template of a pattern; lines that contradict a fact of it become templates themselves."""
    made: list[Group] = []
    while members:
        rows = {
            i: row for i in members if (row := values(pattern, texts[i], tokens[i])) is not None
        }
        own = [i for i in members if i in rows] or members[:1]
        if own[0] not in rows:
            pattern = Pattern(texts[own[0]], list(tokens[own[0]]))
            rows = {own[0]: values(pattern, texts[own[0]], tokens[own[0]]) or []}
        facts = _facts([rows[i] for i in own], [uses[i] for i in own])
        agreeing = [i for i in own if all(rows[i][at] == fact for at, fact in facts.items())]
        own = agreeing or own[:1]
        made.append(_written(texts, tokens, own, pattern, rows, uses, known))
        taken = set(own)
        members = [i for i in members if i not in taken]
        if members and not agreeing:
            pattern = Pattern(texts[members[0]], list(tokens[members[0]]))
    return made


def _facts(rows: Sequence[Sequence[str]], uses: Sequence[int]) -> dict[int, str]:
    """Places where one value is stated so often that it is the shop's, not the customer's."""
    facts: dict[int, str] = {}
    for at in range(len(rows[0])):
        said: Counter[str] = Counter()
        for row, times in zip(rows, uses, strict=True):
            said[row[at]] += times
        value, times = said.most_common(1)[0]
        if len(said) > 1 and times >= FACT_USES and times >= FACT_SHARE * said.total():
            facts[at] = value
    return facts


def _written(
    texts: Sequence[str],
    tokens: Sequence[list[Token]],
    members: list[int],
    pattern: Pattern,
    rows: dict[int, list[str]],
    uses: Sequence[int],
    known: NameKind,
) -> Group:
    """The best member's own words, with a placeholder wherever the members differ."""
    text = pattern.text
    made: list[str] = []
    filled: list[Filled] = []
    taken: Counter[str] = Counter()
    at = place = 0
    for start, end, mask in _stretches(pattern, text):
        seen: Counter[str] = Counter()
        for i in members:
            seen[rows[i][place]] += uses[i]
        place += 1
        made.append(escape(text[at:start]))
        at = end
        only = next(iter(seen))
        if len(seen) == 1 and mask != FOREIGN and not only.startswith("{"):
            made.append(escape(only))
            continue
        kind = kind_of(seen, mask, known)
        taken[kind] += 1
        name = kind if taken[kind] == 1 else f"{kind}_{taken[kind]}"
        made.append(f"{{{name}}}")
        filled.append(Filled(name, tuple(value for value, _ in seen.most_common(6))))
    made.append(escape(text[at:]))
    return Group("".join(made), members[0], tuple(members), tuple(filled))


def _stretches(pattern: Pattern, text: str) -> Iterable[tuple[int, int, str]]:
    """Where each slot and masked value stands in the pattern's own text."""
    before = 0
    for number, token in enumerate(pattern.tokens):
        if isinstance(token, Slot):
            following = pattern.tokens[number + 1 :]
            end = next((t.start for t in following if isinstance(t, Token)), len(text))
            start = before + len(text[before:end]) - len(text[before:end].lstrip())
            yield start, start + len(text[start:end].rstrip()), ""
            before = end
        else:
            if token.kind:
                yield token.start, token.end, token.kind
            before = token.end
