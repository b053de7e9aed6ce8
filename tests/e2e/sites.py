"""Other people's web sites, each with an origin of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html>
<html lang="{language}">
  <head>
    <meta charset="utf-8">
    <title>A shop of somebody else</title>
    <link rel="icon" href="data:,">
  </head>
  <body>
    <h1>Tea and Kettles</h1>
    <script defer src="{service}/widget.js" data-language="auto" data-name="Tea help"></script>
  </body>
</html>
"""


@dataclass
class Site:
    """A running site; ``embeds`` is the service whose widget its page embeds."""

    origin: str
    embeds: str = ""
    language: str = "en"


@contextlib.contextmanager
def serving() -> Iterator[Site]:
    """Serve a page with the widget until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = PAGE.format(service=site.embeds, language=site.language).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.send_header("Content-Security-Policy", _policy(site.embeds))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _policy(service: str) -> str:
    """The policy that the widget's documentation asks for, and nothing more."""
    stream = service.replace("http", "ws", 1)
    return (
        f"default-src 'self'; script-src {service}; connect-src {service} {stream}; img-src data:"
    )
