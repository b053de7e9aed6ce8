"""Patterns of exact items in English and Chinese, and what each match stands for.

A reader yields kind, key, start and end; the last part of a number's key is the plain number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from models.checking.numerals import DIGITS, EN_WORDS, ZH_WORDS, number

_MONTH_NAMES = (
    "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,"
    "september sep sept,october oct,november nov,december dec"
)
_MONTHS = {
    name: i for i, names in enumerate(_MONTH_NAMES.split(","), start=1) for name in names.split()
}
_DAYS_EN = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS_ZH = "一二三四五六日"
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_EN_WEEKDAY = "(?:" + "|".join(_DAYS_EN) + r")"
_ZH_WEEKDAY = r"(?:周|星期|礼拜)[一二三四五六日天]"
_N = rf"(?:{DIGITS}|\b{EN_WORDS}\b|{ZH_WORDS})"
_TO = r"\s*(?:[-–—~～]|to|or|and|到|至|或|、|,|，)\s*"

_RANGE = r"\s*(?:[-–—~～]|to|到|至)\s*"

_UNITS: dict[str, tuple[str, Decimal]] = {}
for _kind, _size, _names in (
    ("minute", "1", "minute minutes min mins 分钟"),
    ("minute", "60", "hour hours hr hrs h 小时 个小时 钟头 个钟头 个钟"),
    ("minute", "1440", "day days 天 日 calendar#days calendar#day natural#days 个自然日 自然日"),
    ("minute", "1440", "day's days' night nights 晚"),
    ("minute", "10080", "week weeks 周 星期 个星期 礼拜 个礼拜"),
    ("month", "1", "month months 个月"),
    ("month", "3", "quarter quarters 个季度 季度"),
    ("month", "12", "year years 年 周年 岁 周岁"),
    ("workday", "1", "working#day working#days business#day business#days workday workdays "
     "working-day business-day weekdays 个工作日 工作日"),
    ("minute", "0.016666666666666666667", "second seconds 秒 秒钟"),
):  # fmt: skip
    for _name in _names.split():
        _UNITS[_name.replace("#", " ")] = (_kind, Decimal(_size))
_MEASURES = {
    name: (names.split()[0], Decimal(size))
    for names, size in (
        ("kg 千克 公斤 kilo kilos kilograms", "1"), ("g 克 grams", "1"), ("jin 斤", "1"),
        ("ml 毫升", "1"), ("l 升 litre litres liter liters", "1"),
        ("cm 厘米 公分 centimetres centimeters", "1"), ("mm 毫米", "1"),
        ("km 公里 千米 kilometres", "1"), ("m 米 metre metres meters", "1"),
        ("inch 寸 英寸 inches", "1"), ("w 瓦 watt watts", "1"), ("mah 毫安 毫安时", "1"),
        ("gb g内存", "1"), ("tb", "1"), ("celsius ℃ °c 度 degrees", "1"), ("fahrenheit ℉ °f", "1"),
    )
    for name in names.split()
}  # fmt: skip


def _alternatives(names: dict[str, tuple[str, Decimal]]) -> str:
    ordered = sorted(names, key=len, reverse=True)
    return "|".join(
        re.escape(n).replace(r"\ ", r"[ -]")
        + ("(?![A-Za-z])" if n[-1].isascii() and n[-1].isalpha() else "")
        for n in ordered
    )


_UNIT = f"(?:{_alternatives(_UNITS)})"
_MEASURE = f"(?:{_alternatives(_MEASURES)})"
_COUNTER = "[个件双张家位款条台瓶盒包套份笔单店期级项步人号倍部只把本支枚箱袋回片颗幅层]"
_CURRENCY = {
    "¥": "CNY", "￥": "CNY", "元": "CNY", "块": "CNY", "块钱": "CNY", "yuan": "CNY",
    "rmb": "CNY", "cny": "CNY", "人民币": "CNY", "$": "USD", "us$": "USD", "usd": "USD",
    "dollar": "USD", "dollars": "USD", "美元": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR",
    "euros": "EUR", "欧元": "EUR", "£": "GBP", "gbp": "GBP", "英镑": "GBP", "hk$": "HKD",
    "hkd": "HKD", "港元": "HKD", "港币": "HKD", "cn¥": "CNY",
}  # fmt: skip
_BEFORE = r"(?:cn¥|us\$|hk\$|[¥￥$€£]|\b(?:rmb|cny|usd|eur|gbp|hkd)(?![a-z])|人民币)"
_AFTER = (
    "(?:块钱|美元|欧元|英镑|港元|港币|元|块"
    "|(?:yuan|rmb|cny|usd|dollars?|euros?|eur|gbp|hkd)(?![a-z]))"
)

Key = tuple[object, ...]
Found = Iterator[tuple[str, Key, int, int]]
Reader = Callable[[re.Match[str]], Found]


def _link(match: re.Match[str]) -> Found:
    shown = match.group().rstrip(".,;:!?)'\"")
    key = re.sub(r"^(?:https?://)?(?:www\.)?", "", shown.lower()).rstrip("/")
    yield "link", (key, 0), match.start(), match.start() + len(shown)


def _email(match: re.Match[str]) -> Found:
    yield "email", (match.group().lower(), 0), match.start(), match.end()


def _date(match: re.Match[str]) -> Found:
    parts = match.groupdict()
    year = int(parts["y"]) if parts.get("y") else None
    if year is not None and year < 100:
        year += 2000
    month = parts.get("mon")
    if month is not None:
        number_ = _MONTHS[month.rstrip(".").lower()]
    else:
        given = number(parts["m"]) if parts.get("m") else None
        number_ = int(given) if given is not None else None  # type: ignore[assignment]
    day = number(parts["d"]) if parts.get("d") else None
    weekday = parts.get("w") or parts.get("w2")
    if day is None or not 1 <= day <= 31 or (number_ is not None and not 1 <= number_ <= 12):
        return
    key = (year, number_, int(day), _weekday_of(weekday) if weekday else None)
    yield "date", key, match.start(), match.end()


def _weekday_of(word: str) -> int:
    plain = word.lower().rstrip(",").removesuffix("s")
    if plain in _DAYS_EN:
        return _DAYS_EN.index(plain)
    return _DAYS_ZH.index(plain[-1].replace("天", "日"))


def _just_weekday(match: re.Match[str]) -> Found:
    yield "weekday", (_weekday_of(match.group()), 0), match.start(), match.end()


def _time(match: re.Match[str]) -> Found:
    parts = match.groupdict()
    hour = number(parts["h"])
    minute = number(parts["min"]) if parts.get("min") else Decimal(0)
    if parts.get("half"):
        minute = Decimal(30)
    if hour is None or minute is None or hour > 24 or minute > 59:
        return
    clock = _of_day(int(hour), parts.get("ap") or "")
    yield "time", (clock * 60 + int(minute), 0), match.start(), match.end()


def _noon(match: re.Match[str]) -> Found:
    yield "time", (720, 0), match.start(), match.end()


def _midnight(match: re.Match[str]) -> Found:
    yield "time", (1440, 0), match.start(), match.end()


def _quantity(kind_of: Callable[[str, Decimal], tuple[str, Key]]) -> Reader:
    def read(match: re.Match[str]) -> Found:
        parts = match.groupdict()
        unit = (parts.get("u") or parts.get("u0") or "").lower().replace("-", " ")
        for name in ("a", "b"):
            value = number(parts[name]) if parts.get(name) else None
            if value is not None:
                kind, key = kind_of(unit, value)
                start = match.start() if name == "a" or not parts.get("a") else match.start(name)
                end = match.end(name) if name == "a" and parts.get("b") else match.end()
                yield kind, key, start, end

    return read


def _money(unit: str, value: Decimal) -> tuple[str, Key]:
    return "money", (_CURRENCY.get(unit, "CNY"), value.normalize(), 0)


def _length(unit: str, value: Decimal) -> tuple[str, Key]:
    kind, size = _UNITS[unit if unit in _UNITS else unit.replace(" ", "-")]
    return "length", (kind, round(value * size, 3).normalize(), value.normalize())


def _measure(unit: str, value: Decimal) -> tuple[str, Key]:
    name, _ = _MEASURES[unit]
    return "measure", (name, value.normalize(), value.normalize())


def _single(match: re.Match[str]) -> Found:
    kind, size = _UNITS[match.group("u").lower()]
    yield "length", (kind, size.normalize(), Decimal(1)), match.start(), match.end()


_RATES = {"daily": "day", "annually": "year", "annual": "year", "月": "个月", "nightly": "night"}


def _rate(match: re.Match[str]) -> Found:
    """*Monthly* and 每月: one month."""
    word = (match.group("en") or match.group("zh")).lower()
    kind, size = _UNITS[_RATES.get(word) or word.removesuffix("ly")]
    yield "length", (kind, size.normalize(), Decimal(1)), match.start(), match.end()


def _age(match: re.Match[str]) -> Found:
    value = number(match.group("a"))
    if value is not None:
        years = (value * 12).normalize()
        yield "length", ("month", years, value.normalize()), match.start(), match.end()


def _percent(match: re.Match[str]) -> Found:
    value = number(match.group("a"))
    if value is not None:
        yield "percent", (value.normalize(), 0), match.start(), match.end()


def _fold(match: re.Match[str]) -> Found:
    value = number(match.group("a"))  # 八五 is read as 85
    if value is not None:
        share = 100 - (value * 10 if value < 10 else value)
        yield "percent", (share.normalize(), 0), match.start(), match.end()


def _code(match: re.Match[str]) -> Found:
    shown = match.group()
    if any(c.isdigit() for c in shown):
        key = re.sub(r"[^A-Za-z0-9]", "", shown).upper()
        yield "code", (key, 0), match.start(), match.end()


def _plain(match: re.Match[str]) -> Found:
    value = number(match.group("a"))
    if value is not None:
        key = value.normalize()
        yield "number", (key, key), match.start(), match.end()


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _clock(match: re.Match[str]) -> Found:
    parts = match.groupdict()
    hour, minute = int(parts["h"]), int(parts["min"])
    if hour > 24 or minute > 59:
        return
    said = parts.get("ap") or parts.get("am") or ""
    yield "time", (_of_day(hour, said) * 60 + minute, 0), match.start(), match.end()


def _of_day(hour: int, said: str) -> int:
    """The hour of 24 that an hour of twelve stands for, by what is said with it."""
    part = said.lower().replace(".", "")
    if part in ("pm", "下午", "晚上", "傍晚", "晚") and hour < 12:
        return hour + 12
    if part == "中午" and hour < 11:
        return hour + 12
    if part in ("晚", "晚上") and hour == 12:
        return 24
    if part in ("am", "凌晨", "上午") and hour == 12:
        return 0
    return hour


def _halves(match: re.Match[str]) -> Found:
    unit = (match.group("u") or match.group("uz")).lower()
    kind, size = _UNITS["个月" if unit == "月" else unit]
    amount = (size / 2).normalize()
    yield "length", (kind, amount, Decimal("0.5")), match.start(), match.end()


def _and_half(match: re.Match[str]) -> Found:
    """*An hour and a half* and 一个半小时: ninety minutes."""
    unit = match.group("u") or match.group("uz")
    kind, size = _UNITS["个月" if unit == "月" else unit.lower()]
    said = match.group("a") or match.group("b")
    count = Decimal(1) if said.lower() in ("a", "an") else number(said)
    if count is not None:
        amount = count + Decimal("0.5")
        yield "length", (kind, (amount * size).normalize(), amount), match.start(), match.end()


def _quarters(match: re.Match[str]) -> Found:
    """*A quarter of an hour* and 一刻钟: fifteen minutes."""
    count = 1 if (match.group("n") or match.group("zh")).lower() in ("a", "一") else 3
    amount = Decimal(15 * count).normalize()
    yield "length", ("minute", amount, Decimal("0.25") * count), match.start(), match.end()


def _dozen(match: re.Match[str]) -> Found:
    yield "number", (Decimal(12), Decimal(12)), match.start(), match.end()


def _coins(match: re.Match[str]) -> Found:
    """两毛: a fifth of a yuan."""
    value = number(match.group("a"))
    if value is not None:
        yield "money", ("CNY", (value / 10).normalize(), 0), match.start(), match.end()


_Y, _M, _D = r"(?P<y>\d{4}|\d{2})", r"(?P<m>\d{1,2})", r"(?P<d>\d{1,2})"
_TH = r"(?:st|nd|rd|th)?\b"
_ZH_D = rf"(?P<d>\d{{1,2}}|{ZH_WORDS})"
_PART = r"(?P<ap>凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|晚)"
READERS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_compiled(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"), _email),
    (
        _compiled(
            r"(?:https?://|www\.)[^\s<>\"'，。；！？、（）]+"
            r"|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|io|shop|store|app|info|top|vip|xyz|me|cc)\b"
            r"(?:/[^\s<>\"'，。；！？、（）]*)?"
        ),
        _link,
    ),
    (_compiled(rf"(?<!\d)(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.]{_D}(?!\d)"), _date),
    (
        _compiled(
            rf"(?:(?P<y>\d{{4}}|\d{{2}})年)?(?P<m>\d{{1,2}}|{ZH_WORDS})月{_ZH_D}[日号]?"
            rf"(?:\s*[（(]?(?P<w>{_ZH_WEEKDAY})[）)]?)?"
        ),
        _date,
    ),
    (
        _compiled(
            rf"(?:\b(?P<w>{_EN_WEEKDAY}),?\s+)?\b(?P<mon>{_MONTH})\s+(?:the\s+)?{_D}{_TH}"
            r"(?:,?\s+(?P<y>\d{4}))?"
        ),
        _date,
    ),
    (
        _compiled(
            rf"(?:\b(?P<w>{_EN_WEEKDAY}),?\s+)?(?:the\s+)?\b{_D}{_TH}\s+(?:of\s+)?"
            rf"(?P<mon>{_MONTH})(?:,?\s+(?P<y>\d{{4}}))?"
        ),
        _date,
    ),
    (_compiled(rf"(?<![\d/]){_M}/{_D}(?:/(?P<y>\d{{4}}))?(?![\d/])"), _date),
    (_compiled(r"(?<![\d月])(?P<d>\d{1,2})[号](?![码线楼店])"), _date),
    (_compiled(r"\bthe (?P<d>\d{1,2})(?:st|nd|rd|th)\b(?! (?:time|order|item))"), _date),
    (_compiled(rf"\b{_D}{_TH}(?=\s?(?:-|–|to|and|or|until|through)\s?(?:the\s)?\d{{1,2}}{_TH}\s+"
               rf"(?:of\s+)?(?P<mon>{_MONTH}))"), _date),
    (_compiled(rf"{_EN_WEEKDAY}s?\b|{_ZH_WEEKDAY}"), _just_weekday),
    (_compiled(rf"{_PART}?\s*(?P<h>\d{{1,2}})[:：](?P<min>\d{{2}})(?:\s*(?P<am>[ap]\.m\.|[ap]m(?![a-z])))?"),
     _clock),
    (_compiled(r"\b(?P<h>\d{1,2}|" + EN_WORDS + r")\s*(?P<ap>[ap]\.m\.|[ap]m(?![a-z]))"), _time),
    (_compiled(rf"{_PART}\s*(?P<h>\d{{1,2}}|{ZH_WORDS})[点时](?:(?P<half>半)|(?P<min>\d{{1,2}}|{ZH_WORDS})分)?"),
     _time),
    (_compiled(r"(?<![\d.])(?P<h>\d{1,2})[点时](?![数卡])(?:(?P<half>半)|(?P<min>\d{1,2})分)?"),
     _time),
    (_compiled(r"\b(?P<h>\d{1,2}|" + EN_WORDS + r") o'?clock\b"), _time),
    (_compiled(r"\bnoon\b|正午"), _noon),
    (_compiled(r"\bmidnight\b|午夜"), _midnight),
    (_compiled(rf"(?P<u0>{_BEFORE})\s?(?P<a>{_N})(?:{_RANGE}(?:{_BEFORE})?\s?(?P<b>{_N}))?(?!\s?%)"),
     _quantity(_money)),
    (_compiled(rf"(?P<a>{_N})(?:{_RANGE}(?P<b>{_N}))?\s?-?(?P<u>{_AFTER})(?!素|旦|宵|件|头)"),
     _quantity(_money)),
    (_compiled(r"(?:满|减|立减|抵)(?P<b>\d+(?:\.\d+)?)(?=包邮|减|起|，|。|、|可|就|免|$)"),
     _quantity(lambda _, value: _money("元", value))),
    (_compiled(rf"(?P<a>\d|{ZH_WORDS})毛"), _coins),
    (_compiled(rf"(?P<a>{_N})\s?(?:%|％|percent\b|per cent\b)"), _percent),
    (_compiled(rf"百分之(?P<a>{_N})"), _percent),
    (_compiled(r"(?P<a>\d{1,2}(?:\.\d)?|[一二三四五六七八九]{1,2})折"), _fold),
    (_compiled(r"\b(?:(?P<a>an?|" + EN_WORDS + r") (?P<u>hour|day|year|month)s? and a half"
               r"|(?P<b>" + ZH_WORDS + r"|\d+)个半(?P<uz>小时|钟头|月))"), _and_half),
    (_compiled(r"\b(?P<n>a|three) quarters? of an hour\b|(?P<zh>[一三])刻钟"), _quarters),
    (_compiled(r"\bhalf (?:an? )?(?P<u>hour|day|year|month)\b|半个?(?P<uz>小时|天|年|月)"),
     _halves),
    (_compiled(rf"\b(?:aged?|ages) (?P<a>{_N})(?! (?:months|weeks|days))"), _age),
    (_compiled(r"\b(?:per|each|every) (?P<u>hour|day|night|week|month|year)\b"), _single),
    (_compiled(r"\b(?P<en>hourly|daily|nightly|weekly|monthly|yearly|annually|annual)\b"
               r"|(?:每个?|/)(?P<zh>小时|天|日|晚|周|星期|月|年)"), _rate),
    (_compiled(r"(?<=within )a (?P<u>day)\b"), _single),
    (_compiled(r"\b(?:an?|another|one full|a full|a whole) (?P<u>hour|week|month|year)\b"),
     _single),
    (_compiled(rf"(?<![第上下每])(?P<a>{_N})(?:{_TO}(?P<b>{_N}))?[\s-]?(?P<u>{_UNIT})"),
     _quantity(_length)),
    (_compiled(rf"(?<![A-Za-z])(?P<a>{DIGITS})(?:{_TO}(?P<b>{DIGITS}))?\s?(?P<u>{_MEASURE})"),
     _quantity(_measure)),
    (_compiled(r"(?<![A-Za-z0-9])[A-Za-z]{2}[ -]?\d{4}[ -]\d{4}(?![A-Za-z0-9])"), _code),
    (_compiled(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])"
               r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9])"), _code),
    (_compiled(r"(?<![\d.])(?:\+?86[ -]?)?"
               r"(?:\d{3}[ -]\d{4}[ -]\d{4}|\d{3,4}-\d{7,8}|\d{3,4}-\d{3,4}-\d{3,4}|\d{5,})"
               r"(?![\d.]\d)"),
     _code),
    (_compiled(rf"(?<![\w.])(?P<a>{DIGITS})(?![\w])|(?<=[^\x00-\x7f])(?P<b>{DIGITS})"),
     _quantity(lambda _, value: ("number", (value.normalize(),) * 2))),
    (_compiled(rf"(?<![A-Za-z0-9])(?P<a>{DIGITS})(?=[^\x00-\x7f]|$)"), _plain),
    (_compiled(r"\ba dozen\b|一打"), _dozen),
    (_compiled(r"\b(?!one\b|zero\b)(?P<a>" + EN_WORDS + r")\b(?! times\b)"), _plain),
    (_compiled(rf"(?<![第万千唯之])(?P<a>[二两三四五六七八九十][零一二两三四五六七八九十百千万]*)"
               rf"(?={_COUNTER})"), _plain),
    (_compiled(r"(?<![第万千])(?P<a>[三四五六七八九十]+)(?=次)"), _plain),
)  # fmt: skip
