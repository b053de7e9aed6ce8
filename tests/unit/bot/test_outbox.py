from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bot.delivery.outbox import MAX_ATTEMPTS, Outbox
from bot.delivery.outgoing import Outgoing, is_signed, signed
from bot.events import Event
from bot.record.record import Conversation, Record
from bot.sessions import Sessions
from models.errors import DeliveryFailed


def pushed(record: Record, name: str = "1/2") -> Conversation:
    found = record.create_conversation(
        channel="chatwoot", language="en", visitor="v", external_id=name
    )
    record.push_to(found.id, "chatwoot", name, 0)
    return found


def say(record: Record, conversation: Conversation, *texts: str) -> None:
    record.append(conversation.id, [Event("bot", {"text": text}) for text in texts])


class Far:
    """A far end that fails as it is told to."""

    def __init__(self, *failures: DeliveryFailed | None) -> None:
        self.failures = list(failures)
        self.taken: list[str] = []
        self.keys: list[str] = []

    def messages(self, event: Event, recipient: str) -> list[str]:
        return event.data["text"].split() if event.kind == "bot" else []

    async def send(self, message: Any, recipient: str, key: str) -> None:
        self.keys.append(key)
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.taken.append(message)


def deliver(record: Record, far: Far, conversation: Conversation) -> None:
    """Let one worker deliver what is due."""
    sessions = Sessions("unix:///nowhere", ttl=60, presence_ttl=1)
    outbox = Outbox(record, sessions, "worker-0")
    outbox.serve("chatwoot", far)

    async def run() -> None:
        await outbox._deliver(conversation.id)
        await sessions.close()

    asyncio.run(run())


def test_everything_goes_out_once_and_in_order(record: Record) -> None:
    conversation, far = pushed(record), Far()
    record.append(conversation.id, [Event("slot", {"name": "a", "value": 1})])
    say(record, conversation, "one two", "three")
    assert record.due_deliveries() == [conversation.id]
    deliver(record, far, conversation)
    assert far.taken == ["one", "two", "three"]
    assert record.due_deliveries() == []
    deliver(record, far, conversation)
    say(record, conversation, "four")
    deliver(record, far, conversation)
    assert far.taken == ["one", "two", "three", "four"]


def test_what_failed_is_tried_again_from_where_it_failed(record: Record) -> None:
    conversation = pushed(record)
    far = Far(None, DeliveryFailed("away", again=True))
    say(record, conversation, "one two", "three")
    deliver(record, far, conversation)
    assert far.taken == ["one"]
    assert record.due_deliveries() == []
    lease = _again(record, conversation)
    assert (lease.attempts, lease.part) == (1, 1)
    _let_go(record, conversation)
    deliver(record, far, conversation)
    assert far.taken == ["one", "two", "three"]
    assert far.keys[1] == far.keys[2]


def test_what_may_have_arrived_is_not_repeated_and_the_rest_goes_on(record: Record) -> None:
    conversation = pushed(record)
    far = Far(DeliveryFailed("who knows", again=False))
    say(record, conversation, "one", "two")
    deliver(record, far, conversation)
    assert far.taken == ["two"]
    assert record.due_deliveries() == []


def test_it_is_given_up_in_the_end(record: Record) -> None:
    conversation = pushed(record)
    far = Far(*[DeliveryFailed("away", again=True)] * MAX_ATTEMPTS)
    say(record, conversation, "one")
    for _ in range(MAX_ATTEMPTS):
        _let_go(record, conversation)
        deliver(record, far, conversation)
    assert far.taken == []
    assert len(far.keys) == MAX_ATTEMPTS
    _let_go(record, conversation)
    say(record, conversation, "two")
    deliver(record, far, conversation)
    assert far.taken == ["two"]


def test_one_worker_delivers_at_a_time_and_a_dead_ones_share_is_taken_over(record: Record) -> None:
    conversation = pushed(record)
    say(record, conversation, "one")
    lease = record.lease_delivery(conversation.id, "worker-0", 30.0)
    assert lease is not None
    assert record.lease_delivery(conversation.id, "worker-1", 30.0) is None
    assert record.due_deliveries() == []
    record.release_worker("worker-0")
    taken = record.lease_delivery(conversation.id, "worker-1", 30.0)
    assert taken is not None
    assert not record.delivered(lease, 1, 0, 30.0)
    assert record.delivered(taken, 1, 0, 30.0)
    say(record, conversation, "two")
    assert not record.delivery_done(taken, 1)
    assert record.delivery_done(taken, 2)


def test_other_channels_owe_nothing(record: Record) -> None:
    widget = record.create_conversation(channel="widget", language="en", visitor="v")
    say(record, widget, "one")
    assert record.due_deliveries() == []


def _again(record: Record, conversation: Conversation) -> Any:
    """Bring the next try forward."""
    _let_go(record, conversation)
    lease = record.lease_delivery(conversation.id, "test", 30.0)
    assert lease is not None
    return lease


def _let_go(record: Record, conversation: Conversation) -> None:
    from sqlalchemy import update

    from bot.record import schema as t

    with record.engine.begin() as db:
        mine = t.deliveries.c.conversation == conversation.id
        due = t.deliveries.c.due.is_not(None)
        db.execute(update(t.deliveries).where(mine, due).values(due=0.0, lease_until=0.0))


# -- requests -------------------------------------------------------------------------------


def post(*answers: int | Exception, repeatable: bool, times: int = 1) -> list[bool | None]:
    """POST so often; returns of each whether it may be sent again, None where it was taken."""
    wanted = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        found = wanted.pop(0)
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found, content=b"x" * 100_000)

    async def run() -> list[bool | None]:
        outgoing = Outgoing(httpx.MockTransport(answer))
        seen: list[bool | None] = []
        for _ in range(times):
            try:
                taken = await outgoing.post("http://far/x", b"{}", {}, repeatable=repeatable)
                assert len(taken) <= 65_536
                seen.append(None)
            except DeliveryFailed as failed:
                seen.append(failed.again)
        await outgoing.close()
        return seen

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "once", "many"),
    [
        (200, None, None),
        (201, None, None),
        (302, False, False),
        (400, False, False),
        (404, False, False),
        (429, True, True),
        (503, True, True),
        (500, False, True),
        (502, False, True),
        (504, False, True),
        (httpx.ConnectError("x"), True, True),
        (httpx.ConnectTimeout("x"), True, True),
        (httpx.ReadTimeout("x"), False, True),
        (httpx.RemoteProtocolError("x"), False, True),
    ],
)
def test_only_what_is_safe_is_sent_again(
    answer: int | Exception, once: bool | None, many: bool | None
) -> None:
    assert post(answer, repeatable=False) == [once]
    assert post(answer, repeatable=True) == [many]


def test_host_that_keeps_failing_is_left_alone() -> None:
    # the fifth is not sent at all: there is no answer to it
    assert post(*[500] * 4, repeatable=False, times=5) == [False] * 4 + [True]


def test_signature_holds_for_its_body_its_secret_and_a_while() -> None:
    headers = signed("secret", b"body", 1_000_000_000_0)
    stamp, given = headers["X-Frontdesk-Timestamp"], headers["X-Frontdesk-Signature"]
    assert is_signed("secret", stamp, b"body", given, 1e12)
    assert not is_signed("secret", stamp, b"body", given, 300)
    assert not is_signed("secret", stamp, b"other", given, 1e12)
    assert not is_signed("other", stamp, b"body", given, 1e12)
    for wrong in ("", "now", "-1", "٣", "9" * 40):
        assert not is_signed("secret", wrong, b"body", given, 1e12)
