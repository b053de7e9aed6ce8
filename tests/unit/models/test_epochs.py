"""How long fine-tunes last: fewer epochs for more lines, and a bound where all layers learn."""

from __future__ import annotations

import pytest

from models.epochs import LINES, LONG, READ, READ_DEEP, deep_epochs, default_epochs, read_of_each


def test_epochs_fall_with_the_number_of_lines() -> None:
    epochs = [default_epochs(n) for n in (1, 385, 770, 3000, 10_000, 100_000)]
    assert epochs == sorted(epochs, reverse=True)
    assert (epochs[0], epochs[-1]) == (10, 5)


@pytest.mark.parametrize("deep", [True, False])
@pytest.mark.parametrize(("lines", "each"), [(13_000, 13), (16_000, 33), (45_000, 45), (9000, 80)])
def test_what_is_read_is_bounded_but_for_the_least_number_of_lines(
    lines: int, each: int, deep: bool
) -> None:
    epochs = default_epochs(lines, lines * each, deep)
    assert 1 <= epochs <= default_epochs(lines)
    read = READ_DEEP if deep else READ
    assert epochs * lines * each <= 1.5 * read or epochs * lines < LINES + lines


def test_short_and_few_lines_are_read_as_often_as_ever() -> None:
    assert default_epochs(7000, 75_000, deep=True) == default_epochs(7000)
    assert default_epochs(8622, 137_000) == default_epochs(8622) == 6


def test_all_layers_are_trained_for_fewer_epochs_on_many_lines() -> None:
    assert default_epochs(20_000, 300_000, deep=True) == 3 < default_epochs(20_000, 300_000)
    assert default_epochs(12_400, 158_000, deep=True) == 6


def test_the_lower_half_learns_first_and_for_at_least_half_of_the_time() -> None:
    assert [deep_epochs(n) for n in (1, 2, 3, 4, 7)] == [1, 1, 2, 2, 4]


def test_long_texts_are_read_from_their_beginning_unless_values_may_stand_anywhere() -> None:
    assert read_of_each([LONG] * 9, deep=False) is None
    assert read_of_each([5, 5, 200], deep=False) == LONG
    assert read_of_each([5, 5, 150], deep=False) is None
    assert read_of_each([200] * 9, deep=True) is None
