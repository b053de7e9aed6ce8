"""Detectors for amounts of money and for dates and times: facts, until a person's case shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.spans import Span

_ZH_NUMBER = "[零一二两三四五六七八九十百千万]+"
MONEY = re.compile(
    r"(?:[¥￥$€£]|\b(?:RMB|CNY|USD|HKD|HK\$)\s?)\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:k|万)\b)?"
    r"|\d[\d,]*(?:\.\d+)?\s?(?:元钱?|块钱?(?!一)|yuan\b|rmb\b|cny\b|dollars?\b|euros?\b|人民币)"
    rf"|{_ZH_NUMBER}(?:元钱?|块钱?)(?![一二])",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DAY = r"(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?"
_CLOCK = r"(?:\d{1,2}[:：]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?|\d{1,2}\s?[ap]\.?m\b\.?)"
DATE = re.compile(
    r"(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?(?!\d)"
    r"|(?<!\d)\d{1,2}[/.]\d{1,2}[/.]\d{2,4}(?!\d)"
    r"|(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]?|(?<![\d第])\d{1,2}号(?=[上下中晚前后到之就才能会，。]|$)"
    r"|(?:[上下这本]个?)?(?:周|星期|礼拜)[一二三四五六日天末]"
    r"|(?:大前天|前天|昨天|昨日|今天|今日|今晚|昨晚|明天|明早|明日|明晚|后天|大后天)"
    r"|(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?[零一二两三四五六七八九十\d]{1,3}点(?:半"
    r"|[一二三四五六七八九十\d]{1,3}分?)?"
    rf"|\b(?:{_DAY},?\s+)?(?:the\s+)?\d{{1,2}}(?:st|nd|rd"
    rf"|th)?\s+(?:of\s+)?{_MONTH}(?:\s+\d{{4}})?\b"
    rf"|\b{_MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b|\b{_DAY}\b"
    r"|\bthe\s+\d{1,2}(?:st|nd|rd|th)\b|\b(?:yesterday|today|tomorrow|tonight)\b"
    rf"|(?<![\d.]){_CLOCK}",
    re.IGNORECASE,
)


def find_values(text: str) -> Iterator[Span]:
    """Amounts and dates of ``text`` (folded)."""
    for match in MONEY.finditer(text):
        yield Span(*match.span(), "amount")
    for match in DATE.finditer(text):
        yield Span(*match.span(), "date")
