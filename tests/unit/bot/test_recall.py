"""What a customer said before, by vectors that are remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from bot.inference import Inference
from bot.live import Live
from bot.recall import Recall
from bot.tracker import Tracker
from retrieval.situation import DECAY
from tests.unit.retrieval.encoders import trigrams

pytestmark = pytest.mark.anyio


@pytest.fixture
async def inference() -> AsyncIterator[Inference]:
    made = Inference()
    made.start()
    yield made
    await made.close()


def talk(*lines: str) -> Tracker:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.events = [
        event for line in lines for event in ({"event": "user", "text": line}, {"event": "bot"})
    ]
    return tracker


def live(read: list[str], release: str = "r1") -> Live:
    def parse_beside(texts: list[str], others: list[str], *_: Any, divide: bool) -> Any:
        if "bad" in others:
            raise ValueError("bad")
        read.extend(others)
        return [], trigrams(others)

    understanding = SimpleNamespace(parse_beside=parse_beside)
    return cast(Live, SimpleNamespace(release=release, understanding=understanding))


async def test_lines_read_in_this_worker_are_not_read_again(inference: Inference) -> None:
    read: list[str] = []
    recall = Recall(inference)
    one, two = trigrams(["where is it", "and to Lhasa"])
    recall.keep("where is it", one, live(read))
    memory = await recall.earlier(talk("hello", "where is it"), live(read))
    assert read == ["hello"]
    recall.keep("and to Lhasa", two, live(read))
    memory = await recall.earlier(talk("hello", "where is it", "and to Lhasa"), live(read))
    assert memory is not None
    np.testing.assert_allclose(memory, two + DECAY * one, rtol=1e-6)
    assert read == ["hello"]
    await recall.earlier(talk("where is it"), live(read, "r2"))
    assert read == ["hello", "where is it"]  # another release, another encoder


async def test_lines_that_were_begun_ahead_are_read_once(inference: Inference) -> None:
    read: list[str] = []
    recall, release = Recall(inference), live(read)
    recall.begin(talk("one", "two"), release)
    recall.begin(talk("two"), release)
    memory = await recall.earlier(talk("one", "two"), release)
    assert memory is not None
    np.testing.assert_allclose(
        memory, trigrams(["two"])[0] + DECAY * trigrams(["one"])[0], rtol=1e-6
    )
    assert read == ["one", "two"]
    recall.begin(talk("one", "two"), release)
    assert not recall._begun


async def test_a_line_that_could_not_be_read_is_tried_again(inference: Inference) -> None:
    recall = Recall(inference)
    recall.begin(talk("bad"), live([]))
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            await recall.earlier(talk("bad"), live([]))


async def test_nothing_said_is_nothing_remembered_and_buttons_say_nothing(
    inference: Inference,
) -> None:
    read: list[str] = []
    recall = Recall(inference, capacity=1)
    assert await recall.earlier(talk(), live(read)) is None
    assert await recall.earlier(talk("/order_status", "8842"), live(read)) is None
    memory = await recall.earlier(talk("one", "two"), live(read))  # more than it can hold
    assert memory is not None
