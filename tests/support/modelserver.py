"""A server that keeps models, as a test wants it: notes what it is asked, and may fail."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class ModelEnd:
    """What lies at which path (``models``: content and ETag), and what was asked for."""

    url: str = ""
    models: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    status: int | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextlib.contextmanager
def keeping() -> Iterator[ModelEnd]:
    """Run one."""
    end = ModelEnd()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            end.asked.append((self.path, headers))
            content, etag = end.models.get(self.path.partition("?")[0], (b"", ""))
            status = end.status or (200 if content else 404)
            if status == 200 and headers.get("if-none-match") == etag:
                status = 304
            body = content if status == 200 else b""
            self.send_response(status)
            if status == 200:
                self.send_header("ETag", etag)
                self.send_header("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
            if status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    end.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield end
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
