"""Normalization, pools, embeddings and scopes of slim and `tf.contrib.layers`."""

import tensorflow as tf
from describing import case_table, images, sequences, vectors, volumes, wave

slim = tf.contrib.slim
layers = tf.contrib.layers
arg_scope = tf.contrib.framework.arg_scope

CASES, case = case_table()

@case
def batch_norm():
    return slim.batch_norm(images()), slim.batch_norm(vectors(), scope='bn', center=False, scale=True)


@case
def batch_norm_inference():
    return slim.batch_norm(images(), is_training=False, epsilon=1e-5, activation_fn=tf.nn.relu, scope='bn')


@case
def batch_norm_updates_in_place():
    return slim.batch_norm(images(), updates_collections=None, decay=0.5, scope='bn')


@case
def batch_norm_by_a_tensor():
    return slim.batch_norm(images(), is_training=tf.constant(False), updates_collections=None, scope='bn')


@case
def batch_norm_not_fused():
    return slim.batch_norm(images(), is_training=False, fused=False, scale=True), slim.batch_norm(
        vectors(), is_training=True, zero_debias_moving_mean=True, scope='debias')


@case
def batch_norm_renorm():
    return slim.batch_norm(images(), renorm=True, scope='renorm')


@case
def batch_norm_initializers():
    return layers.batch_norm(images(), scale=True, param_initializers={'gamma': tf.constant_initializer(0.5)},
                             variables_collections={'beta': ['betas'], 'moving_mean': ['moving']}, trainable=False)


@case
def layer_norm():
    return layers.layer_norm(vectors()), layers.layer_norm(images(), scope='ln', center=False), layers.layer_norm(
        sequences(), begin_norm_axis=-1, activation_fn=tf.nn.relu)


@case
def instance_norm():
    return layers.instance_norm(images()), layers.instance_norm(images(), scale=False, scope='IN', epsilon=1e-3)


@case
def group_norm():
    x = images(4, 4, 4)
    return layers.group_norm(x, groups=2), layers.group_norm(x, groups=4, reduction_axes=(-3, -2), scope='gn')


@case
def unit_norm():
    return slim.unit_norm(vectors(), 1)


@case
def gdn():
    return layers.gdn(images()), layers.gdn(images(), inverse=True, name='igdn')


# slim and tf.contrib.layers: the rest


@case
def pools():
    x = images()
    return (slim.max_pool2d(x, 2), slim.max_pool2d(x, [3, 3], 1, padding='SAME', scope='pool'), slim.avg_pool2d(x, 2),
            slim.avg_pool3d(volumes(), 2), slim.max_pool3d(volumes(), [2, 2, 2], scope='pool3'))


@case
def flatten_dropout_softmax_one_hot():
    x = images(2, 2)
    return (slim.flatten(x), slim.dropout(x, 0.5, is_training=False), slim.softmax(vectors()),
            slim.one_hot_encoding(tf.constant([1, 0]), 3), slim.flatten(x, scope='flat'))


@case
def maxout_spatial_softmax():
    return layers.maxout(vectors(), 2), layers.spatial_softmax(images(3, 3)), layers.spatial_softmax(
        images(3, 3), temperature=0.5, name='fixed')


@case
def embed_sequence():
    ids = tf.constant([[1, 2, 0], [3, 3, 1]])
    first = layers.embed_sequence(ids, vocab_size=5, embed_dim=3)
    named = layers.embed_sequence(ids, 5, 3, scope='words')
    return first, named, layers.embed_sequence(ids, 5, 3, unique=True, scope='words', reuse=True)


@case
def bow_encoder():
    ids = tf.constant([[1, 2, 0], [3, 3, 1]])
    return layers.bow_encoder(ids, 5, 3), layers.bow_encoder(ids, 5, 3, sparse_lookup=False, scope='dense')


@case
def embedding_lookup_unique():
    return layers.embedding_lookup_unique(tf.constant(wave(5, 3)), tf.constant([[1, 1], [4, 0]]))


@case
def images_and_sequences():
    sequence = slim.images_to_sequence(images())
    return sequence, slim.sequence_to_images(sequence, 6)


@case
def scale_gradient_and_dense_to_sparse():
    return layers.scale_gradient(vectors(), 0.5), layers.dense_to_sparse(tf.constant([[1, 0], [0, 2]])).indices


@case
def nested_scopes():
    with tf.variable_scope('outer'):
        with tf.variable_scope('block', values=[images()]):
            first = slim.conv2d(images(), 4, 3)
            second = slim.conv2d(first, 4, 3)
        with tf.variable_scope('block', reuse=True):
            again = slim.conv2d(images(), 4, 3, scope='Conv')
    with tf.variable_scope(None, 'block', [first]):
        third = slim.conv2d(images(), 4, 3, scope='inner/conv')
    return second, again, third


@case
def arg_scopes():
    with arg_scope([slim.conv2d, slim.fully_connected], activation_fn=None, weights_regularizer=slim.l2_regularizer(0.1)):
        with arg_scope([slim.conv2d], kernel_size=3, padding='VALID') as scope:
            first = slim.conv2d(images(), 4)
        with arg_scope(scope):
            second = slim.conv2d(first, 4, scope='second')
        return second, slim.fully_connected(slim.flatten(second), 2, scope='logits')


@case
def model_variables():
    weights = slim.model_variable('weights', shape=[3, 2], initializer=tf.zeros_initializer(),
                                  regularizer=slim.l2_regularizer(0.1), device='/CPU:0')
    mine = slim.variable('mine', shape=[2], initializer=tf.ones_initializer(),
                         collections=['here', tf.GraphKeys.GLOBAL_VARIABLES])
    step = tf.contrib.framework.get_or_create_global_step()
    local = slim.local_variable(tf.zeros([2]), name='local')
    return weights, mine, step, local


@case
def initializers():
    with tf.variable_scope('v'):
        return [tf.get_variable(name, [3, 4], initializer=initializer) for name, initializer in [
            ('xavier', layers.xavier_initializer()), ('xavier_conv', layers.xavier_initializer_conv2d(uniform=False)),
            ('scaling', layers.variance_scaling_initializer()),
            ('averaged', layers.variance_scaling_initializer(1.0, 'FAN_AVG', True))]]


@case
def regularizers():
    weights = tf.constant(wave(3, 2))
    both = slim.sum_regularizer([slim.l1_regularizer(0.1), slim.l2_regularizer(0.2)])
    return slim.l2_regularizer(0.5)(weights), both(weights), layers.l1_l2_regularizer(0.1, 0.3)(weights)


@case
def summaries_and_losses():
    slim.losses.softmax_cross_entropy(vectors(), tf.one_hot([0, 1, 2], 4))
    slim.losses.add_loss(tf.constant(2.0))
    tf.losses.mean_squared_error(vectors(), vectors() + 1.0)
    return slim.losses.get_total_loss(), tf.losses.get_total_loss()


@case
def optimize_loss():
    loss = tf.reduce_sum(slim.fully_connected(vectors(), 2, scope='fc'))
    step = tf.train.get_or_create_global_step()
    return layers.optimize_loss(loss, step, 0.1, 'Adam', clip_gradients=1.0)
