"""`tf.contrib.distributions`, by what does not depend on chance."""

import tensorflow as tf
from describing import case_table, vectors, wave

distributions = tf.contrib.distributions

CASES, case = case_table()


def scales():
    return tf.abs(vectors()) + 0.5


@case
def normal_and_others_of_the_core():
    normal = distributions.Normal(vectors(), 2.0)
    return (normal.log_prob(0.5), normal.entropy(), distributions.Bernoulli(logits=vectors()).probs,
            distributions.Categorical(logits=vectors()).entropy(), distributions.kl_divergence(
                normal, distributions.Normal(0.0, 1.0)), distributions.NormalWithSoftplusScale(0.0, vectors()).stddev())


@case
def multivariate_normal_diag():
    normal = distributions.MultivariateNormalDiag(vectors(), scales())
    other = distributions.MultivariateNormalDiag(scales(), scales() * 2.0)
    short = distributions.MultivariateNormalDiag(scale_diag=tf.ones([4]))
    return (normal.log_prob(vectors() * 2.0), normal.prob(scales()), normal.entropy(), normal.mean(), normal.stddev(),
            normal.covariance(), normal.mode(), distributions.kl_divergence(normal, other), short.log_prob(vectors()))


@case
def multivariate_normal_by_matrices():
    root = tf.matrix_diag(scales()) + tf.matrix_band_part(tf.constant(wave(3, 4, 4)), -1, 0)
    normal = distributions.MultivariateNormalTriL(vectors(), root)
    full = distributions.MultivariateNormalFullCovariance(vectors(), tf.matmul(root, root, transpose_b=True))
    return (normal.log_prob(scales()), normal.entropy(), normal.covariance(), normal.variance(), full.log_prob(scales()))


@case
def one_hot_categorical():
    one_hot = distributions.OneHotCategorical(logits=vectors())
    return one_hot.log_prob(tf.one_hot([0, 1, 2], 4)), one_hot.entropy(), one_hot.mode(), one_hot.probs


@case
def relaxed_one_hot_categorical():
    relaxed = distributions.RelaxedOneHotCategorical(0.7, logits=vectors())
    return relaxed.log_prob(tf.nn.softmax(vectors() * 2.0)), relaxed.prob(tf.nn.softmax(vectors()))


@case
def numbers():
    logistic, poisson = distributions.Logistic(vectors(), 0.5), distributions.Poisson(rate=scales())
    fixed = distributions.Deterministic(vectors())
    return (logistic.log_prob(0.3), logistic.cdf(0.3), logistic.entropy(), logistic.stddev(), poisson.log_prob(2.0),
            poisson.mode(), fixed.prob(vectors()), fixed.mean(), fixed.sample(2))


@case
def shapes():
    normal = distributions.MultivariateNormalDiag(vectors(), scales())
    sample = normal.sample([5])
    return tf.shape(sample), normal.batch_shape_tensor(), normal.event_shape_tensor(), tf.shape(
        distributions.OneHotCategorical(logits=vectors()).sample()), tf.shape(
            distributions.RelaxedOneHotCategorical(1.0, logits=vectors()).sample([2, 3]))


@case
def percentile():
    x = tf.constant(wave(3, 5))
    return [distributions.percentile(x, 30.0), distributions.percentile(x, 50.0, axis=1), distributions.percentile(
        x, 75.0, axis=[0], interpolation='lower', keep_dims=True), distributions.percentile(x, 10.0, interpolation='higher')]
