"""``frontdesk serve`` as a real process with real children, one of which is killed."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.integration.bot.conftest import Ledger
from tests.support import tiny
from tests.support.installation import Installation, installed
from tests.support.service import Customer
from tests.support.timing import eventually, eventually_now, within

pytestmark = pytest.mark.weights


@pytest.fixture
def home(tiny_home: Path, tmp_path: Path) -> Path:
    return tiny.copied(tiny_home, tmp_path / "home")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    folder = tmp_path / "ledger"
    folder.mkdir()
    return Ledger(folder)


async def _customer(http: httpx.AsyncClient, base: str) -> Customer:
    data = (await http.post(f"{base}/api/v1/conversations", json={})).json()
    return Customer(http, base, data["conversation_id"], data["token"])


def _alive(pid: int) -> bool:
    try:
        return b"Z" not in Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[0]
    except OSError:
        return False


@within(120)
async def test_first_start_second_start_and_ctrl_c(
    home: Path, short_path: Path, ledger: Ledger
) -> None:
    variables = {"SHOP_DB": str(ledger.folder), "FRONTDESK_SETUP_CODE": "the-set-up-code"}
    async with httpx.AsyncClient(timeout=20) as http:
        with installed(home, short_path, **variables) as first:
            base = first.base
            assert "the-set-up-code" in first.output
            for page in ("/desk", "/studio", "/docs"):
                assert f"{page}\n" in first.output
            customer = await _customer(http, base)
            assert (await customer.say("please cancel HL20418376"))["text"].endswith("cancelled.")
            assert ledger.cancelled == ["HL20418376"]
            ready = (await http.get(f"{base}/readyz")).json()
            assert ready["status"] == "ok", ready

            with installed(home, short_path, **variables) as second:
                eventually_now(lambda: second.process.poll() is not None, 30)
                eventually_now(lambda: "already runs" in second.output)
                assert second.process.returncode == 1
                assert str(first.process.pid) in second.output
                assert "Traceback" not in second.output
            assert (await customer.say("hello"))["text"].startswith("Hello")

            children = first.children()
            assert len(children) == 3
            began = time.monotonic()
            assert first.stop(signal.SIGINT) == 0
            assert time.monotonic() - began < 30
            assert [pid for pid in children if _alive(pid)] == []
            assert "Stopped; conversations are kept." in first.output
            assert "Traceback" not in first.output

        before = time.monotonic()
        with installed(home, short_path, **variables) as again:
            base = again.base
            same = Customer(http, base, customer.id, customer.token)
            assert [e["role"] for e in await same.events()] == ["customer", "bot"] * 2
            assert (await same.say("thank you"))["text"] == "You are welcome."
            # the promise is 5 s on two idle cores
            assert time.monotonic() - before < 30
            assert again.stop(signal.SIGTERM) == 0


def _hold(where: str) -> Callable[[Ledger], None]:
    return lambda ledger: ledger.hold(where)


@pytest.mark.parametrize("when", ["before", "during", "after"])
def test_worker_killed_around_an_action(
    home: Path, short_path: Path, ledger: Ledger, record_options: dict[str, str], when: str
) -> None:
    """Answered within ten seconds, and the order is cancelled once."""

    @within(110)
    async def run(found: Installation) -> None:
        base = found.base
        async with httpx.AsyncClient(timeout=20) as http:
            customer = await _customer(http, base)
            await customer.say("hello")
            if when != "before":
                ledger.hold("before" if when == "during" else "after")
            answer = await customer.post("please cancel HL20418376")
            assert answer.status_code == 202
            began = time.monotonic()
            if when == "during":
                await eventually(lambda: len(ledger.calls) == 1)
            if when == "after":
                await eventually(lambda: len(ledger.cancelled) == 1)
            found.kill_worker()
            ledger.let_go()
        # the connections to the dead worker are gone with it
        async with httpx.AsyncClient(timeout=20) as http:
            again = Customer(http, base, customer.id, customer.token)

            async def back() -> bool:
                try:
                    return bool(await again.events())
                except httpx.HTTPError:
                    return False

            await eventually(back, 30)
            reply = await again.until(
                lambda e: e["role"] == "bot", answer.json()["seq"], seconds=30
            )
            took = time.monotonic() - began
            assert reply["text"] == "Order HL20418376 is cancelled."
            assert took < 10, took
            await again.say("thank you")
            replies = [e["text"] for e in await again.events() if e["role"] == "bot"]
            assert len(replies) == 3
        assert ledger.cancelled == ["HL20418376"]

    variables = {"SHOP_DB": str(ledger.folder), **record_options}
    with installed(home, short_path, **variables) as found:
        run(found)


def test_second_home_on_the_same_record_is_refused(
    home: Path, tmp_path: Path, short_path: Path, record_options: dict[str, str]
) -> None:
    shared = {"FRONTDESK_RECORD_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}", **record_options}
    other = tiny.copied(home, tmp_path / "other")
    with installed(home, short_path, FRONTDESK_SECRET="one", **shared) as first:
        assert first.base
        with installed(other, short_path, FRONTDESK_SECRET="one", **shared) as second:
            eventually_now(lambda: second.process.poll() is not None, 40)
            eventually_now(lambda: "Another Frontdesk serves from this record" in second.output)
            assert second.process.returncode == 1
            assert "FRONTDESK_RECORD_URL" in second.output
            assert "Traceback" not in second.output
        assert httpx.get(f"{first.base}/readyz").status_code == 200


def test_record_that_cannot_be_reached_is_told(home: Path, short_path: Path) -> None:
    url = "postgresql+psycopg://frontdesk:geheim@127.0.0.1:1/frontdesk"
    with installed(home, short_path, FRONTDESK_RECORD_URL=url) as found:
        eventually_now(lambda: found.process.poll() is not None, 40)
        eventually_now(lambda: "The record cannot be reached" in found.output)
        assert found.process.returncode == 1
        assert "Traceback" not in found.output
        assert "geheim" not in found.output


@within(110)
async def test_other_children_that_die_come_back(
    home: Path, short_path: Path, ledger: Ledger
) -> None:
    with installed(home, short_path, SHOP_DB=str(ledger.folder)) as found:
        base = found.base
        async with httpx.AsyncClient(timeout=20) as http:
            customer = await _customer(http, base)
            for name in ("redis-server", "bot.actions.server"):
                [pid] = found.children(name)
                os.kill(pid, signal.SIGKILL)
                assert (await customer.say("hello"))["text"].startswith("Hello")

                async def well() -> bool:
                    return (await http.get(f"{base}/readyz")).json()["status"] == "ok"

                await eventually(well, 30)
                assert found.children(name) != [pid]
            done = await customer.say("please cancel HL20418376")
            assert done["text"] == "Order HL20418376 is cancelled."


def test_action_server_is_given_none_of_the_services_secrets(
    home: Path, short_path: Path, ledger: Ledger
) -> None:
    variables = {"FRONTDESK_SECRET": "top-secret", "FRONTDESK_CUSTOMER_JWT_SECRET": "j" * 40}
    with installed(home, short_path, SHOP_DB=str(ledger.folder), **variables) as found:
        assert found.base
        [pid] = found.children("bot.actions.server")
        [redis] = found.children("redis-server")
        for child in (pid, redis):
            environment = Path(f"/proc/{child}/environ").read_bytes()
            assert b"FRONTDESK" not in environment
            assert b"top-secret" not in environment


def test_port_in_use_is_told(home: Path, short_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with installed(home, short_path, FRONTDESK_PORT=port) as found:
            eventually_now(lambda: found.process.poll() is not None, 30)
            eventually_now(lambda: "cannot be used" in found.output)
            assert found.process.returncode == 1
            assert "FRONTDESK_PORT" in found.output
            assert "Traceback" not in found.output
