"""Statistics of a tensor's values, read in pieces."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from exporter.weights.tensor_source import TensorSource, numpy_dtype

_NO_NUMBERS = ("string", "resource", "variant", "complex64", "complex128", "int4", "uint4")
_SMALL_FLOATS = ("bfloat16", "float16", "float8_e5m2", "float8_e4m3fn")


@dataclass(frozen=True)
class TensorStatistics:
    """The values of a tensor in a few numbers.

    Attributes:
        min: the least finite value; None where there is none.
        max: the greatest finite value.
        mean: of the finite values.
        zeros: share of zeros, 0 to 1.
        nan: number of NaNs.
        inf: number of infinities.
    """

    min: float | None
    max: float | None
    mean: float | None
    zeros: float
    nan: int
    inf: int

    @property
    def is_finite(self) -> bool:
        """Tells whether there is no NaN and no infinity."""
        return not self.nan + self.inf


def tensor_statistics(source: TensorSource) -> TensorStatistics | None:
    """Reads a tensor once and returns its statistics; None for strings, complex numbers and empty tensors.

    Raises:
        CheckpointError: the value is damaged.
    """
    if source.dtype in _NO_NUMBERS or source.dtype.startswith("DataType("):
        return None
    total = _Running()
    for values in _arrays(source):
        total.add(values)
    return total.result()


class _Running:
    """Sums up arrays."""

    def __init__(self) -> None:
        self.count = self.zeros = self.nan = self.inf = 0
        self.sum = 0.0
        self.min, self.max = math.inf, -math.inf

    def add(self, values: np.ndarray[Any, Any]) -> None:
        """Takes one more array into account."""
        self.count += values.size
        self.zeros += values.size - int(np.count_nonzero(values))
        if values.dtype.kind == "f" and not (math.isfinite(values.min()) and math.isfinite(values.max())):
            self.nan += int(np.isnan(values).sum())
            self.inf += int(np.isinf(values).sum())
            values = values[np.isfinite(values)]
        if values.size:
            self.min, self.max = min(self.min, float(values.min())), max(self.max, float(values.max()))
            self.sum += float(values.sum(dtype=np.float64))

    def result(self) -> TensorStatistics | None:
        """Returns the statistics of all arrays together; None where there was no value."""
        finite = self.count - self.nan - self.inf
        if not self.count:
            return None
        least, greatest, mean = (self.min, self.max, self.sum / finite) if finite else (None, None, None)
        return TensorStatistics(least, greatest, mean, self.zeros / self.count, self.nan, self.inf)


def _arrays(source: TensorSource) -> Iterator[np.ndarray[Any, Any]]:
    """The chunks as arrays; an element that two chunks share is put together."""
    dtype, rest = numpy_dtype(source.dtype), b""
    for chunk in source.chunks():
        content: Any = rest + bytes(chunk) if rest else chunk
        whole = len(content) - len(content) % dtype.itemsize
        rest = bytes(content[whole:])
        if whole:
            values = np.frombuffer(content[:whole], dtype)
            yield values.astype(np.float32) if source.dtype in _SMALL_FLOATS else values
