"""What templates are for is remembered by kind of customer; nothing else leaks between queries."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.search import filters
from retrieval.search.filters import Eligibility, Query
from retrieval.templates import Template

TEMPLATES = [
    Template(id="all-1", name="utter_all", language="en", text="Hello."),
    Template(id="name-1", name="utter_name", language="en", text="Hello {name}."),
    Template(id="mail-1", name="utter_mail", language="en", text="Dear all.", channels=("email",)),
    Template(id="zh-1", name="utter_all", language="zh", text="您好。"),
]


def asked(**given: object) -> Query:
    return Query("hello", np.zeros(2, np.float32), **{"language": "en", **given})  # type: ignore[arg-type]


def test_filters_of_one_query_do_not_reach_the_next() -> None:
    eligible = Eligibility(TEMPLATES)
    none = asked(names=frozenset({"utter_nothing"}), slots=frozenset())
    assert eligible.mask(none).tolist() == [False] * 4
    assert eligible.mask(asked()).tolist() == [True, True, False, False]
    assert eligible.mask(asked(slots=frozenset())).tolist() == [True, False, False, False]
    assert eligible.mask(asked(channel="email")).tolist() == [True, True, True, False]
    assert eligible.mask(asked(language="zh-CN")).tolist() == [False, False, False, True]
    assert eligible.mask(asked()).tolist() == [True, True, False, False]


def test_no_more_kinds_of_customers_are_remembered_than_few(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(filters, "_KINDS", 3)
    eligible = Eligibility(TEMPLATES)
    for number in range(10):
        assert eligible.mask(asked(channel=f"c{number}")).tolist() == [True, True, False, False]
    assert len(eligible._meant) <= 3
