"""One call of each kind of layer; test_layer_numbers.py computes the same with NumPy."""

import collections

import numpy as np
import tensorflow as tf
from describing import images, sequences, set_values, vectors, volumes, wave

slim = tf.contrib.slim
layers = tf.contrib.layers

LAYERS = collections.OrderedDict([
    ('conv2d', lambda: slim.conv2d(images(), 4, 3)),
    ('conv2d_strided', lambda: slim.conv2d(images(7, 6), 4, [3, 2], stride=[2, 1], padding='VALID', activation_fn=None)),
    ('conv2d_atrous', lambda: slim.conv2d(images(8, 8), 4, 3, rate=2, activation_fn=None)),
    ('conv1d', lambda: layers.conv1d(sequences(), 5, 3, activation_fn=None)),
    ('conv3d', lambda: slim.conv3d(volumes(), 3, 2, stride=2, activation_fn=None)),
    ('conv2d_transpose', lambda: slim.conv2d_transpose(images(3, 4), 4, 3, 2, activation_fn=None)),
    ('conv2d_transpose_valid', lambda: slim.conv2d_transpose(images(3, 4), 4, 3, 2, 'VALID', activation_fn=None)),
    ('separable_conv2d', lambda: slim.separable_conv2d(images(), 5, 3, 2, activation_fn=None)),
    ('depthwise', lambda: slim.separable_conv2d(images(), None, 3, 2, stride=2, activation_fn=None)),
    ('conv2d_in_plane', lambda: slim.conv2d_in_plane(images(), [3, 1], activation_fn=None)),
    ('fully_connected', lambda: slim.fully_connected(vectors(), 5)),
    ('bias_add', lambda: slim.bias_add(images())),
    ('batch_norm', lambda: slim.batch_norm(images(), scale=True, is_training=False)),
    ('batch_norm_training', lambda: slim.batch_norm(images(), scale=True, is_training=True)),
    ('batch_norm_of_vectors', lambda: slim.batch_norm(vectors(), center=False, is_training=True, fused=False)),
    ('layer_norm', lambda: layers.layer_norm(images())),
    ('instance_norm', lambda: layers.instance_norm(images())),
    ('group_norm', lambda: layers.group_norm(images(4, 4, 4), 2)),
    ('unit_norm', lambda: slim.unit_norm(images(), 3)),
    ('gdn', lambda: layers.gdn(images())),
    ('max_pool2d', lambda: slim.max_pool2d(images(7, 6), 3, 2)),
    ('max_pool2d_same', lambda: slim.max_pool2d(images(7, 6), 3, 2, padding='SAME')),
    ('avg_pool2d', lambda: slim.avg_pool2d(images(7, 6), [2, 3], 2)),
    ('avg_pool2d_same', lambda: slim.avg_pool2d(images(7, 6), 3, 2, padding='SAME')),
    ('max_pool3d', lambda: slim.max_pool3d(volumes(), 2)),
    ('maxout', lambda: layers.maxout(vectors(6), 3)),
    ('spatial_softmax', lambda: layers.spatial_softmax(images(3, 4), temperature=0.5)),
    ('softmax', lambda: slim.softmax(vectors())),
    ('embed_sequence', lambda: layers.embed_sequence(tf.constant([[1, 2, 0], [3, 3, 1]]), 5, 3)),
    ('bow_encoder', lambda: layers.bow_encoder(tf.constant([[1, 2, 0], [3, 3, 1]]), 5, 3)),
    ('flatten', lambda: slim.flatten(images())),
    ('one_hot_encoding', lambda: slim.one_hot_encoding(tf.constant([2, 0]), 3)),
    ('tf_dense', lambda: tf.layers.dense(sequences(), 5)),
    ('tf_conv2d', lambda: tf.layers.conv2d(images(), 4, 3)),
    ('tf_conv2d_transpose', lambda: tf.layers.conv2d_transpose(images(3, 4), 4, 3, 2, padding='same')),
    ('tf_separable_conv2d', lambda: tf.layers.separable_conv2d(images(), 5, 3, depth_multiplier=2, padding='same')),
    ('tf_batch_normalization', lambda: tf.layers.batch_normalization(images())),
    ('tf_batch_normalization_training', lambda: tf.layers.batch_normalization(images(), training=True)),
    ('tf_max_pooling2d', lambda: tf.layers.max_pooling2d(images(7, 6), 3, 2)),
    ('l2_regularizer', lambda: slim.l2_regularizer(0.5)(tf.constant(wave(3, 2)))),
    ('l1_regularizer', lambda: slim.l1_regularizer(0.5)(tf.constant(wave(3, 2)))),
])


def compute(file):
    """Writes each layer's output, and its variables in the order of creation."""
    arrays = {}
    for layer, build in LAYERS.items():
        with tf.Graph().as_default(), tf.Session() as session:
            output = build()
            session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
            for index, variable in enumerate(tf.global_variables()):
                variable.load(set_values(variable, index), session)
                arrays[layer + '/' + variable.op.name.split('/')[-1]] = set_values(variable, index)
            arrays[layer] = session.run(output)
    np.savez(file, **arrays)
