"""Names known by the words around them: who did something, whose relative, which role.

English names are sought in both cases where the cue is sure, Chinese nicknames (``小林``, ``丽丽``)
and Latin names inside Chinese text too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from retrieval.redaction.name_lists import (
    COMMON_WORDS,
    HAN_SURNAMES,
    NAMES_ALSO,
    NOT_NICKNAMES,
    PINYIN_SURNAMES,
    given_names,
    is_foreign,
    is_plain,
)
from retrieval.redaction.spans import MASK, Span, mask_of

U = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĨĪİŁŃŇŌŐƠŘŚŞŠŤŨŪŮŰƯŹŻŽȘ" + "ẢẠẮẰẲẴẶẤẦẨẪẬẺẼẸẾỀỂỄỆỈỊỎỌỐỒỔỖỘỚỜỞỠỢỦỤỨỪỬỮỰỲỶỸỴ"
L = "a-zà-öø-ÿāăąćčďđēęěğĩīıłńňōőơœřśşšťũūůűưźżžș" + "ảạắằẳẵặấầẩẫậẻẽẹếềểễệỉịỏọốồổỗộớờởỡợủụứừửữựỳỷỹỵ"
CAP = rf"(?:[{U}]['’][{U}]|Mc|Mac|[{U}])[{L}]+(?:[-'’][{U}]?[{L}]+)?"
"""One capitalised word."""

_INITIAL = rf"(?:[{U}]\.?\s?){{1,3}}"
_PARTICLE = r"(?:van|von|de|der|del|da|dos|di|bin|ibn|al|la|el|le|O)"
_FULL = (
    rf"(?:(?:{_INITIAL}\s?)?{CAP}"
    rf"(?:\s(?:(?:[{U}]\.|{_PARTICLE})\s){{0,2}}(?:{CAP}|Al-{CAP})|\s[{U}]\.){{0,3}})"
)
_CAPITALS = (
    rf"(?:(?:[{U}]\.?\s){{0,2}}[{U}]{{2,}}(?:[ -][{U}]\.?(?=\s))?(?:[ /-][{U}]{{2,}}){{0,2}})"
)
_ANY = rf"(?:{_FULL}|{_CAPITALS})"
_LOW = rf"[{L}]{{2,14}}"

_FAMILY = (
    r"(?:wife|husband|son|daughter|mother|mum|mom|mam|dad|father|partner|brother|sister|boss"
    r"|girlfriend"
    r"|boyfriend|fiance|fiancee|colleague|friend|flatmate|roommate|nephew|niece|cousin|aunt|uncle"
    r"|neighbour|neighbor|assistant|secretary|landlord|tenant)(?:'?s)?(?:\sname)?(?:\sis|\scalled)?"
)
_ROLE = (
    r"(?:agents?|driver|technician|engineer|courier|manager|advisor|adviser|rep|colleague|plumber"
    r"|fitter"
    r"|neighbou?r(?:\scalled)?|operator|supervisor|nurse|nan|nana|grandma|grandpa|granny|auntie"
    r"|aunty"
    r"|guy called|lady called|man called|woman called|someone called|somebody called|named|called)"
)
_TO = (
    r"(?:ask(?:ed)?(?: for)?|tell|told|speak(?:ing)? (?:to|with)|spoke (?:to|with)(?: an?)?"
    r"|talk(?:ed)? (?:to|with)"
    r"|chat(?:ted|ting)? (?:to|with)|thanks to|shout ?out to|stars for|forward (?:this|it) to"
    r"|helped by"
    r"|served by|collected by|collect by|signed (?:for )?by|handed to|attention|attn|contact"
    r"|then an?"
    r"|could|can|is|to:|from:|recipient:?|chatting with|through to|discussed with|agreed with"
    r"|a gift for"
    r"|present for|email|regards to|hi|hello|hey|dear|bye|thx|cheers|ty|it'?s|its|this is)"
)
_NOT_ASKED = r"(?!is\s\w+\s(?:the|an?|better|available|compatible|still)\b)"
_SAYS = (
    r"(?:sa(?:ys|id)|told|promised|called|calling|speaking|joined|here\b|again\b|confirmed"
    r"|mentioned|asked"
    r"|emailed|wrote|helped|hung up|was (?:super|so|very|really|amazing|great|rude|lovely|helpful"
    r"|brilliant|nice)"
    r"|in (?:chat|support|returns|accounts|sales)|from (?:support|returns|accounts|sales|delivery"
    r"|yesterday|the "
    r"(?:support|sales|shop|store|returns|warehouse))|working today|will (?:collect|pick|sign|be)"
    r"|,\s?(?:she|he)\b)"
)
_SURE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(p)
    for p in (
        rf"\b(?i:my {_FAMILY})[\s,:(\"“]{{1,3}}({_FULL})",
        rf"\b(?i:{_ROLE})[\s,:(\"“]{{1,3}}({_FULL})",
        rf"\b(?i:{_NOT_ASKED}{_TO})[\s:]{{1,2}}({_FULL})(?![\w'’-]|\s(?:store|shop|order|support"
        rf"|app|account)\b)",
        rf"\b(?i:thanks|thank you|regards|cheers|best"
        rf"|name)[\s,:]{{1,3}}([{U}]\.\s?(?:{_PARTICLE}\s)?{_FULL})",
        rf"^\s?-\s?({_FULL})\s*$",
        rf"\b(?i:addressed to|c/o|name of)\s({CAP}(?:\s{CAP}){{0,2}})"
        r"(?=\s(?:at|in|on)\b|[.,]|$)",
        r"\b(?i:(?:full |first |last |sur|maiden |family |customer "
        r"|card ?holder(?:'s)? )name(?: is| was)?"
        rf"|name on (?:the )?card|card ?holder|passenger|account holder"
        rf"|holder)[\s:]{{1,3}}({_ANY})",
        rf"\b(?i:signed (?:for )?by|in the name of|name:|attn:?|registered to|recipient:?"
        rf"|passenger:?"
        rf"|consignee:?|customer:)[\s:\"“]{{1,3}}([{U}]{{2,}},\s[{U}]{{2,}}|{_ANY})",
        rf"^\s?-?\s?((?:[{U}]\.\s?){{1,3}}{CAP}(?:\s{CAP})?)\s*[.!]?\s*$",
        rf"(?<![\w'’-])({_FULL})\s?{_SAYS}",
        rf"{MASK}\s?[/,;|-]\s?({_FULL})(?=\s?[/,;|-]\s?{MASK}|$)",
        rf"\b(?i:mr\.? and mrs|mr\.? (?:&|n) mrs|mr|mrs|ms|miss|dr)\.?\s"
        rf"((?:{_PARTICLE}\s){{0,3}}{_FULL})",
        rf"(?:^|\s)(?i:to|deliver to|for|recipient"
        rf"|send to)[\s:]{{1,2}}({_FULL}),\s{mask_of('address')}",
        rf"({_FULL}),\s{mask_of('address')}",
        rf"\b(?i:first|last) name\s\S+\s(?i:last|first) name\s({_FULL})",
    )
)
_STRONG: tuple[re.Pattern[str], ...] = tuple(
    re.compile(p)
    for p in (
        rf"\b(?i:my (?:full |first )?name(?:'s| is)|name(?: is)?:|{_FAMILY}|agent|advisor"
        rf"|colleague|driver"
        r"|(?:ask(?:ed)?(?: for)?|(?:spoke|speak|talk|talked|chatted) (?:to|with)|told|thank you"
        rf"|can|could|is|hi|hello|hey|dear))[\s,:(\"“]{{1,3}}({CAP})(?!\s?[A-Z])(?![\w'’-])"
        r"(?=\s?(?:$|[,.!?;)\"”]|\s(?:call|from|said|yesterday|today|please|pls|closed|told|ring"
        r"|email"
        r"|contact|here|again|or|who|promised|in|at|did|was|to)\b))",
        rf"(?<![\w'’-])({CAP})\s(?:said|told|promised|from (?:returns|support|sales|accounts|your"
        r"|the|customer|billing|delivery)|called me|helped|hung up|emailed me|closed (?:the|my))\b",
    )
)
"""Cues with which even ``Grace`` and ``Will`` are people."""
_FOREIGN: tuple[re.Pattern[str], ...] = tuple(
    re.compile(p, re.IGNORECASE)
    for p in (
        rf"\b(?:name(?:'s| is|:)?|called|named|i'?m|i am|this is|regards|cheers|love|thanks"
        rf"|thank you"
        rf"|signed|from|hi|hello|hey|dear|mr|mrs|ms|my {_FAMILY}|{_ROLE}|ask(?: for)?|told|to"
        rf"|spoke (?:to|with)|under|behalf of"
        rf"|for)[\s,:(\"“]{{1,3}}({_LOW}(?:[ -]{_LOW}| [a-z]\b)?)(?![\w'’@-])",
        rf"^(?:yes|hi|hello|hey|it'?s)?\s?({_LOW}(?:\s{_LOW})?)\s(?:here|speaking)\b",
        rf"(?:^|[,.(]\s?)({_LOW})(?:'s|’s)\s(?:order|parcel|account|card|address|e?-?mail|phone"
        r"|package|birthday|name|number|booking|return|refund)\b",
        rf"(?<![\w'’@-])({_LOW})\s?{_SAYS}",
        rf"^\s?-?\s?(?-i:(?:[{U}]\.\s?)*({CAP}(?:\s{CAP})?))\s*[.!]?\s*$",
        rf"({_LOW})(?=,?\s(?:she|he)\s)",
    )
)
"""Words of no dictionary are names where a name can stand."""
_SYLLABLE = (
    r"(?:(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])(?:uang|iang|iong|ang|eng|ing|ong|uan|ian|iao|uai|an|en"
    r"|in"
    r"|un|ao|ai|ei|ou|ia|ie|iu|ua|ue|ui|uo|[aeiou])|er|an|ai|ou)"
)
_PINYIN_PAIR = re.compile(
    rf"\b(?:name(?:'s| is|:)?|called|named|i'?m|i am|this is|sister of|brother of|regards|cheers"
    rf"|mr|ms"
    rf"|mrs|hi|hello|hey|dear|my {_FAMILY}|{_ROLE}|ask(?: for)?|told|spoke (?:to"
    rf"|with))[\s,:]{{1,3}}"
    rf"({_SYLLABLE}{{1,2}}\s{_SYLLABLE}{{1,2}}(?<!\ban)|{_SYLLABLE}-{_SYLLABLE})(?![\w'’@-])",
    re.IGNORECASE,
)
_LISTED: tuple[re.Pattern[str], ...] = tuple(
    re.compile(p, re.IGNORECASE)
    for p in (
        rf"\b{_NOT_ASKED}(?:my {_FAMILY}|{_ROLE}|{_TO}|name'?s|i'?m|i am|regards|cheers|thanks"
        rf"|thank you|and"
        rf"|love)[\s,:]{{1,2}}"
        rf"({_LOW})(?![\w'’@-])",
        rf"(?<![\w'’@-])({_LOW})\s?{_SAYS}",
        rf"^({_LOW})\s?:\s",
        rf"^(?:yes|hi|hello|hey)?\s?({_LOW})\s(?:here|speaking)\b",
        rf"\b(?:from|to|by|with|for|is)\s({_LOW})(?=$|[.,!?]|\s(?:in|at|from|again|please|pls)\b)",
    )
)
_LOW_PAIR = re.compile(
    rf"(?:^|[,:;/]\s?|\b(?:sure|yes|hi|hello|is|name|names|name's|called|to|for|am|im|i'm)\s)"
    rf"({_LOW})\s({_LOW})(?=\s*(?:[,/;.]|$|{MASK}))",
    re.IGNORECASE,
)
_STRANGE = re.compile(
    rf"(?<![\w@#/.'’&-])((?:(?:[{U}]\.\s?){{1,3}}|(?:[{U}]\s){{1,2}})?(?:{_PARTICLE}\s){{0,2}}"
    rf"((?>{CAP}(?:[-/]{CAP}){{0,3}})|[{L}]{{4,20}}(?:[-/][{L}]{{2,20}})?))(?![\w@/’-]|\.\w|\s?\d)"
)
_NAMING = frozenset(("name", "names", "called", "named"))
_NEVER_AFTER = re.compile(
    r"\b(?i:the|an?|this|that|these|those|new|your|our|any|some|another|brand|model|from the|in"
    r"|via)"
    r"\s$"
)
_PLACED = (
    "bruno",
    "charlotte",
    "florence",
    "victoria",
    "georgia",
    "chelsea",
    "austin",
    "jordan",
    "paris",
)

_CUE_HAN = (
    r"(?:客服|主播|店长|店员|导购|同事|室友|朋友|闺蜜|买家|卖家|收件人|联系人|收货人|经办人"
    r"|乘机人|入住人|持卡人|户名"
    r"|开户名|投诉人|签收人|邻居|(?:快递|外卖|安装|配送)?小哥|师傅|儿子|女儿|老婆|老公|妈妈|爸爸"
    r"|孩子|姓名|名字|专属客服)"
)
_STOP_HAN = "的了吗呢吧啊是在有和跟被把都也就说给让叫帮你我他她它们这那什怎很不没要可已刚"
_NICK = r"(?:[小阿老大][\u4e00-\u9fff]|([\u4e00-\u9fff])\2)"
_LATIN = r"[A-Z][A-Za-z]+(?:[ /][A-Z][A-Za-z]+){0,2}"
_HAN: tuple[re.Pattern[str], ...] = tuple(
    re.compile(p)
    for p in (
        rf"{_CUE_HAN}(?:信息)?(?:也?[是为叫写])?[\s:,]{{0,2}}({_NICK})(?![\u4e00-\u9fff]?(?:店|号"
        rf"|区))",
        rf"(?:我是|我叫|叫我|这边是|这里是|找|听|问|告诉|转告|通知|联系|转给|交给|昨天|今天|跟"
        rf"|感谢|谢谢|刻|叫)(?:客服|店长"
        rf"|一下)?({_NICK})"
        r"(?=$|[^\u4e00-\u9fff]|为您|答应|说|就|的|在|可|吗|吧|能|呢|，|师傅|老师)",
        rf"(?:^|[\s,])({_NICK})(?=为您|在吗|说|师傅|老师|好$|你好|呢|给|那|签|收|帮|答)",
        rf"(?:那个|让|叫|找|楼下的|隔壁的?|门卫)({_NICK})(?=呢|签|收|给|帮|拿|回|去|来|说|联系"
        rf"|处理)",
        r"(?:[是叫名给找让]"
        r"|(?<![\u4e00-\u9fff·]))([\u4e00-\u9fff]{2,5}(?:·[\u4e00-\u9fff]{1,6}){1,3}?)"
        r"(?=收|的|是|签|[\s,.:]|$)",
        rf"(?<![\u4e00-\u9fffA-Za-z])([\u4e00-\u9fff]{{4}}"
        rf"|[{HAN_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=是我(?:$|[\s,]))",
        rf"(?:{_CUE_HAN}|我是|我叫|叫我|名字?叫?|这边是|备注写?|找|英文名|署名"
        rf"|联系)(?:[是叫为写])?[\s:,]{{0,2}}({_LATIN})"
        r"(?![A-Za-z0-9 ]*\d)",
        rf"(?:跟|找|给|让|叫|问|和|联系|转告|通知|转给|由)({_LATIN})"
        r"(?=说|联系|沟通|下单|代收|签收|收|接|确认|处理|发|$)",
        r"(?<![A-Za-z])([A-Za-z]{3,12})(?=酱|姐|哥|小姐|先生|老师|女士)",
        r"(?:写|祝|叫)([\u4e00-\u9fff]{2,3})(?=生日快乐)",
        r"(?:^|[\s,])([\u4e00-\u9fff]子)(?=你|您|哥|说|在)",
        rf"(?:快递员|客服|师傅|老板|邻居|同事|司机|门卫|保安)(老[{HAN_SURNAMES}])",
        rf"(?:^|[\s,])({_LATIN})(?=下的?单|代收|签收)",
        rf"(?:^|[\s,])({_LATIN})(?=在吗|为您|说的?|跟我|帮我|你好)",
        r"(?:收货信息|收件信息|收货人|收件人|买家|乘机人|经办人)[\s:]{0,2}"
        r"((?!秀)[\u4e00-\u9fff·]{2,8})(?=$|[\s,]{1,2})",
        rf"(?:^|[\s,(（:])([{HAN_SURNAMES}][\u4e00-\u9fff]{{1,2}})[\s,]{{1,2}}"
        rf"{mask_of('phone', 'address')}",
        rf"{mask_of('phone')}\s?[(（,]\s?([\u4e00-\u9fff]{{1,3}})\s?(?=[)）]|$)",
        r"(阿[A-Z][a-z]{1,12})(?![A-Za-z0-9])",
        r"(?:老师|师傅|员|哥|人|他|她|经理|客服)姓([\u4e00-\u9fff])(?=$|[^\u4e00-\u9fff]|的)",
        r"(?:我姓|免贵姓|^姓|单名一个)(?!名)([\u4e00-\u9fff]{1,2})(?=$|[^\u4e00-\u9fff])",
        r"(?:^|[我他她个位]|免贵)姓([\u4e00-\u9fff])(?=的|，|,|$)",
    )
)


def find_named(text: str, is_word: Callable[[str], bool]) -> Iterator[Span]:
    """Names of ``text``, a view's; ``is_word`` tells what is no name whatever stands beside it."""
    if re.search("[A-Za-z]", text):
        yield from _latin(text, is_word)
    if re.search("[\u4e00-\u9fff]", text):
        yield from _han(text, is_word)


def _latin(text: str, is_word: Callable[[str], bool]) -> Iterator[Span]:
    for pattern in _SURE:
        for match in pattern.finditer(text):
            kept = _leading(match.group(1), is_word)
            if kept:
                yield Span(match.start(1), match.start(1) + kept, "customer_name")
    for pattern in _STRONG:
        for match in pattern.finditer(text):
            if match.group(1).lower() in NAMES_ALSO:
                yield Span(*match.span(1), "customer_name")
    if _tells(text):
        for pattern in _FOREIGN:
            for match in pattern.finditer(text):
                yield from _foreign(match, is_word)
        for match in _STRANGE.finditer(text):
            if _is_strange(text, match) and not is_word(match.group(2)):
                yield Span(*match.span(1), "customer_name")
    for match in _PINYIN_PAIR.finditer(text):
        if (
            not PINYIN_SURNAMES.isdisjoint(found := match.group(1).lower().split())
            or len(found) < 2
        ):
            yield Span(*match.span(1), "customer_name")
    for pattern in _LISTED:
        for match in pattern.finditer(text):
            word = match.group(1).lower()
            if word in given_names() and word not in COMMON_WORDS and not is_word(word):
                yield Span(*match.span(1), "customer_name")
    for match in _LOW_PAIR.finditer(text):
        first, second = match.group(1).lower(), match.group(2).lower()
        known = first in given_names() and first not in COMMON_WORDS and first not in _PLACED
        if known and not is_word(first) and not is_word(second):
            yield Span(match.start(1), match.end(2), "customer_name")


def _tells(text: str) -> bool:
    """Whether a text has a word that can be a name, or names one."""
    found = set(re.findall(r"[^\W\d_]{2,}", text.lower()))
    return not found.isdisjoint(_NAMING) or any(
        word in given_names() or is_foreign(word) for word in found
    )


def _is_strange(text: str, match: re.Match[str]) -> bool:
    """Whether a word that no cue names is a name: a listed one of no English word, or a capitalised
    one that is in no dictionary and spells no Chinese place."""
    parts = re.split(r"[-/]", match.group(2).lower())
    if _NEVER_AFTER.search(text, max(0, match.start() - 12), match.start()):
        return False
    if any(is_foreign(part) and part in given_names() and len(part) > 3 for part in parts):
        return True
    capital = match.group(2)[0].isupper()
    alone = match.start() == 0 and match.start(1) == match.start(2)
    spelt = re.fullmatch(rf"{_SYLLABLE}{{2,4}}", match.group(2), re.IGNORECASE)
    return (
        capital
        and not alone
        and not spelt
        and any(is_foreign(part) and len(part) > 3 for part in parts)
    )


def _foreign(match: re.Match[str], is_word: Callable[[str], bool]) -> Iterator[Span]:
    """The words of a match's first group up to the first that is an English one."""
    start = match.start(1)
    end = start
    named = match.group().lower().startswith("name")
    for word in re.finditer(r"[^\W\d_.]+", match.group(1)):
        said = word.group().lower()
        listed = said in given_names() and said not in COMMON_WORDS
        initial = end > start and len(said) == 1 and said not in "ai"
        strange = is_foreign(said) or (named and not is_plain(said) and len(said) > 2)
        if is_word(said) or not (listed or initial or strange):
            break
        end = start + word.end()
    if end > start:
        yield Span(start, end, "customer_name")


def _leading(found: str, is_word: Callable[[str], bool]) -> int:
    """Length of the words of ``found`` up to the first that is no name."""
    end = 0
    if all(is_plain(word) for word in found.split()) and not found.isupper():
        return 0
    for match in re.finditer(r"\S+", found):
        initial = end and re.fullmatch(rf"[{U}]\.", match.group())
        if (not initial and is_word(match.group())) or (
            match.group().lower() in COMMON_WORDS and not end
        ):
            break
        end = match.end()
    return end


_MIXED = re.compile(
    rf"(?<![A-Za-z])(?:[{HAN_SURNAMES}小]([A-Z][a-z]{{1,12}})|([A-Z][a-z]{{1,12}})[{HAN_SURNAMES}])"
    r"(?![A-Za-z0-9])"
)


def _han(text: str, is_word: Callable[[str], bool]) -> Iterator[Span]:
    for pattern in _HAN:
        for match in pattern.finditer(text):
            name = match.group(1)
            spoilt = set(name) & set(_STOP_HAN) or re.search("电话|地址|姓名|信息|号码", name)
            if not spoilt and not is_word(name) and name not in NOT_NICKNAMES:
                yield Span(*match.span(1), "customer_name")
    for match in _MIXED.finditer(text):
        if (match.group(1) or match.group(2)).lower() in given_names():
            yield Span(*match.span(), "customer_name")
