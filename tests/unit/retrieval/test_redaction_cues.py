"""What the words beside a value tell, look-alikes that stay, and hostile texts."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.redaction.lines import LANGUAGES, read
from retrieval.conversation import Conversation, Turn
from retrieval.redaction.redactor import Redactor


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor()


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("invoice nr. 77120-B please", "invoice nr. {invoice_no} please"),
        ("booking ref is R7KD2P", "booking ref is {order_id}"),
        ("my reg is CD51 EFG thanks", "my reg is {plate_no} thanks"),
        ("sort code 20-11-43 acct 88130042", "sort code {account_no} acct {account_no_2}"),
        ("passport no 512009981", "passport no {id_no}"),
        ("pw: open-Sesame7!", "pw: {password}"),
        ("cvv 881", "cvv {code}"),
        ("ann dot lee at example dot com", "{email}"),
        ("ship to 9 Cedar Lane, York YO1 9ZZ", "ship to {address}"),
        ("Parkstraße 12, 10115 Berlin", "{address}"),
        ("my husband olaf has it", "my husband {customer_name} has it"),
        ("车牌苏A·8K3Q1", "车牌{plate_no}"),
        ("取件码3-1-2207", "取件码{code}"),
        ("新密码是miao_9921", "新密码是{password}"),
        ("护照G00112233", "护照{id_no}"),
        ("同事阿强说的", "同事{customer_name}说的"),
        ("5519 2207 is my order number", "{order_id} is my order number"),
        ("orders 90177 and 90181 are late", "orders {order_id} and {order_id_2} are late"),
        ("UPS says 1Z 999 AA1 01 2345 6784", "UPS says {tracking_no}"),
        ("it texted me G-482910", "it texted me {code}"),
        ("order no is double seven one nine oh", "order no is {code}"),
        ("card 4111 11** **** 1111", "card {code}"),
        (
            "password changed from Rain!88 to Rain!89",
            "password changed from {password} to {password_2}",
        ),
        ("jo underscore b at mail dot example dot com", "{email}"),
        ("see bit.ly/3xKq9Zp", "see {link}"),
        ("Blk 412 Ang Mo Kio Ave 10 #08-1132", "{address}"),
        ("GPO Box 441, Perth WA 6160", "{address}"),
        ("asked mr okafor", "asked mr {customer_name}"),
        ("7730 2219 是我的订单号", "{order_id} 是我的订单号"),
        ("我有两单，90177和90181", "我有两单，{order_id}和{order_id_2}"),
        ("凭3-1-2207取件", "凭{code}取件"),
        ("车牌沪AD·12345", "车牌{plate_no}"),
        ("信用卡4392-2588-0011-2233", "信用卡{card_no}"),
        ("邮箱lin点wei艾特example点com", "邮箱{email}"),
        ("寄台北市和平东路二段106巷5弄12号3楼", "寄{address}"),
        ("叫阿强给我回电话", "叫{customer_name}给我回电话"),
    ],
)
def test_a_cue_makes_a_value_known(redactor: Redactor, text: str, hidden: str) -> None:
    assert redactor.redact(text)[0] == hidden


@pytest.mark.parametrize(
    "text",
    [
        "error code E-417 on the dryer",
        "item number 80211290 is sold out",
        "order 12 pcs by 04/06/2024",
        "password is incorrect",
        "zip code lookup broken",
        "the Olivia lamp in brass",
        "205/60R16 92V how much",
        "密码至少8位",
        "商品编号100099887766",
        "快递3-5天到",
        "小哥电话多少",
        "李宁的鞋",
        "the plate is 27 cm",
        "gate 4 or gate 5",
        "one two three go",
        "12 and 15 items",
        "一二三四五六七都上班吗",
        "附近有菜鸟驿站吗",
        "到了苏州转运中心",
    ],
)
def test_look_alikes_stay(redactor: Redactor, text: str) -> None:
    assert redactor.redact(text) == (text, ())


def test_a_number_said_with_a_cue_is_known_without_it(redactor: Redactor) -> None:
    said = ("my order is 77120", "thanks, checking", "so 77120 is lost? and 771?")
    turns = tuple(Turn(role="customer", text=text) for text in said)
    done = redactor.redact_conversation(Conversation(id="c", language="en", turns=turns))
    assert done.turns[0].text == "my order is {order_id}"
    assert done.turns[2].text == "so {order_id} is lost? and 771?"


@pytest.mark.parametrize("name", ["lines", "fresh"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_second_pass_over_chat_lines_changes_nothing(
    redactor: Redactor, language: str, name: str
) -> None:
    for line in read(language, name):
        done, _ = redactor.redact(line.text)
        assert redactor.redact(done) == (done, ())


CHAT = st.lists(
    st.sampled_from(
        [
            "order",
            "no",
            "is",
            "code",
            "pin",
            "密码",
            "订单号",
            "电话",
            "地址",
            "my",
            "name's",
            "reg",
            "#",
            "{order_id}",
            "{customer_name_2}",
            "{{",
            "}}",
            "{x}",
            "[a](b)",
            "A1-22",
            "7712",
            "5521",
            "077",
            "00",
            "flat",
            "3b",
            "Elm",
            "Lane",
            ",",
            "/",
            ":",
            "@",
            "dot",
            "at",
            "路",
            "12号",
            "3栋",
            "小周",
            "谢谢",
            "Ann",
            "said",
        ]
    ),
    max_size=14,
)


@settings(max_examples=100, deadline=None)
@given(CHAT, st.sampled_from(["", " "]))
def test_better_rules_over_redacted_text_mark_nothing_twice(words: list[str], glue: str) -> None:
    redactor = Redactor()
    done, _ = redactor.redact(glue.join(words))
    assert redactor.redact(done) == (done, ())


HOSTILE = (
    "#12-3", "1 ", "1-", "1,", "A1 B", "1a-", "a@", "a.", "at ", "dot ", "(1)", "Ann ",
    "ann ", "Mr ", "李", "收", "路1号", "区", "小区", "村", "one ", "一", "**1", "xx1 ", "www.",
    "Lane 1, ", "Road ", "12 Ab ", "Ab, ", "尾号", "last four ", "\n12", "O0", "密码", "王·",
    "{", "{phone}", "{order_id_", "\ue000", "+1 ", "user/", "is ", "'s order ", "name wei-", "Wei-",
    "查", "order ", "code 1 ",
)  # fmt: skip


def seconds(text: str) -> float:
    """Processor time of redacting ``text``."""
    started = time.process_time()
    Redactor().redact(text)
    return time.process_time() - started


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(HOSTILE), min_size=1, max_size=3).map("".join))
def test_hostile_repeats_cost_no_square(unit: str) -> None:
    assert seconds((unit * 1800)[:1800]) < 1, "a square of the length takes seconds"


@pytest.mark.parametrize("unit", ["1", "12-", "#12-3", "Aa ", "我住在和平路", "小小", "flat 3b, "])
def test_ten_thousand_hostile_characters_take_no_minute(unit: str) -> None:
    assert seconds((unit * 10_000)[:10_000]) < 5


def test_numbers_in_a_row_all_go() -> None:
    done, _ = Redactor().redact("#12-3" * 60)
    assert not any(map(str.isdigit, done.replace("{order_id", "").replace("{code", "")[:40]))
    assert "12" not in re.sub(r"\{\w+\}", "", done)
