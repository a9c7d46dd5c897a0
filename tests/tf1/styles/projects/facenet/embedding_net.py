"""An embedding network with a phase_train placeholder: batch normalization updates its averages in the graph itself."""
import tensorflow as tf
import tensorflow.contrib.slim as slim


def block35(net, scale=1.0, activation_fn=tf.nn.relu, scope=None, reuse=None):
    with tf.variable_scope(scope, 'Block35', [net], reuse=reuse):
        with tf.variable_scope('Branch_0'):
            tower_conv = slim.conv2d(net, 4, 1, scope='Conv2d_1x1')
        with tf.variable_scope('Branch_1'):
            tower_conv1_0 = slim.conv2d(net, 4, 1, scope='Conv2d_0a_1x1')
            tower_conv1_1 = slim.conv2d(tower_conv1_0, 4, 3, scope='Conv2d_0b_3x3')
        mixed = tf.concat([tower_conv, tower_conv1_1], 3)
        up = slim.conv2d(mixed, net.get_shape()[3], 1, normalizer_fn=None, activation_fn=None, scope='Conv2d_1x1')
        net += scale * up
        if activation_fn:
            net = activation_fn(net)
    return net


def inference(images, keep_probability, phase_train=True, bottleneck_layer_size=16, weight_decay=0.0, reuse=None):
    batch_norm_params = {
        'decay': 0.995,
        'epsilon': 0.001,
        'updates_collections': None,
        'variables_collections': [tf.GraphKeys.TRAINABLE_VARIABLES],
    }
    with slim.arg_scope([slim.conv2d, slim.fully_connected],
                        weights_initializer=slim.initializers.xavier_initializer(),
                        weights_regularizer=slim.l2_regularizer(weight_decay),
                        normalizer_fn=slim.batch_norm, normalizer_params=batch_norm_params):
        with tf.variable_scope('EmbeddingNet', 'EmbeddingNet', [images], reuse=reuse):
            with slim.arg_scope([slim.batch_norm, slim.dropout], is_training=phase_train):
                net = slim.conv2d(images, 8, 3, stride=2, padding='VALID', scope='Conv2d_1a_3x3')
                net = slim.repeat(net, 2, block35, scale=0.17)
                with tf.variable_scope('Logits'):
                    net = slim.avg_pool2d(net, net.get_shape()[1:3], padding='VALID', scope='AvgPool_1a_8x8')
                    net = slim.flatten(net)
                    net = slim.dropout(net, keep_probability, scope='Dropout')
                return slim.fully_connected(net, bottleneck_layer_size, activation_fn=None, scope='Bottleneck', reuse=False)
