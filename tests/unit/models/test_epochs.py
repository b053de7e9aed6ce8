"""How long fine-tunes last: fewer epochs for more lines, and a bound where all layers learn."""

from __future__ import annotations

import pytest

from models.epochs import READINGS, deep_epochs, default_epochs


def test_epochs_fall_with_the_number_of_lines() -> None:
    epochs = [default_epochs(n) for n in (1, 385, 770, 3000, 10_000, 100_000)]
    assert epochs == sorted(epochs, reverse=True)
    assert (epochs[0], epochs[-1]) == (10, 5)


@pytest.mark.parametrize("lines", [1000, 5000, 12_000, 16_000])
def test_all_layers_read_a_bounded_number_of_lines(lines: int) -> None:
    assert lines * default_epochs(lines, deep=True) <= 1.1 * READINGS
    assert 3 <= default_epochs(lines, deep=True) <= default_epochs(lines)


def test_however_many_the_lines_are_they_are_read_three_times() -> None:
    assert default_epochs(1_000_000, deep=True) == 3


def test_the_lower_half_learns_first_and_for_at_least_half_of_the_time() -> None:
    assert [deep_epochs(n) for n in (1, 2, 3, 4, 7)] == [1, 1, 2, 2, 4]
