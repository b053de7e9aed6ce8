"""Detectors for people's names: cues, lists and, for Chinese, a tagger where it is installed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from retrieval.redaction.name_lists import (
    BRANDS,
    HAN_COMPOUND_SURNAMES,
    HAN_RARE_SURNAMES,
    HAN_SURNAMES,
    NOT_HAN_NAMES,
    NOT_NAMES,
    PINYIN_SURNAMES,
    SURNAMES,
    given_names,
    is_plain,
)
from retrieval.redaction.named import CAP as _CAP
from retrieval.redaction.named import find_named
from retrieval.redaction.spans import MASK, Span, mask_of

Tagger = Callable[[str], Iterable[tuple[int, int, float]]]
"""Names of a Chinese line: start, end and how likely."""
SURE, WITH_SURNAME = 0.6, 0.25
"""Probability from which what the tagger finds is a name: of any form, and of the usual one."""

_NAME = rf"(?:{_CAP}(?:\s(?:[A-Z]\.\s?|(?:van|von|de|del|da|bin|al|la|O)\s)*{_CAP}){{0,2}})"
_CAPITALISED = (
    re.compile(
        r"\b(?i:my (?:full )?name(?:'s| is)?|name(?:'s| is|d)?(?: on (?:the|my) \w+)?(?: is)?"
        r"|this is|it'?s|i am|i'm|im|(?:receiver|recipient|consignee|contact(?: person)?)"
        r"[\w ]{0,14}"
        r"|attn|signed(?: for)? by|on behalf of|under the name(?: of)?|in the name of|ask for"
        r"|regards|cheers|sincerely|yours|faithfully|cordially|best|thanks|thank you|hi|hello|hey"
        r"|dear|good (?:morning|afternoon|evening)|professor|sir|madam)"
        rf"[\s:,\"“]{{1,3}}({_NAME})(?![\w@])"
    ),
    re.compile(rf"\b(?i:mr|mrs|ms|miss|mx|dr|prof)\b\.?[\s:,]{{1,2}}({_NAME})(?![\w@])"),
    re.compile(rf"(?:^|[.!?,;]\s+|\n\s*|-\s?)({_CAP}\s(?:[A-Z]\.\s)?{_CAP})\s*[.!]?\s*(?=$|\n)"),
    re.compile(rf"{mask_of('phone', 'email', 'address', 'order_id')}[\s,;:/-]{{1,3}}({_NAME})"),
    re.compile(rf"({_NAME})[\s,;:/(-]{{1,3}}{mask_of('phone', 'email')}"),
    re.compile(rf"(?<!\w)({_CAP})\s{mask_of('customer_name')}"),
    re.compile(rf"^({_CAP}\s(?:[A-Z]\.\s)?{_CAP})\s?[,;/]\s"),
    re.compile(rf"(?<![\w-])({_CAP}\s(?:[A-Z]\.\s)?{_CAP})[\s,;:/(-]{{1,3}}{mask_of('order_id')}"),
)
_BRANDS = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(BRANDS)))})(?:['’]s)?", re.IGNORECASE)
_DOUBTFUL = (_CAPITALISED[2], _CAPITALISED[6])
_BEING = re.compile(r"i'?m\b|i am\b|it'?s\b|this is\b", re.IGNORECASE)
_LISTED = re.compile(
    rf"\b(?i:for|to|from|by|and|with|called|ask|told|tell|agent)\s[\"“]?({_NAME})(?![\w@])"
)
_STANDALONE = re.compile(rf"(?<=[a-z,] )({_CAP})(?![\w-])")
_AMBIGUOUS = frozenset(
    ("mark", "rob", "grace", "bill", "frank", "jack", "penny", "victoria", "florence", "georgia")
)
_SURE = re.compile(
    r"\b(?:my (?:full )?name(?:'s| is)|mr|mrs|ms)\b[.:\s]{1,3}"
    r"((?:(?:van|von|de|der|del|da|dos|bin|ibn|al|la|le|el)\s){0,3}"
    r"[^\W\d_][\w'’-]{1,20}(?:\s[^\W\d_][\w'’-]{1,20})?)",
    re.IGNORECASE,
)
_PAIR = re.compile(rf"(?<![\w-])({_CAP})\s({_CAP}(?:\s{_CAP})?)(?![\w-])")
_TITLED = re.compile(r"\b(?:mr|mrs|ms|miss|dr|prof)\b\.?\s([a-z]{2,14})(?![\w@-])", re.IGNORECASE)
_STOPS = re.compile(r"\s(?:and|but|from|in|with|my|on|at|here|order|phone|is|the|i)\b.*", re.I)

_COMPOUND = "|".join(HAN_COMPOUND_SURNAMES)
_HAN_NAME = rf"(?:(?:{_COMPOUND})[㐀-鿿]{{1,2}}|[{HAN_SURNAMES}][㐀-鿿]{{1,2}})"
_HAN_RARE = rf"(?:(?:{_COMPOUND})[㐀-鿿]{{1,2}}|[{HAN_SURNAMES}{HAN_RARE_SURNAMES}][㐀-鿿]{{1,2}})"
_HAN_END = r"(?=$|[^㐀-鿿]|[的收签来说是在电手地住下代给])"
_TITLE = (
    r"(?:先生|女士|小姐|太太|阿姨|老师|同学|师傅|经理|医生|主任|姐|哥|叔"
    r"|工(?![作资行人商程厂业具])|生(?=收)|总(?![是共之的体算额计在]))"
)
_SURNAMES = frozenset(
    (*HAN_SURNAMES, *HAN_RARE_SURNAMES, *(name[0] for name in HAN_COMPOUND_SURNAMES))
)
_TELLING = _SURNAMES | frozenset("叫找姓名阿哥姐签联师·")
"""Characters without any of which a line needs no tagger."""
_HAN_CUES = (
    re.compile(rf"(?:我叫|我名字是?|名字[叫是]|本人|姓名|收件人|收货人|联系人|签收人|收件|抬头)"
               rf"(?:信息)?(?:也?(?:写|改成|改为|换成|是|为|叫))?(?:我\S)?[\s:,，]{{0,3}}"
               rf"({_HAN_NAME})(?![㐀-鿿]{{2,}}(?:公司|集团))"),
    re.compile(rf"(?<![㐀-鿿])([{HAN_SURNAMES}]|{_COMPOUND}|{_HAN_NAME})(?={_TITLE})"),
    re.compile(rf"(?<![㐀-鿿])([{HAN_RARE_SURNAMES}])(?=师傅|先生|女士|小姐|太太|阿姨|老师|经理"
    rf"|姐|哥)"),
    re.compile(rf"(?:你好|您好|一下|[的们告诉找是跟和叫问请好对给位])"
               rf"([{HAN_SURNAMES}]|{_COMPOUND}|{_HAN_NAME})(?={_TITLE})"),
    re.compile(rf"(?:我姓|小哥姓|员姓|个姓|师傅姓|免贵姓)([{HAN_SURNAMES}]|{_COMPOUND})"),
    re.compile(rf"(?:我叫|名字[叫是]|姓名|本人|收件人|收货人|联系人|签收人|经办人|负责人|户名"
    rf"|户主|病人|患者|乘客"
               rf"|寄件人|购买人|投保人|机主|车主|申请人|持卡人"
               rf"|入住人)[是为叫:\s]{{0,3}}({_HAN_RARE}){_HAN_END}"),
    re.compile(rf"(?:^|[\s,，:])({_HAN_RARE})(?=(?:代|签)?收(?:$|[的了\s,，。]))"),
    re.compile(r"(?:户名|姓名|收件人|收货人|签收人|持卡人|乘机人|入住人|联系人|名字"
    r"|寄件人)[是叫为:\s]{1,3}([㐀-鿿]{2,6})"
               r"(?=$|[\s,，、(（:])"),
    re.compile(rf"(?:^|[\s,，。:])((?:{_COMPOUND})[㐀-鿿]{{1,2}})(?=[\s,，。:]|$)"),
    re.compile(rf"^({_HAN_NAME})(?=[，,\s]{{1,2}}(?:订单|电话|手机|单号|快递|地址"
    rf"|{mask_of('order_id', 'phone')}|\d))"),
    re.compile(rf"([{HAN_SURNAMES}])(?<!谢)(?=先生|女士|小姐(?!姐)|太太)"),
    re.compile(r"姓([㐀-鿿])[，,\s]{0,2}名"),
    re.compile(r"姓[㐀-鿿][，,\s]{0,2}名字?[叫是]?([㐀-鿿]{1,2})(?=$|[\s,，。])"),
    re.compile(rf"(?:^|姓|[\s,，])是([{HAN_SURNAMES}])不是[㐀-鿿](?=$|[\s,，。])"),
    re.compile(r"(?:^|[\s,，])([㐀-鿿]{2,3})是我(?:儿子|女儿|老公|老婆|妈|爸|妹|姐|哥|弟|朋友"
    r"|同事|室友|对象)"),
    re.compile(r"(?:我家|家里|儿子|女儿|孩子|宝宝)(([㐀-鿿])\2)(?=[一二三四五六七八九十\d]"
    r"|[的，,\s]|$)"),
    re.compile(rf"(?:转给|交给|转交|寄给|送给|发给|给到|找|联系|让|叫)({_COMPOUND})[㐀-鿿]{{0,2}}"),
    re.compile(rf"\n\s*({_HAN_NAME})\s*(?=$|\n)"),
    re.compile(rf"(?<![㐀-鿿])({_HAN_NAME})[\s,，:]{{0,2}}(?:电话|手机号?|tel)?[\s:]{{0,2}}"
               rf"{mask_of('phone', 'email')}"),
    re.compile(rf"{mask_of('phone', 'address', 'order_id')}[\s,，]{{1,2}}({_HAN_NAME})"
               r"(?=$|[^㐀-鿿])"),
)  # fmt: skip


class NameDetector:
    """Finds names in a text; a name once found is looked for elsewhere by :func:`variants`."""

    def __init__(self, keep: frozenset[str], tagger: Tagger | None) -> None:
        self._keep = frozenset(word.lower() for word in keep)
        self._tagger = tagger

    def __call__(self, text: str) -> Iterator[Span]:
        """Spans of ``text`` (a view's, in which known spans are one character each)."""
        brands = [match.span() for match in _BRANDS.finditer(text)]
        for span in self._found(text):
            if not any(start <= span.start and span.end <= end for start, end in brands):
                yield span

    def _found(self, text: str) -> Iterator[Span]:
        if re.search("[A-Za-z]", text):
            yield from self._english(text)
        if re.search("[㐀-鿿]", text):
            yield from self._chinese(text)
        for span in find_named(text, self._is_word):
            if text[span.start : span.end] not in NOT_HAN_NAMES:
                yield span

    def _english(self, text: str) -> Iterator[Span]:
        for pattern in (*_CAPITALISED, _LISTED, _STANDALONE):
            for match in pattern.finditer(text):
                first = match.group(1).split()[0].lower()
                if pattern in (_LISTED, _STANDALONE) and first not in given_names():
                    continue
                own = match.group(1).split()
                doubtful = pattern in _DOUBTFUL or _BEING.match(text, match.start())
                if doubtful and all(map(is_plain, own)):
                    continue  # "i am German", "Return Policy"
                named = f" {text[: match.start(1)]}".lower().endswith(
                    (" the ", " a ", " an ", " new ")
                )
                if pattern is _STANDALONE and (first in _AMBIGUOUS or named):
                    continue  # "the Olivia lamp" is a product
                start, end = self._trimmed(text, *match.span(1))
                if end > start:
                    yield Span(start, end, "customer_name")
        for match in _SURE.finditer(text):
            said = _STOPS.sub("", match.group(1))
            if not self._is_word(said.split()[0]):
                kept = [w for w in said.split() if not self._is_word(w)]
                yield Span(match.start(1), match.start(1) + len(" ".join(kept)), "customer_name")
        for match in _TITLED.finditer(text):
            if match.group(1).lower() in SURNAMES:
                yield Span(*match.span(1), "customer_name")
        for match in _PAIR.finditer(text):
            first, rest = match.group(1), match.group(2).split()
            known = first.lower().split("-")[0] in given_names() or (
                {first.lower(), rest[-1].lower()} & PINYIN_SURNAMES or rest[-1].lower() in SURNAMES
            )
            if known and not any(self._is_word(word) for word in (first, *rest)):
                yield Span(*match.span(), "customer_name")

    def _trimmed(self, text: str, start: int, end: int) -> tuple[int, int]:
        """Without the words at either end that are no names; empty where none is left."""
        parts = [(m.start() + start, m.end() + start) for m in re.finditer(r"\S+", text[start:end])]
        while parts and self._is_word(text[slice(*parts[0])]):
            parts.pop(0)
            if start:  # a name does not follow a word that is none: "To Visa Card"
                return start, start
        for at, part in enumerate(parts):
            if self._is_word(text[slice(*part)]):
                parts = parts[:at]
                break
        return (parts[0][0], parts[-1][1]) if parts else (start, start)

    def _is_word(self, word: str) -> bool:
        plain = word.lower().strip(".,:;!?'’\"")
        if re.search(r"['’](?:re|ll|ve|m|d|t)$", plain):
            return True
        plain = plain.removesuffix("'s").removesuffix("’s")
        return plain in NOT_NAMES or plain in self._keep

    def _chinese(self, text: str) -> Iterator[Span]:
        for pattern in _HAN_CUES:
            for match in pattern.finditer(text):
                span = self._han(match.group(1), match.start(1), text)
                if span:
                    yield span
        if self._tagger is not None:
            yield from self._tagged(text)

    def _tagged(self, text: str) -> Iterator[Span]:
        offset = 0
        for line in text.split("\n"):
            named = self._tagger is not None and not _TELLING.isdisjoint(line)
            for start, end, share in self._tagger(line) if self._tagger and named else ():
                name = _untitled(line[start:end])
                enough = WITH_SURNAME if _has_surname(name) else SURE
                likely = share >= enough and len(name) > 1 and name[-1] not in "的了吗呢吧"
                if likely and (span := self._han(name, offset + start, text)):
                    yield span
            offset += len(line) + 1

    def _han(self, name: str, start: int, text: str) -> Span | None:
        """A span for ``name``, or None where it is no Chinese name."""
        name = name.strip()
        plausible = re.fullmatch("[㐀-鿿·]{1,12}", name) and not re.search(MASK, name)
        if not plausible or name in self._keep:
            return None
        if any(text.startswith(word, start) for word in NOT_HAN_NAMES):
            return None
        return Span(start, start + len(name), "customer_name")


def variants(name: str) -> tuple[str, ...]:
    """Ways in which the bearer of ``name`` is also written, as patterns, the longest first."""
    if re.search("[㐀-鿿]", name):
        surname = name[:2] if name[:2] in HAN_COMPOUND_SURNAMES else name[:1]
        own = [re.escape(name)] if len(name) > 1 else []
        if len(name) > len(surname) + 1:
            own.append(re.escape(name[len(surname) :]))
        return (*own, rf"{re.escape(surname)}(?={_TITLE})")
    parts = [p for p in name.split() if len(p) > 1 and p.lower() not in NOT_NAMES]
    whole = [r"\s+".join(map(re.escape, name.split()))]
    return tuple(rf"(?<!\w)(?:{p})(?!\w)" for p in (*whole, *map(re.escape, parts)))


def same_person(one: str, other: str) -> bool:
    """Whether two names can be the same person's: a common part, or the Chinese surname alone."""
    if re.search("[㐀-鿿]", one + other):
        short, long = sorted((one, other), key=len)
        return long.startswith(short) or (len(short) > 1 and long.endswith(short))
    left, right = (set(n.lower().split()) for n in (one, other))
    return left <= right or right <= left


def _has_surname(name: str) -> bool:
    """Whether a tagged word begins like a Chinese name."""
    return name[:1] in HAN_SURNAMES + HAN_RARE_SURNAMES or name[:2] in HAN_COMPOUND_SURNAMES


def _untitled(word: str) -> str:
    return re.sub(rf"{_TITLE}$", "", word)
