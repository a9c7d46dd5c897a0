"""Projections before and after a cell, and the linear map that cells are written with.

`_linear` and `_Linear` were private in TensorFlow (tensorflow/contrib/rnn/python/ops/core_rnn_cell.py of 1.15), but much
code imports them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.rnn.bases import CellWrapper

__all__ = ["EmbeddingWrapper", "InputProjectionWrapper", "OutputProjectionWrapper", "linear"]

Initializer = Callable[..., Any]
Activation = Callable[[Tensor], Tensor]


class _Linear:
    """`sum_i(args[i] * W[i]) + b`, whose variables `kernel` and `bias` are made in the scope of its construction.

    Args:
        args: a tensor [batch, n], or several, whose columns are put side by side.
        output_size: columns of the result.
        build_bias: whether a bias is added.
        bias_initializer: zeros by default.
        kernel_initializer: the variable scope's by default.

    Raises:
        ValueError: no tensors, or one that is not a matrix of known width.
    """

    def __init__(self, args: Any, output_size: int, build_bias: bool, bias_initializer: Initializer | None = None,
                 kernel_initializer: Initializer | None = None) -> None:
        tensors = _tensors(args)
        self._build_bias = build_bias
        dtype = tensors[0].dtype
        width = sum(_width(tensor) for tensor in tensors)
        scope = tf.get_variable_scope()
        with tf.variable_scope(scope) as outer:
            self._weights = tf.get_variable("kernel", [width, output_size], dtype, kernel_initializer)
            if build_bias:
                with tf.variable_scope(outer) as inner:
                    inner.set_partitioner(None)
                    self._biases = tf.get_variable("bias", [output_size], dtype,
                                                   bias_initializer or tf.zeros_initializer(dtype))

    def __call__(self, args: Any) -> Tensor:
        """Returns the map of these tensors, [batch, output_size]."""
        tensors = _tensors(args)
        product = tf.matmul(tensors[0] if len(tensors) == 1 else tf.concat(tensors, 1), self._weights)
        return tf.nn.bias_add(product, self._biases) if self._build_bias else product


def linear(args: Any, output_size: int, bias: bool, bias_initializer: Initializer | None = None,
           kernel_initializer: Initializer | None = None) -> Tensor:
    """Returns the linear map of the tensors, with variables `kernel` and `bias` in the scope that is open.

    Args:
        args: a tensor [batch, n], or several.
        output_size: columns of the result.
        bias: whether a bias is added.
        bias_initializer: zeros by default.
        kernel_initializer: the variable scope's by default.
    """
    return _Linear(args, output_size, bias, bias_initializer, kernel_initializer)(args)


_linear = linear


def _tensors(args: Any) -> Sequence[Tensor]:
    if args is None or (isinstance(args, (list, tuple)) and not args):
        raise ValueError("A linear map needs at least one tensor, found none.")
    return args if isinstance(args, (list, tuple)) else [args]


def _width(tensor: Tensor) -> int:
    shape = tensor.shape
    if shape.ndims != 2 or shape.as_list()[1] is None:
        raise ValueError(f"A linear map takes matrices of known width, found the shape {shape} of {tensor}.")
    return int(shape.as_list()[1])


class EmbeddingWrapper(CellWrapper):
    """Looks the inputs, integers [batch, 1] or [batch], up in a variable `embedding`, and gives the rows to the cell.

    Args:
        cell: the cell.
        embedding_classes: rows of the table.
        embedding_size: its columns.
        initializer: the variable scope's by default, or else uniform between -√3 and √3.
        reuse: whether existing variables are taken.

    Raises:
        ValueError: a size is not positive.
    """

    def __init__(self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Initializer | None = None,
                 reuse: bool | None = None) -> None:
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError("Both embedding_classes and embedding_size must be > 0, found "
                             f"{embedding_classes}, {embedding_size}.")
        self._embedding_classes, self._embedding_size, self._initializer = embedding_classes, embedding_size, initializer

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        with tf.device("/cpu:0"):
            default = tf.get_variable_scope().initializer or tf.random_uniform_initializer(-(3 ** 0.5), 3 ** 0.5)
            first = state[0] if isinstance(state, tuple) else state
            embedding = tf.get_variable("embedding", [self._embedding_classes, self._embedding_size], first.dtype,
                                        self._initializer or default)
            embedded = tf.nn.embedding_lookup(embedding, tf.reshape(inputs, [-1]))
        result: tuple[Tensor, Any] = self._cell(embedded, state)
        return result


class InputProjectionWrapper(CellWrapper):
    """Gives the cell a linear map of the inputs.

    Args:
        cell: the cell.
        num_proj: columns of the map.
        activation: applied to it, if given.
        input_size: not used.
        reuse: whether existing variables are taken.
    """

    def __init__(self, cell: Any, num_proj: int, activation: Activation | None = None, input_size: int | None = None,
                 reuse: bool | None = None) -> None:
        super().__init__(cell, reuse)
        self._num_proj, self._activation = num_proj, activation

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        projected = linear(inputs, self._num_proj, True)
        result: tuple[Tensor, Any] = self._cell(self._activation(projected) if self._activation else projected, state)
        return result


class OutputProjectionWrapper(CellWrapper):
    """Gives a linear map of the cell's output.

    Args:
        cell: the cell.
        output_size: columns of the map.
        activation: applied to it, if given.
        reuse: whether existing variables are taken.

    Raises:
        ValueError: `output_size` is not positive.
    """

    def __init__(self, cell: Any, output_size: int, activation: Activation | None = None, reuse: bool | None = None) -> None:
        super().__init__(cell, reuse)
        if output_size < 1:
            raise ValueError(f"output_size must be > 0, found {output_size}.")
        self._output_size, self._activation = output_size, activation

    @property
    def output_size(self) -> int:
        """Columns of the output."""
        return self._output_size

    def call(self, inputs: Tensor, state: Any) -> tuple[Tensor, Any]:
        """One step."""
        output, next_state = self._cell(inputs, state)
        projected = linear(output, self._output_size, True)
        return self._activation(projected) if self._activation else projected, next_state
