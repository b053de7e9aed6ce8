"""Files from the upload to the agent's screen, and the words that readers find in them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.attachments.content import read_attachment
from bot.attachments.process import ProcessReader
from bot.attachments.readers import PictureEndpoint, SpeechEndpoint
from models.errors import ReadingFailed
from tests.integration.bot.conftest import World
from tests.support.files import documented_plugins, morse, png
from tests.support.processes import HANG, http, peer
from tests.support.service import API, Customer
from tests.support.timing import eventually, within

UNSOUND = """
import os
import time


class Unsound:
    def read(self, content, media_type, language):
        print("models talk", flush=True)
        size = len(content)
        if size == 1_001:
            time.sleep(3600)
        if size == 1_002:
            os._exit(3)
        if size == 1_003:
            raise ValueError("of the customer")
        if size == 1_004:
            return 7
        return os.environ.get("FRONTDESK_SECRET", "no secret")
"""


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "unsound.py").write_text(UNSOUND)
    monkeypatch.setenv("PYTHONPATH", f"{Path(__file__).parents[3]}:{folder}")
    monkeypatch.setenv("FRONTDESK_SECRET", "a secret that nobody may see at all")
    return documented_plugins(folder)


async def _send(customer: Customer, content: bytes, **query: str) -> httpx.Response:
    url = f"{customer.base}{API}/{customer.id}/attachments"
    return await customer.http.post(url, content=content, params=query, headers=customer.headers)


@within(60)
async def test_voice_is_a_turn_and_the_agent_sees_file_and_words(
    world: World, plugins: dict[str, Any]
) -> None:
    sound = morse("when are you open", plugins["morse"]["CODE"])
    options = {"speech_reader": "morse:Morse", "picture_reader": "sizes:Sizes"}
    async with world.serving(**options) as app, await app.administrator() as ada:
        customer = await app.customer(language="en")
        answer = await _send(customer, sound, name="../a.html", client_message_id="v1")
        assert answer.status_code == 202, answer.text
        seq = answer.json()["seq"]
        assert answer.json()["file"]["name"] == "a.wav"
        reply = await customer.until(lambda e: e["role"] == "bot", seq)
        assert "nine to six" in reply["text"]
        again = await _send(customer, sound, client_message_id="v1")
        assert (again.json()["seq"], again.json()["duplicate"]) == (seq, True)

        [mine] = [e for e in await customer.events() if e["role"] == "customer"]
        assert mine["text"] == ""
        assert mine["file"] == {
            "type": "audio", "media_type": "audio/wav", "name": "a.wav", "size": len(sound)
        }  # fmt: skip
        assert "transcript" not in mine

        seen = (await ada.get(f"desk/conversations/{customer.id}")).json()
        [heard] = [e for e in seen["events"] if e["role"] == "customer"]
        assert heard["transcript"] == "when are you open"
        assert heard["understood"]["intent"] == "opening_hours"
        turns = (await ada.get("studio/turns")).json()["turns"]
        assert turns[0]["text"] == "when are you open"

        path = f"{API}/{customer.id}/attachments/{seq}"
        own = await customer.http.get(path, headers=customer.headers)
        theirs = await ada.get(f"desk/conversations/{customer.id}/attachments/{seq}")
        for found in (own, theirs):
            assert found.content == sound
            assert found.headers["content-type"] == "audio/wav"
            assert found.headers["content-disposition"] == "attachment; filename*=UTF-8''a.wav"
            assert found.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in found.headers["content-security-policy"]
        stranger = await app.customer()
        assert (await customer.http.get(path, headers=stranger.headers)).status_code == 404
        assert (
            await customer.http.get(f"/api/v1/desk/conversations/{customer.id}/attachments/1")
        ).status_code == 401
        missing = f"{API}/{customer.id}/attachments/{seq + 1}"
        assert (await customer.http.get(missing, headers=customer.headers)).status_code == 404

        # what was written goes before what a model reads; without a reader it asks for words
        picture = await _send(customer, png(64, 48), text="what does delivery cost?")
        said = await customer.until(lambda e: e["role"] == "bot", picture.json()["seq"])
        assert "8 yuan" in said["text"]
        pdf = await _send(customer, b"%PDF-1.7")
        said = await customer.until(lambda e: e["role"] == "bot", pdf.json()["seq"])
        assert said["text"] == "Please write a few words."
        for content, status in ((b"<svg onload='x'/>", 400), (sound + bytes(5_000_000), 413)):
            assert (await _send(customer, content)).status_code == status

        # while a person has the conversation, the words are for them
        await ada.take(customer.id)
        await _send(customer, png(3, 2))

        async def added() -> bool:
            seen = (await ada.get(f"desk/conversations/{customer.id}")).json()
            return any(e.get("transcript") == "a picture of 3 by 2 points" for e in seen["events"])

        await eventually(added)


@within(60)
async def test_reader_that_hangs_leaves_the_file_and_the_next_one_is_read(
    world: World, plugins: dict[str, Any]
) -> None:
    options = {"picture_reader": "unsound:Unsound", "reader_timeout": 3.0}
    async with world.serving(**options) as app:
        customer = await app.customer(language="en")
        hanging = png(2, 2)
        hanging += bytes(1_001 - len(hanging))
        answer = await _send(customer, hanging)
        said = await customer.until(lambda e: e["role"] == "bot", answer.json()["seq"], 20)
        assert said["text"] == "Please write a few words."
        events = await customer.events()
        assert events[0]["file"]["size"] == 1_001
        answer = await _send(customer, png(2, 2))
        await customer.until(lambda e: e["role"] == "bot", answer.json()["seq"], 20)
        log = app.service.record.events(customer.id)
        assert [e.data["text"] for e in log if e.kind == "transcript"] == ["no secret"]


@within(60)
async def test_process_that_fails_is_an_error_and_the_next_one_is_started(
    plugins: dict[str, Any],
) -> None:
    reader = ProcessReader("unsound:Unsound")
    for size, wanted in ((1_002, "ended"), (1_003, "failed")):
        content = png(2, 2)
        content += bytes(size - len(content))
        with pytest.raises(ReadingFailed, match=wanted) as failed:
            await reader.read(read_attachment(content, "", 2_000), "en")
        assert "customer" not in str(failed.value)
    number = read_attachment(png(2, 2) + bytes(1_004 - len(png(2, 2))), "", 2_000)
    assert await reader.read(number, "en") == "7"
    reads = [reader.read(read_attachment(png(2, 2), "", 2_000), "en") for _ in range(3)]
    assert await asyncio.gather(*reads) == ["no secret"] * 3
    await reader.close()
    missing = ProcessReader("nowhere:Nothing")
    with pytest.raises(ReadingFailed, match="ended"):
        await missing.read(number, "en")
    await missing.close()


@within(30)
async def test_endpoints_are_asked_in_openais_form() -> None:
    sound = read_attachment(b"RIFF....WAVEfmt ", "a", 100)
    async with peer(lambda _: http(200, b'{"text": " when are you open "}')) as (url, seen):
        speech = SpeechEndpoint(url, "whisper-1", "k")
        assert (await speech.read(sound, "en")).strip() == "when are you open"
        await speech.close()
    assert b'name="file"; filename="a.wav"' in seen[0]
    assert b"RIFF....WAVEfmt " in seen[0]
    assert b"whisper-1" in seen[0]

    said = {"choices": [{"message": {"content": "a red shoe"}}]}
    picture = read_attachment(png(2, 2), "a", 1_000)
    async with peer(lambda _: http(200, json.dumps(said).encode())) as (url, seen):
        sight = PictureEndpoint(url, "m", None)
        assert await sight.read(picture, "zh") == "a red shoe"
        await sight.close()
    asked = json.loads(seen[0])["messages"][0]["content"]
    assert asked[1]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


@pytest.mark.parametrize(
    "answer",
    [
        http(500, b"{}"),
        http(200, b"<html>"),
        http(200, b"[]"),
        http(200, b'{"text": 7}'),
        http(200, b'{"choices": []}'),
        http(200, b'{"text": "' + b"a" * 300_000 + b'"}'),
        None,
        HANG,
    ],
)
def test_bad_endpoints_are_errors(answer: bytes | None) -> None:
    @within(15)
    async def run() -> None:
        file = read_attachment(png(2, 2), "a", 1_000)
        async with peer(lambda _: answer) as (url, _):
            for reader in (SpeechEndpoint(url, "m", None), PictureEndpoint(url, "m", None)):
                with pytest.raises((ReadingFailed, TimeoutError)):
                    async with asyncio.timeout(0.5):
                        await reader.read(file, "en")
                await reader.close()

    run()
