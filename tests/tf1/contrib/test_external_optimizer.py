"""Optimizers outside of the graph (`tf.contrib.opt.ScipyOptimizerInterface`), as style transfer and physics use them."""

import sys

import numpy as np
import pytest

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib.opt import ExternalOptimizerInterface, ScipyOptimizerInterface


class Descent(ExternalOptimizerInterface):
    """Goes downhill in steps of ``rate``; bounds are kept."""

    def _minimize(self, initial_val, loss_grad_func, packed_bounds, step_callback, optimizer_kwargs, **others):
        values = initial_val
        for _ in range(100):
            loss, gradient = loss_grad_func(values)
            assert np.isscalar(float(loss))
            values = values - optimizer_kwargs["rate"] * gradient
            if packed_bounds:
                values = np.clip(values, *np.transpose(packed_bounds))
            step_callback(values)
        return values


@pytest.fixture(params=[False, True], ids=["reference variables", "resource variables"])
def hollow(graph, request):
    """Two variables, and a loss that is smallest at x = [1, 2], y = -1."""
    x = tf.get_variable("x", [2], initializer=tf.constant_initializer(7.0), use_resource=request.param)
    y = tf.get_variable("y", [], initializer=tf.constant_initializer(2.0), use_resource=request.param)
    return x, y, tf.reduce_sum(tf.square(x - [1.0, 2.0])) + tf.square(y + 1.0)


def test_the_variables_get_the_values_found(hollow):
    x, y, loss = hollow
    optimizer = Descent(loss, rate=0.2)
    losses, steps = [], []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        optimizer.minimize(session, fetches=[loss, y], step_callback=lambda values: steps.append(values.tolist()),
                           loss_callback=lambda value, at: losses.append((float(value), float(at))))
        np.testing.assert_allclose(session.run(x), [1, 2], atol=1e-6)
        np.testing.assert_allclose(session.run(y), -1, atol=1e-6)
    assert losses[0] == (6.0**2 + 5.0**2 + 3.0**2, 2.0)
    assert len(losses) == len(steps) == 100
    np.testing.assert_allclose(steps[0], [7 - 0.4 * 6, 7 - 0.4 * 5, 2 - 0.4 * 3], rtol=1e-6)


def test_bounds_and_what_is_fed(hollow):
    x, _, loss = hollow
    scale = tf.placeholder(tf.float32, [])
    optimizer = Descent(loss * scale, var_list=[x], var_to_bounds={x: ([-1, 3], 6.0)}, rate=0.2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        optimizer.minimize(session, feed_dict={scale: 1.0})
        np.testing.assert_allclose(session.run(x), [1, 3], atol=1e-6)


def test_scipy_gets_the_problem(hollow, monkeypatch):
    """A stand-in of `scipy.optimize` shows what it is called with; SciPy is no requirement."""
    calls = []

    class Result(dict):
        x, message, fun, nfev = np.array([1.0, 2.0, -1.0]), "found", 0.0, 1

    class Optimize:
        @staticmethod
        def minimize(function, start, **keywords):
            calls.append((start.tolist(), keywords))
            [constraint] = keywords["constraints"]
            assert constraint["fun"](start) == 1.0 - 7.0
            assert constraint["jac"](start).tolist() == [0.0, -1.0, 0.0]
            return Result()

    monkeypatch.setitem(sys.modules, "scipy", Optimize)
    monkeypatch.setitem(sys.modules, "scipy.optimize", Optimize)
    x, y, loss = hollow
    optimizer = ScipyOptimizerInterface(loss, inequalities=[1.0 - x[1]], options={"maxiter": 5})
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        optimizer.minimize(session)
        assert session.run(y) == -1
    [(start, keywords)] = calls
    assert start == [7, 7, 2]
    assert keywords["method"] == "L-BFGS-B"
    assert keywords["options"] == {"maxiter": 5}
    assert keywords["jac"] is True
    assert keywords["constraints"][0]["type"] == "ineq"


def test_the_base_alone_can_not_minimize(hollow):
    _, _, loss = hollow
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        with pytest.raises(NotImplementedError, match=r"implement the _minimize\(\) method"):
            ExternalOptimizerInterface(loss).minimize(session)
