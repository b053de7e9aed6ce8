"""The tone of a template: what apologises, what is cheerful, and an answer without its apology."""

from __future__ import annotations

import re

_SORRY = re.compile(
    r"\b(?:sorry|apolog(?:y|ies|i[sz]e)|regret|forgive)\b|抱歉|对不起|不好意思|致歉|道歉|歉意",
    re.IGNORECASE,
)
_CHEERFUL = re.compile(
    r"[!！~～😀-🙏🎉✨]|[啦哦哟嘻哈]|\b(?:good news|great|yay|with pleasure)\b|好消息",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:(?:I'm|I am|We're|We are)\s+(?:really |so |very |truly |terribly )*sorry"
    r"(?: about (?:that|this)| to hear (?:that|this))?|(?:My|Our) apologies|Sorry(?: about that)?)"
    r"\s*[.!,:]\s+"
    r"|^(?:[真很]的?|非常|实在|十分|深感)*(?:抱歉|对不起|不好意思)(?:让您久等了|了|啊)?[，。！：,!]",
)


def apologises(text: str) -> bool:
    """Whether a text says sorry."""
    return _SORRY.search(text) is not None


def cheerful(text: str) -> bool:
    """Whether a text is in high spirits: not for somebody who is angry."""
    return _CHEERFUL.search(text) is not None


def without_apology(template: str) -> str:
    """A template without the apology that it opens with; one that is nothing else stays.

    Somebody who is upset is told so once: said before each answer, *sorry* is a form of words.
    """
    opening = _OPENING.match(template)
    if opening is None:
        return template
    rest = template[opening.end() :].lstrip()
    if not rest:
        return template
    return rest[0].upper() + rest[1:]
