"""Where the modules and names of Keras 2.2 are today: tf.keras of TensorFlow 1.15, and the package `keras` of its time."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Mapping
from typing import Any

from exporter.tf1.contrib.missing import training_only

__all__ = ["KERAS_HOMES", "KERAS_NAMES"]

_PUBLIC = "tf_keras.api._v1.keras"
_OWN = "tf_keras.src"
_ENGINE = (f"{_PUBLIC}.layers", f"{_PUBLIC}.models", _PUBLIC, f"{_PUBLIC}.utils")

KERAS_HOMES: Mapping[str, tuple[str, ...]] = {
    **{f"layers.{name}": (f"{_PUBLIC}.layers",) for name in (
        "advanced_activations", "convolutional", "convolutional_recurrent", "core", "cudnn_recurrent", "embeddings", "local",
        "merge", "noise", "normalization", "pooling", "recurrent", "wrappers")},
    **{f"utils.{name}": (f"{_PUBLIC}.utils",) for name in (
        "data_utils", "generic_utils", "io_utils", "np_utils", "vis_utils", "training_utils", "visualize_util")},
    "backend.tensorflow_backend": (f"{_PUBLIC}.backend",),
    "backend.common": (f"{_PUBLIC}.backend", f"{_OWN}.utils.conv_utils"),
    "engine": _ENGINE, "engine.network": _ENGINE, "engine.saving": (f"{_OWN}.saving.legacy.hdf5_format",),
    "engine.topology": (*_ENGINE, f"{_OWN}.saving.legacy.hdf5_format"),
    "engine.training": (f"{_PUBLIC}.models",),
    "initializations": (f"{_PUBLIC}.initializers",),
    "legacy": ("exporter.tf1.surface.names.keras_interfaces",),
    "legacy.interfaces": ("exporter.tf1.surface.names.keras_interfaces",),
    "models": (_PUBLIC, f"{_PUBLIC}.layers"),
    "objectives": (f"{_PUBLIC}.losses",),
}
"""Module below `keras` of that time -> the modules that have its names today, besides its own."""


def _same(module: str, name: str) -> Callable[[], Any]:
    """Returns what looks a name up below tf-keras."""
    return lambda: getattr(importlib.import_module(module), name)


def _relu6(x: Any) -> Any:
    """`keras.applications.mobilenet.relu6`, until Keras 2.2."""
    return importlib.import_module(f"{_PUBLIC}.backend").relu(x, max_value=6)


def _image_dim_ordering() -> str:
    """`keras.backend.image_dim_ordering` of Keras 1."""
    is_last = importlib.import_module(f"{_PUBLIC}.backend").image_data_format() == "channels_last"
    return "tf" if is_last else "th"


def _set_image_dim_ordering(dim_ordering: str) -> None:
    """`keras.backend.set_image_dim_ordering` of Keras 1."""
    order = {"tf": "channels_last", "th": "channels_first"}[dim_ordering]
    importlib.import_module(f"{_PUBLIC}.backend").set_image_data_format(order)


_multi_gpu_model = functools.cache(lambda: training_only("tf.keras.utils.multi_gpu_model"))
_convert_all_kernels = functools.cache(lambda: training_only("tf.keras.utils.convert_all_kernels_in_model"))

KERAS_NAMES: Mapping[str, Callable[[], Any]] = {
    "__version__": lambda: "2.2.4-tf",
    **{f"constraints.{name}": _same(f"{_PUBLIC}.constraints", present)
       for name, present in (("maxnorm", "max_norm"), ("nonneg", "non_neg"), ("unitnorm", "unit_norm"))},
    **{f"regularizers.{name}": _same(f"{_PUBLIC}.regularizers", "l1_l2") for name in ("l1l2", "activity_l1l2")},
    **{f"{module}.multi_gpu_model": _multi_gpu_model for module in ("utils", "utils.training_utils")},
    **{f"{module}.convert_all_kernels_in_model": _convert_all_kernels for module in ("utils", "utils.layer_utils")},
    **{f"applications.{module}._obtain_input_shape": _same(f"{_OWN}.applications.imagenet_utils", "obtain_input_shape")
       for module in ("imagenet_utils", "vgg16", "vgg19", "resnet50", "inception_v3", "xception", "mobilenet")},
    "applications.mobilenet.relu6": lambda: _relu6,
    "applications.mobilenet.DepthwiseConv2D": _same(f"{_PUBLIC}.layers", "DepthwiseConv2D"),
    "engine.network.Network": _same(f"{_PUBLIC}.models", "Model"),
    "initializers._compute_fans": _same(f"{_OWN}.initializers.initializers", "_compute_fans"),
    **{f"{module}.image_dim_ordering": lambda: _image_dim_ordering for module in ("backend", "backend.tensorflow_backend")},
    **{f"{module}.set_image_dim_ordering": lambda: _set_image_dim_ordering
       for module in ("backend", "backend.tensorflow_backend")},
    "backend.normalize_data_format": _same(f"{_OWN}.utils.conv_utils", "normalize_data_format"),
}
"""Name below `keras`, with its module -> what gives the value that stands for it."""
