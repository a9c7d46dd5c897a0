"""A classifier as slim's own networks are written: arg_scope, end points, an arg_scope function beside the network."""

from __future__ import absolute_import
from __future__ import division
from __future__ import print_function

import tensorflow as tf

slim = tf.contrib.slim
trunc_normal = lambda stddev: tf.truncated_normal_initializer(0.0, stddev)


def small_net_arg_scope(weight_decay=0.0004, is_training=True, batch_norm_decay=0.997):
    batch_norm_params = {
        'is_training': is_training,
        'decay': batch_norm_decay,
        'epsilon': 0.001,
        'updates_collections': tf.GraphKeys.UPDATE_OPS,
        'variables_collections': {
            'beta': None, 'gamma': None, 'moving_mean': ['moving_vars'], 'moving_variance': ['moving_vars']},
    }
    with slim.arg_scope([slim.conv2d, slim.separable_conv2d, slim.fully_connected],
                        weights_regularizer=slim.l2_regularizer(weight_decay),
                        weights_initializer=slim.variance_scaling_initializer()):
        with slim.arg_scope([slim.conv2d, slim.separable_conv2d], activation_fn=tf.nn.relu6,
                            normalizer_fn=slim.batch_norm, normalizer_params=batch_norm_params) as scope:
            return scope


@slim.add_arg_scope
def block(inputs, depth, scope=None, outputs_collections=None):
    with tf.variable_scope(scope, 'block', [inputs]) as sc:
        branch_0 = slim.conv2d(inputs, depth // 2, [1, 1], scope='Conv2d_0a_1x1')
        branch_1 = slim.separable_conv2d(inputs, depth // 2, [3, 3], depth_multiplier=1, scope='Conv2d_0b_3x3')
        net = tf.concat(axis=3, values=[branch_0, branch_1])
        return slim.utils.collect_named_outputs(outputs_collections, sc.name, net)


def small_net(images, num_classes=5, is_training=True, dropout_keep_prob=0.8, reuse=None, scope='SmallNet'):
    with tf.variable_scope(scope, 'SmallNet', [images, num_classes], reuse=reuse) as sc:
        end_points_collection = sc.name + '_end_points'
        with slim.arg_scope([slim.conv2d, slim.max_pool2d, block], outputs_collections=end_points_collection):
            with slim.arg_scope([slim.batch_norm, slim.dropout], is_training=is_training):
                net = slim.conv2d(images, 8, [3, 3], stride=2, scope='Conv2d_1a_3x3')
                net = slim.repeat(net, 2, block, 16, scope='Mixed_2')
                net = slim.max_pool2d(net, [3, 3], stride=2, padding='VALID', scope='MaxPool_3a')
                net = slim.stack(net, slim.conv2d, [(16, [1, 1]), (24, [3, 3])], scope='Mixed_4')
                with tf.variable_scope('Logits'):
                    kernel_size = [min(net.get_shape()[1].value, 7), min(net.get_shape()[2].value, 7)]
                    net = slim.avg_pool2d(net, kernel_size, padding='VALID', scope='AvgPool_1a')
                    net = slim.dropout(net, keep_prob=dropout_keep_prob, scope='Dropout_1b')
                    logits = slim.conv2d(net, num_classes, [1, 1], activation_fn=None, normalizer_fn=None, scope='Conv2d_1c')
                    logits = tf.squeeze(logits, [1, 2], name='SpatialSqueeze')
                end_points = slim.utils.convert_collection_to_dict(end_points_collection)
                end_points['Predictions'] = slim.softmax(logits, scope='Predictions')
                return logits, end_points


small_net.default_image_size = 32
