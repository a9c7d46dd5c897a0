"""``freeze_graph_with_def_protos`` with TensorFlow's parameters (tensorflow/python/tools/freeze_graph.py)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from exporter.errors import CheckpointError, GraphError, UsageError
from exporter.formats.streaming import PROTOBUF_LIMIT, Message, frozen_graph_message
from exporter.graph.freezing import freeze_structure
from exporter.graph.node_names import node_of
from exporter.graph.pruning import prune
from exporter.graph.saver_nodes import restored_variables
from exporter.graph.variables import GraphVariable, graph_variables
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, SaverDef, tf
from exporter.weights.binding import WeightOptions, Weights, bind_weights
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.tensor_source import ArrayTensor, TensorSource


def freeze_graph_with_def_protos(
        input_graph_def: GraphDef, input_saver_def: SaverDef | None, input_checkpoint: str | Path,
        output_node_names: str | Sequence[str], restore_op_name: str | None = None,
        filename_tensor_name: str | None = None, output_graph: str | Path | None = None, clear_devices: bool = True,
        initializer_nodes: str | Sequence[str] = "", variable_names_whitelist: str | Sequence[str] = "",
        variable_names_denylist: str | Sequence[str] = "", input_meta_graph_def: MetaGraphDef | None = None,
        input_saved_model_dir: str | Path | None = None, saved_model_tags: str | Sequence[str] | None = None,
        checkpoint_version: int = 2, variable_names_blacklist: str | Sequence[str] = "") -> GraphDef:
    """Turns the variables of a graph into constants with the values of a checkpoint. No session restores anything.

    Args:
        input_graph_def: the graph; not changed. None where ``input_meta_graph_def`` or a SavedModel is given.
        input_saver_def: names the restore op, from which the variables' keys are taken; None takes their names.
        input_checkpoint: prefix, file or directory of the checkpoint; unused with a SavedModel.
        output_node_names: comma-separated or a list.
        restore_op_name: unused, as in TensorFlow.
        filename_tensor_name: unused, as in TensorFlow.
        output_graph: file to write, or None.
        clear_devices: drop the nodes' devices.
        initializer_nodes: ops, comma-separated or a list, that give variables a value which the checkpoint lacks.
        variable_names_whitelist: variables to turn into constants; empty for all.
        variable_names_denylist: variables to keep.
        input_meta_graph_def: a MetaGraphDef in place of ``input_graph_def``.
        input_saved_model_dir: a SavedModel in place of graph and checkpoint.
        saved_model_tags: its tag set, by default ``serve``.
        checkpoint_version: unused: the version is read from the files.
        variable_names_blacklist: the older name of ``variable_names_denylist``.

    Returns:
        The frozen graph.

    Raises:
        UsageError: no output node is named.
        GraphError: an output is not in the graph, or a variable can't become a constant.
        CheckpointError: the checkpoint is missing, damaged or does not fit.
    """
    del restore_op_name, filename_tensor_name, checkpoint_version
    if input_saved_model_dir:
        input_meta_graph_def = _saved_model_graph(input_saved_model_dir, saved_model_tags)
        input_checkpoint = Path(input_saved_model_dir) / "variables" / "variables"
    meta_graph_def = _meta_graph(input_graph_def, input_saver_def, input_meta_graph_def, clear_devices)
    outputs = [node_of(name) for name in _names(output_node_names)]
    if not outputs:
        raise UsageError("No output node is named.", "Give output_node_names, for example 'classes,probabilities'.")
    pruned = prune(meta_graph_def.graph_def, outputs)
    kept = _kept_variables(meta_graph_def, variable_names_whitelist, variable_names_denylist or variable_names_blacklist)
    variables = [variable for variable in _variables(meta_graph_def)
                 if variable.node in {node.name for node in pruned.node}]
    frozen_variables = [variable for variable in variables if variable.node not in kept]
    weights = _weights(meta_graph_def.graph_def, frozen_variables, input_checkpoint, _names(initializer_nodes))
    message = frozen_graph_message(freeze_structure(pruned, variables, kept), weights)
    return _written(message, output_graph)


def _written(message: Message, output_graph: str | Path | None) -> GraphDef:
    if message.byte_size > PROTOBUF_LIMIT:
        raise GraphError(f"The frozen graph would have {message.byte_size:,} bytes; protobuf reads at most "
                         f"{PROTOBUF_LIMIT:,}.", "Export a SavedModel with variables.")
    content = message.content()
    if output_graph is not None:
        Path(output_graph).write_bytes(content)
    return tf.GraphDef.FromString(content)


def _names(names: str | Iterable[str] | None) -> list[str]:
    parts = names.split(",") if isinstance(names, str) else list(names or ())
    return [part.strip() for part in parts if part.strip()]


def _meta_graph(graph_def: GraphDef | None, saver_def: SaverDef | None, given: MetaGraphDef | None,
                clear_devices: bool) -> MetaGraphDef:
    meta_graph_def = tf.MetaGraphDef()
    if given is not None:
        meta_graph_def.CopyFrom(given)
    else:
        meta_graph_def.graph_def.CopyFrom(graph_def)
        if saver_def is not None:
            meta_graph_def.saver_def.CopyFrom(saver_def)
    if clear_devices:
        for node in meta_graph_def.graph_def.node:
            node.device = ""
    return meta_graph_def


def _saved_model_graph(directory: str | Path, tags: str | Sequence[str] | None) -> MetaGraphDef:
    from tensorflow.python.tools import saved_model_utils

    tag_set = tags if isinstance(tags, str) else ",".join(tags or ("serve",))
    return saved_model_utils.get_meta_graph_def(str(directory), tag_set)


def _variables(meta_graph_def: MetaGraphDef) -> tuple[GraphVariable, ...]:
    """The graph's variables under the names that the saver restores them from, where it says so."""
    variables = graph_variables(meta_graph_def)
    return restored_variables(meta_graph_def, variables) if meta_graph_def.HasField("saver_def") else variables


def _kept_variables(meta_graph_def: MetaGraphDef, whitelist: str | Sequence[str],
                    denylist: str | Sequence[str]) -> set[str]:
    nodes = {variable.node for variable in graph_variables(meta_graph_def)}
    converted = set(_names(whitelist)) or nodes
    return nodes - converted | nodes & set(_names(denylist))


def _weights(graph_def: GraphDef, variables: Sequence[GraphVariable], path: str | Path,
             initializers: Sequence[str]) -> Weights:
    if not variables:
        return Weights()
    checkpoint = Checkpoint.open(path)
    initialized = _initialized(graph_def, variables, checkpoint, initializers)
    restored = [variable for variable in variables if variable.name not in initialized]
    bound = bind_weights(restored, restored, checkpoint, WeightOptions())
    return Weights({**bound.sources, **initialized}, bound.coverage)


def _initialized(graph_def: GraphDef, variables: Sequence[GraphVariable], checkpoint: Checkpoint,
                 initializers: Sequence[str]) -> dict[str, TensorSource]:
    """Runs the initializers for the variables that the checkpoint does not have."""
    lacking = [variable for variable in variables if variable.name not in checkpoint.entries]
    if not initializers or not lacking:
        return {}
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(prune(graph_def, [*initializers, *(variable.node for variable in lacking)]), name="")
        tensors = {variable.name: _read(graph, variable) for variable in lacking}
        session.run(list(initializers))
        try:
            values = session.run(tensors)
        except tf.errors.FailedPreconditionError as error:
            raise CheckpointError(f"Not in the checkpoint, nor initialized by {', '.join(initializers)}: "
                                  f"{', '.join(tensors)}.", "Name the ops that initialize them.") from error
    return {variable.name: ArrayTensor(values[variable.name], variable.dtype) for variable in lacking}


def _read(graph: Any, variable: GraphVariable) -> Any:
    tensor = graph.get_tensor_by_name(f"{variable.node}:0")
    return tf.raw_ops.ReadVariableOp(resource=tensor, dtype=variable.dtype) if variable.is_resource else tensor
