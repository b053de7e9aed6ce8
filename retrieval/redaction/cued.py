"""Detector for numbers that the words before them name: ``order no is``, ``取件码``, ``reg``.

The cue says what a number is, so that its form may be anything: three digits, groups with blanks,
letters between. Without a cue the same writing is a size, a price or a product code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from retrieval.redaction.after import find_after, find_listed
from retrieval.redaction.spans import Span
from retrieval.redaction.values import DATE

_LINK_EN = (
    r"(?:\s?(?:no|nos|nr|num|number|id|ref|reference|code|key|card)\b\.?)*[\s:=,?(-]{0,4}"
    r"(?:(?:(?:on|in) (?:the|my) \w{1,12} )?"
    r"(?:is|was|are|its|it's|it is|mine is|said it is|said|says|reads|shows|under)\b[\s:]{0,2})?"
    r"(?:(?:no|nr)\b\.?\s?)?"
)
_LINK_ZH = (
    r"(?:单|信息|申请)?(?:号码|号|编号|码|尾号|[后末前][一二三四五六七八4-8]位|ID|id)?"
    r"(?:都?是|为|写的是|填的是|发的是|给你|在这)?[\s:,，、]{0,3}(?:[\u4e00-\u9fff]字第|No\.?\s?)?"
)
_GROUP = r"[A-Za-z0-9]+(?:[/_.-][A-Za-z0-9]+)*"
# Words in capitals belong to a number only at its start; later groups hold a digit.
_VALUE = (
    rf"(#?(?:[A-Z]{{1,5}}[ ])?(?=[A-Za-z/_.-]*\d){_GROUP}"
    r"(?:[ -](?:(?=[A-Z]*\d)[A-Z0-9]{2,12}|\d|[A-Z](?![\w'])))*#?)"
)
_UNIT = (
    r"(?![A-Za-z0-9_]|\.\d|,\d{3}\b|[%€$£]|\s?(?:pcs|pieces|units|items|euros?|eur|gbp|usd|pounds"
    r"|days|weeks|months"
    r"|hours|hrs|minutes|mins?|points|people|kg|cm|mm|ml|times|x)\b"
    r"|[年月天件个元块岁次分秒米斤箱位克毫])"
)
_CUES: tuple[tuple[str, int, str, str], ...] = (
    (
        "plate_no", 2,
        r"(?:(?:number|licen[cs]e|reg(?:istration)?) plates?|plates?|vrm|kennzeichen|my (?:car|van)"
        r"|(?<!cash )reg(?:istration)?)",
        r"(?:车牌)",
    ),
    (
        "invoice_no", 3,
        r"(?:invoices?|inv|receipt|bill(?:ing)?(?: doc(?:ument)?)?|credit note)",
        r"(?:发票|收据|票据)(?:代码)?",
    ),
    (
        "account_no", 6,
        r"(?:acct?|account|bank|sort|sort code|s/c|routing|konto(?:nummer)?|blz|bsb)",
        r"(?:银行|账号|帐号|账户|帐户|户头|[工建农中招交]行|对公)",
    ),
    (
        "id_no", 3,
        r"(?:ssn|social security|ni|nino|national insurance|national id|id card|passport|tax id"
        r"|(?:driver'?s?|driving) licen[cs]e|licen[cs]e number|my licen[cs]e"
    r"|(?:personal)?ausweis|vat|sin|nhs"
        r"|aadhaar|imei|student id|serial|s/n|tax|steuernummer|ein|itin|nif|dni|pesel|pan)",
        r"(?:身份证|护照|通行证|台胞证|回乡证|驾驶证|驾照|军官证|学生证|社保卡?|医保卡?|证件|税号"
        r"|信用代码"
        r"|SN码?|序列号|IMEI|居住证|户口本)",
    ),
    (
        "code", 3,
        r"(?:(?:activation|licen[cs]e|product|unlock) key|cvv2?|cvc2?|cid|2fa|otp|pin|tan|passcode"
        r"|(?:gate|door|security|auth|login|verification|sms|access|unlock|backup|recovery"
        r"|confirmation|pick-?up|collection|locker) code|one[- ]time (?:code|password|pin))",
        r"(?:验证|校验|动态|安全|提货|取件|取货|核销|激活|兑换|PIN|pin|确认|授权|门禁|开门|开锁"
        r"|cvv2?|CVV2?)"
        r"(?:密)?码?|卡密|口令|柜子密码|(?:礼品卡)?密码",
    ),
    (
        "order_id", 3,
        r"(?:(?:purchase )?orders?|ordernr|po|bookings?|reservations?|confirmation|pnr|e-?tickets?"
        r"|tickets?|case|ref|reference|rma|returns?|claim|complaint|contract|membership|member"
        r"|loyalty(?: card)?|(?:gift|store|club|points|member(?:ship)?) card|policy|customer|client"
        r"|account|acct|fine|pcn|job|repair|quote|request|transaction|payment id)",
        r"(?:订单|单|编|退货|换货|退换货|售后|工单|投诉(?=编|单|号)|预约|预订|维修|合同|保单|会员"
        r"|会员卡|礼品卡|积分卡|流水"
        r"|交易|商户|订座|机票|票(?=号)|车票|火车票|电子票|客户|酒店|拼多多|淘宝|天猫|京东|美团)",
    ),
    (
        "tracking_no", 4,
        r"(?:tracking|trk|track|waybill|consignment|parcel|package|shipment|awb|dpd|dhl|ups|usps"
        r"|fedex|hermes|evri|gls|royal mail|courier)",
        r"(?:快递|运单|物流|包裹|顺丰|圆通|中通|申通|韵达|极兔|邮政|EMS|ems|德邦|菜鸟)",
    ),
)  # fmt: skip
_CUED = tuple(
    (kind, digits, re.compile(pattern))
    for kind, digits, en, zh in _CUES
    for pattern in (
        rf"(?<![A-Za-z0-9-])(?i:{en}(?![A-Za-z]){_LINK_EN}){_VALUE}{_UNIT}",
        rf"(?:{zh}){_LINK_ZH}{_VALUE}{_UNIT}",
    )
)
_PUBLIC = (
    r"(?i:errors?|err|fault|status|model|ean|gtin|isbn|upc|sku|item|art(?:icle)?|part|product|screw"
    r"|reading|firmware|version|build|colou?r|promo|hex|barcode)\b[\s\w.]{0,14}?[\s:#.]{1,3}$"
    r"|(?:错误|故障|商品|货号|条码|条形码|型号|批号|批次|日期|保质期|版本|编码|款号"
    r"|工号)[\u4e00-\u9fff]{0,3}[\s:,]{0,2}$"
)
PUBLIC = re.compile(_PUBLIC)
"""What stands before a number that everyone may see: an article's, an error's, a batch's."""

_FREE_CODE = re.compile(
    r"\b(?P<before>[A-Za-z]+\s)?(?i:code|pin|otp)s?\b(?P<gap>[^\d\n.]{0,26}?[\s:=])"
    r"(?P<value>[A-Z]{0,2}-?\d[\d -]{1,8}\d)(?![A-Za-z0-9_]|[.:/%-]\d)"
)
_COMMON_CODES = frozenset(
    ("error", "fault", "promo", "voucher", "discount", "country", "area", "zip", "postal", "post",
     "dress", "source", "product", "item", "qr", "colour", "color", "bar", "status", "model", "hex")
)  # fmt: skip
_SAID = r"(?:\s?(?:is|was|now|to)\b)?[\s:=\"“]{1,4}"
_PASS_EN = re.compile(
    r"(?<![A-Za-z])(?i:(?:pass(?:word|wort|wd|code|phrase)?|pwd?|kennwort)s?"
    r"|(?:wi-?fi|wlan|network|security) key|security answer|memorable word)"
    rf"(?:(?P<sure>\s?(?:is|was)?\s?[:=]\s?)|(?P<plain>{_SAID}))(?P<value>[!-~]{{4,40}})"
)
_PASS_ZH = re.compile(
    r"(?:密码|口令|pwd)(?:[都就]?是|为|改成了?|换成了?|设的是?)?(?:(?P<sure>\s?:\s?)"
    r"|(?P<plain>\s{0,2}))"
    r"(?P<value>[!-~]{4,40})"
)
_PASS_NEXT = re.compile(
    r"(?:旧的?|新的?|原来的?|之前的?|\bold (?:one )?|\bnew (?:one )?)(?:密码)?(?:[是为]|is"
    r"|was)?[\s:]{0,2}"
    r"(?P<value>[!-~]{5,40})"
)
_PASS_FAR = re.compile(
    r"(?i:password"
    r"|passcode)(?:\s[a-z]{1,8}){1,4}[\s:]{1,2}(?P<value>(?=[!-~]*[A-Za-z])(?=[!-~]*\d)[!-~]{6,40})"
)
_PASS_SET = re.compile(
    r"(?i:\b(?:reset|changed|set) it (?:to"
    r"|as)\s)(?P<value>(?=[!-~]*[A-Za-z])(?=[!-~]*\d)[!-~]{6,40})"
)
_PASS_CHANGED = re.compile(
    r"(?:\b(?:from|to)\s|从\s?|改成了?\s?|换成了?\s?)(?P<value>(?=[!-~]*[A-Za-z])[!-~]{5,40})"
)
_PASS_PAIR = re.compile(
    r"(?i:user(?:name)?|log-?in|account|账号|帐号|用户名|密码"
    r"|acc)[^/\n]{1,60}?\s?/\s?(?P<value>[!-~]{4,40})"
)
_SALES = frozenset(("618", "1111", "1212", "11.11", "12.12"))
_USER = re.compile(
    r"(?i:\b(?:user(?:name)?|log-?in)\b|账号|帐号|用户名)(?:\s?(?:is|was|是|为))?[\s:]{0,2}"
    r"(?P<value>(?=[A-Za-z_]*\d)[A-Za-z][A-Za-z0-9_]{3,30})"
)
_HASH = re.compile(r"(?<![\w&/])#(?!\d{2}-\d{2,4}(?!\d))(?=(?:-?\d){3})\d[\d-]*\d(?![\w.])")
# A carrier's or a shop's own number: capitals and at least seven digits.
_LETTERED = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{1,6}-?\d{7,}[A-Z]{0,3}|[A-Z]{2,4}-\d{5,})(?![A-Za-z0-9-])"
)
_GROUPED = re.compile(
    r"(?<![A-Za-z0-9_.,/-])\d{1,}(?:[ -]\d{1,}){2,}"
    r"(?![\d/:]|[.,]\d|[年月日号]|[ -]?(?:[a-z]{1,3}\b)?[°%€$£])"
)
_PLATE_UK = re.compile(r"(?<![A-Za-z0-9-])[A-Z]{2}\d{2}\s?[A-Z]{3}(?![A-Za-z0-9-])")
_PLATE_DE = re.compile(r"(?<![A-Za-z0-9-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} \d{1,4}[EH]?(?![A-Za-z0-9-])")
_PLATE_CUED = re.compile(
    r"(?i:\b(?:plates?|vrm|reg(?:istration)?|kennzeichen)\b(?:\s(?:no|number|is))*[\s:]{1,2})"
    r"((?!(?:is|in|no|of|to)\b)[A-Za-z]{1,3}[ -]?(?:[A-Za-z]{1,2}[ -])?\d{1,4}"
    r"(?:[ -]?[A-Za-z]{3})?)(?![A-Za-z0-9])"
)
_PLATE_GROUPS = re.compile(
    r"(?i:\b(?:plates?|vrm|reg(?:o|istration)?|vehicle|kennzeichen|车牌)\b(?:\s(?:no|number|is))*"
    r"[\s:]{1,2})((?=[A-Z -]*\d)(?=[0-9 -]*[A-Z])[A-Z0-9]{1,5}(?:[ -][A-Z0-9]{1,5}){1,3})(?![\w-])"
)
_PLATE_ZH = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]"
    r"[A-HJ-NP-Za-hj-np-z]\s?(?:[DF]?[·•・.\- ])?\s?"
    r"(?:(?:[A-HJ-NP-Za-hj-np-z0-9] ?){4,5}[A-HJ-NP-Za-hj-np-z0-9](?![A-Za-z0-9])"
    r"|[A-Z0-9]{4}\s?[港澳学警挂])"
)
_PLATE_CITY = re.compile(
    r"(?:车牌|牌照|车号)[^\dA-Za-z\n]{0,6}([A-Z]\s?[·.]?\s?[A-Z0-9]{5,6})(?![A-Za-z0-9])"
)
_BIC = re.compile(
    r"(?i:\b(?:bic|swift)\b)[\s:]{0,2}(?:code\s)?([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?)\b"
)
_SORT = re.compile(r"(?<![\d-])\d{2}-\d{2}-\d{2}(?![\d-])")

_FORMS = (
    ("plate_no", _PLATE_UK), ("plate_no", _PLATE_DE), ("plate_no", _PLATE_ZH),
    ("order_id", _HASH), ("order_id", _LETTERED),
)  # fmt: skip


def find_cued(text: str) -> Iterator[Span]:
    """Numbers of ``text`` (folded) known by the words beside them or by a form that is no size."""
    yield from _passwords(text)
    if not any(map(str.isdigit, text)):
        return
    cued = [*_cued(text), *_codes(text)]
    cued += [span for span in find_after(text) if not _within(span, cued)]
    yield from cued
    yield from find_listed(text, cued)
    for span in _formed(text):
        if not _within(span, cued):
            yield span


def _formed(text: str) -> Iterator[Span]:
    """Numbers known by their form: plates, carriers' numbers, long groups of digits."""
    for kind, pattern in _FORMS:
        for match in pattern.finditer(text):
            if not is_public(text, match.start()):
                yield Span(*match.span(), kind)
    for match in _GROUPED.finditer(text):
        shown = DATE.match(match.group()) or is_public(text, match.start())
        if _digits(match.group()) >= 9 and not shown:
            yield Span(*match.span(), "code")


def _within(span: Span, others: Iterable[Span]) -> bool:
    return any(o.start <= span.start and span.end <= o.end for o in others)


def is_public(text: str, start: int) -> bool:
    """Whether the number that starts at ``start`` is named as an article's, an error's or so."""
    return PUBLIC.search(text[max(0, start - 30) : start]) is not None


def _cued(text: str) -> list[Span]:
    found: list[Span] = []
    for kind, least, pattern in _CUED:
        for match in pattern.finditer(text):
            value = match.group(1)
            named = _digits(value) >= least or _mixed(value)
            if (
                named
                and value not in _SALES
                and not _dated(value)
                and not is_public(text, match.start(1))
            ):
                span = Span(*match.span(1), kind)
                # An "account" is a bank's before it is a shop's: the earlier kind of cues stands.
                if not _within(span, found):
                    found.append(span)
    for plate in (_PLATE_CUED, _PLATE_GROUPS, _PLATE_CITY):
        found += [Span(*match.span(1), "plate_no") for match in plate.finditer(text)]
    found += [Span(*match.span(1), "account_no") for match in _BIC.finditer(text)]
    if re.search(r"(?i)\bsort|s/c", text):
        found += [Span(*match.span(), "account_no") for match in _SORT.finditer(text)]
    return found


def _codes(text: str) -> Iterator[Span]:
    for match in _FREE_CODE.finditer(text):
        before = (match["before"] or "").strip().lower()
        if before not in _COMMON_CODES and _digits(match["value"]) >= 3:
            yield Span(*match.span("value"), "code")


def _passwords(text: str) -> Iterator[Span]:
    said = re.search("(?i:password|passcode|pwd)|密码", text) is not None
    changed = (_PASS_CHANGED,) if said else ()
    said = False
    for pattern in (_PASS_EN, _PASS_ZH):
        for match in pattern.finditer(text):
            value = _unquoted(match["value"])
            if match["sure"] or _secret(value):
                said = True
                yield Span(match.start("value"), match.start("value") + len(value), "password")
    for pattern in (
        _PASS_PAIR,
        _PASS_SET,
        _PASS_FAR,
        _USER,
        *((_PASS_NEXT,) if said else ()),
        *changed,
    ):
        for match in pattern.finditer(text):
            value = _unquoted(match["value"])
            if _secret(value):
                kind = "code" if pattern is _USER else "password"
                yield Span(match.start("value"), match.start("value") + len(value), kind)


def _unquoted(value: str) -> str:
    return value.rstrip(',.;)"') or value


def _secret(value: str) -> bool:
    """Letters or digits as no word has them."""
    return len(value) >= 4 and (
        any(map(str.isdigit, value)) or re.search(r"\w[@$#_!*&]+\w", value) is not None
    )


def _mixed(value: str) -> bool:
    """Capitals and digits interleaved as in a booking reference."""
    value = value.replace(" ", "")
    return len(value) >= 4 and re.fullmatch(r"[A-Z0-9-]*[A-Z]-?\d[A-Z0-9-]*", value) is not None


def _dated(value: str) -> bool:
    """Whether ``value`` begins with a whole date."""
    found = DATE.match(value)
    return found is not None and len(found.group()) >= min(8, len(value))


def _digits(value: str) -> int:
    return sum(map(str.isdigit, value))
