"""What a user should know about an export that succeeded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exporter.graph.stored.inference import StoredInference
from exporter.graph.stored.path_warnings import batch_size_warnings, path_warnings, random_op_warnings
from exporter.verification.report import WEAKLY_VERIFIED, VerificationReport
from exporter.weights.binding import Weights
from exporter.weights.coverage import Coverage
from exporter.weights.finite import nonfinite_weights

__all__ = ["coverage_warnings", "path_warnings", "random_op_warnings", "stored_graph_warnings", "verification_warnings"]

_MOST_NAMED = 8


def stored_graph_warnings(inference: StoredInference, weights: Weights) -> Iterator[str]:
    """Yields what was decided about a stored graph without having been asked for, and what makes a bad export of it."""
    yield from inference.notices
    yield from path_warnings(inference.graph)
    yield from batch_size_warnings(inference.graph)
    yield from coverage_warnings(weights.coverage)
    for name, count in nonfinite_weights(weights).items():
        yield f"The variable {name} holds {count} values that are NaN or infinite: the training has diverged."


def coverage_warnings(coverage: Coverage) -> Iterator[str]:
    """Yields what may surprise about the variables: averages, initial values, some that are left out."""
    if coverage.unused_averages:
        yield (f"The checkpoint has moving averages of {len(coverage.unused_averages)} variables, which are not used: "
               "the raw values are exported. For the averages: --use_moving_averages")
    if coverage.not_averaged:
        yield f"Without a moving average, exported raw: {_names(coverage.not_averaged)}"
    left_out = [f"{misfit.name} ({misfit.kind})" for misfit in coverage.left_out if misfit.name != "global_step"]
    if left_out:
        yield f"Not needed by the outputs and left out of the checkpoint copy: {_names(left_out)}"
    if coverage.initialized:
        yield (f"Never saved, exported with their initial values: {_names(coverage.initialized)}.")


def verification_warnings(report: VerificationReport) -> Iterator[str]:
    """Yields how far a proof goes, where it is not whole."""
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
