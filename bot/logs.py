"""Structured logs with personal data masked, whatever a caller puts into them."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_MASKS = (
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), "<email>"),
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), "<phone>"),
    (re.compile(r"(?<![\dA-Za-z])\d{15,19}[\dXx]?(?![\dA-Za-z])"), "<number>"),
    (re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{8,14}(?![A-Za-z0-9])"), "<reference>"),
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
        event[key] = _plain(key, value)
    return event


def _plain(key: Any, value: Any) -> Any:
    """Mask a value, however deep it lies."""
    if key in _SECRET_KEYS:
        return "<masked>"
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {inner: _plain(inner, item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(None, item) for item in value]
    return mask(repr(value)) if isinstance(value, BaseException | bytes) else value


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
        # what is not shown is not made up either
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
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
