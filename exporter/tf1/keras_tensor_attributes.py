"""What Keras 2.0 to 2.2 kept on tensors, for models that read it: ``x._keras_shape``, ``x._uses_learning_phase``."""

from __future__ import annotations

from typing import Any

from exporter.lazy_tensorflow import tf

__all__ = ["mend_keras_tensor_attributes"]

_SHAPE = "_keras_shape_that_was_set"


def mend_keras_tensor_attributes() -> None:
    """Lets tensors have these two attributes, which code may also set.

    ``_keras_shape`` is the shape as a tuple, None for what is not known; ``_uses_learning_phase`` is False until it is set.
    It acts on all of the process, so call it only where TensorFlow 1 code runs.
    """
    tf.Tensor._keras_shape = property(_keras_shape, _set_keras_shape)
    tf.Tensor._uses_learning_phase = False


def _keras_shape(tensor: Any) -> tuple[int | None, ...]:
    if _SHAPE in vars(tensor):
        return tuple(vars(tensor)[_SHAPE])
    if tensor.shape.dims is None:
        raise AttributeError(f"{tensor.name} has no _keras_shape: its number of dimensions is not known.")
    return tuple(tensor.shape.as_list())


def _set_keras_shape(tensor: Any, shape: Any) -> None:
    vars(tensor)[_SHAPE] = shape
