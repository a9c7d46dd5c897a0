"""Runs the cases of a module and tells what each gives: under TensorFlow 1.15 and under the surface alike.

    python recording.py rnn_cases      # with TensorFlow 1.15.5 writes rnn_cases.json, with which the tests compare

For each case: the variables' names and shapes, which of them are trained, and, for values of the variables that are made
from their names, the outputs and the gradients of a loss. An array is told by its shape, its first values and its sum of
squares.
"""

from __future__ import annotations

import importlib
import json
import sys
import zlib

import numpy as np
import tensorflow as tf

CASES = {}
WEIGHT = 0.3


def case(function):
    CASES[function.__name__] = function
    return function


def seeded(name, shape, scale=0.5):
    return np.random.RandomState(zlib.crc32(name.encode()) % 2 ** 31).uniform(-scale, scale, shape).astype(np.float32)


def inputs(*shape):
    return tf.constant(seeded("inputs" + str(shape), shape, 1.0))


def record(function):
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(inter_op_parallelism_threads=1)) as session:
        tf.set_random_seed(1)
        tensors = flat(function())
        variables, trained = tf.global_variables(), tf.trainable_variables()
        fetches = {"outputs": tensors}
        losses = [tf.reduce_sum(tf.tanh(tf.reduce_sum(tensor * WEIGHT))) for tensor in tensors if tensor.dtype == tf.float32]
        if trained and losses:
            gradients = tf.gradients(tf.add_n(losses), trained)
            fetches["gradients"] = [tf.convert_to_tensor(gradient) for gradient in gradients if gradient is not None]
        values = {variable.initializer.inputs[1]: seeded(variable.op.name, variable.shape.as_list())
                  for variable in variables if variable.dtype.base_dtype == tf.float32}
        session.run(tf.global_variables_initializer(), values)
        results = session.run(fetches)
    figures = {"variables": {variable.op.name: variable.shape.as_list() for variable in variables},
               "trainable": [variable.op.name for variable in trained], "outputs": list(map(told, results["outputs"]))}
    if "gradients" in fetches:
        told_gradients = iter(map(told, results["gradients"]))
        figures["gradients"] = [None if gradient is None else next(told_gradients) for gradient in gradients]
    return figures


def flat(value):
    if isinstance(value, dict):
        return [tensor for key in sorted(value) for tensor in flat(value[key])]
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in flat(part)]
    if hasattr(value, "stack"):
        return [value.stack()]
    return [] if value is None else [tf.convert_to_tensor(value)]


def told(value):
    value = np.asarray(value)
    numbers = value.astype(np.float64)
    return [list(value.shape), np.round(numbers.ravel()[:4], 6).tolist(), float(f"{np.sum(np.square(numbers)):.6g}")]


def figures(module):
    """Returns what the cases of a module give, by their names."""
    CASES.clear()
    importlib.import_module(module)
    return {name: record(function) for name, function in CASES.items()}


if __name__ == "__main__":
    from recording import figures as recorded

    lines = [json.dumps(name) + ": " + json.dumps(found) for name, found in recorded(sys.argv[1]).items()]
    with open(sys.argv[1] + ".json", "w") as file:
        file.write("{" + ",\n".join(lines) + "}\n")
