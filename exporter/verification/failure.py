"""The error of a failed verification, in words: which artifact, which output, how far off, and what usually causes it."""

from __future__ import annotations

from collections.abc import Iterator

from exporter.errors import VerificationError
from exporter.verification.comparison import OutputComparison
from exporter.verification.report import ArtifactVerification, VerificationReport

_CAUSES = (
    "Usual causes: the model is built differently each time (a name from a counter, a layer kept between calls), "
    "batch norm or dropout in training mode, or a defect in the format's writer.")


def failure(report: VerificationReport) -> VerificationError:
    """Returns the error for a report whose status is "failed"."""
    lines = [line for artifact in report.artifacts if not artifact.passed for line in _describe(artifact)]
    return VerificationError("The artifacts differ from the checkpoint; nothing was published.\n  " + "\n  ".join(lines),
                             f"{_CAUSES} Inspect what was written with --keep_failed.")


def _describe(artifact: ArtifactVerification) -> Iterator[str]:
    if artifact.error:
        yield f"{artifact.format}: {artifact.error}"
    for output in artifact.outputs:
        if not output.passed:
            yield f"{artifact.format}, output {output.output!r}: {output.problem}{_worst(output)}"


def _worst(output: OutputComparison) -> str:
    if not output.worst_index:
        return ""
    number, *index = output.worst_index
    agreement = "" if output.top1_agreement is None else f"; same top class for {output.top1_agreement:.1%} of the images"
    return (f"; worst at {list(index)} of input {number}: {output.actual}, the checkpoint gives {output.expected}"
            f"{agreement}")
