"""What is less common: reuse, templates, partitions, other data formats, in slim and `tf.contrib.layers`."""

import tensorflow as tf
from describing import case_table, images, sequences, vectors, volumes

slim = tf.contrib.slim
layers = tf.contrib.layers
arg_scope = tf.contrib.framework.arg_scope

CASES, case = case_table()

@case
def conv2d_of_an_unknown_batch():
    x = tf.placeholder(tf.float32, [None, None, None, 3])
    return slim.conv2d(x, 4, 3, stride=2), slim.max_pool2d(x, 3, padding='SAME'), slim.conv2d_transpose(x, 2, 4, 2)


@case
def conv2d_of_two_sizes_and_rates():
    return slim.conv2d(images(), 4, [1, 3]), slim.conv2d(images(8, 8), 4, [3, 1], rate=[2, 1], scope='rates'), slim.conv2d(
        images(), 4, [3, 3], stride=[2, 1], scope='strides')


@case
def names_that_end_in_numbers():
    x = slim.conv2d(images(), 4, 1, scope='conv1/1x1')
    x = slim.conv2d(x, 4, 1, scope='conv_1')
    return slim.conv2d(x, 4, 1), slim.conv2d(x, 4, 1, scope='Conv_7'), slim.conv2d(x, 4, 1)


@case
def a_scope_entered_twice():
    with tf.variable_scope('net') as scope:
        slim.conv2d(images(), 4, 1)
    with tf.variable_scope(scope, reuse=True):
        first = slim.conv2d(images(), 4, 1)
    with tf.variable_scope(scope, auxiliary_name_scope=False):
        return first, slim.conv2d(images(), 4, 1, scope='second')


@case
def auto_reuse():
    def tower(x):
        with tf.variable_scope('tower', reuse=tf.AUTO_REUSE):
            x = slim.conv2d(x, 4, 1, normalizer_fn=slim.batch_norm, scope='conv')
            return slim.fully_connected(slim.flatten(x), 2, scope='fc')
    return tower(images()), tower(images() * 2.0)


@case
def make_template():
    net = tf.make_template('template', lambda x: slim.fully_connected(layers.layer_norm(x), 3))
    return net(vectors()), net(vectors() * 2.0)


@case
def custom_getter():
    average = tf.train.ExponentialMovingAverage(0.9)

    def averaged(getter, name, *arguments, **keywords):
        variable = getter(name, *arguments, **keywords)
        return average.average(variable) if average.average(variable) is not None else variable

    def net():
        return slim.fully_connected(vectors(), 2, scope='fc'), tf.layers.dense(vectors(), 2, name='dense')

    with tf.variable_scope('net'):
        net()
    average.apply(tf.trainable_variables())
    with tf.variable_scope('net', reuse=True, custom_getter=averaged):
        return net()


@case
def partitioned_variables():
    with tf.variable_scope('net', partitioner=tf.fixed_size_partitioner(2)):
        return slim.fully_connected(vectors(), 4, scope='fc')


@case
def float64_and_regularizer_of_the_scope():
    with tf.variable_scope('net', regularizer=slim.l2_regularizer(0.1), initializer=tf.ones_initializer()):
        first = slim.fully_connected(tf.cast(vectors(), tf.float64), 2)
        return first, tf.layers.dense(vectors(), 2, name='plain'), tf.get_variable('own', [2])


@case
def batch_norm_nchw():
    x = tf.transpose(images(), [0, 3, 1, 2])
    return (slim.batch_norm(x, data_format='NCHW', fused=False), layers.group_norm(
        tf.transpose(images(4, 4, 4), [0, 3, 1, 2]), 2, channels_axis=-3, reduction_axes=(-2, -1)),
        layers.instance_norm(x, data_format='NCHW'))


@case
def batch_norm_of_sequences_and_volumes():
    return (slim.batch_norm(sequences(), is_training=False), slim.batch_norm(volumes(), is_training=False),
            slim.batch_norm(sequences(), is_training=True, scope='training'))


@case
def pools_nchw():
    x = tf.placeholder(tf.float32, [2, 3, 6, 6])
    return slim.max_pool2d(x, 2, data_format='NCHW'), slim.avg_pool2d(x, 3, data_format='NCHW'), slim.conv2d_transpose(
        x, 4, 3, 2, data_format='NCHW')


@case
def rev_block():
    def half(x):
        return slim.fully_connected(x, 2)
    x1, x2 = tf.split(vectors(), 2, axis=1)
    return layers.rev_block(x1, x2, half, half, num_layers=2)


@case
def outputs_collections():
    with slim.arg_scope([slim.conv2d, slim.max_pool2d, slim.fully_connected], outputs_collections='ends'):
        x = slim.max_pool2d(slim.conv2d(images(), 4, 3, scope='conv1'), 2, scope='pool1')
        slim.fully_connected(slim.flatten(x), 3, scope='fc')
    ends = slim.utils.convert_collection_to_dict('ends')
    return [ends[name] for name in sorted(ends)]


@case
def summaries():
    x = slim.conv2d(images(), 2, 1, scope='conv')
    slim.summarize_activation(x)
    layers.summarize_tensors([vectors()])
    slim.summarize_weights()
    return x
