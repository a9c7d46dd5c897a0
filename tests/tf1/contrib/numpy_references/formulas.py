"""Small functions that the references of cells, attentions and layers are written with."""

import numpy as np

from tests.tf1.contrib.numpy_references.tensorflow_1.values import random


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def relu(x):
    return np.maximum(x, 0)


def softmax(x):
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def join(*parts):
    """[x, h] of the papers: columns side by side."""
    return np.concatenate(parts, axis=-1)


def split(x, parts):
    return np.split(x, parts, axis=-1)


def clip(x, limit):
    return x if limit is None else np.clip(x, -limit, limit)


def normalized(x, gamma, beta):
    """Layer normalization (Ba et al. 2016, arXiv:1607.06450): rows of mean 0 and variance 1."""
    return (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True) * gamma + beta


def below(scope, variables):
    """The variables of a scope, by what is left of their names."""
    return {name.removeprefix(f"{scope}/"): value for name, value in variables.items() if name.startswith(f"{scope}/")}


def assert_close(found, expected):
    """The numbers are equal but for the rounding of float32."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


INPUTS = random(3, 3, 6).swapaxes(0, 1)
"""[time, batch, m]."""


def assert_steps(found, inputs, step):
    """The outputs of all steps, and the state at the end, are those of the reference, begun with the same state.

    Args:
        found: `start`, `outputs` [batch, time, ...] and `end`.
        inputs: those of each step.
        step: (inputs, state=) -> output and state.
    """
    state = found["start"]
    for time, x in enumerate(inputs):
        output, state = step(x, state=state)
        assert_close(found["outputs"][:, time], output)
    for end, expected in zip(found["end"], state, strict=True):
        assert_close(end, expected)
