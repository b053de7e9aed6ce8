"""What expressions mean, by hand: seen from Wednesday, 11 March 2026, ten in the morning."""

import datetime
import time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.settings import DIMENSIONS, RECOGNISERS
from intents.values.amounts import read_number
from intents.values.chinese import number
from intents.values.recognisers import Context, read, recognise, resolve

SUNDAY = datetime.date(2026, 11, 22)
NOW = datetime.datetime(2026, 3, 11, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CONTEXT = Context(NOW)


def at(day: str, clock: str = "00:00") -> str:
    return f"2026-{day}T{clock}:00.000+08:00"


def between(start: str | None, end: str | None) -> dict[str, str | None]:
    return {"to": end, "from": start}


TIMES: list[tuple[str, str, Any]] = [
    # Chinese days
    ("今天能发货吗", "今天", at("03-11")),
    ("明天送", "明天", at("03-12")),
    ("大后天到", "大后天", at("03-14")),
    ("前天下的单", "前天", at("03-09")),
    ("大前天买的", "大前天", at("03-08")),
    ("周五送", "周五", at("03-13")),
    ("这周日在家", "这周日", at("03-15")),
    ("下周三给我", "下周三", at("03-18")),
    ("下下周一", "下下周一", at("03-23")),
    ("上周五买的", "上周五", at("03-06")),
    ("上个星期二收到", "上个星期二", at("03-03")),
    ("15号能到吗", "15号", at("03-15")),
    ("3月20日", "3月20日", at("03-20")),
    ("三月二十号", "三月二十号", at("03-20")),
    ("2026年4月1日", "2026年4月1日", at("04-01")),
    ("26年4月1号", "26年4月1号", at("04-01")),
    ("去年12月买的", "去年12月", "2025-12-01T00:00:00.000+08:00"),
    ("12月20号买的", "12月20号", "2025-12-20T00:00:00.000+08:00"),
    ("上个月5号", "上个月5号", at("02-05")),
    ("下个月", "下个月", at("04-01")),
    ("2026-03-20到货", "2026-03-20", at("03-20")),
    ("国庆节前", "国庆节前", between(None, at("10-01"))),
    ("春节买的", "春节", at("02-17")),
    ("中秋节前发货", "中秋节前", between(None, at("09-25"))),
    ("现在就要", "现在", at("03-11", "10:00")),
    ("2024年买的", "2024年", "2024-01-01T00:00:00.000+08:00"),
    ("双十一买的", "双十一", at("11-11")),
    ("三天前买的", "三天前", at("03-08")),
    ("两个月前", "两个月前", at("01-11")),
    ("两周后", "两周后", at("03-25")),
    ("过两天再说", "过两天", at("03-13")),
    ("三个工作日之后", "三个工作日之后", at("03-16")),
    # Chinese hours
    ("明天下午三点送到", "明天下午三点", at("03-12", "15:00")),
    ("后天上午十点半", "后天上午十点半", at("03-13", "10:30")),
    ("昨晚八点半", "昨晚八点半", at("03-10", "20:30")),
    ("明早9点", "明早9点", at("03-12", "09:00")),
    ("晚上七点一刻", "晚上七点一刻", at("03-11", "19:15")),
    ("差五分八点", "差五分八点", at("03-11", "19:55")),
    ("下周一早上九点", "下周一早上九点", at("03-16", "09:00")),
    ("今天中午12点", "今天中午12点", at("03-11", "12:00")),
    ("晚上十二点", "晚上十二点", at("03-12")),
    ("凌晨两点", "凌晨两点", at("03-11", "02:00")),
    ("明天14:30", "明天14:30", at("03-12", "14:30")),
    ("十一点半", "十一点半", at("03-11", "11:30")),
    ("半小时后", "半小时后", at("03-11", "10:30")),
    ("五分钟之后打给我", "五分钟之后", at("03-11", "10:05")),
    # Chinese stretches of time
    ("后天上午", "后天上午", between(at("03-13", "06:00"), at("03-13", "12:00"))),
    ("今晚", "今晚", between(at("03-11", "18:00"), at("03-12"))),
    ("周末在家", "周末", between(at("03-14"), at("03-16"))),
    ("下个月初", "下个月初", between(at("04-01"), at("04-06"))),
    ("月底前给我", "月底前", between(None, at("04-01"))),
    ("下周三前", "下周三前", between(None, at("03-18"))),
    ("明天下午五点之前", "明天下午五点之前", between(None, at("03-12", "17:00"))),
    ("15号以后", "15号以后", between(at("03-16"), None)),
    ("周一到周三", "周一到周三", between(at("03-09"), at("03-12"))),
    ("3月15日到18日", "3月15日到18日", between(at("03-15"), at("03-19"))),
    ("明天下午2点到4点", "明天下午2点到4点", between(at("03-12", "14:00"), at("03-12", "16:00"))),
    ("两个星期内", "两个星期内", between(at("03-11"), at("03-26"))),
    ("十五分钟以内", "十五分钟以内", between(at("03-11", "10:00"), at("03-11", "10:15"))),
    ("最近一个月", "最近一个月", between(at("02-11"), at("03-11", "10:00"))),
    ("上周六开始", "上周六开始", between(at("03-07"), None)),
    ("明天上午十二点之前", "明天上午十二点之前", between(None, at("03-12", "12:00"))),
    ("过一两天", "过一两天", at("03-12")),
    ("这个月的账单", "这个月", at("03-01")),
    ("昨晚凌晨两点", "昨晚凌晨两点", at("03-11", "02:00")),
    ("十月一号出发", "十月一号", at("10-01")),
    # English days
    ("is it here today?", "today", at("03-11")),
    ("come tmrw", "tmrw", at("03-12")),
    ("the day after tomorrow works", "the day after tomorrow", at("03-13")),
    ("I got it the day before yesterday", "the day before yesterday", at("03-09")),
    ("deliver it on Friday", "Friday", at("03-13")),
    ("next Friday", "next Friday", at("03-20")),
    ("last Friday", "last Friday", at("03-06")),
    ("this Thursday", "this Thursday", at("03-12")),
    ("on the 15th", "the 15th", at("03-15")),
    ("March 20", "March 20", at("03-20")),
    ("20th of March", "20th of March", at("03-20")),
    ("bought 8 November 2025", "8 November 2025", "2025-11-08T00:00:00.000+08:00"),
    ("3/20/2026", "3/20/2026", at("03-20")),
    ("2026-03-20", "2026-03-20", at("03-20")),
    ("last month", "last month", at("02-01")),
    ("next week", "next week", at("03-16")),
    ("a black friday order", "black friday", at("11-27")),
    ("2026/03/20", "2026/03/20", at("03-20")),
    ("christmas eve", "christmas eve", at("12-24")),
    ("three weeks ago", "three weeks ago", at("02-18")),
    ("a couple of days ago", "a couple of days ago", at("03-09")),
    ("in two weeks", "in two weeks", at("03-25")),
    ("5 business days from now", "5 business days from now", at("03-18")),
    # English hours
    ("tomorrow at 3pm", "tomorrow at 3pm", at("03-12", "15:00")),
    ("half past six", "half past six", at("03-11", "18:30")),
    ("quarter to 8 tomorrow evening", "quarter to 8 tomorrow evening", at("03-12", "19:45")),
    ("ten past five pm", "ten past five pm", at("03-11", "17:10")),
    ("3 o'clock", "3 o'clock", at("03-11", "15:00")),
    ("tomorrow morning at 9", "tomorrow morning at 9", at("03-12", "09:00")),
    ("at 20:00 on saturday", "20:00 on saturday", at("03-14", "20:00")),
    ("noon", "noon", at("03-11", "12:00")),
    ("12am tomorrow", "12am tomorrow", at("03-12")),
    ("12pm tomorrow", "12pm tomorrow", at("03-12", "12:00")),
    ("broken since last week", "since last week", between(at("03-02"), None)),
    ("tonight at 8", "tonight at 8", at("03-11", "20:00")),
    ("a table at 7", "at 7", at("03-11", "19:00")),
    ("in half an hour", "in half an hour", at("03-11", "10:30")),
    # English stretches of time
    ("this weekend", "this weekend", between(at("03-14"), at("03-16"))),
    ("tomorrow morning", "tomorrow morning", between(at("03-12", "06:00"), at("03-12", "12:00"))),
    ("by Friday 5pm", "by Friday 5pm", between(None, at("03-13", "17:00"))),
    ("after 5pm", "after 5pm", between(at("03-11", "17:00"), None)),
    ("before next tuesday", "before next tuesday", between(None, at("03-17"))),
    ("within 24 hours", "within 24 hours", between(at("03-11", "10:00"), at("03-12", "10:00"))),
    ("from 2 to 4 pm on monday", "2 to 4 pm on monday",
     between(at("03-16", "14:00"), at("03-16", "16:00"))),
    ("between 9 am and 11 am", "9 am and 11 am",
     between(at("03-11", "09:00"), at("03-11", "11:00"))),
    ("the past three days", "the past three days", between(at("03-08"), at("03-11", "10:00"))),
    # both
    ("送到 tomorrow 下午可以吗", "tomorrow", at("03-12")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "value"), TIMES)
def test_times(text: str, words: str, value: Any) -> None:
    found = read("time", text, CONTEXT)
    assert [(text[v.start : v.end], v.value) for v in found][:1] == [(words, value)]


@pytest.mark.parametrize(
    "text",
    [
        "一点都不好", "晚一点再说", "我有两点疑问", "有点贵", "前台在哪", "3号线怎么走",
        "三点建议",
        "这个白色多少钱", "退货", "may I return it", "the second one", "half price",
        "order 20418376",
        "I sat in the sun", "a table for one", "第一次买", "8折", "100%", "2 items",
    ],
)  # fmt: skip
def test_what_is_no_time(text: str) -> None:
    assert read("time", text, CONTEXT) == []


AMOUNTS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("money", "三百块", "三百块", {"value": 300, "unit": "CNY"}),
    ("money", "花了三块五", "三块五", {"value": 3.5, "unit": "CNY"}),
    ("money", "五十五块八毛", "五十五块八毛", {"value": 55.8, "unit": "CNY"}),
    ("money", "才五毛钱", "五毛钱", {"value": 0.5, "unit": "CNY"}),
    ("money", "一千二百元", "一千二百元", {"value": 1200, "unit": "CNY"}),
    ("money", "两万八人民币", "两万八人民币", {"value": 28000, "unit": "CNY"}),
    ("money", "3万元", "3万元", {"value": 30000, "unit": "CNY"}),
    ("money", "20刀", "20刀", {"value": 20, "unit": "USD"}),
    ("money", "¥1,299", "¥1,299", {"value": 1299, "unit": "CNY"}),
    ("money", "¥1.5万", "¥1.5万", {"value": 15000, "unit": "CNY"}),
    ("money", "1.299,50 €", "1.299,50 €", {"value": 1299.5, "unit": "EUR"}),
    ("money", "$1.2k", "$1.2k", {"value": 1200, "unit": "USD"}),
    ("money", "two hundred bucks", "two hundred bucks", {"value": 200, "unit": "USD"}),
    ("money", "a hundred dollars", "a hundred dollars", {"value": 100, "unit": "USD"}),
    ("money", "20 quid", "20 quid", {"value": 20, "unit": "GBP"}),
    ("money", "five dollars and twenty cents", "five dollars and twenty cents",
     {"value": 5.2, "unit": "USD"}),
    ("money", "30 cents", "30 cents", {"value": 0.3, "unit": "USD"}),
    ("money", "US$ 30", "US$ 30", {"value": 30, "unit": "USD"}),
    ("money", "50 yuan", "50 yuan", {"value": 50, "unit": "CNY"}),
    ("money", "under $50", "under $50", {"to": {"value": 50, "unit": "USD"}}),
    ("money", "500块以内", "500块以内", {"to": {"value": 500, "unit": "CNY"}}),
    ("money", "不到两百块", "不到两百块", {"to": {"value": 200, "unit": "CNY"}}),
    ("money", "二三百块", "二三百块",
     {"from": {"value": 200, "unit": "CNY"}, "to": {"value": 300, "unit": "CNY"}}),
    ("money", "$20-30", "$20-30",
     {"from": {"value": 20, "unit": "USD"}, "to": {"value": 30, "unit": "USD"}}),
    ("duration", "两个小时", "两个小时", {"value": 2, "unit": "hour"}),
    ("duration", "等了一个半小时", "一个半小时", {"value": 1.5, "unit": "hour"}),
    ("duration", "一刻钟", "一刻钟", {"value": 15, "unit": "minute"}),
    ("duration", "半年", "半年", {"value": 0.5, "unit": "year"}),
    ("duration", "三到五个工作日", "三到五个工作日",
     {"from": {"value": 3, "unit": "working_day"}, "to": {"value": 5, "unit": "working_day"}}),
    ("duration", "一两天", "一两天",
     {"from": {"value": 1, "unit": "day"}, "to": {"value": 2, "unit": "day"}}),
    ("duration", "three months", "three months", {"value": 3, "unit": "month"}),
    ("duration", "an hour and a half", "an hour and a half", {"value": 1.5, "unit": "hour"}),
    ("duration", "2-3 working days", "2-3 working days",
     {"from": {"value": 2, "unit": "working_day"}, "to": {"value": 3, "unit": "working_day"}}),
    ("quantity", "买两个", "两个", {"value": 2, "unit": "个"}),
    ("quantity", "两三个", "两三个",
     {"from": {"value": 2, "unit": "个"}, "to": {"value": 3, "unit": "个"}}),
    ("quantity", "三双袜子", "三双", {"value": 3, "unit": "双"}),
    ("quantity", "a couple of bottles", "a couple of bottles", {"value": 2, "unit": "bottle"}),
    ("quantity", "three boxes", "three boxes", {"value": 3, "unit": "box"}),
    ("quantity", "2.5kg", "2.5kg", {"value": 2.5, "unit": "kilogram"}),
    ("quantity", "一斤", "一斤", {"value": 1, "unit": "jin"}),
    ("distance", "三公里", "三公里", {"value": 3, "unit": "kilometre"}),
    ("distance", "身高一米八", "一米八", {"value": 1.8, "unit": "metre"}),
    ("distance", "175cm", "175cm", {"value": 175, "unit": "centimetre"}),
    ("distance", "five miles", "five miles", {"value": 5, "unit": "mile"}),
    ("ordinal", "第三个", "第三", {"value": 3}),
    ("ordinal", "the 2nd one", "2nd", {"value": 2}),
    ("ordinal", "the third one", "third", {"value": 3}),
    ("number", "two hundred and fifty", "two hundred and fifty", {"value": 250}),
    ("number", "我要十二个", "十二", {"value": 12}),
    ("number", "a dozen", "a dozen", {"value": 12}),
    ("number", "-5", "-5", {"value": -5}),
    ("number", "2万", "2万", {"value": 20000}),
    ("url", "see https://shop.example.com/a?b=1.", "https://shop.example.com/a?b=1",
     {"value": "https://shop.example.com/a?b=1", "domain": "shop.example.com"}),
    ("url", "打开www.example.cn看看", "www.example.cn", {"domain": "example.cn"}),
    ("email", "mail a.b+c@ex-ample.com.cn，谢谢", "a.b+c@ex-ample.com.cn",
     {"value": "a.b+c@ex-ample.com.cn"}),
    ("phone-number", "电话138 0001 5521谢谢", "138 0001 5521", {"value": "+8613800015521"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "words", "info"), AMOUNTS)
def test_amounts(kind: str, text: str, words: str, info: dict[str, Any]) -> None:
    found = read(kind, text, CONTEXT)
    assert [text[v.start : v.end] for v in found] == [words]
    assert info.items() <= found[0].info.items()


def test_the_table_is_long_enough() -> None:
    assert len(TIMES) + len(AMOUNTS) >= 150


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("money", "两块蛋糕"), ("money", "1299"), ("duration", "三年级"), ("quantity", "两个月"),
        ("number", "HL20418376"), ("number", "iphone15"), ("number", "等一下"), ("url", "ok.then"),
        ("email", "not@mail and @me"), ("phone", "order HL20418376, SF100200300401"),
        ("ordinal", "第一时间"), ("distance", "白米饭"),
    ],
)  # fmt: skip
def test_what_is_none_of_it(kind: str, text: str) -> None:
    assert read(kind, text, CONTEXT) == []


def test_times_have_duckling_s_shape() -> None:
    (point,) = read("time", "明天下午三点", CONTEXT)
    value = {"value": at("03-12", "15:00"), "grain": "hour", "type": "value"}
    assert point.info == {"values": [value], **value}
    (deadline,) = read("time", "下周三前", CONTEXT)
    to = {"value": at("03-18"), "grain": "day"}
    ends = {"type": "interval", "to": to}
    assert deadline.info == {"values": [ends], **ends}
    (length,) = read("duration", "two days", CONTEXT)
    assert length.info == {
        "value": 2, "unit": "day", "day": 2, "type": "value",
        "normalized": {"value": 172800, "unit": "second"},
    }  # fmt: skip


def test_a_time_keeps_the_zone_of_the_moment_it_is_seen_from() -> None:
    summer = datetime.datetime(2026, 3, 28, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    (found,) = read("time", "tomorrow at 3pm", Context(summer))
    assert found.value == "2026-03-29T15:00:00.000+02:00"


def test_dates_are_times_that_name_a_day() -> None:
    assert read("date", "at 7", CONTEXT) == []
    (found,) = read("date", "明天下午三点", CONTEXT)
    assert (found.info["day"], found.info["grain"]) == ("2026-03-12", "hour")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百", 300),
        ("三百二", 320),
        ("一百零五", 105),
        ("一百五", 150),
        ("两万八", 28000),
        ("十五", 15),
        ("二十", 20),
        ("两千零八十", 2080),
        ("一万零三百", 10300),
        ("二零二六", 2026),
        ("半", 0.5),
        ("1,299.5", 1299.5),
        ("三", 3),
        ("一亿两千万", 120_000_000),
        ("", None),
        ("abc", None),
        ("半百", None),
    ],
)
def test_chinese_numerals(text: str, value: float | None) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-five", 25),
        ("fifteen hundred", 1500),
        ("two and a half", 2.5),
        ("a couple of", 2),
        ("half a", 0.5),
        ("1.2k", 1200),
        ("3 million", 3_000_000),
        ("3万", 30000),
        ("twenty blue", None),
        ("", None),
        ("k", None),
    ],
)
def test_numbers_of_either_language(text: str, value: float | None) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "spans"),
    [
        ("phone", "电话13800015521谢谢", ["13800015521"]),
        (
            "phone",
            "call +86 138 0001 5521 or 139-0002-8846",
            ["+86 138 0001 5521", "139-0002-8846"],
        ),
        ("phone", "UK +44 20 7946 0958", ["+44 20 7946 0958"]),
        ("money", "¥1,299 或者三百块, 50 yuan", ["¥1,299", "三百块", "50 yuan"]),
        (
            "duration",
            "three days or 两个小时 or 2 working days",
            ["three days", "两个小时", "2 working days"],
        ),
        ("quantity", "买了两个，再来3件", ["两个", "3件"]),
        (
            "date",
            "昨天 and the day before yesterday, Nov 8th",
            ["昨天", "the day before yesterday", "Nov 8th"],
        ),
        ("date", "上周五买的 10月12日到", ["上周五", "10月12日"]),
    ],
)
def test_recognisers_give_character_spans(kind: str, text: str, spans: list[str]) -> None:
    assert [text[a:b] for a, b in recognise(kind, text)] == spans


@pytest.mark.parametrize(
    ("kind", "words", "value"),
    [
        ("phone", "138 0001 5521", {"e164": "+8613800015521", "national": "13800015521"}),
        ("phone", "5521x", None),
        ("money", "三百块", {"amount": 300, "currency": "CNY"}),
        ("money", "$20", {"amount": 20, "currency": "USD"}),
        ("money", "89", {"amount": 89, "currency": "CNY"}),
        ("money", "some", None),
        ("duration", "three days", {"value": 3, "unit": "day"}),
        ("duration", "ages", None),
        ("quantity", "两", {"value": 2}),
        ("date", "yesterday", {"day": "2026-11-21"}),
        ("date", "明天下午", {"day": "2026-11-23"}),
        ("date", "8.11.2026", {"day": "2026-08-11"}),
        ("date", "18th", {"day": "2026-11-18"}),
        ("date", "31st", None),
        ("date", "some day", None),
        ("time", "7ish", {"grain": "hour"}),
        ("time", "2030", {"grain": "minute"}),
        ("time", "eight", {"grain": "hour"}),
        ("time", "soon", None),
        ("date", "2月30号", None),
        ("email", "none", None),
    ],
)
def test_words_that_are_known_to_be_of_a_type(kind: str, words: str, value: Any) -> None:
    found = resolve(kind, words, SUNDAY)
    assert found is None if value is None else value.items() <= (found or {}).items()


_PIECES = st.sampled_from(
    [
        "明天", "下周", "周三", "下午", "三", "十", "点", "半", "前", "后", "号", "月", "年", "日",
        "块", "元", "万", "个", "小时", "到", "next ", "friday ", "at ", "half ", "past ", "to ",
        "6", "31", "99", ":", "-", "/", ".", "$", " ", "pm", "may ", "the ", "th", "ago", "in ",
        "two ", "hundred ", "weeks ", "9999", "0", "@", "https://a.b",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=12).map("".join)))
def test_any_text_gives_spans_inside_it_and_plain_data(text: str) -> None:
    for kind in {*RECOGNISERS, *DIMENSIONS}:
        position = 0
        for found in read(kind, text, CONTEXT):
            assert position <= found.start < found.end <= len(text)
            assert text[found.start : found.end] == text[found.start : found.end].strip()
            assert found.info["type"] in ("value", "interval")
            position = found.end
        resolve(kind, text, NOW)


@settings(deadline=None)
@given(
    st.lists(_PIECES, max_size=8).map("".join),
    st.datetimes(
        min_value=datetime.datetime(1, 1, 1), max_value=datetime.datetime(9999, 12, 31, 23)
    ),
)
def test_any_moment_will_do(text: str, moment: datetime.datetime) -> None:
    context = Context(moment.replace(tzinfo=datetime.UTC))
    for kind in ("time", "date"):
        read(kind, text, context)


@pytest.mark.parametrize("piece", ["9", "一", "1,", "two hundred and ", "下周", "12:", " "])
def test_long_repetitions_cost_no_more_than_their_length(piece: str) -> None:
    text = (piece * 4000)[:4000]
    began = time.thread_time()
    for kind in {*RECOGNISERS, *DIMENSIONS} - {"phone", "phone-number"}:
        read(kind, text, CONTEXT)
    assert time.thread_time() - began < 3
