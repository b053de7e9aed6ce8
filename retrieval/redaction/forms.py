"""Detector for values known by form alone: identity numbers of many countries, mail addresses that
were written so that no machine reads them, and passwords that are plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.name_lists import word_set
from retrieval.redaction.spans import Span

_IDENTITIES = re.compile(
    r"(?<![A-Za-z0-9.-])(?<!\d )(?:"
    r"[STFGM]\d{7}[A-Z]"  # Singapore
    r"|[A-Z]{5}\d{4}[A-Z]"  # India, PAN
    r"|\d{4} \d{4} \d{4}"  # India, Aadhaar
    r"|[XYZ]-?\d{7}-?[A-Z]|\d{8}-?[A-HJ-NP-TV-Z]"  # Spain
    r"|\d{3}\.\d{3}\.\d{3}-\d{2}"  # Brazil
    r"|784-\d{4}-\d{7}-\d"  # Emirates
    r"|\d{3}-\d{2}-\d{4}|\d{3}-\d{3}-\d{3}"  # United States, Canada
    r"|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"  # National Insurance
    r"|[A-Z9]{5}\d{6}[A-Z9]{2}\d[A-Z]{2}"  # British driving licence
    r"|[A-Z][12]\d{8}"  # Taiwan
    r"|\d{1,2}\.\d{3}\.\d{3}-[\dkK]"  # Chile
    r"|\d{2}-\d{8}-\d"  # Argentina
    r"|[12] \d{2} \d{2} \d{2} \d{3} \d{3}(?: \d{2})?"  # France
    r"|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"  # Italy
    r"|\d{6}-\d{7}|\d{6}[-+]\d{4}|\d{6}[-+A]\d{3}[\dA-Z]"  # Korea, Sweden, Finland
    r"|[A-HJ-NPR-Z0-9]{3}[A-HJ-NPR-Z0-9]{5}[0-9X][A-HJ-NPR-Z0-9]{2}\d{6}"  # a vehicle's
    r")(?![A-Za-z0-9-]|\.\d| \d)"
)
_HOSTS = (
    r"(?:gmail|googlemail|yahoo|ymail|hotmail|outlook|icloud|live|msn|aol|gmx|protonmail|proton|qq"
    r"|foxmail|163|126|139|sina|sohu|aliyun|yandex|mail|web|btinternet|sky)"
)
_AT = (
    r"(?:\s?[@＠]\s?|\s?[\[({<]\s?(?:at|@)\s?[\])}>]\s?|\s(?:at|AT)\s|\s?艾特\s?|\s?#\s?at\s?#\s?)"
)
_DOT = r"(?:\s?\.\s?|\s?[\[({<]\s?(?:dot|\.)\s?[\])}>]\s?|\s(?:dot|DOT|point)\s|\s?点\s?)"
_LOCAL = (
    r"(?<![\w.@+-])[A-Za-z0-9][\w+-]{0,40}"
    rf"(?:(?:{_DOT}|\s(?:underscore|dash|hyphen|minus|plus)\s)[\w+-]{{1,30}}){{0,5}}"
)
_MAILS = re.compile(
    rf"{_LOCAL}"
    r"(?:(?:\s?[\[({<]\s?at\s?[\])}>]\s?|\s(?:at|AT)\s|\s?(?:艾特|圈a|在)\s?)[A-Za-z0-9-]{2,30}"
    r"(?:(?:\s?[\[({<]\s?dot\s?[\])}>]\s?|\s(?:dot|DOT|point)\s|\s?点\s?)[A-Za-z]{2,12}){1,3}"
    rf"|{_AT}{_HOSTS}(?:{_DOT}?(?:com|net|org|de|fr|co|cn|uk|edu|io))?(?:{_DOT}(?:uk|cn"
    rf"|in|au|jp|hk|tw))?"
    rf"|(?:[@＠]|\s?[\[({{<]\s?(?:at"
    rf"|@)\s?[\])}}>]\s?)[A-Za-z][\w-]{{1,40}}(?:{_DOT}[\w-]{{2,20}}){{0,3}}"
    rf"|\s{_HOSTS}{_DOT}(?:com|net|org|cn)"
    r")(?![\w@])",
    re.ASCII,
)
_PASSWORDS = re.compile(
    r"(?i:\b(?:pass ?(?:word|code|wd|phrase)|passw|pswd|psw|pwd?|p/w)s?\b)"
    r"(?i:(?:\s(?:for|to|of|on) (?:the|my|it|this|that)(?: \w{1,12})?)?(?:\s(?:is|was|are|now"
    r"|set to|changed to|it's|its))+"
    r"|\s?(?:[:=]|->|=>))[\s\"'“‘]{1,3}(?P<value>[!-~]{4,40})"
)
NO_SECRETS = word_set(
    """
    wrong incorrect correct right invalid valid expired rejected refused denied forgotten lost
    locked blocked reset changed required needed missing empty blank same different new old stuck
    still being sent secure safe weak strong short long case sensitive hidden shown visible saved
    stored accepted working broken fine okay good bad what that this there here always never only
    also just really very like something anything nothing your mine ours theirs with from under
    because when where which while until unless please thanks about after before either neither
    asked given known unknown compromised leaked stolen hacked temporary default enough protected
    wifi login email phone account number
    """
)


def find_forms(text: str) -> Iterator[Span]:
    """Spans of ``text`` (folded)."""
    for match in _MAILS.finditer(text):
        yield Span(*match.span(), "email")
    for match in _PASSWORDS.finditer(text):
        value = match["value"].rstrip("\"',.;:)!?”’")
        if len(value) >= 4 and value.lower() not in NO_SECRETS:
            yield Span(match.start("value"), match.start("value") + len(value), "password")
    if any(map(str.isdigit, text)):
        for match in _IDENTITIES.finditer(text):
            yield Span(*match.span(), "id_no")
