"""One worker process: takes its socket and its addresses from the supervisor, and serves."""

from __future__ import annotations

import argparse
import socket

import uvicorn

from bot import garbage, logs
from bot.app import create_app
from bot.service import Service
from bot.settings import Settings

KEEP_ALIVE = 75
"""Seconds that a connection may be idle."""


def main() -> None:
    """Entry point of ``python -m bot.worker``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fd", type=int, required=True, help="listening socket")
    parser.add_argument("--redis", required=True)
    parser.add_argument("--actions")
    parser.add_argument("--name", required=True, help="name under which turns are leased")
    arguments = parser.parse_args()
    settings = Settings()
    logs.configure(settings.log_level, as_json=settings.log_json)
    service = Service.build(
        settings,
        redis_url=arguments.redis,
        actions_url=arguments.actions,
        worker=arguments.name,
    )
    garbage.tend(service.releases)
    # whatever an earlier process of this name held is free to be taken up
    service.record.release_worker(arguments.name)
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        ws_max_size=settings.max_body,
        # messages are short: packing one costs more than sending it
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=10,
        # longer than clients and proxies keep an idle connection: who closes first must be they,
        # or a request meets a connection that is just being closed
        timeout_keep_alive=KEEP_ALIVE,
        server_header=False,
        proxy_headers=False,
    )
    listening = socket.socket(fileno=arguments.fd)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
