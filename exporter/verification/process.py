"""The verification process: TensorFlow in a process of its own, which runs artifacts and reference.

It is started first, so that its import of TensorFlow overlaps with the export, and serves any number of verifications. It
ends when the exporting process closes it or dies.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from exporter.errors import ExportError, VerificationError
from exporter.formats.format import find_format
from exporter.graph.tensor_spec import Signature
from exporter.verification.given_inputs import given_feeds
from exporter.verification.random_ops import random_ops_behind
from exporter.verification.reference import ReferenceGraph, load_reference
from exporter.verification.report import VerificationReport
from exporter.verification.sample_inputs import Feed, sample_feeds
from exporter.verification.verifying import ArtifactRun, Tolerances, judge, run_artifact
from exporter.weights.binding import WeightOptions

# oneDNN would change last bits between a graph with variables and one with constants.
ENVIRONMENT = {"TF_ENABLE_ONEDNN_OPTS": "0", "CUDA_VISIBLE_DEVICES": "-1"}


@dataclass(frozen=True)
class ArtifactTask:
    """Run these artifacts.

    Attributes:
        artifacts: (format, path) each.
        signature: inputs and outputs of the export.
        inputs: a file or folder of inputs; None for seeded random ones.
    """

    artifacts: tuple[tuple[str, Path], ...]
    signature: Signature
    inputs: Path | None = None

    def run(self, state: dict[str, Any]) -> None:
        """Runs the artifacts; errors are kept for the task that asks for the report."""
        feeds = given_feeds(self.inputs, self.signature.inputs) if self.inputs else sample_feeds(self.signature.inputs)
        runs = [run_artifact(name, path, self.signature, feeds) for name, path in self.artifacts]
        state.update(feeds=feeds, runs=runs)


@dataclass(frozen=True)
class ReferenceTask:
    """Restore and run the reference, and compare the artifacts that were run before.

    Attributes:
        reference: the model's graph.
        prefix: the checkpoint.
        weights: which values of it are read.
        tolerances: what is allowed.
    """

    reference: ReferenceGraph
    prefix: Path
    weights: WeightOptions = field(default_factory=WeightOptions)
    tolerances: Tolerances = field(default_factory=Tolerances)

    def run(self, state: dict[str, Any]) -> VerificationReport:
        """Returns the report."""
        feeds: list[Feed] = state.pop("feeds")
        runs: list[ArtifactRun] = state.pop("runs")
        nodes = {spec.node_name: name for name, spec in self.reference.outputs.items()}
        behind = random_ops_behind(self.reference.meta_graph_def.graph_def, nodes)
        with load_reference(self.reference, self.prefix, self.weights.use_moving_averages,
                            self.weights.checkpoint_name) as reference:
            return judge(reference, runs, feeds, self.tolerances, {nodes[node]: ops for node, ops in behind.items()})


@dataclass(frozen=True)
class ArtifactReferenceTask:
    """Take one artifact for the reference, and compare the artifacts that were run before.

    Attributes:
        format: its format.
        path: where it is.
        signature: inputs and outputs of the export.
        random_outputs: output -> the random ops that it depends on.
        tolerances: what is allowed.
    """

    format: str
    path: Path
    signature: Signature
    random_outputs: Mapping[str, tuple[str, ...]]
    tolerances: Tolerances

    def run(self, state: dict[str, Any]) -> VerificationReport:
        """Returns the report."""
        with find_format(self.format).load(self.path, self.signature) as reference:
            return judge(reference, state.pop("runs"), state.pop("feeds"), self.tolerances, self.random_outputs)


_Task: TypeAlias = ArtifactTask | ReferenceTask | ArtifactReferenceTask


class VerificationProcess:
    """A running verification process; a context manager."""

    def __init__(self, quiet: bool = True) -> None:
        self._connection, theirs = Pipe()
        environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "exporter.verification.worker", str(theirs.fileno()), *([] if quiet else ["--debug"])],
            pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        theirs.close()

    def run_artifacts(self, artifacts: Sequence[tuple[str, Path]], signature: Signature, inputs: Path | None) -> None:
        """Begins to run artifacts; returns at once."""
        self._send(ArtifactTask(tuple(artifacts), signature, inputs))

    def compare(self, reference: ReferenceGraph, prefix: Path, weights: WeightOptions,
                tolerances: Tolerances) -> VerificationReport:
        """Returns how the artifacts that were run compare with the reference.

        Raises:
            VerificationError: the process died, or the reference can't be run.
            ExportError: inputs or checkpoint can't be used.
        """
        return self._report(ReferenceTask(reference, prefix.absolute(), weights, tolerances))

    def compare_with_artifact(self, task: ArtifactReferenceTask) -> VerificationReport:
        """Returns how the artifacts that were run compare with one of them; raises as `compare` does."""
        return self._report(task)

    def _report(self, task: ReferenceTask | ArtifactReferenceTask) -> VerificationReport:
        self._send(task)
        try:
            reply = self._connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise self._died() from error
        if isinstance(reply, ExportError):
            raise reply
        if isinstance(reply, str):
            raise VerificationError(f"The verification process failed:\n{reply}", "Please report this as a bug.")
        assert isinstance(reply, VerificationReport)
        return reply

    def close(self) -> None:
        """Ends the process."""
        self._connection.close()
        self._process.kill()
        self._process.wait()

    def _send(self, task: _Task) -> None:
        try:
            self._connection.send(task)
        except OSError as error:
            raise self._died() from error

    def _died(self) -> VerificationError:
        code = self._process.wait()
        return VerificationError(f"The verification process died (exit code {code}).",
                                 "Likely cause: too little memory. Export without verification by --noverify.")

    def __enter__(self) -> VerificationProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def serve(connection: Any) -> None:
    """Serves tasks until the other side closes; the loop of the worker."""
    state: dict[str, Any] = {}
    failure: ExportError | str | None = None
    while True:
        try:
            task: _Task = connection.recv()
        except EOFError:
            return
        reply, failure = _run(task, state, failure)
        if not isinstance(task, ArtifactTask):
            connection.send(failure or reply)
            failure = None
            state.clear()


def _run(task: _Task, state: dict[str, Any],
         failure: ExportError | str | None) -> tuple[VerificationReport | None, ExportError | str | None]:
    """Runs a task unless an earlier one failed; returns (report, failure)."""
    if failure is not None:
        return None, failure
    try:
        return task.run(state), None
    except ExportError as error:
        return None, error
    except Exception:
        return None, traceback.format_exc()
