"""Detectors for street addresses and company names, Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.estates import find_estates, simplified, whole
from retrieval.redaction.spans import Span, mask_of
from retrieval.redaction.streets import find_streets

_HAN = "[㐀-鿿]"
_LEAD = re.compile(
    r"^[^省市区县镇路街号]*(?:地址|收货|寄到|寄往|寄去|送到|送去|发到|改成|改到|改为|换成|换到"
    r"|搬到|住在|我在|就在|人在|位于|麻烦|还是|应该|填成|写成|填了|写了|是|到|为|在|寄|送|去)"
)
_REGION = (
    rf"(?:{_HAN}{{2,8}}?(?:省|自治区|自治州|特别行政区|市|新区|开发区|区|县|旗|镇|乡|街道|州))"
)
_ROAD = rf"{_HAN}{{1,10}}?(?:路|街|大道|大街|巷|弄|胡同|里|道|线)(?:[东南西北中一二三四五六]段)?"
_NUMBER = r"[0-9零一二三四五六七八九十百]{1,5}"
_UNIT = (
    rf"(?:[\s,，-]{{0,2}}(?:{_HAN}{{2,12}}?)?[A-Za-z]?{_NUMBER}[A-Za-z]?\s?"
    r"(?:号楼|号院|号|栋|幢|座|单元|弄|层|楼|室|房|户|铺|组|#)"
    rf"|[\s,，-]{{0,2}}(?:{_HAN}{{2,8}})?[A-Z]\d{{0,2}}[座区栋]|之[一二三四五]"
    rf"|[\s,，-]{{0,2}}{_HAN}{{2,10}}(?:小区|花园|大厦|公寓|广场|家园|新村"
    rf"|学校|大学|园区|校区))"
)
_TAIL = r"(?:\s?[-–]?\s?[A-Za-z]?\d{1,5}(?:[-–]\d{1,5}){0,3}(?:室|房|号)?)?"
ADDRESS_ZH = re.compile(
    rf"(?>{_REGION}{{0,6}})\s?{_ROAD}\s?{_NUMBER}\s?(?:号|弄|巷)(?:{_UNIT})*{_TAIL}"
    rf"|(?>{_REGION}{{1,6}})\s?(?:{_ROAD})?{_UNIT}+{_TAIL}"
    rf"|{_HAN}{{2,8}}?(?:小区|花园|大厦|公寓|广场|家园|新村|名邸|学校|大学|校区|医院|住院部|学院"
    rf"|中学|小学|中心|产业园|科技园|工业园|园|村|苑|城|府)\s?"
    rf"(?:{_HAN}{{1,8}}?(?:楼|区|园|部))?(?:{_NUMBER}(?:期|区|组团))?\s?"
    rf"{_NUMBER}\s?(?:号楼|栋|幢|座|单元|号|室|层|楼)(?:{_UNIT})*{_TAIL}"
    rf"|(?>{_REGION}{{2,5}}){_HAN}{{1,8}}?(?:村|屯|庄|社区)(?:{_NUMBER}(?:组|队|号))?"
    rf"|{_HAN}{{1,6}}路[与和跟]{_HAN}{{1,6}}路(?:交叉口|交汇处|路口|口)"
)
_HOUSE_ZH = re.compile(
    # A town or estate without its suffix, houses in digits, and a house alone after a cue.
    rf"(?:地址|收货|寄到|送到|送去|发到|改成|改到|住在|我住|家住|住|在|放|发|到|是|小区叫?|^"
    rf"|[\s,:;])[\s:]?("
    rf"{_HAN}{{2,20}}?(?:路|街|大道|弄|巷|道)\s?[甲乙丙丁]?(?:\d{{1,5}}\s?号?|{_NUMBER}\s?号)"
    rf"(?:[A-Za-z]?{_HAN}{{0,8}}?"
    rf"[A-Za-z]?{_NUMBER}?\s?(?:号楼|号院|号|栋|幢|座|塔|单元|弄|层|楼|室|房|户|铺|组|樓"
    rf"|棟)[A-Za-z]?[室座]?)*\d{{0,4}}"
    rf"|{_HAN}{{2,20}}\s?(?:{_HAN}{{2,10}}\s?)?\d{{1,3}}[-–]\d{{1,3}}[-–]\d{{3,4}}"
    rf"|{_HAN}{{2,20}}[A-Z]\d{{0,2}}(?:-[A-Z])?(?:{_NUMBER})?[栋座幢塔]\d{{2,4}}"
    rf"|{_HAN}{{2,30}}?\d{{1,3}}(?:号楼|号院|栋|幢|座)(?:\d{{1,2}}单元)?(?:\d{{1,4}}室?|前台|门卫"
    rf"|大堂)?"
    rf"|(?!附近){_HAN}{{2,15}}(?<!有)菜鸟驿站"
    rf"|\d{{1,3}}(?:号楼|栋|幢|弄)(?:\d{{1,3}}(?:单元|号))?(?:\d{{3,4}}室?|前台|{_HAN}{{0,4}}柜"
    rf"|门卫|大堂)?)"
)
_KIND = (
    r"(?:Road|Rd|Street|St|Avenue|Ave|Lane|Ln|Drive|Boulevard|Blvd|Court|Ct|Square|Terrace|Close"
    r"|Crescent|Highway|Alley|Lu|Jie|Dadao|Xiang)\b\.?"
)
_NAME = r"[A-Z][\w'’-]{0,20}"
_STREET = (
    rf"(?:(?:No\.?\s?)?\d{{1,5}}[A-Za-z]?,?\s+(?:{_NAME}\s+){{1,4}}?(?i:{_KIND})"
    rf"|(?:{_NAME}\s+){{1,4}}?{_KIND}\s?,?\s?(?:No\.?\s?)?\d{{1,5}}[A-Za-z]?"
    rf"|\d{{1,5}}[A-Za-z]?\s+(?:[a-z'’]+\s+){{1,3}}?(?:road|rd|street|avenue|ave|lane|lu|jie)\b)"
)
_PART = (
    r"(?:(?:Room|Rm|Flat|Apt|Apartment|Unit|Suite|Building|Bldg|Block|Tower|Floor|House|Gate"
    r"|room|flat|apt|apartment|unit|suite|building|bldg|block|tower|floor|house|gate)\.?\s?#?"
    r"[A-Z]?\d{0,5}[A-Z]?(?:-\d{1,5})?|\d{1,3}/?F\b|#?\d{1,4}[A-Z]?(?:-\d{1,5})+|#\d{1,5}"
    rf"|\d{{1,3}}(?:st|nd|rd|th)\s+[Ff]loor|(?:{_NAME}\s+){{0,3}}{_NAME}(?:\s+\d{{5,6}})?)"
)
ADDRESS_EN = re.compile(rf"(?:{_PART},?\s+){{0,3}}?{_STREET}(?:,\s?{_PART}){{0,5}}")
_DISTRICT = re.compile(
    rf"(?:(?:{_NAME}|{_HAN}+),?\s+){{0,3}}(?:{_NAME}\s+)?(?:District|County|Village)"
    rf"(?:,\s?{_PART}){{0,4}}"
)
_COMPANY_ZH = re.compile(
    r"(?:[㐀-鿿]|[（(][㐀-鿿]{2,6}[）)]){4,30}"
    r"(?:有限责任公司|股份有限公司|有限公司|合伙企业|事务所|工作室|经营部|商行)"
    rf"|[㐀-鿿]{{4,20}}(?:公司|集团|店|厂|部|中心|社|馆|行"
    rf"|学校)(?=[\s,，]{{1,2}}(?:税号\S?)?{mask_of('tax_no')})"
)
_COMPANY_LEAD = re.compile(
    r"^.*(?:抬头|公司名称?|单位|名称|开给|改成|改为|写成|换成|开成|应该是|应为|是|叫|为|给|成|的"
    r"|请开)"
)
_COMPANY_EN = re.compile(
    r"(?:[A-Z][\w&'’.-]*\s+){1,6}?(?:\([A-Z]\w+\)\s+)?"
    r"(?:Co\.?,?\s?Ltd\b\.?|Ltd\b\.?|Limited\b|LLC\b|GmbH\b|Inc\b\.?|Corp(?:oration)?\b\.?|PLC\b"
    r"|(?:Studio|Machinery|Trading|Holdings|Consulting|Catering|Optics|Events|School"
    r"|University)\b(?!\s(?:[A-Z(])))"
)
_GENERIC = re.compile(r"^(?:你们|我们|贵|本|他们|那个|这个|快递|物流|一家|我|咱|其他)")


def find_places(text: str) -> Iterator[Span]:
    """Addresses and companies of ``text`` (folded)."""
    if re.search(_HAN, text):
        yield from _chinese(simplified(text))
    if re.search("[A-Za-z]", text):
        yield from _latin(text)
    elif "#" in text:
        yield from find_streets(text)


def _chinese(text: str) -> Iterator[Span]:
    yield from find_estates(text)
    for match in ADDRESS_ZH.finditer(text):
        start = match.start() + _lead(_LEAD, match.group())
        start += len(text[start:]) - len(text[start:].lstrip())
        yield Span(start, whole(text, match.end()), "address")
    for match in _HOUSE_ZH.finditer(text):
        start = match.start(1) + _lead(_LEAD, match.group(1))
        yield Span(start, whole(text, match.end(1)), "address")
    for match in _COMPANY_ZH.finditer(text):
        start = match.start() + _lead(_COMPANY_LEAD, match.group())
        named = text[start : match.end()]
        if len(named) >= 6 and not _GENERIC.match(named):
            yield Span(start, match.end(), "company")


def _latin(text: str) -> Iterator[Span]:
    for pattern in (ADDRESS_EN, _DISTRICT):
        for match in pattern.finditer(text):
            if any(char.isdigit() for char in match.group()) or pattern is _DISTRICT:
                yield Span(*match.span(), "address")
    yield from find_streets(text)
    for match in _COMPANY_EN.finditer(text):
        yield Span(*match.span(), "company")


def _lead(pattern: re.Pattern[str], found: str) -> int:
    """Length of the words before the place itself, such as ``寄到``; never all of it."""
    lead = pattern.match(found)
    return lead.end() if lead and len(found) - lead.end() >= 3 else 0
