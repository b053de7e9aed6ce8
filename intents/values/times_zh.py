"""Chinese times: 明天下午三点, 下周三前, 15号, 三天前, 半小时后, 3月5日到8日."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator

from intents.values.chinese import number
from intents.values.feasts import CHINESE, feast
from intents.values.moments import (
    PARTS,
    Edge,
    Grain,
    Said,
    add_months,
    nearest_year,
    shifted,
    week_day,
)

_N = r"(?:\d{1,4}|[零〇一二两三四五六七八九十]{1,4})"
_COUNT = rf"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百半几]+|{_N})"
_WHICH = r"(?:上上|下下|上|下|这|本)"
_PARTS = {
    "凌晨": "early",
    "清晨": "morning",
    "早晨": "morning",
    "早上": "morning",
    "上午": "morning",
    "中午": "noon",
    "正午": "noon",
    "下午": "afternoon",
    "午后": "afternoon",
    "傍晚": "evening",
    "晚上": "night",
    "晚间": "night",
    "夜里": "night",
    "半夜": "early",
    "早": "morning",
    "晚": "night",
    "夜": "night",
}
_HOLIDAYS = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "劳动节": (5, 1),
    "五一": (5, 1),
    "六一": (6, 1),
    "儿童节": (6, 1),
    "国庆节": (10, 1),
    "国庆": (10, 1),
    "双十一": (11, 11),
    "双11": (11, 11),
    "双十二": (12, 12),
    "双12": (12, 12),
    "平安夜": (12, 24),
    "圣诞节": (12, 25),
    "圣诞": (12, 25),
    "跨年夜": (12, 31),
}
_DAYS = {
    "大前": -3, "前": -2, "昨": -1, "今": 0, "当": 0, "明": 1, "后": 2, "大后": 3,
}  # fmt: skip
_YEARS = {"前": -2, "去": -1, "今": 0, "明": 1, "后": 2}
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "": 0, "下": 1, "下下": 2}
_UNITS: dict[str, str] = {
    "年": "year",
    "月": "month",
    "星期": "week",
    "礼拜": "week",
    "周": "week",
    "工作日": "working_day",
    "天": "day",
    "日": "day",
    "小时": "hour",
    "钟头": "hour",
    "刻钟": "quarter_hour",
    "分钟": "minute",
    "秒钟": "second",
    "秒": "second",
}
_LENGTH = (
    rf"(?P<count>{_COUNT})\s?(?P<more>多)?(?P<piece>个)?(?P<half>半)?"
    rf"(?P<unit>{'|'.join(_UNITS)})(?P<half2>半)?"
)
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6}

_DATE = rf"""(?:
  (?P<word>大前|大后|前|昨|今|明|后)(?:天|日(?!本|期))
 |(?P<near>昨|今|明)(?P<nearpart>早(?!点|就|已)|晚(?!点)|夜)(?:上)?
 |(?P<year>\d{{4}}|\d{{2}}|[今去明前后])年(?P<ymonth>{_N})月(?:份)?(?:(?P<yday>{_N})[日号]|(?P<ypart>初|中旬|上旬|下旬|底|末))?
 |(?<![个\d])(?P<month>{_N})月份?(?:(?P<mday>{_N})[日号]|(?P<mday2>\d{{1,2}})(?![\d个件块元:：.])|(?P<mpart>初|中旬|上旬|下旬|底|末))?
 |(?P<relmonth>{_WHICH})个?月(?:份)?(?:的?(?P<rday>{_N})[日号]|(?P<rpart>初|中旬|上旬|下旬|底|末))?
 |(?<!每)(?:(?P<week>{_WHICH})个?周?)?(?:周|星期|礼拜)(?:(?P<weekday>[一二三四五六日天])|(?P<weekend>末))
 |(?P<relweek>{_WHICH})个?(?:周|星期|礼拜)
 |(?P<monthend>月初|月底|月末)
 |(?P<relyear>[今去明前后])年
 |(?<![\d第A-Za-z.])(?P<dom>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})号(?![\d线楼门店机馆厅院码桌柜仓库窗床位])
 |(?<![\d.])(?P<domd>\d{{1,2}})日(?![\d本])
 |(?<![\d.])(?P<iy>\d{{4}})[-/.](?P<im>\d{{1,2}})[-/.](?P<id>\d{{1,2}})(?![\d.])
 |(?<![\d/.])(?P<sm>\d{{1,2}})/(?P<sd>\d{{1,2}})(?![\d/.])
 |(?P<holiday>{"|".join([*_HOLIDAYS, *CHINESE])})
 |(?<!\d)(?P<fullyear>(?:19|20)\d\d)年(?!\d*月)
 |(?P<now>现在|此刻)
)"""
_PART = rf"(?P<part>{'|'.join(p for p in _PARTS if len(p) > 1)})"
_CLOCK = rf"""(?:
  (?:差(?P<less1>{_N})分(?:钟)?)?(?P<h>{_N})点(?:钟|整)?(?:(?P<halfpast>半)|(?P<quarter>[一三])刻(?!钟)|过?(?P<min>{_N})分(?!钟|期|之|[后前])|(?P<min2>[零〇一二三四五]?[十]?[一二三四五六七八九]|\d{{2}})(?![\d个件分块元人天年月]))?
 |(?<![\d:：.])(?P<h2>\d{{1,2}})\s?[:：]\s?(?P<m2>\d{{2}})(?:[:：]\d{{2}})?(?!\d)
)"""
_TIME = re.compile(
    rf"""(?:{_DATE}(?:\s*的?\s*(?:{_PART}|(?P<shortpart>早|晚)(?={_N}点))\s*)?(?:\s*的?\s*{_CLOCK})?
    |(?:{_PART.replace("part>", "part2>")}|(?P<shortpart2>早|晚)(?={_N}点[^儿都也]))
     \s*(?:{_CLOCK.replace("?P<", "?P<x")})?
    |{_CLOCK.replace("?P<", "?P<y")})
    """,
    re.VERBOSE,
)
_SHIFT = re.compile(
    rf"(?P<past>过去|近|最近|前)?(?P<through>再?过)?{_LENGTH}"
    r"(?:(?P<ago>(?:以|之)?前)(?![台面门])|(?P<after>(?:以|之)?后)(?![台面门悔])|(?P<within>(?:之|以)?内))?"
)
_EDGE = re.compile(
    r"\s*(?:(?:(?:以|之)?(前)(?![台面门天日年]))|(?:(?:以|之)?(后)(?![台面门悔天日年]))|(起|开始))"
)
_JOIN = re.compile(r"\s*(?:到|至|-|–|—|~|～)\s*")
_GATE = re.compile(
    r"[天日月周年点时早晚午晨夜分秒期拜号前后:：/\-.]|国庆|元旦|五一|六一|双1|双十|圣诞|节|除夕|清明|端午|中秋|元宵|现在|此刻"
)
_NOT_A_POINT = re.compile(r"点[都也儿意原要疑建心名击赞评]|点不")


def could_hold_time(text: str) -> bool:
    """Whether the expensive expressions are worth a try."""
    return _GATE.search(text) is not None


def times(text: str, now: datetime.datetime) -> Iterator[Said]:
    """Expressions in ``text``, from left to right, without overlap; ranges in their two parts."""
    found: list[Said] = []
    taken = bytearray(len(text))
    for read in (_SHIFT, _TIME):
        for match in read.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            said = _read(_shift if read is _SHIFT else _point, match, text, now)
            if said is not None:
                found.append(said)
                taken[said.start : said.end] = b"\1" * (said.end - said.start)
    yield from sorted(found, key=lambda said: said.start)


def joined(text: str, first: Said, second: Said) -> bool:
    """Whether the two are the ends of a range."""
    return _JOIN.fullmatch(text, first.end, second.start) is not None


_Reader = Callable[[re.Match[str], str, datetime.datetime], Said | None]


def _read(how: _Reader, match: re.Match[str], text: str, now: datetime.datetime) -> Said | None:
    try:
        return how(match, text, now)
    except (ValueError, OverflowError, KeyError):
        return None


def _shift(match: re.Match[str], text: str, now: datetime.datetime) -> Said | None:
    """三天前, 半小时后, 两周内, 过两天, 最近一个月."""
    words, unit = match["count"], _UNITS[match["unit"]]
    directed = match["ago"] or match["after"] or match["within"] or match["through"]
    if not directed and not (match["past"] and match["past"] != "前"):
        return None
    if match["past"] == "前" and not directed:
        return None
    few = re.fullmatch("([一二两三四五六七八九])[两三四五六七八九]", words)
    count = 3.0 if words == "几" else number(few[1] if few else words)
    if count is None or (unit == "month" and not match["piece"]):
        return None
    count += 0.5 * bool(match["half"] or match["half2"])
    if unit == "quarter_hour":
        count, unit = 15 * count, "minute"
    end = match.end()
    if match["within"]:
        to, grain = shifted(now, count, unit)
        whole = datetime.timedelta(days=1 if grain == "day" else 0)
        return Said(match.start(), end, grain=grain, at=_tidy(now, grain), to=to + whole)
    if match["past"] and not match["through"] and not match["after"]:
        at, grain = shifted(now, -count, unit)
        return Said(match.start(), end, grain=grain, at=at, to=now.replace(microsecond=0))
    at, grain = shifted(now, -count if match["ago"] else count, unit)
    return Said(match.start(), end, grain=grain, at=at)


def _tidy(now: datetime.datetime, grain: Grain) -> datetime.datetime:
    if grain == "day":
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    return now.replace(microsecond=0)


def _point(match: re.Match[str], text: str, now: datetime.datetime) -> Said | None:
    g = match.groupdict()
    if g["now"]:
        here = now.replace(microsecond=0)
        return Said(match.start(), match.start() + len(g["now"]), grain="second", at=here)
    day, until, grain, month_day, weekday = _date(g, now.date())
    part = _PARTS.get(g["part"] or g["part2"] or g["shortpart"] or g["shortpart2"] or "")
    if g["near"]:
        part = _PARTS[g["nearpart"]] if part is None else part
        if part == "early" and day is not None:
            day += datetime.timedelta(days=1)  # 昨晚半夜 is this morning's
    clock = _clock(g)
    if day is None and part is None and not _sure(match, g, text):
        return None
    hour, minute, is_24 = clock if clock is not None else (None, None, False)
    if hour is not None and (not 0 <= hour <= 24 or not 0 <= (minute or 0) < 60):
        return None
    short = g["shortpart2"] or g["shortpart"]
    if short and hour == 1 and minute is None:
        return None  # 晚一点 is "a bit later"
    start, end = match.span()
    edge: Edge | None = None
    behind = _EDGE.match(text, end)
    if behind is not None:
        edge = "before" if behind[1] else "after" if behind[2] else "from"
        end = behind.end()
        if edge == "before" and until is not None and until.day == 1:
            day, until = until, None  # 月底前 takes in the last day
    end = start + len(text[start:end].rstrip())
    return Said(
        start, end, day, until, grain, part, hour, minute, is_24, None, None, edge, month_day,
        weekday,
    )  # fmt: skip


def _sure(match: re.Match[str], groups: dict[str, str | None], text: str) -> bool:
    """Whether a bare 三点 is a time: 一点 (a little) and 两点疑问 are none."""
    if groups["yh2"]:
        return int(groups["yh2"]) < 25
    if _NOT_A_POINT.search(text, max(match.start(), match.end() - 1), match.end() + 2):
        return False
    before = text[max(0, match.start() - 1) : match.start()]
    bare = not any(groups[name] for name in ("yhalfpast", "yquarter", "ymin", "ymin2"))
    if groups["yh"] == "一" and bare and not match[0].endswith(("钟", "整")):
        return text[match.end() : match.end() + 1] in ("前", "后", "到", "之")
    return before not in ("第", "这", "那", "几", "有") and not (before.isdigit() or before == ".")


def _clock(groups: dict[str, str | None]) -> tuple[int, int | None, bool] | None:
    for mark in ("", "x", "y"):
        hour = groups[f"{mark}h"] or groups[f"{mark}h2"]
        if hour is None:
            continue
        value = _int(hour)
        if groups[f"{mark}h2"]:
            return value, int(groups[f"{mark}m2"] or 0), value > 12 or hour.startswith("0")
        minute: int | None = None
        if groups[f"{mark}halfpast"]:
            minute = 30
        elif groups[f"{mark}quarter"]:
            minute = 15 if groups[f"{mark}quarter"] == "一" else 45
        elif (said := groups[f"{mark}min"] or groups[f"{mark}min2"]) is not None:
            minute = _int(said)
        if groups[f"{mark}less1"]:
            value, minute = value - 1, 60 - _int(str(groups[f"{mark}less1"]))
        return value, minute, value > 12 or value == 0
    return None


_Date = tuple[datetime.date | None, datetime.date | None, Grain, int | None, int | None]


def _date(g: dict[str, str | None], today: datetime.date) -> _Date:
    """First day, day behind the last, grain, bare day of a month, bare weekday."""
    if word := g["word"] or g["near"]:
        return today + datetime.timedelta(days=_DAYS[word]), None, "day", None, None
    if g["weekday"] or g["weekend"] or g["relweek"]:
        return _week(g, today)
    if g["ymonth"] or g["month"] or g["relmonth"] or g["monthend"]:
        return _month(g, today)
    if g["relyear"]:
        return datetime.date(today.year + _YEARS[g["relyear"]], 1, 1), None, "year", None, None
    if bare := g["dom"] or g["domd"]:
        return today.replace(day=_int(bare)), None, "day", _int(bare), None
    if g["iy"]:
        written = datetime.date(int(g["iy"]), int(g["im"] or 0), int(g["id"] or 0))
        return written, None, "day", None, None
    if g["sm"]:
        return nearest_year(int(g["sm"]), int(g["sd"] or 0), today), None, "day", None, None
    if g["fullyear"]:
        return datetime.date(int(g["fullyear"]), 1, 1), None, "year", None, None
    if g["holiday"] in CHINESE:
        return feast(g["holiday"], today), None, "day", None, None
    if g["holiday"]:
        return nearest_year(*_HOLIDAYS[g["holiday"]], today, 30), None, "day", None, None
    return None, None, "day", None, None


def _week(g: dict[str, str | None], today: datetime.date) -> _Date:
    if g["relweek"]:
        return week_day(today, _WEEKS[g["relweek"]], 0), None, "week", None, None
    weeks = _WEEKS[g["week"] or ""]
    if g["weekend"]:
        saturday = week_day(today, weeks, 5)
        return saturday, saturday + datetime.timedelta(days=2), "day", None, None
    weekday = _WEEKDAYS[str(g["weekday"])]
    bare = None if g["week"] else weekday
    return week_day(today, weeks, weekday), None, "day", None, bare


def _month(g: dict[str, str | None], today: datetime.date) -> _Date:
    if g["monthend"]:
        first = today.replace(day=1)
        return _part_of_month(first, g["monthend"][1:])
    if g["relmonth"]:
        first = add_months(today.replace(day=1), _WEEKS[g["relmonth"]])
        day, part = g["rday"], g["rpart"]
    elif g["ymonth"]:
        said = str(g["year"])
        year = today.year + _YEARS[said] if said in _YEARS else int(said)
        first = datetime.date(year + 2000 if year < 100 else year, _int(g["ymonth"]), 1)
        day, part = g["yday"], g["ypart"]
    else:
        month, day, part = _int(str(g["month"])), g["mday"] or g["mday2"], g["mpart"]
        first = nearest_year(month, _int(day) if day else 15, today).replace(day=1)
    if part:
        return _part_of_month(first, part)
    if day:
        return first.replace(day=_int(day)), None, "day", None, None
    return first, None, "month", None, None


def _part_of_month(first: datetime.date, part: str) -> _Date:
    behind = add_months(first, 1)
    if part in ("初", "上旬"):
        return first, first.replace(day=6 if part == "初" else 11), "day", None, None
    if part == "中旬":
        return first.replace(day=11), first.replace(day=21), "day", None, None
    if part == "下旬":
        return first.replace(day=21), behind, "day", None, None
    return behind - datetime.timedelta(days=5), behind, "day", None, None


def _int(text: str | None) -> int:
    value = number(text or "")
    if value is None:
        raise ValueError(text)
    return int(value)


assert set(_PARTS.values()) <= set(PARTS)
