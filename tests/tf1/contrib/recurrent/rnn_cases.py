from __future__ import annotations

import tensorflow as tf
from recording import case, inputs
from tensorflow.contrib import rnn


def over_time(cell, size=5, batch=3):
    return tf.nn.dynamic_rnn(cell, inputs(batch, 4, size), sequence_length=[4, 2, 3], dtype=tf.float32)


def cell_case(name, make, size=5, batch=3):
    def dynamic():
        return over_time(make(), size, batch)
    dynamic.__name__ = name
    case(dynamic)


CELLS = {
    "basic_rnn": lambda: rnn.BasicRNNCell(4),
    "basic_lstm": lambda: rnn.BasicLSTMCell(4),
    "basic_lstm_one_state": lambda: rnn.BasicLSTMCell(4, state_is_tuple=False, forget_bias=0.5, activation=tf.nn.relu),
    "gru": lambda: rnn.GRUCell(4),
    "gru_initialized": lambda: rnn.GRUCell(4, activation=tf.nn.relu, bias_initializer=tf.constant_initializer(0.3),
                                           name="mine"),
    "lstm": lambda: rnn.LSTMCell(4),
    "lstm_peephole": lambda: rnn.LSTMCell(4, use_peepholes=True, cell_clip=0.1),
    "lstm_projected": lambda: rnn.LSTMCell(4, num_proj=3, proj_clip=0.05, use_peepholes=True),
    "lstm_sharded": lambda: rnn.LSTMCell(4, num_proj=4, num_unit_shards=2, num_proj_shards=2),
    "multi": lambda: rnn.MultiRNNCell([rnn.BasicLSTMCell(4), rnn.GRUCell(3)]),
    "multi_wrapped": lambda: rnn.MultiRNNCell([
        rnn.DropoutWrapper(rnn.LSTMCell(5), output_keep_prob=1.0), rnn.ResidualWrapper(rnn.GRUCell(5)),
        rnn.DeviceWrapper(rnn.BasicRNNCell(5), "/cpu:0")]),
    "multi_not_tuple": lambda: rnn.MultiRNNCell([rnn.GRUCell(4), rnn.GRUCell(3)], state_is_tuple=False),
    "dropout": lambda: rnn.DropoutWrapper(rnn.GRUCell(4), 0.999999, 0.999999, 0.999999, variational_recurrent=True,
                                          input_size=5, dtype=tf.float32, seed=3),
    "layer_norm_lstm": lambda: rnn.LayerNormBasicLSTMCell(4),
    "layer_norm_lstm_without": lambda: rnn.LayerNormBasicLSTMCell(4, layer_norm=False, forget_bias=0.2),
    "layer_norm_lstm_dropout": lambda: rnn.LayerNormBasicLSTMCell(4, dropout_keep_prob=0.9999999, norm_gain=0.5,
                                                                  norm_shift=0.1),
    "lstm_block": lambda: rnn.LSTMBlockCell(4),
    "lstm_block_peephole": lambda: rnn.LSTMBlockCell(4, use_peephole=True, cell_clip=0.2, forget_bias=0.3),
    "gru_block": lambda: rnn.GRUBlockCell(4),
    "gru_block_2": lambda: rnn.GRUBlockCellV2(4),
    "coupled": lambda: rnn.CoupledInputForgetGateLSTMCell(4),
    "coupled_full": lambda: rnn.CoupledInputForgetGateLSTMCell(4, use_peepholes=True, num_proj=3, proj_clip=0.1),
    "coupled_sharded": lambda: rnn.CoupledInputForgetGateLSTMCell(4, num_proj=4, num_unit_shards=2, num_proj_shards=2,
                                                                  state_is_tuple=False),
    "coupled_norm": lambda: rnn.CoupledInputForgetGateLSTMCell(4, layer_norm=True, norm_gain=0.7),
    "attention_cell": lambda: rnn.AttentionCellWrapper(rnn.GRUCell(4), 3),
    "attention_cell_lstm": lambda: rnn.AttentionCellWrapper(rnn.BasicLSTMCell(4), 3, attn_size=6, attn_vec_size=7,
                                                            input_size=8),
    "attention_cell_one_state": lambda: rnn.AttentionCellWrapper(rnn.GRUCell(4), 3, state_is_tuple=False),
    "highway": lambda: rnn.HighwayWrapper(rnn.GRUCell(5)),
    "highway_uncoupled": lambda: rnn.HighwayWrapper(rnn.GRUCell(5), couple_carry_transform_gates=False, carry_bias_init=0.4),
    "input_projection": lambda: rnn.InputProjectionWrapper(rnn.GRUCell(4), 6, activation=tf.nn.relu),
    "output_projection": lambda: rnn.OutputProjectionWrapper(rnn.LSTMCell(4), 6, activation=tf.sigmoid),
    "ugrnn": lambda: rnn.UGRNNCell(4),
    "intersection": lambda: rnn.IntersectionRNNCell(5),
    "intersection_projected": lambda: rnn.IntersectionRNNCell(4, num_in_proj=4),
    "nas": lambda: rnn.NASCell(4),
    "nas_projected": lambda: rnn.NASCell(4, num_proj=3, use_bias=True),
    "sru": lambda: rnn.SRUCell(4),
    "sru_same": lambda: rnn.SRUCell(5),
    "ind_rnn": lambda: rnn.IndRNNCell(4),
    "indy_gru": lambda: rnn.IndyGRUCell(4),
    "indy_lstm": lambda: rnn.IndyLSTMCell(4),
    "compiled": lambda: rnn.CompiledWrapper(rnn.GRUCell(4)),
}
for cell_name, make_cell in CELLS.items():
    cell_case(cell_name, make_cell)

SIX = {
    "glstm": lambda: rnn.GLSTMCell(4, number_of_groups=2),
    "glstm_projected": lambda: rnn.GLSTMCell(6, number_of_groups=2, num_proj=4, forget_bias=0.5),
    "time_freq": lambda: rnn.TimeFreqLSTMCell(4, feature_size=3, frequency_skip=1),
    "time_freq_peephole": lambda: rnn.TimeFreqLSTMCell(4, use_peepholes=True, cell_clip=0.2, feature_size=2,
                                                       frequency_skip=2),
}
for cell_name, make_cell in SIX.items():
    if "time" not in cell_name:
        cell_case(cell_name, make_cell, size=6)


@case
def time_freq():
    return SIX["time_freq"]()(inputs(3, 6), inputs(3, 4 * 8))


@case
def time_freq_peephole():
    return SIX["time_freq_peephole"]()(inputs(3, 6), inputs(3, 3 * 8))


def grid_case(name, make):
    def once():
        cell = make()
        with tf.variable_scope("once"):
            zeros = cell.zero_state(3, tf.float32)
            return cell(inputs(3, 6), tf.contrib.framework.nest.map_structure(
                lambda part: inputs(*part.shape.as_list()) * 0.5, zeros))
    once.__name__ = name
    case(once)


GRIDS = {
    "grid": lambda: rnn.GridLSTMCell(4, feature_size=2, frequency_skip=2, num_frequency_blocks=[3]),
    "grid_peephole": lambda: rnn.GridLSTMCell(4, use_peepholes=True, cell_clip=0.3, feature_size=2, frequency_skip=2,
                                              num_frequency_blocks=[3]),
    "grid_shared": lambda: rnn.GridLSTMCell(4, use_peepholes=True, share_time_frequency_weights=True, feature_size=2,
                                            frequency_skip=2, num_frequency_blocks=[3], state_is_tuple=True),
    "grid_coupled": lambda: rnn.GridLSTMCell(4, feature_size=2, frequency_skip=1, num_frequency_blocks=[5],
                                             couple_input_forget_gates=True),
    "grid_coupled_peephole": lambda: rnn.GridLSTMCell(4, True, feature_size=2, frequency_skip=1, num_frequency_blocks=[5],
                                                      couple_input_forget_gates=True),
    "grid_blocks": lambda: rnn.GridLSTMCell(4, feature_size=2, frequency_skip=2, num_frequency_blocks=[1, 2],
                                            start_freqindex_list=[0, 2], end_freqindex_list=[2, 6]),
    "grid_one_state": lambda: rnn.GridLSTMCell(4, feature_size=2, frequency_skip=2, num_frequency_blocks=[3],
                                               state_is_tuple=False),
    "grid_both_ways": lambda: rnn.BidirectionalGridLSTMCell(4, feature_size=2, frequency_skip=2, num_frequency_blocks=[3]),
    "grid_both_ways_offset": lambda: rnn.BidirectionalGridLSTMCell(
        4, feature_size=2, frequency_skip=2, num_frequency_blocks=[3], backward_slice_offset=1, use_peepholes=True,
        share_time_frequency_weights=True),
}
for cell_name, make_cell in GRIDS.items():
    grid_case(cell_name, make_cell)


@case
def phased_with_times():
    cell = rnn.PhasedLSTMCell(4, use_peepholes=True, leak=0.01, ratio_on=0.2, trainable_ratio_on=False)
    times = tf.abs(inputs(3, 4, 1)) * 10.0
    return tf.nn.dynamic_rnn(cell, (times, inputs(3, 4, 5)), dtype=tf.float32)


@case
def embedding_wrapper():
    cell = rnn.EmbeddingWrapper(rnn.GRUCell(4), embedding_classes=7, embedding_size=3)
    return tf.nn.dynamic_rnn(cell, tf.constant([[[1], [2]], [[6], [0]]]), dtype=tf.float32)


def convolution_case(name, make, shape):
    def run():
        cell = make()
        return tf.nn.dynamic_rnn(cell, inputs(2, 3, *shape), dtype=tf.float32, sequence_length=[3, 2])
    run.__name__ = name
    case(run)


convolution_case("convolution_1", lambda: rnn.Conv1DLSTMCell(input_shape=[6, 2], output_channels=3, kernel_shape=[3]),
                 (6, 2))
convolution_case("convolution_2", lambda: rnn.Conv2DLSTMCell(input_shape=[4, 5, 2], output_channels=3, kernel_shape=[3, 3]),
                 (4, 5, 2))
convolution_case("convolution_3", lambda: rnn.Conv3DLSTMCell(input_shape=[2, 3, 2, 2], output_channels=2,
                                                             kernel_shape=[1, 3, 3]), (2, 3, 2, 2))


@case
def convolution_skip():
    cell = rnn.ConvLSTMCell(2, [4, 5, 2], 3, [3, 3], use_bias=False, skip_connection=True, forget_bias=0.4)
    return cell(inputs(2, 4, 5, 2), cell.zero_state(2, tf.float32))


@case
def lstm_fused():
    return rnn.LSTMBlockFusedCell(4)(inputs(5, 3, 6), dtype=tf.float32)


@case
def lstm_fused_lengths():
    return rnn.LSTMBlockFusedCell(4, use_peephole=True, cell_clip=0.3)(
        inputs(5, 3, 6), dtype=tf.float32, sequence_length=tf.constant([5, 2, 3]))


@case
def lstm_fused_state_and_scope():
    state = rnn.LSTMStateTuple(inputs(3, 4), inputs(3, 4) * 0.5)
    with tf.variable_scope("outer"):
        return rnn.LSTMBlockFusedCell(4, forget_bias=0.0)(inputs(5, 3, 6), initial_state=state, scope="mine")


@case
def lstm_fused_reversed():
    cell = rnn.LSTMBlockFusedCell(4)
    return rnn.TimeReversedFusedRNN(cell)(inputs(5, 3, 6), dtype=tf.float32, sequence_length=tf.constant([5, 2, 3]))


@case
def lstm_fused_reversed_whole():
    return rnn.TimeReversedFusedRNN(rnn.LSTMBlockFusedCell(4))(inputs(5, 3, 6), dtype=tf.float32)


@case
def fused_adaptor():
    cell = rnn.FusedRNNCellAdaptor(rnn.GRUCell(4))
    with tf.variable_scope("adaptor"):
        return cell([inputs(3, 6), inputs(3, 6)], dtype=tf.float32)


@case
def fused_adaptor_dynamic():
    return rnn.FusedRNNCellAdaptor(rnn.BasicLSTMCell(4), use_dynamic_rnn=True)(
        inputs(5, 3, 6), dtype=tf.float32, sequence_length=[5, 2, 3], scope="here")


@case
def fused_adaptor_static_of_tensor():
    return rnn.FusedRNNCellAdaptor(rnn.BasicLSTMCell(4))(inputs(5, 3, 6), dtype=tf.float32, sequence_length=[5, 2, 3])


@case
def bidirectional():
    return tf.nn.bidirectional_dynamic_rnn(rnn.LSTMCell(4), rnn.LSTMCell(4), inputs(3, 5, 6), sequence_length=[5, 2, 3],
                                           dtype=tf.float32)


@case
def bidirectional_scoped():
    with tf.variable_scope("tagger"):
        return tf.nn.bidirectional_dynamic_rnn(
            rnn.MultiRNNCell([rnn.GRUCell(4) for _ in range(2)]), rnn.MultiRNNCell([rnn.GRUCell(4) for _ in range(2)]),
            inputs(5, 3, 6), time_major=True, dtype=tf.float32, scope="both", swap_memory=True)


@case
def static():
    return tf.nn.static_rnn(rnn.BasicLSTMCell(4), tf.unstack(inputs(3, 4, 5), axis=1), dtype=tf.float32)


@case
def static_lengths():
    return rnn.static_rnn(rnn.GRUCell(4), tf.unstack(inputs(3, 4, 5), axis=1), dtype=tf.float32,
                          sequence_length=tf.constant([4, 1, 2]), scope="other")


@case
def static_bidirectional():
    return rnn.static_bidirectional_rnn(rnn.BasicLSTMCell(4), rnn.BasicLSTMCell(3), tf.unstack(inputs(3, 4, 5), axis=1),
                                        dtype=tf.float32, sequence_length=tf.constant([4, 1, 2]))


@case
def state_saving():
    class Saver:
        def state(self, name):
            return inputs(3, 4)

        def save_state(self, name, state):
            return tf.identity(state)
    return rnn.static_state_saving_rnn(rnn.GRUCell(4), [inputs(3, 5)] * 2, Saver(), "state")


@case
def stacked_bidirectional():
    return rnn.stack_bidirectional_rnn([rnn.GRUCell(4), rnn.GRUCell(3)], [rnn.GRUCell(4), rnn.GRUCell(3)],
                                       tf.unstack(inputs(3, 4, 5), axis=1), dtype=tf.float32,
                                       sequence_length=tf.constant([4, 1, 2]))


@case
def stacked_bidirectional_dynamic():
    return rnn.stack_bidirectional_dynamic_rnn(
        [rnn.LSTMCell(4), rnn.LSTMCell(3)], [rnn.LSTMCell(4), rnn.LSTMCell(3)], inputs(3, 4, 5), dtype=tf.float32,
        sequence_length=[4, 1, 2])


@case
def stacked_bidirectional_dynamic_states():
    return rnn.stack_bidirectional_dynamic_rnn(
        [rnn.GRUCell(4)] , [rnn.GRUCell(4)], inputs(4, 3, 5), initial_states_fw=[inputs(3, 4)],
        initial_states_bw=[inputs(3, 4)], dtype=tf.float32, time_major=True, scope="deep")


@case
def raw():
    times = tf.TensorArray(tf.float32, size=4).unstack(inputs(4, 3, 5))
    cell = rnn.LSTMCell(4)

    def step(time, output, state, loop_state):
        next_state = cell.zero_state(3, tf.float32) if output is None else state
        finished = time >= tf.constant([4, 2, 3])
        done = tf.reduce_all(finished)
        following = tf.cond(done, lambda: tf.zeros([3, 5]), lambda: times.read(time))
        following.set_shape([3, 5])
        return finished, following, next_state, output, None

    outputs, state, _ = tf.nn.raw_rnn(cell, step)
    return outputs.stack(), state


@case
def cells_shared_by_reuse():
    results = []
    for step in range(2):
        with tf.variable_scope("shared", reuse=step > 0):
            results.append(rnn.LSTMCell(4, reuse=step > 0)(inputs(3, 5), rnn.LSTMCell(4).zero_state(3, tf.float32)))
    with tf.variable_scope("loop"):
        cell = rnn.BasicLSTMCell(4)
        state = cell.zero_state(3, tf.float32)
        for step in range(3):
            if step > 0:
                tf.get_variable_scope().reuse_variables()
            output, state = cell(inputs(3, 5), state)
    return results, output, state


@case
def two_of_a_kind():
    with tf.variable_scope("a"):
        first, _ = tf.nn.dynamic_rnn(rnn.GRUCell(4), inputs(3, 4, 5), dtype=tf.float32)
        second, _ = tf.nn.dynamic_rnn(rnn.GRUCell(4), first, dtype=tf.float32, scope="second")
        cell = rnn.GRUCell(4)
        third, _ = cell(inputs(3, 5), cell.zero_state(3, tf.float32))
        other = rnn.GRUCell(4)
        fourth, _ = other(inputs(3, 5), other.zero_state(3, tf.float32))
    return second, third, fourth


@case
def scope_given_to_the_call():
    cell = rnn.LSTMCell(4, initializer=tf.orthogonal_initializer())
    return cell(inputs(3, 5), cell.zero_state(3, tf.float32), scope="called")


@case
def linear():
    from tensorflow.contrib.rnn.python.ops.core_rnn_cell import _Linear, _linear
    with tf.variable_scope("first"):
        one = _linear([inputs(3, 5), inputs(3, 2)], 4, True)
    with tf.variable_scope("second"):
        two = _linear(inputs(3, 5), 4, False, kernel_initializer=tf.zeros_initializer())
    with tf.variable_scope("third"):
        layer = _Linear([inputs(3, 5)], 4, True)
        three = layer([inputs(3, 5)])
    return one, two, three


@case
def weight_norm():
    from tensorflow.contrib.rnn.python.ops.rnn_cell import WeightNormLSTMCell
    return over_time(WeightNormLSTMCell(4, num_proj=3, use_peepholes=True))


@case
def weight_norm_without():
    from tensorflow.contrib.rnn.python.ops.rnn_cell import WeightNormLSTMCell
    return over_time(WeightNormLSTMCell(4, norm=False, cell_clip=0.1))


@case
def layer_norm_projected():
    from tensorflow.contrib.rnn.python.ops.rnn_cell import LayerNormLSTMCell
    return over_time(LayerNormLSTMCell(4, layer_norm=True, num_proj=3, use_peepholes=True))


@case
def layer_norm_projected_without():
    from tensorflow.contrib.rnn.python.ops.rnn_cell import LayerNormLSTMCell
    return over_time(LayerNormLSTMCell(4, cell_clip=0.1))


@case
def minimal():
    from tensorflow.contrib.rnn.python.ops.rnn_cell import MinimalRNNCell
    return over_time(MinimalRNNCell(4))


@case
def chaos_free():
    from tensorflow.contrib.rnn.python.ops.rnn_cell import CFNCell
    return over_time(CFNCell(4))


@case
def transposed():
    return rnn.transpose_batch_time(inputs(3, 4, 5)), rnn.best_effort_input_batch_size([inputs(3, 4, 5)])
