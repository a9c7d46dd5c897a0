"""The classification networks of tf-slim as models: VGG, ResNet, Inception, AlexNet, OverFeat."""

from __future__ import annotations

import importlib
from typing import Any

import tensorflow.compat.v1 as tf
import tf_slim as slim

_IMAGENET_MEANS = (123.68, 116.78, 103.94)  # RGB, over the ImageNet training set; models/research/slim/preprocessing


class _Network:
    """Where a network lies in ``tf_slim.nets``, its image size, and how images are preprocessed for it."""

    def __init__(self, module: str, image_size: int, subtract_means: bool, arg_scope: str) -> None:
        self.module = module
        self.image_size = image_size
        self.subtract_means = subtract_means
        self.arg_scope = arg_scope


NETWORKS = {
    "alexnet_v2": _Network("alexnet", 224, True, "alexnet_v2_arg_scope"),
    "overfeat": _Network("overfeat", 231, True, "overfeat_arg_scope"),
    "vgg_a": _Network("vgg", 224, True, "vgg_arg_scope"),
    "vgg_16": _Network("vgg", 224, True, "vgg_arg_scope"),
    "vgg_19": _Network("vgg", 224, True, "vgg_arg_scope"),
    "inception_v1": _Network("inception_v1", 224, False, "inception_v1_arg_scope"),
    "inception_v2": _Network("inception_v2", 224, False, "inception_v2_arg_scope"),
    "inception_v3": _Network("inception_v3", 299, False, "inception_v3_arg_scope"),
    "resnet_v1_50": _Network("resnet_v1", 224, True, "resnet_arg_scope"),
    "resnet_v1_101": _Network("resnet_v1", 224, True, "resnet_arg_scope"),
    "resnet_v1_152": _Network("resnet_v1", 224, True, "resnet_arg_scope"),
    "resnet_v2_50": _Network("resnet_v2", 299, False, "resnet_arg_scope"),
    "resnet_v2_101": _Network("resnet_v2", 299, False, "resnet_arg_scope"),
    "resnet_v2_152": _Network("resnet_v2", 299, False, "resnet_arg_scope"),
}


class SlimNet:
    """One of `NETWORKS`, with the preprocessing that it was trained with.

    Args:
        network: a name in `NETWORKS`, for example ``resnet_v1_50``.
        num_classes: number of classes (1001 where a checkpoint has a background class).
        is_training: whether dropout and batch statistics are active.

    Raises:
        ValueError: there is no such network.
    """

    def __init__(self, network: str, num_classes: int = 1000, is_training: bool = False) -> None:
        if network not in NETWORKS:
            raise ValueError(f"there is no network {network!r}; known: {', '.join(NETWORKS)}")
        self.network_name = network
        self.num_classes = num_classes
        self.is_training = is_training
        size = NETWORKS[network].image_size
        self.default_input_shape = (None, size, size, 3)

    def preprocess(self, inputs: tf.Tensor) -> tf.Tensor:
        """Takes float32 images in 0..255; subtracts the ImageNet means, or scales to -1..1."""
        if NETWORKS[self.network_name].subtract_means:
            return inputs - tf.constant(_IMAGENET_MEANS)
        return inputs / 127.5 - 1.0

    def predict(self, preprocessed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns ``logits``, float32 [batch, num_classes]."""
        network = NETWORKS[self.network_name]
        module: Any = importlib.import_module(f"tf_slim.nets.{network.module}")
        with slim.arg_scope(getattr(module, network.arg_scope)()):
            logits, _ = getattr(module, self.network_name)(preprocessed, self.num_classes, is_training=self.is_training)
        return {"logits": tf.reshape(logits, [-1, self.num_classes])}

    def postprocess(self, predictions: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Returns ``classes``, int64 [batch], and ``probabilities``, float32 [batch, num_classes]."""
        logits = predictions["logits"]
        return {"classes": tf.argmax(logits, axis=1), "probabilities": tf.nn.softmax(logits)}
