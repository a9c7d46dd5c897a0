"""The reference: the model's graph built anew, its variables restored by ``tf.train.Saver``.

It is the independent witness for what an export wrote: nothing here shares code with this package's reading of weights or
its writers. Structure and values travel apart: the graph is built where the model is, and restored where it is run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporter.errors import CheckpointError, NotComparableError, reason
from exporter.formats.format import LoadedArtifact
from exporter.formats.session import loaded_graph, open_session
from exporter.graph.building import GraphOptions, add_inference_nodes
from exporter.graph.outputs import find_additional_outputs
from exporter.graph.passing_assignments import read_first
from exporter.graph.random_ops import random_ops_behind
from exporter.graph.tensor_spec import TensorSpec
from exporter.lazy_tensorflow import Graph, MetaGraphDef, tf
from exporter.model import as_model
from exporter.weights.binding import WeightOptions
from exporter.weights.restorable import restorable_prefix

_MOST_NAMED = 5
_OBJECT_GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"  # tf.train.Checkpoint's; tf.train.Saver finds variables by it


@dataclass(frozen=True)
class ReferenceGraph:
    """A graph without values, as plain TensorFlow exports it.

    Attributes:
        meta_graph: a serialized MetaGraphDef with the variables' collections.
        inputs: signature key -> placeholder.
        outputs: signature key -> tensor.
        variables: names of the variables' nodes.
    """

    meta_graph: bytes
    inputs: Mapping[str, TensorSpec]
    outputs: Mapping[str, TensorSpec]
    variables: frozenset[str]

    @property
    def meta_graph_def(self) -> MetaGraphDef:
        """The parsed graph."""
        return tf.MetaGraphDef.FromString(self.meta_graph)

    def random_outputs(self) -> dict[str, tuple[str, ...]]:
        """Returns output -> the random ops that it depends on."""
        nodes = {spec.node_name: name for name, spec in self.outputs.items()}
        behind = random_ops_behind(self.meta_graph_def.graph_def, nodes)
        return {nodes[node]: operations for node, operations in behind.items()}

    def load(self, prefix: Path | None, weights: WeightOptions) -> LoadedArtifact:
        """Restores the checkpoint into the graph, see `load_reference`."""
        assert prefix is not None, "a model has variables"
        return load_reference(self, prefix, weights.use_moving_averages, weights.checkpoint_name)


def build_reference(model: Any, model_args: Mapping[str, Any] | None, options: GraphOptions,
                    racing_assignments: Mapping[str, Sequence[str]] | None = None) -> ReferenceGraph:
    """Builds the model once more, in a graph of its own.

    Args:
        model: whatever `exporter.model.as_model` takes.
        model_args: keyword arguments of the model's class, factory or network.
        options: how it is wrapped.
        racing_assignments: nodes -> reads that they race with, and are to wait for: else the outputs are left to chance.

    Raises:
        ModelError: the model raised or broke its contract.
    """
    graph = tf.Graph()
    with graph.as_default():
        instance = as_model(model, model_args, side_inputs=options.side_input_names)
        outputs, inputs = add_inference_nodes(instance, options)
        outputs |= find_additional_outputs(graph, options.additional_output_tensor_names or ())
        graph_def = graph.as_graph_def()
        for node in graph_def.node:
            node.device = ""
        read_first(graph_def, racing_assignments or {})
        meta_graph_def = tf.train.export_meta_graph(graph_def=graph_def)
        variables = frozenset(variable.op.name for variable in tf.global_variables())
    input_specs, output_specs = ({key: TensorSpec.of(tensor) for key, tensor in tensors.items()}
                                 for tensors in (inputs, outputs))
    return ReferenceGraph(meta_graph_def.SerializeToString(), input_specs, output_specs, variables)


def load_reference(reference: ReferenceGraph, prefix: Path, use_moving_averages: bool,
                   checkpoint_name: Callable[[str], str] = str) -> LoadedArtifact:
    """Restores the checkpoint into the graph and fills its lookup tables.

    Args:
        reference: the graph.
        prefix: the checkpoint.
        use_moving_averages: restore each variable from its moving average, where it has one.
        checkpoint_name: variable name -> what the checkpoint calls it.

    Raises:
        CheckpointError: the checkpoint can't be read, or does not fit the model.
    """
    session = open_session()
    with session.graph.as_default():
        tf.train.import_meta_graph(reference.meta_graph_def)
        needed = _needed_variables(session.graph, [spec.node_name for spec in reference.outputs.values()])
        with restorable_prefix(prefix) as readable:
            _restore(session, needed, Path(readable), use_moving_averages, checkpoint_name)
        session.run(tf.tables_initializer())
    return loaded_graph(session, reference.inputs, reference.outputs)


def _needed_variables(graph: Graph, output_nodes: list[str]) -> list[Any]:
    nodes = {node.name for node in tf.graph_util.extract_sub_graph(graph.as_graph_def(), output_nodes).node}
    return [variable for variable in tf.global_variables() if variable.op.name in nodes]


def _restore(session: Any, variables: list[Any], prefix: Path, use_moving_averages: bool,
             checkpoint_name: Callable[[str], str]) -> None:
    try:
        reader = tf.train.NewCheckpointReader(str(prefix))
    except (ValueError, tf.errors.OpError) as error:
        raise CheckpointError(f"{prefix} is no readable checkpoint: {reason(error)}",
                              "Copy the checkpoint again.") from error
    restored = _variables_by_key(variables, reader, use_moving_averages, checkpoint_name)
    average_suffix = f"/{tf.train.ExponentialMovingAverage(0.0).name}"
    if use_moving_averages and restored and not any(key.endswith(average_suffix) for key in restored):
        raise CheckpointError(f"{prefix} has no moving averages of the model's variables.",
                              "Leave --use_moving_averages away to use the raw values.")
    if not reader.has_tensor(_OBJECT_GRAPH_KEY):
        _check_fit(restored, reader.get_variable_to_shape_map(), prefix)
    if not restored:
        return
    try:
        tf.train.Saver(restored).restore(session, str(prefix))
    except (ValueError, tf.errors.OpError) as error:
        lacking = next((line for line in str(error).splitlines() if "No OpKernel" in line), None)
        if lacking is not None:
            raise NotComparableError(f"TensorFlow can't run the model on this machine: {lacking.strip()}",
                                     "Export without this check by --noverify.") from error
        raise CheckpointError(f"{prefix} does not fit the model: {reason(error)}",
                              "Check --model and --model_args.") from error


def _check_fit(restored: Mapping[str, Any], shapes: Mapping[str, list[int]], prefix: Path) -> None:
    """Checks the shapes too: a saver restores a resource variable with any shape that it finds."""
    misfits = [f"{key} is missing" for key in restored if key not in shapes]
    for key, variable in restored.items():
        expected = variable[0]._get_save_slice_info().full_shape if isinstance(variable, list) else variable.shape.as_list()
        if key in shapes and list(expected) != list(shapes[key]):
            misfits.append(f"{key} has the shape {shapes[key]}, expected {list(expected)}")
    if misfits:
        more = f" and {len(misfits) - _MOST_NAMED} more" if len(misfits) > _MOST_NAMED else ""
        raise CheckpointError(f"{prefix} does not fit the model: {'; '.join(misfits[:_MOST_NAMED])}{more}.",
                              "Check --model and --model_args.")


def _variables_by_key(variables: list[Any], reader: Any, use_moving_averages: bool,
                      checkpoint_name: Callable[[str], str]) -> dict[str, Any]:
    """What a saver takes: key -> variable, or all parts of a partitioned variable."""
    restored: dict[str, Any] = {}
    for variable in variables:
        part = variable._get_save_slice_info()
        name = checkpoint_name(part.full_name if part else variable.op.name)
        average = f"{name}/{tf.train.ExponentialMovingAverage(0.0).name}"
        key = average if use_moving_averages and reader.has_tensor(average) else name
        restored[key] = [*restored.get(key, []), variable] if part else variable
    return restored
