"""What the user adds to export the network."""
import tensorflow as tf

from nets import small_net


def network(images):
    with tf.contrib.slim.arg_scope(small_net.small_net_arg_scope(is_training=False)):
        logits, end_points = small_net.small_net(images / 128.0 - 1.0, is_training=False)
    return {'logits': logits, 'probabilities': end_points['Predictions']}
