"""What a user should know about an export that succeeded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exporter.verification.report import WEAKLY_VERIFIED, VerificationReport
from exporter.weights.coverage import Coverage

_MOST_NAMED = 8


def export_warnings(coverage: Coverage, report: VerificationReport) -> Iterator[str]:
    """Yields one sentence or two for each thing that may surprise: averages, variables left out, weak proof."""
    if coverage.unused_averages:
        yield (f"The checkpoint has moving averages of {len(coverage.unused_averages)} variables, which are not used: "
               "the raw values are exported. For the averages: --use_moving_averages")
    if coverage.not_averaged:
        yield f"Without a moving average, exported raw: {_names(coverage.not_averaged)}"
    left_out = [f"{misfit.name} ({misfit.kind})" for misfit in coverage.left_out if misfit.name != "global_step"]
    if left_out:
        yield f"Not needed by the outputs and left out of the checkpoint copy: {_names(left_out)}"
    for name, operations in report.random_outputs.items():
        yield (f"The output {name} depends on random ops ({_names(operations)}); it was compared by type and shape alone. "
               "Usual cause: the model was built for training.")
    if report.status == WEAKLY_VERIFIED:
        weak = [f"{name} ({reason})" for name, reason in report.weak_outputs.items()]
        yield (f"Weakly verified: on the inputs that were tried, {_names(weak) or 'every output'} would not show a "
               "difference. Give real inputs with --verification_inputs.")
    yield from report.notes


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
