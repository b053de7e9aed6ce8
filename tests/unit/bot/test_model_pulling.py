from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.home import Home
from bot.rasa.archives import packed
from bot.rasa.model_pulling import ModelPulling, Source, main
from bot.rasa.model_server import ModelServer
from bot.rasa.model_storage import fetched
from bot.settings import Settings
from models.errors import BadRequest, FrontdeskError, NotFound, ServiceError, Unavailable
from tests.support.modelserver import ModelEnd, keeping
from tests.support.timing import eventually
from tests.unit.bot.test_archives import release_in

MOST = 100_000
pytestmark = pytest.mark.anyio


@pytest.fixture
def end() -> Iterator[ModelEnd]:
    with keeping() as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.assistant.mkdir()
    return made


def archive(folder: Path, text: str) -> tuple[str, bytes]:
    """A release's id and its archive."""
    release = release_in(folder / text, text)
    return release.id, packed(release, folder).read_bytes()


def pulling(end: ModelEnd, home: Home, path: str = "/model") -> ModelPulling:
    return ModelPulling(home, ModelServer.of({"url": end.url + path}), MOST)


@pytest.mark.parametrize(
    "given",
    [
        None,
        "https://models.example",
        {},
        {"url": 5},
        {"url": "file:///etc/passwd"},
        {"url": "https://a.example", "params": []},
        {"url": "https://a.example", "headers": "x"},
        {"url": "https://a.example", "basic_auth": {"username": "ada"}},
    ],
)
def test_server_that_cannot_be_asked_is_refused(given: Any) -> None:
    with pytest.raises(BadRequest):
        ModelServer.of(given)


async def test_server_is_asked_with_what_its_endpoint_says(end: ModelEnd, tmp_path: Path) -> None:
    endpoint = {
        "url": f"{end.url}/models/bot@latest",
        "params": {"stage": "live"},
        "headers": {"X-Team": "shop"},
        "basic_auth": {"username": "ada", "password": "pw"},
        "token": "secret",
        "token_name": "key",
        "wait_time_between_pulls": 10,
    }
    assert await ModelServer.of(endpoint).pull(None, tmp_path, MOST) is None
    [(path, headers)] = end.asked
    assert path == "/models/bot@latest?stage=live&key=secret"
    assert headers["x-team"] == "shop"
    assert headers["authorization"] == f"Basic {base64.b64encode(b'ada:pw').decode()}"
    assert "if-none-match" not in headers


@pytest.mark.parametrize("status", [302, 401, 500])
async def test_other_answers_of_the_server_are_errors(
    end: ModelEnd, tmp_path: Path, status: int
) -> None:
    end.status = status
    with pytest.raises(ServiceError, match=str(status)):
        await ModelServer.of({"url": end.url}).pull(None, tmp_path, MOST)


async def test_model_that_is_too_large_leaves_nothing(end: ModelEnd, tmp_path: Path) -> None:
    end.models["/model"] = (b"0" * 2_000, "e")
    with pytest.raises(ServiceError, match="too large"):
        await ModelServer.of({"url": f"{end.url}/model"}).pull(None, tmp_path, 1_000)
    assert os.listdir(tmp_path) == []


async def test_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await ModelServer.of({"url": "http://127.0.0.1:9"}).pull(None, tmp_path, MOST)


async def test_another_model_of_the_server_becomes_the_one_that_serves(
    end: ModelEnd, home: Home, tmp_path: Path
) -> None:
    assert await pulling(end, home).pull() is None
    first, content = archive(tmp_path, "first")
    end.models["/model"] = (content, '"1"')
    assert await pulling(end, home).pull() == first == home.store.current_id()
    assert (home.assistant / "domain.yml").read_text() == "first"
    # another process, the same model: nothing is fetched
    assert await pulling(end, home).pull() is None
    assert end.asked[-1][1]["if-none-match"] == '"1"'
    second, content = archive(tmp_path, "second")
    end.models["/model"] = (content, '"2"')
    assert await pulling(end, home).pull() == second == home.store.current_id()
    assert not list(home.path.glob(".archive-*"))
    # another server's ETag says nothing
    end.models["/other"] = (content, '"2"')
    assert await pulling(end, home, "/other").pull() == second


async def test_broken_model_changes_nothing_and_is_asked_for_again(
    end: ModelEnd, home: Home, tmp_path: Path
) -> None:
    first, content = archive(tmp_path, "first")
    end.models["/model"] = (content, '"1"')
    await pulling(end, home).pull()
    _, content = archive(tmp_path, "second")
    end.models["/model"] = (content[: len(content) // 2], '"2"')
    for _ in range(2):
        with pytest.raises(FrontdeskError):
            await pulling(end, home).pull()
    assert home.store.current_id() == first
    assert not list(home.path.glob(".archive-*"))


async def test_one_of_several_workers_asks_and_another_takes_over(
    end: ModelEnd, home: Home, tmp_path: Path
) -> None:
    told: list[str] = []

    async def promoted(release: str) -> None:
        told.append(release)

    server = ModelServer.of({"url": f"{end.url}/model"})
    watches = [
        asyncio.create_task(ModelPulling(home, server, MOST, promoted).watch(0.02))
        for _ in range(2)
    ]
    first, content = archive(tmp_path, "first")
    end.models["/model"] = (content, '"1"')
    await eventually(lambda: told == [first], 10)
    watches[0].cancel()
    await asyncio.gather(watches[0], return_exceptions=True)
    second, content = archive(tmp_path, "second")
    end.models["/model"] = (content, '"2"')
    await eventually(lambda: told == [first, second], 10)
    watches[1].cancel()
    await asyncio.gather(watches[1], return_exceptions=True)


def test_first_start_takes_the_servers_model(
    end: ModelEnd,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pack = tmp_path / "pack"
    (pack / "actions").mkdir(parents=True)
    (pack / "actions" / "actions.py").write_text("")
    home = tmp_path / "home"
    monkeypatch.setenv("FRONTDESK_MODELS_URL", f"{end.url}/model")
    monkeypatch.setenv("FRONTDESK_MODELS_TOKEN", "secret")
    command = ["model_pulling", "--home", str(home), "--pack", str(pack)]
    monkeypatch.setattr(sys, "argv", command)
    assert main() == 1
    assert "has no model" in capsys.readouterr().err
    first, content = archive(tmp_path, "first")
    end.models["/model"] = (content, '"1"')
    assert main() == 0
    assert end.asked[-1][0] == "/model?token=secret"
    assert Home(home).store.current_id() == first
    assert (home / "assistant" / "actions" / "actions.py").exists()


def test_server_is_named_by_the_settings_or_by_endpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Source.of(Settings(_env_file=None, home=tmp_path)) is None
    monkeypatch.setenv("MODELS_TOKEN", "secret")
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(
        "models:\n  url: https://a.example/m\n  token: ${MODELS_TOKEN}\n"
        "  wait_time_between_pulls: 7\n"
    )
    settings = Settings(_env_file=None, home=tmp_path, endpoints=endpoints)
    server = ModelServer("https://a.example/m", {"token": "secret"})
    assert Source.of(settings) == Source(server, 7.0)
    settings.models_url = "https://b.example"
    assert Source.of(settings) == Source(ModelServer("https://b.example"), 100.0)
    endpoints.write_text("models:\n  url: https://a.example/m\n  wait_time_between_pulls:\n")
    settings.models_url = None
    assert Source.of(settings) == Source(ModelServer("https://a.example/m"), 100.0)
    endpoints.write_text("models: {url: 'file:///etc'}\n")
    with pytest.raises(BadRequest):
        Source.of(settings)
    endpoints.write_text("action_endpoint: {url: 'http://x'}\n")
    assert Source.of(settings) is None


# -- remote storage -------------------------------------------------------------------------


@pytest.fixture
def bucket(end: ModelEnd, monkeypatch: pytest.MonkeyPatch) -> ModelEnd:
    """An S3 of the test's own, with its variables set."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BUCKET_NAME", "bots")
    monkeypatch.setenv("AWS_ENDPOINT_URL", end.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "key")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    return end


async def test_model_is_fetched_from_a_bucket(bucket: ModelEnd, tmp_path: Path) -> None:
    bucket.models["/bots/shop/v1.tar.gz"] = (b"content", '"1"')
    path = await fetched("aws", "shop/v1", tmp_path, MOST)
    assert path.read_bytes() == b"content"
    signed = bucket.asked[-1][1]["authorization"]
    assert signed.startswith("AWS4-HMAC-SHA256 Credential=id/")
    assert "/eu-central-1/s3/aws4_request" in signed
    with pytest.raises(NotFound, match=r"other\.tar\.gz"):
        await fetched("aws", "other.tar.gz", tmp_path, MOST)
    with pytest.raises(ServiceError, match="too large"):
        await fetched("aws", "shop/v1.tar.gz", tmp_path, 3)
    bucket.status = 403
    with pytest.raises(Unavailable, match="does not give"):
        await fetched("aws", "shop/v1.tar.gz", tmp_path, MOST)
    assert os.listdir(tmp_path) == [path.name]


@pytest.mark.parametrize(
    ("storage", "wanted"),
    [
        ("ftp", "aws, gcs, azure"),
        ("aws", "BUCKET_NAME"),
        ("gcs", "BUCKET_NAME"),
        ("azure", "AZURE_CONTAINER"),
    ],
)
async def test_storage_that_is_not_set_up_says_what_is_missing(
    storage: str, wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BUCKET_NAME", "AZURE_CONTAINER"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadRequest, match=wanted):
        await fetched(storage, "v1", tmp_path, MOST)


async def test_storage_without_its_library_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(Unavailable, match=r"frontdesk\[storage\]"):
        await fetched("aws", "v1", tmp_path, MOST)
