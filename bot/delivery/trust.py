"""Who is believed to be who they say, on the way out."""

from __future__ import annotations

import functools
import ssl

import httpx


@functools.cache
def trusted() -> ssl.SSLContext:
    """The public certificate authorities, read once: a client that is made for one request would
    read their 150 certificates each time."""
    return httpx.create_ssl_context()
