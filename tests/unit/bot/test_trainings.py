from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from bot.home import Home
from bot.rasa.trainings import Trainings, files_of
from models.errors import AssistantInvalid, BadRequest, Conflict, ServiceError


class Children(Trainings):
    """Trainings whose children say what the test wants."""

    said: list[str]
    status = 0

    async def _child(self, module: list[str], seconds: float) -> tuple[int, list[str]]:
        return self.status, self.said


def test_one_training_runs_at_a_time(tmp_path: Path) -> None:
    trainings = Trainings(Home(tmp_path))
    assert trainings.running() == 0
    with trainings.alone():
        assert Trainings(Home(tmp_path)).running() == 1
        with pytest.raises(Conflict, match="runs already"), trainings.alone():
            pass
    assert trainings.running() == 0


def test_model_of_the_api_can_be_unloaded_and_loaded(tmp_path: Path) -> None:
    trainings = Trainings(Home(tmp_path))
    assert not trainings.unloaded
    trainings.unload()
    assert Trainings(Home(tmp_path)).unloaded
    trainings.load(None)
    assert not trainings.unloaded


def test_next_training_clears_what_a_killed_one_left(tmp_path: Path) -> None:
    (tmp_path / ".train-x" / "home").mkdir(parents=True)
    fresh, old = tmp_path / ".archive-a.tar.gz", tmp_path / ".archive-b.tar.gz"
    fresh.touch()
    old.touch()
    os.utime(old, (0, 0))
    with Trainings(Home(tmp_path)).alone():
        assert sorted(path.name for path in tmp_path.glob(".[ta]*")) == [fresh.name]


@pytest.mark.parametrize(
    ("body", "kind", "wanted"),
    [
        (b"nlu: []", "application/x-yaml", {"data.yml": b"nlu: []"}),
        (b"nlu: []", "", {"data.yml": b"nlu: []"}),
        (
            orjson.dumps({"config": "a", "nlu": "b", "force": True, "domain": 5}),
            "application/json",
            {"config.yml": b"a", "nlu.yml": b"b"},
        ),
    ],
)
def test_requests_of_either_version_are_files(
    body: bytes, kind: str, wanted: dict[str, bytes]
) -> None:
    assert files_of(body, kind) == wanted


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", ""), (b" \n", ""), (b"{", "application/json"), (b"[]", "application/json")],
)
def test_requests_without_data_are_refused(body: bytes, kind: str) -> None:
    with pytest.raises(BadRequest):
        files_of(body, kind)


def test_unsound_assistant_is_refused_with_its_own_lines_and_leaves_nothing(tmp_path: Path) -> None:
    children = Children(Home(tmp_path))
    with pytest.raises(AssistantInvalid, match=r"data\.yml:1"):
        asyncio.run(children.train({"data.yml": b"nlu: ["}, seconds=5, keep=True))
    assert not list(tmp_path.glob(".train-*"))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (["…", '{"passed": 1, "stories": 2}'], {"passed": 1, "stories": 2}),
        (['{"passed": 1}', "a last word"], {"passed": 1}),
        (['{"error": {"message": "no stories"}}', "frontdesk: no stories"], BadRequest),
        (["Traceback"], ServiceError),
        ([], ServiceError),
    ],
)
def test_summary_of_a_test_is_read(tmp_path: Path, said: list[str], wanted: Any) -> None:
    assistant = tmp_path / "assistant"
    assistant.mkdir()
    children = Children(Home(tmp_path / "home"))
    children.said = said

    async def run() -> dict[str, Any]:
        return await children.test(assistant, b"stories: []", None, seconds=5)

    if isinstance(wanted, dict):
        assert asyncio.run(run()) == wanted
    else:
        with pytest.raises(wanted):
            asyncio.run(run())


def test_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="too long"):
        asyncio.run(Trainings(Home(tmp_path))._child(["http.server", "0"], 0.3))
