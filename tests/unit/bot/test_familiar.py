"""What is remembered of messages that come again, and what is not."""

from __future__ import annotations

import gc
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from bot.familiar import LONGEST, Familiar
from intents.parse import Parse
from intents.requests.dividing import Segment
from intents.understanding import Understanding
from intents.values.patterns import Found
from tests.unit.bot.test_inference import parse_of


class Release:
    """Stands for a loaded release, which is known by identity."""


def release() -> Understanding:
    return cast("Understanding", Release())


def test_only_the_same_words_asked_in_the_same_place_are_known() -> None:
    familiar, shop = Familiar(), release()
    familiar.keep(shop, "how long", None, parse_of("how long"))
    found = familiar.recall(shop, "how long", None)
    assert found is not None
    assert found.text == "how long"
    assert familiar.recall(shop, "How long", None) is None
    assert familiar.recall(shop, "how long", "size") is None
    assert familiar.recall(release(), "how long", None) is None


@pytest.mark.parametrize(
    "text", ["my order 4711", "手机尾号８８６１", "mail me at ana@example.com", "x" * (LONGEST + 1)]
)
def test_what_may_be_somebody_s_own_is_not_kept(text: str) -> None:
    familiar, shop = Familiar(), release()
    familiar.keep(shop, text, None, parse_of(text))
    assert familiar.recall(shop, text, None) is None


def test_what_depends_on_the_moment_is_not_kept() -> None:
    day = Found(
        0, 8, "date", "tomorrow", "tomorrow", "pattern", 1.0, resolved={"day": "2026-11-23"}
    )
    kettle = Found(0, 6, "product", "kettle", "kettle", "tagger", 1.0)
    familiar, shop = Familiar(), release()
    familiar.keep(shop, "tomorrow?", None, replace(parse_of("tomorrow?"), entities=(day,)))
    familiar.keep(shop, "kettle?", None, replace(parse_of("kettle?"), entities=(kettle,)))
    assert familiar.recall(shop, "tomorrow?", None) is None
    assert familiar.recall(shop, "kettle?", None) is not None


def test_several_requests_are_read_anew() -> None:
    familiar, shop = Familiar(), release()
    several = cast("tuple[Segment, ...]", (object(),))
    familiar.keep(shop, "this and that", None, replace(parse_of("this and that"), segments=several))
    assert familiar.recall(shop, "this and that", None) is None


def test_the_least_recently_used_goes_first() -> None:
    familiar, shop = Familiar(2), release()
    for text in ("a", "b"):
        familiar.keep(shop, text, None, parse_of(text))
    familiar.recall(shop, "a", None)
    familiar.keep(shop, "c", None, parse_of("c"))
    known = [text for text in "abc" if familiar.recall(shop, text, None) is not None]
    assert known == ["a", "c"]


def test_nothing_is_kept_where_that_is_set() -> None:
    familiar, shop = Familiar(0), release()
    familiar.keep(shop, "a", None, parse_of("a"))
    assert familiar.recall(shop, "a", None) is None


def test_a_row_does_not_keep_its_batch_alive() -> None:
    batch = np.ones((16, 4), np.float32)
    parse: Parse = replace(parse_of("a"), vector=batch[3])
    familiar, shop = Familiar(), release()
    familiar.keep(shop, "a", None, parse)
    found = familiar.recall(shop, "a", None)
    assert found is not None
    assert found.vector.base is None
    assert (found.vector == 1).all()


def test_a_release_that_is_gone_takes_its_readings_along() -> None:
    familiar, shop = Familiar(), release()
    familiar.keep(shop, "a", None, parse_of("a"))
    del shop
    gc.collect()
    assert len(familiar._read) == 0
