"""Sizes in bytes, in words."""

from __future__ import annotations

import math

_UNITS = ("B", "kB", "MB", "GB", "TB")
_ROUNDED_UP = 1.00005  # 999.96 kB is 1.0 MB


def byte_unit(byte_size: int) -> tuple[str, float]:
    """Returns the unit that suits a size, and its number of bytes."""
    power = min(int(math.log(max(byte_size, 1) * _ROUNDED_UP, 1000)), len(_UNITS) - 1)
    return _UNITS[power], 1000.0 ** power


def byte_text(byte_size: int) -> str:
    """Returns ``11.3 MB``."""
    unit, unit_size = byte_unit(byte_size)
    return f"{byte_size} B" if unit == "B" else f"{byte_size / unit_size:.1f} {unit}"
