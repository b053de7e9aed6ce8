"""What a situation is made of, and the head that learns which template follows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ModelError
from models.learning.mixed import MixedSettings
from retrieval.next_template import NextTemplate
from retrieval.situation import DECAY, Frame, Situation, marks, remember
from tests.unit.retrieval.encoders import DIM, trigrams


def situation(text: str, **more: object) -> Situation:
    return Situation(text, trigrams([text])[0], **more)  # type: ignore[arg-type]


def test_earlier_lines_fade() -> None:
    one, two = trigrams(["first", "second"])
    np.testing.assert_allclose(remember(remember(None, one), two), two + DECAY * one, rtol=1e-6)


def test_marks_tell_what_was_said_what_is_known_and_what_was_written() -> None:
    found = marks(
        situation(
            "yes please",
            said=("ask_name", "ask_time"),
            results=((("status", "open"), ("wait", "12")),),
            fresh=True,
            before="I am Ann",
        )
    )
    expected = {
        "last=ask_time", "last2=ask_name", "both=ask_name|ask_time", "said=ask_name", "fresh",
        "new:status=open", "new:wait=#", "word=yes", "ask_time|yes", "pair=yes please",
        "heard=ann", "heard=yes",
    }  # fmt: skip
    assert expected <= set(found)


def test_what_is_absent_is_zeros() -> None:
    lines = [situation("one"), situation("two", replied=trigrams(["hello"])[0])]
    dense = Frame.of(lines, list(trigrams(["hello", "bye"]))).dense(lines)
    assert dense.shape == (2, 3 * DIM + 4)
    assert not dense[0, DIM : 3 * DIM].any()
    assert dense[1, DIM : 2 * DIM].any()


@settings(deadline=None)  # the first Chinese line loads the dictionary
@given(st.text(max_size=60), st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5))))
def test_any_words_and_facts_are_read(text: str, facts: list[tuple[str, str]]) -> None:
    assert marks(Situation(text, np.zeros(2, np.float32), results=(tuple(facts),)))


def test_nothing_to_learn_from_is_said() -> None:
    with pytest.raises(ModelError, match="Nothing to learn"):
        NextTemplate.learn([], [])


def test_next_template_depends_on_the_one_before(tmp_path: Path) -> None:
    lines = [
        (situation("yes", said=(said,)), wanted)
        for said, wanted in (("ask_book", "booked"), ("ask_more", "goodbye"))
        for _ in range(24)
    ]
    quick = MixedSettings(hidden=8, epochs=25, batch=16, rate=3e-2, seeds=1)
    head = NextTemplate.learn([s for s, _ in lines], [label for _, label in lines], quick)
    head.save(tmp_path / "head.npz")
    loaded = NextTemplate.load(tmp_path / "head.npz")
    for asked, wanted in (lines[0], lines[-1]):
        scores = loaded.scores([asked])[0]
        assert loaded.labels[int(scores.argmax())] == wanted
        assert np.exp(scores).sum() == pytest.approx(1.0, rel=1e-4)
