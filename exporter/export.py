"""One export: open the checkpoint, build the graph, bind the weights, write the artifacts, verify, publish."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from exporter.formats.format import Format, FormatOptions, find_format
from exporter.formats.plan import WritePlan, plan_artifacts
from exporter.graph.building import IMAGES_KEY, GraphOptions, build_graph
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.input_types import normalize_shape
from exporter.graph.tensor_spec import format_shape
from exporter.manifest import Artifact, ExportResult, describe_artifact, object_name, write_manifest
from exporter.publish import check_not_locked, check_output_directory, publication
from exporter.publishing.durability import Synchronizer
from exporter.publishing.lock import DEFAULT_LOCK_TIMEOUT, check_lock_timeout
from exporter.publishing.space import space_for
from exporter.reporting.page import write_report
from exporter.verification.failure import failure
from exporter.verification.options import VerificationOptions
from exporter.verification.process import VerificationProcess
from exporter.verification.reference import build_reference
from exporter.verification.report import FAILED, NOT_VERIFIED, WEAKLY_VERIFIED, VerificationReport
from exporter.weights.binding import WeightOptions, Weights, bind_weights
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.checkpoint_path import CheckpointPath, resolve_checkpoint
from exporter.weights.coverage import Coverage

_MOST_NAMED = 8


@dataclass(frozen=True)
class ExportRequest:
    """What to export, from where, to where.

    Attributes:
        model: whatever `exporter.model.as_model` takes.
        trained_checkpoint_prefix: what `exporter.weights.checkpoint_path.resolve_checkpoint` takes.
        output_directory: where the export appears.
        model_args: keyword arguments of the model's class, factory or network.
        model_name: how to call the model in the manifest.
        graph: how the model is wrapped.
        weights: which values are read.
        formats: names of artifact formats; None for checkpoint, frozen graph and SavedModel, as far as they can exist.
        format_options: options of single formats.
        overwrite: replace an export that is there already.
        verification: whether and how the artifacts are compared with the checkpoint.
        lock_timeout: seconds to wait for another export to the same place; 0 fails at once.
        fsync: get the bytes to the disk before they become visible, so that a power cut can't take them.
        report: write ``report.html`` beside the artifacts.
    """

    model: Any
    trained_checkpoint_prefix: str | Path
    output_directory: str | Path
    model_args: Mapping[str, Any] = field(default_factory=dict)
    model_name: str = ""
    graph: GraphOptions = field(default_factory=GraphOptions)
    weights: WeightOptions = field(default_factory=WeightOptions)
    formats: tuple[str, ...] | None = None
    format_options: FormatOptions = field(default_factory=FormatOptions)
    overwrite: bool = False
    verification: VerificationOptions = field(default_factory=VerificationOptions)
    lock_timeout: float = DEFAULT_LOCK_TIMEOUT
    fsync: bool = True
    report: bool = False

    def __post_init__(self) -> None:
        check_lock_timeout(self.lock_timeout)


def export(request: ExportRequest, verifier: VerificationProcess | None = None) -> ExportResult:
    """Runs one export. Nothing is visible at the output path until everything is written and verified.

    Args:
        request: what to export.
        verifier: a verification process that runs already; by default one is started for this export.

    Raises:
        ExportError: one of its kinds, see `exporter.errors`; nothing was published.
    """
    output_directory = Path(request.output_directory)
    for name in request.formats or ():
        find_format(name)
    checkpoint_path = resolve_checkpoint(request.trained_checkpoint_prefix)
    check_output_directory(output_directory, request.overwrite, checkpoint_path.prefix)
    if not request.lock_timeout:
        check_not_locked(output_directory)
    disk = Synchronizer(request.fsync)
    with ExitStack() as stack:
        staging = stack.enter_context(publication(output_directory, request.verification.keep_failed, request.lock_timeout,
                                                  disk))
        # Again: while this export waited for another, that one's may have appeared.
        check_output_directory(output_directory, request.overwrite, checkpoint_path.prefix)
        if not request.verification.enabled:
            verifier = None
        elif verifier is None:
            verifier = stack.enter_context(VerificationProcess())
        return _export(request, checkpoint_path, staging, disk, verifier)


def _export(request: ExportRequest, checkpoint_path: CheckpointPath, staging: Path, disk: Synchronizer,
            verifier: VerificationProcess | None) -> ExportResult:
    output_directory = Path(request.output_directory)
    clock = _Clock()
    with clock.phase("open_checkpoint"):
        checkpoint = Checkpoint.open(checkpoint_path)
    with clock.phase("build_graph"):
        graph = build_graph(request.model, request.model_args, request.graph)
    with clock.phase("bind_weights"):
        weights = bind_weights(graph.variables, graph.required_variables, checkpoint, request.weights)
        plan = plan_artifacts(request.formats, graph, weights, request.format_options)
        verifier = verifier if any(entry.is_runnable for entry in plan.formats) else None
    with clock.phase("write"), space_for(plan.byte_size, output_directory, staging), ThreadPoolExecutor() as pool:
        if verifier is not None:
            verifier.begin(graph.signature, request.verification.inputs)
        writing = [pool.submit(_write, entry, plan, graph, weights, staging, disk, verifier) for entry in plan.formats]
        if verifier is not None:
            reference = build_reference(request.model, request.model_args, request.graph)
            verifier.run_reference(reference, checkpoint.path.prefix, request.weights)
        artifacts = tuple(future.result() for future in writing)
    with clock.phase("verify"):
        report = _verification_report(request, verifier)
    result = ExportResult(
        output_directory, _configuration(request, plan, graph), checkpoint, graph.signature, weights, artifacts, report,
        (*plan.warnings, *_warnings(weights.coverage, report)), clock.seconds,
        graph.meta_graph_def.graph_def.versions.producer, _places(request, checkpoint))
    if request.report:
        with clock.phase("report"):
            page = write_report(result, request.model, request.model_args, request.weights, staging)
        result = replace(result, report=page)
    write_manifest(result, staging)
    return result


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


def _warnings(coverage: Coverage, report: VerificationReport) -> Iterator[str]:
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


def _configuration(request: ExportRequest, plan: WritePlan, graph: InferenceGraph) -> dict[str, Any]:
    """What was asked for, resolved; nothing in it depends on where the files are."""
    options = request.graph
    return {
        "model": _model_name(request),
        "model_args": dict(request.model_args),
        "input_type": options.input_type,
        "input_shape": _input_shape(request, graph),
        "side_inputs": [f"{entry.name} {entry.dtype} {format_shape(entry.shape)}" for entry in options.side_inputs],
        "output_names": list(options.output_names or ()),
        "additional_output_tensor_names": list(options.additional_output_tensor_names or ()),
        "output_collection_name": options.output_collection_name,
        "graph_hook_fn": None if options.graph_hook_fn is None else object_name(options.graph_hook_fn),
        "use_moving_averages": request.weights.use_moving_averages,
        "variable_map": dict(request.weights.variable_map),
        "formats": [entry.name for entry in plan.formats],
        "saved_model_variables": plan.options.saved_model_variables,
        "verification": _verification_configuration(request.verification),
    }


def _verification_configuration(options: VerificationOptions) -> dict[str, Any]:
    return {"enabled": options.enabled, "inputs": None if options.inputs is None else options.inputs.name,
            "rtol": options.rtol, "atol": options.atol}


def _input_shape(request: ExportRequest, graph: InferenceGraph) -> list[int | None] | None:
    """The shape of the images; of encoded ones, which the signature does not show, what was asked for."""
    images = graph.inputs.get(IMAGES_KEY)
    if images is not None and images.dtype != "string":
        return None if images.shape is None else list(images.shape)
    asked_for = request.graph.input_shape or getattr(request.model, "default_input_shape", None)
    return list(normalize_shape(asked_for)) if isinstance(asked_for, list | tuple) else None


def _model_name(request: ExportRequest) -> str:
    """The model's name, without the folder of its file where the path is absolute."""
    name = request.model_name or object_name(request.model)
    location, _, attribute = name.rpartition(":")
    return f"{Path(location).name}:{attribute}" if Path(location).is_absolute() else name


def _places(request: ExportRequest, checkpoint: Checkpoint) -> dict[str, str | None]:
    """Absolute paths of what is read."""
    name, inputs = request.model_name or object_name(request.model), request.verification.inputs
    location, _, attribute = name.rpartition(":")
    return {"checkpoint": str(checkpoint.path.prefix.absolute()),
            "model": f"{Path(location).absolute()}:{attribute}" if location.endswith(".py") else name,
            "verification_inputs": None if inputs is None else str(inputs.absolute())}


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 4)
