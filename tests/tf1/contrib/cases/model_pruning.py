"""`tf.contrib.model_pruning`: layers and cells with masks."""

import tensorflow as tf
from describing import case_table, images, sequences, vectors

layers = tf.contrib.layers
pruning = tf.contrib.model_pruning

CASES, case = case_table()


@case
def convolutions():
    with tf.contrib.framework.arg_scope([pruning.masked_conv2d], weights_initializer=tf.ones_initializer()):
        x = pruning.masked_conv2d(images(), 4, 3)
        x = pruning.masked_conv2d(x, 5, [3, 1], stride=2, padding='VALID', scope='second', activation_fn=None)
        return pruning.masked_conv2d(x, 2, 1, scope='third', normalizer_fn=layers.batch_norm)


@case
def fully_connected():
    x = pruning.masked_fully_connected(vectors(), 5)
    return pruning.masked_fully_connected(x, 3, activation_fn=tf.tanh, biases_initializer=None, scope='last')


@case
def mask_on_weights():
    with tf.variable_scope('layer') as scope:
        weights = tf.get_variable('w', [4, 3])
        return tf.matmul(vectors(), pruning.apply_mask(weights, scope))


@case
def basic_lstm():
    return tf.nn.dynamic_rnn(pruning.MaskedBasicLSTMCell(4), sequences(), dtype=tf.float32)[0]


@case
def lstm():
    return tf.nn.dynamic_rnn(pruning.MaskedLSTMCell(4), sequences(), dtype=tf.float32)[0]


@case
def what_is_masked():
    pruning.masked_fully_connected(vectors(), 5)
    parts = pruning.get_masks() + pruning.get_thresholds() + pruning.get_weights() + pruning.get_masked_weights()
    return [tf.identity(part) for part in parts] + pruning.get_weight_sparsity()
