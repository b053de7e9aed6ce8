"""Another server words the responses; the own wording stands in where it does not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.events import Event
from bot.rasa.endpoint import RasaEndpoint
from bot.rasa.nlg_client import MOST, NlgClient, unworded
from bot.responder import Reply, Responder
from bot.settings import Settings
from bot.tracker import Tracker
from models.errors import BadRequest
from models.filling.generator import GenerationRequest, TemplateFiller, Value

pytestmark = pytest.mark.anyio

TRACKER = Tracker.fresh("c1", {"city": "Berlin"}, "en")
SAY = Responder(TemplateFiller()).say
OWN = {"text": "Own words", "template": "utter_x", "language": "en", "buttons": []}


def reply() -> Reply:
    values = {"city": Value("Berlin", "slot:city"), "days": Value(3, "action:a")}
    return Reply("bot", dict(OWN), request=GenerationRequest("Own words", values, "en"))


def client(answer: Any, timeout: float = 1.0) -> tuple[NlgClient, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    async def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, int):
            return httpx.Response(answer)
        if answer is None:
            await asyncio.sleep(60)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return httpx.Response(200, content=content)

    endpoint = RasaEndpoint.of({"url": "http://nlg.test/nlg", "token": "t"})
    return NlgClient(endpoint, timeout, httpx.MockTransport(respond)), asked


async def test_a_response_is_said_in_the_servers_words() -> None:
    answer = {"text": "Theirs", "buttons": [{"title": "A", "payload": "/a"}],
              "image": "https://x.test/a.png", "attachments": [], "elements": []}  # fmt: skip
    nlg, asked = client(answer)
    said = await nlg.worded(reply(), TRACKER, "rest", SAY)
    assert said is not None
    assert said.data["text"] == "Theirs"
    assert said.data["template"] == "utter_x"
    assert said.data["generator"] == "nlg"
    assert said.data["buttons"] == answer["buttons"]
    assert said.data["image"] == answer["image"]
    body = json.loads(asked[0].content)
    assert body["response"] == "utter_x"
    assert body["arguments"] == {"days": 3}
    assert body["tracker"]["slots"] == {"city": "Berlin"}
    assert body["channel"] == {"name": "rest"}
    assert asked[0].url.params["token"] == "t"
    await nlg.close()


@pytest.mark.parametrize(
    "answer",
    [404, 500, b"no json", [1], {"text": 7}, {"text": "a", "buttons": "b"}, {"text": ""}, {},
     b"x" * (MOST + 1), httpx.ConnectError("away")],
)  # fmt: skip
async def test_the_own_wording_stands_in_and_what_has_none_is_not_said(answer: Any) -> None:
    nlg, _ = client(answer)
    own = reply()
    assert await nlg.worded(own, TRACKER, "rest", SAY) is own
    assert await nlg.worded(unworded("utter_y", "en", {}), TRACKER, "rest", SAY) is None


async def test_a_server_that_hangs_is_not_waited_for() -> None:
    nlg, _ = client(None, timeout=0.05)
    own = reply()
    assert await nlg.worded(own, TRACKER, "rest", SAY) is own


async def test_a_server_that_fails_is_left_alone_for_a_while() -> None:
    nlg, asked = client(500)
    for _ in range(6):
        await nlg.worded(reply(), TRACKER, "rest", SAY)
    assert len(asked) == 3


async def test_other_words_than_responses_are_nobody_elses() -> None:
    nlg, asked = client({"text": "Theirs"})
    events = [
        Event("slot", {"name": "a", "value": 1}),
        Event("bot", {"text": "an action's own", "buttons": []}),
        Event("bot", {"text": "a fact", "template": "graph:price/value", "buttons": []}),
    ]
    assert await nlg.all_worded(events, TRACKER, "rest", SAY) == events
    assert not asked


def test_the_server_is_named_by_settings_or_by_rasas_endpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settings(**given: Any) -> Settings:
        return Settings(_env_file=None, home=tmp_path, **given)  # type: ignore[call-arg]

    assert NlgClient.of(settings()) is None
    assert NlgClient.of(settings(nlg_url="http://nlg.test")) is not None
    file = tmp_path / "endpoints.yml"
    file.write_text("nlg:\n  url: ${NLG}\n  token: a\n", encoding="utf-8")
    monkeypatch.setenv("NLG", "https://nlg.test/nlg")
    assert NlgClient.of(settings(endpoints=file)) is not None
    file.write_text("nlg:\n  type: response\n", encoding="utf-8")
    assert NlgClient.of(settings(endpoints=file)) is None
    with pytest.raises(BadRequest, match="cannot be asked"):
        NlgClient.of(settings(nlg_url="ftp://nlg.test"))
