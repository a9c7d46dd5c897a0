"""Moments and cumulative probabilities of distributions, against their sums and formulas."""

import math

import numpy as np

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.distributions import Deterministic, OneHotCategorical, Poisson


def values(*tensors):
    with tf.Session() as session:
        return session.run(tensors)


def test_one_hot_vectors_vary_as_their_samples_do(graph):
    """cov = diag(p) - p pᵀ."""
    p = np.array([0.2, 0.3, 0.5])
    one_hot = OneHotCategorical(probs=tf.constant(p, tf.float32))
    covariance, variance, deviation = values(one_hot.covariance(), one_hot.variance(), one_hot.stddev())
    np.testing.assert_allclose(covariance, np.diag(p) - np.outer(p, p), atol=1e-6)
    np.testing.assert_allclose(variance, p * (1 - p), atol=1e-6)
    np.testing.assert_allclose(deviation, np.sqrt(p * (1 - p)), atol=1e-6)


def test_cumulative_poisson_is_the_sum_of_probabilities(graph):
    """Between whole numbers it goes on smoothly, unless it is told to round down; TensorFlow 1.15.5 gives 0.67410."""
    expected = sum(math.exp(-3.5) * 3.5**k / math.factorial(k) for k in range(4))
    smooth, stepwise = Poisson([3.5]), Poisson([3.5], interpolate_nondiscrete=False)
    whole, between, rounded = values(smooth.cdf([3.0]), smooth.cdf([3.7]), stepwise.cdf([3.7]))
    np.testing.assert_allclose([*whole, *rounded], [expected] * 2, rtol=1e-5)
    np.testing.assert_allclose(between, [0.67410], rtol=1e-4)


def test_cumulative_probability_of_a_point(graph):
    below, at, above = values(*(Deterministic([2.0]).cdf([value]) for value in (1.9, 2.0, 2.1)))
    assert [*below, *at, *above] == [0, 1, 1]
