from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.api.chatwoot import address_of, said
from bot.channels import MAX_SENDER, Caller, message_id_of, sender_of
from bot.delivery.chatwoot import bodies
from bot.events import Event
from bot.extras import plain_cards
from bot.secrets import Signer
from models.errors import BadRequest
from tests.support.farend import chatwoots_rules

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
LONG = "3f8b0c1e-5a57-4a4e-9d0b"


class Parts:
    """What a caller's key is made with."""

    visitors = Signer(b"s" * 32, "visitor")


def key(caller: Caller, sender: str | None) -> str:
    return caller.key(Parts(), sender)  # type: ignore[arg-type]


def test_short_sender_counts_with_its_address_and_a_long_one_alone() -> None:
    here, there = Caller("visitor-a-0123456789"), Caller("visitor-b-0123456789")
    assert key(here, "bob") != key(there, "bob")
    assert key(here, "bob") == key(here, "bob")
    assert key(here, LONG) == key(there, LONG) == LONG
    assert key(here, None) != key(here, None)


def test_token_binds_whatever_the_sender_is() -> None:
    ada, eve = Caller("v", subject="ada"), Caller("v", subject="eve")
    assert key(ada, LONG) not in (key(eve, LONG), LONG)
    assert key(ada, LONG) == key(Caller("elsewhere", subject="ada"), LONG)
    assert key(ada, None) == key(ada, None)
    assert key(Caller("v", trusted=True), "12") == "12"


@given(st.text(max_size=40))
def test_nobody_makes_the_key_of_a_token_or_of_anothers_short_sender(sender: str) -> None:
    stranger = Caller("visitor-b-0123456789")
    taken = {
        key(Caller("visitor-a-0123456789"), "bob"),
        key(Caller("v", subject="ada"), "bob"),
        key(Caller("v", subject="ada"), None),
    }
    assert key(stranger, sender) not in taken


@given(JSON)
def test_sender_is_a_text_or_refused(given_sender: Any) -> None:
    try:
        found = sender_of(given_sender)
    except BadRequest:
        return
    assert found is None or 0 < len(found) <= MAX_SENDER
    assert sender_of(12) == "12"
    assert sender_of(True) is None


@given(JSON, JSON)
def test_message_id_is_a_text_or_none(first: Any, second: Any) -> None:
    found = message_id_of({"message_id": first}, {"message_id": second})
    assert found is None or (isinstance(found, str) and found)


# -- Chatwoot -------------------------------------------------------------------------------

MESSAGE: dict[str, Any] = {
    "event": "message_created",
    "id": 7,
    "content": "hello",
    "message_type": "incoming",
    "private": False,
    "account": {"id": 1},
    "conversation": {"id": 2, "status": "pending"},
}
CHOSEN: dict[str, Any] = {
    **MESSAGE,
    "event": "message_updated",
    "message_type": "outgoing",
    "content_type": "input_select",
    "content_attributes": {"submitted_values": [{"title": "Yes", "value": "sealed"}]},
}


def test_message_and_choice_are_for_the_bot() -> None:
    assert said(MESSAGE) == ("chatwoot-7", "hello", None)
    assert said({**MESSAGE, "message_type": 0}) == ("chatwoot-7", "hello", None)
    assert said(CHOSEN) == ("chatwoot-7-chosen", "Yes", "sealed")
    assert address_of(MESSAGE) == "1/2"


@pytest.mark.parametrize(
    "change",
    [
        {"event": "webwidget_triggered"},
        {"event": "message_updated"},
        {"message_type": "outgoing"},
        {"message_type": "activity"},
        {"message_type": "template"},
        {"private": True},
        *({"conversation": {"id": 2, "status": s}} for s in ("open", "resolved", "snoozed", None)),
        {"conversation": None},
    ],
)
def test_everything_else_is_not(change: dict[str, Any]) -> None:
    assert said({**MESSAGE, **change}) is None


@given(st.sampled_from([MESSAGE, CHOSEN]), st.lists(st.tuples(st.sampled_from([*CHOSEN]), JSON)))
def test_webhooks_of_anything_are_read_ignored_or_refused(
    base: dict[str, Any], changes: list[tuple[str, Any]]
) -> None:
    body = copy.deepcopy(base) | dict(changes)
    try:
        found = said(body)
        address = address_of(body) if found else "0/0"
    except BadRequest:
        return
    assert all(part.isdigit() for part in address.split("/"))
    assert found is None or all(isinstance(part, str) for part in found[:2])


@given(
    st.fixed_dictionaries(
        {"text": st.text(max_size=30)},
        optional={
            "buttons": st.lists(
                st.fixed_dictionaries({"title": st.text(min_size=1), "payload": st.text()}),
                min_size=1,
                max_size=2,
            ),
            "image": st.just("https://x.example/a.png"),
            "attachment": st.just("https://x.example/a.pdf"),
            "elements": st.just(
                plain_cards([{"title": "T", "buttons": [{"title": "B", "payload": "/b"}]}])
            ),
        },
    )
)
def test_replies_are_bodies_that_chatwoot_takes(data: dict[str, Any]) -> None:
    if data.get("buttons") and not data["text"].strip() and "image" not in data:
        data["text"] = "Which?"
    headers = {"api_access_token": "bot-token"}
    path = "/api/v1/accounts/1/conversations/2/messages"
    for body in bodies(Event("bot", data)):
        assert chatwoots_rules(path, body, headers, b"") is None
