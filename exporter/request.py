"""What a user asks for: one export, with all its options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from exporter.formats.format import FormatOptions
from exporter.formats.plan import WritePlan
from exporter.graph.building import IMAGES_KEY, GraphOptions
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.input_types import find_input_type, normalize_shape
from exporter.graph.stored.loading import graph_file
from exporter.graph.stored.options import StoredGraphOptions
from exporter.graph.tensor_spec import format_shape
from exporter.manifest import object_name
from exporter.publishing.lock import DEFAULT_LOCK_TIMEOUT, check_lock_timeout
from exporter.source_files import source_files
from exporter.tensorflow_1_code import Tensorflow1Code
from exporter.verification.options import VerificationOptions
from exporter.weights.binding import WeightOptions
from exporter.weights.checkpoint import Checkpoint


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
        stored: a stored graph in place of a model; `model`, `model_args` and `graph` are then unused.
        origins: local path -> the address that it stands for, where what is read was downloaded; for the manifest.
        declared: the options as they were written in flags or YAML, where they were; recorded in the manifest, so that a
            batch can tell whether an export is what is asked for.
        tensorflow_1: how the model's code was imported, where it is TensorFlow 1.
    """

    model: Any
    trained_checkpoint_prefix: str | Path | None
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
    stored: StoredGraphOptions | None = None
    declared: Mapping[str, Any] | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    tensorflow_1: Tensorflow1Code | None = None

    def __post_init__(self) -> None:
        check_lock_timeout(self.lock_timeout)


def resolved_configuration(request: ExportRequest, plan: WritePlan, graph: InferenceGraph) -> dict[str, Any]:
    """What was asked for, resolved; nothing in it depends on where the files are."""
    options = request.graph
    return {
        "model": _model_name(request),
        "model_args": dict(request.model_args),
        "graph": None if request.stored is None else _stored_configuration(request.stored),
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


def _stored_configuration(options: StoredGraphOptions) -> dict[str, Any]:
    return {"name": Path(options.graph).name, "input_names": list(options.input_names),
            "output_node_names": list(options.output_node_names), "fix": dict(options.fixed),
            "input_shapes": {name: list(shape) for name, shape in options.input_shapes.items()},
            "rewrite_batch_norm": options.rewrite_batch_norm, "saved_model_tags": list(options.saved_model_tags or ()),
            "signature": options.signature}


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
    """The model's name, without the folder of its file where the path is absolute; the file of a stored graph."""
    if request.stored is not None:
        return Path(request.stored.graph).name
    name = request.model_name or object_name(request.model)
    location, _, attribute = name.rpartition(":")
    return f"{Path(location).name}:{attribute}" if Path(location).is_absolute() else name


def graph_sources(request: ExportRequest) -> dict[str, Path]:
    """Returns the files that the graph comes from: the model's modules by name, or the stored graph's file."""
    if request.stored is not None:
        file = graph_file(Path(request.stored.graph))
        return {file.name: file.absolute()}
    objects = (request.model, find_input_type(request.graph.input_type), request.graph.graph_hook_fn)
    return source_files(value for value in objects if value is not None)


def resolved_places(request: ExportRequest, checkpoint: Checkpoint | None) -> dict[str, str | None]:
    """Returns the absolute paths of what is read, for the part of the manifest that is not reproducible."""
    name, inputs = request.model_name or object_name(request.model), request.verification.inputs
    location, _, attribute = name.rpartition(":")
    if request.stored is not None:
        name = str(Path(request.stored.graph).absolute())
    places = {"checkpoint": None if checkpoint is None else str(checkpoint.path.prefix.absolute()),
              "model": f"{Path(location).absolute()}:{attribute}" if location.endswith(".py") else name,
              "verification_inputs": None if inputs is None else str(inputs.absolute())}
    return {key: place and request.origins.get(place, place) for key, place in places.items()}
