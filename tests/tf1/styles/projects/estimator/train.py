import sys

import numpy as np
import tensorflow as tf

from model_fn import cnn_model_fn

tf.logging.set_verbosity(tf.logging.INFO)
PARAMS = {'filters': 4, 'learning_rate': 0.001}


def main(argv):
    """Trains with a session of its own, as code for several machines did."""
    tf.train.get_or_create_global_step()
    features = {'x': tf.constant(np.random.RandomState(0).rand(3, 196).astype(np.float32))}
    spec = cnn_model_fn(features, tf.constant([1, 2, 3]), tf.estimator.ModeKeys.TRAIN, PARAMS)
    hooks = [tf.train.StopAtStepHook(last_step=4), tf.train.NanTensorHook(spec.loss),
             tf.train.CheckpointSaverHook(argv[1], save_steps=2)]
    with tf.train.MonitoredTrainingSession(is_chief=True, hooks=hooks) as sess:
        while not sess.should_stop():
            sess.run(spec.train_op)


if __name__ == '__main__':
    tf.app.run(argv=sys.argv)
