"""A server of chat completions that behaves, or fails, as the model that is asked for says.

Prints its port; serves until it is killed.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPLY = "It’s too late to cancel {order_id}. 抱歉。"
CUT: set[str] = set()


def event(words: str, reason: str | None = None) -> bytes:
    chunk = {"choices": [{"index": 0, "delta": {"content": words}, "finish_reason": reason}]}
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n".encode()


BODY = event(REPLY[:20]) + b": ping\n\n" + event(REPLY[20:]) + event("", "stop")
END = b"data: [DONE]\n\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/chat/completions"
        assert self.headers["Authorization"] == "Bearer k"
        assert asked["stream"] is True
        getattr(self, "say_" + asked["model"].replace("-", "_"))()

    def say_whole(self) -> None:
        self.stream(BODY + END)

    def say_bytewise(self) -> None:
        self.stream(*(bytes([byte]) for byte in BODY + END))

    def say_plain(self) -> None:
        message = {"message": {"content": REPLY}, "finish_reason": "stop"}
        self.answer(200, json.dumps({"choices": [message]}).encode())

    def say_broken(self) -> None:
        self.stream(event(REPLY[:20]), b'data: {"choices": [{"delta"\n\n', END)

    def say_cut(self) -> None:
        self.head()
        self.chunk(event(REPLY[:20]))
        self.wfile.write(b"400\r\ndata: half a chunk")
        self.close_connection = True

    def say_once_cut(self) -> None:
        first = "once" not in CUT
        CUT.add("once")
        self.say_cut() if first else self.say_whole()

    def say_reset(self) -> None:
        self.head()
        self.chunk(event(REPLY[:20]))
        self.wfile.flush()
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True

    def say_busy(self) -> None:
        self.answer(503, b'{"error": {"message": "loading", "code": 503}}')

    def say_refused(self) -> None:
        self.answer(401, b"who are you")

    def say_length(self) -> None:
        self.stream(event(REPLY[:20], "length"), END)

    def say_endless(self) -> None:
        self.until_gone(lambda: self.chunk(event("and so on " * 20)))

    def say_silent(self) -> None:
        self.head()
        self.chunk(event(REPLY[:20]))
        time.sleep(2)
        self.close_connection = True

    def say_slow(self) -> None:
        def drop() -> None:
            self.chunk(b": ping\n\n")
            time.sleep(0.05)

        self.until_gone(drop)

    def until_gone(self, send: Callable[[], None]) -> None:
        self.head()
        self.close_connection = True
        try:
            while True:
                send()
        except OSError:
            pass

    def head(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def stream(self, *parts: bytes) -> None:
        self.head()
        for part in parts:
            self.chunk(part)
        self.chunk(b"")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
