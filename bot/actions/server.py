"""The pack's action server: rasa-sdk itself, in a process of its own on a private socket.

Run as ``python -m bot.actions.server --actions <folder> --socket <path>`` by the supervisor,
with an environment that holds none of the service's secrets. The socket's folder is mode
0700: nobody else on the machine can pose as the service and ask for a customer's orders.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path


def has_actions(folder: Path) -> bool:
    """Whether an assistant brings actions along: ``actions/``, or ``actions.py`` as in 1.x."""
    return (folder / "actions").is_dir() or (folder / "actions.py").is_file()


def main() -> None:
    """Serve the ``actions`` package of an assistant's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="assistant with actions")
    parser.add_argument("--socket", type=Path, required=True)
    arguments = parser.parse_args()
    sys.path.insert(0, str(arguments.folder))
    logging.basicConfig(level=logging.WARNING)

    from rasa_sdk.endpoint import create_app
    from rasa_sdk.executor import ActionExecutor

    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(executor, cors_origins=[])
    app.config.KEEP_ALIVE_TIMEOUT = 120
    app.run(
        unix=str(arguments.socket),
        single_process=True,
        access_log=False,
        motd=False,
    )


if __name__ == "__main__":
    main()
