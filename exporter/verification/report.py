"""The verification report: what was compared, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from exporter.verification.comparison import OutputComparison, Tolerance
from exporter.verification.sample_images import SampleImage

VERIFIED, WEAKLY_VERIFIED, FAILED, NOT_VERIFIED = "verified", "weakly verified", "failed", "not verified"


@dataclass(frozen=True)
class ArtifactVerification:
    """One artifact against the reference.

    Attributes:
        format: the artifact's format.
        tolerance: what was allowed for floats.
        outputs: the comparison of each output.
        error: why it could not be run or compared; empty otherwise.
    """

    format: str
    tolerance: Tolerance = field(default_factory=Tolerance)
    outputs: tuple[OutputComparison, ...] = ()
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether the artifact may be published."""
        return not self.error and all(output.passed for output in self.outputs)

    @property
    def max_abs(self) -> float:
        """The largest absolute difference of any output."""
        return max((output.max_abs for output in self.outputs), default=0.0)


@dataclass(frozen=True)
class VerificationReport:
    """All artifacts against the reference.

    Attributes:
        status: "verified", "weakly verified", "failed" or "not verified".
        artifacts: one entry per artifact that can be run.
        inputs: the inputs in words, one per run.
        weak_outputs: output -> why its values prove little ("all zero", "NaN", "constant").
        random_outputs: output -> the random ops that it depends on.
        notes: what else the user should know.
        fingerprints: output -> one summary of the reference's values per input, for a later comparison without it.
        samples: some images with what the reference gives for them, where they were asked for.
    """

    status: str
    artifacts: tuple[ArtifactVerification, ...] = ()
    inputs: tuple[str, ...] = ()
    weak_outputs: Mapping[str, str] = field(default_factory=dict)
    random_outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    fingerprints: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    samples: tuple[SampleImage, ...] = ()

    @property
    def summary(self) -> str:
        """One line for the terminal."""
        if self.status == NOT_VERIFIED:
            return "not verified: the artifacts were not compared with the checkpoint"
        formats = ", ".join(artifact.format for artifact in self.artifacts)
        largest = max((artifact.max_abs for artifact in self.artifacts), default=0.0)
        difference = "equal to the bit" if largest == 0 else f"largest difference {largest:.3g}"
        return f"{self.status}: {formats} against the checkpoint on {len(self.inputs)} inputs, {difference}"
