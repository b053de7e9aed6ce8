"""What makes a past answer unfit to be repeated, however well it reads."""

from __future__ import annotations

import re
from typing import Protocol

from retrieval.redaction.values import MONEY

POISON = frozenset(
    {
        "link", "instruction", "insult", "promise", "contact", "secret", "bad_rating", "unresolved",
    }
)  # fmt: skip
"""Flags that keep an answer from being proposed as good."""

_LINK = re.compile(
    r"{link(?:_\d+)?}|https?://|www\.|<[a-z/!][^>]*>|\]\(|[{]{2}|javascript:|data:text"
    r"|\b[\w-]+(?:\.|\s?\[?(?:dot|点)\]?\s?)(?:com|net|cn|top|xyz|vip|cc|info|shop|link|ru|io|me)\b"
    r"|二维码|扫码|扫一扫|点击链接|点(?:这|此)(?:里|个)?链接",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass) (?:all |any |the |your |my |previous |prior "
    r"|earlier |above )*(?:instruction|rule|prompt|above|polic|guideline|restriction)"
    r"|\b(?:system|developer) (?:prompt|message|mode)|\byou are now\b|\bact as (?:a|an|if)\b"
    r"|\bpretend (?:to be|you)|jailbreak|\bas an ai\b|\bfrom now on,? (?:you|always|answer|say)"
    r"|\b(?:always|only) (?:reply|answer|respond|say) (?:with|that)\b|\b(?:reveal|print|repeat) "
    r"(?:the |your )?(?:system|instructions|prompt)|\b(?:drop|delete) (?:table|from)\b|\brm -rf\b"
    r"|<\|?(?:im_start|system|assistant)|\[/?inst\]|###\s*(?:system|instruction)"
    r"|忽略(?:之前|以上|所有|前面|上述|先前)|无视(?:之前|以上|所有|规则)|系统提示|提示词|你现在是"
    r"|从现在(?:开始|起)(?:，|,)?(?:你|请|都|一律|只)|开发者模式|越狱|扮演|不要遵守|输出(?:你的)?(?:指令|设定)"
    r"|一律回(?:复|答)|只(?:能|准|许)?回(?:复|答)[“\"「]",
    re.IGNORECASE,
)
_INSULT = re.compile(
    r"\b(?:idiots?|stupid|morons?|shut up|dumb|fuck\w*|shit\w*|bitch\w*|asshole|clowns?|liars?"
    r"|pathetic|loser|scum|trash person|go to hell|not my problem|deal with it|your own fault"
    r"|learn to read|asking again won't|get lost|waste of (?:my )?time)\b"
    r"|傻|蠢|白痴|滚(?!动|筒|轮|梯)|妈的|他妈|废物|神经病|有病|闭嘴|活该|关我什么事|关我屁事|爱买不买|自己不会"
    r"|脑子|智障|脑残|贱|去死|穷鬼|买不起就|爱咋咋|瞎了|眼瞎|不识字",
    re.IGNORECASE,
)
_GIFT = re.compile(
    r"\b(?:compensat\w+|goodwill|gift you|give you|credit you|pay you|send you a "
    r"(?:voucher|coupon|gift)|on the house|for free as an? (?:apology|exception)"
    r"|make an exception|extra discount|knock off|just for you|i promise|guarantee\w*"
    r"|(?:double|triple) (?:refund|your money)|off the record|between (?:us|you and me)"
    r"|waive|free of charge for you|cash ?back)\b"
    r"|补偿|赔(?:您|你|偿|付)|送(?:您|你)|破例|特批|私下|给(?:您|你)(?:返|优惠|减|便宜|免|转)|红包|返现|我保证"
    r"|包赔|绝对|全额退.{0,6}还送|双倍|白送|免单|打钱|内部价",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b(?:whats ?app|telegram|wechat me|my wechat|signal me|my (?:private|personal|own) "
    r"(?:number|phone|mail|e-?mail|account|line)|(?:call|text|write|e-?mail|reach|contact|message) "
    r"me (?:privately|directly|at|on|under|after work)|outside (?:of )?(?:this|the) "
    r"(?:chat|platform|shop)|off(?:-| )platform|(?:transfer|send|wire|pay) "
    r"(?:it |the money |me )?(?:to|into) "
    r"(?:my|this|another) (?:account|card|wallet)|(?:bitcoin|usdt|crypto|western union"
    r"|gift cards?) (?:to|wallet|code))"
    r"|加(?:我|一下)?(?:个)?(?:微信|qq|vx|v信|薇信|威信|扣扣|好友)|(?:我的|私人)(?:微信|qq|手机|电话|账户|账号|支付宝)"
    r"|私(?:聊|信|加)|微信转|转(?:账)?(?:到|给)(?:我|这个|另外|个人)|(?:到|转)个人(?:账户|账号|卡)|下班(?:后)?联系"
    r"|平台外|线下(?:交易|转账|付)|绕(?:过|开)平台|对公以外",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"\b(?:send|tell|give|share|text|need|confirm|type|enter)\b[^.?!]{0,30}\b(?:password|pin code"
    r"|(?:your )?pin|cvv|cvc|security code|one[- ]time (?:code|password)|otp|verification code"
    r"|full card number)\b|\binstall (?:any ?desk|team ?viewer|this app)\b|\bremote control\b"
    r"|(?:发|告诉|告知|报|提供|给|说)(?:一下|给)?(?:我|客服)?[^。？！]{0,10}(?:验证码|密码|安全码|支付密码|cvv)"
    r"|(?:密码|验证码|cvv)[^。？！不]{0,6}(?:发|告诉|报|给)(?:我|过来|一下)|屏幕共享|远程控制|下载(?:这个|此)(?:app|软件)",
    re.IGNORECASE,
)


_LEANING = re.compile(
    r"^(?:then|that|it|its|they|he|she|so|both|these|those|this|same|in that case|which|oh|haha"
    r"|yes|no|because|and|but|or|also|neither|either)\b"
    r"|\b(?:yesterday|tomorrow|last night|just now)\b"
    r"|^(?:那|这|它|他|她|对[，,！!～~]|是的|不是|嗯|所以|因为|因此|但|然后|而且|也|还是|没事|刚|退完|哈|啊|哦)"
    r"|昨天|昨晚|前天|刚才|刚刚|\d月\d+[日号到]",
    re.IGNORECASE,
)


class Judged(Protocol):
    """What :func:`flags` reads of an answer."""

    @property
    def text(self) -> str:
        """The answering sentences."""

    @property
    def outcome(self) -> str | None:
        """How the conversation ended."""

    @property
    def rating(self) -> int | None:
        """The customer's rating, 1 to 5."""

    @property
    def mood(self) -> int:
        """-1 where the customer protested next."""

    @property
    def case(self) -> bool:
        """Whether the turn also spoke of the customer's own case."""


def flags_of_text(text: str) -> tuple[str, ...]:
    """Names of what is suspicious about words alone, sorted: a part of :data:`POISON`."""
    found = {
        "link": _LINK.search(text),
        "instruction": _INSTRUCTION.search(text),
        "insult": _INSULT.search(text),
        "contact": _CONTACT.search(text),
        "secret": _asks_secret(text),
    }
    return tuple(sorted(name for name, hit in found.items() if hit))


def flags_of_turn(answer: Judged, whole: str) -> tuple[str, ...]:
    """Names of what is suspicious about one use of an answer, sorted.

    :param whole: the agent's whole turn.
    """
    found = {
        "bad_rating": answer.rating is not None and answer.rating <= 2,
        "unresolved": answer.outcome in ("unresolved", "abandoned"),
        "protest": answer.mood < 0,
        "case": answer.case,
        "leaning": _LEANING.search(answer.text),
        "personal": re.search(r"{[a-z_]+\d*}", answer.text),
    }
    return tuple(sorted((*flags_of_text(whole), *(name for name, hit in found.items() if hit))))


def _asks_secret(text: str) -> bool:
    """Whether somebody is asked for what nobody may ask; a warning against it is none."""
    warned = re.search(
        r"\b(?:never|don'?t|do not|nobody)\b|不要|切勿|别把|别告诉|不会|千万|都不", text, re.I
    )
    return bool(_SECRET.search(text)) and not warned


def amounts(text: str) -> frozenset[str]:
    """Amounts of money in ``text``, however they are written: ``99`` for ``¥99`` and ``99元``."""
    return frozenset(
        digits for m in MONEY.finditer(text) if (digits := re.sub(r"[^\d.]", "", m.group()))
    )


def gives_away(text: str, known: frozenset[str]) -> bool:
    """Whether a text promises money or favours that are not the shop's rule.

    :param known: amounts that several conversations state.
    """
    if not _GIFT.search(text):
        return False
    stated = amounts(text)
    return not stated or not stated <= known
