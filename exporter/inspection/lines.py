"""How an inspection is printed: labelled lines, and tables below them."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exporter.inspection.checkpoint_summary import TensorSummary
from exporter.inspection.statistics import TensorStatistics
from exporter.sizes import byte_text

Line: TypeAlias = tuple[str, str]
"""A label, empty where it is the one above, and what it says."""

_LABEL_WIDTH = 11
_SMALL_SHARE = 0.001
_INDENT = _LABEL_WIDTH + 1


def print_lines(lines: Iterable[Line], console: Console) -> None:
    """Prints lines with their labels in a column of their own; they are wrapped on a terminal alone."""
    width = console.width if console.is_terminal else sys.maxsize
    for label, text in lines:
        wrapped = textwrap.fill(text, width, initial_indent=f"{label:<{_LABEL_WIDTH}} ", subsequent_indent=" " * _INDENT,
                                break_long_words=False, break_on_hyphens=False)
        console.print(wrapped, markup=False, highlight=False, soft_wrap=True)


def under_one_label(label: str, texts: Iterable[str]) -> list[Line]:
    """Returns lines of which the first alone has the label."""
    return [(label if number == 0 else "", text) for number, text in enumerate(texts)]


def table(*headings: str, right: Sequence[str] = ()) -> Table:
    """Returns an empty table; the columns named in ``right`` are aligned there."""
    result = Table(box=box.SIMPLE)
    for heading in headings:
        result.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
    return result


def shape_text(shape: Sequence[int]) -> str:
    """Returns ``[3, 3, ?]``; negative sizes are unknown."""
    return "[" + ", ".join("?" if size < 0 else str(size) for size in shape) + "]"


def counts_text(counts: Mapping[str, int], most: int) -> str:
    """Returns ``Conv2D 12, Relu 11, 3 more`` for the first ``most`` of the counts."""
    shown = [f"{name} {count}" for name, count in list(counts.items())[:most]]
    left_out = len(counts) - len(shown)
    return ", ".join([*shown, *([f"{left_out} more"] if left_out else [])])


def tensor_table(tensors: Sequence[TensorSummary], heading: str, most: int | None) -> list[Table | Text]:
    """Returns the table of tensors in their order: of many the largest, and a line on the rest.

    Args:
        tensors: what to list.
        heading: what they are.
        most: how many rows; None for all.
    """
    largest = sorted(tensors, key=lambda tensor: -(tensor.byte_size or 0))[:most]
    kept = {tensor.name for tensor in largest}
    has_statistics = any(tensor.statistics for tensor in tensors)
    has_more = any(tensor.attached for tensor in tensors)
    columns = ["min", "max", "mean", "zeros", "NaN", "Inf"] if has_statistics else []
    result = table(heading, "dtype", "shape", "size", *columns, *(["with"] if has_more else []), right=("size", *columns))
    for tensor in tensors:
        if tensor.name in kept:
            cells = [tensor.name, tensor.dtype, shape_text(tensor.shape), _size(tensor)]
            cells += _statistics(tensor.statistics) if has_statistics else []
            result.add_row(*map(Text, [*cells, *([", ".join(tensor.attached)] if has_more else [])]))
    rest = sum(tensor.byte_size or 0 for tensor in tensors if tensor.name not in kept)
    left_out = len(tensors) - len(kept)
    more = Text(f"  and {left_out} smaller ones, {byte_text(rest)} together (--all lists everything)\n")
    return [result, *([more] if left_out else [])] if tensors else []


def _size(tensor: TensorSummary) -> str:
    return "?" if tensor.byte_size is None else byte_text(tensor.byte_size)


def _statistics(statistics: TensorStatistics | None) -> list[str]:
    if statistics is None:
        return [""] * 6
    values = ["-" if value is None else f"{value:.4g}" for value in (statistics.min, statistics.max, statistics.mean)]
    zeros = "0" if not statistics.zeros else "<0.1%" if statistics.zeros < _SMALL_SHARE else f"{statistics.zeros:.1%}"
    return [*values, zeros, f"{statistics.nan:,}", f"{statistics.inf:,}"]
