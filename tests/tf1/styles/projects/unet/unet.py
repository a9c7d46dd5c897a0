import tensorflow as tf


def conv_conv_pool(input_, n_filters, training, flags, name, pool=True, activation=tf.nn.relu):
    net = input_
    with tf.variable_scope("layer{}".format(name)):
        for i, F in enumerate(n_filters):
            net = tf.layers.conv2d(net, F, (3, 3), activation=None, padding='same',
                                   kernel_regularizer=tf.contrib.layers.l2_regularizer(flags.reg),
                                   name="conv_{}".format(i + 1))
            net = tf.layers.batch_normalization(net, training=training, name="bn_{}".format(i + 1))
            net = activation(net, name="relu{}_{}".format(name, i + 1))
        if pool is False:
            return net
        pool = tf.layers.max_pooling2d(net, (2, 2), strides=(2, 2), name="pool_{}".format(name))
        return net, pool


def upconv_concat(inputA, input_B, n_filter, flags, name):
    up_conv = tf.layers.conv2d_transpose(inputA, filters=n_filter, kernel_size=2, strides=2,
                                         kernel_regularizer=tf.contrib.layers.l2_regularizer(flags.reg),
                                         name="upsample_{}".format(name))
    return tf.concat([up_conv, input_B], axis=-1, name="concat_{}".format(name))


def make_unet(X, training, flags=None):
    net = X / 127.5 - 1
    conv1, pool1 = conv_conv_pool(net, [4, 4], training, flags, name=1)
    conv2, pool2 = conv_conv_pool(pool1, [8, 8], training, flags, name=2)
    pool2 = tf.layers.dropout(pool2, 0.3, training=training)
    conv3 = conv_conv_pool(pool2, [16, 16], training, flags, name=3, pool=False)
    up4 = upconv_concat(conv3, conv2, 8, flags, name=4)
    conv4 = conv_conv_pool(up4, [8, 8], training, flags, name=4, pool=False)
    up5 = upconv_concat(conv4, conv1, 4, flags, name=5)
    conv5 = conv_conv_pool(up5, [4, 4], training, flags, name=5, pool=False)
    return tf.layers.conv2d(conv5, 1, (1, 1), name='final', activation=tf.nn.sigmoid, padding='same')
