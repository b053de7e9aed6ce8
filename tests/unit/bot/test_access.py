from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from bot.api import access
from bot.secrets import Signer
from bot.settings import Settings
from models.errors import NotFound
from tests.support.records import SECRET
from tests.support.timing import within


def _connection(
    peer: str | None = "203.0.113.9",
    scheme: str = "http",
    headers: dict[str, str] | None = None,
    **options: Any,
) -> HTTPConnection:
    service = SimpleNamespace(
        settings=Settings(_env_file=None, **options),
        visitors=Signer(SECRET, "visitor"),
        tokens=Signer(SECRET, "conversation"),
    )
    given = {"host": "shop.example", **(headers or {})}
    return HTTPConnection(
        {
            "type": "websocket" if scheme.startswith("ws") else "http",
            "scheme": scheme,
            "path": "/",
            "server": ("shop.example", 80),
            "client": (peer, 4711) if peer else None,
            "headers": [(k.encode(), v.encode()) for k, v in given.items()],
            "app": SimpleNamespace(state=SimpleNamespace(service=service)),
        }
    )


def _allowed(origin: str | None, *, staff: bool = False, **more: Any) -> bool:
    headers = {"origin": origin} if origin else {}
    return access.origin_allowed(_connection(headers=headers, **more), staff=staff)


def test_clients_that_are_no_browser_send_no_origin() -> None:
    assert _allowed(None)
    assert _allowed(None, staff=True)


@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_own_pages_may_talk_to_us(scheme: str) -> None:
    assert _allowed("http://shop.example", scheme=scheme)
    assert _allowed("http://shop.example", scheme=scheme, staff=True)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://shop.example",
        "http://shop.example:8081",
        "http://shop.example.evil.example",
        "null",
        "http://",
        "http://SHOP.example/",
    ],
)
@pytest.mark.parametrize("staff", [True, False])
def test_other_pages_may_not(origin: str, staff: bool) -> None:
    assert not _allowed(origin, staff=staff)
    assert not _allowed(origin, staff=staff, scheme="ws")


def test_configured_origin_may_embed_the_widget_and_not_act_for_staff() -> None:
    origins = ("https://site.example",)
    assert _allowed("https://site.example", origins=origins)
    assert not _allowed("https://site.example", origins=origins, staff=True)


def test_behind_tls_the_own_origin_is_https() -> None:
    assert _allowed("https://shop.example", secure_cookies=True, staff=True)


# -- visitors -------------------------------------------------------------------------------


def _address(connection: HTTPConnection) -> str:
    return access.client_address(connection, access.service_of(connection))


def _visitor(connection: HTTPConnection) -> str:
    return access.visitor_of(connection, access.service_of(connection))


def test_forwarded_address_counts_from_a_trusted_proxy_only() -> None:
    headers = {"x-forwarded-for": "198.51.100.1, 198.51.100.2"}
    assert _address(_connection(headers=headers)) == "203.0.113.9"
    trusted = ("203.0.113.9",)
    assert _address(_connection(headers=headers, trusted_proxies=trusted)) == "198.51.100.2"
    assert _address(_connection(trusted_proxies=trusted)) == "203.0.113.9"
    assert _address(_connection(peer=None)) == "unknown"


def test_visitor_is_a_stable_pseudonym() -> None:
    first = _visitor(_connection("203.0.113.9"))
    assert first == _visitor(_connection("203.0.113.9"))
    assert first != _visitor(_connection("203.0.113.10"))
    assert "203" not in first
    assert _visitor(_connection(peer="not an address"))


def test_visitor_of_ipv6_is_his_network() -> None:
    first = _visitor(_connection("2001:db8:1:2::1"))
    assert first == _visitor(_connection("2001:db8:1:2:ffff::9"))
    assert first != _visitor(_connection("2001:db8:1:3::1"))


# -- tokens ---------------------------------------------------------------------------------


@within(5)
async def test_stranger_learns_nothing() -> None:
    service: Any = access.service_of(_connection())
    own = access.conversation_token(service, "c1")
    other = access.conversation_token(service, "c2")
    messages = set()
    for identifier, token in (("c1", other), ("c1", ""), ("c1", None), ("nobody", own)):
        with pytest.raises(NotFound) as refused:
            await access.open_conversation(service, identifier, token)
        messages.add(str(refused.value))
    assert messages == {"There is no such conversation."}
