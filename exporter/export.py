"""One export: open the checkpoint, build the graph, bind the weights, write the artifacts, verify, publish."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from exporter.digest import inputs_sha256
from exporter.formats.format import Format, find_format
from exporter.formats.plan import WritePlan, plan_artifacts
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.stored.loading import own_variables
from exporter.graph_source import graph_source
from exporter.manifest import Artifact, ExportResult, describe_artifact, write_manifest
from exporter.notices import verification_warnings
from exporter.publish import check_not_locked, check_output_directory, publication
from exporter.publishing.durability import Synchronizer
from exporter.publishing.space import space_for
from exporter.reporting.page import write_report
from exporter.request import ExportRequest, graph_sources, resolved_configuration, resolved_places
from exporter.verification.failure import failure
from exporter.verification.process import VerificationProcess
from exporter.verification.report import FAILED, NOT_VERIFIED, VerificationReport
from exporter.weights.binding import Weights
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.checkpoint_path import CheckpointPath, resolve_checkpoint


def export(request: ExportRequest, verifier: VerificationProcess | None = None,
           once_locked: Callable[[], None] | None = None) -> ExportResult:
    """Runs one export. Nothing is visible at the output path until everything is written and verified.

    Args:
        request: what to export.
        verifier: a verification process that runs already; by default one is started for this export.
        once_locked: called when no other export to the same place runs any more; may raise to give up.

    Raises:
        ExportError: one of its kinds, see `exporter.errors`; nothing was published.
    """
    output_directory = Path(request.output_directory)
    for name in request.formats or ():
        find_format(name)
    checkpoint_path = check_places(request)
    disk = Synchronizer(request.fsync)
    with ExitStack() as stack:
        staging = stack.enter_context(publication(output_directory, request.verification.keep_failed, request.lock_timeout,
                                                  disk))
        if once_locked is not None:
            once_locked()
        # Again: while this export waited for another, that one's may have appeared.
        check_output_directory(output_directory, request.overwrite, checkpoint_path.prefix if checkpoint_path else None)
        if not request.verification.enabled:
            verifier = None
        elif verifier is None:
            verifier = stack.enter_context(VerificationProcess())
        return _export(request, checkpoint_path, staging, disk, verifier)


def check_places(request: ExportRequest) -> CheckpointPath | None:
    """Looks for the checkpoint, and whether an export may appear where it is to; TensorFlow is not needed for that.

    Returns:
        The checkpoint that was named, else the one that belongs to the stored graph; a frozen one has none.

    Raises:
        CheckpointError: there is none.
        OutputError: the output directory can't be used, or is in use and the export is not to wait.
    """
    prefix = request.trained_checkpoint_prefix
    if prefix is None and request.stored is not None:
        prefix = own_variables(request.stored.graph)
    checkpoint = None if prefix is None else resolve_checkpoint(prefix)
    output_directory = Path(request.output_directory)
    check_output_directory(output_directory, request.overwrite, None if checkpoint is None else checkpoint.prefix)
    if not request.lock_timeout:
        check_not_locked(output_directory)
    return checkpoint


def _export(request: ExportRequest, checkpoint_path: CheckpointPath | None, staging: Path, disk: Synchronizer,
            verifier: VerificationProcess | None) -> ExportResult:
    output_directory = Path(request.output_directory)
    clock = _Clock()
    with clock.phase("open_checkpoint"):
        checkpoint = None if checkpoint_path is None else Checkpoint.open(checkpoint_path)
    with clock.phase("build_graph"):
        source = graph_source(request)
        graph = source.graph
    with clock.phase("bind_weights"):
        weights = source.bind(checkpoint)
        plan = plan_artifacts(request.formats, graph, weights, request.format_options)
        verifier = verifier if any(entry.is_runnable for entry in plan.formats) else None
    with (clock.phase("write"), space_for(plan.byte_size, output_directory, staging),
          ThreadPoolExecutor(_writers(verifier)) as pool):
        if verifier is not None:
            verifier.begin(graph.signature, request.verification.inputs, weights.byte_size)
        writing = [pool.submit(_write, entry, plan, graph, weights, staging, disk, verifier) for entry in plan.formats]
        if verifier is not None:
            prefix = None if checkpoint is None else checkpoint.path.prefix
            verifier.run_reference(source.reference(), prefix, request.weights)
        artifacts = tuple(future.result() for future in writing)
    with clock.phase("verify"):
        report = _verification_report(request, verifier)
    result = ExportResult(
        output_directory, resolved_configuration(request, plan, graph), checkpoint, graph.signature, weights, artifacts,
        report,
        (*plan.warnings, *source.warnings(weights, verifier is not None), *verification_warnings(report)), clock.seconds,
        graph.meta_graph_def.graph_def.versions.producer, resolved_places(request, checkpoint), declared=request.declared,
        sources=graph_sources(request), inputs_digest=_inputs_digest(request),
        tensorflow_1=None if request.tensorflow_1 is None else request.tensorflow_1.reason or "--tf1_root")
    if request.report:
        with clock.phase("report"):
            page = write_report(result, request.model, request.model_args, request.weights, staging)
        result = replace(result, report=page)
    write_manifest(result, staging)
    return result


def _inputs_digest(request: ExportRequest) -> str | None:
    options = request.verification
    return inputs_sha256(options.inputs) if options.enabled and options.inputs is not None else None


def _writers(verifier: VerificationProcess | None) -> int | None:
    """How many artifacts are written at a time: a processor is left to the verification process."""
    return None if verifier is None else max(1, (os.cpu_count() or 1) - 1)


def _write(artifact_format: Format, plan: WritePlan, graph: InferenceGraph, weights: Weights, staging: Path,
           disk: Synchronizer, verifier: VerificationProcess | None) -> Artifact:
    """Writes one artifact, while other threads write others: copying and hashing leave Python's lock to each other.

    The verification process runs it as soon as it is written.
    """
    artifact_format.write(graph, weights, staging, plan.options)
    if verifier is not None and artifact_format.is_runnable:
        verifier.run_artifact(artifact_format.name, staging / artifact_format.file_name)
    paths = artifact_format.files(plan.options)
    disk.begin(paths, staging)
    return describe_artifact(artifact_format.name, artifact_format.file_name, paths, staging)


def _verification_report(request: ExportRequest, verifier: VerificationProcess | None) -> VerificationReport:
    """Waits for the verification process.

    Raises:
        VerificationError: an artifact's outputs are not the checkpoint's.
    """
    if verifier is None:
        return VerificationReport(NOT_VERIFIED)
    report = verifier.report(request.verification.tolerances(request.model), request.report)
    if report.status == FAILED:
        raise failure(report)
    return report


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 4)
