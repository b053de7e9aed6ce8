"""Detector for bare answers to what the agent asked: ``may I have your name`` - ``kavisri k``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from retrieval.redaction.name_lists import NOT_HAN_NAMES, NOT_NAMES, word_set
from retrieval.redaction.spans import MASK, Span

_ASKED: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            "customer_name",
            r"\b(?:your|full|first|last|sur|family|whose|what) ?name\b|\bname (?:please"
            r"|on the (?:order"
            r"|account))|who am i (?:speaking|chatting|talking)|贵姓|怎么称呼|如何称呼|姓名|名字",
        ),
        (
            "address",
            r"\baddress\b|\bwhere (?:should|shall|do) we (?:send|deliver)|地址|寄到哪|送到哪",
        ),
        (
            "code",
            r"\b(?:order|tracking|invoice|phone|mobile|account|card|reference|member\w*|booking"
            r"|ticket"
            r"|serial|id|contact) ?(?:number|no\b|id)|\bnumber\b|\bcode\b|last (?:four|4) digits"
            r"|单号|订单|手机|电话|号码|尾号|后四位|验证码|编号|卡号",
        ),
    )
)
_LEAD = re.compile(
    r"(?:(?:it'?s|it is|its|this is|sure|yes|yeah|ok|okay|hi|hello|name'?s?|my|is|the|i'?m|i am"
    r"|of course"
    r"|here you go|address|是的?|好的?|嗯|我是|我叫|叫我?|我姓|免贵姓|叫|姓|地址|在|就是|哦"
    r"|那个)(?![A-Za-z])[\s:,，。.!是:]*)*",
    re.IGNORECASE,
)
_END = re.compile(
    r"(?:[\s,，.。!！~]*(?:thanks?|thank you|thx|please|pls|谢谢|谢了|吧|哦|呢|哈)?)*$", re.I
)
_NAME = re.compile(r"[^\W\d_]+(?:['’.-]? ?[^\W\d_]+){0,3}\.?")
_HAN_NAME = re.compile(r"[㐀-鿿]{2,4}|[㐀-鿿]{1,6}(?:·[㐀-鿿]{1,6}){1,3}")
_NO_NAME = word_set(
    """
    no not none nothing why what which where when how who cannot cant don't dont idk
    forgot wait later already gave told said maybe both mine same yes nope sorry order
    refund return help need want have has please agent human delivery parcel moment minute
    second one sec lost
    """
)
_NUMBER = re.compile(r"#?(?=[A-Za-z-]{0,6}\d)[A-Za-z0-9]+(?:[ -](?=[A-Za-z]{0,3}\d)[A-Za-z0-9]+)*")
_NOT_HAN = re.compile("没|不|吗|什么|怎么|为什么|谁|哪|稍等|订单|快递|退|等|好|可以|谢|啊|的|了")


def find_asked(asked: str, text: str) -> Iterator[Span]:
    """Spans of ``text``, a short answer to ``asked`` (both folded)."""
    start, end = _bare(text)
    said = text[start:end]
    if not said or len(said) > 120 or re.fullmatch(rf"{MASK}+", said):
        return
    kinds = [kind for kind, pattern in _ASKED if pattern.search(asked)]
    if "customer_name" in kinds and _is_name(said):
        yield Span(start, end, "customer_name")
    elif "address" in kinds and _is_address(said):
        yield Span(start, end, "address")
    elif "code" in kinds:
        for match in _NUMBER.finditer(text, start, end):
            if sum(map(str.isdigit, match.group())) >= 3:
                yield Span(*match.span(), "code")


def _bare(text: str) -> tuple[int, int]:
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    tail = _END.search(text, start)
    return start, tail.start() if tail else len(text)


def _is_name(said: str) -> bool:
    if _HAN_NAME.fullmatch(said):
        return not _NOT_HAN.search(said) and said not in NOT_HAN_NAMES
    words = said.lower().split()
    plain = _NAME.fullmatch(said) is not None and said.isascii()
    return plain and not any(word in _NO_NAME or word in NOT_NAMES for word in words)


def _is_address(said: str) -> bool:
    """Words and a number, or several parts."""
    parts = re.split(r"[,，\s]+", said)
    return "?" not in said and any(map(str.isdigit, said)) and (len(parts) > 1 or said > "㐀")
