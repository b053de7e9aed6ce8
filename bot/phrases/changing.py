"""Changes of mind: another one, the wrong one, taken back, called off."""

from __future__ import annotations

import re

from bot.phrases.plain import LONGEST, plain

_OTHER = re.compile(
    r"\bthe\s+other\s+(?:one|order)\b|\banother\s+(?:one|order)\b|\bnot\s+(?:this|that)\s+one\b"
    r"|\bthe\s+(?:previous|earlier|older)\s+(?:one|order)\b|\bthe\s+(?:one|order)\s+before\b"
    r"|(?:另外?一|上一?|前一)[个单](?!地址|号码)|不是这[个单]|别的订单",
    re.IGNORECASE,
)
_ONLY_PARTICLES = re.compile(
    r"(?:[\W_]|\b(?:and|no|not|oh|oops|but|what|how|about|i|mean|meant|sorry|wait|for|that|was|the|it)\b"
    r"|那|我|说|的|是|了|呢|吧|嘛|啊|呀|不|对|哦|噢|不好意思|抱歉)*",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"\bchanged?\s+my\s+mind\b|\bundo\b|\btake\s+(?:it|that)\s+back\b|\bdidn'?t\s+mean\s+to\b"
    r"|反悔|后悔|改主意|改变主意|撤回|恢复(?:订单|一下)|点错|手滑",
    re.IGNORECASE,
)
_MISTAKEN = re.compile(
    r"\b(?:sorry|oops|whoops|typo|my\s+(?:mistake|bad)|mistyped|got\s+(?:it|that)\s+wrong)\b"
    r"|(?:写|打|说|搞|弄|输|填)错|^(?:啊|哦|呃|等等)?\W*不对(?![吗劲])",
    re.IGNORECASE,
)
_SLIP = re.compile(
    r"\b(?:typo|mistyped|got\s+(?:it|that)\s+wrong)\b"
    r"|\bwrong\s+(?:order|number|one|phone|digits|product|item)\b"
    r"|(?:订单|单|号|尾号)*(?:写|打|说|搞|弄|输|填|发|报|给|贴|复制)错了?(?:订单|单|号|尾号)*"
    r"|(?:订单|单|号|尾号|商品)不对",
    re.IGNORECASE,
)
_LEAVES = re.compile(
    r"(?:(?:oh|ok|okay|no|actually|well|please)\W+)*"
    r"(?:never\s?mind|forget\s+(?:it|that|about\s+it)|stop|leave\s+it|drop\s+it|don'?t\s+bother)\b"
    r"|(?:那|还是|哦|嗯)*\W*(?:算了|不用了|没事了|不[弄查办改退开]了|发票不[要用开]了)",
    re.IGNORECASE,
)
_ASKS_MORE = re.compile(
    r"\b(?:can|could|would|how|what|where|when|which|who|is|are|do|does|instead|rather|change|check|show)\b"
    r"|\bi\s+(?:want|need)\b(?!.*\b(?:no|nothing|not)\b)|\b(?:get|give|connect)\s+me\b"
    r"|(?<!n't )(?<!not )(?<!not to )\b(?:cancel|return|refund|exchange|swap|send|track|buy|"
    r"repair|call|talk|speak)\b|\bi'?ll\s+(?:take|have|go)\b"
    r"|(?<!不)(?<!别)(?<!不用)(?:能|可以|换|查|退|取消|修)|怎么|多少|什么|哪|帮我|直接|还是|我[要想](?!走|睡|留|自己)|[给帮]我"
    r"|人工|一下|给点|(?<!不)开[个张]?发票",
    re.IGNORECASE,
)


def other_one(text: str) -> bool:
    """Whether something else than what was just spoken of is meant, without saying which."""
    return len(text) <= LONGEST and _OTHER.search(plain(text)) is not None


def bare_other(text: str) -> bool:
    """Whether a message says that something else is meant, and nothing besides: 上一个呢."""
    rest = _OTHER.sub("", plain(text), count=1)
    return other_one(text) and _ONLY_PARTICLES.fullmatch(rest) is not None


def takes_back(text: str) -> bool:
    """Whether the customer wants what was just done undone: ``I changed my mind``, 我反悔了."""
    return len(text) <= LONGEST and _TAKES_BACK.search(plain(text)) is not None


def mistaken(text: str) -> bool:
    """Whether the customer says that what they gave was wrong: ``oops, typo``, 写错了."""
    return len(text) <= LONGEST and _MISTAKEN.search(plain(text)) is not None


def only_mistaken(text: str) -> bool:
    """Whether a message only says that what was given was wrong: ``oh sorry, wrong order``."""
    rest = _SLIP.sub("", plain(text))
    return len(rest) < len(plain(text)) and _ONLY_PARTICLES.fullmatch(rest) is not None


def leaves(text: str) -> bool:
    """Whether the customer lets go of what was begun: ``never mind``, 算了.

    Not where something else is asked for in the same breath: 算了，能换码吗.
    """
    said = plain(text)
    found = _LEAVES.match(said) if len(said) <= LONGEST and not said.endswith("?") else None
    return found is not None and _ASKS_MORE.search(said[found.end() :]) is None
