"""A small convolutional classifier, by default for 28×28 images of digits."""

from __future__ import annotations

from typing import Any

import tensorflow.compat.v1 as tf
import tf_slim as slim


class SlimCNN:
    """Two 3×3 convolutions of 32 channels, two of 64 and two of 128, pooled in between, then two dense layers of 512.

    Args:
        num_classes: number of classes, the length of ``probabilities``.
        is_training: whether dropout is active.
    """

    default_input_shape = (None, 28, 28, 3)

    def __init__(self, num_classes: int = 10, is_training: bool = False) -> None:
        self.num_classes = num_classes
        self.is_training = is_training
        self.labels = [str(index) for index in range(num_classes)]

    def preprocess(self, inputs: tf.Tensor) -> tf.Tensor:
        """Takes float32 images in 0..255 to -1..1."""
        return (inputs - 128.0) / 128.0

    def predict(self, preprocessed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Returns ``logits``, float32 [batch, num_classes]."""
        net = slim.repeat(preprocessed, 2, slim.conv2d, 32, [3, 3], scope="conv1")
        net = slim.max_pool2d(net, [2, 2], scope="pool1")
        net = slim.repeat(net, 2, slim.conv2d, 64, [3, 3], scope="conv2")
        net = slim.max_pool2d(net, [2, 2], scope="pool2")
        net = slim.repeat(net, 2, slim.conv2d, 128, [3, 3], scope="conv3")
        net = slim.flatten(net, scope="flatten")
        net = slim.dropout(net, keep_prob=0.5, is_training=self.is_training, scope="dropout")
        net = slim.fully_connected(net, 512, scope="fc1")
        net = slim.fully_connected(net, 512, scope="fc2")
        return {"logits": slim.fully_connected(net, self.num_classes, activation_fn=None, scope="fc3")}

    def postprocess(self, predictions: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Returns ``classes``, int64 [batch], and ``probabilities``, float32 [batch, num_classes]."""
        logits = predictions["logits"]
        return {"classes": tf.argmax(logits, axis=1), "probabilities": tf.nn.softmax(logits)}

    def loss(self, predictions: dict[str, tf.Tensor], labels: tf.Tensor) -> Any:
        """Returns the mean cross entropy against int64 ``labels`` [batch]."""
        return tf.losses.sparse_softmax_cross_entropy(labels=labels, logits=predictions["logits"])
