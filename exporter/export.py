"""One export: open the checkpoint, build the graph, bind the weights, write the artifacts, publish."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exporter.errors import GraphError
from exporter.formats.format import DEFAULT_FORMATS, Format, FormatOptions, find_format
from exporter.formats.streaming import PROTOBUF_LIMIT
from exporter.graph.building import GraphOptions, build_graph
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.tensor_spec import format_shape
from exporter.manifest import Artifact, ExportResult, describe_artifact, write_manifest
from exporter.publish import check_free_space, check_output_directory, publication
from exporter.weights.binding import WeightOptions, Weights, bind_weights
from exporter.weights.checkpoint import Checkpoint
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
        formats: names of artifact formats.
        format_options: options of single formats.
        overwrite: replace an export that is there already.
    """

    model: Any
    trained_checkpoint_prefix: str | Path
    output_directory: str | Path
    model_args: Mapping[str, Any] = field(default_factory=dict)
    model_name: str = ""
    graph: GraphOptions = field(default_factory=GraphOptions)
    weights: WeightOptions = field(default_factory=WeightOptions)
    formats: tuple[str, ...] = DEFAULT_FORMATS
    format_options: FormatOptions = field(default_factory=FormatOptions)
    overwrite: bool = False


def export(request: ExportRequest) -> ExportResult:
    """Runs one export. Nothing is visible at the output path until everything is written.

    Raises:
        ExportError: one of its kinds, see `exporter.errors`; nothing was written.
    """
    clock = _Clock()
    output_directory = Path(request.output_directory)
    formats = [find_format(name) for name in dict.fromkeys(request.formats)]
    check_output_directory(output_directory, request.overwrite)
    with clock.phase("open_checkpoint"):
        checkpoint = Checkpoint.open(request.trained_checkpoint_prefix)
        check_output_directory(output_directory, request.overwrite, checkpoint.path.prefix)
    with clock.phase("build_graph"):
        graph = build_graph(request.model, request.model_args, request.graph)
    with clock.phase("bind_weights"):
        weights = bind_weights(graph.variables, graph.required_variables, checkpoint, request.weights)
        _check_sizes(formats, graph, weights, request)
    with publication(output_directory) as staging:
        with clock.phase("write"):
            artifacts = tuple(_write(artifact_format, graph, weights, staging, request)
                              for artifact_format in formats)
        result = ExportResult(
            output_directory, _configuration(request), checkpoint.path.prefix, checkpoint.path.explanation,
            checkpoint.path.version, checkpoint.road, checkpoint.step, graph.inputs, graph.outputs, weights.coverage,
            artifacts,
            tuple(_warnings(weights.coverage)), clock.seconds)
        write_manifest(result, staging)
    return result


def _write(artifact_format: Format, graph: InferenceGraph, weights: Weights, staging: Path,
           request: ExportRequest) -> Artifact:
    artifact_format.write(graph, weights, staging, request.format_options)
    return describe_artifact(artifact_format.name, artifact_format.file_name,
                             artifact_format.files(request.format_options), staging)


def _check_sizes(formats: list[Format], graph: InferenceGraph, weights: Weights, request: ExportRequest) -> None:
    sizes = {entry.name: entry.byte_size(graph, weights, request.format_options) for entry in formats}
    in_one_message = ["frozen_graph"] if request.format_options.saved_model_variables else ["frozen_graph", "saved_model"]
    for name in in_one_message:
        if sizes.get(name, 0) > PROTOBUF_LIMIT:
            raise GraphError(f"The {name} would have {sizes[name]:,} bytes; protobuf reads at most {PROTOBUF_LIMIT:,}.",
                             "Export --formats checkpoint,saved_model with --saved_model_variables.")
    check_free_space(Path(request.output_directory), sum(sizes.values()))


def _warnings(coverage: Coverage) -> Iterator[str]:
    if coverage.unused_averages:
        yield (f"The checkpoint has moving averages of {len(coverage.unused_averages)} variables, which are not used: "
               "the raw values are exported. For the averages: --use_moving_averages")
    if coverage.not_averaged:
        yield f"Without a moving average, exported raw: {_names(coverage.not_averaged)}"
    left_out = [f"{misfit.name} ({misfit.kind})" for misfit in coverage.left_out if misfit.name != "global_step"]
    if left_out:
        yield f"Not needed by the outputs and left out of the checkpoint copy: {_names(left_out)}"


def _names(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _configuration(request: ExportRequest) -> dict[str, Any]:
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
        "formats": list(dict.fromkeys(request.formats)),
        "saved_model_variables": request.format_options.saved_model_variables,
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
