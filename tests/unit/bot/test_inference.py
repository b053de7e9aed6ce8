"""The inference thread: batches, order, failures that stay alone, and an end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import numpy as np
import pytest

from bot.inference import MAX_BATCH, Inference
from intents.parse import Parse
from intents.understanding import Understanding

pytestmark = pytest.mark.anyio


def parse_of(text: str) -> Parse:
    return Parse(
        text, "en", "ask", 1.0, (), "accept", (), 0.0, (), "neutral", 1.0, "normal", 1.0,
        np.zeros(2, np.float32),
    )  # fmt: skip


class Echo:
    """An understanding that answers each text with itself and a mark."""

    def __init__(self, mark: str = "") -> None:
        self.mark = mark
        self.batches: list[list[str]] = []
        self.may_go = threading.Event()
        self.may_go.set()

    def parse_beside(
        self,
        texts: Sequence[str],
        others: Sequence[str],
        slots: Sequence[str | None],
        *,
        divide: bool = False,
    ) -> tuple[list[Any], Any]:
        self.batches.append([*texts, *others])
        self.may_go.wait(10)
        if "bad" in (*texts, *others):
            raise ValueError("bad")
        said = [f"{self.mark}{text}/{slot}" for text, slot in zip(texts, slots, strict=True)]
        vectors = np.array([[len(text), 0] for text in others], np.float32).reshape(-1, 2)
        return [parse_of(text) for text in said], vectors


def as_release(echo: Echo) -> Understanding:
    return cast("Understanding", echo)


async def ask(inference: Inference, echo: Echo, text: str, slot: str | None = None) -> str:
    return (await inference.parse(as_release(echo), text, slot)).text


async def test_words_heard_before_need_no_batch(inference: Inference) -> None:
    echo, other = Echo(), Echo("new:")
    for _ in range(3):
        assert await ask(inference, echo, "where are you") == "where are you/None"
    assert await ask(inference, echo, "where are you", "size") == "where are you/size"
    assert await ask(inference, other, "where are you") == "new:where are you/None"
    assert echo.batches == [["where are you"], ["where are you"]]
    assert other.batches == [["where are you"]]


@pytest.fixture
async def inference() -> AsyncIterator[Inference]:
    made = Inference()
    made.start()
    yield made
    await made.close()


async def test_what_waits_is_computed_together(inference: Inference) -> None:
    echo = Echo()
    echo.may_go.clear()
    first = asyncio.create_task(ask(inference, echo, "0"))
    await asyncio.sleep(0.05)
    rest = [
        asyncio.create_task(ask(inference, echo, str(i), "size")) for i in range(1, MAX_BATCH + 3)
    ]
    await asyncio.sleep(0)
    echo.may_go.set()
    assert await first == "0/None"
    assert await asyncio.gather(*rest) == [f"{i}/size" for i in range(1, MAX_BATCH + 3)]
    assert [len(batch) for batch in echo.batches] == [1, MAX_BATCH, 2]


async def test_a_text_that_fails_leaves_the_others_alone(inference: Inference) -> None:
    echo = Echo()
    texts = ["a", "bad", "b", "bad", "c"]
    found = await asyncio.gather(
        *(ask(inference, echo, text) for text in texts), return_exceptions=True
    )
    assert [str(outcome) for outcome in found] == ["a/None", "bad", "b/None", "bad", "c/None"]
    assert isinstance(found[1], ValueError)
    assert await ask(inference, echo, "after") == "after/None"


async def test_each_is_answered_by_its_own_release(inference: Inference) -> None:
    old, new = Echo("old:"), Echo("new:")
    found = await asyncio.gather(
        ask(inference, old, "a"),
        ask(inference, new, "b"),
        ask(inference, old, "c"),
    )
    assert list(found) == ["old:a/None", "new:b/None", "old:c/None"]


async def test_nobody_computes_for_a_caller_that_has_gone(inference: Inference) -> None:
    echo = Echo()
    echo.may_go.clear()
    first = asyncio.create_task(ask(inference, echo, "0"))
    await asyncio.sleep(0.05)
    gone = asyncio.create_task(ask(inference, echo, "gone"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    echo.may_go.set()
    await first
    assert await ask(inference, echo, "next") == "next/None"
    assert ["gone"] not in echo.batches
    assert all("gone" not in batch for batch in echo.batches)


async def test_closing_cancels_what_waits() -> None:
    inference = Inference()
    waiting = asyncio.create_task(ask(inference, Echo(), "a"))
    await asyncio.sleep(0)
    await inference.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_other_work_runs_on_the_same_thread(inference: Inference) -> None:
    name = await inference.run(lambda: threading.current_thread().name)
    assert name.startswith("inference")


async def test_lines_are_read_beside_the_messages_that_wait(inference: Inference) -> None:
    echo = Echo()
    echo.may_go.clear()
    first = asyncio.create_task(ask(inference, echo, "0"))
    await asyncio.sleep(0.05)
    vector, bad = (inference.vector(as_release(echo), text) for text in ("line", "bad"))
    second = asyncio.create_task(ask(inference, echo, "1"))
    await asyncio.sleep(0)
    echo.may_go.set()
    assert (await first, await second) == ("0/None", "1/None")
    assert (await vector).tolist() == [4, 0]
    with pytest.raises(ValueError, match="bad"):
        await bad
    assert echo.batches[:2] == [["0"], ["1", "line", "bad"]]
    assert sorted(echo.batches[2:]) == [["1"], ["bad"], ["line"]]
