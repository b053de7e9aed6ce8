"""What is loaded is set aside at the start, and again some time after each change of release."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any

import pytest

from bot import garbage


class Loop:
    """An event loop that only notes what is to be called."""

    def __init__(self) -> None:
        self.later: list[tuple[float, Any]] = []

    def call_later(self, seconds: float, call: Any) -> None:
        self.later.append((seconds, call))


def test_a_release_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    loop = Loop()
    for name in ("unfreeze", "collect", "freeze"):
        monkeypatch.setattr(gc, name, lambda name=name: done.append(name))
    monkeypatch.setattr(gc, "set_threshold", lambda *given: done.append("thresholds"))
    monkeypatch.setattr("bot.garbage.asyncio.get_running_loop", lambda: loop)
    releases: Any = SimpleNamespace(swapped=None)
    garbage.tend(releases)
    assert done == ["thresholds"]
    releases.swapped(True)
    assert done == ["thresholds", "unfreeze", "collect", "freeze"]
    releases.swapped(False)
    assert len(done) == 4
    [(seconds, call)] = loop.later
    assert seconds == garbage.AFTER_SWAP
    call()
    assert done[4:] == ["unfreeze", "collect", "freeze"]
