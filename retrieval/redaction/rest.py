"""Detector for what is left with digits in it, and for writings that other detectors take apart.

Leans to taking: a token of letters and digits, or a number of five digits and more, that is no
price, measure, date, size or article's is taken for a customer's, whatever stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.cued import is_public
from retrieval.redaction.forms import NO_SECRETS
from retrieval.redaction.spans import Span, mask_of
from retrieval.redaction.values import DATE, MONEY

_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_@])(?<![.,:/×*·$€£¥])(?<!\d-)#?(?=[A-Za-z/_.·-]*\d)[A-Za-z0-9]+"
    r"(?:[-_/.·:][A-Za-z0-9]+)*(?: (?=[A-Z]{0,3}\d)[A-Z0-9]+(?:-[A-Z0-9]+)*)*#?"
    r"(?![A-Za-z0-9_@%°]|[.,]\d)"
)
_LETTERED = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{2,3} \d{2,4}(?: \d{2,5})+(?![\w%]|[.,:/-]\d)")
_MEASURE = re.compile(
    r"\s?(?:[年月日天个件元块岁次秒米斤箱克毫楼层期折人份张条双只台套颗粒盒包瓶寸度码页款代倍级多步匹]"
    r"|小时|分钟|公斤|公里|千米|厘米|平[米方]|左右|以上|以下"
    r"|(?!is\b|was\b|this\b|has\b|says\b|as\b|always\b|status\b|does\b)[a-z]{2,14}s\b"
    r"|(?:[kmgtμ]?[bwhlgmvaf]|mah|[km]?hz|kwh|wh|cl|dl|kg|mg|lb|oz|mm|cm|km|inch|in|ft|k|x|p|rpm"
    r"|iu|dpi|pcs?|fps|gsm|mcg|btu|lumens?|euros?|eur|gbp|usd|yuan|rmb|quid|dollars?|people|edition"
    r"|series|piece|pro|max|plus|ultra|hour|day|mile|point|step)\b)"
    r"|型号|型的|款|系列|[-–~至到]\s?\d",
    re.IGNORECASE,
)
_SIZED = re.compile(
    r"\d+(?:\.\d+)?[a-zA-Z]{1,4}"  # 500ml, 40GB
    r"|\d+(?:[xX×*]\d+)+[a-zA-Z]{0,2}|M\d+[*xX]\d+"  # 120x60x75
    r"|\d+(?:\.\d+){1,3}|[vV]\d+(?:\.\d+)*"  # 45.00, 4.2.19
    r"|\d{1,3}(?: \d{3})* 000|\d+00"  # 10 000 000
    r"|\d+-\d+[a-zA-Z]{0,4}(?:/\d+-\d+)*"  # 163-170/52-60
    r"|\d{3}/\d\dZ?R\d\d(?: \d{2,3}[A-Z])?|\d{1,4}/\d{1,3}[A-Za-z]?\d{0,2}"  # tyres, 175/92A
    r"|[\d.:-]*\d:[0-5]\d[\d.:-]*"  # 08:00-24:00
    r"|\d{1,3}[A-Z]{1,3}|[A-Z]{1,6}[ -]?\d{1,4}[A-Z]{0,3}\d?|[a-z]{1,4}\d{1,4}"
    r"|[A-Z][a-z]{2,}\d{1,4}"
    r"|i\d-\d+\w?|(?i:rtx|gtx|rx|ps|hdmi|usb|mp|wifi)\d+"  # WH-1000XM5, RTX4060
    r"|(?:19|20)\d\d|\d{1,4}"
)
_HOTLINE = re.compile(r"955\d\d|12[0-9]{3}|100\d\d|96\d{3,4}|95\d{3}|[48]00\d{7}|1\d0")
_NAMED = re.compile(
    r"[㐀-鿿]?(?:乐高|型号|货号|款号|条码|型|芯片|显卡|电池|编码|色号|G|高速)\s?$"
    r"|\b(?:[A-Z][a-z]{2,14}|(?i:box|model|series|lego|ryzen|core|gpu|cpu|chapter|page|size|colou?r"
    r"|section|episode|level|version|batch|lot|error|isbn))\s$"
)
_CUE = re.compile(
    r"(?i:\b(?:orders?|ordr|number|nmbr|ref|booking|parcel|tracking|claim|case|ticket|invoice|code"
    r"|pin|account|card|member|id|no|nr|label|licen[cs]e|passport|call|ring|phone|text)\b)"
    r"(?:\s(?:is|was|no|nr|number|num|id)\b)*[\s:#.=]{0,3}$|[单号码证卡](?:是|为)?[\s:]{0,2}$"
)
_NUMBERS = mask_of(
    "code", "order_id", "tracking_no", "phone", "card_no", "account_no", "id_no", "invoice_no"
)
_CARD = mask_of("card_no", "account_no", "iban")
_EXPIRY = re.compile(rf"{_CARD}[^\n]{{0,30}}?(?<!\d)((?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d\d)(?!\d)")
_BEHIND = re.compile(
    rf"{_CARD}[^\d\n]{{0,24}}(?:\d\d\s?/\s?\d\d|{mask_of('code')})[\s,;]{{1,3}}(\d{{3,4}})(?![\w/.])"
)
_CUED_EXPIRY = re.compile(
    r"(?i:\b(?:exp(?:iry|ires|iration)?(?: date)?|valid (?:thru|until|to))\b|有效期)[\s:是为]{0,3}"
    r"((?:0[1-9]|1[0-2])\s?[/-]\s?(?:20)?\d\d)(?!\d)"
)
_CARD_WORD = re.compile(r"(?i:card|visa|master|amex|cv[vc])|卡")
_MIXED_ZH = re.compile(
    r"(?<![\w])(?=\S{0,24}[零〇一幺二三四五六七八九])(?:[\d零〇一幺二三四五六七八九] ?){7,18}"
)
_SAFE = re.compile(
    r"(?i:\b(?:(?:key ?|lock ?)(?:safe|box)|safe code|keypad|buzzer|intercom|door ?code"
    r"|combination)\b)[^\d\n]{0,12}?(#?\d{3,8}#?)(?![\w%]|[.,:]\d)"
    r"|(?:提取码|访问码|柜号|钥匙盒|门锁|开柜码)[\s:是为]{0,3}([A-Za-z0-9]{3,8})(?![A-Za-z0-9])"
)
_PLATES = re.compile(
    r"(?<![A-Za-z0-9-])(?:[A-Z]{2}-\d{3}-[A-Z]{2}|[A-Z]{2} \d{2} [A-Z]{1,2} \d{4})(?![A-Za-z0-9-])"
    r"|[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-Z]"
    r"(?:[·• -]|后面|是|的)?\s?(?=[A-Z]*\d)[A-Z0-9]{5,6}(?![A-Za-z0-9])"
)
_BESIDE = re.compile(
    rf"{_NUMBERS}[ -]{{1,2}}"
    r"(\d{3,12})(?![\w%]|[.,:/-]\d|\s?[a-z]{2,14}s\b)"
)
_CALLED = re.compile(
    r"(?<![型货款批色几少])(?:[号证单表]|号码|编码)(?:码|是|为|:|\s|No\.?){0,4}"
    r"(#?(?=[A-Za-z-]{0,4}\d)(?=(?:[A-Za-z-]*\d){3})[A-Za-z0-9][A-Za-z0-9-]{2,24})"
    r"(?![A-Za-z0-9%]|[.,:/]\d|\s?[年月日天个件元块分米斤箱层楼])"
)
_PLAIN_PASSWORD = re.compile(
    r"密码(?:是|为|:)?\s?([A-Za-z]{5,20})(?![A-Za-z])"
    r"|(?i:\b(?:wi-?fi|wlan|network|router) (?:password|pass|key)(?:\s(?:is|was))?[\s:]{1,2})"
    r"([!-~]{6,40})|(?i:\b(?:security answer|memorable (?:word|place)|secret word|maiden name)"
    r"(?:\s(?:is|was)|\s?:)\s)([A-Za-z'-]{3,20}(?:\s[a-z]{3,12})?)"
)
_PASSWORD = re.compile(
    r"(?i:\b(?:pass?w(?:or|ro|r)?d|passwrod|paswd|passcode|wi-?fi|wlan|security answer"
    r"|memorable (?:word|place))\b)[^\n/]{0,30}?(?:/\s?|[:=]\s?(?=\S*[\d!@#$_]))([!-~]{4,40})"
    r"|(?i:\b(?:pas?sw(?:or|ro|r)?d|paswd)(?:\s(?:is|was))?)\s(?=[!-~]*[\d!@#$_])([!-~]{4,40})"
    r"|密保答案(?:是|为)?[\s:]{0,2}([\u4e00-\u9fff\w]{2,10})"
)
_BRACKETED = re.compile(
    r"(?<![\w.])\+?(?:\d{1,3} )?\(\d{1,4}\) ?\d{3,5}[ -]?\d{3,5}(?![\w]|[.,:]\d)"
)
_SHORT_ORDER = re.compile(r"(?:[单号餐]|\b(?i:order))\s?(#\d{1,4})(?!\d)")
_DATED_SECRET = re.compile(
    r"(?i:\b(?:dob|d\.o\.b\.?|date of birth|born(?: on)?|birthday is|birth ?date)\b|生日|出生)"
    r"[\s:是为在于]{0,4}((?:\d{1,4}[./年 -]){1,2}\d{1,4}[月日号]?\d{0,2}[日号]?)"
)
_BORN = re.compile(
    r"(?i:\b(?:dob|d\.o\.b\.?|dates? of birth|born(?: on)?|birthday|birth ?date)\b|生日|出生|生于"
    r"|[阴农阳]历)[^\d\n。!?]{0,10}$"
)
_DAY_OF = re.compile(r"\d{4}|月")
_LUNAR = re.compile(
    r"(?:\d{4}年)?(?:[正腊冬]|十[一二]?|[一二三四五六七八九])月"
    r"(?:初[一二三四五六七八九十]|[二三]?十[一二三四五六七八九]?|廿[一二三四五六七八九]?)"
)
_LEAST_DIGITS, _LEAST_SIGNS = 5, 5


def find_rest(text: str) -> Iterator[Span]:
    """Spans of ``text`` (folded, known ones masked)."""
    for match in _PASSWORD.finditer(text):
        value = match.group(match.lastindex or 0)
        if match.group(1) is None or any(map(str.isdigit, value)) or re.search("[-_!@#$]", value):
            end = match.end(match.lastindex or 0)
            yield Span(end - len(value), end, "password")
    for match in _PLAIN_PASSWORD.finditer(text):
        span = match.span(match.lastindex or 0)
        if text[slice(*span)].lower() not in NO_SECRETS:
            yield Span(*span, "password")
    for match in _MIXED_ZH.finditer(text):
        if any(map(str.isdigit, match.group())):
            yield Span(match.start(), match.start() + len(match.group().rstrip()), "phone")
    yield from _births(text)
    if not any(map(str.isdigit, text)):
        return
    for kind, pattern in (("plate_no", _PLATES), ("phone", _BRACKETED), ("order_id", _LETTERED)):
        for match in pattern.finditer(text):
            yield Span(*match.span(), kind)
    for pattern in (_EXPIRY, _BEHIND, _SAFE, _SHORT_ORDER, _DATED_SECRET, _BESIDE, _CALLED):
        for match in pattern.finditer(text):
            if not is_public(text, match.start(match.lastindex or 0)):
                yield Span(*match.span(match.lastindex or 0), "code")
    for match in _CUED_EXPIRY.finditer(text) if _CARD_WORD.search(text) else ():
        yield Span(*match.span(1), "code")
    for match in _TOKEN.finditer(text):
        if not _told(text, *match.span()):
            yield Span(*match.span(), "code")


def _births(text: str) -> Iterator[Span]:
    """Dates in words, and those of the Chinese calendar, behind a word of birth."""
    for pattern in (DATE, _LUNAR):
        for match in pattern.finditer(text):
            start, end = match.span()
            if _BORN.search(text, max(0, start - 24), start) and _DAY_OF.search(match.group()):
                yield Span(start, end, "code")


def _told(text: str, start: int, end: int) -> bool:
    """Whether form or surroundings tell that a token is no customer's."""
    value = text[start:end].strip("#")
    digits = sum(map(str.isdigit, value))
    plain = re.sub(r"[^A-Za-z0-9]", "", value)
    if digits < 3 or len(plain) < _LEAST_SIGNS or (plain.isdigit() and digits < _LEAST_DIGITS):
        return True
    if is_public(text, start) or _HOTLINE.fullmatch(value) or _MEASURE.match(text, end):
        return True
    cued = _CUE.search(text, max(0, start - 24), start) is not None
    if not cued and (_SIZED.fullmatch(value) or _NAMED.search(text[max(0, start - 16) : start])):
        return True
    return _dated_or_paid(text, start, end)


def _dated_or_paid(text: str, start: int, end: int) -> bool:
    before = max(0, start - 14)
    around = text[before : end + 14]
    return any(
        m.start() + before <= start and end <= m.end() + before
        for pattern in (DATE, MONEY)
        for m in pattern.finditer(around)
    )


_BEFORE = re.compile(
    r"(?:\(\+?\d{1,4}\)\s?|\+\d{1,3}\s|[A-Z0-9]{1,4}[-/.]?|[A-Za-z]{1,3}-|[㐀-鿿]字第?)?#?$"
)
_AFTER = re.compile(
    r"(?:[-/][A-Za-z0-9]{1,8}(?![A-Za-z])|[A-Z0-9]{1,3}(?![A-Za-z]))*(?:#(?![A-Za-z0-9]))?"
    r"(?:\s?(?:转|(?i:ext\.?))\s?\d{1,6}(?!\d))?"
)
_WHOLE = frozenset(
    ("order_id", "tracking_no", "invoice_no", "account_no", "id_no", "plate_no", "code", "phone")
)
_HOUSE = r"\d{1,5}(?:[A-Fa-f](?![A-Za-z]))?"
_HOUSE_BEFORE = re.compile(
    rf"(?<![A-Za-z0-9.,/$€£¥])(?:(?:{_HOUSE}|[一二三四五六七八九十]{{1,3}})[号栋幢座弄巷期楼][之的]?"
    rf"|{_HOUSE}|(?i:the|an?|no\.?|number)(?=\s))\s?$"
)
_HOUSE_AFTER = re.compile(rf"\s?{_HOUSE}(?:[号栋幢座室房楼]|(?![\w%]|[.,:/]\d))")


def widened(text: str, span: Span) -> Span:
    """A number with the rest of its token: ``R-20250311-04`` where ``20250311-04`` was found; an
    address with the house's number."""
    if span.kind == "address":
        return _with_house(text, span)
    if span.kind not in _WHOLE or not any(map(str.isdigit, text[span.start : span.end])):
        return span
    before = _BEFORE.search(text, max(0, span.start - 8), span.start)
    start = before.start() if before else span.start
    if start and re.match("[A-Za-z0-9]{2}", text[start - 1 : start + 1]):
        start = span.start
    after = _AFTER.match(text, span.end) if text[span.end - 1].isalnum() else None
    return Span(start, after.end() if after else span.end, span.kind)


def _with_house(text: str, span: Span) -> Span:
    start, end = span.start, span.end
    if before := _HOUSE_BEFORE.search(text, max(0, start - 10), start):
        start = before.start()
    after = _HOUSE_AFTER.match(text, end)
    if after and not _MEASURE.match(text, after.end()):
        end = after.end()
    return Span(start, end, span.kind)
