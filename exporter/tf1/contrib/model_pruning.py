"""`tf.contrib.model_pruning`: layers whose weights are multiplied by masks of ones and zeros; what sets the masks are stubs.

Names of variables and collections are those of tensorflow/contrib/model_pruning of TensorFlow 1.15.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import tf_slim
from tf_slim.layers import utils

from exporter.lazy_tensorflow import Tensor, tf
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["MaskedBasicLSTMCell", "MaskedLSTMCell", "apply_mask", "get_masked_weights", "get_masks", "get_thresholds",
           "get_weight_sparsity", "get_weights", "masked_conv2d", "masked_convolution", "masked_fully_connected"]

__getattr__, __dir__ = lazy_names(
    __name__, training="Pruning get_pruning_hparams graph_def_from_checkpoint strip_pruning_vars_fn train")

_Function = TypeVar("_Function", bound=Callable[..., Any])
_XAVIER, _ZEROS = tf_slim.xavier_initializer(), tf.zeros_initializer()


def _in_arg_scopes(function: _Function) -> _Function:
    """Lets `arg_scope` give arguments of a function."""
    scoped: _Function = tf_slim.add_arg_scope(function)
    return scoped


def apply_mask(x: Any, scope: Any = "") -> Tensor:
    """Multiplies weights by a mask of their shape (variables ``mask``, all ones at first, and ``threshold``).

    Args:
        x: float, the weights.
        scope: the variable scope of the mask.
    """
    with tf.variable_scope(scope):
        mask = tf.get_variable("mask", x.shape, x.dtype.base_dtype, tf.ones_initializer(), trainable=False)
        threshold = tf.get_variable("threshold", [], x.dtype.base_dtype, tf.zeros_initializer(), trainable=False)
    return _masked(x, mask, threshold)


def _masked(weights: Any, mask: Any, threshold: Any) -> Tensor:
    product = tf.multiply(mask, weights, "weights/masked_weight")
    if not any(known is mask for known in tf.get_collection("masks")):
        parts = {"masks": mask, "thresholds": threshold, "masked_weights": product, "kernel": weights}
        for collection, part in parts.items():
            tf.add_to_collection(collection, part)
    return product


def get_masks() -> list[Any]:
    """Returns the masks of the graph."""
    return list(tf.get_collection("masks"))


def get_thresholds() -> list[Any]:
    """Returns the thresholds of the graph."""
    return list(tf.get_collection("thresholds"))


def get_weights() -> list[Any]:
    """Returns the weights of the graph that have masks."""
    return list(tf.get_collection("kernel"))


def get_masked_weights() -> list[Tensor]:
    """Returns the products of weights and masks."""
    return list(tf.get_collection("masked_weights"))


def get_weight_sparsity() -> list[Tensor]:
    """Returns the share of zeros of each mask."""
    return [tf.nn.zero_fraction(mask) for mask in get_masks()]


@_in_arg_scopes
def masked_convolution(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME",
                       data_format: str | None = None, rate: Any = 1, activation_fn: Any = tf.nn.relu,
                       normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = _XAVIER,
                       weights_regularizer: Any = None, biases_initializer: Any = _ZEROS, biases_regularizer: Any = None,
                       reuse: bool | None = None, variables_collections: Any = None, outputs_collections: Any = None,
                       trainable: bool = True, scope: Any = None) -> Tensor:
    """Is `slim.conv2d` with a mask on its weights.

    Raises:
        ValueError: ``inputs`` has not four dimensions.
    """
    inputs = tf.convert_to_tensor(inputs)
    if inputs.shape.ndims != 4:
        raise ValueError(f"Sparse Convolution not supported for input with rank {inputs.shape.ndims}")
    channels = inputs.shape.as_list()[1 if data_format == "NCHW" else -1]

    def convolve(make_variable: Callable[..., Any]) -> Tensor:
        """The convolution; the mask comes before the weights."""
        shape = [*utils.two_element_tuple(kernel_size), channels, num_outputs]
        mask = make_variable("mask", shape)
        weights, threshold = make_variable("weights", shape), make_variable("threshold", [])
        return tf.nn.convolution(inputs, _masked(weights, mask, threshold), padding, list(utils.two_element_tuple(stride)),
                                 list(utils.two_element_tuple(rate)), data_format=data_format)

    return _layer(convolve, "Conv", locals())


masked_conv2d = masked_convolution


@_in_arg_scopes
def masked_fully_connected(inputs: Any, num_outputs: int, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None,
                           normalizer_params: Any = None, weights_initializer: Any = _XAVIER,
                           weights_regularizer: Any = None, biases_initializer: Any = _ZEROS,
                           biases_regularizer: Any = None, reuse: bool | None = None, variables_collections: Any = None,
                           outputs_collections: Any = None, trainable: bool = True, scope: Any = None) -> Tensor:
    """Is `slim.fully_connected` with a mask on its weights."""
    inputs, data_format = tf.convert_to_tensor(inputs), None

    def multiply(make_variable: Callable[..., Any]) -> Tensor:
        """The matrix product, over the last dimension; the weights come before the mask."""
        shape = [inputs.shape.as_list()[-1], num_outputs]
        weights, mask = make_variable("weights", shape), make_variable("mask", shape)
        return tf.tensordot(inputs, _masked(weights, mask, make_variable("threshold", [])), 1)

    return _layer(multiply, "fully_connected", locals())


def _layer(compute: Callable[[Callable[..., Any]], Tensor], default_scope: str, given: dict[str, Any]) -> Tensor:
    """A layer of slim: what ``compute`` gives, normalized or with biases, and the activation function of it."""
    collections = given["variables_collections"]

    def make_variable(name: str, shape: Any) -> Any:
        """The weights, as slim makes them; or what belongs to the mask."""
        dtype = given["inputs"].dtype.base_dtype
        if name in ("mask", "threshold"):
            start = tf.ones_initializer() if name == "mask" else tf.zeros_initializer()
            return tf_slim.model_variable(name, shape, dtype, start, trainable=False)
        return tf_slim.model_variable(
            name, shape, dtype, given[f"{name}_initializer"], given[f"{name}_regularizer"],
            collections=utils.get_variable_collections(collections, name), trainable=given["trainable"])

    with tf.variable_scope(given["scope"], default_scope, [given["inputs"]], reuse=given["reuse"]) as scope:
        outputs = compute(make_variable)
        if given["normalizer_fn"] is not None:
            outputs = given["normalizer_fn"](outputs, **(given["normalizer_params"] or {}))
        elif given["biases_initializer"] is not None:
            biases = make_variable("biases", [given["num_outputs"]])
            outputs = tf.nn.bias_add(outputs, biases, "NCHW" if given["data_format"] == "NCHW" else None)
        if given["activation_fn"] is not None:
            outputs = given["activation_fn"](outputs)
        return utils.collect_named_outputs(given["outputs_collections"], scope.name, outputs)


class _MaskedCell:
    """Mixed into an LSTM cell: its kernel has a mask."""

    def build(self, inputs_shape: Any) -> None:
        """Makes the cell's variables, the mask and the threshold."""
        cell: Any = super()
        cell.build(inputs_shape)
        self.built = False  # built layers take existing variables only
        kernel = vars(self)["_kernel"]
        mask = cell.add_variable("mask", kernel.shape, initializer=tf.ones_initializer(), trainable=False)
        threshold = cell.add_variable("threshold", [], initializer=tf.zeros_initializer(), trainable=False)
        vars(self)["_parts"] = kernel, mask, threshold
        self.built = True

    def call(self, inputs: Tensor, state: Any) -> Any:
        """One step."""
        cell: Any = super()
        kernel, mask, threshold = vars(self)["_parts"]
        vars(self)["_kernel"] = _masked(kernel, mask, threshold)
        try:
            return cell.call(inputs, state)
        finally:
            vars(self)["_kernel"] = kernel


class MaskedBasicLSTMCell(_MaskedCell, tf.nn.rnn_cell.BasicLSTMCell):  # type: ignore[misc]
    """Is `BasicLSTMCell` with a mask on its kernel."""


class MaskedLSTMCell(_MaskedCell, tf.nn.rnn_cell.LSTMCell):  # type: ignore[misc]
    """Is `LSTMCell` with a mask on its kernel."""
