"""Variables that a program never saved: after its restore they hold what their initializers gave them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from exporter.errors import CheckpointError
from exporter.graph.node_names import node_of
from exporter.graph.pruning import prune
from exporter.graph.variables import VARIABLE_COLLECTIONS, VARIABLE_OPS, GraphVariable, variable_def
from exporter.lazy_tensorflow import GraphDef, MetaGraphDef, tf
from exporter.weights.binding import WeightOptions, Weights, bind_weights, find_key
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.tensor_source import ArrayTensor


def bind_stored_weights(meta_graph_def: MetaGraphDef, variables: Iterable[GraphVariable], required: Iterable[GraphVariable],
                        unrestored: Container[str], checkpoint: Checkpoint, options: WeightOptions) -> Weights:
    """Binds the variables of a stored graph.

    Those that the graph's own saver leaves alone and the checkpoint does not have keep their initial values, where these are
    the same in every run.

    Args:
        meta_graph_def: the inference graph, with the initializers of its variables.
        variables: its variables.
        required: those that the outputs need.
        unrestored: nodes of variables that the graph's saver does not restore.
        checkpoint: where the values come from.
        options: which values are read.

    Raises:
        CheckpointError: needed variables are missing or misfit.
    """
    required = list(required)
    lacking = [variable for variable in required if variable.node in unrestored
               and find_key(variable.name, checkpoint, options) is None]
    values = initial_values(meta_graph_def, lacking)
    try:
        bound = bind_weights([variable for variable in variables if variable.name not in values],
                             [variable for variable in required if variable.name not in values], checkpoint, options)
    except CheckpointError as error:
        if all(variable.name in values for variable in lacking):
            raise
        raise CheckpointError(error.problem, "The graph's own saver leaves them alone, and their initial values are random: "
                              "name outputs that do not need them, or give a checkpoint that has them.") from error
    return replace(bound, sources={**bound.sources, **values},
                   coverage=replace(bound.coverage, initialized=tuple(sorted(values))))


def initial_values(meta_graph_def: MetaGraphDef, variables: Iterable[GraphVariable]) -> dict[str, ArrayTensor]:
    """Returns variable name -> its initial value, for those whose initializer is the same in every run."""
    tensors = _initial_value_tensors(meta_graph_def)
    present = {node.name for node in meta_graph_def.graph_def.node}
    variables = list(variables)
    lacking = {variable.name for variable in variables
               if node_of(tensors.get(variable.node, "")) not in present
               or not _is_constant(prune(meta_graph_def.graph_def, [node_of(tensors[variable.node])]))}
    wanted = [variable for variable in variables if variable.name not in lacking]
    if not wanted:
        return {}
    pruned = prune(meta_graph_def.graph_def, [node_of(tensors[variable.node]) for variable in wanted])
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(pruned, name="")
        return whole_values(wanted, session.run({variable.node: tensors[variable.node] for variable in wanted}))


def whole_values(variables: Iterable[GraphVariable], values: Mapping[str, Any]) -> dict[str, ArrayTensor]:
    """Returns variable name -> value, put together of the parts that the nodes of a partitioned variable hold.

    Args:
        variables: the variables.
        values: node -> its value.
    """
    wholes: dict[str, ArrayTensor] = {}
    for variable in variables:
        value = np.asarray(values[variable.node], object if variable.dtype == "string" else None)
        if variable.part is not None:
            part, whole = value, wholes.get(variable.name)
            value = np.zeros(variable.part.full_shape, part.dtype) if whole is None else whole.value
            value[variable.part.index] = part
        wholes[variable.name] = ArrayTensor(value, variable.dtype)
    return wholes


def _initial_value_tensors(meta_graph_def: MetaGraphDef) -> dict[str, str]:
    """Variable node -> the tensor that it is initialized with."""
    tensors = {node_of(node.input[0]): node.input[1] for node in meta_graph_def.graph_def.node
               if node.op in ("Assign", "AssignVariableOp") and node.name == f"{node_of(node.input[0])}/Assign"}
    for collection in VARIABLE_COLLECTIONS:
        if collection in meta_graph_def.collection_def:
            for serialized in meta_graph_def.collection_def[collection].bytes_list.value:
                definition = variable_def(serialized)
                if definition.initial_value_name:
                    tensors[node_of(definition.variable_name)] = definition.initial_value_name
    return {node: tensor if ":" in tensor else f"{tensor}:0" for node, tensor in tensors.items()}


def _is_constant(graph_def: GraphDef) -> bool:
    """Tells whether nothing random, stateful or fed is in a graph."""
    from tensorflow.python.framework import op_def_registry

    definitions = [op_def_registry.get(node.op) for node in graph_def.node if node.op not in VARIABLE_OPS]
    return all(definition is not None and not definition.is_stateful and not definition.name.startswith("Placeholder")
               for definition in definitions) and not any(node.op in VARIABLE_OPS for node in graph_def.node)
