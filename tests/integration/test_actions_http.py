"""The action server as it is started for real: a rasa-sdk process with the pack's actions."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from intents.reading.folder import read_assistant
from tests.integration.actions_driver import DOMAIN, PACK, request
from tests.support.processes import end, free_port


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shop") / "shop.sqlite3"


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[httpx.Client]:
    port = free_port()
    command = [sys.executable, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port)]
    environment = {
        "PATH": os.environ["PATH"],
        "SHOP_DB": str(database),
        "SANIC_HOST": "127.0.0.1",
    }
    process = subprocess.Popen(
        command,
        cwd=PACK,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            _wait(client, process)
            yield client
    finally:
        end(process)


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the action server ended at its start"
        try:
            if client.get("/health").json() == {"status": "ok"}:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the action server did not answer within 60 s")


def post(client: httpx.Client, body: dict[str, Any]) -> httpx.Response:
    """Post the way the service does: compressed."""
    raw = zlib.compress(orjson.dumps(body))
    headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
    return client.post("/webhook", content=raw, headers=headers)


def test_a_real_call_reads_the_database(server: httpx.Client):
    slots = {"order_id": "HL20418376", "phone_tail": "5521"}
    answer = post(server, request("action_order_status", slots, visitor="v", language="zh"))
    assert answer.status_code == 200
    first = answer.json()["responses"][0]
    assert first["response"] == "utter_order_status"
    assert first["total_amount"] == 377
    assert first["items"] == "漂流蓝牙耳机（蓝色）、沙丘马克杯（白色，350 ml）×2"


def test_it_lists_every_action(server: httpx.Client):
    listed = {action["name"] for action in server.get("/actions").json()}
    assert listed == {*read_assistant(PACK).actions}


def test_a_body_that_is_not_compressed_is_read_too(server: httpx.Client):
    answer = server.post("/webhook", json=request("action_vouchers", {}, visitor="v"))
    assert answer.json()["responses"][0]["response"] == "utter_vouchers_sign_in"


def test_an_unknown_action_is_404(server: httpx.Client):
    answer = post(server, request("action_fly", {}))
    assert answer.status_code == 404
    assert answer.json()["action_name"] == "action_fly"


def test_a_missing_domain_is_449(server: httpx.Client):
    body = request("validate_track_form", {"__form__": "track_form"}, visitor="v")
    del body["domain"]
    answer = post(server, body)
    assert answer.status_code == 449
    assert answer.json()["action_name"] == "validate_track_form"
    assert post(server, {**body, "domain": DOMAIN}).status_code == 200


@pytest.mark.parametrize(
    ("action", "slots"),
    [("action_order_status", {}), ("action_order_status", {"order_id": "no number"}),
     ("action_cancel_order", {"order_id": "HL20418610"}),
     ("action_change_address", {"order_id": "HL20418610"})],
)  # fmt: skip
def test_what_an_action_cannot_do_is_a_rejection(server: httpx.Client, action: str, slots: Any):
    answer = post(server, request(action, slots, customer_id="C1005", visitor="v"))
    assert answer.status_code == 400
    assert answer.json()["action_name"] == action


def test_an_empty_body_is_400(server: httpx.Client):
    answer = server.post("/webhook", content=b"null")
    assert answer.status_code == 400
    assert "action_name" not in answer.json()


def test_twenty_requests_with_one_key_cancel_once(server: httpx.Client, database: Path):
    slots = {"order_id": "HL20418420", "confirm": True}
    body = request(
        "action_cancel_order",
        slots,
        customer_id="C1002",
        visitor="v",
        language="en",
        idempotency_key="turn-1:2:action_cancel_order",
    )
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: post(server, body), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["responses"][0]["response"] == "utter_order_cancelled"


def test_a_database_that_fails_is_an_error_and_no_answer(server: httpx.Client, database: Path):
    """The last test here: it breaks the file."""
    for path in database.parent.iterdir():
        path.unlink()
    database.write_bytes(b"no database" * 1000)
    body = request("action_vouchers", {}, customer_id="C1001", visitor="v")
    plain = server.post("/webhook", json=body)
    assert plain.status_code == 500
    assert "responses" not in plain.json()
    # Where the body was compressed, rasa-sdk trips over it while it reports the failure.
    packed = post(server, body)
    assert packed.status_code in (400, 500)
    assert b"action_name" not in packed.content
    assert b"responses" not in packed.content
    database.unlink()
    assert post(server, body).status_code == 200
