"""Makes the checkpoints that are exported: random weights, with and without moving averages.

    python -m benchmarks.checkpoints slim_cnn FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "tiny CNN": ("models.slim_cnn:SlimCNN", {"num_classes": 10}),
    "ResNet-50": ("models.slim_nets:SlimNet", {"network": "resnet_v1_50"}),
    "VGG-16": ("models.slim_nets:SlimNet", {"network": "vgg_16"}),
}
PLAIN, AVERAGED = "plain", "averaged"


def make_checkpoints(case: str, folder: Path) -> None:
    """Writes ``folder/plain/model.ckpt`` and ``folder/averaged/model.ckpt`` (with a shadow for each trainable variable)."""
    from exporter.tensorflow_import import import_tensorflow

    import_tensorflow()
    import tensorflow.compat.v1 as tf

    from exporter.model import load_model

    spec, model_args = CASES[case]
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        model = load_model(spec, model_args)
        images = tf.placeholder(tf.float32, model.default_input_shape)
        model.postprocess(model.predict(model.preprocess(images)))
        tf.train.get_or_create_global_step()
        plain_saver = tf.train.Saver()
        average = tf.train.ExponentialMovingAverage(0.9)
        apply_average = average.apply(tf.trainable_variables())
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(apply_average)
            for name, saver in ((PLAIN, plain_saver), (AVERAGED, tf.train.Saver())):
                (folder / name).mkdir(parents=True, exist_ok=True)
                saver.save(session, str(folder / name / "model.ckpt"), write_meta_graph=False)


if __name__ == "__main__":
    make_checkpoints(sys.argv[1], Path(sys.argv[2]))
