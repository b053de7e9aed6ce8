"""What speaks against a wording word by word: claims without support, denials that turned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.checking.claims import Token, read_claims, sentences
from models.checking.evidence import Texts, evidence
from models.checking.findings import Finding
from models.checking.lexicon import Polar, lexicon
from models.checking.reading import Read
from models.checking.relations import swapped
from models.checking.sources import Ground

_LEAST_KEPT = 0.25
_COMMON_SURNAMES = frozenset("王李张刘陈杨赵周吴徐孙胡朱林何郭罗梁宋郑谢韩唐冯")
_FREELY = frozenset({"ALLOW", "IF", "STATUS", "EACH", "ORDER"})
_SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范石姚谭廖邹熊陆郝孔崔邱秦顾侯邵孟龙段雷钱汤黎贺赖龚"
)
_DENYING = frozenset(
    {"EXCEPT", "FREE", "ONLY", "LATE", "LOST", "UNUSED", "REFUSE", "SAFETY", "NOREASON", "INHOUSE"}
)
_WORDS_DENY = frozenset({"negation", "denial gone", "word denied", "value denied", "denial new"})
_CLAUSES_DENY = frozenset({"denial", "not changed", "fewer denials", "denial left out"})
_WORDS_TURN = frozenset({"opposite", "limit turned", "all came", "also came", "direction"})


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


def doubtful(read: Read, own: Ground, facts: Sequence[Ground]) -> list[Finding]:
    """All that speaks against the wording, not yet weighed."""
    readings = [_source_tokens(source) for source in (own, *facts)]
    told = [(ground_.text, tokens) for ground_, tokens in zip(facts, readings[1:], strict=True)]
    texts = Texts(read.text, read.tokens, own.text, readings[0], told)
    found = [*_word_by_word(read, own, facts, readings), *evidence(texts)]
    return [*found, *_agreeing({finding.kind for finding in found})]


def _agreeing(kinds: set[str]) -> Iterator[Finding]:
    """Two readings, by words and by clauses, that say the same are worth more than each."""
    if kinds & _WORDS_DENY and kinds & _CLAUSES_DENY:
        yield Finding("words and clauses deny", "")
    if {"claim", "far claim"} <= kinds:
        yield Finding("words and clauses claim", "")
    if "small words changed" in kinds and kinds & _WORDS_TURN:
        yield Finding("a sentence turned", "")


def _word_by_word(
    read: Read, own: Ground, facts: Sequence[Ground], readings: Sequence[list[Token]]
) -> Iterator[Finding]:
    template = readings[0]
    everything = [token for tokens in readings for token in tokens]
    heard = _Heard.of([own, *facts], everything)
    yield from swapped(read.items, read.tokens, own, template)
    yield from _turned(read.tokens, template, heard.claimed)
    yield from _moved(read.tokens, everything)
    yield from _lost(read.tokens, template)
    change = _denials(read.tokens) - _denials(template)
    if change > 0 and any(t.unsure and _hides_denial(t) for t in read.tokens):
        yield Finding("denial new", "a denial is new")
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
        yield Finding("denial gone", "no denial is left")
    said = lexicon().closed(set().union(*(token.polar for token in tokens)))
    if ("EXCEPT", True) in said:
        return
    for keys in filter(None, denials):
        here = [t for t in tokens if keys & _keys(t) and not t.neutral]
        denied = any(t.denied or any(not p for _, p in t.polar) for t in here)
        if here and not denied and not any((key, False) in said for key in keys):
            yield Finding("word denied", here[0].key)


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
