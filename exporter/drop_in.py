"""The functions of the Object Detection API's exporter, under their names and signatures, over this package's core.

Source of the signatures: tensorflow/models, research/object_detection/exporter.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from exporter.export import export
from exporter.formats.bundle_writer import write_bundle
from exporter.formats.checkpoint import write_state_file
from exporter.formats.format import FormatOptions
from exporter.formats.saved_model import write_saved_model_directory
from exporter.formats.streaming import serialize
from exporter.graph.building import IMAGES_KEY, GraphOptions, add_inference_nodes
from exporter.graph.inference_graph import InferenceGraph
from exporter.graph.input_types import ANY_IMAGES, find_input_type, input_type_names, normalize_shape
from exporter.graph.side_inputs import SideInput
from exporter.graph.stored.restored_variables import restored_variables
from exporter.graph.tensor_spec import TensorSpec
from exporter.graph.variables import graph_variables
from exporter.lazy_tensorflow import Graph, GraphDef, SaverDef, Tensor, tf
from exporter.manifest import ExportResult
from exporter.model import as_model
from exporter.publishing.lock import DEFAULT_LOCK_TIMEOUT
from exporter.request import ExportRequest
from exporter.verification.options import VerificationOptions
from exporter.weights.binding import WeightOptions, Weights, bind_weights
from exporter.weights.checkpoint import Checkpoint


def export_inference_graph(
        input_type: str, model: Any, trained_checkpoint_prefix: str | Path, output_directory: str | Path,
        input_shape: Sequence[int | None] | None = None, use_moving_averages: bool | None = None,
        output_collection_name: str | None = "inference_op",
        additional_output_tensor_names: Sequence[str] | None = None, graph_hook_fn: Callable[[], Any] | None = None, *,
        model_args: Mapping[str, Any] | None = None, output_names: Sequence[str] | None = None,
        side_inputs: Sequence[SideInput] = (), variable_map: Mapping[str, str] | None = None,
        formats: Sequence[str] | None = None, saved_model_variables: bool = False,
        write_inference_graph: bool = False, overwrite: bool = False, lock_timeout: float = DEFAULT_LOCK_TIMEOUT,
        fsync: bool = True, report: bool = False, verification: VerificationOptions | None = None) -> ExportResult:
    """Exports a trained model: checkpoint, ``frozen_inference_graph.pb`` and ``saved_model/``.

    The model is built in a graph of its own; the caller's default graph is left alone.

    Args:
        input_type: ``image_tensor``, ``float_image_tensor``, ``encoded_image_string_tensor``, ``tf_example``, or the name
            of a registered one.
        model: a Model, its class, a factory function, or a callable ``network(images)``.
        trained_checkpoint_prefix: prefix, file or directory of the checkpoint.
        output_directory: where the export appears, by one rename.
        input_shape: (batch, height, width, channels), with None or -1 where free.
        use_moving_averages: read the shadow variables in place of the raw ones.
        output_collection_name: collection of the output tensors; None for none.
        additional_output_tensor_names: ``scope/op`` or ``scope/op:0`` of tensors to export as well.
        graph_hook_fn: called after the graph is built, with that graph as default.
        model_args: keyword arguments of the model's class, factory or network.
        output_names: outputs to keep, ``name`` or ``name=new_name``; None keeps all.
        side_inputs: further inputs, given to the model as keyword arguments.
        variable_map: regular expression -> replacement, from variable names to the checkpoint's keys.
        formats: names of artifact formats; None for checkpoint, frozen graph and SavedModel.
        saved_model_variables: the SavedModel keeps real variables.
        write_inference_graph: write ``inference_graph.pbtxt`` as well.
        overwrite: replace an export that is there already.
        lock_timeout: seconds to wait for another export to the same place; 0 fails at once.
        fsync: get the bytes to the disk before they become visible, so that a power cut can't take them.
        report: write ``report.html`` as well.
        verification: whether and how the artifacts are compared with the checkpoint; by default they are.

    Returns:
        What was exported.

    Raises:
        ExportError: one of its kinds, see `exporter.errors`; nothing was written.
    """
    return export(ExportRequest(
        model, trained_checkpoint_prefix, output_directory, model_args or {},
        graph=GraphOptions(input_type, input_shape, tuple(side_inputs), output_names, additional_output_tensor_names,
                           output_collection_name, graph_hook_fn),
        weights=WeightOptions(bool(use_moving_averages), variable_map or {}),
        formats=None if formats is None else tuple(formats),
        format_options=FormatOptions(saved_model_variables, write_inference_graph), overwrite=overwrite,
        lock_timeout=lock_timeout, fsync=fsync, report=report, verification=verification or VerificationOptions()))


def build_inference_graph(
        input_type: str, model: Any, input_shape: Sequence[int | None] | None = None,
        output_collection_name: str | None = "inference_op",
        graph_hook_fn: Callable[[], Any] | None = None) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Builds placeholders, model and output nodes in the current default graph.

    Returns:
        ``({output name: tensor}, {input key: placeholder})``

    Raises:
        UsageError: an unknown input type, or a shape it can't make.
        ModelError: the model raised or broke its contract.
    """
    options = GraphOptions(input_type, input_shape, output_collection_name=output_collection_name,
                           graph_hook_fn=graph_hook_fn)
    return add_inference_nodes(as_model(model, side_inputs=options.side_input_names), options)


class _InputPlaceholderFunctions(Mapping[str, Callable[..., tuple[Tensor, Tensor]]]):
    """Input type -> function that takes ``input_shape`` and returns (placeholder, images); always up to date."""

    def __getitem__(self, name: str) -> Callable[..., tuple[Tensor, Tensor]]:
        if name not in input_type_names():
            raise KeyError(name)

        def placeholder_function(input_shape: Sequence[int | None] | None = None) -> tuple[Tensor, Tensor]:
            return find_input_type(name).build(normalize_shape(input_shape or ANY_IMAGES))

        return placeholder_function

    def __iter__(self) -> Iterator[str]:
        return iter(input_type_names())

    def __len__(self) -> int:
        return len(input_type_names())


input_placeholder_fn_map = _InputPlaceholderFunctions()


def replace_variable_values_with_moving_averages(graph: Graph, current_checkpoint_file: str | Path,
                                                 new_checkpoint_file: str | Path) -> None:
    """Writes a checkpoint of the graph's variables in which each has the value of its moving average.

    Variables without a moving average keep their own value. Nothing but the new checkpoint is written.

    Args:
        graph: the graph whose variables are written.
        current_checkpoint_file: a checkpoint with the variables and their moving averages.
        new_checkpoint_file: prefix of the new checkpoint.

    Raises:
        CheckpointError: a variable is missing or misfits, or there is no moving average at all.
    """
    with graph.as_default():
        variables = graph_variables(tf.train.export_meta_graph(graph=graph))
    weights = bind_weights(variables, variables, Checkpoint.open(current_checkpoint_file),
                           WeightOptions(use_moving_averages=True))
    prefix = Path(new_checkpoint_file)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    write_bundle(prefix, weights.sources)


def write_frozen_graph(frozen_graph_path: str | Path, frozen_graph_def: GraphDef) -> None:
    """Writes a GraphDef as a binary file."""
    Path(frozen_graph_path).write_bytes(serialize(frozen_graph_def))


def write_saved_model(saved_model_path: str | Path, frozen_graph_def: GraphDef, inputs: Tensor | Mapping[str, Tensor],
                      outputs: Mapping[str, Tensor]) -> None:
    """Writes a SavedModel of a frozen graph, with tag ``serve`` and signature ``serving_default``.

    Args:
        saved_model_path: directory to create.
        frozen_graph_def: a graph without variables.
        inputs: one placeholder, which becomes the key ``inputs``, or placeholders by key.
        outputs: tensors by name.

    Raises:
        OutputError: the directory exists already.
        GraphError: a tensor is not in the graph.
    """
    by_key = inputs if isinstance(inputs, Mapping) else {IMAGES_KEY: inputs}
    graph = InferenceGraph(tf.MetaGraphDef(graph_def=frozen_graph_def),
                           {key: TensorSpec.of(tensor) for key, tensor in by_key.items()},
                           {key: TensorSpec.of(tensor) for key, tensor in outputs.items()})
    write_saved_model_directory(graph, Weights(), Path(saved_model_path), FormatOptions())


def write_graph_and_checkpoint(inference_graph_def: GraphDef, model_path: str | Path, input_saver_def: SaverDef,
                               trained_checkpoint_prefix: str | Path) -> None:
    """Writes ``<model_path>.{meta,index,data-*}`` and the state file ``checkpoint`` beside them.

    Args:
        inference_graph_def: the graph, with the saver's nodes; its devices are cleared in the copy.
        model_path: prefix to write.
        input_saver_def: names the restore op of the graph.
        trained_checkpoint_prefix: where the values come from.

    Raises:
        CheckpointError: a variable is missing or misfits.
    """
    meta_graph_def = tf.MetaGraphDef(graph_def=inference_graph_def, saver_def=input_saver_def)
    for node in meta_graph_def.graph_def.node:
        node.device = ""
    restored = restored_variables(meta_graph_def, graph_variables(meta_graph_def))
    weights = bind_weights(restored, restored, Checkpoint.open(trained_checkpoint_prefix), WeightOptions())
    prefix = Path(model_path)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    write_bundle(prefix, weights.sources)
    Path(f"{prefix}.meta").write_bytes(serialize(meta_graph_def))
    write_state_file(prefix)
