from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs

SECRETS = ["13800015521", "emma@example.com", "HL20418376", "6222020200112233445"]


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    before = (list(logging.root.handlers), logging.root.level, structlog.get_config())
    logs.configure("INFO", as_json=True)
    stream = io.StringIO()
    handler = logging.root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    logging.root.handlers[:], logging.root.level = before[0], before[1]
    structlog.configure(**before[2])


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("call 13800015521 now", "call <phone> now"),
        ("电话13800015521。", "电话<phone>。"),
        ("+86 138 0001 5521", "<phone>"),
        ("mail emma.c@example.com.", "mail <email>."),
        ("邮箱emma@example.com谢谢", "邮箱<email>谢谢"),
        ("card 6222020200112233445", "card <number>"),
        ("id 11010519491231002X", "id <number>"),
        ("order HL20418376", "order <reference>"),
        ("订单HL20418376到哪了", "订单<reference>到哪了"),
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer <token>"),
        ("took 1234 ms in 2025", "took 1234 ms in 2025"),
    ],
)
def test_mask(text: str, wanted: str) -> None:
    assert logs.mask(text) == wanted


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "written",
    [
        lambda s: {"why": f"because 因为{s}"},
        lambda s: {"data": {"inner": [f"x {s}"]}},
        lambda s: {"text": s},
        lambda s: {"rows": ({"token": s, "note": s},)},
        lambda s: {"error": ValueError(f"bad {s}")},
    ],
)
def test_no_personal_data_reach_the_log(output: io.StringIO, secret: str, written: Any) -> None:
    structlog.get_logger("t").warning(f"event {secret}", **written(secret))
    line = output.getvalue()
    assert secret not in line
    assert json.loads(line)["level"] == "warning"


def test_exceptions_and_other_libraries_are_masked_too(output: io.StringIO) -> None:
    try:
        raise ValueError("no such phone 13800015521")
    except ValueError:
        structlog.get_logger("t").exception("failed")
        logging.getLogger("library").exception("failed for %s", "emma@example.com")
    text = output.getvalue()
    assert "13800015521" not in text
    assert "emma@example.com" not in text
    assert text.count("Traceback") == 2


def test_numbers_stay_numbers(output: io.StringIO) -> None:
    structlog.get_logger("t").info("turn.done", ms=12.5, ok=True)
    line = json.loads(output.getvalue())
    assert (line["ms"], line["ok"]) == (12.5, True)
