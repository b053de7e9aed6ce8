"""Files named by Chatwoot: fetched from where they may be, within bounds."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.chatwoot_files import MOST_FILES, ChatwootFiles, files_of
from models.errors import BadRequest, FrontdeskError, TooLarge, Unavailable

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
FILE = {"url": "https://chat.example.com/blobs/1/a.png?sig=x", "name": "a.png"}


def files(answers: dict[str, Any], most: int = 1_000) -> tuple[ChatwootFiles, list[str]]:
    asked: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        found = answers.get(str(request.url), 404)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, str):
            return httpx.Response(302, headers={"location": found})
        return (
            httpx.Response(found) if isinstance(found, int) else httpx.Response(200, content=found)
        )

    transport = httpx.MockTransport(respond)
    storages = ["https://bucket.test"]
    return ChatwootFiles("http://chatwoot:3000/", storages, most, 5.0, transport), asked


async def test_a_file_is_fetched_from_the_chatwoot_that_is_set_up() -> None:
    own, asked = files({"http://chatwoot:3000/blobs/1/a.png?sig=x": "/disk/a",
                        "http://chatwoot:3000/disk/a": "https://bucket.test/a",
                        "https://bucket.test/a": PNG})  # fmt: skip
    found = await own.fetch(FILE)
    assert (found.media_type, found.name, found.content) == ("image/png", "a.png", PNG)
    assert len(asked) == 3
    await own.close()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("http://169.254.169.254/latest", Unavailable),
        ("https://bucket.test:444/a", Unavailable),
        ("file:///etc/passwd", Unavailable),
        ("/blobs/1/a.png?sig=x", Unavailable),
        (404, Unavailable),
        (500, Unavailable),
        (httpx.ReadTimeout("slow"), Unavailable),
        (b"<html></html>", BadRequest),
        (PNG + bytes(1_000), TooLarge),
    ],
)
async def test_what_cannot_or_must_not_be_fetched_is_refused(
    answer: Any, error: type[FrontdeskError]
) -> None:
    own, asked = files({"http://chatwoot:3000/blobs/1/a.png?sig=x": answer})
    with pytest.raises(error):
        await own.fetch(FILE)
    assert all(url.startswith("http://chatwoot:3000/") for url in asked)


def test_files_are_those_with_an_address() -> None:
    url = "https://chat.example.com/blobs/1/fl%20ower.png?x=1"
    body = {"attachments": [{"data_url": url}, {"file_type": "location"}, "a", {"data_url": 7},
                            {"data_url": "javascript:alert(1)"}]}  # fmt: skip
    assert files_of(body) == [{"url": url, "name": "fl ower.png"}]
    assert len(files_of({"attachments": [{"data_url": url}] * 50})) == MOST_FILES


@given(st.recursive(st.none() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(
    st.sampled_from(["attachments", "data_url"]), c)))  # fmt: skip
def test_any_event_has_files_or_none(given_: Any) -> None:
    assert isinstance(files_of({"attachments": given_}), list)
