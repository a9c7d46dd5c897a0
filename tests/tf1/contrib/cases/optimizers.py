"""Optimizers of `tf.contrib.opt`: one step, dense and sparse."""

import tensorflow as tf
from describing import case_table

opt = tf.contrib.opt

CASES, case = case_table()


def after_a_step(make):
    """Gradients don't depend on the weights: TensorFlow 1.15 decays these while gradients may still be computed."""
    results = []
    for name in ('dense', 'sparse'):
        weights = tf.Variable(tf.ones([4, 2]), name=name)
        used = tf.gather(weights, [0, 2]) if name == 'sparse' else weights
        step = make().minimize(tf.reduce_sum(used * [0.3, -0.7]), var_list=[weights])
        with tf.control_dependencies([step]):
            results.append(weights.read_value())
    return results


@case
def adam_w():
    return after_a_step(lambda: opt.AdamWOptimizer(0.01, 0.1))


@case
def adam_w_of_one_variable():
    first, second = tf.Variable(tf.ones([2]), name='first'), tf.Variable(tf.ones([2]), name='second')
    gradients = [(tf.constant([0.1, 0.2]), first), (tf.constant([0.3, 0.4]), second)]
    step = opt.AdamWOptimizer(0.5, 0.1).apply_gradients(gradients, decay_var_list=[first])
    with tf.control_dependencies([step]):
        return first.read_value(), second.read_value()


@case
def momentum_w():
    return after_a_step(lambda: opt.MomentumWOptimizer(0.01, 0.1, 0.9))


@case
def extended():
    return after_a_step(lambda: opt.extend_with_decoupled_weight_decay(tf.train.AdamOptimizer)(
        weight_decay=0.01, learning_rate=0.1))


@case
def lazy_adam():
    return after_a_step(lambda: opt.LazyAdamOptimizer(0.1))


@case
def nadam():
    return after_a_step(lambda: opt.NadamOptimizer(0.1))


@case
def ada_max():
    return after_a_step(lambda: opt.AdaMaxOptimizer(0.1))


@case
def moving_average():
    return after_a_step(lambda: opt.MovingAverageOptimizer(tf.train.GradientDescentOptimizer(0.1), 0.9))


@case
def resource_variables():
    with tf.variable_scope('resources', use_resource=True):
        weights = tf.get_variable('weights', [3, 2], initializer=tf.ones_initializer())
        for optimizer in (opt.AdamWOptimizer(0.01, 0.1), opt.LazyAdamOptimizer(0.1), opt.NadamOptimizer(0.1)):
            with tf.control_dependencies([optimizer.minimize(tf.reduce_sum(tf.square(weights)), var_list=[weights])]):
                pass
    return tf.constant(0.0)
