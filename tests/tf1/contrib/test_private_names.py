"""Private names of TensorFlow 1.15 that repositories use all the same: in subclasses, and in copies of its functions."""

import numpy as np
import pytest

from exporter.lazy_tensorflow import tf
from exporter.tf1.contrib import lookup
from exporter.tf1.contrib.image.warping import _interpolate_bilinear
from exporter.tf1.contrib.rnn.convolution_cells import _conv
from exporter.tf1.contrib.seq2seq.decoder import _create_zero_outputs
from exporter.tf1.contrib.training import HParams


def test_a_decoder_that_also_gives_its_state(run):
    """Such a decoder tells its sizes by `_rnn_output_size`."""
    assert run("import old_net; print(old_net.sizes())", {"old_net.py": """
    import tensorflow as tf
    seq2seq = tf.contrib.seq2seq

    class Decoder(seq2seq.BasicDecoder):
        @property
        def output_size(self):
            return {'output': self._rnn_output_size(), 'state': self._cell.state_size}

        @property
        def output_dtype(self):
            return {'output': tf.float32, 'state': tf.float32}

        def step(self, time, inputs, state, name=None):
            outputs, next_state, next_inputs, finished = super().step(time, inputs, state, name)
            return {'output': outputs.rnn_output, 'state': next_state}, next_state, next_inputs, finished

    def sizes():
        cell = tf.nn.rnn_cell.GRUCell(4)
        helper = seq2seq.TrainingHelper(tf.ones([2, 3, 5]), [3, 2])
        outputs, _, _ = seq2seq.dynamic_decode(Decoder(cell, helper, cell.zero_state(2, tf.float32), tf.layers.Dense(6)))
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return {name: value.shape for name, value in sorted(session.run(outputs).items())}
    """}) == "{'output': (2, 3, 6), 'state': (2, 3, 4)}"


def test_an_attention_wrapper_with_a_call_of_its_own_checks_the_batch(run):
    assert run("import old_net; print(*old_net.results())", {"old_net.py": """
    import numpy as np
    import tensorflow as tf
    seq2seq = tf.contrib.seq2seq

    class Wrapper(seq2seq.AttentionWrapper):
        def call(self, inputs, state):
            with tf.control_dependencies(self._batch_size_checks(tf.shape(inputs)[0], 'Another batch size.')):
                return super().call(tf.identity(inputs), state)

    def results():
        inputs = tf.placeholder(tf.float32, [None, 5])
        wrapper = Wrapper(tf.nn.rnn_cell.GRUCell(4), seq2seq.LuongAttention(4, tf.ones([2, 3, 4])))
        output, _ = wrapper(inputs, wrapper.zero_state(2, tf.float32))
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            yield session.run(output, {inputs: np.ones([2, 5])}).shape
            try:
                session.run(output, {inputs: np.ones([3, 5])})
            except tf.errors.InvalidArgumentError as error:
                yield 'Another batch size.' in str(error)
    """}) == "(2, 4) True"


def test_states_of_beams_are_split_and_merged(run):
    assert run("import old_net; print(old_net.shapes())", {"old_net.py": """
    import tensorflow as tf

    def shapes():
        cell, start, state = tf.nn.rnn_cell.GRUCell(4), [1, 1], tf.ones([6, 4])
        decoder = tf.contrib.seq2seq.BeamSearchDecoder(cell, tf.ones([7, 5]), start, 2, state, 3)
        split = [decoder._maybe_split_batch_beams(state, 4), decoder._split_batch_beams(state)]
        merged = [decoder._maybe_merge_batch_beams(split[0], 4), decoder._merge_batch_beams(split[1])]
        return [value.shape.as_list() for value in split + merged]
    """}) == "[[2, 3, 4], [2, 3, 4], [6, 4], [6, 4]]"


def test_zero_outputs_of_a_copied_loop(graph):
    zeros = _create_zero_outputs({"output": 3, "ids": tf.TensorShape([])}, {"output": tf.float32, "ids": tf.int32}, 2)
    with tf.Session() as session:
        values = session.run(zeros)
    assert values["output"].tolist() == [[0.0] * 3] * 2
    assert values["ids"].tolist() == [0, 0]
    assert values["ids"].dtype == np.int32


def test_a_convolution_of_inputs_and_state(graph):
    """A convolutional GRU of 2017 convolves both at once; the variables are called as the cell's."""
    inputs, state = (np.random.RandomState(seed).randn(1, 4, 5, 2).astype("float32") for seed in range(2))
    with tf.variable_scope("gates"):
        gates = _conv([tf.constant(inputs), tf.constant(state)], [3, 3], 6, True, 1.0)
    kernel, bias = tf.global_variables()
    assert [variable.op.name for variable in (kernel, bias)] == ["gates/kernel", "gates/biases"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values, weights = session.run([gates, kernel])
    patch = np.concatenate([inputs, state], -1)[0, 0:3, 1:4]
    np.testing.assert_allclose(values[0, 1, 2], np.tensordot(patch, weights, 3) + 1.0, rtol=1e-5)


def test_interpolation_between_pixels(graph):
    """The point is half-way between two rows, and a quarter of the way between two columns."""
    pixels = tf.constant(np.arange(12.0, dtype="float32").reshape(1, 3, 4, 1))
    rows_first = _interpolate_bilinear(pixels, [[[0.5, 1.25]]])
    columns_first = _interpolate_bilinear(pixels, [[[1.25, 0.5]]], indexing="xy")
    with tf.Session() as session:
        assert session.run([rows_first, columns_first]) == [[[[0.5 * 4 + 1.25]]]] * 2
    with pytest.raises(ValueError, match="must be 'ij' or 'xy'"):
        _interpolate_bilinear(pixels, [[[0.0, 0.0]]], indexing="xz")


def test_older_names(graph):
    table = lookup.HashTable(lookup.KeyValueTensorInitializer(["a", "b"], [3, 4]), -1)
    with tf.Session() as session:
        session.run(table.init)
        assert session.run(table.lookup(tf.constant(["b", "c"]))).tolist() == [4, -1]
    assert HParams(size=1).set_from_map({"size": 2}).size == 2
