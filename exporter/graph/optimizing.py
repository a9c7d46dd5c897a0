"""Optimizing a frozen graph for inference: training's leftovers go, and batch normalization is folded into weights."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from exporter.graph.batch_norm.folding import fold_batch_norms
from exporter.graph.batch_norm.node_index import control_inputs, data_inputs
from exporter.graph.node_names import node_of, tensor_name
from exporter.graph.pruning import drop_lost_colocations, prune
from exporter.graph.stored.table_initializers import TABLE_INITIALIZER_OPS
from exporter.lazy_tensorflow import GraphDef, NodeDef, tf

_HANDING_ON = ("Identity", "StopGradient", "PreventGradient", "CheckNumerics", "CheckNumericsV2", "Snapshot")
_CONTROL_FLOW = ("Switch", "Merge", "Enter", "Exit", "NextIteration", "LoopCond")  # in a frozen graph, none takes references


def optimize_frozen_graph(graph_def: GraphDef, inputs: Iterable[str], outputs: Iterable[str]) -> GraphDef:
    """Returns a frozen graph that gives the same outputs, within rounding, with less work.

    Identities and their like are removed, batch norms are folded where that is right, and what no output needs is dropped.
    Inputs and outputs keep their names; the versions and the functions that are called stay.

    Args:
        graph_def: the graph; not changed.
        inputs: nodes that are fed.
        outputs: nodes that are fetched.

    Raises:
        GraphError: one of these nodes is not in the graph.
    """
    wanted = list(dict.fromkeys([*inputs, *outputs]))
    initializers = frozen_table_initializers(graph_def)
    stripped = remove_identities(prune(graph_def, wanted, initializers), wanted)
    return prune(fold_batch_norms(stripped, wanted), wanted, initializers)


def frozen_table_initializers(graph_def: GraphDef) -> list[str]:
    """Returns the ops that fill lookup tables."""
    return [node.name for node in graph_def.node if node.op in TABLE_INITIALIZER_OPS]


def remove_identities(graph_def: GraphDef, protected: Collection[str]) -> GraphDef:
    """Returns the graph without nodes that hand on what they take.

    Those stay that are ``protected``, that wait for others or are waited for, and those beside the control flow of
    TensorFlow 1, where an identity marks the branch or loop that a value belongs to.
    """
    nodes = {node.name: node for node in graph_def.node}
    kept = {*protected, *(name for node in graph_def.node for name in control_inputs(node))}
    for node in graph_def.node:
        if node.op in _CONTROL_FLOW:
            kept.update(map(node_of, node.input))
    removed = {node.name: tensor_name(node.input[0]) for node in graph_def.node
               if node.op in _HANDING_ON and node.name not in kept and _is_plain(node, nodes)}
    result = tf.GraphDef(versions=graph_def.versions, library=graph_def.library)
    result.node.extend(node for node in graph_def.node if node.name not in removed)
    present = {node.name for node in result.node}
    for node in result.node:
        waits = [name for name in node.input if name.startswith("^")]
        node.input[:] = [*(_source(tensor, removed) for tensor in data_inputs(node)), *waits]
        drop_lost_colocations(node, present)
    return result


def _is_plain(node: NodeDef, nodes: dict[str, NodeDef]) -> bool:
    source = nodes.get(node_of(node.input[0]))
    return not any(control_inputs(node)) and source is not None and source.op not in _CONTROL_FLOW


def _source(tensor: str, removed: dict[str, str]) -> str:
    while node_of(tensor) in removed:
        tensor = removed[node_of(tensor)]
    return tensor.removesuffix(":0")
