"""A graph's summary in words."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from exporter.graph.tensor_spec import format_shape
from exporter.inspection.flops import Flops
from exporter.inspection.graph_summary import GraphSummary, UnknownOp
from exporter.inspection.lines import Line, counts_text, print_lines, table, tensor_table, under_one_label
from exporter.inspection.placeholders import PlaceholderSummary, fix_flag
from exporter.inspection.variable_roles import VARIABLE
from exporter.sizes import byte_text

_MOST_ROWS = 12
_MOST_OPS = 10
_MOST_CANDIDATES = 6
_MOST_INPUTS = 16
_MOST_REASONS = 3
_MOST_COLLECTIONS = 16
_UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def print_graph(summary: GraphSummary, console: Console, everything: bool, hint_at_checkpoint: bool) -> None:
    """Prints the summary, the candidates for outputs, and the variables or constants.

    Args:
        summary: the graph.
        console: where to print.
        everything: all rows.
        hint_at_checkpoint: say where the checkpoint is.
    """
    print_lines(_lines(summary, hint_at_checkpoint), console)
    if summary.candidates:
        _print_candidates(summary, console, everything)
    heading = "constant" if summary.is_frozen else "variable"
    listed = summary.tensors if everything else [tensor for tensor in summary.tensors if tensor.role == VARIABLE]
    for part in tensor_table(listed, heading, None if everything else _MOST_ROWS):
        console.print(part)


def _lines(summary: GraphSummary, hint_at_checkpoint: bool) -> list[Line]:
    functions = f", {summary.function_count} functions" if summary.function_count else ""
    needed = "" if summary.path_node_count is None else f"; {summary.path_node_count:,} lead to {', '.join(summary.outputs)}"
    lines = [("graph", str(summary.path)), ("format", _format(summary)),
             ("nodes", f"{summary.node_count:,}{functions}{needed}"),
             ("ops", counts_text(summary.ops, _MOST_OPS))]
    lines += under_one_label("unknown", _unknown(summary.unknown))
    lines.append(("parameters", _parameters(summary)))
    lines += under_one_label("inputs", _inputs(summary))
    lines += under_one_label("to fix", _to_fix(summary))
    lines += under_one_label("signature", _signatures(summary))
    if summary.collections:
        lines.append(("collections", counts_text(summary.collections, _MOST_COLLECTIONS)))
    if summary.flops is not None:
        lines.append(("FLOPs", _flops(summary.flops)))
    if hint_at_checkpoint and summary.checkpoint is not None:
        lines.append(("checkpoint", f"{_beside(summary)} (inspect_export {_beside(summary)} shows it, --statistics both)"))
    return lines


def _beside(summary: GraphSummary) -> str:
    """The checkpoint's path, short where it is beside the graph."""
    path = summary.checkpoint
    return "" if path is None else path.name if path.parent == summary.path.parent else str(path)


def _format(summary: GraphSummary) -> str:
    kind = f"{summary.kind}{', frozen' if summary.is_frozen else ''}"
    tags = f" with the tags {', '.join(summary.tags)}" if summary.tags else ""
    by = f", written by TensorFlow {summary.tensorflow_version}" if summary.tensorflow_version else ""
    consumer = f", for consumers from {summary.min_consumer}" if summary.min_consumer else ""
    return f"{kind}{tags}{by}, producer {summary.producer}{consumer}"


def _unknown(ops: Sequence[UnknownOp]) -> list[str]:
    """One line for those of a package that are needed, one for the others."""
    groups: dict[tuple[bool, str | None], dict[str, int]] = {}
    for op in ops:
        groups.setdefault((not op.needed, op.package), {})[op.op] = len(op.nodes)
    return [f"{counts_text(counts, _MOST_OPS)} ({'not needed' if unneeded else 'needed'} for the outputs"
            f"{f'; from {package}' if package else ''})"
            for (unneeded, package), counts in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or ""))]


def _parameters(summary: GraphSummary) -> str:
    counted = [tensor for tensor in summary.tensors if tensor.role == VARIABLE]
    kind = "constant" if summary.is_frozen else "variable"
    others = len(summary.tensors) - len(counted)
    more = f"; {others} more of an optimizer, averages and the step" if others else ""
    size = byte_text(sum(tensor.byte_size or 0 for tensor in counted))
    return f"{summary.parameter_count:,} in {len(counted)} {kind}{'s' * (len(counted) != 1)}, {size}{more}"


def _inputs(summary: GraphSummary) -> list[str]:
    if not summary.placeholders:
        return ["no placeholders"]
    width = min(max(len(placeholder.name) for placeholder in summary.placeholders), 48)
    lines = [f"{placeholder.name:<{width}}  {placeholder.dtype} {format_shape(placeholder.shape)}{_default(placeholder)}"
             for placeholder in summary.placeholders[:_MOST_INPUTS]]
    left_out = len(summary.placeholders) - len(lines)
    return [*lines, *([f"and {left_out} more"] if left_out else [])]


def _default(placeholder: PlaceholderSummary) -> str:
    return "" if placeholder.default is None else f", {placeholder.default} by default"


def _to_fix(summary: GraphSummary) -> list[str]:
    wanting = [placeholder for placeholder in summary.placeholders if placeholder.wants_value]
    lines = [f"{placeholder.name}: {placeholder.reason}{_choices(placeholder)}" for placeholder in wanting]
    flag = fix_flag(wanting)
    return [*lines, *([flag] if flag else [])]


def _choices(placeholder: PlaceholderSummary) -> str:
    if placeholder.fix is not None:
        return ""
    return "; True or False?" if placeholder.dtype == "bool" else "; which value?"


def _signatures(summary: GraphSummary) -> list[str]:
    lines = []
    for key, signature in summary.signatures.items():
        sides = ((name, spec) for specs in (signature.inputs, signature.outputs) for name, spec in specs.items())
        words = [f"{name} {spec.dtype} {format_shape(spec.shape)}" for name, spec in sides]
        count = len(signature.inputs)
        lines.append(f"{key}: {', '.join(words[:count]) or 'nothing'} -> {', '.join(words[count:]) or 'nothing'}")
    return lines


def _flops(flops: Flops) -> str:
    if flops.total is None:
        return flops.note
    kinds = ", ".join(f"{op} {_scaled(count)}" for op, count in sorted(flops.by_op.items(), key=lambda item: -item[1]))
    if not kinds:
        return "no convolutions or matrix products on the path"
    loops = "; loop bodies counted once" if flops.loops else ""
    return f"{_scaled(flops.total)} for {flops.note} ({kinds}; a multiply-add is 2{loops})"


def _scaled(count: int) -> str:
    unit = next(((size, name) for size, name in _UNITS if count >= size), None)
    return str(count) if unit is None else f"{count / unit[0]:.2f} {unit[1]}"


def _print_candidates(summary: GraphSummary, console: Console, everything: bool) -> None:
    candidates = summary.candidates if everything else summary.candidates[:_MOST_CANDIDATES]
    result = table("candidate output", "op", "dtype", "shape", "why")
    for candidate in candidates:
        result.add_row(*map(Text, (candidate.name, candidate.op, candidate.dtype, format_shape(candidate.shape),
                                   "; ".join(candidate.reasons[:_MOST_REASONS]))))
    console.print(result)
