"""Several requests in one message, on the shipped assistant with its own actions and shop."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.embedded_redis import EmbeddedRedis
from bot.secrets import make_customer_token
from tests.e2e.serving import copy_home, prepared
from tests.support import processes
from tests.support.records import claim_of
from tests.support.service import App, Customer, serving
from tests.support.timing import eventually, within

pytestmark = pytest.mark.weights
SECRET = "s" * 40


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared home with the shipped assistant."""
    given = os.environ.get("FRONTDESK_CACHE")
    return prepared(Path(given) if given else tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def actions(retail: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="fd-") as name:
        shop = str(Path(name) / "shop.sqlite3")
        address = Path(name) / "actions.sock"
        with processes.action_server(retail / "assistant", address, SHOP_DB=shop) as url:
            yield url


@dataclass(frozen=True)
class Shop:
    """All that a worker with the shipped assistant needs."""

    home: Path
    redis: EmbeddedRedis
    actions: str

    def serving(self) -> AbstractAsyncContextManager[App]:
        """Run a worker."""
        return serving(self.home, self.redis.url, self.actions, customer_jwt_secret=SECRET)


@pytest.fixture
def shop(retail: Path, actions: str, tmp_path: Path, redis: EmbeddedRedis) -> Shop:
    return Shop(copy_home(retail, tmp_path / "home"), redis, actions)


async def said(customer: Customer, text: str, replies: int) -> list[str]:
    """Say something and return what the bot says to it, so many messages and no more."""
    answer = await customer.post(text)
    seq = answer.json()["seq"]

    async def all_there() -> bool:
        return len(await customer.events(seq)) >= replies

    await eventually(all_there, 20)
    return [e["text"] for e in await customer.events(seq) if e["role"] == "bot"]


@within(90)
@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "What does shipping cost? And can I pay with Apple Pay?",
            "shipping_cost",
            "payment_methods",
        ),
        ("运费多少？另外能用微信支付吗？", "shipping_cost", "payment_methods"),
        ("搅拌机保修多久？退货运费谁出？", "warranty_info", "return_shipping_fee"),
    ],
)
async def test_two_questions_get_two_answers_in_their_order(
    shop: Shop, text: str, first: str, second: str
) -> None:
    async with shop.serving() as app:
        customer = await app.customer(language="zh" if text[0] > "\u3000" else "en")
        assert len(await said(customer, text, 2)) == 2
        events = app.service.record.events(customer.id)
        order = [e.data["parse"]["intent"]["name"] for e in events if e.kind == "segment"]
        assert order == [first, second]
        kinds = [e.kind for e in events if e.kind in ("segment", "bot")]
        assert kinds == ["segment", "bot", "segment", "bot"]


@within(90)
@pytest.mark.parametrize(
    ("text", "later", "order", "tail"),
    [
        (
            "I want to return the kettle, and also I need an invoice",
            "I need an invoice",
            "HL20415001",
            "5521",
        ),
        ("我要退货，另外发票怎么开", "发票怎么开", "HL20415890", "1187"),
    ],
)
async def test_second_form_is_taken_up_after_the_first(
    shop: Shop, text: str, later: str, order: str, tail: str
) -> None:
    async with shop.serving() as app:
        zh = text[0] > "\u3000"
        customer = await app.customer(language="zh" if zh else "en")
        assert len(await said(customer, text, 1)) == 1
        await said(customer, order, 1)
        await said(customer, tail, 1)
        replies = await said(customer, "不合适" if zh else "it does not fit", 3)
        assert any(later in reply for reply in replies)
        events = app.service.record.events(customer.id)
        loops = [e.data["name"] for e in events if e.kind == "active_loop"]
        assert loops[:3] == ["return_form", None, "invoice_form"]
        assert sum(e.kind == "segment" for e in events) == 2


@within(90)
async def test_question_is_answered_before_the_form_asks(shop: Shop) -> None:
    async with shop.serving() as app:
        customer = await app.customer(language="en")
        replies = await said(customer, "cancel my order and tell me what shipping costs", 2)
        assert "99" in replies[0]
        assert "order number" in replies[1].lower()


@within(90)
async def test_signed_in_customer_gets_both_done_in_one_turn(shop: Shop) -> None:
    async with shop.serving() as app:
        token = make_customer_token("C1001", SECRET)
        customer = await app.customer(customer_token=token, language="en")
        replies = await said(customer, "Where is HL20417752? And what does shipping cost?", 2)
        assert any("HL20417752" in reply for reply in replies)
        assert any("99" in reply or "¥" in reply for reply in replies)


@within(90)
async def test_explanation_is_no_second_request(shop: Shop) -> None:
    async with shop.serving() as app:
        customer = await app.customer(language="en")
        await said(customer, "my parcel is late and I'm angry", 1)
        events = app.service.record.events(customer.id)
        assert not any(e.kind == "segment" for e in events)


@within(90)
async def test_turn_that_is_taken_up_again_answers_each_request_once(shop: Shop) -> None:
    async with shop.serving() as app:
        record = app.service.record
        customer = await app.customer(language="en")
        text = "What does shipping cost? And can I pay with Apple Pay?"
        accepted = record.accept(customer.id, text, {"text": text, "channel": "widget"})
        assert accepted.turn is not None
        assert claim_of(record, accepted.turn, "dead", 1.0) is not None

        async def answered() -> bool:
            return len(await customer.events(accepted.seq)) >= 2

        await eventually(answered, 20)
        replies = [e["text"] for e in await customer.events() if e["role"] == "bot"]
        assert len(replies) == 2
        assert sum(e.kind == "segment" for e in record.events(customer.id)) == 2
