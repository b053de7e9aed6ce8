"""Redaction: what must go, what must stay, and that nothing planted is ever left."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import DataError
from retrieval.conversation import Conversation, Turn
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.redaction.spans import KINDS, PERSONAL, Span, View, merge

RULES = Rules(
    keep=frozenset(
        {"Harbour Lane", "WELCOME10", "世纪大道88", "Century Avenue 88", "Drift", "云朵"}
    ),
    agents=frozenset({"Rob"}),
)


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(RULES)


GONE = [
    ("call 13800015521", "call {phone}"),
    ("call 138 0001 5521 pls", "call {phone} pls"),
    ("+86 137-5529-8406", "{phone}"),
    ("008613755298406", "{phone}"),
    ("手机号是，一三九，六六二七，零四一八。", "手机号是，{phone}。"),
    ("tel １３８００１５５２１", None),
    ("电话 021-6583 2217 转 8", "电话 {phone}"),
    ("my us number is +1 415 555 2671", "my us number is {phone}"),
    ("热线 400-820-8820", "热线 {phone}"),
    ("mail ana.b+x@mail.example.co.uk!", "mail {email}!"),
    ("order HL20418376", "order {order_id}"),
    ("hl 2041 8376到哪了", "{order_id}到哪了"),
    ("HL二零六六，三七五二", "{order_id}"),
    ("单号YT384920175526", "单号{tracking_no}"),
    ("SF1002 0030 0401 stuck", None),
    ("card 4111 1111 1111 1111", "card {card_no}"),
    ("身份证 11010519491231002X", "身份证 {id_no}"),
    ("IBAN DE89 3704 0044 0532 0130 00", "IBAN {iban}"),
    ("税号91330106MA2K7T3X5Q", "税号{tax_no}"),
    ("code AUTUMN30 fails", "code {voucher_code} fails"),
    ("验证码是 4028", "验证码是 {code}"),
    ("尾号6093", "尾号{phone_tail}"),
    ("visa ending 4410", "visa ending {phone_tail}"),
    ("see https://x.example/a?b=1, ok", "see {link}, ok"),
    ("my name is deborah quist and", "my name is {customer_name} and"),
    ("Dear Ms Delacroix, hi", "Dear Ms {customer_name}, hi"),
    ("ok.\nRegards, Alan Whitcombe", "ok.\nRegards, {customer_name}"),
    ("receiver Fiona Maclean, 186 0194 5523", "receiver {customer_name}, {phone}"),
    ("我叫祁晓峰，在吗", "我叫{customer_name}，在吗"),
    ("收件人 葛晓敏 15867720394", "收件人 {customer_name} {phone}"),
    ("孔先生您好", "{customer_name}先生您好"),
    ("夏侯女士您好", "{customer_name}女士您好"),
    ("a bloke called Rob", "a bloke called {agent_name}"),
    ("to 3F, 226 Wuding Road, Jing'an District, Shanghai please", "to {address} please"),
    (
        "改成青岛市市北区敦化路77号海棠苑3单元1101",
        "改成{address}",
    ),
    ("寄到阳光小区3栋2单元501", None),
    ("抬头：杭州拾穗文化传播有限公司", "抬头：{company}"),
    ("for Ningbo Greenfield Trading Co., Ltd.", "for {company}"),
]


@pytest.mark.parametrize(("text", "expected"), GONE)
def test_personal_data_goes(redactor: Redactor, text: str, expected: str | None) -> None:
    done, spans = redactor.redact(text)
    assert spans
    if expected is not None:
        assert done == expected
    assert not re.search(r"\d{4}", done)


@pytest.mark.parametrize(
    "text",
    [
        "Shipping is free from ¥99, otherwise ¥8.",
        "Returns within 7 days, refunds take 1–3 working days (cards up to 7).",
        "满99元包邮，偏远地区加12元，5到8天送达。",
        "S 155–165 cm / 45–52 kg, XXL 180-190",
        "10000 / 20000 mAh, 1500 W, 15.6 inch, Bluetooth 5.3",
        "Call 96110. We're here 08:00–24:00.",
        "Use WELCOME10 for ¥10 off from ¥100.",
        "自提点在浦东世纪大道88号，10点到21点。",
        "Our pickup point: Pudong, Century Avenue 88.",
        "Hi there! Thank you. Everything is fine.",
        "Does Harbour Lane deliver to Taipei or Xinjiang?",
        "云朵羽绒被多少钱，拍张照片",
        "高兴为您服务，方便的话给个好评",
        "order 2026-03-04 10:22",
        "",
        "🙂👍",
    ],
)
def test_facts_stay(redactor: Redactor, text: str) -> None:
    assert redactor.redact(text) == (text, ())


def test_amounts_and_dates_go_only_when_asked() -> None:
    text = "¥40 back by 24 November, 明天上午9点送到"
    assert Redactor().redact(text)[0] == text
    hidden = Redactor(kinds=frozenset(KINDS)).redact(text)[0]
    assert hidden.startswith("{amount} back by {date}, {date_2}")
    assert not re.search(r"\d\d", hidden)


def conversation(*texts: str, agent: str | None = "Mia") -> Conversation:
    turns = tuple(Turn("agent" if i % 2 else "customer", text) for i, text in enumerate(texts))
    return Conversation("c", "en", turns, agent=agent)


def said(redactor: Redactor, *texts: str, agent: str | None = "Mia") -> list[str]:
    done = redactor.redact_conversation(conversation(*texts, agent=agent))
    return [turn.text for turn in done.turns]


def test_one_person_and_one_number_keep_their_placeholder(redactor: Redactor) -> None:
    assert said(
        redactor,
        "I'm Deborah Quist, HL20418376, 138 0001 5521",
        "Thank you, Ms Quist. HL 2041 8376 or HL99999999?",
        "the first. Deborah",
        "Mia here, +8613800015521 is right? Not 13900028846?",
    ) == [
        "I'm {customer_name}, {order_id}, {phone}",
        "Thank you, Ms {customer_name}. {order_id} or {order_id_2}?",
        "the first. {customer_name}",
        "{agent_name} here, {phone} is right? Not {phone_2}?",
    ]


def test_two_people_are_told_apart(redactor: Redactor) -> None:
    first, second = said(redactor, "我叫孔德辉，收件人 柴美云", "孔先生您好，柴美云女士收")
    assert first == "我叫{customer_name}，收件人 {customer_name_2}"
    assert second == "{customer_name}先生您好，{customer_name_2}女士收"


def test_the_agents_own_name_is_not_the_customers(redactor: Redactor) -> None:
    assert said(redactor, "hi", "您好，我是客服何静", agent="何静") == [
        "hi",
        "您好，我是客服{agent_name}",
    ]
    hidden = redactor.redact_conversation(conversation("hi"))
    assert hidden.agent == "{agent_name}"


def test_placeholders_that_stand_already_are_numbered_on(redactor: Redactor) -> None:
    assert redactor.redact("{order_id} and {order_id_2} and HL20418376")[0] == (
        "{order_id} and {order_id_2} and {order_id_3}"
    )


def test_spans_are_those_of_the_original(redactor: Redactor) -> None:
    text = "ＨＬ２０４１８３７６ for ana@x.example"
    done, spans = redactor.redact(text)
    assert done == "{order_id} for {email}"
    assert [text[s.start : s.end] for s in spans] == ["ＨＬ２０４１８３７６", "ana@x.example"]


def test_overlapping_finds_leave_no_part() -> None:
    spans = [Span(5, 9, "date"), Span(0, 6, "phone"), Span(20, 22, "code")]
    assert merge(spans) == [Span(0, 9, "phone"), Span(20, 22, "code")]


def test_a_view_hides_the_length_of_what_is_known() -> None:
    short, long = "a {phone} b", "a 13800015521 b"
    views = [
        View(short, [Span(2, 9, "phone")]).text,
        View(long, [Span(2, 13, "phone")]).text,
    ]
    assert views[0] == views[1]
    assert View(long, [Span(2, 13, "phone")]).to_text([Span(2, 5, "code")]) == [Span(2, 15, "code")]


def test_rules_are_read_and_bad_ones_told(tmp_path: Path) -> None:
    path = tmp_path / "redaction.json"
    path.write_text(json.dumps({"orders": [r"AB\d{3}"], "keep": ["Zeta"], "agents": ["Kim"]}))
    rules = Rules.read(path)
    assert Redactor(rules).redact("ab123 by Kim from Zeta")[0] == (
        "{order_id} by {agent_name} from Zeta"
    )
    for bad in ("{", "[]", json.dumps({"orders": ["("]}), json.dumps({"orders": 3})):
        path.write_text(bad)
        with pytest.raises(DataError, match="redaction rules"):
            Rules.read(path)


def test_without_a_tagger_cues_still_find_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.redaction.redactor.packaged_tagger", lambda: None)
    assert Redactor().redact("收件人：葛晓敏")[0] == "收件人：{customer_name}"


PLANTS = st.sampled_from(
    [
        ("13800015521", r"13800015521"),
        ("138 0001 5521", r"0001 5521"),
        ("+86 13800015521", r"13800015521"),
        ("ana.bell@mail.example", r"ana\.bell|mail\.example"),
        ("HL20418376", r"20418376"),
        ("SF100200300401", r"100200300401"),
        ("11010519491231002X", r"19491231"),
    ]
)
AROUND = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from(list(" \n,，。:：;()[]{}!?\"'-_/\\@#.订单号电话是我叫phone0123456789")),
    ),
    max_size=30,
)


@settings(max_examples=100, deadline=None)
@given(AROUND, PLANTS, AROUND)
def test_nothing_planted_is_left_and_a_second_pass_changes_nothing(
    before: str, plant: tuple[str, str], after: str
) -> None:
    redactor = Redactor(RULES)
    text = f"{before} {plant[0]} {after}"
    done, spans = redactor.redact(text)
    assert not re.search(plant[1], done)
    assert redactor.redact(done) == (done, ())
    rebuilt = text
    for span in sorted(spans, key=lambda s: -s.start):
        rebuilt = rebuilt[: span.start] + span.placeholder + rebuilt[span.end :]
    assert rebuilt == done


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(AROUND, PLANTS), min_size=1, max_size=4))
def test_any_conversation_is_redacted_once_and_for_all(
    lines: list[tuple[str, tuple[str, str]]],
) -> None:
    redactor = Redactor(RULES, kinds=frozenset(KINDS))
    given_ = conversation(*(f"{text} {plant[0]} ." for text, plant in lines), agent=None)
    done = redactor.redact_conversation(given_)
    for turn, (_, plant) in zip(done.turns, lines, strict=True):
        assert not re.search(plant[1], turn.text)
    assert redactor.redact_conversation(done) == done
    assert replace(done, turns=given_.turns) == given_


def test_every_kind_is_personal_or_a_value() -> None:
    assert set(KINDS) - PERSONAL == {"amount", "date"}
