"""One export: open the checkpoint, build the graph, bind the weights, write the artifacts, verify, publish."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exporter.formats.format import Format, FormatOptions, find_format
from exporter.formats.plan import WritePlan, plan_artifacts
from exporter.graph.building import GraphOptions, build_graph
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.tensor_spec import format_shape
from exporter.manifest import Artifact, ExportResult, describe_artifact, write_manifest
from exporter.publish import check_free_space, check_output_directory, publication
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
    with ExitStack() as stack:
        if verifier is None and request.verification.enabled:
            verifier = stack.enter_context(VerificationProcess())
        return _export(request, checkpoint_path, output_directory, verifier)


def _export(request: ExportRequest, checkpoint_path: CheckpointPath, output_directory: Path,
            verifier: VerificationProcess | None) -> ExportResult:
    clock = _Clock()
    with clock.phase("open_checkpoint"):
        checkpoint = Checkpoint.open(checkpoint_path)
    with clock.phase("build_graph"):
        graph = build_graph(request.model, request.model_args, request.graph)
    with clock.phase("bind_weights"):
        weights = bind_weights(graph.variables, graph.required_variables, checkpoint, request.weights)
        plan = plan_artifacts(request.formats, graph, weights, request.format_options)
        check_free_space(output_directory, plan.byte_size)
    with publication(output_directory, request.verification.keep_failed) as staging:
        with clock.phase("write"):
            artifacts = _write(plan, graph, weights, staging)
        with clock.phase("verify"):
            report = _verify(request, plan, graph, checkpoint, staging, verifier)
        result = ExportResult(
            output_directory, _configuration(request, plan), checkpoint, graph.signature, weights, artifacts, report,
            (*plan.warnings, *_warnings(weights.coverage, report)), clock.seconds)
        write_manifest(result, staging)
    return result


def _verify(request: ExportRequest, plan: WritePlan, graph: InferenceGraph, checkpoint: Checkpoint, staging: Path,
            verifier: VerificationProcess | None) -> VerificationReport:
    """Compares the artifacts with the checkpoint, restored into a graph that is built anew, in another process."""
    if verifier is None or not request.verification.enabled:
        return VerificationReport(NOT_VERIFIED)
    runnable = [(entry.name, staging / entry.file_name) for entry in plan.formats if entry.is_runnable]
    verifier.run_artifacts(runnable, graph.signature, request.verification.inputs)
    reference = build_reference(request.model, request.model_args, request.graph)
    report = verifier.compare(reference, checkpoint.path.prefix, request.weights,
                              request.verification.tolerances(request.model))
    if report.status == FAILED:
        raise failure(report)
    return report


def _write(plan: WritePlan, graph: InferenceGraph, weights: Weights, staging: Path) -> tuple[Artifact, ...]:
    """Writes the artifacts side by side: copying and hashing leave Python's lock to each other."""
    def write_one(artifact_format: Format) -> Artifact:
        artifact_format.write(graph, weights, staging, plan.options)
        return describe_artifact(artifact_format.name, artifact_format.file_name, artifact_format.files(plan.options),
                                 staging)

    with ThreadPoolExecutor() as pool:
        return tuple(pool.map(write_one, plan.formats))


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


def _configuration(request: ExportRequest, plan: WritePlan) -> dict[str, Any]:
    graph = request.graph
    return {
        "model": request.model_name or getattr(request.model, "__name__", type(request.model).__name__),
        "model_args": dict(request.model_args),
        "input_type": graph.input_type,
        "input_shape": None if graph.input_shape is None else list(graph.input_shape),
        "side_inputs": [f"{entry.name} {entry.dtype} {format_shape(entry.shape)}" for entry in graph.side_inputs],
        "output_names": list(graph.output_names or ()),
        "additional_output_tensor_names": list(graph.additional_output_tensor_names or ()),
        "output_collection_name": graph.output_collection_name,
        "use_moving_averages": request.weights.use_moving_averages,
        "variable_map": dict(request.weights.variable_map),
        "formats": [entry.name for entry in plan.formats],
        "saved_model_variables": plan.options.saved_model_variables,
    }


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 4)
