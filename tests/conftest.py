"""What holds for every test."""

from __future__ import annotations

import gc
import logging

gc.disable()


def pytest_collection_finish() -> None:
    """Whatever the collection has loaded stays to the end: the collector of garbage, which would
    look through all of it time and again, is off until then and passes it over."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()
    _join_loggers()


def _join_loggers() -> None:
    """Let torch's loggers hand on what they log: a test's log is caught at the root, and at every
    logger that hands nothing on, of which torch has fifty, three times a test."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.split(".")[0] == "torch" and isinstance(logger, logging.Logger):
            logger.propagate = True
