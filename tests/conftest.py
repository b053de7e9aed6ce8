"""What holds for every test."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """Whatever the collection has loaded stays to the end: the collector of garbage, which would
    look through all of it time and again, passes it over."""
    gc.collect()
    gc.freeze()
