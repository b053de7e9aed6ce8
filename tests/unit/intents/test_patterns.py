import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.chinese import day, number
from intents.patterns import EntityComposer, EntityRules, Found
from intents.settings import RECOGNISERS, PatternSettings
from intents.values import recognise, resolve

SUNDAY = datetime.date(2026, 11, 22)


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
    ("text", "expected"),
    [
        ("昨天", "2026-11-21"),
        ("大前天", "2026-11-19"),
        ("明天下午", "2026-11-23"),
        ("上周五", "2026-11-13"),
        ("下周二", "2026-11-24"),
        ("周三", "2026-11-18"),
        ("11月8号", "2026-11-08"),
        ("3号", "2026-11-03"),
        ("2025年2月1日", "2025-02-01"),
        ("三天前", "2026-11-19"),
        ("两周后", "2026-12-06"),
        ("2月30号", None),
        ("改天", None),
        ("", None),
    ],
)
def test_chinese_days(text: str, expected: str | None) -> None:
    found = day(text, SUNDAY)
    assert (found.isoformat() if found else None) == expected


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
        ("phone", "order HL20418376, SF100200300401", []),
        ("email", "mail a.b+c@ex-ample.com.cn，谢谢", ["a.b+c@ex-ample.com.cn"]),
        ("email", "not@mail and @me", []),
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
        ("money", "三百块", {"amount": 300.0, "currency": "CNY"}),
        ("money", "$20", {"amount": 20.0, "currency": "USD"}),
        ("money", "some", None),
        ("duration", "three days", {"value": 3.0, "unit": "day"}),
        ("duration", "half an hour", {"value": 0.5, "unit": "hour"}),
        ("duration", "两个工作日", {"value": 2.0, "unit": "working_day"}),
        ("duration", "ages", None),
        ("quantity", "两个", {"value": 2.0}),
        ("date", "yesterday", {"day": "2026-11-21"}),
        ("date", "last Friday", {"day": "2026-11-20"}),
        ("date", "day after tomorrow", {"day": "2026-11-24"}),
        ("date", "Nov 8", {"day": "2026-11-08"}),
        ("date", "明天", {"day": "2026-11-23"}),
        ("date", "some day", None),
        ("email", "a@b.cn", None),
    ],
)
def test_values_resolve_to_plain_data(kind: str, words: str, value: Any) -> None:
    assert resolve(kind, words, SUNDAY) == value


RULES = EntityRules(
    patterns={
        "order_id": PatternSettings(
            (r"(?<![A-Za-z])[Hh][Ll]\s?\d{8}(?!\d)",),
            (r"(?<!\d)\d{8}(?!\d)",),
            ("no_blanks", "upper"),
        )
    },
    recognisers={"phone": "phone", "date": "date", "tel": "phone"},
    lookups={"color": ("red", "red wine", "藏青", "白")},
    synonyms={"crimson": "red", "gray": "grey"},
    slots={"order": ("order_id",)},
)


def tagged(text: str, words: str, kind: str, confidence: float = 0.9) -> Found:
    start = text.index(words)
    return Found(start, start + len(words), kind, words, words, "tagger", confidence)


def compose(
    text: str, *found: Found, asked: tuple[str, ...] = (), known: tuple[str, ...] = ()
) -> Any:
    composer = EntityComposer(RULES, known)
    return [
        (e.entity, e.text, e.value, e.extractor)
        for e in composer.compose(text, found, asked, SUNDAY)
    ]


def test_patterns_are_found_and_normalised() -> None:
    assert compose("where is hl 20418376") == [("order_id", "hl 20418376", "HL20418376", "pattern")]


def test_pattern_beats_the_tagger_on_its_own_type_and_tagger_fills_the_rest() -> None:
    text = "hl20418376, and HL9 in crimson"
    found = compose(
        text,
        tagged(text, "hl20418376,", "order_id"),
        tagged(text, "HL9", "order_id"),
        tagged(text, "crimson", "color"),
    )
    assert found == [
        ("order_id", "hl20418376", "HL20418376", "pattern"),
        ("order_id", "HL9", "HL9", "tagger"),
        ("color", "crimson", "red", "tagger"),
    ]


def test_longest_wins_between_types() -> None:
    text = "to HL20418376 Road 12"
    found = compose(text, tagged(text, "HL20418376 Road 12", "address"))
    assert [e[0] for e in found] == ["address"]


def test_loose_recognisers_step_back_for_a_tagger_that_knows_the_type() -> None:
    assert [e[0] for e in compose("got it yesterday")] == ["date"]
    assert compose("got it yesterday", known=("date",)) == []
    text = "got it yesterday"
    (found,) = EntityComposer(RULES, ("date",)).compose(
        text, [tagged(text, "yesterday", "date")], (), SUNDAY
    )
    assert found.resolved == {"day": "2026-11-21"}


def test_lookups_fill_gaps_without_single_signs_or_parts_of_words() -> None:
    assert compose("a red wine coat, predator, 白天买的藏青色") == [
        ("color", "red wine", "red wine", "lookup"),
        ("color", "藏青", "藏青", "lookup"),
    ]


def test_looser_patterns_count_only_while_asked() -> None:
    assert compose("20418376") == []
    assert compose("20418376", asked=("order",)) == [
        ("order_id", "20418376", "20418376", "pattern")
    ]


def test_phone_value_is_national_at_home_and_e164_abroad() -> None:
    (home,) = EntityComposer(EntityRules(recognisers={"phone": "phone"})).compose(
        "+86 138-0001-5521", []
    )
    (abroad,) = EntityComposer(EntityRules(recognisers={"phone": "phone"})).compose(
        "+442079460958", []
    )
    assert (home.value, abroad.value) == ("13800015521", "+442079460958")


def test_full_width_digits_are_normalised() -> None:
    rules = EntityRules(patterns={"id": PatternSettings((r"[\d]{3}",), (), ("digits",))})
    (found,) = EntityComposer(rules).compose("编号１２３", [])
    assert (found.text, found.value, found.start) == ("１２３", "123", 2)


def test_first_group_of_a_pattern_is_the_value() -> None:
    rules = EntityRules(patterns={"code": PatternSettings((r"code:?\s*(\w+)",))})
    (found,) = EntityComposer(rules).compose("my code: AB12", [])
    assert (found.text, found.start, found.end) == ("AB12", 9, 13)


def test_rules_survive_json() -> None:
    assert EntityRules.from_json(RULES.as_json()) == RULES


def test_rasa_form_carries_extractor_and_extra() -> None:
    (found,) = EntityComposer(RULES).compose("yesterday", [], (), SUNDAY)
    assert found.as_rasa() == {
        "entity": "date", "start": 0, "end": 9, "value": "yesterday", "confidence_entity": 0.8,
        "extractor": "pattern", "additional_info": {"day": "2026-11-21"},
    }  # fmt: skip


@given(st.text(max_size=80))
def test_any_text_gives_spans_inside_it_without_overlap(text: str) -> None:
    rules = EntityRules(
        RULES.patterns, {kind: kind for kind in RECOGNISERS}, RULES.lookups, RULES.synonyms
    )
    position = 0
    for found in EntityComposer(rules).compose(text, [], (), SUNDAY):
        assert position <= found.start < found.end <= len(text)
        assert found.text == text[found.start : found.end]
        position = found.end
