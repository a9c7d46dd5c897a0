"""Small texts that progress, table and report share."""

from __future__ import annotations

from exporter.batch.job import EXPORTED
from exporter.reporting.page import EQUAL_TO_THE_BIT

STATUS_WIDTH = len("up to date")
_TENTHS_BELOW = 10
_LONGEST_PROBLEM = 240
_MINUTE, _HOUR = 60, 3600


def one_line(text: str) -> str:
    """Returns text without line breaks, and without characters that move a terminal's cursor."""
    return "".join(character if character.isprintable() else "?" for character in " ".join(text.split()))


def shortened(text: str) -> str:
    """Returns a text that fits into a table; the reports have it whole."""
    return text if len(text) <= _LONGEST_PROBLEM else f"{text[:_LONGEST_PROBLEM]}..."


def seconds_text(seconds: float) -> str:
    """Returns ``0.8 s``, ``31 s``, ``5 min 12 s`` or ``3 h 5 min``."""
    whole = round(seconds)
    if seconds < _TENTHS_BELOW:
        return f"{seconds:.1f} s"
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def difference_text(status: str, largest_difference: float | None, verification: str) -> str:
    """Returns ``equal to the bit``, or the largest difference; what the verification says where that is not all well."""
    if status != EXPORTED:
        return ""
    if largest_difference is None:
        return verification or "not verified"
    difference = EQUAL_TO_THE_BIT if largest_difference == 0 else f"{largest_difference:.3g}"
    return difference if verification in ("", "verified") else f"{difference}, {verification}"
