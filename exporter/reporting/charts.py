"""Bar charts: what a page draws as SVG, in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from exporter.sizes import byte_unit

WIDTH = 880
ROW_HEIGHT = 42
AXIS_HEIGHT = 24
_MOST_TICKS = 5


@dataclass(frozen=True)
class Bar:
    """One row of a chart.

    Attributes:
        label: what is measured.
        note: a word on it, in grey.
        value: the measure in words, with its unit.
        fraction: the bar's length, 0 to 1.
        is_good: whether there is nothing to see, and that is good news.
    """

    label: str
    note: str
    value: str
    fraction: float
    is_good: bool = False

    @property
    def length(self) -> float:
        """The bar's length in units of the drawing; what is not zero can be seen."""
        return round(max(self.fraction * WIDTH, 2.0 if self.fraction > 0 else 0.0), 1)


@dataclass(frozen=True)
class Tick:
    """A line of the axis: where it is, 0 to 1, and its number."""

    fraction: float
    text: str

    @property
    def x(self) -> float:
        """Where it is in units of the drawing."""
        return round(self.fraction * WIDTH, 1)

    @property
    def anchor(self) -> str:
        """How its number is aligned, so that it stays within the drawing."""
        return "start" if self.fraction < 0.03 else "end" if self.fraction > 0.97 else "middle"


@dataclass(frozen=True)
class Chart:
    """A bar chart.

    Attributes:
        title: what it shows, for those who can't see it.
        axis: what the axis measures, and in which unit.
        bars: its rows.
        ticks: the axis.
    """

    title: str
    axis: str
    bars: Sequence[Bar]
    ticks: Sequence[Tick]

    width = WIDTH
    row_height = ROW_HEIGHT

    @property
    def height(self) -> int:
        """Height of the whole drawing."""
        return self.plot_height + AXIS_HEIGHT

    @property
    def plot_height(self) -> int:
        """Height of the rows."""
        return len(self.bars) * ROW_HEIGHT


@dataclass(frozen=True)
class LinearScale:
    """From zero to the largest value, with round numbers as ticks.

    Attributes:
        largest: the largest value.
        unit: the unit of the ticks' numbers.
        unit_size: how much one unit is.
    """

    largest: float
    unit: str
    unit_size: float = 1.0

    def fraction(self, value: float) -> float:
        """Returns where a value is; beyond the end where it is not finite."""
        return min(1.0, value / self.largest) if self.largest else float(value > 0)

    def ticks(self) -> list[Tick]:
        """Returns zero and up to five round numbers."""
        top = self.largest / self.unit_size
        if not top:
            return [Tick(0.0, f"0 {self.unit}")]
        step = _round_step(top)
        return [Tick(number * step / top, f"{number * step:g} {self.unit}") for number in range(int(top / step) + 1)]


class LogarithmicScale:
    """Whole powers of ten around the values; zero is at the left end."""

    def __init__(self, values: Sequence[float]) -> None:
        exponents = [math.log10(value) for value in values if 0 < value < math.inf]
        self._low = math.floor(min(exponents, default=0.0)) - 1
        self._high = max(math.ceil(max(exponents, default=0.0)), self._low + 2)
        self._is_empty = not exponents

    def fraction(self, value: float) -> float:
        """Returns where a value is; at the end where it is not finite."""
        if not value:
            return 0.0
        return min(1.0, (math.log10(value) - self._low) / (self._high - self._low)) if math.isfinite(value) else 1.0

    def ticks(self) -> list[Tick]:
        """Returns powers of ten, or zero alone where there is nothing else."""
        if self._is_empty:
            return [Tick(0.0, "0")]
        step = math.ceil((self._high - self._low) / _MOST_TICKS)
        exponents = range(self._low + step, self._high + 1, step)
        return [Tick(0.0, "0"), *(Tick((exponent - self._low) / (self._high - self._low), f"1e{exponent}")
                                  for exponent in exponents)]


def byte_scale(largest: int) -> LinearScale:
    """Returns a linear scale in the unit that suits the largest size."""
    return LinearScale(largest, *byte_unit(largest))


def _round_step(top: float) -> float:
    """The smallest of 1, 2, 5, 10, ... that needs no more than five ticks."""
    power: float = 10.0 ** math.floor(math.log10(top / _MOST_TICKS))
    return next(power * factor for factor in (1, 2, 5, 10, 20) if top / (power * factor) <= _MOST_TICKS)
