import datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from intents.settings import DIMENSIONS, RECOGNISERS, PatternSettings
from intents.values.patterns import EntityComposer, EntityRules, Found

SUNDAY = datetime.date(2026, 11, 22)


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


def test_one_stretch_may_be_two_things_for_the_tagger() -> None:
    both = [tagged("in an hour", "in an hour", name) for name in ("date", "time")]
    found = EntityComposer(EntityRules()).compose("in an hour", both)
    assert [(f.entity, f.text) for f in found] == [("date", "in an hour"), ("time", "in an hour")]
    shorter = tagged("in an hour", "hour", "unit")
    assert len(EntityComposer(EntityRules()).compose("in an hour", [*both, shorter])) == 2


def test_loose_recognisers_step_back_for_a_tagger_that_knows_the_type() -> None:
    assert [e[0] for e in compose("got it yesterday")] == ["date"]
    assert compose("got it yesterday", known=("date",)) == []
    text = "got it yesterday"
    (found,) = EntityComposer(RULES, ("date",)).compose(
        text, [tagged(text, "yesterday", "date")], (), SUNDAY
    )
    assert found.resolved["day"] == "2026-11-21"


def test_lookups_fill_gaps_without_single_signs_or_parts_of_words() -> None:
    assert compose("a red wine coat, predator, 白天买的藏青色") == [
        ("color", "red wine", "red wine", "lookup"),
        ("color", "藏青", "藏青", "lookup"),
    ]


def test_pieces_of_one_name_are_put_together() -> None:
    text = "a red wine coat"
    pieces = tagged(text, "red", "color", 0.6), tagged(text, "wine", "color")
    assert compose(text, *pieces) == [("color", "red wine", "red wine", "tagger")]
    assert compose(text, pieces[1]) == [("color", "red wine", "red wine", "tagger")]
    other = tagged(text, "red", "color"), tagged(text, "wine", "drink")
    assert [found[1] for found in compose(text, *other)] == ["red", "wine"]


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


def test_rules_of_older_releases_are_read() -> None:
    old = {k: v for k, v in RULES.as_json().items() if k not in ("dimensions", "timezone", "known")}
    assert EntityRules.from_json(old) == RULES


def test_rasa_form_carries_extractor_and_extra() -> None:
    (found,) = EntityComposer(RULES).compose("yesterday", [], (), SUNDAY)
    read = found.as_rasa()
    extra = read.pop("additional_info")
    assert read == {
        "entity": "date", "start": 0, "end": 9, "value": "yesterday", "confidence_entity": 0.8,
        "extractor": "pattern",
    }  # fmt: skip
    assert (extra["day"], extra["grain"], extra["type"]) == ("2026-11-21", "day", "value")


SHOP = EntityRules(
    lookups={
        "product": ("jacket", "Tide kettle", "潮汐电热水壶"),
        "carrier": ("SF Express", "顺丰", "圆通速递"),
        "color": ("white", "black"),
    },
    synonyms={"jumper": "sweater", "顺丰快递": "顺丰"},
    slots={"carrier_name": ("carrier",)},
    known=("jackets",),
)


def shop(text: str, *found: Found, asked: tuple[str, ...] = ()) -> Any:
    composed = EntityComposer(SHOP).compose(text, found, asked, SUNDAY)
    return [(e.entity, e.text, e.value, e.confidence) for e in composed]


def test_misspelt_names_are_found_in_both_languages() -> None:
    assert shop("my jaket and the Tide ketle") == [
        ("product", "jaket", "jacket", 0.6),
        ("product", "Tide ketle", "Tide kettle", 0.6),
    ]
    assert shop("潮夕电热水壶坏了，园通速递送的") == [
        ("product", "潮夕电热水壶", "潮汐电热水壶", 0.6),
        ("carrier", "园通速递", "圆通速递", 0.6),
    ]


def test_short_names_and_known_words_are_no_slips() -> None:
    assert shop("a while ago two jackets, 我顺风回家") == []


def test_two_characters_are_heard_while_they_are_asked_for() -> None:
    assert shop("顺风", asked=("carrier_name",)) == [("carrier", "顺风", "顺丰", 0.6)]


def test_what_the_tagger_found_gets_the_nearest_value() -> None:
    text = "寄顺风吧, a jumpr in whit"
    found = shop(
        text,
        tagged(text, "顺风", "carrier"),
        tagged(text, "jumpr", "product"),
        tagged(text, "whit", "color"),
    )
    assert [row[2] for row in found] == ["顺丰", "sweater", "white"]


DUCKLING = EntityRules(
    recognisers={"date": "date"},
    dimensions=("time", "number", "amount-of-money", "duration"),
    timezone="Asia/Shanghai",
)


def test_dimensions_are_given_as_duckling_gives_them() -> None:
    text = "two hundred bucks by next Friday"
    found = EntityComposer(DUCKLING, ("date",)).compose(
        text, [tagged(text, "next Friday", "date")], (), SUNDAY
    )

    assert [(e.entity, e.text) for e in found] == [
        ("amount-of-money", "two hundred bucks"),
        ("time", "by next Friday"),
        ("date", "next Friday"),
    ]
    assert found[0].value == 200
    assert found[0].as_rasa()["additional_info"]["unit"] == "USD"
    assert found[1].value["from"] is None
    assert found[1].value["to"].startswith("2026-11-27")


def test_a_dimension_that_the_tagger_knows_keeps_the_tagger_s_span() -> None:
    text = "come at half past six tonight"
    (found, *others) = EntityComposer(DUCKLING, ("time",)).compose(
        text, [tagged(text, "half past six", "time")], (), SUNDAY
    )
    assert (found.text, found.extractor, found.resolved["grain"]) == (
        "half past six", "tagger", "minute",
    )  # fmt: skip
    assert all(other.entity != "time" for other in others)


def test_times_are_seen_from_the_zone_of_the_settings() -> None:
    (found,) = EntityComposer(EntityRules(dimensions=("time",), timezone="Asia/Tokyo")).compose(
        "明天", []
    )
    assert found.value.endswith("+09:00")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_spans_inside_it_without_overlap(text: str) -> None:
    rules = EntityRules(
        RULES.patterns, {kind: kind for kind in RECOGNISERS}, SHOP.lookups, RULES.synonyms
    )
    position = 0
    for found in EntityComposer(rules).compose(text, [], ("carrier_name",), SUNDAY):
        assert position <= found.start < found.end <= len(text)
        assert found.text == text[found.start : found.end]
        position = found.end


@settings(deadline=None)
@given(st.text(max_size=60))
def test_dimensions_lie_inside_any_text(text: str) -> None:
    rules = EntityRules(dimensions=DIMENSIONS, lookups=SHOP.lookups)
    for found in EntityComposer(rules).compose(text, [], (), SUNDAY):
        assert found.text == text[found.start : found.end]
        assert found.as_rasa()["start"] < found.as_rasa()["end"]


def test_the_end_of_a_sentence_is_no_part_of_a_value() -> None:
    text = "At 9.30 pm., or at midnight!"
    found = [tagged(text, "9.30 pm.,", "time"), tagged(text, "midnight!", "time")]
    learned = EntityRules(closing={"mood": "!"})
    read = EntityComposer(learned).compose(text, found, now=SUNDAY)
    assert [(e.text, e.value, text[e.start : e.end]) for e in read] == [
        ("9.30 pm", "9.30 pm", "9.30 pm"),
        ("midnight", "midnight", "midnight"),
    ]
    assert EntityRules.from_json(learned.as_json()) == learned
    shown = [tagged(text, "midnight!", "mood")]
    assert EntityComposer(learned).compose(text, shown)[0].text == "midnight!"
    older = EntityRules.from_json({**EntityRules().as_json(), "closing": None})
    assert EntityComposer(older).compose(text, found)[1].text == "midnight!"
