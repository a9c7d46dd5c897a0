"""What TensorFlow has no more, or what behaves otherwise than in 1.15, by the names that code has for it."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.surface.names.gradient_registration import gradient_registration, not_differentiable, shape_registration
from exporter.tf1.surface.names.keras_names import KERAS_NAMES
from exporter.tf1.surface.names.version_0_names import VERSION_0_NAMES

__all__ = ["OLD_FUNCTIONS"]


def _with_the_shape_asked_for(function: Callable[..., Any]) -> Callable[..., Any]:
    """A transposed convolution has the static shape that the code asks for, batch included.

    TensorFlow 1.15 took it from ``output_shape``; since 2.3 the batch is that of the input, which may be free. Code such as
    ``tf.reshape(deconv, deconv.get_shape())`` needs it.
    """

    @functools.wraps(function)
    def transposed_convolution(*arguments: Any, **keywords: Any) -> Any:
        """`conv2d_transpose` with the static shape that was asked for."""
        from tensorflow.python.framework import tensor_util

        result = function(*arguments, **keywords)
        if result.op.type == "Conv2DBackpropInput":
            result.set_shape(tensor_util.constant_value_as_shape(result.op.inputs[0]))
        return result

    return transposed_convolution


@functools.cache
def _transposed_convolution() -> Callable[..., Any]:
    return _with_the_shape_asked_for(tf.nn.conv2d_transpose)


@functools.cache
def _backpropagated_convolution() -> Callable[..., Any]:
    return _with_the_shape_asked_for(tf.nn.conv2d_backprop_input)


def _logger() -> logging.Logger:
    return logging.getLogger("tensorflow")


OLD_FUNCTIONS: Mapping[str, Callable[[], Any]] = {
    **VERSION_0_NAMES,
    **{f"tensorflow.{module}.conv2d_transpose": _transposed_convolution
       for module in ("nn", "python.ops.nn", "python.ops.nn_ops")},
    **{f"tensorflow.{module}.conv2d_backprop_input": _backpropagated_convolution
       for module in ("nn", "python.ops.nn", "python.ops.nn_ops")},
    **{f"tensorflow.{home}.{name}": value for home in ("keras", "python.keras") for name, value in KERAS_NAMES.items()},
    **{f"tensorflow.{module}RegisterGradient": gradient_registration for module in ("", "python.framework.ops.")},
    "tensorflow.python.framework.ops.RegisterShape": lambda: shape_registration,
    **{f"tensorflow.{module}{name}": not_differentiable
       for module in ("", "python.framework.ops.") for name in ("NotDifferentiable", "NoGradient")},
    "tensorflow.logging._logger": _logger,
    "tensorflow.python.platform.tf_logging._logger": _logger,
}
"""Dotted name -> what gives the value that stands for it."""
