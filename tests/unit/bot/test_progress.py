"""What is left of a stage, as plain lines say it."""

from __future__ import annotations

import pytest

from bot.commands.progress import EVERY, Bars, Pace


def test_the_time_left_is_that_of_the_pace_so_far() -> None:
    pace = Pace(1000)
    assert pace.advance(1, 0.0) is None
    assert pace.advance(99, EVERY - 1) is None
    line = pace.advance(100, 100.0)
    assert line == "200 of 1,000, about 7 min left"
    assert pace.advance(1, 101.0) is None


def test_what_was_done_before_says_nothing_of_the_pace() -> None:
    pace = Pace(1000)
    pace.advance(900, 0.0)
    assert pace.advance(10, 50.0) == "910 of 1,000, about 8 min left"


def test_no_line_without_a_total_and_none_at_the_end() -> None:
    assert [Pace(None).advance(5, t) for t in (0.0, 1e6)] == [None, None]
    pace = Pace(10)
    pace.advance(1, 0.0)
    assert pace.advance(9, 1e6) is None


def test_stages_are_told_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    bars = Bars()
    bars.start("Reading", 10)
    bars.advance(10)
    bars.done()
    bars.done()
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "Reading …"
    assert told[1].startswith("Reading: 0.")
    assert len(told) == 2
