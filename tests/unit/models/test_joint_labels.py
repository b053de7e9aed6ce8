"""Labels that stand on the same characters: counted, joined for learning, taken apart again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.joint_labels import LEAST, Marked, apart, joined, labels_of

BOTH: list[Marked] = [(0, 10, "time"), (0, 10, "date")]


def test_labels_that_often_stand_together_are_learned_as_one() -> None:
    often = labels_of([BOTH] * LEAST)
    assert [apart(label) for label in often] == [["date"], ["date", "time"], ["time"]]
    assert labels_of([BOTH] * (LEAST - 1)) == ["date", "time"]


def test_only_the_same_characters_count() -> None:
    beside: list[Marked] = [(0, 10, "time"), (0, 9, "date"), (0, 10, "time")]
    assert labels_of([beside] * LEAST) == ["date", "time"]


def test_spans_are_joined_where_the_label_is_known() -> None:
    labels = labels_of([BOTH] * LEAST)
    spans: list[Marked] = [(12, 14, "people"), *BOTH]
    assert joined(spans, [*labels, "people"]) == [(0, 10, labels[1]), (12, 14, "people")]
    assert joined(spans, ["date", "people", "time"]) == [*BOTH, (12, 14, "people")]


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(5, 9), st.sampled_from("abc")), max_size=6)
)
def test_joining_loses_and_adds_nothing(spans: list[Marked]) -> None:
    labels = labels_of([spans] * LEAST)
    found = {
        (start, end, name) for start, end, label in joined(spans, labels) for name in apart(label)
    }
    assert found == set(spans)
