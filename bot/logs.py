"""Structured logs with personal data masked, whatever a caller puts into them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_MASKS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"), "<email>"),
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), "<phone>"),
    (re.compile(r"(?<![\dA-Za-z])\d{15,19}[\dXx]?(?![\dA-Za-z])"), "<number>"),
    (re.compile(r"\b[A-Z]{2}\d{8,14}\b"), "<reference>"),
    (re.compile(r"(?i)\bbearer\s+[\w.~+/=-]+"), "Bearer <token>"),
)
_SECRET_KEYS = frozenset(
    {"text", "token", "password", "authorization", "cookie", "secret", "contact", "payload"}
)


def mask(text: str) -> str:
    """Return ``text`` with e-mails, phones, long numbers, references and tokens masked."""
    for pattern, label in _MASKS:
        text = pattern.sub(label, text)
    return text


def _masked(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key in _SECRET_KEYS:
            event[key] = "<masked>"
        elif isinstance(value, str):
            event[key] = mask(value)
    return event


def configure(level: str, *, as_json: bool) -> None:
    """Set logging up for this process: structlog and the libraries' own loggers alike."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _masked,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    )
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
