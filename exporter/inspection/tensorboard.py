"""Writing a graph for TensorBoard."""

from __future__ import annotations

from pathlib import Path

from exporter.errors import OutputError, reason
from exporter.inspection.shapes import UnknownShapesError, is_large_constant, with_shapes, without_large_constants
from exporter.lazy_tensorflow import GraphDef, tf

_SHAPES = "_output_shapes"
_EVENT_FILES = "events.out.tfevents.*"


def write_event_file(graph_def: GraphDef, directory: Path) -> Path:
    """Writes an event file with the graph, its shapes where TensorFlow can infer them, and without large constants.

    Raises:
        OutputError: the directory can't be written to.
    """
    light = _without_values(graph_def)
    try:
        shaped = with_shapes(without_large_constants(graph_def)).as_graph_def(add_shapes=True)
    except UnknownShapesError:
        shaped = tf.GraphDef()
    inferred = {node.name: node.attr[_SHAPES] for node in shaped.node}
    for node in light.node:
        if node.name in inferred:
            node.attr[_SHAPES].CopyFrom(inferred[node.name])
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tf.Graph().as_default():
            writer = tf.summary.FileWriter(str(directory))
            writer.add_graph(graph=None, graph_def=light)
            writer.close()
        return max(directory.glob(_EVENT_FILES), key=lambda file: (file.stat().st_mtime_ns, file.name))
    except (OSError, ValueError, tf.errors.OpError) as error:
        raise OutputError(f"--tensorboard {directory} can't be written: {reason(error)}",
                          "Give another directory.") from error


def _without_values(graph_def: GraphDef) -> GraphDef:
    """A copy in which large constants have a type and a shape, and no values."""
    light = tf.GraphDef(versions=graph_def.versions, library=graph_def.library)
    for node in graph_def.node:
        if is_large_constant(node):
            copy = light.node.add(name=node.name, op=node.op, input=node.input, device=node.device)
            copy.attr["dtype"].type = node.attr["dtype"].type
            copy.attr["value"].tensor.dtype = node.attr["value"].tensor.dtype
            copy.attr["value"].tensor.tensor_shape.CopyFrom(node.attr["value"].tensor.tensor_shape)
        else:
            light.node.add().CopyFrom(node)
    return light
