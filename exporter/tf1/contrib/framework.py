"""`tf.contrib.framework`: scopes of arguments and variables from tf-slim, the rest where TensorFlow has it today.

The names are those of tensorflow/contrib/framework/__init__.py of TensorFlow 1.15.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from exporter.lazy_tensorflow import Graph, Tensor, tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["assert_scalar_int", "get_placeholders", "is_tensor", "reduce_sum_n", "with_same_shape", "with_shape",
           "zero_initializer"]

_OF_SLIM = (
    "VariableDeviceChooser", "add_arg_scope", "add_model_variable", "arg_scope", "arg_scope_func_key",
    "arg_scoped_arguments",
    "assert_global_step", "assert_or_get_global_step", "assign_from_checkpoint", "assign_from_checkpoint_fn",
    "assign_from_values", "assign_from_values_fn", "create_global_step", "current_arg_scope", "filter_variables",
    "get_global_step", "get_local_variables", "get_model_variables", "get_or_create_global_step", "get_trainable_variables",
    "get_unique_variable", "get_variable_full_name", "get_variables", "get_variables_by_name", "get_variables_by_suffix",
    "get_variables_to_restore", "global_variable", "has_arg_scope", "local_variable", "model_variable", "variable")

_OPS = "tensorflow.python.framework.ops"
_INITIALIZERS = "tensorflow.python.ops.init_ops"
_CHECKPOINTS = "tensorflow.python.training.checkpoint_ops"

__getattr__, __dir__ = lazy_names(__name__, {
    **{name: f"tf_slim:{name}" for name in _OF_SLIM},
    **{name: name for name in ("RecordInput", "TensorSpec", "argsort", "assert_same_float_dtype", "assert_scalar",
                               "convert_to_tensor_or_sparse_tensor", "py_func", "sort")},
    **{name: f"train.{name}" for name in ("init_from_checkpoint", "list_variables", "load_checkpoint", "load_variable")},
    **{name: f"{_OPS}:{name}" for name in ("get_name_scope", "prepend_name_scope", "strip_name_scope")},
    **{name: f"tensorflow.python.framework.smart_cond:{name}"
       for name in ("smart_case", "smart_cond", "smart_constant_value")},
    **{name: f"tensorflow.python.util.deprecation:{name}"
       for name in ("deprecated", "deprecated_arg_values", "deprecated_args")},
    "BoundedTensorSpec": "tensorflow.python.framework.tensor_spec:BoundedTensorSpec",
    "RecordInput": "tensorflow.python.ops.data_flow_ops:RecordInput",
    "convolutional_delta_orthogonal": f"{_INITIALIZERS}:ConvolutionDeltaOrthogonal",
    "convolutional_orthogonal_1d": f"{_INITIALIZERS}:ConvolutionOrthogonal1D",
    "convolutional_orthogonal_2d": f"{_INITIALIZERS}:ConvolutionOrthogonal2D",
    "convolutional_orthogonal_3d": f"{_INITIALIZERS}:ConvolutionOrthogonal3D",
    "get_graph_from_inputs": f"{_OPS}:_get_graph_from_inputs",
    "load_and_remap_matrix_initializer": f"{_CHECKPOINTS}:_load_and_remap_matrix_initializer",
    "load_embedding_initializer": f"{_CHECKPOINTS}:_load_embedding_initializer",
    "nest": "tensorflow.python.util:nest",
    "remove_squeezable_dimensions": "tensorflow.python.ops.confusion_matrix:remove_squeezable_dimensions",
}, training="fuse_op load_linear_multiclass_bias_initializer load_variable_slot_initializer")


def is_tensor(x: Any) -> bool:
    """Whether ``x`` is a tensor of some kind, or a variable."""
    return isinstance(x, (tf.Tensor, tf.SparseTensor, tf.RaggedTensor, tf.Variable)) or bool(tf.is_tensor(x))


def assert_scalar_int(tensor: Any, name: str | None = None) -> Tensor:
    """Returns the tensor.

    Raises:
        ValueError: it is not a scalar of an integer type.
    """
    with tf.name_scope(name, "assert_scalar_int", [tensor]):
        tensor = tf.convert_to_tensor(tensor)
        if not tensor.dtype.base_dtype.is_integer:
            raise ValueError(f"Expected integer type for {tensor.name}, received type: {tensor.dtype}.")
        return tf.assert_scalar(tensor)


def get_placeholders(graph: Graph) -> list[Tensor]:
    """Returns the placeholders of a graph."""
    kinds = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")
    return [operation.outputs[0] for operation in graph.get_operations() if operation.type in kinds]


def reduce_sum_n(tensors: Sequence[Any], name: str | None = None) -> Tensor:
    """Returns the sum of all elements of all tensors, a scalar.

    Raises:
        ValueError: there are no tensors.
    """
    if not tensors:
        raise ValueError("No tensors provided.")
    with tf.name_scope(name, "reduce_sum_n", tensors) as scope:
        sums = [tensor if tensor.shape.ndims == 0 else tf.reduce_sum(tensor) for tensor in tensors]
        return tf.add_n(sums, name=scope)


def with_same_shape(expected_tensor: Any, tensor: Any) -> Tensor:
    """Returns ``tensor``, checked to have the shape of ``expected_tensor``; see `with_shape`."""
    with tf.name_scope(f"{tensor.op.name}/", values=[expected_tensor, tensor]):
        static = expected_tensor.shape
        return with_shape(static.as_list() if static.is_fully_defined() else tf.shape(expected_tensor), tensor)


def with_shape(expected_shape: Any, tensor: Any) -> Tensor:
    """Returns the tensor, checked to have a shape: at once where it is known, else when it is computed.

    Args:
        expected_shape: int32 [rank], a tensor or numbers.
        tensor: any tensor.

    Raises:
        ValueError: the shape is known and differs.
    """
    static = tf.get_static_value(expected_shape) if is_tensor(expected_shape) else expected_shape
    if static is not None:
        shape = tf.TensorShape([int(size) for size in static])
        if not tensor.shape.is_compatible_with(shape):
            raise ValueError(f"Wrong shape for {tensor.name}, expected {shape}, got {tensor.shape}.")
        if tensor.shape.is_fully_defined():
            return tensor
    fits = tf.assert_equal(tf.shape(tensor), expected_shape, message=f"Wrong shape for {tensor.name}")
    with tf.control_dependencies([fits]):
        checked = tf.identity(tensor)
    if static is not None:
        checked.set_shape(shape)
    return checked


def zero_initializer(ref: Any, use_locking: bool = True, name: str = "zero_initializer") -> Tensor:
    """Returns an operation that sets a variable to zeros."""
    return tf.assign(ref, tf.zeros(ref.shape, ref.dtype.base_dtype), use_locking=use_locking, name=name)
