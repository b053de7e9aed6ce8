from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Event
from bot.extras import plain_cards
from bot.rasa.shapes import rest_items, socket_items

CARDS = [
    {
        "title": "Kettle",
        "subtitle": "1.7 l",
        "image_url": "https://x.example/k.png",
        "default_action": {"type": "web_url", "url": "javascript:alert(1)"},
        "buttons": [
            {"title": "Buy", "type": "web_url", "url": "https://x.example/k"},
            {"title": "More", "type": "postback", "payload": "/more"},
            {"title": "Bad", "type": "web_url", "url": "javascript:alert(1)"},
        ],
    },
    {"subtitle": "has no title"},
]


def reply(**data: Any) -> Event:
    return Event("bot", data)


def test_text_is_split_at_blank_lines_and_has_no_other_key() -> None:
    event = reply(text="One.\n\n\n\nTwo\nlines.\n\n")
    assert socket_items(event) == [{"text": "One."}, {"text": "Two\nlines."}]
    assert rest_items(event, "s") == [
        {"recipient_id": "s", "text": "One."},
        {"recipient_id": "s", "text": "Two\nlines."},
    ]


def test_buttons_stand_with_the_last_words() -> None:
    button = {"title": "Yes", "payload": "/affirm"}
    event = reply(text="One.\n\nTwo?", buttons=[button])
    assert socket_items(event) == [
        {"text": "One."},
        {"text": "Two?", "quick_replies": [{"content_type": "text", **button}]},
    ]
    assert rest_items(event, None)[0]["buttons"] == [button]
    assert socket_items(reply(text="", buttons=[button]))[0]["text"] == ""


def test_order_is_rasas() -> None:
    event = reply(
        text="Look:",
        custom={"payload": "chart"},
        image="https://x.example/a.png",
        attachment={"type": "video", "payload": {"src": "https://x.example/v", "title": "V"}},
        elements=plain_cards(CARDS),
    )
    keys = [(set(item) - {"recipient_id"}).pop() for item in rest_items(event, "s")[:4]]
    assert keys == ["text", "custom", "image", "attachment"]
    assert rest_items(event, "s")[4]["text"] == "Kettle : 1.7 l"
    assert rest_items(event, "s")[4]["buttons"] == [{"title": "More", "payload": "/more"}]
    text, custom, image, video, cards = socket_items(event)
    assert (text, custom) == ({"text": "Look:"}, {"payload": "chart"})
    assert image["attachment"] == {"type": "image", "payload": {"src": "https://x.example/a.png"}}
    assert video["attachment"] == {
        "type": "video",
        "payload": {"src": "https://x.example/v", "title": "V"},
    }
    [card] = cards["attachment"]["payload"]["elements"]
    assert "url" not in card
    assert [button["title"] for button in card["buttons"]] == ["Buy", "More"]


def test_what_rasa_1_was_told_to_send_is_sent() -> None:
    assert socket_items(reply(text="", custom={"data": {"type": "video"}})) == [{"type": "video"}]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x", "file:///x"])
def test_unsafe_addresses_do_not_go_out(address: str) -> None:
    payload = {"src": address, "poster": address}
    event = reply(text="", image=address, attachment={"type": "video", "payload": payload})
    assert rest_items(event, "s") == socket_items(event) == []
    kept = {"src": "https://x.example/v", "poster": "javascript:alert(1)"}
    [item] = socket_items(reply(text="", attachment={"type": "video", "payload": kept}))
    assert "javascript" not in str(item)


@given(
    st.dictionaries(
        st.sampled_from(["text", "image", "custom", "attachment"]),
        st.recursive(
            st.none() | st.text(max_size=20) | st.integers(),
            lambda inner: st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=6,
        ),
    )
)
def test_nothing_empty_is_ever_sent(data: dict[str, Any]) -> None:
    event = reply(**{**data, "text": str(data.get("text") or "")})
    assert all(item for item in socket_items(event))
    assert all(len(item) > 1 for item in rest_items(event, "s"))


@given(st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_cards_of_anything_are_cards(given_elements: Any) -> None:
    assert all(card["title"] and "buttons" in card for card in plain_cards(given_elements))
