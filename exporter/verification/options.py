"""Options of verification, and the tolerances that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.errors import ModelError, UsageError
from exporter.formats.format import find_format, format_names
from exporter.verification.comparison import Tolerance
from exporter.verification.verifying import Tolerances


def check_tolerance(name: str, value: float | None) -> None:
    """Raises UsageError where ``value`` is no tolerance; None is the format's."""
    if value is not None and not 0 <= value < float("inf"):
        raise UsageError(f"The {name} {value} is no tolerance.", "Give a number that is not negative.")


@dataclass(frozen=True)
class VerificationOptions:
    """Whether and how an export is compared with its checkpoint before it is published.

    Attributes:
        enabled: compare at all.
        inputs: a folder of images, a ``.npy``, ``.npz`` or TFRecord; None for seeded random inputs.
        rtol: relative tolerance for floats of all outputs; None for the format's.
        atol: absolute tolerance for floats of all outputs; None for the format's.
        keep_failed: keep what was written when the comparison fails, beside the output directory.
    """

    enabled: bool = True
    inputs: Path | None = None
    rtol: float | None = None
    atol: float | None = None
    keep_failed: bool = False

    def __post_init__(self) -> None:
        check_tolerance("rtol", self.rtol)
        check_tolerance("atol", self.atol)
        if self.inputs is not None and not self.inputs.exists():
            raise UsageError(f"--verification_inputs {self.inputs} does not exist.",
                             "Give a folder of images, a .npy, a .npz or a TFRecord.")

    def tolerances(self, model: Any) -> Tolerances:
        """Returns what is allowed: these options before the model's own ``verification`` attribute before the format's.

        Raises:
            ModelError: the attribute is no mapping of output names to ``{"rtol": ..., "atol": ...}``.
        """
        by_format = {name: Tolerance(*find_format(name).tolerance) for name in format_names()}
        if self.rtol is not None or self.atol is not None:
            return Tolerances(by_format, Tolerance(self.rtol or 0.0, self.atol or 0.0))
        declared = getattr(model, "verification", None) or {}
        try:
            by_output = {name: Tolerance(**tolerance) for name, tolerance in declared.items()}
        except (AttributeError, TypeError) as error:
            raise ModelError(f"The model's attribute verification is {declared!r:.80}, expected tolerances by output name.",
                             "For example: verification = {'probabilities': {'rtol': 1e-4, 'atol': 1e-6}}") from error
        return Tolerances(by_format, by_output=by_output)
