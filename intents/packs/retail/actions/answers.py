"""What customers answer to a form's questions, in the shape that the actions need.

Each reader takes the raw value and returns the canonical one, or None where the answer cannot
be used. Reading a canonical value again gives the same value.
"""

from __future__ import annotations

import re

from shop.numbers import has_digits, order_number, plain_text
from shop.records import ReturnReason

MAX_ADDRESS = 200
MAX_TITLE = 100
UNNAMED = "-"
"""The company of an invoice while nothing is known but that it is one."""

_TAIL_SAID = re.compile(
    r"(?:尾号|后四位|尾数|手机号?|电话|tail|ending(?: in| with)?|ends in"
    r"|last (?:four|4)(?: digits)?|\bphone(?: number)?(?: ends(?: in| with)?)?)"
    r"\W{0,3}(?:是|为|is|are)?\W{0,3}(\d{4})(?!\d)",
    re.IGNORECASE,
)
_OTHER_ORDER = re.compile(
    r"\bthe\s+(?:one|order)\s+before\b|\b(?:the|my)\s+(?:other|previous|earlier|older)\s*(?:one|order)?\b|\b(?:not|isn't)\s+(?:this|that)\s+(?:one|order)\b"
    r"|\b(?:a\s+different|another|wrong)\s+(?:one|order)\b|\bwrong\s+order\s+number\b"
    r"|(?:另外?一|上一?|前一)个(?:订单)?(?!地址|号码)|(?:另外?一|上一?|前一)单|不是这个|不是这单|别的订单|之前那[个单]"
    r"|[发报说给贴写打搞弄]错(?:了?(?:订单|单)号?|订单)|(?:订单|单)号?(?:[发报说给贴写打搞弄]错|错了|不对)",
    re.IGNORECASE,
)
_PREVIOUS_ORDER = re.compile(
    r"previous|earlier|older|\bbefore\b|上一?[个单]|前一[个单]|之前那", re.IGNORECASE
)
_LONGEST_CORRECTION = 60
_PLACE = re.compile(r"[省市区县镇乡村路街道巷弄号栋幢楼室]")
_BEYOND = re.compile(
    r"[\d一二三四五六七八九十零A-Za-z]*[号楼层室栋幢座](?:[\d一二三四五六七八九十零]+[号楼层室栋幢座]?)*"
)
"""What still belongs to an address right behind it: ``楼``, ``室``."""

_AHEAD = re.compile(
    r"(?:\b(?:tower|block|building|flat|unit|room|floor|apt\.?|apartment|suite|dorm(?:itory)?)\s+"
    r"[A-Za-z0-9]{1,5}\s*,\s*)+$",
    re.IGNORECASE,
)
"""What belongs to an address right before it: ``Tower B,``."""

_CITY = re.compile(r",\s*[A-Za-z]+(?:\s[A-Za-z]+){0,2}(?=\W*$)")
"""A city behind a street, at the end of the message."""

_NOT_THAT = r"(?:不对|不是|错了|[写打说弄]错了?|应该|改成|换成|改为)"
_NOT_THAT_EN = r"(?:no|sorry|oops|actually|typo|wrong|should be|i meant?|make it)"
_PART = re.compile(
    rf"(?:(?:{_NOT_THAT}|啊|哦|等等|抱歉|不好意思|\W)*{_NOT_THAT}(?:{_NOT_THAT}|是|门牌号?|房号|\W)*"
    rf"|(?:{_NOT_THAT_EN}\W+)+(?:(?:it's|it is|that's|should be|the|house|number|no)\b\W*)*)"
    r"(?P<number>[0-9]{1,5}[A-Za-z]?)\s*(?P<unit>号楼|号|弄|栋|幢|楼|室|单元|层)?"
    r"(?:才对)?[的吧啊哦!.。！\s]*",
    re.IGNORECASE,
)
"""A correction that gives nothing but a number of an address."""

_CORRECTING = re.compile(
    rf"^(?:(?:{_NOT_THAT_EN}|it's|it is|that's|the|please)\W+|{_NOT_THAT}"
    r"|是|啊|哦|不好意思|抱歉|\W)+",
    re.IGNORECASE,
)

_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}")
_TAX = re.compile(r"(?<![0-9A-Za-z])(?=[A-Za-z]*\d)[0-9A-Za-z]{18}(?![0-9A-Za-z])")
_TAX_WORDS = re.compile(
    r"(?:纳税人识别号|统一社会信用代码|税号|tax\s*(?:number|no\.?|id)|公司(?:抬头|名称)[是为]?[:：]|抬头[是为]?[:：]?)",
    re.IGNORECASE,
)
_COMPANY = re.compile(
    r"公司|集团|企业|事务所|工作室|有限|\b(?:ltd|limited|inc|llc|gmbh|co\.|corp|company|plc)\b|\bco$",
    re.IGNORECASE,
)
_PERSONAL = re.compile(
    r"\W*(?:personal(?: one| invoice)?|private|个人(?:发票|抬头)?|私人)\W*", re.IGNORECASE
)
_SPECIAL = re.compile(r"专票|专用发票|vat special|special invoice", re.IGNORECASE)

_REASON_WORDS = (
    (
        ReturnReason.DAMAGED,
        r"arrived (?:broken|damaged|smashed|cracked)|damaged|dented|shattered",
        r"破损|摔坏|压坏|碎|磕|到货.*坏",
    ),
    (
        ReturnReason.WRONG,
        r"wrong (?:item|product|colou?r|one)|not what i ordered",
        r"发错|送错|错货|不是我(?:买|订|要|下单)的",
    ),
    (
        ReturnReason.QUALITY,
        r"quality|faulty|defect|broken|does(?:n't| not) work|stopped working|leak|fell apart",
        r"质量|坏了|故障|瑕疵|漏|用不了|不能用|掉色|起球|开线",
    ),
    (
        ReturnReason.FIT,
        r"\bfit|too (?:small|big|large|tight|loose|short|long)|\bsize",
        r"尺码|尺寸|大小|偏[大小]|太[大小长短紧松]|不合[适身]|大了|小了",
    ),
    (
        ReturnReason.MIND,
        r"change[d]? my mind|no longer|(?:don't|do not) (?:want|need|like)|uncomfortable|itchy"
        r"|not what i expected|disappointed|ugly|too heavy",
        r"不想要|不需要|不喜欢|不要了|后悔|买错|拍错|买多|不舒服|不好看|不满意|不实用|用不上|太重|太丑",
    ),
)
_REASONS = tuple(
    (reason, re.compile(f"{english}|{chinese}", re.IGNORECASE))
    for reason, english, chinese in _REASON_WORDS
)
_REASON_OF_INTENT = {
    "damaged_item": ReturnReason.DAMAGED,
    "wrong_item": ReturnReason.WRONG,
    "quality_issue": ReturnReason.QUALITY,
    "repair_request": ReturnReason.QUALITY,
}

_DENIES = re.compile(r"\bnot\b(?! (?:fit|work|need|want|like|what))|不是(?!我)|没有", re.IGNORECASE)

_CANCEL_YES = re.compile(
    r"(?:[嗯恩哦噢]+|对对?|是的?|好的?|好吧|行吧?|那行?|可以|没错|ok|yes|yeah|yep|sure|okay|so|then|well|right|[\s,，。、!~])*"
    r"(?:那?就|帮我|给我|请|麻烦|直接|我?要|please|just|go ahead and)*\s*"
    r"(?:确定|确认|取消|确[认定]取消|cancel)(?:\s+(?:it|that|this|the order|please))*"
    r"(?:订单|这单|掉|它|吧|了|呗|啦|哈|的|谢谢|please|[\s,，。!~])*",
    re.IGNORECASE,
)
_CANCEL_NO = re.compile(
    r"(?:先|还是|那)*(?:不要?|别|不用)取消|不想取消|(?:订单|先|还是)(?:保?留着|保留)"
    r"|\b(?:don't|do not|rather not) cancel\b|\bkeep (?:it|the order)\b",
    re.IGNORECASE,
)

_SUPPOSES = re.compile(
    r"的话|如果|要是|什么时候|啥时候|\b(?:if|what happens|unless|when)\b", re.IGNORECASE
)
"""Words of a message that only supposes something."""

_BESIDE = re.compile(
    r"\D{0,12}HL[\s-]?\d{4}[\s-]?\d{4}\D{1,8}(\d{4})\D{0,8}"
    r"|\D{0,60}HL[\s-]?\d{4}[\s-]?\d{4}(?:\s*[,，/、;；]\s*|\s+)(\d{4})\D{0,60}",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[?？]\s*$|(?:吗|呢|谁[出付]|多久|多少|几天)[啊呀?？。!\s]*$")
_NOT_A_REASON = frozenset(
    {
        "cancel_return",
        "deny",
        "delivery_time",
        "exchange_item",
        "order_status",
        "refund_method",
        "refund_status",
        "return_policy",
        "return_shipping_fee",
        "shipping_cost",
        "track_shipment",
        "warranty_info",
    }
)


_ASKS_FOR = re.compile(
    r"(?:[\W_]|\b(?:do|does|did|you|your|u|ya|guys|have|has|got|carry|sell|stock|stocked|any|some|"
    r"a|an|the|is|are|there|in|of|for|at|to|it|its|this|that|these|those|them|they|one|ones|i|we|my|"
    r"can|could|would|will|get|buy|order|find|still|currently|now|right|again|back|when|available|"
    r"availability|left|more|left|shop|store|please|hi|hello|hey|thanks|and|or|also|what|which|how|"
    r"about|many|colou?rs?|sizes?|new|other|kind|product|products|item|items|anything|something|out|"
    r"restock\w*|sold|me|tell|know|if|check|with|be|not|no|yes|ok|so|just|want|need|like|looking|"
    r"think|coming|soon|only)\b|请问|你们|咱们|你家|店里|店铺|商店|库存|现货|还有|有没有|没有|什么时候|"
    r"多少|几个|几件|补货|到货|上架|缺货|断货|可以|能不能|买得到|买到|想要|想买|看看|一下|帮我|查查|"
    r"商品|东西|产品|颜色|尺码|款式|其他|别的|哪些|什么|怎么|现在|这个|那个|这款|那款|这件|那件|"
    r"有货|没货|[你您我们咱有没卖货吗呢的了吧啊呀嘛么在还能会要买查看这那它里个件款台双条只码号色卖])*",
    re.IGNORECASE,
)
"""Words of which a question for stock may be made without naming a thing."""

_EDGES = re.compile(rf"^{_ASKS_FOR.pattern}|{_ASKS_FOR.pattern}$", re.IGNORECASE)


def thing_asked_for(text: str) -> str | None:
    """What a question for stock names beside the asking: ``umbrellas``, ``iPhone 16``.

    None where it names nothing, so that the customer has to be asked.
    """
    named = _EDGES.sub("", plain_text(text)).strip()
    return named[:MAX_TITLE] if len(named) > 1 and not named.isdecimal() else None


_BODY = re.compile(
    r"\d\s*(?:cm|kg|kilos?|lbs?|斤|公斤|厘米)"
    r"|\b(?:i'?m|i am|he'?s|she'?s|tall|weigh\w*|waist|feet|foot|wear)\b"
    r"|身高|体重|腰围|胸围|[高矮胖瘦]|斤|穿",
    re.IGNORECASE,
)


def tells_body(text: str) -> bool:
    """Whether a question about sizes is about somebody's body: ``I'm 178 cm``, 一米七穿多大."""
    return _BODY.search(plain_text(text)) is not None


def other_order(text: str) -> bool:
    """Whether a short answer says that another order is meant: ``the other one``, 上一个订单."""
    return len(text) <= _LONGEST_CORRECTION and _OTHER_ORDER.search(plain_text(text)) is not None


def previous_order(text: str) -> bool:
    """Whether the order before the one spoken of is meant."""
    return _PREVIOUS_ORDER.search(plain_text(text)) is not None


def cancel_answer(text: str) -> bool | None:
    """What an answer to "shall I really cancel it" says by the word itself: 确认取消, ``keep it``.

    None for anything else, so that no yes is read into a message that says more.
    """
    plain = plain_text(text).strip()
    if is_question(plain) or _SUPPOSES.search(plain):
        return None
    if _CANCEL_NO.search(plain) and len(plain) <= (40 if plain.isascii() else 12):
        return False
    return True if _CANCEL_YES.fullmatch(plain) else None


def is_question(text: str) -> bool:
    """Whether a message ends as a question does."""
    return _QUESTION.search(plain_text(text)) is not None


def is_reason(text: str, intent: str | None) -> bool:
    """Whether a message can be why something comes back, rather than a question or a request."""
    if is_question(text):
        return False
    told = read_reason(text, None) is not ReturnReason.OTHER
    return told or intent not in _NOT_A_REASON


def tail_beside(text: str) -> str | None:
    """Four digits that stand alone beside an order number: ``HL20418376，5521``."""
    found = _BESIDE.fullmatch(plain_text(text).strip())
    return found[1] or found[2] if found else None


def tail_said(text: str) -> str | None:
    """Four digits that the text itself calls the phone's tail, such as ``尾号5521``."""
    found = _TAIL_SAID.search(plain_text(text))
    return found[1] if found else None


def read_address(value: str, text: str) -> str | None:
    """A street address, with the receiver where the same message names one.

    ``value`` may be a part of ``text``: when more digits stand beside it (a flat, a phone), the
    whole message is the address, but for an order number.
    """
    whole = value
    if value in text and value != text:
        start = text.index(value)
        ahead, after = _AHEAD.search(text[:start]), start + len(value)
        beyond = _CITY.match(text, after) or _BEYOND.match(text, after)
        whole = value = (ahead[0] if ahead else "") + value + (beyond[0] if beyond else "")
        rest = text.replace(value, " ", 1)
        number = order_number(rest)
        if number is None and has_digits(rest):
            whole = text
    cleaned = re.sub(r"\s+", " ", whole).strip(" ,.;，。；")
    likely = has_digits(cleaned) or len(set(_PLACE.findall(cleaned))) >= 3
    return cleaned[:MAX_ADDRESS] if len(cleaned) >= 6 and likely else None


def with_part(address: str, text: str) -> str | None:
    """``address`` with the number in it that a correction gives anew: 不对，是21号, ``sorry, 15
    Garden Street``.

    None where the message is no such correction, or several numbers could be meant.
    """
    plain = plain_text(text).strip()
    said = _PART.fullmatch(plain) if len(plain) <= _LONGEST_CORRECTION else None
    if said is None:
        street = _CORRECTING.sub("", plain, count=1).strip(" ,.，。!")
        mended = with_street(address, street)
        return mended if mended != street else None
    unit = re.escape(said["unit"]) if said["unit"] else r"(?![0-9A-Za-z])"
    places = list(re.finditer(rf"(?<![0-9A-Za-z])[0-9]{{1,5}}[A-Za-z]?\s*(?={unit})", address))
    if len(places) != 1:
        return None
    start, end = places[0].span()
    kept = address[start:end]
    space = kept[len(kept.rstrip()) :]
    return f"{address[:start]}{said['number']}{space}{address[end:]}"


def with_street(address: str, street: str) -> str:
    """``address`` with the number of a street in it as ``street`` gives it, else ``street`` alone.

    Who corrects ``14 Garden Street, Nanjing`` by ``15 Garden Street`` has not left Nanjing.
    """
    parts = re.split(r"[0-9]{1,5}[A-Za-z]?", street)
    if len(parts) != 2 or len(street) >= len(address) or len("".join(parts).strip()) < 3:
        return street
    before, after = (re.escape(part.strip(" ,，")) for part in parts)
    place = rf"(?<![0-9A-Za-z]){before}\s*[0-9]{{1,5}}[A-Za-z]?\s*{after}(?![0-9A-Za-z])"
    found = list(re.finditer(place, address, re.IGNORECASE))
    if len(found) != 1:
        return street
    return address[: found[0].start()] + street + address[found[0].end() :]


def reason_named(text: str) -> ReturnReason | None:
    """The one reason that a statement names, None where it names several or denies one."""
    plain = plain_text(text)
    if is_question(plain) or _SUPPOSES.search(plain) or _DENIES.search(plain):
        return None
    named = [reason for reason, words in _REASONS if words.search(plain)]
    return named[0] if len(named) == 1 else None


def read_reason(value: str, intent: str | None) -> ReturnReason:
    """Why something comes back: by its words, else by the intent of the message."""
    if value in set(ReturnReason):
        return ReturnReason(value)
    for reason, pattern in _REASONS:
        if pattern.search(value):
            return reason
    return _REASON_OF_INTENT.get(intent or "", ReturnReason.OTHER)


def read_email(value: str) -> str | None:
    """The e-mail address in ``value``."""
    found = _EMAIL.search(plain_text(value))
    return found[0] if found else None


def read_tax_number(text: str) -> str | None:
    """A tax number: 18 letters and digits, at least one of them a digit."""
    found = _TAX.search(plain_text(text))
    return found[0].upper() if found else None


def is_personal(value: str) -> bool:
    """Whether the answer asks for a personal invoice."""
    return _PERSONAL.fullmatch(value) is not None


def makes_personal(text: str) -> bool:
    """Whether a short message turns the invoice into a personal one: 还是开个人吧."""
    short = len(text) <= MAX_TITLE // 2 and not is_question(text)
    return short and re.search(r"\bpersonal\b|个人|私人", text, re.IGNORECASE) is not None


def wants_special_invoice(text: str) -> bool:
    """Whether a VAT special invoice is asked for, which only a person issues."""
    return _SPECIAL.search(text) is not None


def is_company(value: str) -> bool:
    """Whether ``value`` reads like a company's name."""
    return _COMPANY.search(value) is not None


_A_COMPANY = re.compile(
    r"(?:(?:it's|its|it is|for|to|a|the|my|our|on|in|name|of|please|pls)\s+)*"
    r"(?:company|business|firm|employer|work)(?:'s)?(?:\s+(?:name|one|invoice|please|pls))*"
    r"|(?:开|给|是|要|用|写|我们?的?|一个|个)*(?:公司|单位|企业)(?:的|抬头|名义|发票|吧|名字|名称)*",
    re.IGNORECASE,
)


def some_company(value: str) -> bool:
    """Whether an answer says that the invoice is for a company, and not for which."""
    return _A_COMPANY.fullmatch(plain_text(value).strip(" .。!！,，")) is not None


def read_title(value: str) -> str | None:
    """The name in an answer about the invoice's title, without tax number and labels."""
    name = _TAX_WORDS.sub(" ", _TAX.sub(" ", plain_text(value)))
    name = re.sub(r"\s+", " ", name).strip(" ,.;:，。；：、-")
    if len(name) < 2 or name.endswith(("?", "？")):
        return None
    return name[:MAX_TITLE]
