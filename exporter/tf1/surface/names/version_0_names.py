"""Names and argument orders of TensorFlow 0.x (2015 and 2016), which 1.0 changed.

From the release notes of TensorFlow 1.0 ("Breaking Changes to the API") and 0.12, and the tables of `tf_upgrade.py`. Only
what 1.15 refused is here: a name that it had not, an order of arguments that raised an error. So code of 1.x means what it
meant.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib import deprecated

__all__ = ["GONE_NAMES", "RENAMED_MODULES", "VERSION_0_NAMES"]

RENAMED_MODULES: Mapping[str, str] = {"tensorflow.nn.seq2seq": "tensorflow.contrib.legacy_seq2seq"}
"""Module of 0.x -> the one of 1.x that has its names."""

_RENAMED = {
    "pack": "stack", "unpack": "unstack", "mul": "multiply", "sub": "subtract", "neg": "negative", "select": "where",
    "inv": "reciprocal", "complex_abs": "abs", "listdiff": "setdiff1d", "list_diff": "setdiff1d",
    "initialize_all_tables": "tables_initializer", "train.SummaryWriter": "summary.FileWriter",
    "image.per_image_whitening": "image.per_image_standardization", "image.random_crop": "random_crop",
    "nn.rnn": "nn.static_rnn", "nn.bidirectional_rnn": "nn.static_bidirectional_rnn",
    "nn.state_saving_rnn": "nn.static_state_saving_rnn",
    **{f"batch_{name}": name for name in (
        "cholesky", "cholesky_solve", "matrix_band_part", "matrix_determinant", "matrix_diag", "matrix_diag_part",
        "matrix_inverse", "matrix_set_diag", "matrix_solve", "matrix_solve_ls", "matrix_transpose",
        "matrix_triangular_solve", "self_adjoint_eig", "self_adjoint_eigvals", "svd", "fft", "ifft", "fft2d", "ifft2d",
        "fft3d", "ifft3d")}}
_SUMMARIES = ("audio_summary", "histogram_summary", "image_summary", "merge_all_summaries", "merge_summary",
              "scalar_summary")

GONE_NAMES = frozenset({*_RENAMED, *_SUMMARIES, "batch_matmul"})
"""Names below `tensorflow` that only 0.x had."""


def _renamed(name: str) -> Any:
    *path, last = name.split(".")
    value: Any = functools.reduce(getattr, path, tf)
    return getattr(value, last)


def _batch_matmul(x: Any, y: Any, adj_x: bool = False, adj_y: bool = False, name: str | None = None) -> Any:
    """`tf.batch_matmul`."""
    return tf.matmul(x, y, adjoint_a=adj_x, adjoint_b=adj_y, name=name)


def _is_number(value: Any) -> bool:
    """Whether a value is one integer, and no tensor or list."""
    return hasattr(value, "__index__") and getattr(value, "ndim", 0) == 0


def _concat(concat: Callable[..., Any]) -> Callable[..., Any]:
    def taking_the_axis_first(values: Any = None, axis: Any = None, *arguments: Any, **options: Any) -> Any:
        """`tf.concat`, also as ``tf.concat(1, [a, b])`` and with ``concat_dim=1``."""
        if "concat_dim" in options:
            values, axis = options.pop("values", values), options.pop("concat_dim")
        elif _is_number(values) and isinstance(axis, list | tuple):
            values, axis = axis, values
        elif _is_number(values) and "values" in options:
            values, axis = options.pop("values"), values
        return concat(values, axis, *arguments, **options)

    return taking_the_axis_first


def _split(split: Callable[..., Any]) -> Callable[..., Any]:
    def taking_the_axis_first(*arguments: Any, **options: Any) -> Any:
        """`tf.split`, also as ``tf.split(1, 4, value)`` and with ``split_dim=1, num_split=4``."""
        for old, new in (("split_dim", "axis"), ("num_split", "num_or_size_splits")):
            if old in options:
                options[new] = options.pop(old)
        if len(arguments) > 1 and _is_number(arguments[0]) and _is_number(arguments[1]):
            axis, count, *others = arguments
            value = options.pop("value") if "value" in options else others.pop(0)
            name = others[0] if others else options.pop("name", "split")
            return split(value, count, axis, name=name, **options)
        return split(*arguments, **options)

    return taking_the_axis_first


def _reverse(reverse: Callable[..., Any]) -> Callable[..., Any]:
    def taking_truth_values(tensor: Any, axis: Any = None, name: str | None = None, **options: Any) -> Any:
        """`tf.reverse`, also as ``tf.reverse(images, [False, True])``, with a truth value for each dimension."""
        axis = options.pop("dims", axis)
        if isinstance(axis, list | tuple) and axis and all(isinstance(value, bool) for value in axis):
            axis = [dimension for dimension, is_reversed in enumerate(axis) if is_reversed]
        return reverse(tensor, axis, name=name, **options)

    return taking_truth_values


def _resize_images(resize: Callable[..., Any]) -> Callable[..., Any]:
    def taking_height_and_width(images: Any, size: Any = None, *arguments: Any, **options: Any) -> Any:
        """`tf.image.resize_images`, also as ``resize_images(images, height, width)``."""
        if "new_height" in options:
            return resize(images, [options.pop("new_height"), options.pop("new_width")], *arguments, **options)
        if _is_number(size) and arguments:
            return resize(images, [size, arguments[0]], *arguments[1:], **options)
        return resize(images, size, *arguments, **options)

    return taking_height_and_width


def _cross_entropy(function: Callable[..., Any]) -> Callable[..., Any]:
    def taking_the_logits_first(*arguments: Any, **options: Any) -> Any:
        """A cross entropy, also as ``cross_entropy(logits, labels)``: 1.x takes both by keyword only."""
        if "targets" in options:
            options["labels"] = options.pop("targets")
        if not arguments or arguments[0] is None:
            return function(*arguments, **options)
        rest = dict(zip(("logits", "labels") if "labels" not in options else ("logits",), arguments, strict=False))
        names = ("dim", "name") if "dim" in _parameters(function) else ("name",)
        return function(**rest, **dict(zip(names, arguments[len(rest):], strict=False)), **options)

    return taking_the_logits_first


def _parameters(function: Any) -> set[str]:
    from inspect import signature

    return {*signature(function).parameters}


def _ctc_loss(loss: Callable[..., Any]) -> Callable[..., Any]:
    def taking_the_inputs_first(*arguments: Any, **options: Any) -> Any:
        """`tf.nn.ctc_loss`, also with the labels in the second place."""
        if len(arguments) > 1 and isinstance(arguments[1], tf.SparseTensor):
            inputs, labels, *others = arguments
            return loss(labels, inputs, *others, **options)
        return loss(*arguments, **options)

    return taking_the_inputs_first


def _sampled_loss(loss: Callable[..., Any]) -> Callable[..., Any]:
    def taking_the_inputs_first(*arguments: Any, **options: Any) -> Any:
        """`tf.nn.nce_loss` or `tf.nn.sampled_softmax_loss`, also with the labels behind the inputs."""
        if len(arguments) > 3 and tf.convert_to_tensor(arguments[3]).dtype.is_integer and (
                tf.convert_to_tensor(arguments[2]).dtype.is_floating):
            weights, biases, inputs, labels, *others = arguments
            return loss(weights, biases, labels, inputs, *others, **options)
        return loss(*arguments, **options)

    return taking_the_inputs_first


@functools.cache
def _changed(change: Callable[[Callable[..., Any]], Callable[..., Any]], name: str) -> Any:
    function = _renamed(name)
    return functools.wraps(function)(change(function))


_CHANGED = {
    "concat": _concat, "split": _split, "reverse": _reverse, "image.resize_images": _resize_images,
    **{f"nn.{name}_cross_entropy_with_logits": _cross_entropy for name in ("softmax", "sparse_softmax", "sigmoid")},
    "nn.ctc_loss": _ctc_loss, "nn.nce_loss": _sampled_loss, "nn.sampled_softmax_loss": _sampled_loss}
_HOMES = {"concat": "array_ops", "split": "array_ops", "reverse": "array_ops", "pack": "array_ops", "unpack": "array_ops",
          "mul": "math_ops", "sub": "math_ops", "neg": "math_ops", "batch_matmul": "math_ops", "nn.rnn": "rnn",
          "nn.bidirectional_rnn": "rnn", "nn.state_saving_rnn": "rnn"}


def _private_linear() -> Any:
    return importlib.import_module("exporter.tf1.contrib.rnn.core_rnn_cell")._linear


_FOUND: dict[str, Callable[[], Any]] = {
    **{name: functools.partial(_renamed, present) for name, present in _RENAMED.items()},
    **{name: functools.partial(_changed, change, name) for name, change in _CHANGED.items()},
    **{name: functools.partial(getattr, deprecated, name) for name in _SUMMARIES},
    "batch_matmul": lambda: _batch_matmul,
    "nn.rnn_cell._linear": _private_linear, "nn.rnn_cell.linear": _private_linear}

VERSION_0_NAMES: Mapping[str, Callable[[], Any]] = {
    **{f"tensorflow.{name}": find for name, find in _FOUND.items()},
    **{f"tensorflow.python.ops.{module}.{name.removeprefix('nn.')}": _FOUND[name] for name, module in _HOMES.items()}}
"""Dotted name of 0.x, or of a function that took its arguments in another order -> what gives the value for it."""
