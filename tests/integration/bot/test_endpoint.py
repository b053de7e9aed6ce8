"""The OpenAI-compatible client against a real HTTP server in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.generation.endpoint import EndpointGenerator
from models.errors import GenerationError
from models.filling.generator import GenerationRequest, Value

SERVER = Path(__file__).with_name("endpoint_server.py")
REQUEST = GenerationRequest(
    "Order {order_id} can't be cancelled any more.",
    {"order_id": Value("HL20418376", "slot:order_id")},
    "en",
    kinds={"order_id": "text"},
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.communicate()


def asked(url: str, model: str, timeout: float = 5.0) -> str:
    with closing(EndpointGenerator(url, model, key="k", timeout=timeout)) as generator:
        return generator.generate(REQUEST).text


@pytest.mark.parametrize("model", ["whole", "bytewise", "plain"])
def test_a_stream_is_read_however_it_is_cut_into_packets(url: str, model: str) -> None:
    assert asked(url, model) == "It’s too late to cancel HL20418376. 抱歉。"


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("broken", "no JSON"),
        ("cut", "RemoteProtocolError"),
        ("reset", "ReadError|RemoteProtocolError"),
        ("busy", "status 503: loading"),
        ("refused", "status 401"),
        ("length", "ended by length"),
        ("endless", "too long"),
    ],
)
def test_whatever_breaks_on_the_way_is_one_error(url: str, model: str, found: str) -> None:
    with pytest.raises(GenerationError, match=found):
        asked(url, model, timeout=30.0)


@pytest.mark.parametrize(("model", "found"), [("silent", "ReadTimeout"), ("slow", "too slow")])
def test_time_runs_out_in_the_middle_of_a_stream(url: str, model: str, found: str) -> None:
    started = time.monotonic()
    with pytest.raises(GenerationError, match=found):
        asked(url, model, timeout=0.4)
    assert time.monotonic() - started < 10


def test_one_client_goes_on_after_an_error_and_nobody_there_is_told(url: str) -> None:
    with closing(EndpointGenerator(url, "once-cut", key="k", timeout=5.0)) as generator:
        with pytest.raises(GenerationError):
            generator.generate(REQUEST)
        assert "HL20418376" in generator.generate(REQUEST).text
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(GenerationError, match="ConnectError"):
        asked(f"http://127.0.0.1:{port}/v1", "whole")
