"""Detector for numbers whose cue stands after them, that go on a list, or with a known form.

``7730 2219 是我的订单号``, ``90177 and 90181``, a carrier's number in groups, an identity card of
Hong Kong, a card said to be one whatever its check digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from retrieval.redaction.spans import Span
from retrieval.redaction.values import DATE

_RUN = r"(?:[A-Z]{1,4}[ -]?)?\d(?:[ -]{0,1}[A-Z]{0,2}\d){3,20}"
_VALUE = rf"(?<![A-Za-z0-9_.,/$€£¥:-])(#?{_RUN}#?)(?![A-Za-z0-9%])"
_THIS_EN = r"(?:(?:is|was|thats|that's|that is|its|it's|<-|-)\s)?(?:(?:the|my|our|an?)\s)?"
_NO_SUM = (
    r"(?!\s?[.:]?[\s#]?[A-Z]{0,3}-?\d|s?\s(?:total|amount|value|price|size|limit"
    r"|confirmations|in\b|per\b|on\b))"
)
_AFTER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.ASCII))
    for kind, en, zh in (
        (
            "code",
            r"(?:(?:verification|security|login|sms|pick-?up|access) )?(?:code|otp|pin)\b",
            r"(?:验证|校验|动态|取件|取货|提货|核销|兑换)码",
        ),
        (
            "tracking_no",
            r"(?:tracking|waybill|parcel|consignment)\b",
            r"(?:快递|运单|物流)(?:单)?号|快递单",
        ),
        ("invoice_no", r"invoice (?:no|number)\b", r"发票号码?"),
        ("id_no", r"(?:passport|id|ssn|licence|license)(?: (?:no|number))?\b", r"身份证号?|护照"),
        ("card_no", r"(?:card|account) (?:no|number)\b", r"(?:银行)?卡号|账号"),
        (
            "order_id",
            r"(?:order|booking|reservation|ticket|case|reference|ref)(?: (?:no|number|id|ref))?\b",
            r"(?:订单|单号|单子|这个?单)号?",
        ),
    )
    for pattern in (
        rf"{_VALUE}[\s,]{{1,3}}(?i:{_THIS_EN}(?:{en}){_NO_SUM})",
        rf"{_VALUE}\s?(?:[,，]\s?(?=[就才是这那我]))?(?:[就才也]?是|为)?(?:我|你们?)?(?:这个|那个"
        rf"|的)?"
        rf"(?:{zh})(?!号?[:\s,，是为]{{0,2}}#?[A-Z]{{0,4}}[ -]?\d)",
    )
)
_FETCHED = re.compile(r"凭\s?([A-Za-z]?\d[\d-]{3,12})(?=取|提|码|$)", re.ASCII)
_ENTERED = re.compile(r"(?<![A-Za-z0-9#])(\d{4,8})#(?![A-Za-z0-9])", re.ASCII)
_PREFIXED = re.compile(r"(?<![A-Za-z0-9-])(G-\d{6})(?!\d)")
_LOCKER = re.compile(
    r"(?i:\b(?:locker|keypad|gate|texted me|sms)(?: box)?(?: (?:says|said|shows|code))?[\s:]{1,2})"
    r"(\d{2,3}[ -]\d{2,3}(?:[ -]\d{2,3})?|\d{4,8})(?![\w%]|[.,:]\d)",
    re.ASCII,
)
_CARRIERS = re.compile(
    r"(?<![A-Za-z0-9])(?:1Z(?: ?[A-Z0-9]){16}"
    r"|[A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}"
    r"|(?:SF|YT|ZTO|STO|YD|JT|DPK|TBA|CNTM|JDV?[A-Z]?)(?:[ -]?\d){10,15})(?![A-Za-z0-9])",
    re.ASCII,
)
_HONG_KONG = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}\s?\([0-9A]\)", re.IGNORECASE)
_CARD = re.compile(
    r"(?:(?i:\b(?:visa|mastercard|amex|(?:debit|credit|bank) ?card|card)"
    r"(?: (?:no|number|nr))?\.?(?: is)?)"
    r"|卡号|信用卡|储蓄卡|借记卡|银行卡|[工建农中招交]行卡)(?:号码?)?(?:[是为])?[\s:]{0,2}"
    r"(\d(?:[ -]?\d){11,18})(?!\d)",
    re.ASCII,
)
_NEXT = re.compile(
    r"(?:\s?[,，、;&+/]\s?(?:(?:and|or)\s)?|\s(?:and|or)\s|\s?[和跟与及或]\s?|还有|改成)"
    r"(#?(?=[A-Za-z-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)"
    r"(?![A-Za-z0-9%]|[.,:]\d|\s?[个件元块年月天])",
    re.ASCII,
)
_LISTED = frozenset(("order_id", "tracking_no", "invoice_no", "code", "id_no"))


def find_after(text: str) -> Iterator[Span]:
    """Spans of ``text`` (folded), which holds a digit."""
    for kind, pattern in _AFTER:
        for match in pattern.finditer(text):
            value = match.group(1)
            if len(re.sub(r"\D", "", value)) >= 4 and not DATE.match(value):
                yield Span(*match.span(1), kind)
    for pattern in (_FETCHED, _ENTERED, _PREFIXED, _LOCKER):
        for match in pattern.finditer(text):
            yield Span(*match.span(1), "code")
    for match in _CARRIERS.finditer(text):
        if sum(map(str.isdigit, match.group())) >= 5:
            yield Span(*match.span(), "tracking_no")
    for match in _HONG_KONG.finditer(text):
        yield Span(*match.span(), "id_no")
    for match in _CARD.finditer(text):
        yield Span(*match.span(1), "card_no")


def find_listed(text: str, cued: Iterable[Span]) -> Iterator[Span]:
    """What goes on a list that begins with a number in ``cued``: as many signs, alike."""
    for span in cued:
        at, first = span.end, text[span.start : span.end].strip("#")
        while span.kind in _LISTED and (match := _NEXT.match(text, at)):
            if _shape(match.group(1).strip("#")) != _shape(first):
                break
            yield Span(*match.span(1), span.kind)
            at = match.end()


def _shape(value: str) -> str:
    return re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "0", value))
