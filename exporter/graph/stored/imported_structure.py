"""Data types and shapes of tensors, inferred by TensorFlow when it imports a graph's structure. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterable

from exporter.errors import GraphError, reason
from exporter.graph.stored.known_ops import package_of, unknown_ops
from exporter.graph.tensor_spec import TensorSpec
from exporter.lazy_tensorflow import GraphDef, tf

_PYTHON_OPS = ("PyFunc", "PyFuncStateless", "EagerPyFunc")
_LARGE = 4096  # bytes; constants below may be shapes or axes, which shape inference reads


def infer_specs(graph_def: GraphDef, tensors: Iterable[str]) -> dict[str, TensorSpec]:
    """Returns the data type and shape of each tensor (``scope/op:0``).

    Raises:
        GraphError: the graph has ops that this TensorFlow does not know, it is inconsistent, or has no such tensor.
    """
    _refuse_unknown_ops(graph_def)
    _refuse_python_ops(graph_def)
    with tf.Graph().as_default() as graph:
        try:
            tf.import_graph_def(_without_weights(graph_def), name="")
        except (ValueError, TypeError, tf.errors.OpError) as error:
            raise GraphError(f"TensorFlow can't import the graph: {reason(error)}",
                             "Likely cause: a shape or type that was given does not fit the nodes behind it.") from error
        try:
            return {name: TensorSpec.of(graph.get_tensor_by_name(name)) for name in tensors}
        except (KeyError, ValueError) as error:
            raise GraphError(f"The graph has no such tensor: {reason(error)}",
                             "Check the number behind the colon.") from error


def _refuse_unknown_ops(graph_def: GraphDef) -> None:
    unknown = unknown_ops(graph_def)
    if unknown:
        ops = "; ".join(f"{op} at {nodes[0]}{f' and {len(nodes) - 1} more' if len(nodes) > 1 else ''}, of "
                        f"{package_of(op) or 'a package that is not known here'}" for op, nodes in unknown.items())
        raise GraphError(f"The outputs need ops that this TensorFlow does not have: {ops}.",
                         "Cut the graph behind them with --input_names, or choose outputs before them.")


def _refuse_python_ops(graph_def: GraphDef) -> None:
    nodes = [node for node in graph_def.node if node.op in _PYTHON_OPS]
    if nodes:
        raise GraphError(f"The outputs need {nodes[0].name!r} ({nodes[0].op}), a Python function of the program that stored "
                         "the graph: no file can hold it.", f"Cut the graph behind it: --input_names {nodes[0].name}:0")


def _without_weights(graph_def: GraphDef) -> GraphDef:
    """A copy in which large constants are placeholders: their values tell nothing about shapes."""
    light = tf.GraphDef(versions=graph_def.versions, library=graph_def.library)
    for node in graph_def.node:
        if node.op == "Const" and node.ByteSize() > _LARGE:
            tensor = node.attr["value"].tensor
            placeholder = light.node.add(name=node.name, op="Placeholder", input=node.input)
            placeholder.attr["dtype"].type = tensor.dtype
            placeholder.attr["shape"].shape.CopyFrom(tensor.tensor_shape)
        else:
            light.node.append(node)
    return light
