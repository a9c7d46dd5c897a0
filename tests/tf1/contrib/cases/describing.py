"""Builds cases and describes them by what must be the same on TensorFlow 1.15 and on the surface.

A case is a function that builds a part of a graph, written as code of 2016 to 2019 was, and returns its outputs. What
TensorFlow 1.15.5 makes of the cases is recorded beside this folder, by that version:

    PYTHONPATH=tests/tf1/contrib/cases python -m describing tests/tf1/contrib/recorded slim_layers tf_layers ...
"""

import collections
import hashlib
import importlib
import json
import os
import sys

import numpy as np
import tensorflow as tf


def case_table():
    """Returns a table of cases, and the decorator that enters functions into it."""
    table = collections.OrderedDict()

    def case(function):
        table[function.__name__] = function
        return function

    return table, case


def wave(*shape):
    return np.sin(np.arange(int(np.prod(shape))) * 0.7 + 0.3).reshape(shape).astype(np.float32)


def images(height=6, width=6, channels=3):
    return tf.constant(wave(2, height, width, channels), name='images')


def vectors(size=4):
    return tf.constant(wave(3, size), name='vectors')


def volumes():
    return tf.constant(wave(2, 4, 4, 4, 2), name='volumes')


def sequences():
    return tf.constant(wave(2, 7, 3), name='sequences')


def describe(function):
    """Returns a case's variables (name, shape, type), outputs (name, shape), collections, and numbers.

    The numbers are the mean, the root mean square and the first elements of each output, with set values in the variables;
    they are left out where the graph has placeholders.
    """
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(0)
        outputs = function()
        outputs = list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]
        variables = tf.global_variables() + tf.local_variables()
        description = {
            'variables': [[v.op.name, v.shape.as_list(), v.dtype.base_dtype.name] for v in variables],
            'outputs': [[o.op.name, None if o.shape.ndims is None else o.shape.as_list()] for o in outputs],
            'collections': {key: names for key, names in collections_of(graph) if names}}
        if not any(op.type == 'Placeholder' for op in graph.get_operations()):
            description['numbers'] = numbers(variables, outputs, graph)
        return description


def collections_of(graph):
    for key in graph.get_all_collection_keys():
        items = graph.get_collection(key)
        if isinstance(key, str) and key not in ('variables', 'update_ops', 'losses', 'cond_context') and all(
                hasattr(item, 'op') for item in items):
            names = sorted(item.op.name for item in items)
            yield key, names if len(names) < 40 else [len(names), hashlib.md5('\n'.join(names).encode()).hexdigest()]


def numbers(variables, outputs, graph):
    with tf.Session(graph=graph) as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer(), tf.tables_initializer()])
        for index, variable in enumerate(variables):
            if variable.dtype.is_floating and variable.shape.num_elements():
                variable.load(set_values(variable, index), session)
        return [figures(np.asarray(value).astype(np.float64)) for value in session.run(outputs)]


def figures(value):
    if not value.size:
        return []
    return [round(float(figure), 7) for figure in (value.mean(), np.sqrt((value ** 2).mean()), *value.ravel()[:6])]


def set_values(variable, index):
    values = np.sin(np.arange(variable.shape.num_elements()) * 0.37 + index) * 0.5
    positive = ('variance', 'stddev', 'gamma', 'reparam', 'power', 'temperature', 'Adam_1', 'AdamW_1', 'AdaMax_1')
    if any(part in variable.op.name for part in positive):
        values = np.abs(values) + 0.5
    return values.reshape(variable.shape.as_list()).astype(variable.dtype.base_dtype.as_numpy_dtype)


def descriptions(module_name):
    cases = importlib.import_module(module_name).CASES
    return {name: describe(function) for name, function in cases.items()}


def record(folder, *module_names):
    for module_name in module_names:
        lines = [json.dumps(name) + ': ' + json.dumps(description, sort_keys=True)
                 for name, description in sorted(descriptions(module_name).items())]
        with open(os.path.join(folder, module_name + '.json'), 'w') as file:
            file.write('{\n' + ',\n'.join(lines) + '\n}\n')


if __name__ == '__main__':
    record(*sys.argv[1:])
