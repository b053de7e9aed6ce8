"""Numbers that nothing beside them tells, and what the detectors' findings become."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.conversation import Conversation, Turn
from retrieval.redaction.redactor import Redactor
from retrieval.redaction.rest import widened
from retrieval.redaction.spans import Span, View, beside, placeholders


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("both 60-441-7 and the one from may", "60-441-7"),
        ("authenticator shows 290 117, still no", "290 117"),
        ("the pdf you sent R-20250311-04 is off", "R-20250311-04"),
        ("where is #GF4410092 now", "#GF4410092"),
        ("ordr nmbr TT 81 0092 adres", "TT 81 0092"),
        ("fone: (11) 95555-0143", "(11) 95555-0143"),
        ("key safe 1966", "1966"),
        ("visa 4539 5501 9288 1176 04/27 338", "338"),
        ("541215806998 3390 is it", "541215806998 3390"),
        ("cust no C-55019", "C-55019"),
        ("write me at sven_ove at nordpost dot example", "sven_ove at nordpost dot example"),
        ("lena (dot) fisch (at) web (dot) example", "lena (dot) fisch (at) web (dot) example"),
        ("pasword Br1ghtside! fails", "Br1ghtside!"),
        ("wifi at the flat: Heron / tide-pool-77", "tide-pool-77"),
        ("wifi password correcthorse", "correcthorse"),
        ("dob 04/11/1987", "04/11/1987"),
        ("1三八零零5七11九4 加我", "1三八零零5七11九4"),
        ("电话：0931—8447120晚上打", "0931—8447120"),
        ("苏E·7K12O录错了", "苏E·7K12O"),
        ("网盘提取码h7k2", "h7k2"),
        ("外卖单#47少双筷子", "#47"),
        ("密码xiaomao登不上", "xiaomao"),
        ("水表S-55192", "S-55192"),
        ("my birth date is Oct 9 1993, check it", "Oct 9 1993"),
        ("系统里生日登记的是1998年11月3日", "1998年11月3日"),
        ("我生日1957年腊月十六，试了不对", "1957年腊月十六"),
        ("虚拟号是95013 4427 88106转 3391", "95013 4427 88106转 3391"),
    ],
)
def test_what_nothing_explains_goes_whole(text: str, gone: str) -> None:
    done, spans = Redactor().redact(text)
    start = text.index(gone)
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert covered.issuperset(range(start, start + len(gone))), done


@pytest.mark.parametrize(
    "text",
    [
        "open 08:00-24:00, also 8:30-12",
        "163–170/52–60 fits me",
        "205/60R16 92V how much",
        "the RTX4060 or the WH-1000XM5",
        "10 000 000 sold",
        "XL是174–182cm",
        "plan M 15gb 12.99 a month",
        "2560x1440 at 144hz",
        "version 4.2.19 crashes",
        "errors and 12315 and 95588",
    ],
)
def test_sizes_times_and_models_stay(text: str) -> None:
    assert Redactor().redact(text)[0] == text


def test_a_number_is_of_one_kind_throughout() -> None:
    turns = tuple(Turn("customer", text) for text in ("so 77120 is late", "my order is 77120"))
    done = Redactor().redact_conversation(Conversation("c", "en", turns))
    assert [turn.text for turn in done.turns] == ["so {order_id} is late", "my order is {order_id}"]


def finding(*spans: Span) -> Redactor:
    """A redactor whose learned part finds ``spans`` in whatever is not masked yet."""

    def look(texts: Sequence[str]) -> list[list[Span]]:
        return [list(spans) if text.isascii() else [] for text in texts]

    return Redactor(learned=look)


def test_what_is_learned_fills_what_rules_leave() -> None:
    assert (
        finding(Span(0, 5, "customer_name")).redact("river asks b")[0] == "{customer_name} asks b"
    )
    # Two numbers that one finding spans stay two; the word between them is no number.
    two = "HL20418376 or HL20418377"
    assert finding(Span(0, len(two), "code")).redact(two)[0] == "{order_id} or {order_id_2}"
    # Whom the conversation names as its agent stays the agent.
    met = Conversation("c", "en", (Turn("customer", "is mia there"),), agent="mia")
    (turn,) = finding(Span(0, 6, "customer_name")).redact_conversation(met).turns
    assert turn.text == "{agent_name} there"
    # An address takes in what is known of it.
    whole = "flat 9, 12 Cedar Lane, the blue door"
    assert finding(Span(0, len(whole), "address")).redact(whole)[0] == "{address}"


SAID = (
    "hi, Tom Hughes here, order 77120", "call 13800015521", "你好，我叫王小明", "77120 again",
    "is Tom there?", "ok thanks", "x {phone}", "flat 9, 12 Cedar Lane", "gem", "小明在吗",
)  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(SAID), max_size=5), max_size=4))
def test_conversations_together_are_redacted_as_each_alone(talks: list[list[str]]) -> None:
    seen: list[str] = []

    def look(texts: Sequence[str]) -> list[list[Span]]:
        seen.extend(texts)
        return [[Span(0, 3, "customer_name")] if t.startswith("gem") else [] for t in texts]

    conversations = [
        Conversation(str(i), "en", tuple(Turn("customer", text) for text in said), agent="Ann")
        for i, said in enumerate(talks)
    ]
    redactor = Redactor(learned=look)
    together = redactor.redact_conversations(conversations)
    assert {View(t, placeholders(t)).text for said in talks for t in said} <= set(seen)
    assert together == [redactor.redact_conversation(c) for c in conversations]
    assert all("gem" not in turn.text for talk in together for turn in talk.turns)
    without = Redactor().redact_conversations(conversations)
    assert without == [Redactor().redact_conversation(c) for c in conversations]


@pytest.mark.parametrize(
    ("text", "found", "gone"),
    [
        ("last seen at 19 Heron Row 4b, ta", "Heron Row", "19 Heron Row 4b"),
        ("we are the yellow house up there", "yellow house", "the yellow house"),
        ("放在18号云杉里303室门口", "云杉里", "18号云杉里303室"),
        ("send 40 to Heron Row 500g each", "Heron Row", "Heron Row"),
    ],
)
def test_an_address_takes_its_house_number_along(text: str, found: str, gone: str) -> None:
    at = text.index(found)
    span = widened(text, Span(at, at + len(found), "address"))
    assert text[span.start : span.end] == gone


def test_pieces_beside_known_spans() -> None:
    known = [Span(0, 2, "phone"), Span(4, 6, "code"), Span(9, 12, "code")]
    assert beside(Span(1, 10, "address"), known) == [Span(2, 4, "address"), Span(6, 9, "address")]
    assert beside(Span(20, 22, "code"), known) == [Span(20, 22, "code")]


def test_marks_move_with_what_is_masked() -> None:
    view = View("call 13800015521 or lee", [Span(5, 16, "phone")])
    assert view.from_text(20, 23, "name") == (10, 13, "name")
    assert view.from_text(5, 16, "value") is None
