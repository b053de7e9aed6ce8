"""Detector for numbers that a word in the same sentence names, and for numbers left alone.

The words right beside a number tell its kind best (:mod:`retrieval.redaction.cued`). What they do
not reach is caught here by elimination: a number in a sentence about an order, a parcel or a code
that is no price, no measure, no date and no article's is taken for the customer's, and so is one
that is the whole message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.cued import is_public
from retrieval.redaction.spans import Span, mask_of
from retrieval.redaction.values import DATE, MONEY

_CUES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"\b(?i:{en})\b|{zh}"))
    for kind, en, zh in (
        ("invoice_no", r"invoices?|inv|receipt|credit note|bill", r"发票|收据|票据|账单"),
        (
            "card_no",
            r"visa|mastercard|amex|(?:debit|credit|bank) ?card|card (?:no|number)",
            r"银行卡|信用卡|储蓄卡|卡号|[工建农中招交]行卡?",
        ),
        (
            "id_no",
            r"passport|ssn|driving licen[cs]e|driver'?s licen[cs]e|id (?:no|number|card)|nhs"
            r"|licen[cs]e (?:no|number)",
            r"身份证|护照|驾照|驾驶证|社保|医保|军官证|通行证",
        ),
        (
            "code",
            r"(?:verification|security|pick-?up|door|gate|access|sms|confirmation) code|code|otp"
            r"|passcode|pin|digits",
            r"验证码|动态码|校验码|取件码|提货码|取货码|兑换码|密码|码(?=是|为|[\s:]{0,2}\d)",
        ),
        (
            "tracking_no",
            r"tracking|trk|parcel|package|shipment|consignment|waybill|courier|label",
            r"快递|运单|物流|包裹|顺丰|圆通|中通|申通|韵达|极兔|邮政|德邦",
        ),
        (
            "order_id",
            r"(?:my|the|last|full) (?:number|no)|orders?|booking|reservation|ref|reference|ticket"
            r"|case|claim|rma|return number"
            r"|membership|member",
            r"订单|单号|单子|工单|这单|那单|编号|预约|投诉单|售后单?|保单|会员号?|查(?:一?下|询)?",
        ),
    )
)
_NOT_BEFORE = r"(?<![A-Za-z0-9_.,/$€£¥:*××-])"
_BLOCK = r"[A-Z0-9]*\d[A-Z0-9]*"
_NUMBER = re.compile(
    rf"{_NOT_BEFORE}((?:[A-Z]{{1,4}}[ -])?{_BLOCK}(?:[ -]{_BLOCK})*(?:-[A-Z])?"
    r"|(?=[a-z]*\d)(?=(?:\d*[a-z]){2})(?=(?:[a-z]*\d){2})[a-z0-9]{5,20})"
    r"(?![A-Za-z0-9_%€$£°]|[.,:/×*]\d|-\d)"
)
_MEASURED = re.compile(
    r"\s?(?:[年月日号天个件元块岁次分秒米斤箱位克毫楼层期折人份张条双只台套颗粒盒包瓶家寸度码页款代倍级]"
    r"|小时|公斤|公里|千米|厘米|平米|平方|多|左右|以上|以下"
    r"|(?!is\b|was\b|this\b|has\b|says\b|as\b|always\b|status\b)[a-z]{1,14}s\b"
    r"|(?:mah|gb|tb|mb|kb|w|v|kw|hz|khz|mhz|ghz|ml|cl|l|g|kg|mg|lb|oz|mm|cm|m|km|inch|in|ft|k|x|p"
    r"|rpm|iu|dpi|nits?|lumens?|wh|a|f|c|euros?|eur|gbp|usd|yuan|rmb|quid|dollars?|people|edition"
    r"|series|ti|pro|max|plus|ultra)\b)",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"\b(?i:prices?|costs?|paid|pay|charged?|total|amount|worth|fee|rrp|value|discount)\b"
    r"|价|元|块|[扣付]了|收费|费用|金额|一共|总共"
)
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+")
_ROUND = re.compile(r"\d{1,3}0{3,6}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_MODEL = re.compile(r"[A-Z]{1,6}[ -]?\d{1,4}[A-Z]{0,3}\d?|\d{1,4}[A-Z]{1,3}|[A-Z]\d+/[A-Z]?\d+")
_SENTENCE = re.compile(r"[^。！？；!?;\n]+")
_MANY, _SOME = 9, 6
"""Digits of groups, and of one run, from which a number needs no word beside it."""
_DIMENSIONS = re.compile(
    r"\d+(?:[xX×/-]\d+[A-Z]{0,2}\d*)+|\d{4}-\d{2}|[A-Z]{2,5}-?[A-Z]?\d{3,4}[A-Z]{0,2}"
)
_HOTLINE = re.compile(r"955\d\d|12[0-9]{3}|100\d\d|96\d{3,4}|95\d{3}")
_REACH = 40
"""Characters between a cue and a number at most."""
_ALONE = re.compile(
    r"(?i:(?:ya|yep|yup|sure|absolutely|oh|number is|my number is|its|it's|it is|this(?: one"
    r"| is)?|here(?: it is| you go)?|that'?s|the number|yes|yeah"
    r"|ok"
    r"|no|sorry|i mean|mine|just|only|got|是的?|好的?|给你|就是|这个|那个|呢|嗯|哦|对|发你)"
    r"[\s,:，：.]{0,3}){0,3}#?(?P<value>[A-Z0-9]*\d[A-Z0-9]*(?:[ -][A-Z0-9]*\d[A-Z0-9]*){0,6})"
    r"(?P<more>(?:\s?(?:,|and|to|&|和)\s?[A-Z0-9]*\d[A-Z0-9]*){0,3})\s*[.!~。呢哦啊呀]{0,3}\s*"
)
_KNOWN = mask_of("customer_name", "phone", "email", "card_no", "account_no", "id_no")
_BESIDE = re.compile(
    rf"{_KNOWN}[\s,;:/-]{{1,3}}"
    r"(?:(?:and|n|&|ssn|no\.?|number|is|和)[\s:]{1,2}){0,2}(\d{4,})(?![\w%]|[.,:/-]\d)"
)
_SPELT = re.compile(
    r"\b(?i:(?:confirmation|convirmation|conformation|booking|reservation|order|reference"
    r"|tracking|claim|policy"
    r"|case|ticket|member\w*|account)(?: confirmation)?(?: (?:number|no|nr|num|id|code|ref)\b\.?)+)"
    r"(?i:(?:\s(?:is|was|its))?[\s:]{1,3})"
    r"((?:(?!(?:is|and|for|on|of|my|the|it|to|in|at|not|was|but|or|so|a|i|has|no|im|me|we|you"
    r"|with)\b)"
    r"(?:[a-z]{1,3}|\d{1,9})\s){1,7}?\d{1,9}|[a-z]{1,4}\s\d{3,9})(?![\w%]|\s?(?:days?|weeks?"
    r"|items?))"
)
_LONG = re.compile(
    r"(?<![A-Za-z0-9_./@-])(?=[A-Z]*\d[A-Z0-9]*[A-Z]|[A-Z])(?=(?:[A-Z]*\d){6})[A-Z0-9]{9,30}"
    r"(?![A-Za-z0-9_./@-])"
    r"|(?<![A-Za-z0-9_./@-])(?=(?:[A-Z -]*\d){8})[A-Z0-9]{1,10}(?:[ -][A-Z0-9]{1,10}){2,7}"
    r"(?![A-Za-z0-9_/@-]|\.\d)"
)
_SINGLES = re.compile(r"(?<![\w.,:/-])\d(?: \d){4,18}(?![\w%]|[.,:/-]\d|\s\d)")
_TWO_GROUPS = re.compile(r"(?<![\w.,:/-])\d{3,8}[ -]\d{4,12}(?![\w%]|[.,:/-]\d)")
_SLASHED = re.compile(
    r"(?<![\w./-])(?!\d{3}/\d\dR)(?=[A-Z0-9/]*[A-Z])(?=(?:[A-Z/]*\d){4})[A-Z0-9]{1,8}(?:/[A-Z0-9]{1,8}){1,3}(?![\w./-])"
)
_MASKED = re.compile(
    r"(?<![\w*•])(?:\d{2,6}[ -]?)?(?:[*xX•]{2,8}[ -]?){1,4}\d{2,6}(?![\w*])"
    r"|(?i:card|visa|mastercard|amex|account|卡)[^\d\n]{0,20}?(?:\.{2,4}|…)\s?(\d{3,4})(?!\d)"
)
_ENDING = re.compile(
    r"(?i:尾号|尾数|末尾|[后末尾](?:四|4|六|6|五|5|三|3)位数?|\blast (?:four|4|six|6|five|5|three"
    r"|3)"
    r"(?: digits| numbers)?|\blast digits|\bend(?:s|ing|ed)?(?:\s+(?:in|with))?)"
    r"(?:(?!\d)[^\n。；;\ue000-\uf8ff]){0,18}?(?<![\d.,])"
    r"(\d(?:[ -]?\d){2,5}|[零〇一幺二三四五六七八九]{3,6})(?![\d%]|[.,:/]\d|\s?(?:am|pm|年|月|日"
    r"|号))"
)
_ENDED = re.compile(
    r"(?<![\w.,/-])(\d{4}|\d{6})[\s,]{1,2}(?i:(?:is|are)\s)?(?i:(?:the|my)\s)?(?i:last (?:four|4"
    r"|six|6))"
    r"|(?<![\w.,/-])(\d{4}|\d{6})\s?(?:是|为)?(?:我的?|卡的?|手机的?)?(?:尾号|[后末]四位"
    r"|[后末]六位)"
)
_ZH_SPOKEN = re.compile(
    r"(?:验证码|动态码|校验码|取件码|提货码|订单|单号|编号|卡号|密码|口令|号码|工单|尾号)"
    r"(?:号|后四位"
    r"|[是为:\s末尾]){0,4}([零〇一幺二三四五六七八九](?:[\s,，、]?[零〇一幺二三四五六七八九]){3,18})"
)


def find_near(text: str) -> Iterator[Span]:
    """Spans of ``text`` (folded, known ones masked)."""
    for match in _ZH_SPOKEN.finditer(text):
        yield Span(*match.span(1), "code")
    if not any(map(str.isdigit, text)):
        yield from _ending(text)
        return
    yield from _ending(text)
    if len(text) <= 120 and (alone := _ALONE.fullmatch(text.strip())):
        start = len(text) - len(text.lstrip()) + alone.start("value")
        if _lonely(alone["value"]) and not _explained(text, start, alone["value"]):
            yield Span(start, start + len(alone["value"]) + len(alone["more"]), "code")
    for match in _BESIDE.finditer(text):
        if not _explained(text, match.start(1), match.group(1)):
            yield Span(*match.span(1), "code")
    for match in _SPELT.finditer(text):
        if _digits(match.group(1)) >= 3:
            yield Span(*match.span(1), "order_id")
    for match in _MASKED.finditer(text):
        yield Span(*match.span(1 if match.group(1) else 0), "card_no")
    for match in _SINGLES.finditer(text):
        yield Span(*match.span(), "code")
    for match in _TWO_GROUPS.finditer(text):
        if _digits(match.group()) >= 9 and not _explained(text, *_found(match)):
            yield Span(*match.span(), "code")
    for match in _SLASHED.finditer(text):
        if not _explained(text, *_found(match)):
            yield Span(*match.span(), "invoice_no")
    for match in _LONG.finditer(text):
        if not (_THOUSANDS.fullmatch(match.group()) or _explained(text, *_found(match))):
            yield Span(*match.span(), "code")
    for sentence in _SENTENCE.finditer(text):
        yield from _in_sentence(text, *sentence.span())


def _ending(text: str) -> Iterator[Span]:
    for match in _ENDING.finditer(text):
        year = match.group()[:3].lower() == "end" and _YEAR.fullmatch(match.group(1))
        if not year and not _MEASURED.match(text, match.end(1)):
            yield Span(*match.span(1), "phone_tail")
    for match in _ENDED.finditer(text):
        yield Span(*match.span(match.lastindex or 0), "phone_tail")


def _in_sentence(text: str, start: int, end: int) -> Iterator[Span]:
    """Numbers of ``text[start:end]`` that nothing explains, by the cue nearest to each."""
    numbers = [
        match.span(1)
        for match in _NUMBER.finditer(text, start, end)
        if _told(match.group(1)) and not _explained(text, match.start(1), match.group(1))
    ]
    if not numbers:
        return
    cues = [(kind, *m.span()) for kind, cue in _CUES for m in cue.finditer(text, start, end)]
    for first, last in numbers:
        gaps = [(max(first - e, s - last), kind) for kind, s, e in cues]
        gap, kind = min(gaps, default=(_REACH + 1, ""))
        if gap <= _REACH:
            yield Span(first, last, kind)
        elif _private(text[first:last]):
            yield Span(first, last, "code")


def _found(match: re.Match[str]) -> tuple[int, str]:
    return match.start(), match.group()


def _lonely(value: str) -> bool:
    """Whether a value that is the whole message says enough by itself."""
    return _digits(value) >= (4 if value.isdigit() else 6)


def _told(value: str) -> bool:
    """Whether a value has the form of a customer's number."""
    plain = re.sub(r"[ -]", "", value)
    if plain.isdigit():
        return len(plain) >= 4
    return len(plain) >= 5 and _digits(plain) >= 2 and _MODEL.fullmatch(value) is None


def _private(value: str) -> bool:
    """Whether a number that nothing explains and nothing names is more likely a customer's."""
    digits = _digits(value)
    if " " in value or _DIMENSIONS.fullmatch(value) or _HOTLINE.fullmatch(value):
        return digits >= _MANY and not _THOUSANDS.fullmatch(value)
    return digits >= (_SOME if value.isdigit() else _SOME - 2)


def _explained(text: str, start: int, value: str) -> bool:
    """Whether the number is a date, a price, a measure or an article's."""
    if (
        _YEAR.fullmatch(value)
        or is_public(text, start)
        or _MEASURED.match(text, start + len(value))
    ):
        return True
    if _ROUND.fullmatch(value) or (len(value) <= 4 and _SUM.search(text)):
        return True
    before = max(0, start - 12)
    around = text[before : start + len(value) + 12]
    at = start - before
    return any(
        m.start() < at + len(value) and at < m.end() and m.end() - m.start() >= len(value)
        for pattern in (DATE, MONEY)
        for m in pattern.finditer(around)
    )


def _digits(value: str) -> int:
    return sum(map(str.isdigit, value))
