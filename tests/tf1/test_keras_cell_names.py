"""Recurrent layers of `tf.keras` have the variables of TensorFlow 1.15.5, whose names these are."""

import pytest

LAYERS = {
    "K.LSTM(4)": "lstm/kernel lstm/recurrent_kernel lstm/bias",
    "K.GRU(4, name='encoder')": "encoder/kernel encoder/recurrent_kernel encoder/bias",
    "K.SimpleRNN(4)": "simple_rnn/kernel simple_rnn/recurrent_kernel simple_rnn/bias",
    "K.RNN(K.LSTMCell(4))": "rnn/kernel rnn/recurrent_kernel rnn/bias",
    "K.RNN([K.LSTMCell(4), K.GRUCell(3)])":
        "rnn/kernel rnn/recurrent_kernel rnn/bias rnn/kernel_1 rnn/recurrent_kernel_1 rnn/bias_1",
    "K.Bidirectional(K.LSTM(4))":
        "bidirectional/forward_lstm/kernel bidirectional/forward_lstm/recurrent_kernel bidirectional/forward_lstm/bias "
        "bidirectional/backward_lstm/kernel bidirectional/backward_lstm/recurrent_kernel bidirectional/backward_lstm/bias",
}

PROGRAM = """
    import os
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    import tensorflow.compat.v1 as tf
    from exporter.tf1.keras_cell_names import mend_keras_cell_names
    tf.disable_v2_behavior()
    mend_keras_cell_names()
    mend_keras_cell_names()
    K = tf.keras.layers
    for layer in {layers!r}:
        with tf.Graph().as_default(), tf.Session() as session:
            output = eval(layer)(tf.ones([2, 5, 3]))
            session.run(tf.global_variables_initializer())
            assert session.run(output).shape[0] == 2
            print(*[variable.op.name for variable in tf.global_variables()])
"""


@pytest.fixture
def names(fresh_python):
    return fresh_python(PROGRAM.format(layers=list(LAYERS))).splitlines()


def test_names(names):
    assert dict(zip(LAYERS, names[-len(LAYERS):], strict=True)) == LAYERS
