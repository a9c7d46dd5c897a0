"""One verification, step by step: inputs, artifacts and reference in any order, then the report."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from exporter.errors import VerificationError
from exporter.formats.cpu_artifact import CpuArtifact
from exporter.formats.format import LoadedArtifact, find_format, format_names
from exporter.graph.tensor_spec import Signature
from exporter.verification.given_inputs import given_feeds
from exporter.verification.reference import ReferenceGraph
from exporter.verification.report import VerificationReport
from exporter.verification.sample_examples import ExampleFeature, example_feeds
from exporter.verification.sample_inputs import further_feeds, sample_feeds
from exporter.verification.stored_reference import StoredReference
from exporter.verification.verifying import ArtifactRun, Outputs, ReferenceRun, Tolerances, judge, run_artifact, run_once
from exporter.weights.binding import WeightOptions

_MOST_SECONDS = 20
_MOST_MESSAGES = 12
_MOST_REPETITIONS = 5
_BEYOND_CHANCE = 64  # values
Reference: TypeAlias = ReferenceGraph | StoredReference


class VerificationCase:
    """The state of one verification, in the verification process.

    Args:
        signature: inputs and outputs of the export.
        inputs: a file or folder of inputs; None for seeded random ones.

    Raises:
        UsageError: the given inputs don't fit.
    """

    def __init__(self, signature: Signature, inputs: Path | None) -> None:
        self._signature = signature
        self._feeds = given_feeds(inputs, signature.inputs) if inputs else sample_feeds(signature.inputs)
        self._may_choose_inputs = inputs is None
        self._artifacts: list[tuple[str, Path]] = []
        self._runs: list[ArtifactRun] = []
        self._reference: ReferenceRun | None = None
        self._features: Mapping[str, Sequence[ExampleFeature]] = {}

    def run_artifact(self, format_name: str, path: Path) -> None:
        """Loads an artifact by its own runtime and runs it."""
        self._artifacts.append((format_name, path))
        self._runs.append(run_artifact(format_name, path, self._signature, self._feeds))

    def run_reference(self, reference: Reference, prefix: Path | None, weights: WeightOptions) -> None:
        """Restores the checkpoint into the reference's graph and runs it.

        Raises:
            CheckpointError: the checkpoint can't be read, or does not fit the model.
        """
        self._features = reference.example_features() if isinstance(reference, StoredReference) else {}
        self._run_reference(lambda: reference.load(prefix, weights), reference.random_outputs())

    def take_as_reference(self, format_name: str, path: Path, random_outputs: Mapping[str, tuple[str, ...]]) -> None:
        """Takes an artifact for the reference.

        Raises:
            VerificationError: it can't be loaded.
        """
        def load() -> LoadedArtifact:
            try:
                return find_format(format_name).load(path, self._signature)
            except Exception as error:
                raise VerificationError(f"{path} can't be loaded: {error}", "Export again.") from error

        self._run_reference(load, random_outputs)

    def _run_reference(self, load: Callable[[], LoadedArtifact], random_outputs: Mapping[str, tuple[str, ...]]) -> None:
        """Runs and closes it: its memory serves the artifacts. It is loaded again only where one of these differs."""
        with CpuArtifact(load) as reference:
            results = tuple(run_once(reference, feed) for feed in self._feeds)
            if self._may_choose_inputs and all(isinstance(result, str) for result in results):
                results = self._choose_inputs(reference, str(results[0])) or results
            repeated = self._repeated_outputs(reference, results, set(random_outputs))
            random_outputs = {name: operations for name, operations in random_outputs.items() if name not in repeated}
        self._reference = ReferenceRun(lambda: CpuArtifact(load), results, random_outputs)

    def _repeated_outputs(self, reference: LoadedArtifact, results: Sequence[Outputs | str], names: set[str]) -> set[str]:
        """Returns those outputs whose random ops have no effect: every run gives the same.

        A few values may be the same by chance (what dropout leaves of nine: once in 512 runs), so that they are run again.
        """
        for _ in range(_MOST_REPETITIONS):
            if not names:
                break
            again = tuple(run_once(reference, feed) for feed in self._feeds)
            names = {name for name in names if _is_repeated(name, results, again)}
            if all(_size(name, results) >= _BEYOND_CHANCE for name in names):
                break
        return names

    def _choose_inputs(self, reference: LoadedArtifact, message: str) -> tuple[Outputs | str, ...]:
        """Looks for inputs that the reference takes; artifacts that ran already run again on them."""
        end = time.monotonic() + _MOST_SECONDS
        messages = [message]
        examples = [*example_feeds(self._signature.inputs, self._features)]
        for known in itertools.islice(iter(messages), _MOST_MESSAGES):  # it grows: a better input meets another obstacle
            for feed in itertools.chain(examples, further_feeds(self._signature.inputs, known)):
                result = run_once(reference, feed)
                if not isinstance(result, str):
                    self._feeds = [feed]
                    self._runs = [run_artifact(*artifact, self._signature, self._feeds) for artifact in self._artifacts]
                    return (result,)
                if time.monotonic() > end:
                    return ()
                if result not in messages:
                    messages.append(result)
        return ()

    def report(self, tolerances: Tolerances, with_samples: bool) -> VerificationReport:
        """Compares what was run.

        Raises:
            VerificationError: the reference runs on none of the inputs.
        """
        assert self._reference is not None
        order = format_names()
        runs = sorted(self._runs, key=lambda run: order.index(run.format))
        return judge(self._reference, runs, self._feeds, tolerances, with_samples)


def _size(name: str, results: Sequence[Outputs | str]) -> int:
    return sum(result[name].size for result in results if not isinstance(result, str))


def _is_repeated(name: str, results: Sequence[Outputs | str], again: Sequence[Outputs | str]) -> bool:
    """Tells whether a float output is the same to the bit in two runs: its random ops have no effect (dropout that keeps
    everything). Integers may agree by chance.
    """
    pairs = [(first[name], second[name]) for first, second in zip(results, again, strict=True)
             if not isinstance(first, str) and not isinstance(second, str)]
    return bool(pairs) and all(np.issubdtype(first.dtype, np.floating) and first.tobytes() == second.tobytes()
                               for first, second in pairs)
