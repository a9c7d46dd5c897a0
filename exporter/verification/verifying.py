"""Verifying: artifacts and reference are run on the same inputs, and each output is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import ExportError, NotComparableError, reason
from exporter.formats.cpu_artifact import CpuArtifact
from exporter.formats.format import LoadedArtifact, find_format
from exporter.graph.tensor_spec import Signature
from exporter.verification.comparison import OutputComparison, Tolerance, compare_output
from exporter.verification.fingerprint import fingerprint
from exporter.verification.report import FAILED, VERIFIED, WEAKLY_VERIFIED, ArtifactVerification, VerificationReport
from exporter.verification.sample_images import sample_images
from exporter.verification.sample_inputs import Feed

Outputs = dict[str, np.ndarray[Any, Any]]

# What a reference that differs from itself is compared with: parallel sums in another order.
NOISE_TOLERANCE = Tolerance(rtol=1e-5, atol=1e-6)


@dataclass(frozen=True)
class ArtifactRun:
    """What an artifact gave for each input: its outputs, or the error that it raised."""

    format: str
    results: tuple[Outputs | str, ...] = ()
    load_error: str = ""


@dataclass(frozen=True)
class ReferenceRun:
    """What the reference gave for each input, and its outputs that depend on random ops.

    Attributes:
        load: loads it again.
        results: outputs, or an error in words, per input.
        random_outputs: output -> the random ops that it depends on.
    """

    load: Callable[[], LoadedArtifact]
    results: tuple[Outputs | str, ...]
    random_outputs: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Tolerances:
    """What is allowed for floats: by output where given, else for all outputs, else by format.

    Attributes:
        by_format: format -> tolerance; a format that is not named must be equal to the bit.
        for_all: overrides the format's.
        by_output: output -> tolerance; overrides both.
    """

    by_format: Mapping[str, Tolerance] = field(default_factory=dict)
    for_all: Tolerance | None = None
    by_output: Mapping[str, Tolerance] = field(default_factory=dict)

    def of(self, format_name: str, output: str) -> Tolerance:
        """Returns the tolerance for an output of an artifact."""
        if output in self.by_output:
            return self.by_output[output]
        return self.for_all or self.by_format.get(format_name, Tolerance())


def run_artifact(format_name: str, path: Path, signature: Signature, feeds: Sequence[Feed]) -> ArtifactRun:
    """Loads an artifact by its own runtime and runs it on each input."""
    try:
        with CpuArtifact(lambda: find_format(format_name).load(path, signature)) as artifact:
            return ArtifactRun(format_name, tuple(run_once(artifact, feed) for feed in feeds))
    except Exception as error:
        return ArtifactRun(format_name, load_error=reason(error))


def run_once(artifact: LoadedArtifact, feed: Feed) -> Outputs | str:
    """Returns the outputs for one input, or the error in words."""
    try:
        return artifact(feed.arrays)
    except ExportError as error:
        return error.problem
    except Exception as error:
        return reason(error)


def judge(reference: ReferenceRun, runs: Iterable[ArtifactRun], feeds: Sequence[Feed], tolerances: Tolerances,
          with_samples: bool = False) -> VerificationReport:
    """Compares every artifact's outputs with the reference's.

    Inputs that the model itself can't take (an image size that is too small for it) are left out.

    Raises:
        NotComparableError: the reference runs on none of the inputs.
    """
    expected, random_outputs = reference.results, reference.random_outputs
    usable = [number for number, outputs in enumerate(expected) if not isinstance(outputs, str)]
    if not usable:
        raise NotComparableError(f"The model can't be run on any of the inputs ({feeds[0].description}): {expected[0]}",
                                 "Give inputs that it can take with --verification_inputs, a fixed --input_shape, or "
                                 "export without this check by --noverify.")
    good = [outputs for outputs in expected if not isinstance(outputs, str)]
    again = _Repeat(reference.load, [feeds[number] for number in usable])
    artifacts = tuple(_judge_artifact(run, good, usable, tolerances, random_outputs, again) for run in runs)
    weak = {name: weakness for name in good[0] if name not in random_outputs
            and (weakness := _weakness([outputs[name] for outputs in good]))}
    status = _status(artifacts, weak, random_outputs, list(good[0]))
    notes = [f"The model can't take {feeds[number].description}: {expected[number]}"
             for number in range(len(feeds)) if number not in usable]
    if again.differs:
        notes.append("The model itself gives different last bits from run to run; floats are compared with "
                     f"rtol {NOISE_TOLERANCE.rtol:g} and atol {NOISE_TOLERANCE.atol:g}.")
    return VerificationReport(
        status, artifacts, tuple(feeds[number].description for number in usable), weak, random_outputs, tuple(notes),
        {name: [fingerprint(outputs[name]) for outputs in good] for name in good[0] if name not in random_outputs},
        sample_images([feeds[number] for number in usable], good, random_outputs) if with_samples else ())


class _Repeat:
    """A second run of the reference, made only when an artifact differs: does the model agree with itself?"""

    def __init__(self, load: Callable[[], LoadedArtifact], feeds: Sequence[Feed]) -> None:
        self._load = load
        self._feeds = feeds
        self._outputs: list[Outputs] | None = None
        self.differs = False

    def disagrees(self, name: str, expected: list[np.ndarray[Any, Any]]) -> bool:
        """Tells whether the reference gives other values for an output than the first time."""
        if self._outputs is None:
            with self._load() as reference:
                self._outputs = [reference(feed.arrays) for feed in self._feeds]
        same = compare_output(name, expected, [outputs[name] for outputs in self._outputs], Tolerance())
        self.differs |= bool(same.max_abs)
        return bool(same.max_abs)


def _judge_artifact(run: ArtifactRun, expected: list[Outputs], usable: list[int], tolerances: Tolerances,
                    random_outputs: Mapping[str, tuple[str, ...]], again: _Repeat) -> ArtifactVerification:
    if run.load_error:
        return ArtifactVerification(run.format, error=f"it can't be loaded: {run.load_error}")
    results = [run.results[number] for number in usable]
    failures = [result for result in results if isinstance(result, str)]
    if failures:
        return ArtifactVerification(run.format, error=f"it can't be run: {failures[0]}")
    actual = [result for result in results if not isinstance(result, str)]
    if set(actual[0]) != set(expected[0]):
        found, wanted = (", ".join(sorted(outputs[0])) for outputs in (actual, expected))
        return ArtifactVerification(run.format, error=f"it has the outputs {found}; expected {wanted}")
    outputs = tuple(_judge_output(name, [outputs[name] for outputs in expected], [outputs[name] for outputs in actual],
                                  tolerances.of(run.format, name), name in random_outputs, again) for name in expected[0])
    return ArtifactVerification(run.format, tolerances.of(run.format, ""), outputs)


def _judge_output(name: str, expected: list[np.ndarray[Any, Any]], actual: list[np.ndarray[Any, Any]],
                  tolerance: Tolerance, is_random: bool, again: _Repeat) -> OutputComparison:
    comparison = compare_output(name, expected, actual, tolerance, is_random)
    if not comparison.passed and comparison.max_abs and again.disagrees(name, expected):
        tolerance = Tolerance(max(tolerance.rtol, NOISE_TOLERANCE.rtol), max(tolerance.atol, NOISE_TOLERANCE.atol))
        return compare_output(name, expected, actual, tolerance)
    return comparison


def _weakness(arrays: list[np.ndarray[Any, Any]]) -> str:
    """Why equal values of this output would prove little, or ""."""
    values = np.concatenate([array.reshape(-1) for array in arrays])
    if not values.size:
        return "empty"
    if values.dtype.kind in "OSUb":
        return "constant" if len(set(values.tolist())) == 1 and len(arrays) > 1 else ""
    numbers = values.astype(np.complex128 if values.dtype.kind == "c" else np.float64)
    if np.isnan(numbers).all():
        return "NaN"
    if not numbers.any():
        return "all zero"
    return "constant" if (numbers == numbers[0]).all() and numbers.size > 1 else ""


def _status(artifacts: Sequence[ArtifactVerification], weak: Mapping[str, str], random_outputs: Mapping[str, object],
            outputs: Sequence[str]) -> str:
    if not all(artifact.passed for artifact in artifacts):
        return FAILED
    return VERIFIED if set(outputs) - set(weak) - set(random_outputs) else WEAKLY_VERIFIED

