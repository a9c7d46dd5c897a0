"""Cells, attention, helpers and decoders that repositories made of TensorFlow's, by the private names that they used."""

from __future__ import annotations

import collections

import tensorflow as tf
from recording import case, inputs
from tensorflow.contrib import rnn, seq2seq
from tensorflow.contrib.rnn.python.ops import core_rnn_cell
from tensorflow.contrib.seq2seq.python.ops import attention_wrapper, basic_decoder, decoder
from tensorflow.contrib.seq2seq.python.ops import helper as helper_py
from tensorflow.python.framework import tensor_shape
from tensorflow.python.layers import base as layers_base
from tensorflow.python.layers import core as layers_core
from tensorflow.python.ops import array_ops, control_flow_ops, math_ops, nn_ops, rnn_cell_impl, variable_scope
from tensorflow.python.ops.rnn_cell_impl import LayerRNNCell, RNNCell, _zero_state_tensors
from tensorflow.python.util import nest


class WithoutInit(RNNCell):
    """Defines `__call__`, and doesn't call the base class's `__init__`."""

    def __init__(self, size):
        self._size = size
        self.things = [1, 2]

    @property
    def state_size(self):
        return self._size

    @property
    def output_size(self):
        return self._size

    def __call__(self, values, state, scope=None):
        with tf.variable_scope(scope or type(self).__name__):
            output = tf.tanh(core_rnn_cell._linear([values, state], self._size, True))
        return output, output


@case
def cell_without_init():
    return tf.nn.dynamic_rnn(WithoutInit(4), inputs(2, 3, 5), dtype=tf.float32, sequence_length=[3, 1])


@case
def cells_without_init_stacked():
    cells = rnn.MultiRNNCell([rnn.DropoutWrapper(WithoutInit(4), output_keep_prob=1.0) for _ in range(2)])
    return tf.nn.static_rnn(cells, [inputs(2, 5)] * 2, dtype=tf.float32)


class WithCall(tf.contrib.rnn.RNNCell):
    def __init__(self, size, reuse=None):
        super(WithCall, self).__init__(_reuse=reuse)  # noqa: UP008
        self._size = size
        self._kernel = None

    state_size = property(lambda self: rnn.LSTMStateTuple(self._size, self._size))
    output_size = property(lambda self: self._size)

    def call(self, values, state):
        c, h = state
        if self._kernel is None:
            self._kernel = tf.get_variable("w", [int(values.get_shape()[1]) + self._size, self._size],
                                           initializer=tf.orthogonal_initializer())
        h = tf.tanh(tf.matmul(tf.concat([values, h], 1), self._kernel) + tf.get_variable("b", [self._size]))
        return h, rnn.LSTMStateTuple(c + h, h)


@case
def cell_with_call():
    return tf.nn.bidirectional_dynamic_rnn(WithCall(4), WithCall(4), inputs(2, 3, 5), dtype=tf.float32)


class WithBuild(LayerRNNCell):
    def __init__(self, size, name=None):
        super(WithBuild, self).__init__(name=name)  # noqa: UP008
        self._size = size
        self.input_spec = layers_base.InputSpec(ndim=2)

    state_size = property(lambda self: self._size)
    output_size = property(lambda self: self._size)

    def build(self, shape):
        self._kernel = self.add_variable("kernel", shape=[shape[1].value, self._size])
        self._gain = self.add_weight("gain", [self._size], initializer=tf.ones_initializer())
        self.built = True

    def call(self, values, state):
        state = math_ops.sigmoid(math_ops.matmul(values, self._kernel)) * self._gain + state
        return state, state


@case
def cell_with_build():
    with tf.variable_scope("outer"):
        return tf.nn.dynamic_rnn(rnn.MultiRNNCell([WithBuild(5), WithBuild(4, name="named")]), inputs(2, 3, 5),
                                 dtype=tf.float32)


class AttentionOfTheFirst(rnn.MultiRNNCell):
    """The first cell attends, the others see what it attends to."""

    def __init__(self, attention_cell, cells):
        super(AttentionOfTheFirst, self).__init__([attention_cell] + cells, state_is_tuple=True)  # noqa: RUF005, UP008

    def __call__(self, values, state, scope=None):
        with tf.variable_scope(scope or "multi_rnn_cell"):
            states = []
            with tf.variable_scope("cell_0_attention"):
                values, first = self._cells[0](values, state[0])
                states.append(first)
            for index in range(1, len(self._cells)):
                with tf.variable_scope("cell_%d" % index):  # noqa: UP031
                    values, new = self._cells[index](tf.concat([values, first.attention], -1), state[index])
                    states.append(new)
            return values, tuple(states)


@case
def stack_with_attention():
    mechanism = seq2seq.LuongAttention(4, inputs(2, 6, 3), memory_sequence_length=tf.constant([6, 4]), scale=True)
    first = seq2seq.AttentionWrapper(rnn.BasicLSTMCell(4), mechanism, attention_layer_size=None, output_attention=False,
                                     name="attention")
    cell = AttentionOfTheFirst(first, [rnn.BasicLSTMCell(4), rnn.ResidualWrapper(
        rnn.BasicLSTMCell(7), residual_fn=lambda before, after: after)])
    start = tuple(part.clone(cell_state=rnn.LSTMStateTuple(inputs(2, 4), inputs(2, 4)))
                  if hasattr(part, "clone") else part for part in cell.zero_state(2, tf.float32))
    helper = seq2seq.TrainingHelper(inputs(2, 3, 5), [3, 2])
    outputs, _, lengths = seq2seq.dynamic_decode(seq2seq.BasicDecoder(cell, helper, start, layers_core.Dense(6)))
    return outputs.rnn_output, outputs.sample_id, lengths


class LocationAttention(attention_wrapper.BahdanauAttention):
    """Scores see the sum of the weights before, through a convolution."""

    def __init__(self, units, memory, lengths):
        super(LocationAttention, self).__init__(  # noqa: UP008
            num_units=units, memory=memory, memory_sequence_length=lengths, probability_fn=None, name="LocationAttention")
        self.convolution = tf.layers.Conv1D(3, 3, padding="same", use_bias=True, name="location_features")
        self.layer = tf.layers.Dense(units, use_bias=False, name="location_layer")

    def __call__(self, query, state):
        with variable_scope.variable_scope(None, "Location_Sensitive_Attention", [query]):
            processed = array_ops.expand_dims(self.query_layer(query) if self.query_layer else query, 1)
            location = self.layer(self.convolution(array_ops.expand_dims(state, axis=2)))
            dtype = processed.dtype
            vector = tf.get_variable("attention_variable", [self._num_units], dtype,
                                     initializer=tf.contrib.layers.xavier_initializer())
            energy = tf.reduce_sum(vector * tf.tanh(self.keys + processed + location), [2])
            alignments = self._probability_fn(energy, state)
        return alignments, alignments + state


State = collections.namedtuple("State", ("cell", "attention", "time", "alignments", "history"))


class DecoderCell(RNNCell):
    """A cell around an attention mechanism, with its own loop state."""

    def __init__(self, mechanism, cell):
        super(DecoderCell, self).__init__()  # noqa: UP008
        self._mechanism, self._cell = mechanism, cell

    @property
    def output_size(self):
        return 6

    @property
    def state_size(self):
        return State(self._cell.state_size, self._mechanism.values.get_shape()[-1].value, tensor_shape.TensorShape([]),
                     self._mechanism.alignments_size, ())

    def zero_state(self, batch_size, dtype):
        with tf.control_dependencies([tf.assert_equal(self._mechanism._batch_size, batch_size)]):
            return State(nest.map_structure(tf.identity, self._cell.zero_state(batch_size, dtype)),
                         _zero_state_tensors(3, batch_size, dtype), array_ops.zeros([], dtype=tf.int32),
                         self._mechanism.initial_alignments(batch_size, dtype),
                         tf.TensorArray(dtype=dtype, size=0, dynamic_size=True))

    def __call__(self, values, state):
        output, cell_state = self._cell(tf.concat([values, state.attention], -1), state.cell)
        context, alignments, sums = attention_wrapper._compute_attention(self._mechanism, output, state.alignments, None)
        projected = tf.layers.dense(tf.concat([output, context], -1), 6, name="projection")
        return projected, State(cell_state, context, state.time + 1, sums, state.history.write(state.time, alignments))


class ReductionHelper(helper_py.Helper):
    """Gives back the last columns of the output, until any is large."""

    @property
    def batch_size(self):
        return 2

    @property
    def sample_ids_shape(self):
        return tensor_shape.TensorShape([])

    @property
    def sample_ids_dtype(self):
        return tf.int32

    def initialize(self, name=None):
        return tf.tile([False], [2]), tf.zeros([2, 2])

    def sample(self, time, outputs, state, name=None):
        return tf.tile([0], [2])

    def next_inputs(self, time, outputs, state, sample_ids, name=None):
        return tf.reduce_any(tf.abs(outputs) > 0.6, axis=-1), outputs[:, -2:], state


class PlainDecoder(decoder.Decoder):
    """A BasicDecoder of its own."""

    def __init__(self, cell, helper, state):
        rnn_cell_impl.assert_like_rnncell("cell", cell)
        if not isinstance(helper, helper_py.Helper):
            raise TypeError
        self._cell, self._helper, self._state = cell, helper, state

    batch_size = property(lambda self: self._helper.batch_size)

    @property
    def output_size(self):
        return basic_decoder.BasicDecoderOutput(rnn_output=self._cell.output_size, sample_id=self._helper.sample_ids_shape)

    @property
    def output_dtype(self):
        dtype = nest.flatten(self._state)[0].dtype
        return basic_decoder.BasicDecoderOutput(
            nest.map_structure(lambda _: dtype, self._cell.output_size), self._helper.sample_ids_dtype)

    def initialize(self, name=None):
        return self._helper.initialize() + (self._state,)  # noqa: RUF005

    def step(self, time, values, state, name=None):
        outputs, state = self._cell(values, state)
        sample_ids = self._helper.sample(time=time, outputs=outputs, state=state)
        finished, following, state = self._helper.next_inputs(time=time, outputs=outputs, state=state, sample_ids=sample_ids)
        return basic_decoder.BasicDecoderOutput(outputs, sample_ids), state, following, finished


@case
def speech_decoder():
    mechanism = LocationAttention(4, inputs(2, 6, 3), tf.constant([6, 4]))
    cell = DecoderCell(mechanism, rnn.MultiRNNCell([rnn.LSTMBlockCell(4), rnn.LSTMBlockCell(4)], state_is_tuple=True))
    start = cell.zero_state(2, tf.float32)
    (outputs, ids), final, lengths = tf.contrib.seq2seq.dynamic_decode(
        PlainDecoder(cell, ReductionHelper(), start), impute_finished=False, maximum_iterations=5, swap_memory=True)
    return outputs, ids, tf.transpose(final.history.stack(), [1, 2, 0]), lengths


@case
def loops_by_hand():
    cell = rnn.LSTMCell(4)

    def body(step, state, array):
        output, state = cell(inputs(2, 5), state)
        return step + 1, state, array.write(step, nn_ops.softmax(output))

    with tf.variable_scope("decoder") as scope:
        state = cell.zero_state(2, tf.float32)
        _, state, array = control_flow_ops.while_loop(
            lambda step, state, array: step < 3, body, (tf.constant(0), state, tf.TensorArray(tf.float32, 3)))
        scope.reuse_variables()
        output, _ = cell(inputs(2, 5), state)
    return array.stack(), output
