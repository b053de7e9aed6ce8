"""What a customer said before, by vectors that are remembered."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import numpy as np

from bot.inference import Inference
from bot.live import Live
from bot.recall import Recall
from bot.tracker import Tracker
from retrieval.situation import DECAY
from tests.unit.retrieval.encoders import trigrams


def talk(*lines: str) -> Tracker:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.events = [
        event for line in lines for event in ({"event": "user", "text": line}, {"event": "bot"})
    ]
    return tracker


def live(read: list[str], release: str = "r1") -> Live:
    def encode(texts: list[str]) -> Any:
        read.extend(texts)
        return SimpleNamespace(sentence=trigrams(texts))

    understanding = SimpleNamespace(encode=encode)
    return cast(Live, SimpleNamespace(release=release, understanding=understanding))


def test_lines_read_in_this_worker_are_not_read_again() -> None:
    async def scene() -> None:
        read: list[str] = []
        recall = Recall(Inference())
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

    asyncio.run(scene())


def test_nothing_said_is_nothing_remembered_and_buttons_say_nothing() -> None:
    async def scene() -> None:
        read: list[str] = []
        recall = Recall(Inference(), capacity=1)
        assert await recall.earlier(talk(), live(read)) is None
        assert await recall.earlier(talk("/order_status", "8842"), live(read)) is None
        memory = await recall.earlier(talk("one", "two"), live(read))  # more than it can hold
        assert memory is not None

    asyncio.run(scene())
