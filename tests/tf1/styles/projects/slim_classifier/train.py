from __future__ import division

import tensorflow as tf

from nets import small_net

slim = tf.contrib.slim

tf.app.flags.DEFINE_string('train_dir', '/tmp/tfmodel/', 'Directory where checkpoints and event logs are written to.')
tf.app.flags.DEFINE_integer('max_number_of_steps', 2, 'The maximum number of training steps.')
FLAGS = tf.app.flags.FLAGS


def main(_):
    tf.logging.set_verbosity(tf.logging.INFO)
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        images = tf.random_uniform([4, 32, 32, 3], -1.0, 1.0)
        labels = tf.constant([0, 1, 2, 3], tf.int64)
        with slim.arg_scope(small_net.small_net_arg_scope(is_training=True)):
            logits, _ = small_net.small_net(images, is_training=True)
        slim.losses.softmax_cross_entropy(logits, slim.one_hot_encoding(labels, 5), label_smoothing=0.1)
        total_loss = slim.losses.get_total_loss()
        tf.summary.scalar('losses/total', total_loss)
        train_op = slim.learning.create_train_op(total_loss, tf.train.RMSPropOptimizer(0.01, momentum=0.9))
        slim.learning.train(train_op, FLAGS.train_dir, number_of_steps=FLAGS.max_number_of_steps, log_every_n_steps=1,
                            save_summaries_secs=60, save_interval_secs=60)


if __name__ == '__main__':
    tf.app.run()
