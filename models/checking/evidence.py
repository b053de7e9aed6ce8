"""What speaks against a rewording, clause by clause: small words that came, went or turned.

Each piece of evidence alone proves little; :mod:`models.checking.judge` weighs them together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.checking.claims import Token
from models.checking.clauses import (
    LIKE,
    SAME,
    Alignment,
    Clause,
    Pair,
    alike,
    clauses_of,
    likeness,
    marks_of,
    nearest,
    weight,
)
from models.checking.exchanges import exchanged
from models.checking.findings import Finding
from models.checking.lexicon import lexicon, stems
from models.checking.markers import markers

_LIMITS = ("IF", "ONLY", "UNLESS")
_BOUND = (*_LIMITS, "ELSE", "MUST", "WITHOUT", "BEFORE")
_ADDED = ("ALL", "GIFT", "FEE", "NOW", "LOOK", "YOURSELF")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|[。！？；;\n]")
_WORD = re.compile(r"[A-Za-z0-9'’\-./:@]+|[㐀-䶿一-鿿]")
_POLITE = re.compile(
    r"(?:please|kindly)\s+(?:do\s+)?(?:note|allow|be aware|bear|keep in mind|remember|accept|rest"
    r"|excuse|forgive|make sure|be)\b"
    r"|请(?:您)?(?:注意|留意|谅解|见谅|理解|放心|耐心|稍|记|体谅|知)",
    re.IGNORECASE,
)
_ASK = re.compile(r"\b(?:please|kindly)\b|请|麻烦|烦请|劳烦|务必|须您|需要您", re.IGNORECASE)
_WE = re.compile(
    r"\b(?:we|i)(?:'ll|'re| will| are| have|'ve| shall|'d)?\b"
    r"(?! need| ask| recommend| suggest| can't| cannot)|\bour (?:team|driver|staff|colleague)"
    r"|我们|我方|本店|同事|我(?!的)",
    re.IGNORECASE,
)
_YOU = re.compile(r"\byou(?:'ll|'re|'ve|'d)?\b|您|你|顾客|客户|自行|自己", re.IGNORECASE)
_NO_ORDER = re.compile(
    r"\W*(?:\w+(?:ing|ed|s)\b|(?:the|an?|your|our|this|that|these|those|it|they|he|she|there|if|when"
    r"|once|as|for|in|on|at|from|with|we|you|i|no|all|any|each|every|orders?|items?|by|after|before"
    r"|to|because|since|unless|until|should|is|are|can|do|does)\b|[^A-Za-z])",
    re.IGNORECASE,
)
_NEAR_COPY = 0.6
_ALIEN, _LEFT_OUT, _FAR = 0.2, 0.35, 0.45
"""Likeness below which a clause is new, a clause of the template gone, a word's claim unknown."""


@dataclass
class Texts:
    """Output and template as the checker reads them, with their clauses."""

    output: str
    said: Sequence[Token]
    template: str
    known: Sequence[Token]
    facts: Sequence[tuple[str, Sequence[Token]]] = ()
    told: list[Clause] = field(init=False)
    """The clauses of the facts."""
    alignment: Alignment = field(init=False)
    ours: Counter[str] = field(init=False)
    theirs: Counter[str] = field(init=False)
    more: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.alignment = Alignment(
            clauses_of(self.output, self.said), clauses_of(self.template, self.known)
        )
        self.ours, self.theirs = Counter(marks_of(self.output)), Counter(marks_of(self.template))
        self.told = [c for text, tokens in self.facts for c in clauses_of(text, tokens)]
        self.more = self.theirs + Counter(m for text, _ in self.facts for m in marks_of(text))

    def from_facts(self, clause: Clause, likeness: float) -> bool:
        """Whether a fact says the clause at least as well."""
        return any(alike(clause, fact) >= likeness for fact in self.told)


def evidence(texts: Texts) -> Iterator[Finding]:
    """Everything that speaks against the output; the same kind may come more than once."""
    yield from _small_words(texts)
    yield from _near_copies(texts)
    yield from _unmatched(texts)
    whole = " ".join((texts.template, *(text for text, _ in texts.facts)))
    for kind, words in exchanged(whole, texts.output):
        yield Finding(f"{kind} exchanged", words)
    for pair in texts.alignment.pairs():
        if texts.from_facts(pair.said, pair.likeness):
            continue
        for kind, words in exchanged(pair.known.text, pair.said.text):
            yield Finding(f"{kind} exchanged here", words)
        yield from _denied(pair, texts)
        yield from _changed(pair, texts)
        yield from _roles(pair)
    yield from _asked(texts)


def _small_words(texts: Texts) -> Iterator[Finding]:
    ours, theirs = texts.ours, texts.theirs
    for name in (*_ADDED, "ALSO"):
        if ours[name] and not texts.more[name]:
            yield Finding(f"{name.lower()} came", name.lower())
    limits = sum(theirs[name] for name in _LIMITS)
    if limits and not any(ours[name] for name in _BOUND):
        yield Finding("condition gone", "no condition is left")
    if theirs["ONLY"] and not ours["ONLY"]:
        yield Finding("only went", "only")
    for name, other in (("LEAST", "MOST"), ("MOST", "LEAST")):
        if ours[name] and theirs[other] and not ours[other] and not theirs[name]:
            yield Finding("limit turned", f"{other} {name}".lower())
    if ours["NOT"] + ours["IMPLIED"] < theirs["NOT"]:
        yield Finding("fewer denials", str(theirs["NOT"]))


def _near_copies(texts: Texts) -> Iterator[Finding]:
    """A sentence that is nearly one of the source's: then its small words must be the same."""
    sources = [(s, _words(s)) for s in _sentences(texts.template)]
    for sentence in _sentences(texts.output):
        words = _words(sentence)
        shares = [(_overlap(words, known), s) for s, known in sources]
        share, likest = max(shares, default=(0.0, ""))
        if not _NEAR_COPY <= share < 1:
            continue
        ours, theirs = Counter(marks_of(sentence)), Counter(marks_of(likest))
        if (ours - theirs) + (theirs - ours):
            yield Finding("small words changed", sentence.strip())
        if ours["NOT"] != theirs["NOT"]:
            yield Finding("not changed", sentence.strip())


def _sentences(text: str) -> list[str]:
    return [s for s in _SENTENCE.split(text) if s and s.strip()]


def _words(text: str) -> Counter[str]:
    return Counter(word.lower() for word in _WORD.findall(text))


def _overlap(a: Counter[str], b: Counter[str]) -> float:
    return sum((a & b).values()) / max(1, sum(a.values()), sum(b.values()))


def _unmatched(texts: Texts) -> Iterator[Finding]:
    """Clauses and claims that have no place on the other side."""
    alignment, plain = texts.alignment, lexicon().plain
    sources = [*alignment.known, *texts.told]
    for number, clause in enumerate(alignment.said):
        new = clause.units and alignment.best_of_said(number) < _ALIEN
        if new and not texts.from_facts(clause, _ALIEN):
            yield Finding("clause came", clause.text)
        for unit in clause.units:
            if {c for c, _ in unit.claims} - plain and nearest(unit, sources) < _FAR:
                yield Finding("far claim", unit.key)
    for number, clause in enumerate(alignment.known):
        if clause.units and alignment.best_of_known(number) < _LEFT_OUT:
            if clause.has(*_LIMITS):
                yield Finding("condition left out", clause.text)
            if clause.has("NOT"):
                yield Finding("denial left out", clause.text)
        if clause.has(*_LIMITS, "MUST"):
            lost = [u.key for u in clause.units if nearest(u, alignment.said) < LIKE]
            if lost:
                yield Finding("condition thinner", " ".join(lost))


def _denied(pair: Pair, texts: Texts) -> Iterator[Finding]:
    """One of the two denies, the other does not, by a *not* nor by what implies one."""
    ours, theirs = pair.said.has("NOT"), pair.known.has("NOT")
    if ours == theirs:
        return
    sources, outputs = texts.alignment.rivals(pair)
    if any(c.has("NOT") == ours for c in sources) or any(c.has("NOT") == theirs for c in outputs):
        return
    if not (pair.known if ours else pair.said).has("IMPLIED"):
        yield Finding("denial", _beside(pair))


def _changed(pair: Pair, texts: Texts) -> Iterator[Finding]:
    said, known = pair.said, pair.known
    if said.has("ALSO") and not known.has("ALSO"):
        yield Finding("also here", _beside(pair))
    if said.has("ALL") and not texts.theirs["ALL"]:
        yield Finding("all here", _beside(pair))
    for name in ("STILL", "ONLY"):
        if known.has(name) and not texts.ours[name]:
            yield Finding(f"{name.lower()} gone here", _beside(pair))
    ours, theirs = _Entries(said.text), _Entries(known.text)
    for first, second in markers().opposites:
        a, b, c, d = (w.has(e) for w in (ours, theirs) for e in (first, second))
        if (a and d and not b and not c) or (b and c and not a and not d):
            yield Finding("opposite", f"{first} {second}")
    for unit in said.units:
        if weight(unit) == 1 and not unit.unsure and _flipped(unit, known):
            yield Finding("word turned", unit.key)


class _Entries:
    """A text in which entries of the closed classes are looked up."""

    def __init__(self, text: str) -> None:
        self._english, self._text = f" {' '.join(stems(text))} ", text

    def has(self, entry: str) -> bool:
        return f" {entry} " in self._english if entry.isascii() else entry in self._text


def _flipped(unit: Token, known: Clause) -> bool:
    same = [v for v in known.units if not v.unsure and likeness(unit, v) >= SAME]
    return bool(same) and all(v.denied != unit.denied for v in same)


def _roles(pair: Pair) -> Iterator[Finding]:
    """Who acts: what was asked of the customer, the shop now does, or the other way round."""
    (asks, we, you), (asked, was_we, was_you) = _acting(pair.said), _acting(pair.known)
    if asked and not asks and we and not was_we:
        yield Finding("we instead of you", _beside(pair))
    if (asks or you) and not (asked or was_you) and was_we and not we:
        yield Finding("you instead of we", _beside(pair))


def _acting(clause: Clause) -> tuple[bool, bool, bool]:
    text = _POLITE.sub(" ", clause.text)
    order = text[:1].isascii() and bool(clause.units) and clause.units[0] is clause.tokens[0]
    asks = bool(_ASK.search(text)) or (order and not _NO_ORDER.match(text))
    return asks, bool(_WE.search(text)), bool(_YOU.search(text))


def _asked(texts: Texts) -> Iterator[Finding]:
    ours, theirs = (len(_ASK.findall(_POLITE.sub(" ", t))) for t in (texts.output, texts.template))
    if ours > theirs:
        yield Finding("more is asked", str(ours - theirs))
    (orders, we), (ordered, was_we) = (
        _acts(clauses) for clauses in (texts.alignment.said, texts.alignment.known)
    )
    if orders < ordered and we > was_we:
        yield Finding("a request became a promise", f"{ordered} to {orders}")
    if orders > ordered and we < was_we:
        yield Finding("a promise became a request", f"{was_we} to {we}")


def _acts(clauses: Sequence[Clause]) -> tuple[int, int]:
    """In how many clauses the customer is asked, and in how many the shop acts."""
    acting = [_acting(clause) for clause in clauses]
    return sum(asks for asks, _, _ in acting), sum(we and not asks for asks, we, _ in acting)


def _beside(pair: Pair) -> str:
    return f"{pair.said.text} / {pair.known.text}"
