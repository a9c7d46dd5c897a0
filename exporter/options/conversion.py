"""From options as plain values to what the export takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from exporter.errors import UsageError
from exporter.formats.format import FormatOptions, find_format
from exporter.graph.building import GraphOptions
from exporter.graph.input_types import normalize_shape
from exporter.graph.side_inputs import side_inputs
from exporter.graph.stored.options import StoredGraphOptions
from exporter.graph.tensor_spec import Shape
from exporter.options.export_options import ExportOptions
from exporter.request import ExportRequest
from exporter.verification.options import VerificationOptions
from exporter.weights.binding import WeightOptions

# They tell where files are and how to handle what is there; two exports that differ in nothing else are equal.
_OF_PLACES = ("trained_checkpoint_prefix", "output_directory", "overwrite", "lock_timeout", "fsync", "keep_failed", "report")
_DEFAULTS = asdict(ExportOptions())


def export_request(options: ExportOptions, model: Any = None) -> ExportRequest:
    """Turns options into a request.

    Args:
        options: complete, as `exporter.options.requirements.check_options` wants them.
        model: the model, loaded; None before TensorFlow is imported.

    Raises:
        UsageError: an option has a value that can't be used.
    """
    for name in options.formats:
        find_format(name)
    return ExportRequest(
        model, options.trained_checkpoint_prefix, Path(options.output_directory or ""), options.model_args,
        options.model or "", graph_options(options), WeightOptions(options.use_moving_averages, options.variable_map),
        tuple(options.formats) or None,
        FormatOptions(options.saved_model_variables, options.write_inference_graph, options.optimize_for_inference),
        options.overwrite, _verification_options(options), options.lock_timeout, options.fsync, options.report,
        stored_graph_options(options, options.input_graph, options.output_node_names, options.signature)
        if options.input_graph else None)


def declared_options(options: ExportOptions) -> dict[str, Any]:
    """Returns the options that are not the default's and that decide what an export holds; places by their last name."""
    declared = {name: value for name, value in asdict(options).items()
                if name not in _OF_PLACES and value != _DEFAULTS[name]}
    for name in ("input_graph", "verification_inputs"):
        if declared.get(name):
            declared[name] = Path(declared[name]).name
    if options.tf1_roots:
        declared["tf1_root"] = [Path(folder).name for folder in options.tf1_roots]
    location, _, attribute = str(declared.get("model", "")).rpartition(":")
    if location.endswith(".py"):
        declared["model"] = f"{Path(location).name}:{attribute}"
    return declared


def graph_options(options: ExportOptions) -> GraphOptions:
    """Returns how a model is wrapped."""
    return GraphOptions(
        input_type=options.input_type,
        input_shape=model_input_shape(options.input_shape) if options.model else None,
        side_inputs=side_inputs(options.side_input_names, options.side_input_shapes, options.side_input_types),
        output_names=options.output_names or None,
        additional_output_tensor_names=options.additional_output_tensor_names or None,
        output_collection_name=options.output_collection_name or None)


def stored_graph_options(options: ExportOptions, graph: str, output_node_names: Sequence[str],
                         signature: str | None = None) -> StoredGraphOptions:
    """Returns how a stored graph becomes an inference graph."""
    return StoredGraphOptions(
        graph, tuple(options.input_names), tuple(output_node_names), options.fix, stored_input_shapes(options.input_shape),
        rewrite_batch_norm=options.rewrite_batch_norm, saved_model_tags=tuple(options.saved_model_tags) or None,
        signature=signature)


def model_input_shape(shape: Any) -> Shape | None:
    """Returns the shape of a model's images, None where free.

    Raises:
        UsageError: it is none, or names inputs.
    """
    if isinstance(shape, Mapping):
        raise UsageError(f"--input_shape names inputs ({', '.join(shape)}); a model has one shape, of its images.",
                         "For example: --input_shape -1,28,28,3")
    return None if shape is None else normalize_shape(shape)


def stored_input_shapes(shapes: Any) -> dict[str, Shape]:
    """Returns the shapes of a stored graph's inputs by name, None where free.

    Raises:
        UsageError: they have no names, or a dimension is no size.
    """
    if shapes is None:
        return {}
    if not isinstance(shapes, Mapping):
        found = ",".join(map(str, shapes))
        raise UsageError(f"The input shape {found!r} is not of the form name=-1,32,32,3.",
                         "Give a name of an input, and -1 where a dimension is free.")
    for name, shape in shapes.items():
        if any(size is not None and size < -1 for size in shape):
            raise UsageError(f"The input shape of {name!r} has the dimension {min(filter(None, shape))}.",
                             "Give a size, and -1 where a dimension is free.")
    return {name: tuple(None if size == -1 else size for size in shape) for name, shape in shapes.items()}


def _verification_options(options: ExportOptions) -> VerificationOptions:
    inputs = Path(options.verification_inputs) if options.verification_inputs else None
    return VerificationOptions(options.verify, inputs, options.verification_rtol, options.verification_atol,
                               options.keep_failed)
