"""Layers of `tf.layers`, and of models that have none."""

import tensorflow as tf
from describing import case_table, images, sequences, vectors, volumes

slim = tf.contrib.slim
layers = tf.contrib.layers

CASES, case = case_table()

@case
def tf_layers_dense():
    x = vectors()
    first = tf.layers.dense(x, 5)
    second = tf.layers.dense(x, 5, activation=tf.nn.relu)
    third = tf.layers.dense(x, 5, name='fc', use_bias=False)
    return first, second, third, tf.layers.dense(x, 5, name='fc', use_bias=False, reuse=True)


@case
def tf_layers_dense_in_scopes():
    with tf.variable_scope('net'):
        first = tf.layers.dense(vectors(), 5)
        with tf.variable_scope('deeper'):
            second = tf.layers.dense(first, 2)
    with tf.variable_scope('net', reuse=True):
        third = tf.layers.dense(vectors(), 5)
    with tf.variable_scope('again', reuse=tf.AUTO_REUSE):
        fourth = tf.layers.dense(vectors(), 5, name='d')
        fifth = tf.layers.dense(vectors(), 5, name='d')
    return second, third, fourth, fifth


@case
def tf_layers_dense_class():
    layer = tf.layers.Dense(3, activation=tf.nn.sigmoid)
    other = tf.layers.Dense(2, name='other', _scope='scope')
    with tf.variable_scope('where'):
        third = tf.layers.Dense(3)(vectors())
    return layer(vectors()), layer.apply(vectors(4) * 2.0), other(vectors()), third


@case
def tf_layers_conv2d():
    x = images()
    first = tf.layers.conv2d(x, 4, 3, padding='same')
    second = tf.layers.conv2d(x, 4, [3, 3], strides=(2, 2), activation=tf.nn.relu)
    third = tf.layers.conv2d(x, 4, 3, dilation_rate=2, name='atrous', use_bias=False)
    return first, second, third


@case
def tf_layers_conv2d_regularized():
    return tf.layers.conv2d(images(), 4, 3, kernel_regularizer=slim.l2_regularizer(0.1),
                            kernel_initializer=layers.xavier_initializer(), trainable=False)


@case
def tf_layers_channels_first():
    x = tf.placeholder(tf.float32, [2, 3, 6, 6])
    x = tf.layers.conv2d(x, 4, 3, padding='same', data_format='channels_first')
    x = tf.layers.batch_normalization(x, axis=1, training=False)
    return tf.layers.max_pooling2d(x, 2, 2, data_format='channels_first')


@case
def tf_layers_other_convolutions():
    return (tf.layers.conv1d(sequences(), 4, 3), tf.layers.conv3d(volumes(), 3, 2),
            tf.layers.conv2d_transpose(images(), 4, 3, strides=2, padding='same'),
            tf.layers.conv2d_transpose(images(), 4, 2, (2, 2), name='up'), tf.layers.conv3d_transpose(volumes(), 3, 2, 2),
            tf.layers.separable_conv2d(images(), 5, 3, depth_multiplier=2), tf.layers.separable_conv1d(sequences(), 5, 3))


@case
def tf_layers_batch_normalization():
    x = images()
    first = tf.layers.batch_normalization(x)
    second = tf.layers.batch_normalization(x, training=True, momentum=0.9, epsilon=1e-5)
    third = tf.layers.batch_normalization(x, name='bn', center=False, scale=False)
    fourth = tf.layers.batch_normalization(vectors(), training=True, fused=False)
    return first, second, third, fourth


@case
def tf_layers_batch_normalization_by_a_tensor():
    return tf.layers.batch_normalization(images(), training=tf.constant(False), name='bn'), tf.layers.batch_normalization(
        vectors(), training=tf.constant(True), renorm=True, name='renorm')


@case
def tf_layers_pooling_flatten_dropout():
    x = images()
    return (tf.layers.max_pooling2d(x, 2, 2), tf.layers.average_pooling2d(x, [2, 2], 2, 'same'), tf.layers.flatten(x),
            tf.layers.dropout(x, 0.4), tf.layers.max_pooling1d(sequences(), 2, 2), tf.layers.average_pooling1d(
                sequences(), 3, 1), tf.layers.max_pooling3d(volumes(), 2, 2), tf.layers.average_pooling3d(volumes(), 2, 2))


@case
def tf_layers_classes():
    conv = tf.layers.Conv2D(4, 3, name='conv')
    norm = tf.layers.BatchNormalization()
    x = norm(conv(images()), training=False)
    return x, tf.layers.Flatten()(x), tf.layers.MaxPooling2D(2, 2)(x), tf.layers.Conv2DTranspose(2, 2)(x)


@case
def tf_layers_and_slim_together():
    with tf.variable_scope('net'):
        x = tf.layers.conv2d(images(), 4, 3)
        x = slim.conv2d(x, 4, 3)
        x = slim.batch_norm(x, is_training=False)
        x = tf.layers.batch_normalization(x)
        x = tf.layers.conv2d(x, 4, 1)
    return tf.layers.dense(slim.flatten(x), 2), slim.fully_connected(slim.flatten(x), 2)


@case
def get_variable_and_core_functions():
    with tf.variable_scope('conv1') as scope:
        kernel = tf.get_variable('weights', [3, 3, 3, 4], initializer=tf.truncated_normal_initializer(stddev=0.05))
        conv = tf.nn.conv2d(images(), kernel, [1, 1, 1, 1], padding='SAME')
        biases = tf.get_variable('biases', [4], initializer=tf.constant_initializer(0.0))
        out = tf.nn.relu(tf.nn.bias_add(conv, biases), name=scope.name)
    with tf.name_scope('hidden'):
        weights = tf.Variable(tf.zeros([4, 2]), name='weights')
    return tf.nn.lrn(out, 4), weights


@case
def keras_layers():
    x = tf.keras.layers.Conv2D(4, 3, padding='same', activation='relu')(images())
    x = tf.keras.layers.BatchNormalization()(x)
    x = tf.keras.layers.Flatten()(x)
    return tf.keras.layers.Dense(3)(x), tf.keras.layers.Dense(2, name='logits')(x), tf.keras.layers.Embedding(5, 3)(
        tf.constant([[1, 2]]))


@case
def keras_layers_in_scopes():
    with tf.variable_scope('net'):
        first = tf.keras.layers.Dense(3)(vectors())
        second = tf.keras.layers.Conv1D(3, 2)(sequences())
    with tf.name_scope('names'):
        return first, second, tf.keras.layers.Dense(3)(vectors())


@case
def two_variables_of_a_name():
    with tf.variable_scope('a'):
        first = tf.Variable(tf.ones([2]), name='v')
        second = tf.Variable(tf.ones([2]), name='v')
    return first, second, tf.get_variable('a/v_1', [2])


@case
def keras_recurrent_layers():
    with tf.variable_scope('net'):
        first = tf.keras.layers.LSTM(3, return_sequences=True)(sequences())
        return first, tf.keras.layers.Bidirectional(tf.keras.layers.GRU(2))(first), tf.keras.layers.SimpleRNN(
            2, name='simple')(first)
