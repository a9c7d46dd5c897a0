"""Shapes in a stored graph. TensorFlow infers them when a graph is imported; nothing is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from exporter.errors import GraphError, UsageError, reason
from exporter.graph.node_names import node_of
from exporter.graph.output_search.op_kinds import PLACEHOLDERS
from exporter.graph.pruning import prune
from exporter.graph.stored.known_ops import unknown_ops
from exporter.graph.tensor_spec import Shape, dtype_name, dtype_size, element_count
from exporter.inspection.placeholders import placeholder_shape
from exporter.lazy_tensorflow import Graph, GraphDef, NodeDef, tf

_LARGE = 256
_CALLS = ("PartitionedCall", "StatefulPartitionedCall")
_INFERRED = "_output_shapes"
_STAND_IN = "_large_constant"  # attributes that begin so are nobody's but ours


def is_stand_in(node: NodeDef) -> bool:
    """Tells whether a placeholder stands for a large constant."""
    return _STAND_IN in node.attr


class UnknownShapesError(Exception):
    """The graph can't be imported; the message says why."""


def is_large_constant(node: NodeDef) -> bool:
    """Tells whether a node is a constant of more than 256 numbers."""
    if node.op != "Const":
        return False
    tensor = node.attr["value"].tensor
    return dtype_size(dtype_name(tensor.dtype)) is not None and element_count(
        tuple(dimension.size for dimension in tensor.tensor_shape.dim)) > _LARGE


def without_large_constants(graph_def: GraphDef) -> GraphDef:
    """Returns a copy in which placeholders of the same shape stand for large constants."""
    light = tf.GraphDef(versions=graph_def.versions, library=graph_def.library)
    for node in graph_def.node:
        if is_large_constant(node):
            stand_in = light.node.add(name=node.name, op="Placeholder", device=node.device)
            stand_in.attr["dtype"].type = node.attr["dtype"].type
            stand_in.attr["shape"].shape.CopyFrom(node.attr["value"].tensor.tensor_shape)
            stand_in.attr[_STAND_IN].b = True
        else:
            light.node.add().CopyFrom(node)
    return light


def inference_path(graph_def: GraphDef, outputs: Sequence[str]) -> GraphDef:
    """Returns what the outputs need, with large constants replaced and called functions written out.

    Raises:
        UsageError: an output is not in the graph.
        GraphError: the graph is incomplete.
    """
    names = {node.name for node in graph_def.node}
    for output in outputs:
        if node_of(output) not in names:
            raise UsageError(f"The graph has no node {node_of(output)!r}.", "Give nodes, as the candidates show them.")
    path = prune(without_large_constants(graph_def), map(node_of, outputs))
    return _inlined(path, outputs) if any(node.op in _CALLS for node in path.node) else path


def _inlined(graph_def: GraphDef, outputs: Sequence[str]) -> GraphDef:
    """Grappler's function optimizer alone: it rewrites the graph, and computes nothing."""
    from tensorflow.python.grappler import tf_optimizer

    config, meta_graph_def = tf.ConfigProto(), tf.MetaGraphDef(graph_def=graph_def)
    config.graph_options.rewrite_options.optimizers.append("function")
    config.graph_options.rewrite_options.min_graph_nodes = -1
    meta_graph_def.collection_def["train_op"].node_list.value.extend(map(node_of, outputs))
    try:
        return prune(tf_optimizer.OptimizeGraph(config, meta_graph_def), map(node_of, outputs))
    except (GraphError, ValueError, RuntimeError, tf.errors.OpError):
        return graph_def


def unknown_inputs(graph_def: GraphDef, input_shapes: Mapping[str, Shape]) -> list[tuple[str, Shape | None]]:
    """Returns the placeholders whose shape is not known but for the batch, with what is known."""
    found = []
    for node in graph_def.node:
        if node.op in PLACEHOLDERS and node.name not in input_shapes:
            shape = placeholder_shape(node, graph_def.versions.producer)
            if shape is None or None in shape[1:]:
                found.append((node.name, shape))
    return found


def with_shapes(graph_def: GraphDef, input_shapes: Mapping[str, Shape] | None = None,
                batch_size: int | None = None) -> Graph:
    """Imports a graph, so that TensorFlow infers its shapes.

    Args:
        graph_def: the graph.
        input_shapes: placeholder -> its shape.
        batch_size: for the first dimension of the other placeholders, where it is free.

    Raises:
        UnknownShapesError: the graph can't be imported.
    """
    unknown = unknown_ops(graph_def)
    if unknown:
        raise UnknownShapesError(f"TensorFlow does not know {', '.join(unknown)}")
    changed = tf.GraphDef()
    changed.CopyFrom(graph_def)
    if input_shapes or batch_size:
        _set_shapes(changed, input_shapes or {}, batch_size)
        _drop_inferred(changed)
    try:
        return _imported(changed)
    except UnknownShapesError:
        if not any(_INFERRED in node.attr for node in changed.node):
            raise
        _drop_inferred(changed)  # stale ones contradict what TensorFlow infers
        return _imported(changed)


def _imported(graph_def: GraphDef) -> Graph:
    try:
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(graph_def, name="")
        return graph
    except (ValueError, TypeError, KeyError, tf.errors.OpError) as error:
        raise UnknownShapesError(reason(error)) from error


def _set_shapes(graph_def: GraphDef, input_shapes: Mapping[str, Shape], batch_size: int | None) -> None:
    for node in graph_def.node:
        if node.op not in PLACEHOLDERS:
            continue
        shape = input_shapes.get(node.name, placeholder_shape(node, graph_def.versions.producer))
        if node.name not in input_shapes and shape and shape[0] is None:
            shape = (batch_size, *shape[1:])
        if shape is not None:
            _write_shape(node, shape)


def _write_shape(node: NodeDef, shape: Shape) -> None:
    node.attr["shape"].shape.Clear()
    for size in shape:
        node.attr["shape"].shape.dim.add(size=-1 if size is None else size)
    if not shape:
        node.attr["shape"].shape.SetInParent()


def _drop_inferred(graph_def: GraphDef) -> None:
    for node in graph_def.node:
        node.attr.pop(_INFERRED, None)
