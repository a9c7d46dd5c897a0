# -*- coding: utf-8 -*-
'''Building blocks of a Transformer.'''
from __future__ import print_function
import tensorflow as tf
import numpy as np


def normalize(inputs, epsilon=1e-8, scope="ln", reuse=None):
    with tf.variable_scope(scope, reuse=reuse):
        params_shape = inputs.get_shape()[-1:]
        mean, variance = tf.nn.moments(inputs, [-1], keep_dims=True)
        beta = tf.Variable(tf.zeros(params_shape))
        gamma = tf.Variable(tf.ones(params_shape))
        return gamma * ((inputs - mean) / ((variance + epsilon) ** (.5))) + beta


def positional_encoding(num_units, maxlen):
    position_enc = np.array([[pos / np.power(10000., 2. * i / num_units) for i in range(num_units)] for pos in range(maxlen)])
    position_enc[:, 0::2] = np.sin(position_enc[:, 0::2])
    position_enc[:, 1::2] = np.cos(position_enc[:, 1::2])
    return tf.convert_to_tensor(position_enc.astype(np.float32))


def multihead_attention(queries, keys, num_units, num_heads, dropout_rate=0., is_training=True, causality=False,
                        scope="multihead_attention", reuse=None):
    with tf.variable_scope(scope, reuse=reuse):
        Q = tf.layers.dense(queries, num_units, activation=tf.nn.relu)
        K = tf.layers.dense(keys, num_units, activation=tf.nn.relu)
        V = tf.layers.dense(keys, num_units, activation=tf.nn.relu)
        Q_, K_, V_ = [tf.concat(tf.split(x, num_heads, axis=2), axis=0) for x in (Q, K, V)]
        outputs = tf.matmul(Q_, tf.transpose(K_, [0, 2, 1])) / (K_.get_shape().as_list()[-1] ** 0.5)
        key_masks = tf.tile(tf.sign(tf.abs(tf.reduce_sum(keys, reduction_indices=-1))), [num_heads, 1])
        key_masks = tf.tile(tf.expand_dims(key_masks, 1), [1, tf.shape(queries)[1], 1])
        paddings = tf.ones_like(outputs) * (-2 ** 32 + 1)
        outputs = tf.where(tf.equal(key_masks, 0), paddings, outputs)
        if causality:
            tril = tf.contrib.linalg.LinearOperatorTriL(tf.ones_like(outputs[0, :, :])).to_dense() \
                if hasattr(tf.contrib, "linalg") else tf.matrix_band_part(tf.ones_like(outputs[0, :, :]), -1, 0)
            masks = tf.tile(tf.expand_dims(tril, 0), [tf.shape(outputs)[0], 1, 1])
            outputs = tf.where(tf.equal(masks, 0), paddings, outputs)
        outputs = tf.layers.dropout(tf.nn.softmax(outputs), rate=dropout_rate, training=tf.convert_to_tensor(is_training))
        outputs = tf.concat(tf.split(tf.matmul(outputs, V_), num_heads, axis=0), axis=2)
        return normalize(outputs + queries)


def feedforward(inputs, num_units, scope="feedforward", reuse=None):
    with tf.variable_scope(scope, reuse=reuse):
        outputs = tf.layers.conv1d(inputs=inputs, filters=num_units[0], kernel_size=1, activation=tf.nn.relu, use_bias=True)
        outputs = tf.layers.conv1d(inputs=outputs, filters=num_units[1], kernel_size=1, activation=None, use_bias=True)
        return normalize(outputs + inputs)
