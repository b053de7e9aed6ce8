"""What a short message is: a question, one that names nothing, a clear yes."""

from __future__ import annotations

import re

from bot.phrases.plain import LONGEST, plain

_BARE = re.compile(
    r"(?:[\W_]|\b(?:and|but|so|ok|okay|fine|right|alright|then|now|well|oh|hi|hey|um+|pls|please|"
    r"thanks|thx|also|just|when|what|how|which|who|wh?en|long|much|many|soon|far|time|day|days|date|will|wil|would|does|do|"
    r"did|is|are|was|has|have|had|can|could|should|i|you|u|it|that|this|they|them|one|we|me|"
    r"come|comes|coming|arrive|arives?|arrives|get|gets|got|here|there|take|takes|took|need|cost|"
    r"costs|pay|charge|be|been|give|back|again|about|roughly|still|exactly|for|to|at|by|in|of|the|"
    r"a|free|extra|money|ship|ships|expect|expected|start|work|effect|today|tomorrow|tonight|"
    r"keep|kept|wait|valid|until|till|open|opens|opened|close|closes|closed)\b"
    r"|那|这|它|个|大概|大约|什么|神么|啥|时候|几|多|少|久|天|号|点|钱|长|能|可以|会|要|得|到|收|送|发|"
    r"拿|来|给|我|你们|你|吗|么|呢|啊|呀|的|了|还|再|就|是|有|免费|着|需|花|时间|左右|具体|究竟|到底|最快|最晚|最迟|生效|出|今|明|后|早|晚|不|没|放|存|留|等|修|寄|开|关|门|营业|账)+",
    re.IGNORECASE,
)
"""Words of which a question may be made without naming what it is about."""

_ASKS = re.compile(
    r"\?|\b(?:when|wen|what|how|which|who|will|would|does|is|are|can)\b|什么|神么|啥|几|多|吗|么|能|会|要|不$",
    re.IGNORECASE,
)
_WONDERS = re.compile(
    r"[?？]\W*$|\b(?:when|how\s+(?:long|soon)|what\s+happens|why)\b"
    r"|什么时候|啥时候|多久|几点|几天|怎么(?:处理|办)|[吗呢么]\W*$",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"(?:(?:oh|well|(?P<ok>ok|okay|alright|fine)|great|um+|that would be|would be|nice|good|"
    r"i would|"
    r"i'd like that|then|thanks|thank you|(?P<yes>yes|yeah|yep|yup|sure|of\s+course|definitely)|"
    r"(?P<do>please(?:\s+do)?|do\s+(?:it|that|so)|go\s+ahead))\b\W*)+"
    r"|(?:(?P<shi>可以的?|行|要的?|是的?|对的?|好[啊呀])|(?P<ban>麻烦你?了?|转吧?|办吧|换吧)|"
    r"那|就|嗯|(?P<hao>好的?)|帮我|请|谢谢?您?|你|吧|呀|啊|了|\W)+",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether a message may be a question, by its words and marks."""
    return _ASKS.search(plain(text)) is not None


def wonders(text: str) -> bool:
    """Whether a message asks what becomes of something: ``when do I hear from you?``."""
    return _WONDERS.search(plain(text)) is not None


def bare_question(text: str) -> bool:
    """Whether a short question names nothing that it is about: ``when will it come?``, 几号能到."""
    said = plain(text)
    short = len(said) <= LONGEST // 2 and asks(said)
    return short and any(char.isalpha() for char in said) and _BARE.fullmatch(said) is not None


def agrees(text: str, *, asked: bool = True, last: bool = False) -> bool:
    """Whether a short message is a clear yes.

    :param asked: a yes is an answer where something was ``asked``; ``do it`` is one anyway.
    :param last: a mere ``ok`` or 好的 is one where the question was the ``last`` that was said.
    """
    found = _AGREES.fullmatch(plain(text)) if len(text) <= LONGEST // 2 else None
    if found is None:
        return False
    yes = asked and any(found.group("yes", "shi"))
    return yes or any(found.group("do", "ban")) or (last and any(found.group("ok", "hao")))
