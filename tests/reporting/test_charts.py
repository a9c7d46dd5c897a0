"""Scales and bars."""

import math

import pytest

from exporter.reporting.charts import Bar, LinearScale, LogarithmicScale, byte_scale
from exporter.sizes import byte_text


@pytest.mark.parametrize(("byte_size", "text"), [
    (0, "0 B"), (1, "1 B"), (999, "999 B"), (1000, "1.0 kB"), (1_000_000, "1.0 MB"), (999_960, "1.0 MB"),
    (15_066_288, "15.1 MB"), (2_500_000_000, "2.5 GB"), (7 * 10 ** 15, "7000.0 TB")])
def test_sizes_have_three_digits_before_their_unit(byte_size, text):
    assert byte_text(byte_size) == text


@pytest.mark.parametrize("largest", [1, 3, 7, 10, 99, 512, 4_999, 15_066_288, 10 ** 12])
def test_an_axis_has_few_round_numbers_from_zero_to_the_largest_value(largest):
    ticks = byte_scale(largest).ticks()
    assert 2 <= len(ticks) <= 6
    assert ticks[0].fraction == 0
    assert 0.5 <= ticks[-1].fraction <= 1
    assert all(float(tick.text.split()[0]) == pytest.approx(tick.fraction * largest / byte_scale(largest).unit_size)
               for tick in ticks)


def test_an_axis_of_nothing_is_zero():
    assert [tick.text for tick in LinearScale(0.0, "%").ticks()] == ["0 %"]
    assert [tick.text for tick in LogarithmicScale([0.0, math.inf]).ticks()] == ["0"]


def test_values_lie_between_their_powers_of_ten():
    scale = LogarithmicScale([0.0, 2e-7, 3e-5])
    ticks = {tick.text: tick.fraction for tick in scale.ticks()}
    assert ticks["1e-7"] < scale.fraction(2e-7) < ticks["1e-6"]
    assert ticks["1e-5"] < scale.fraction(3e-5) < ticks["1e-4"]
    assert scale.fraction(0.0) == 0
    assert scale.fraction(math.inf) == 1


def test_many_decades_have_few_ticks():
    assert len(LogarithmicScale([1e-30, 1e30]).ticks()) <= 6


def test_the_smallest_difference_can_be_seen_and_none_can_not():
    assert Bar("", "", "", 1e-9).length > 0
    assert Bar("", "", "", 0.0).length == 0
