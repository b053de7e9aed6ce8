"""Detectors for what is written in digits and signs: phones, orders, cards, mail, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn
from stdnum.cn import ric

from retrieval.redaction.cued import find_cued, is_public
from retrieval.redaction.spans import Span
from retrieval.redaction.values import DATE

# A run of such signs is tried from its start alone, or long runs would cost their square.
_LOCAL = r"[\w.!#$%&'*+/=?^`|~-]"
EMAIL = re.compile(rf"(?<!{_LOCAL}){_LOCAL}+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_SPACED_EMAIL = re.compile(
    rf"(?<!{_LOCAL}){_LOCAL}{{1,64}}(?: ?[@＠] ?)[\w-]{{1,40}}(?: ?\. ?[\w-]{{1,20}}){{0,3}} ?\. ?"
    r"[A-Za-z]{2,8}\b",
    re.ASCII,
)
# Written so that machines do not read it: "li dot wei at example dot com".
_MASKED_EMAIL = re.compile(
    r"(?<![\w@.+-])[A-Za-z0-9][\w+-]*"
    r"(?:(?:\.|\s?[\[(]?\b(?:dot|underscore|dash|hyphen)\b[\])]?\s?)[\w+-]+){0,6}\s?"
    r"(?:@|[\[(]at[\])]|\bat\b)\s?[A-Za-z0-9-]+(?:(?:\."
    r"|\s?[\[(]?\bdot\b[\])]?\s?)[A-Za-z0-9-]+){0,6}"
    r"(?:\.|\s?[\[(]?\bdot\b[\])]?\s?)(?:com|org|net|edu|gov|io|cn|de|uk|fr|eu|info|me|us|hk|tw)\b",
    re.ASCII | re.IGNORECASE,
)
_MASKED_EMAIL_ZH = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9][\w.+-]{0,40}(?:点[\w-]{1,30}){0,4}\s?(?:艾特|圈a|@)\s?"
    r"[A-Za-z0-9-]{1,40}(?:(?:点|\.)[A-Za-z0-9-]{1,20}){1,4}",
    re.ASCII,
)
LINK = re.compile(
    r"(?:https?://"
    r"|www\.)[^\s<>\"'，。；！？、（）\u4e00-\u9fff]*[^\s<>\"'，。；！？、（）\u4e00-\u9fff,.;:!?)\]]"
    r"|(?<![a-z0-9-])(?<![a-z0-9]\.)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|io|top|xyz"
    r"|info|example|shop)\b"
    r"(?:/[^\s<>\"'，。；！？、（）\u4e00-\u9fff]*)?"
    r"|(?<![a-z0-9.-])[a-z0-9-]{1,40}\.(?:ly|gl|gd|co|me|cc|uk|de|fr|link|app|site|online|store|tv)"
    r"/[^\s<>\"'，。；！？、（）\u4e00-\u9fff]+",
    re.IGNORECASE | re.ASCII,
)
_TAIL = re.compile(
    r"(?:尾号|后四位|末四位|后4位|末4位|last\s+(?:(?:four|4)(?:\s+digits)?|digits)"
    r"|ending(?:\s+(?:in|with))?"
    r"|ends\s+(?:in|with)|phone\s+tail)\D{0,12}?(\d{4})(?!\d)",
    re.IGNORECASE,
)
_TAX = re.compile(r"(?<![A-Za-z0-9])[0-9A-HJ-NP-RTUWXYa-hj-np-rtuwxy]{18}(?![A-Za-z0-9])")
_TAX_CUE = re.compile(
    r"(?:税号|tax\s*(?:number|no\.?|id)|纳税人识别号)\D{0,6}([0-9A-Za-z]{15,20})", re.IGNORECASE
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,3})?(?![A-Za-z0-9])"
)
_ID = re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![A-Za-z0-9])")
_MOBILE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[ -]{0,2})?"
    r"1[3-9](?:\d[ .-]{0,2}\d{4}[ .-]{0,2}\d{4}|\d[ -]\d{3}[ -]\d{5}|\d{2}[ -]\d{3}[ -]\d{4}"
    r"|\d{2}[ -]\d{4}[ -]\d{3}|\d{3}[ -]?\d{3}[ -]?\d{3})(?!\d)"
    r"|(?<![\d.])[01](?:[ ,，、.-]{1,2}\d){8,11}(?![ ,.-]?\d)"
)
_NATIONAL = re.compile(
    r"(?<![A-Za-z0-9_.,/-])(?:\(0\d{1,4}\)"
    r"|0\d{1,5})(?:[ ./-]{1,2}\d{2,8}){1,5}(?![A-Za-z0-9_月日号]|[.,:/-]\d)"
    r"|(?<![A-Za-z0-9_.,/-])(?:1[ .-])?(?:\(\d{3}\)\s?"
    r"|\d{3}[ .-])\d{3}[ .-]\d{4}(?![A-Za-z0-9_月日号]|[.,:/-]\d)"
    r"|(?<![A-Za-z0-9_.,/-])555[ -]\d{4}(?!\w)"
)
_PHONE_CUE = re.compile(
    r"(?:(?i:\b(?:phone|tel(?:ephone)?|ph|mobile|mob|cell|call|ring|text|txt|whatsapp|fax|home"
    r"|handy"
    r"|landline|reach|dial|contact|number|numbers)\b)|电话|手机|座机|号码|联系|致电|打)"
    r"[^\d\n]{0,18}?(\(?\+?\d(?:[ ()./-]{0,2}\d){6,14})(?![A-Za-z0-9_月日号]|[.,:]\d)"
)
_EXTENSION = re.compile(r"\d\s?(?:转|ext\.?|extension|分机)\s?(\d{1,5})(?!\d)", re.IGNORECASE)
_EXTENSION_X = re.compile(r"\d{3,4}[ .-]\d{4}(\s?x\s?\d{1,5})(?!\w)")
_LANDLINE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[ -]?)?\(?(?:0\d{2,3}\)?[ -]{0,2}\d{3,4}[ -]?\d{4}"
    r"|[48]00[ -]?\d{3,4}[ -]?\d{3,4})(?:\s?(?:转|ext\.?|-)\s?\d{1,5})?(?!\d)"
)
_CARD = re.compile(r"(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)")
_LONG = re.compile(r"(?<![\d.,])(?<!0x)\d{6,}(?![\d.]|,\d)")
_CAPITALS, _REST = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]+$"), re.compile(r"[A-Z0-9]*(?![a-z])")
_STARRED = re.compile(
    r"(?<![\d*])\d{2,6}(?:[ -]\d{2,4})?(?:[ -]?\*{2,12}){1,4}[ -]?\d{2,4}(?![\d*])"
)
_ZH_DIGITS = str.maketrans("零〇一幺二两三四五六七八九", "0011223456789")
_SPOKEN_ZH = re.compile(
    r"(?:[A-Z]{2}\s?)?[零〇一幺二三四五六七八九](?:[，,、 \-]{0,2}[零〇一幺二三四五六七八九]){6,18}"
)
_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
_SPOKEN_EN = re.compile(
    rf"\b(?:(?:double|triple)\s+)?{_WORD}"
    rf"(?:[\s,-]{{1,3}}(?:(?:double|triple)\s+)?(?:{_WORD}|hundred|thousand)){{2,14}}\b",
    re.IGNORECASE,
)
_SPOKEN_CUED = re.compile(
    r"\b(?:order|booking|code|pin|number|ref|reference|account|card)(?:\s(?:no|number|id))?\.?"
    rf"(?:\s(?:is|was))?[\s:]{{1,2}}((?:(?:{_WORD}|double|triple|ten|eleven|twelve|[a-z]{{3,5}}teen"
    rf"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)[\s,-]{{0,3}}\b){{3,14}})",
    re.IGNORECASE,
)
_COUNTING = "零一二三四五六七八九十" * 2


@dataclass(frozen=True)
class CodeRules:
    """How a shop writes its own numbers, as regular expressions; letters match in both cases
    but for vouchers."""

    orders: tuple[str, ...] = (r"HL[ -]?\d{4}[ -]?\d{4}",)
    tracking: tuple[str, ...] = (r"(?:SF|JD|YT)[ -]?\d{12,13}", r"(?:SF|JD|YT)(?: ?\d{4}){3}")
    vouchers: tuple[str, ...] = (r"[A-Z]{4,12}\d{1,4}",)


class CodeDetector:
    """Finds every kind that is recognised by its form."""

    def __init__(self, rules: CodeRules) -> None:
        self._shop = [
            (kind, re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(patterns)})(?![A-Za-z0-9])", flags))
            for kind, patterns, flags in (
                ("order_id", rules.orders, re.IGNORECASE),
                ("tracking_no", rules.tracking, re.IGNORECASE),
                ("voucher_code", rules.vouchers, 0),
            )
            if patterns
        ]

    def __call__(self, text: str) -> Iterator[Span]:
        """Spans of ``text`` (folded); they may overlap."""
        exact = list(self._exact(text))
        yield from exact
        for cued in find_cued(text):
            # A form that is known names a number better than the words before it.
            if not any(e.start <= cued.start and cued.end <= e.end for e in exact):
                yield cued
        yield from _long_numbers(text)
        yield from _spoken(text)

    def _exact(self, text: str) -> Iterator[Span]:
        yield from _all(EMAIL, "email", text)
        yield from _all(_MASKED_EMAIL, "email", text)
        if "@" in text:
            yield from _all(_SPACED_EMAIL, "email", text)
        if "艾特" in text or "圈a" in text:
            yield from _all(_MASKED_EMAIL_ZH, "email", text)
        yield from _all(LINK, "link", text)
        for kind, pattern in self._shop:
            yield from _all(pattern, kind, text)
        yield from _all(_TAIL, "phone_tail", text, group=1)
        if any(map(str.isdigit, text)):
            for match in _LANDLINE.finditer(text):
                if not is_public(text, match.start()):
                    yield Span(*match.span(), "phone")
            yield from _identities(text)


def _long_numbers(text: str) -> Iterator[Span]:
    if sum(map(str.isdigit, text)) < 4:
        return
    yield from _all(_MOBILE, "phone", text)
    for pattern, group in ((_NATIONAL, 0), (_PHONE_CUE, 1)):
        for match in pattern.finditer(text):
            found, start = match.group(group), match.start(group)
            enough = sum(map(str.isdigit, found)) >= 7
            if enough and not DATE.match(found) and not is_public(text, start):
                yield Span(*match.span(group), "phone")
    yield from _all(_EXTENSION, "phone", text, group=1)
    yield from _all(_EXTENSION_X, "phone", text, group=1)
    yield from _foreign_phones(text)
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if luhn.is_valid(digits):
            yield Span(*match.span(), "card_no")
    yield from _all(_STARRED, "code", text)
    for match in _LONG.finditer(text):
        if not is_public(text, match.start()):
            yield Span(*_token(text, *match.span()), "code")


def _token(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole of a token of capitals and digits, of which ``text[start:end]`` is a part."""
    capitals = _CAPITALS.search(text, max(0, start - 12), start)
    rest = _REST.match(text, end)
    return (capitals.start() if capitals else start), (rest.end() if rest else end)


def _identities(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        if (length := _iban_length(match.group())) > 0:
            yield Span(match.start(), match.start() + length, "iban")
    yield from _all(_TAX_CUE, "tax_no", text, group=1)
    for match in _TAX.finditer(text):
        if any(c.isalpha() for c in match.group()[:17]) and any(map(str.isdigit, match.group())):
            yield Span(*match.span(), "tax_no")
    for match in _ID.finditer(text):
        digits = re.sub(r"[ -]", "", match.group())
        # A mistyped check digit still names a person, so that a birth date is enough.
        if ric.is_valid(digits) or 1900 <= int(digits[6:10]) <= 2035:
            yield Span(*match.span(), "id_no")


def _iban_length(found: str) -> int:
    """How much of ``found`` is valid, words that follow left out; 0 where nothing is."""
    for _ in range(4):
        if iban.is_valid(found, check_country=False):
            return len(found)
        found = found.rpartition(" ")[0]
    return 0


def _foreign_phones(text: str) -> Iterator[Span]:
    if "+" in text or "00" in text:
        for found in phonenumbers.PhoneNumberMatcher(
            text, "CN", leniency=phonenumbers.Leniency.POSSIBLE
        ):
            inside = (
                found.start and text[found.start - 1].isalnum() and text[found.start - 1].isascii()
            )
            if found.raw_string.startswith(("+", "00")) and not inside:
                yield Span(found.start, found.end, "phone")


def _spoken(text: str) -> Iterator[Span]:
    for match in _SPOKEN_ZH.finditer(text):
        digits = re.sub(r"\D", "", match.group().translate(_ZH_DIGITS))
        if len(digits) >= 7 and match.group() not in _COUNTING:
            kind = "phone" if len(digits) == 11 and digits[0] == "1" else "code"
            kind = "order_id" if match.group()[0].isascii() else kind
            yield Span(*match.span(), kind)
    for match in _SPOKEN_EN.finditer(text):
        words = re.findall("[a-z]+", match.group().lower())
        if len(words) + words.count("triple") >= 6:
            yield Span(*match.span(), "code")
    for match in _SPOKEN_CUED.finditer(text):
        yield Span(match.start(1), match.start(1) + len(match.group(1).rstrip(" ,-\t\n")), "code")


def _all(pattern: re.Pattern[str], kind: str, text: str, group: int = 0) -> Iterator[Span]:
    for match in pattern.finditer(text):
        yield Span(*match.span(group), kind)
