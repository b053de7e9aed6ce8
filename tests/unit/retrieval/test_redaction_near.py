"""Numbers by elimination, bare answers, addresses by their parts, names that no dictionary has."""

from __future__ import annotations

import pytest

from retrieval.conversation import Conversation, Turn
from retrieval.redaction.name_lists import is_foreign, is_plain
from retrieval.redaction.redactor import Redactor


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor()


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("the reference I was sent by you is QX7-18", "QX7-18"),
        ("here you go 7130 4417", "7130 4417"),
        ("my order (placed by my wife on her phone): 60 33 118", "60 33 118"),
        ("H11TUA0003344556 went missing", "H11TUA0003344556"),
        ("paid by the card xxxx xxxx xxxx 2210", "2210"),
        ("amex ... 9043", "9043"),
        ("the last digits are 90 43", "90 43"),
        ("9043 are the last four", "9043"),
        ("order 9O1l77", "9O1l77"),
        ("card 4111 1111\n1111 1111", "1111\n1111"),
        ("wifi key zT4kkq9", "zT4kkq9"),
        ("vehicle MH 12 AB 9043", "MH 12 AB 9043"),
        ("write to kit_1 @ mail . example . com", "kit_1 @ mail . example . com"),
        ("验证码七七三一零二", "七七三一零二"),
        ("工行尾数2093的卡", "2093"),
        ("90431 这个是订单", "90431"),
        ("my name is tom hughes and 5874", "5874"),
        ("booking number is hgj 645", "hgj 645"),
        ("3641 and 9748", "9748"),
        ("帮我查下 7731 9021 到哪了", "7731 9021"),
    ],
)
def test_numbers_that_nothing_else_explains_go(redactor: Redactor, text: str, gone: str) -> None:
    done, spans = redactor.redact(text)
    assert gone not in done
    assert spans


@pytest.mark.parametrize(
    "text",
    [
        "my order of 1500 sheets came in 2023",
        "the reference price is 1299, yours 1450",
        "order the RTX4060 or the WH-1000XM5",
        "10 000 000 sold",
        "2024-11-03",
        "part no 0445110183 for the parcel shelf",
        "订单满300减50，2024款",
        "快递要走1500公里",
        "京东618的价格",
        "批次20240307的奶粉",
        "第3层的格子坏了",
        "味道一般，温度180度烤20分钟",
        "i am German and this is rediculous",
        "Return Policy",
        "1.5 m green fabric, both 10000 and 20000 mAh in this order",
        "the size ends at 182 cm. In-laws will love it, Erenhot is in our area",
        "链接给你放订单里啦，偏远地区普通件5–8天，在备注里写",
        "收件人：电话：",
        "is Calvin Klein or Tommy Hilfiger cheaper",
        "康乐牌和阿迪的鞋",
    ],
)
def test_what_is_explained_stays(redactor: Redactor, text: str) -> None:
    assert redactor.redact(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: li wei", "name: {customer_name}"),
        ("cheers, wanjiru", "cheers, {customer_name}"),
        ("Grace from returns was great", "{customer_name} from returns was great"),
        ("can Will call me back", "can {customer_name} call me back"),
        ("Bjarne's order, not mine", "{customer_name}'s order, not mine"),
        ("Ms. van der Berg please", "Ms. {customer_name} please"),
        ("recipient: ZIELINSKI, PIOTR", "recipient: {customer_name}"),
        ("阿依古丽签收的", "{customer_name}签收的"),
        ("名字是买买提·吐尔逊", "名字是{customer_name}"),
        ("籍小满收", "{customer_name}收"),
        ("跟Kelvin说一声", "跟{customer_name}说一声"),
        ("im ngaio h", "im {customer_name}"),
        ("address 352 palmer road ware ma 1082 and thats all", "address {address} and thats all"),
        ("flat 4, the blue door", "flat {address}, the blue door"),
        ("Lotus Lane, Sector 45, Gurgaon 122003", "{address}"),
        ("my address is The Old Forge, Church Lane, Little Snoring", "my address is {address}"),
        ("上海静安南京西路1601号越洋广场38F", "{address}"),
        ("台北市大安區忠孝東路四段88號5樓", "{address}"),
        ("协和医院住院部7楼21床", "{address}"),
        ("放1902室", "放{address}"),
    ],
)
def test_names_and_addresses_by_what_they_are_made_of(
    redactor: Redactor, text: str, expected: str
) -> None:
    assert redactor.redact(text)[0] == expected


def told(*texts: str) -> list[str]:
    turns = tuple(Turn("customer" if i % 2 else "agent", text) for i, text in enumerate(texts))
    done = Redactor().redact_conversation(Conversation("c", "", turns))
    return [turn.text for turn in done.turns]


def test_bare_answers_to_what_was_asked_go() -> None:
    assert told(
        "May I have your name?", "kavisri k", "Thanks Kavisri, your order number?",
        "its 771 please", "And the address?", "edson street 12 springfield", "Your full name?",
        "why do you need that", "Which size?", "771 please",
    ) == [
        "May I have your name?", "{customer_name}", "Thanks {customer_name}, your order number?",
        "its {code} please", "And the address?", "{address}", "Your full name?",
        "why do you need that", "Which size?", "771 please",
    ]  # fmt: skip
    answers = told("请问怎么称呼", "旦小满", "手机号？", "138 1234 5678", "您的姓名", "没有吧")
    assert answers[1::2] == ["{customer_name}", "{phone}", "没有吧"]


def test_words_that_a_dictionary_does_not_hold() -> None:
    assert [is_foreign(w) for w in ("wanjiru", "waitng", "parcel", "li", "x9")] == [
        True, False, False, False, False,
    ]  # fmt: skip
    assert is_plain("Policy")
    assert not is_plain("Baker"), "people are called so"
