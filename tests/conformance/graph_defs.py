"""GraphDefs as values that can be compared."""

import tensorflow.compat.v1 as tf


def all_nodes(graph_def):
    return [*graph_def.node, *(node for function in graph_def.library.function for node in function.node_def)]


def described(node, ignored=("_output_shapes",)):
    """Op, inputs and attributes of a node: constants by their bits, functions left out."""
    attributes = {name: _attribute(value) for name, value in node.attr.items() if name not in ignored}
    data_inputs = [name.removesuffix(":0") for name in node.input if not name.startswith("^")]
    return node.op, data_inputs, sorted(name for name in node.input if name.startswith("^")), attributes


def without_control_inputs(description):
    op, data_inputs, _, attributes = description
    return op, data_inputs, attributes


def called_functions(node):
    values = [value for _, value in sorted(node.attr.items())]
    return [function.name for value in values for function in [value.func, *value.list.func] if function.name]


def _attribute(value):
    if value.HasField("tensor"):
        array = tf.make_ndarray(value.tensor)
        return array.dtype, array.shape, array.tolist() if array.dtype == object else array.tobytes()
    if value.HasField("func") or value.list.func:
        return "function"
    return value.SerializeToString(deterministic=True)
