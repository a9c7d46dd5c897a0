"""Segmentation: a base class of layers by name, dilated convolutions, transposed convolutions, resizing by a factor."""
import tensorflow as tf
from tensorflow.contrib.layers.python.layers import initializers
from tensorflow.python.ops import init_ops
from tensorflow.python.training import moving_averages


def layer(op):
    def layer_decorated(self, *args, **kwargs):
        name = kwargs.setdefault('name', '%s_%d' % (op.__name__, len(self.layers)))
        layer_input = self.terminals[0] if len(self.terminals) == 1 else list(self.terminals)
        self.layers[name] = op(self, layer_input, *args, **kwargs)
        return self.feed(name)
    return layer_decorated


class SegNet(object):
    def __init__(self, inputs, num_classes, is_training=False):
        self.layers = dict(inputs)
        self.terminals = []
        self.is_training = is_training
        self.setup(num_classes)

    def feed(self, *names):
        self.terminals = [self.layers[name] for name in names]
        return self

    @layer
    def conv(self, net, k, filters, stride=1, name=None):
        with tf.variable_scope(name):
            w = tf.get_variable('weights', [k, k, net.get_shape()[-1].value, filters],
                                initializer=initializers.xavier_initializer())
            net = tf.nn.conv2d(net, w, [1, stride, stride, 1], padding='SAME')
            return tf.nn.relu(self.batch_norm(net))

    @layer
    def atrous_conv(self, net, k, filters, rate, name=None):
        with tf.variable_scope(name):
            w = tf.get_variable('weights', [k, k, net.get_shape()[-1].value, filters],
                                initializer=tf.contrib.layers.xavier_initializer_conv2d())
            b = tf.get_variable('biases', [filters], initializer=init_ops.zeros_initializer())
            return tf.nn.relu(tf.nn.bias_add(tf.nn.atrous_conv2d(net, w, rate, padding='SAME'), b))

    @layer
    def concat(self, nets, name=None):
        return tf.concat(axis=3, values=nets, name=name)

    @layer
    def deconv(self, net, k, filters, stride, name=None):
        with tf.variable_scope(name):
            shape = tf.shape(net)
            channels = net.get_shape()[3]
            w = tf.get_variable('weights', [k, k, filters, channels], initializer=tf.random_normal_initializer(stddev=0.1))
            output_shape = tf.stack([shape[0], shape[1] * stride, shape[2] * stride, filters])
            out = tf.nn.conv2d_transpose(net, w, output_shape, [1, stride, stride, 1], padding='SAME')
            return tf.reshape(out, output_shape)

    @layer
    def resize(self, net, factor, name=None):
        height, width = net.get_shape()[1] * (2 * factor) / 2, net.get_shape()[2].value * (2 * factor) / 2
        return tf.image.resize_bilinear(net, [int(height), int(width)], align_corners=True, name=name)

    def batch_norm(self, net):
        params_shape = [net.get_shape()[-1]]
        beta = tf.get_variable('beta', params_shape, initializer=tf.constant_initializer(0.0))
        gamma = tf.get_variable('gamma', params_shape, initializer=tf.constant_initializer(1.0))
        moving_mean = tf.get_variable('moving_mean', params_shape, initializer=tf.zeros_initializer(), trainable=False)
        moving_variance = tf.get_variable('moving_variance', params_shape, initializer=tf.ones_initializer(),
                                          trainable=False)
        if self.is_training:
            mean, variance = tf.nn.moments(net, range(len(net.get_shape()) - 1))
            for i in xrange(2):
                moving, value = (moving_mean, moving_variance)[i], (mean, variance)[i]
                tf.add_to_collection(tf.GraphKeys.UPDATE_OPS,
                                     moving_averages.assign_moving_average(moving, value, 0.9))
        else:
            mean, variance = moving_mean, moving_variance
        return tf.nn.batch_normalization(net, mean, variance, beta, gamma, 1e-3)

    def setup(self, num_classes):
        (self.feed('data').conv(3, 8, stride=2, name='conv1').conv(3, 8, stride=2, name='conv2')
             .atrous_conv(3, 8, 2, name='dilated'))
        self.feed('conv2', 'dilated').concat(name='skip').deconv(4, 8, 2, name='up1')
        self.feed('up1').resize(2, name='up2')
        with tf.variable_scope('classes'):
            self.layers['logits'] = tf.contrib.layers.conv2d(self.layers['up2'], num_classes, 1, activation_fn=None)
