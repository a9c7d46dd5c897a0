"""Computes expressions of TensorFlow 1; the tests run it under the surface.

TensorFlow 1.15.5 itself runs it too:

    PYTHONPATH=tests/tf1/contrib/numpy_references/tensorflow_1 python -m computing expressions.json results.pickle
"""

import json
import os
import pickle
import sys
import traceback

import tensorflow as tf
from tensorflow.contrib import legacy_seq2seq, rnn, seq2seq  # noqa: F401, for the expressions
from tensorflow.contrib.rnn.python.ops import rnn_cell  # noqa: F401, for the expressions
from values import batches, of_name, of_variable, random

slim = tf.contrib.slim
layers = tf.contrib.layers
BATCH, TIME, SIZE = 3, 3, 6


def x(*shape):
    return tf.constant(random(*shape))


def named(name, *shape):
    return tf.constant(of_name(name, shape))


def cell_over_time(cell, *shape):
    """Runs a cell over `TIME` steps of inputs [batch, *shape], from a state that is not zero."""
    return over_time(cell, x(BATCH, TIME, *(shape or [SIZE])))


def cell_over_events(cell):
    """The same for a cell whose inputs are a pair of times and features."""
    return over_time(cell, (tf.abs(random(BATCH, TIME, 1)) * 9, x(BATCH, TIME, SIZE)))


def cell_once(cell, inputs, *shapes):
    """Calls a cell once, on inputs and a state of these shapes, without the batch."""
    start = tuple(tf.constant(of_name('state' + str(number), [BATCH, *shape])) for number, shape in enumerate(shapes))
    output, end = cell(x(BATCH, *inputs), start if len(shapes) > 1 else start[0])
    return {'start': start, 'outputs': tf.expand_dims(output, 1), 'end': flat(end)}


def over_time(cell, inputs):
    start = numbered('state', cell.state_size)
    outputs, end = tf.nn.dynamic_rnn(cell, inputs, initial_state=start)
    return {'start': flat(start), 'outputs': outputs, 'end': flat(end)}


def attend(mechanism, **options):
    """Runs a GRU cell with attention; the start and the end are the cell's state, attention, weights."""
    cell = seq2seq.AttentionWrapper(rnn.GRUCell(4), mechanism, alignment_history=True, **options)
    start = cell.zero_state(BATCH, tf.float32).clone(cell_state=state())
    outputs, end = [], start
    for inputs in steps():
        output, end = cell(inputs, end)
        outputs.append(output)
    return {'outputs': tf.stack(outputs, 1), 'history': [part.stack() for part in flat(end.alignment_history)],
            'start': parts(start), 'end': parts(end)}


def parts(attention_state):
    return flat([attention_state.cell_state, attention_state.attention, attention_state.alignments])


def first_place(mechanism, cell_output, attention_state, attention_layer):
    return mechanism.values[:, 0], tf.one_hot([0] * BATCH, 5), attention_state


def memory():
    return x(BATCH, 5, 3)


def lengths():
    return tf.constant([5, 2, 3])


class PassingCell(rnn.RNNCell):
    """Its output is its input, its state stays."""

    state_size = output_size = SIZE

    def call(self, inputs, state):
        return inputs, state


def ids():
    return tf.constant([[1, 4], [0, 2], [4, 4]])


def sparse_ids():
    return tf.SparseTensor([[0, 0], [0, 1], [0, 2], [2, 0]], tf.constant([1, 4, 4, 0], tf.int64), [3, 3])


def sparse_weights():
    return tf.SparseTensor([[0, 0], [0, 1], [0, 2], [2, 0]], [2.0, 0.5, 1.0, 3.0], [3, 3])


def table():
    """Three rows of a table, by the names of its columns."""
    return {'numbers': tf.constant([[1.5, -2.0], [0.5, 3.0], [7.0, 0.0]]), 'age': tf.constant([[2.5], [0.5], [7.0]]),
            'word': tf.constant([['b'], ['a'], ['c']]), 'id': tf.constant([[3], [1], [1]]),
            'other_id': tf.constant([[0], [2], [1]])}


def vocabulary():
    """A file of the words of the table."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), 'words.txt')


def input_layer(columns):
    return tf.feature_column.input_layer(table(), columns)


def labels():
    return tf.constant((of_name('labels', [3, 4]) > 0).astype('float32'))


def predicted():
    return tf.sigmoid(x(3, 4))


def one_hot():
    return tf.one_hot([2, 0, 3], 4)


def words():
    return tf.constant([[1, 0, 4], [3, 3, 0]])


def lasting():
    return tf.constant([[1.0, 1.0, 0.5], [1.0, 0.0, 0.0]])


def sparsemax_loss(classes):
    logits = x(3, 4) * 2.0
    chosen = tf.contrib.sparsemax.sparsemax(logits)
    return tf.contrib.sparsemax.sparsemax_loss(logits, chosen, tf.one_hot(classes, 4))


def measured(metric):
    """Updates a metric with two batches, and returns its value; see `batches` in values.py for its arguments."""
    data = batches()
    inputs = {name: tf.placeholder(first.dtype, first.shape, name) for name, (first, _) in data.items()}
    value, update = metric(**inputs)

    def run(session):
        for batch in range(2):
            feeds = {inputs[name]: arrays[batch] for name, arrays in data.items()}
            session.run(update, feeds)
        return session.run(value, feeds)  # some check their inputs also here
    return run


def field(name, result):
    """One field of a metric whose value is a named tuple, and its update."""
    return getattr(result[0], name), result[1]


def points():
    """Points, values there, and other points, in float64."""
    places, values = (tf.cast(x(1, 6, columns), tf.float64) for columns in (2, 3))
    return places, values, places[:, :4] / 2


def linear(inputs):
    return layers.linear(inputs, 2)


def gradient(function):
    """The gradient of a function's sum."""
    inputs = x(3, 4)
    return tf.gradients(function(inputs), inputs)[0]


def of_resources(layer):
    """Calls a layer whose gradient is its own, which takes variables that are resources."""
    with tf.variable_scope('net', use_resource=True):
        return layer(x(3, 4))


def trained(output):
    """Returns an output, and what its moving averages are after one step of training."""
    with tf.control_dependencies([output, *tf.get_collection(tf.GraphKeys.UPDATE_OPS)]):
        return output, {variable.op.name.split('/')[-1]: variable.read_value() for variable in tf.global_variables()
                        if variable not in tf.trainable_variables()}


def sequences():
    return x(BATCH, 4, 5)


def moments():
    return tf.unstack(sequences(), axis=1)


def steps():
    return tf.unstack(x(BATCH, TIME, SIZE), axis=1)


def decoded(results):
    """The outputs of a decoder of `tf.contrib.legacy_seq2seq`, a list of steps: [batch, time, ...]."""
    return tf.stack(results[0], 1)


def state():
    return tf.constant(of_name('state', [BATCH, 4]))


def word_steps():
    return tf.unstack(tf.constant([[1, 4, 2], [0, 3, 2], [5, 1, 1]]))


def turned(values):
    """Swaps batch and time, of a tensor or of the outputs among results."""
    if isinstance(values, tuple):
        return (turned(values[0]), *values[1:])
    return tf.transpose(values, [1, 0, 2])


def listed(results):
    """Results whose outputs are a list of steps: stacked."""
    return (tf.stack(results[0], axis=1), *results[1:])


def joined(results):
    """Results of both directions: the outputs side by side."""
    return (tf.concat(results[0], 2), results[1])


def flat(structure):
    return tf.contrib.framework.nest.flatten(structure)


def numbered(name, sizes):
    """Returns a state of these sizes with random numbers, which differ from part to part."""
    nest = tf.contrib.framework.nest
    shapes = [[BATCH, *tf.TensorShape(size).as_list()] for size in nest.flatten(sizes)]
    return nest.pack_sequence_as(sizes, [tf.constant(of_name(name + str(number), shape))
                                         for number, shape in enumerate(shapes)])


def compute(expressions, file):
    """Writes for each expression the variables' values by their names and the values of what it returns, or its error."""
    results = {}
    for expression in expressions:
        try:
            results[expression] = computed(expression)
        except Exception:
            results[expression] = traceback.format_exc()
    with open(file, 'wb') as stream:
        pickle.dump(results, stream, 2)


def computed(expression):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        tensors = eval(expression, globals())
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer(), tf.tables_initializer()])
        variables = {}
        for variable in tf.global_variables():
            values = of_variable(variable.op.name, variable.shape.as_list())
            variable.load(values, session)
            variables[variable.op.name] = values
        return variables, tensors(session) if callable(tensors) else session.run(tensors)


if __name__ == '__main__':
    with open(sys.argv[1]) as expressions_file:
        compute(json.load(expressions_file), sys.argv[2])
