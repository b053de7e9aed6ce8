"""What holds for every test."""

from __future__ import annotations

import gc

gc.disable()


def pytest_collection_finish() -> None:
    """Whatever the collection has loaded stays to the end: the collector of garbage, which would
    look through all of it time and again, is off until then and passes it over."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()
