"""Whether a reply says what its sources say: nothing else, nothing turned round, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.checking.claims import Token, read_claims, sentences
from models.checking.items import Item, matches, read_items
from models.checking.lexicon import Polar, lexicon
from models.checking.literal import as_written
from models.checking.relations import swapped
from models.checking.sources import (
    Ground,
    Known,
    Sources,
    Stated,
    fact,
    folded,
    ground,
    loose,
    seen,
)

__all__ = ["Checker", "Finding", "Sources", "Stated", "Verdict"]

LONGEST = 4_000
_LEAST_KEPT = 0.25
_COMMON_SURNAMES = frozenset("王李张刘陈杨赵周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯")
_FREELY = frozenset({"ALLOW", "IF", "STATUS", "EACH", "ORDER"})
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范石姚谭廖邹熊陆郝孔崔邱秦顾侯邵孟龙段雷钱汤黎贺赖龚"
)
_GROWTH, _ROOM = 2.0, 160
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_LEFT_OVER = re.compile(
    r"\{[^{}\s]{1,80}\}|\[\[|\]\]|(?<![A-Za-z])(?:None(?! of)|NaN|undefined|null)(?![A-Za-z])"
)
_DENYING = frozenset(
    {"EXCEPT", "FREE", "ONLY", "LATE", "LOST", "UNUSED", "REFUSE", "SAFETY", "NOREASON", "INHOUSE"}
)


@dataclass(frozen=True)
class Finding:
    """Why a reply is refused: a stable name, and the words it is about."""

    kind: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """The checker's decision with everything that speaks against the reply."""

    findings: tuple[Finding, ...]
    literal: bool = False
    """Whether the reply is its template word for word."""

    @property
    def passed(self) -> bool:
        """Whether the reply may be said."""
        return not self.findings


@dataclass(frozen=True)
class _Read:
    """The output as the checker reads it."""

    text: str
    items: tuple[Item, ...]
    tokens: tuple[Token, ...]


class Checker:
    """Deterministic, without a model; safe to share among threads."""

    name = "rules"

    def check(self, output: str, sources: Sources) -> Verdict:
        """Compare ``output`` with its sources; what cannot be decided is refused."""
        findings = list(_form(output, sources))
        if not findings and as_written(output, sources):
            return Verdict((), literal=True)
        findings += _wording(output, sources)
        if findings:
            return Verdict(tuple(findings))
        own = ground(sources)
        facts = [fact(text) for text in sources.facts]
        read, lost = _read(folded(output), own)
        findings += lost
        findings += _items(read, own, facts)
        if not findings:
            findings += _claims(read, own, facts)
        return Verdict(tuple(dict.fromkeys(findings)))


def _form(output: str, sources: Sources) -> Iterator[Finding]:
    values = [str(stated.value) for stated in sources.values.values()]
    length = len(sources.template) + sum(map(len, values)) + sum(map(len, sources.facts))
    if not output.strip():
        yield Finding("empty", "")
    if len(output) > min(LONGEST, _GROWTH * length + _ROOM):
        yield Finding("too long", str(len(output)))
    if seen(output) != output:
        yield Finding("control characters", "")


def _wording(output: str, sources: Sources) -> Iterator[Finding]:
    values = [str(stated.value) for stated in sources.values.values()]
    for hole in _LEFT_OVER.finditer(output):
        allowed = (*values, *(() if "{" in hole.group() else (sources.template,)))
        if not any(hole.group() in source for source in allowed):
            yield Finding("hole", hole.group())
    plain = output
    for value in sorted(values, key=len, reverse=True):
        plain = plain.replace(value, " ") if value else plain
    han, latin = len(_HAN.findall(plain)), sum(map(len, _LATIN.findall(plain)))
    if sources.language.startswith("zh"):
        if (not han and latin > 3 and not _LATIN.search(sources.template)) or (
            latin > 2 * han + 12 and latin > 2 * sum(map(len, _LATIN.findall(sources.template)))
        ):
            yield Finding("language", plain[:40])
    elif han > sum(len(_HAN.findall(source)) for source in (sources.template, *sources.facts)):
        yield Finding("language", plain[:40])


def _read(text: str, own: Ground) -> tuple[_Read, list[Finding]]:
    """Find the values that count letter by letter, then all other items."""
    spans: list[tuple[int, int]] = []
    lost = []
    masked = text
    there: set[str] = set()
    for name, value in sorted(own.texts.items(), key=lambda pair: -len(pair[1])):
        places = _places(masked, value)
        if loose(value) in there:
            continue
        if places:
            there.add(loose(value))
        elif value.strip():
            if not _stands(text, value):
                lost.append(Finding("lost value", name))
            continue
        spans += places
        for start, end in places:
            masked = masked[:start] + "\x00" * (end - start) + masked[end:]
    items = [
        *read_items(masked),
        *(Item("value", (loose(text[a:b]), 0), a, b, text[a:b]) for a, b in spans),
    ]
    items.sort(key=lambda item: item.start)
    tokens = read_claims(text, [(item.start, item.end) for item in items])
    return _Read(text, tuple(items), tuple(tokens)), lost


def _places(text: str, value: str) -> list[tuple[int, int]]:
    """Where ``value`` stands, blanks and case apart, and not inside another word."""
    words = value.split()
    if not words:
        return []
    pattern = r"\s*".join(re.escape(word) for word in words)
    short = len(value.strip()) <= 3
    left = r"(?<![A-Za-z0-9])" if short and words[0][0].isascii() else ""
    right = r"(?![A-Za-z0-9])" if words[-1][-1].isascii() and words[-1][-1].isalnum() else ""
    return [m.span() for m in re.finditer(left + pattern + right, text, re.IGNORECASE)]


def _stands(text: str, value: str) -> bool:
    """Whether the value is said in another writing of the same exact item."""
    wanted = read_items(value)
    if not wanted or any(item.kind not in ("code", "length", "email", "link") for item in wanted):
        return False
    whole = sum(item.end - item.start for item in wanted)
    found = read_items(text)
    return whole >= len(value.strip()) - 1 and all(
        any(matches(item, want) for item in found) for want in wanted
    )


def _items(read: _Read, own: Ground, facts: Sequence[Ground]) -> Iterator[Finding]:
    known = [*own.known, *own.inside, *(k for ground_ in facts for k in ground_.known)]
    for item in read.items:
        if not any(matches(item, k.item) for k in known):
            yield Finding(item.kind, item.text)
    for k in own.known:
        if k.needed and not any(_says(item, k) for item in read.items):
            yield Finding("lost value" if k.name else "lost " + k.item.kind, k.name or k.item.text)


def _says(item: Item, known: Known) -> bool:
    return matches(item, known.item) or (
        known.item.kind == "number" and item.key[-1] == known.item.key[-1]
    )


@dataclass(frozen=True)
class _Heard:
    """All that the sources say: claims, words with whether they are denied, and their text."""

    claimed: set[Polar]
    words: dict[str, set[bool]]
    text: str
    supposed: set[Polar]

    @classmethod
    def of(cls, grounds: Sequence[Ground], tokens: Sequence[Token]) -> _Heard:
        words: dict[str, set[bool]] = {}
        for token in tokens:
            flags = (True, False) if token.unsure else (token.denied,)
            words.setdefault(token.key, set()).update(flags)
            for part in token.key.split()[1:] and token.key.split():
                words.setdefault(part, set()).update((True, False))
        supposed = lexicon().closed(set().union(*(t.polar for t in tokens if t.supposed)))
        text = "".join(ground_.text for ground_ in grounds)
        return cls(_claimed(tokens), words, text, supposed)

    def has(self, token: Token) -> bool:
        """Whether the word itself is in the sources."""
        if token.key in self.words:
            return True
        return token.content and not token.key.isascii() and token.key in self.text

    def turns(self, token: Token) -> bool:
        """Whether the sources have the word, but only denied where it is not, or vice versa."""
        return not token.unsure and token.denied not in self.words.get(token.key, {token.denied})


def _claims(read: _Read, own: Ground, facts: Sequence[Ground]) -> Iterator[Finding]:
    sources = [own, *facts]
    readings = [_source_tokens(source) for source in sources]
    template = readings[0]
    everything = [token for tokens in readings for token in tokens]
    heard = _Heard.of(sources, everything)
    yield from swapped(read.items, read.tokens, own, template)
    yield from _turned(read.tokens, template, heard.claimed)
    yield from _moved(read.tokens, everything)
    yield from _lost(read.tokens, template)
    change = _denials(read.tokens) - _denials(template)
    if change > 0 and any(t.unsure and _hides_denial(t) for t in read.tokens):
        yield Finding("negation", "a denial is new")
    for sentence in sentences(read.tokens):
        yield from _sentence(sentence, heard, change)


def _source_tokens(source: Ground) -> list[Token]:
    masks: list[tuple[int, int]] = []
    for k in source.known:
        if not masks or k.item.start >= masks[-1][1]:
            masks.append((k.item.start, k.item.end))
    return read_claims(source.text, masks)


def _claimed(tokens: Sequence[Token]) -> set[Polar]:
    """All that the sources claim; near an exception both sides stand."""
    claims: set[Polar] = set()
    clause: list[Token] = []
    for token in (*tokens, Token("", 0, 0, stop=2)):
        if not token.stop:
            clause.append(token)
            continue
        both = any(("EXCEPT", True) in t.claims for t in clause)
        for t in clause:
            claims |= t.polar
            if both:
                claims |= {(c, not p) for c, p in t.polar if c != "EXCEPT"}
        clause = []
    return lexicon().closed(claims)


def _turned(
    tokens: Sequence[Token], template: Sequence[Token], claimed: set[Polar]
) -> Iterator[Finding]:
    """What the template denies may not be said without denial."""
    things = lexicon().things
    denials = [
        _keys(t)
        for t in template
        if t.denied and not t.neutral and not (t.claims and {c for c, _ in t.claims} <= things)
    ]
    hidden = any(_hides_denial(token) for token in tokens)
    explicit = any(t.denies or ("ALLOW", False) in t.claims for t in template)
    if explicit and not hidden and not any(t.denied and not t.neutral for t in tokens):
        yield Finding("negation", "a denial is gone")
    said = lexicon().closed(set().union(*(token.polar for token in tokens)))
    if ("EXCEPT", True) in said:
        return
    for keys in filter(None, denials):
        here = [t for t in tokens if keys & _keys(t) and not t.neutral]
        denied = any(t.denied or any(not p for _, p in t.polar) for t in here)
        if here and not denied and not any((key, False) in said for key in keys):
            yield Finding("negation", here[0].key)


def _moved(tokens: Sequence[Token], everything: Sequence[Token]) -> Iterator[Finding]:
    """*Before* something in the sources may not become *after* it."""
    said, known = _moments(tokens), _moments(everything)
    for when, concept in said:
        other = "AFTER" if when == "BEFORE" else "BEFORE"
        if (other, concept) in known and (when, concept) not in known:
            yield Finding("moment", f"{when} {concept}".lower())


def _lost(tokens: Sequence[Token], template: Sequence[Token]) -> Iterator[Finding]:
    """A reply that leaves out half of what the template says is another reply."""
    said = {c for t in tokens for c, _ in t.claims} | {t.key for t in tokens}
    wanted = [t for t in template if t.content and not t.neutral]
    kept = sum(1 for t in wanted if t.key in said or any(c in said for c, _ in t.claims))
    if len(wanted) >= 4 and kept < _LEAST_KEPT * len(wanted):
        yield Finding("lost", f"{kept} of {len(wanted)}")


def _moments(tokens: Sequence[Token]) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for at, token in enumerate(tokens):
        for when in ("BEFORE", "AFTER"):
            if (when, True) not in token.claims or ("IF", True) in token.claims:
                continue
            step = 1 if token.key.isascii() else -1
            for other in tokens[at + step : at + 4 * step : step]:
                if other.stop or other.item is not None:
                    break
                if other.claims and not other.neutral:
                    found |= {(when, c) for c, _ in other.claims}
                    break
    return found


def _keys(token: Token) -> set[str]:
    things = lexicon().things
    return {c for c, _ in token.claims if c not in things} or ({token.key} - {""})


def _hides_denial(token: Token) -> bool:
    """Whether something is denied without a *not*: excluded, free, sold out, unused."""
    return token.denies or any(not p or c in _DENYING for c, p in token.claims)


def _denials(tokens: Sequence[Token]) -> int:
    """How often a text denies something."""
    return sum(1 for token in tokens if _hides_denial(token))


def _sentence(sentence: Sequence[Token], heard: _Heard, change: int) -> Iterator[Finding]:
    """Judge a sentence; ``change`` is how many denials more the output has than the template."""
    anchors = sum(1 for t in sentence if t.item is not None)
    strange: list[str] = []
    first = next((t for t in sentence if t.key), None)
    for token in sentence:
        if token.stop or token.item is not None or token.denies:
            continue
        verdict = _judged(token, heard)
        if verdict == "negation" and {c for c, _ in token.claims} <= lexicon().things:
            # what a thing is denied is said in many ways: their number tells
            verdict = verdict if (change > 0 if token.denied else change < 0) else ""
        if verdict == "strange" and not token.known and _is_name(token, first):
            verdict = "name"
        if verdict == "supported":
            anchors += 1
        elif verdict == "strange":
            strange.append(token.key)
        elif verdict:
            yield Finding(verdict, token.key)
    if len(strange) > _budget(anchors):
        yield Finding("unknown words", " ".join(strange))


def _judged(token: Token, heard: _Heard) -> str:
    """``supported``, ``strange``, empty where nothing is claimed, or what speaks against it."""
    polar, things = token.polar, lexicon().things
    if polar & heard.claimed:
        return "supported"
    concepts = {c for c, _ in polar}
    turned = heard.turns(token) and (token.denied or not token.beside)
    if turned and (concepts - _FREELY or not token.known):
        return "negation"
    if {(c, not p) for c, p in polar if token.denied or c not in things} & heard.claimed:
        opposite = {(c, not p) for c, p in polar}
        mild = (
            (token.beside and not token.denied)
            or (token.supposed and not opposite & heard.supposed)
            or (not token.denied and (token.neutral or concepts & _FREELY))
        )
        return "" if mild else "negation"
    if heard.has(token):
        return "supported"
    if token.neutral or (concepts and concepts <= _FREELY):
        return ""
    if token.claims:
        return "strange" if concepts & lexicon().plain else "claim"
    return "" if token.known else "strange"


def _is_name(token: Token, first: Token | None) -> bool:
    if token.capital:
        return token is not first
    common = len(token.key) == 2 and token.key[0] in _COMMON_SURNAMES
    return common or (len(token.key) == 3 and token.key[0] in _SURNAMES)


def _budget(anchors: int) -> int:
    return 1 + (anchors >= 2) + anchors // 4
