"""A checkpoint's summary in words."""

from __future__ import annotations

from rich.console import Console

from exporter.inspection.checkpoint_summary import CheckpointSummary, TensorSummary
from exporter.inspection.lines import Line, counts_text, print_lines, tensor_table
from exporter.inspection.variable_roles import OPTIMIZER, SHADOW, SLOT, VARIABLE
from exporter.sizes import byte_text

_MOST_ROWS = 40
_MOST_STEPS = 12
_MOST_NAMED = 5
_MOST_SLOTS = 12
_MOST_OWN = 3


def print_checkpoint(summary: CheckpointSummary, console: Console, everything: bool, hint_at_graph: bool) -> None:
    """Prints the summary, and the table of variables.

    Args:
        summary: the checkpoint.
        console: where to print.
        everything: all rows, shadows and optimizer slots included.
        hint_at_graph: say where the graph is.
    """
    print_lines(_lines(summary, hint_at_graph), console)
    listed = list(summary.tensors) if everything else summary.with_role(VARIABLE)
    for part in tensor_table(listed, "variable", None if everything else _MOST_ROWS):
        console.print(part)


def _lines(summary: CheckpointSummary, hint_at_graph: bool) -> list[Line]:
    found = f" ({summary.explanation})" if summary.explanation else ""
    files = f"{len(summary.files)} file{'s' * (len(summary.files) > 1)}"
    lines = [("checkpoint", f"{summary.prefix}{found}"),
             ("format", f"{summary.version}, {summary.kind}, {files}, {byte_text(summary.byte_size)}"),
             ("step", "unknown" if summary.step is None else str(summary.step))]
    if len(summary.all_checkpoints) > 1:
        lines.append(("beside it", _others(summary)))
    lines.append(("variables", _variables(summary)))
    shadows = summary.with_role(SHADOW)
    if shadows:
        lines.append(("averages", f"{summary.averaged_count} of {summary.variable_count} variables have a shadow"))
    if summary.slots or summary.with_role(OPTIMIZER):
        lines.append(("optimizer", _optimizer(summary)))
    if hint_at_graph and summary.graph is not None:
        lines.append(("graph", f"{summary.graph.name} (inspect_export {summary.graph.name} shows it, --graph both)"))
    if summary.not_finite:
        lines.append(("warning", _not_finite(summary.not_finite)))
    return lines


def _others(summary: CheckpointSummary) -> str:
    names = [f"{name} (latest)" if name == summary.latest else name for name in summary.all_checkpoints]
    left_out = len(names) - _MOST_STEPS
    return ", ".join(([f"{left_out} earlier ones"] if left_out > 0 else []) + names[-_MOST_STEPS:])


def _variables(summary: CheckpointSummary) -> str:
    size = sum(tensor.byte_size or 0 for tensor in summary.with_role(VARIABLE))
    return f"{summary.variable_count}, {summary.parameter_count:,} parameters, {byte_text(size)}"


def _optimizer(summary: CheckpointSummary) -> str:
    size = sum(tensor.byte_size or 0 for tensor in summary.with_role(SLOT, OPTIMIZER))
    scalars = [tensor.name for tensor in summary.with_role(OPTIMIZER)]
    left_out = len(scalars) - _MOST_OWN
    named = ", ".join(scalars[:_MOST_OWN]) + (f", {left_out} more" if left_out > 0 else "")
    slots = f"slots {counts_text(summary.slots, _MOST_SLOTS)}" if summary.slots else ""
    return f"{'; '.join(part for part in (slots, named) if part)}; {byte_text(size)}"


def _not_finite(tensors: list[TensorSummary]) -> str:
    left_out = len(tensors) - _MOST_NAMED
    named = ", ".join(tensor.name for tensor in tensors[:_MOST_NAMED]) + (f" and {left_out} more" if left_out > 0 else "")
    return f"NaN or infinite values in {len(tensors)} tensor{'s' * (len(tensors) > 1)}: {named}"
