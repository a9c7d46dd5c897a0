import tensorflow as tf
from tensorflow.contrib import rnn
from tensorflow.python.ops import rnn_cell_impl


def peephole_cell(lstm_dim, initializer):
    cell = rnn.LSTMCell(lstm_dim, use_peepholes=True, initializer=initializer, state_is_tuple=True)
    assert isinstance(cell, rnn_cell_impl.RNNCell)
    return rnn.DropoutWrapper(cell, output_keep_prob=tf.constant(1.0))
