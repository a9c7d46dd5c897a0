"""A model of a few weights, and many checkpoints of it.

    python -m benchmarks.small_checkpoints FOLDER COUNT
"""

from __future__ import annotations

import sys
from pathlib import Path

import tensorflow.compat.v1 as tf


class Net:
    """Weighs the channels of an image's mean."""

    default_input_shape = (None, 8, 8, 3)

    def preprocess(self, inputs: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(inputs, [1, 2])

    def predict(self, preprocessed: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"scores": tf.matmul(preprocessed, tf.get_variable("weights", [3, 10]))}

    def postprocess(self, predictions: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return predictions


def make(folder: Path, count: int) -> None:
    """Writes ``model.ckpt-1`` to ``model.ckpt-COUNT``."""
    model = Net()
    with tf.Graph().as_default(), tf.Session() as session:
        model.postprocess(model.predict(model.preprocess(tf.placeholder(tf.float32, [None, 8, 8, 3]))))
        session.run(tf.global_variables_initializer())
        saver = tf.train.Saver(max_to_keep=None)
        for step in range(1, count + 1):
            saver.save(session, str(folder / "model.ckpt"), global_step=step, write_meta_graph=False, write_state=False)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
