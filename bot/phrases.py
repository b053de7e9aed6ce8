"""Short answers that mean something only beside what was just said: choices, corrections, stops.

An intent model reads a message by itself; "the second one" or 那个蓝色的 can only be read with the
list before it. English and Chinese, and only messages too short to hold a request of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

LONGEST = 60
"""Characters that such an answer has at most."""

_LEAD = (
    r"(?:(?:no|yes|ok|okay|oh|sorry|actually|please|it'?s|it is|i mean|i meant|i want|i'd like|"
    r"take|choose|maybe)\W+)*"
)
_TAIL = r"(?:\W+(?:please|thanks|thank you))?\W*"
_NUMBERS = (
    ("first", "1st", "一", "1"),
    ("second", "2nd", "二", "2"),
    ("third", "3rd", "三", "3"),
    ("fourth", "4th", "四", "4"),
    ("fifth", "5th", "五", "5"),
)
_ORDINAL = re.compile(
    rf"{_LEAD}(?:the\s+)?(?:(?:number|no\.?)\s+)?"
    r"(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|[1-5])"
    rf"(?:\s+(?:one|order|option))?{_TAIL}"
    r"|(?:不对?|不是|我要|我说的?是|选|就|是)*(?:第([一二三四五1-5])|(最[后上下]面?)[一那的]*)[个单条项]?"
    r"(?:订单)?[吧的]?\W*",
    re.IGNORECASE,
)
_THAT_ONE = re.compile(
    rf"{_LEAD}(?:(?:the|that|my)\s+)(?:(?:one|order)\s+(?:with|for|of)\s+(?:the\s+)?)?"
    rf"(.+?)(?:\s+(?:one|order))?{_TAIL}",
    re.IGNORECASE,
)
_THAT_ONE_ZH = re.compile(r"(?:不对?|不是|我要|我说的?是|选|就|是|那|这|个|单|，|,)*"
                          r"(.{2,12}?)(?:的|那)*[个单]?(?:订单)?[吧]?\W*")  # fmt: skip
_OTHER = re.compile(
    r"\bthe\s+other\s+(?:one|order)\b|\banother\s+(?:one|order)\b|\bnot\s+(?:this|that)\s+one\b"
    r"|\bthe\s+(?:previous|earlier|older)\s+(?:one|order)\b|\bthe\s+(?:one|order)\s+before\b"
    r"|(?:另外?一|上一?|前一)[个单](?!地址|号码)|不是这[个单]|别的订单",
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


_POINTS = re.compile(
    r"(?<![A-Za-z])(?:the\s+)?(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|5th|former|latter)"
    r"\s+(?:one|order|option|item)s?(?![A-Za-z])|(?<![A-Za-z])the\s+(former|latter)(?![A-Za-z])"
    r"|第([一二三四五1-5])[个单条项款件](?:订单)?|(最后|后面|前面|后)(?:[一那][一]?)[个单条项款件种](?:订单)?",
    re.IGNORECASE,
)
"""Words inside a request that point at one of several things."""

_ENDS = {"former": 0, "前面": 0, "last": -1, "latter": -1, "最后": -1, "后面": -1, "后": -1}


def place_in(text: str, count: int) -> tuple[int, int, int] | None:
    """Where a message points at one of ``count`` things: start, end, and which one.

    None where it points at none, at several, or at one that there is not.
    """
    found = list(_POINTS.finditer(text))
    if len(found) != 1 or len(text) > LONGEST:
        return None
    word = next(group for group in found[0].groups() if group).casefold()
    if word in _ENDS:
        return found[0].start(), found[0].end(), _ENDS[word] % count
    place = next(at for at, names in enumerate(_NUMBERS) if word in names)
    return (found[0].start(), found[0].end(), place) if place < count else None


def chosen(text: str, titles: Sequence[str]) -> int | None:
    """Which of the buttons just shown a written answer means; None if none or several could be.

    By its title, by its place ("the second one", 最后一个), or by words that are in one title only
    ("the blue one", 那个蓝色的).
    """
    said = plain(text)
    if not titles or not said or len(said) > LONGEST:
        return None
    shown = [plain(title) for title in titles]
    if said.strip(" .!。！") in shown:
        return shown.index(said.strip(" .!。！"))
    return _by_place(said, len(titles)) if _ORDINAL.fullmatch(said) else _by_words(said, shown)


def other_one(text: str) -> bool:
    """Whether something else than what was just spoken of is meant, without saying which."""
    return len(text) <= LONGEST and _OTHER.search(plain(text)) is not None


def bare_other(text: str) -> bool:
    """Whether a message says that something else is meant, and nothing besides: 上一个呢."""
    rest = _OTHER.sub("", plain(text), count=1)
    return other_one(text) and _ONLY_PARTICLES.fullmatch(rest) is not None


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


def asks(text: str) -> bool:
    """Whether a message may be a question, by its words and marks."""
    return _ASKS.search(plain(text)) is not None


_WONDERS = re.compile(
    r"[?？]\W*$|\b(?:when|how\s+(?:long|soon)|what\s+happens|why)\b"
    r"|什么时候|啥时候|多久|几点|几天|怎么(?:处理|办)|[吗呢么]\W*$",
    re.IGNORECASE,
)


def wonders(text: str) -> bool:
    """Whether a message asks what becomes of something: ``when do I hear from you?``."""
    return _WONDERS.search(plain(text)) is not None


def bare_question(text: str) -> bool:
    """Whether a short question names nothing that it is about: ``when will it come?``, 几号能到."""
    said = plain(text)
    short = len(said) <= LONGEST // 2 and asks(said)
    return short and any(char.isalpha() for char in said) and _BARE.fullmatch(said) is not None


_AGREES = re.compile(
    r"(?:(?:oh|well|(?P<ok>ok|okay|alright|fine)|great|um+|that would be|would be|nice|good|"
    r"i would|"
    r"i'd like that|then|thanks|thank you|(?P<yes>yes|yeah|yep|yup|sure|of\s+course|definitely)|"
    r"(?P<do>please(?:\s+do)?|do\s+(?:it|that|so)|go\s+ahead))\b\W*)+"
    r"|(?:(?P<shi>可以的?|行|要的?|是的?|对的?|好[啊呀])|(?P<ban>麻烦你?了?|转吧?|办吧|换吧)|"
    r"那|就|嗯|(?P<hao>好的?)|帮我|请|谢谢?您?|你|吧|呀|啊|了|\W)+",
    re.IGNORECASE,
)


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


def plain(text: str) -> str:
    """The words as they are compared: one case, one width, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).replace("’", "'").casefold().split())


def _by_place(said: str, count: int) -> int | None:
    found = _ORDINAL.fullmatch(said)
    assert found is not None
    word = found[1] or found[2] or found[3]
    if word == "last" or word[0] == "最":
        return 0 if "上" in word else count - 1
    place = next(at for at, names in enumerate(_NUMBERS) if word in names)
    return place if place < count else None


def _by_words(said: str, shown: Sequence[str]) -> int | None:
    found = _THAT_ONE.fullmatch(said)
    if found is not None:
        wanted = [word.rstrip("s") for word in re.findall(r"[^\W_]+", found[1])]
        held = [{word.rstrip("s") for word in re.findall(r"[^\W_]+", title)} for title in shown]
        fits = [at for at, words in enumerate(held) if wanted and words.issuperset(wanted)]
    else:
        chinese = _THAT_ONE_ZH.fullmatch(said)
        if chinese is None or said.isascii():
            return None
        fits = [at for at, title in enumerate(shown) if _composed(chinese[1], title)]
    return fits[0] if len(fits) == 1 else None


def _composed(words: str, title: str) -> bool:
    """Whether ``words`` are pieces of ``title`` of two characters or more, in any order."""
    return words in title or any(
        words[:at] in title and _composed(words[at:], title) for at in range(2, len(words) - 1)
    )
