"""`tf.contrib.image`, `nn`, `resampler`, `sparsemax`, `lookup`, `framework` and `signal`."""

import tensorflow as tf
from describing import case_table, images, vectors, wave

image = tf.contrib.image
framework = tf.contrib.framework

CASES, case = case_table()


@case
def rotate():
    x = images(5, 7)
    return (image.rotate(x, 0.3), image.rotate(x, [0.5, -1.2], interpolation='BILINEAR'), image.rotate(x[0], 1.0),
            image.rotate(x[0, :, :, 0], 0.2, 'BILINEAR'))


@case
def translate():
    return image.translate(images(), [1.0, -2.0]), image.translate(images(), [[0.5, 1.0], [2, 3]], interpolation='BILINEAR')


@case
def transform():
    return image.transform(images(), [1.0, 0.2, -0.5, 0.1, 0.9, 1.0, 0.01, 0.02], 'BILINEAR'), image.transform(
        images(), [[0.5, 0, 0, 0, 0.5, 0, 0, 0]], output_shape=[4, 3])


@case
def transforms():
    turned = image.angles_to_projective_transforms([0.3, 0.6], 5.0, 6.0)
    moved = image.translations_to_projective_transforms([[1.0, 2.0]])
    return (turned, moved, image.compose_transforms(turned, moved), image.flat_transforms_to_matrices(turned),
            image.matrices_to_flat_transforms(tf.constant(wave(2, 3, 3))))


@case
def dense_image_warp():
    return image.dense_image_warp(images(), tf.constant(wave(2, 6, 6, 2) * 3.0))


@case
def interpolate_spline():
    points = tf.constant(wave(2, 5, 2))
    return [image.interpolate_spline(points, tf.constant(wave(2, 5, 3)), tf.constant(wave(2, 4, 2) * 0.5), order, weight)
            for order, weight in ((1, 0.0), (2, 0.0), (3, 0.1), (4, 0.0))]


@case
def sparse_image_warp():
    source = tf.constant([[[1.0, 1.0], [4.0, 3.0], [2.0, 4.0]]] * 2)
    target = source + tf.constant(wave(2, 3, 2))
    return image.sparse_image_warp(images(), source, target) + image.sparse_image_warp(
        images(), source, target, num_boundary_points=2)


@case
def resampler():
    at = tf.contrib.resampler.resampler
    return at(images(), tf.constant(wave(2, 4, 4, 2) * 5.0 + 2.0)), at(
        images(), tf.constant([[[-0.5, 0.5], [5.5, 5.2], [-2.0, 1.0]]] * 2))


@case
def sparsemax():
    logits = vectors(5) * 2.0
    chosen = tf.contrib.sparsemax.sparsemax(logits)
    return chosen, tf.contrib.sparsemax.sparsemax_loss(logits, chosen, tf.one_hot([0, 2, 4], 5))


@case
def nn():
    return (tf.contrib.nn.scaled_softplus(vectors(), 0.5), tf.contrib.nn.scaled_softplus(vectors(), 2.0, clip=1.0),
            tf.contrib.nn.alpha_dropout(vectors(), 1.0), tf.contrib.nn.nth_element(vectors(), 1),
            tf.contrib.nn.deprecated_flipped_softmax_cross_entropy_with_logits(vectors(), tf.one_hot([0, 1, 2], 4)))


@case
def lookup():
    words = tf.constant(['a', 'b', 'c'])
    table = tf.contrib.lookup.index_table_from_tensor(words, num_oov_buckets=1)
    back = tf.contrib.lookup.index_to_string_table_from_tensor(words, default_value='?')
    plain = tf.contrib.lookup.HashTable(tf.contrib.lookup.KeyValueTensorInitializer([1, 2], [10, 20]), -1)
    return table.lookup(tf.constant(['c', 'x'])), tf.size(back.lookup(tf.constant([1, 9], tf.int64))), plain.lookup(
        tf.constant([2, 3]))


@case
def framework_functions():
    return (framework.reduce_sum_n([vectors(), tf.constant(1.0)]), framework.with_shape([3, 4], vectors()),
            framework.with_same_shape(vectors(), vectors()), framework.assert_scalar_int(tf.constant(3)),
            framework.sort(vectors(), direction='DESCENDING'), framework.argsort(vectors()),
            framework.smart_cond(True, vectors, images))


@case
def signal():
    return tf.contrib.signal.frame(vectors(8), 4, 2), tf.contrib.signal.hann_window(5), tf.contrib.signal.hamming_window(4)


@case
def data():
    values = tf.data.Dataset.range(10)
    batches = values.apply(tf.contrib.data.batch_and_drop_remainder(3))
    windows = values.apply(tf.contrib.data.sliding_window_batch(4, window_shift=2))
    both = values.apply(tf.contrib.data.map_and_batch(lambda x: x * 2, 4)).apply(
        tf.contrib.data.shuffle_and_repeat(1, 2))
    padded = values.map(lambda x: tf.fill([x % 3 + 1], x)).apply(
        tf.contrib.data.padded_batch_and_drop_remainder(4, [None]))
    shaped = padded.apply(tf.contrib.data.assert_element_shape(tf.TensorShape([4, None])))
    return [dataset.make_one_shot_iterator().get_next() for dataset in (batches, windows, both, padded, shaped)]


@case
def initializers_with_a_seed():
    layers = tf.contrib.layers
    return [initializer([3, 3, 4, 5]) for initializer in (
        layers.xavier_initializer(seed=3), layers.xavier_initializer(uniform=False, seed=3),
        layers.xavier_initializer_conv2d(seed=4), layers.variance_scaling_initializer(seed=5),
        layers.variance_scaling_initializer(1.0, 'FAN_AVG', uniform=True, seed=5),
        tf.truncated_normal_initializer(stddev=0.1, seed=6), tf.glorot_uniform_initializer(seed=7),
        tf.variance_scaling_initializer(seed=8), tf.random_normal_initializer(seed=9), tf.uniform_unit_scaling_initializer(
            seed=10), tf.keras.initializers.he_normal(seed=11))]
