"""Layers of slim and `tf.contrib.layers`."""

import tensorflow as tf
from describing import case_table, images, sequences, vectors, volumes

slim = tf.contrib.slim
layers = tf.contrib.layers
arg_scope = tf.contrib.framework.arg_scope

CASES, case = case_table()

@case
def conv2d_plain():
    return slim.conv2d(images(), 4, [3, 3])


@case
def conv2d_scope():
    return slim.conv2d(images(), 4, 3, stride=2, padding='VALID', scope='conv1')


@case
def conv2d_twice_and_reuse():
    x = images()
    first = slim.conv2d(x, 4, 3)
    second = slim.conv2d(first, 4, 3)
    return first, second, slim.conv2d(x, 4, 3, scope='Conv', reuse=True)


@case
def conv2d_linear():
    return slim.conv2d(images(), 4, 1, activation_fn=None, scope='logits')


@case
def conv2d_without_biases():
    return slim.conv2d(images(), 4, 3, biases_initializer=None, scope='nobias')


@case
def conv2d_batch_norm_training():
    return slim.conv2d(images(), 4, 3, normalizer_fn=slim.batch_norm,
                       normalizer_params={'is_training': True, 'decay': 0.9, 'scale': True}, scope='conv')


@case
def conv2d_batch_norm_inference():
    return slim.conv2d(images(), 4, 3, normalizer_fn=slim.batch_norm, normalizer_params={'is_training': False}, scope='c')


@case
def conv2d_atrous():
    return slim.conv2d(images(8, 8), 4, 3, rate=2, scope='atrous')


@case
def conv2d_nchw():
    x = tf.placeholder(tf.float32, [2, 3, 6, 6])
    with tf.variable_scope('net'):
        return slim.conv2d(x, 4, 3, data_format='NCHW', normalizer_fn=slim.batch_norm,
                           normalizer_params={'data_format': 'NCHW', 'fused': True})


@case
def conv2d_regularized():
    return slim.conv2d(images(), 4, 3, weights_regularizer=slim.l2_regularizer(0.01),
                       biases_regularizer=slim.l1_regularizer(0.1), scope='reg')


@case
def conv2d_collections():
    return slim.conv2d(images(), 4, 3, variables_collections=['mine'], outputs_collections='ends', scope='c',
                       trainable=False)


@case
def conv2d_weight_initializers():
    return slim.conv2d(images(), 4, 3, weights_initializer=tf.truncated_normal_initializer(stddev=0.1),
                       biases_initializer=tf.constant_initializer(0.1), scope='init')


@case
def convolution2d_and_others_by_their_long_names():
    x = layers.convolution2d(images(), 4, 3)
    return layers.convolution2d_transpose(x, 3, 2, 2), layers.separable_convolution2d(x, 5, 3, 1)


@case
def conv1d():
    return layers.conv1d(sequences(), 5, 3), layers.convolution1d(sequences(), 5, 3, scope='named')


@case
def conv3d():
    return slim.conv3d(volumes(), 4, [2, 2, 2]), slim.convolution3d(volumes(), 3, 2, stride=2, scope='named')


@case
def convolution():
    return layers.convolution(images(), 4, 3, scope='any'), layers.convolution(sequences(), 4, 3)


@case
def conv2d_transpose():
    return slim.conv2d_transpose(images(), 4, [4, 4], stride=2), slim.conv2d_transpose(
        images(), 4, 3, stride=2, padding='VALID', activation_fn=None, scope='up')


@case
def conv2d_transpose_batch_norm():
    return slim.conv2d_transpose(images(), 4, 3, 2, normalizer_fn=slim.batch_norm, scope='up')


@case
def conv3d_transpose():
    return slim.conv3d_transpose(volumes(), 4, 2, stride=2)


@case
def conv2d_in_plane():
    return slim.conv2d_in_plane(images(), [3, 1]), slim.conv2d_in_plane(images(), [1, 3], scope='plane')


@case
def separable_conv2d():
    return slim.separable_conv2d(images(), 5, [3, 3], 2), slim.separable_conv2d(
        images(), None, [3, 3], 1, normalizer_fn=slim.batch_norm, scope='depthwise')


@case
def separable_conv2d_one_and_rate():
    return slim.separable_conv2d(images(), None, 3, depth_multiplier=1, scope='dw'), slim.separable_conv2d(
        images(), 4, 3, depth_multiplier=1, rate=2, scope='rate')


@case
def separable_conv2d_mobilenet():
    with slim.arg_scope([slim.conv2d, slim.separable_conv2d], normalizer_fn=slim.batch_norm, activation_fn=tf.nn.relu6):
        x = slim.separable_conv2d(images(), None, [3, 3], depth_multiplier=1, stride=2, scope='Conv2d_1_depthwise')
        return slim.conv2d(x, 8, [1, 1], scope='Conv2d_1_pointwise')


# slim and tf.contrib.layers: dense


@case
def fully_connected():
    return slim.fully_connected(vectors(), 5), layers.fully_connected(vectors(), 6, scope='fc')


@case
def fully_connected_of_images():
    return layers.fully_connected(images(2, 2), 5, activation_fn=tf.nn.tanh)


@case
def fully_connected_normalized():
    return slim.fully_connected(vectors(), 5, normalizer_fn=slim.batch_norm, scope='fc')


@case
def fully_connected_without_biases():
    return slim.fully_connected(vectors(), 5, biases_initializer=None, activation_fn=None)


@case
def relu_relu6_elu_linear():
    x = vectors()
    return layers.relu(x, 4), layers.relu6(x, 4), layers.elu(x, 4), layers.linear(x, 4)


@case
def legacy_fully_connected():
    return layers.legacy_fully_connected(vectors(), 5), layers.legacy_relu(vectors(), 5), layers.legacy_linear(vectors(), 2)


@case
def bias_add():
    return slim.bias_add(vectors()), slim.bias_add(images(), activation_fn=tf.nn.relu, scope='bias')


@case
def stack():
    return slim.stack(vectors(), slim.fully_connected, [4, 3, 2], scope='fc'), slim.stack(
        images(), slim.conv2d, [(4, [3, 3]), (5, [1, 1])])


@case
def repeat():
    return slim.repeat(images(), 2, slim.conv2d, 4, [3, 3], scope='conv1'), slim.repeat(
        vectors(), 2, slim.fully_connected, 4)
