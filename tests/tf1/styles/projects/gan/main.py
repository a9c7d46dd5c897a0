import os
import scipy.misc
import numpy as np

from model import DCGAN
from utils import pp, show_all_variables, imsave

import tensorflow as tf

flags = tf.app.flags
flags.DEFINE_integer("epoch", 2, "Epoch to train [25]")
flags.DEFINE_float("learning_rate", 0.0002, "Learning rate of for adam [0.0002]")
flags.DEFINE_string("checkpoint_dir", "checkpoint", "Directory name to save the checkpoints [checkpoint]")
FLAGS = flags.FLAGS


def main(_):
    if not os.path.exists(FLAGS.checkpoint_dir):
        os.makedirs(FLAGS.checkpoint_dir)
    run_config = tf.ConfigProto()
    run_config.gpu_options.allow_growth = True
    with tf.Session(config=run_config) as sess:
        dcgan = DCGAN()
        dcgan.build_model()
        show_all_variables()
        dcgan.train(FLAGS)
        samples = sess.run(dcgan.sampler_, {dcgan.z: np.random.uniform(-1, 1, [4, 8])})
        imsave(samples, os.path.join(FLAGS.checkpoint_dir, 'test.png'))


if __name__ == '__main__':
    tf.app.run()
