"""The cells of `tf.contrib.cudnn_rnn` that run without a GPU."""

import tensorflow as tf
from describing import case_table, sequences, vectors

cudnn_rnn = tf.contrib.cudnn_rnn

CASES, case = case_table()


@case
def lstm_steps():
    cell = cudnn_rnn.CudnnCompatibleLSTMCell(5)
    state = cell.zero_state(3, tf.float32)
    output, state = cell(vectors(), state)
    return cell(output[:, :4], state)[0]


@case
def lstm_layers():
    with tf.variable_scope('cudnn_lstm'):
        cells = [cudnn_rnn.CudnnCompatibleLSTMCell(4) for _ in range(2)]
        return tf.nn.dynamic_rnn(tf.nn.rnn_cell.MultiRNNCell(cells), sequences(), dtype=tf.float32)[0]


@case
def lstm_in_both_directions():
    outputs, _, _ = tf.contrib.rnn.stack_bidirectional_dynamic_rnn(
        [cudnn_rnn.CudnnCompatibleLSTMCell(4)], [cudnn_rnn.CudnnCompatibleLSTMCell(4)], sequences(), dtype=tf.float32)
    return outputs


@case
def gru_steps():
    cell = cudnn_rnn.CudnnCompatibleGRUCell(5)
    output, state = cell(vectors(), cell.zero_state(3, tf.float32))
    return cell(output[:, :4], state)[0]


@case
def gru_layers():
    cells = [cudnn_rnn.CudnnCompatibleGRUCell(4) for _ in range(2)]
    return tf.nn.dynamic_rnn(tf.nn.rnn_cell.MultiRNNCell(cells), sequences(), dtype=tf.float32)[0]
