"""Pairs of texts by rule: the second says what the first says, or one thing else.

Words are exchanged by the lists ``turns.en.txt`` and ``turns.zh.txt``; conditions, clauses and
sentences come and go. The change may stand in either text, so that no wording gives by itself away
on which side it is, and both texts are reworded alike whether they agree or not.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmarks.checker.planting import FRAMES, POLICIES
from models.checking.items import read_items

Span = tuple[int, int]

_CONDITION = {
    "en": re.compile(
        r",?\s*\b(?:if|unless|provided|as long as|once|when|until|except|only (?:if|when)|but only|"
        r"for orders|within|because|since|so that|before|after|in case|subject to|apart from)\b"
        r"[^,.;!?:]{4,90}(?:,\s*(?=\w)|(?=[.;!?,:]|$))",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:如果|如|若|除非|只有|只要|一旦|凡|因为|由于|因|须|需|仅限|在|除|等|待|经)[^，。；！？、：]{2,30}"
        r"(?:，|(?=[。；！？]|$))"
    ),
}
_SENTENCE = {
    "en": re.compile(r"[^.!?]+(?:[.!?](?!\s|$)[^.!?]*)*[.!?]*\s*"),
    "zh": re.compile(r"[^。！？；]+[。！？；]*"),
}
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thank|thanks|sorry|i'm sorry)\b"
    r"|[^，。]{0,6}您好|你好|亲|感谢|抱歉|很抱歉|非常抱歉)",
    re.IGNORECASE,
)
_ASIDES = {
    "en": (" because the system was overloaded", " due to high demand", " because of the weather",
           " for security reasons", ", and we'll e-mail you about it", ", at no extra cost",
           " at any time", " without exception", ", even on public holidays", " for free",
           " within 24 hours", ", and you'll get a voucher", " in every case", " if you ask us to",
           ", as you requested", " by post", " as a gift", ", or later", ", or your money back"),
    "zh": ("，因为系统繁忙", "，由于天气原因", "，出于安全考虑", "，并会发邮件通知您",
           "，不另收费", "，随时都行", "，没有例外", "，节假日也一样", "，24小时内",
           "，还会送您一张券", "，任何情况都可以", "，这是您要求的", "，并免费赠送一份",
           "，再晚也可以", "，否则全额退款", "，由我们主管负责", "，价格不变"),
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A source and a reply; ``spans`` are the characters of the reply that say something else.

    They are None where nobody knows which they are.
    """

    source: str
    reply: str
    wrong: bool
    spans: tuple[Span, ...] | None
    language: str
    kind: str


@cache
def exchanges(language: str) -> dict[str, tuple[tuple[re.Pattern[str], str], ...]]:
    """What is exchanged for what, by kind."""
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    path = Path(__file__).with_name(f"turns.{language}.txt")
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, rule = line.split(": ", 1)
        both = " <> " in rule
        old, new = (part.strip() for part in rule.split("<>" if both else ">", 1))
        for a, b in ((old, new), (new, old))[: 2 if both else 1]:
            edges = (r"(?<![A-Za-z])", r"(?![A-Za-z])") if language == "en" else ("", "")
            pattern = re.compile(edges[0] + re.escape(a) + edges[1], re.IGNORECASE)
            found.setdefault(kind, []).append((pattern, b))
    return {kind: tuple(rules) for kind, rules in found.items()}


KINDS = ("negation", "quantifier", "tense", "actor", "direction", "modality", "scope", "product",
         "condition", "sentence", "aside", "values", "left out", "two")  # fmt: skip


def by_rule(text: str, others: Sequence[str], language: str, rng: random.Random) -> Pair | None:
    """A pair made from ``text``; sentences that it may wrongly get are taken from ``others``."""
    source, reply = text, text
    if rng.random() < 0.5:
        source, _ = reworded(source, (), language, rng)
    if rng.random() < 0.42:
        turned = turn(text, others, language, rng) if rng.random() < 0.4 else None
        said = turned[0] if turned else reply
        source = source if turned is None else reworded(said, (), language, rng)[0]
        reply, _ = reworded(said, (), language, rng)
        return Pair(source, reply, False, (), language, "right")
    turned = turn(text, others, language, rng)
    if turned is None:
        return None
    changed, kind, spans = turned
    if rng.random() < 0.4 and kind not in ("sentence", "aside", "condition", "left out"):
        source, _ = reworded(changed, (), language, rng)
        reply, _ = reworded(text, (), language, rng)
        return Pair(source, reply, True, None, language, kind)
    reply, moved = reworded(changed, spans, language, rng)
    return Pair(source, reply, True, moved, language, kind)


def turn(
    text: str, others: Sequence[str], language: str, rng: random.Random
) -> tuple[str, str, tuple[Span, ...]] | None:
    """``text`` with one thing changed, its kind, and where; None where nothing was found."""
    for kind in rng.sample(KINDS, len(KINDS)):
        changed = _turned(text, kind, others, language, rng)
        if changed is not None and changed[0].strip() and changed[0] != text:
            return changed[0], kind, changed[1]
    return None


def _turned(
    text: str, kind: str, others: Sequence[str], language: str, rng: random.Random
) -> tuple[str, tuple[Span, ...]] | None:
    if kind == "condition":
        places = [m.span() for m in _CONDITION[language].finditer(text)]
        return _cut(text, *rng.choice(places)) if places else None
    if kind == "left out":
        limits = [m.span() for m in _SENTENCE[language].finditer(text) if _limits(m.group())]
        return _cut(text, *rng.choice(limits)) if limits and limits[0] != (0, len(text)) else None
    if kind == "sentence":
        more = rng.choice(POLICIES[language]) if rng.random() < 0.3 else _foreign(others, rng)
        return _put(text, more.strip(), language, rng)
    if kind == "aside":
        ends = [m.start() for m in re.finditer(r"[.;!]\s|[.!]$|[。；！]", text)]
        if not ends:
            return None
        end, more = rng.choice(ends), rng.choice(_ASIDES[language])
        return text[:end] + more + text[end:], ((end, end + len(more)),)
    if kind == "values":
        return _swapped(text, rng)
    if kind == "two":
        kinds = [k for k in KINDS[:8] if k != "product"]
        first = _exchanged(text, rng.choice(kinds), language, rng)
        second = first and _exchanged(first[0], rng.choice(kinds), language, rng)
        if first is None or second is None:
            return None
        (start, end), by = second[1][0], len(second[0]) - len(first[0])
        kept = [(a, b) if b <= start else (a + by, b + by) for a, b in first[1]
                if b <= start or a >= end - by]  # fmt: skip
        return second[0], (*kept, *second[1])
    return _exchanged(text, kind, language, rng)


def _exchanged(
    text: str, kind: str, language: str, rng: random.Random
) -> tuple[str, tuple[Span, ...]] | None:
    held = [(item.start, item.end) for item in read_items(text)]
    found = [
        (match, new)
        for old, new in exchanges(language)[kind]
        for match in old.finditer(text)
        if not any(a < match.end() and match.start() < b for a, b in held)
    ]
    if not found:
        return None
    match, new = rng.choice(found)
    made = _cased(match.group(), new)
    end = match.start() + len(made)
    return text[: match.start()] + made + text[match.end() :], ((match.start(), max(end, 1)),)


def _cased(old: str, new: str) -> str:
    return new[:1].upper() + new[1:] if old[:1].isupper() else new


def _cut(text: str, start: int, end: int) -> tuple[str, tuple[Span, ...]]:
    """Without a stretch; what is left begins with a capital where that began a sentence."""
    after = text[end:]
    if start == 0 or text[:start].rstrip()[-1:] in ".!?":
        gap = " " if start and after[:1].strip() else ""
        after = gap + after[:1].upper() + after[1:]
    return text[:start] + after, ()


def _limits(sentence: str) -> bool:
    words = r"\b(?:not|n't|only|unless|if|except|must|until|no)\b|n't|不|未|无|仅|只|须|如|若|除|需"
    return bool(re.search(words, sentence, re.IGNORECASE))


def _foreign(others: Sequence[str], rng: random.Random) -> str:
    other = rng.choice(others)
    language = "en" if other.isascii() or re.search(r"[A-Za-z]{3} [a-z]", other) else "zh"
    sentences = [m.group() for m in _SENTENCE[language].finditer(other) if len(m.group()) > 5]
    return rng.choice(sentences) if sentences else other


def _put(text: str, more: str, language: str, rng: random.Random) -> tuple[str, tuple[Span, ...]]:
    gap = " " if language == "en" else ""
    ends = [m.end() for m in _SENTENCE[language].finditer(text)]
    at = rng.choice(ends) if ends else len(text)
    before = text[:at].rstrip() + gap
    return before + more + gap + text[at:], ((len(before), len(before) + len(more)),)


def _swapped(text: str, rng: random.Random) -> tuple[str, tuple[Span, ...]] | None:
    items = read_items(text)
    pairs = [(a, b) for i, a in enumerate(items) for b in items[i + 1 :]
             if a.kind == b.kind and a.key != b.key]  # fmt: skip
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    made = text[: a.start] + b.text + text[a.end : b.start] + a.text + text[b.end :]
    end = b.end - len(a.text)
    return made, ((a.start, a.start + len(b.text)), (end, b.end))


def reworded(
    text: str, spans: Sequence[Span], language: str, rng: random.Random
) -> tuple[str, tuple[Span, ...]]:
    """The same in other words, in another order, with or without courtesy; ``spans`` go along."""
    marks = [False] * len(text)
    for start, end in spans:
        marks[start:end] = [True] * (end - start)
    if rng.random() < 0.3:
        text, marks = _reordered(text, marks, language, rng)
    rules = exchanges(language)["same"]
    found = [rule for rule in rules if rule[0].search(text)]
    for old, new in rng.sample(found, min(len(found), rng.randint(0, 4))):
        match = old.search(text)
        if match is None or any(marks[match.start() : match.end()]):
            continue
        made, at, end = _cased(match.group(), new), match.start(), match.end()
        text = text[:at] + made + text[end:]
        marks = marks[:at] + [False] * len(made) + marks[end:]
    if rng.random() < 0.5:
        before, after = rng.choice(FRAMES[language])
        text = before + text + after
        marks = [False] * len(before) + marks + [False] * len(after)
    return text, _runs(marks)


def _reordered(
    text: str, marks: list[bool], language: str, rng: random.Random
) -> tuple[str, list[bool]]:
    """Sentences in another order; a greeting may go."""
    parts = [m.span() for m in _SENTENCE[language].finditer(text)]
    if len(parts) > 1 and _GREETING.match(text) and parts[0][1] < 40 and rng.random() < 0.6:
        parts = parts[1:]
    if len(parts) > 1 and rng.random() < 0.5:
        rng.shuffle(parts)
    gap = " " if language == "en" else ""
    made, kept = "", list[bool]()
    for start, end in parts:
        if made and gap and not made.endswith(" "):
            made, kept = made + gap, [*kept, False]
        made, kept = made + text[start:end], kept + marks[start:end]
    return made, kept


def _runs(marks: Sequence[bool]) -> tuple[Span, ...]:
    found: list[Span] = []
    for at, marked in enumerate(marks):
        if marked and found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + 1)
        elif marked:
            found.append((at, at + 1))
    return tuple(found)
