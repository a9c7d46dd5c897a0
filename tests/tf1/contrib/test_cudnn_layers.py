"""Layers of `tf.contrib.cudnn_rnn`: the variables that TensorFlow 1.15 saved for them, and the compatible cells' numbers.

The names are those of the save operation of a `tf.train.Saver` in TensorFlow 1.15.5, which saves a layer's parameters as the
variables of the cells (and the block of all of them, `opaque_kernel`, which only a GPU can read).
"""

import pytest

LAYERS = """
    import numpy as np
    import tensorflow as tf
    from tensorflow.contrib.cudnn_rnn.python.layers import cudnn_rnn
    """

ONE_WAY = "rnn/multi_rnn_cell/cell_0/"
FORWARD, BACKWARD = (f"stack_bidirectional_rnn/cell_0/bidirectional_rnn/{side}/" for side in ("fw", "bw"))
KERNEL_AND_BIAS = ("kernel", "bias")
GRU = ("gates/kernel", "gates/bias", "candidate/input_projection/kernel", "candidate/hidden_projection/kernel",
       "candidate/input_projection/bias", "candidate/hidden_projection/bias")

VARIABLES = {
    ("CudnnLSTM", "unidirectional"): [f"{ONE_WAY}cudnn_compatible_lstm_cell/{name}" for name in KERNEL_AND_BIAS],
    ("CudnnLSTM", "bidirectional"): [f"{side}cudnn_compatible_lstm_cell/{name}" for side in (FORWARD, BACKWARD)
                                     for name in KERNEL_AND_BIAS],
    ("CudnnGRU", "unidirectional"): [f"{ONE_WAY}cudnn_compatible_gru_cell/{name}" for name in GRU],
    ("CudnnRNNTanh", "bidirectional"): [f"{side}basic_rnn_cell/{name}" for side in (FORWARD, BACKWARD)
                                        for name in KERNEL_AND_BIAS],
    ("CudnnRNNRelu", "unidirectional"): [f"{ONE_WAY}basic_rnn_cell/{name}" for name in KERNEL_AND_BIAS],
}
PREFIXES = {"CudnnLSTM": "cudnn_lstm", "CudnnGRU": "cudnn_gru", "CudnnRNNTanh": "cudnn_rnn_tanh",
            "CudnnRNNRelu": "cudnn_rnn_relu"}


@pytest.mark.parametrize(("layer", "direction"), VARIABLES)
def test_variables_are_those_that_tensorflow_1_saved(run, layer, direction):
    found = run("import old_net; print(*old_net.names())", {"old_net.py": LAYERS + f"""
    def names():
        with tf.variable_scope('net'):
            tf.contrib.cudnn_rnn.{layer}(1, 3, direction='{direction}')(tf.zeros([7, 2, 5]))
            tf.contrib.cudnn_rnn.{layer}(1, 3, direction='{direction}')(tf.zeros([7, 2, 5]))
        return [variable.op.name for variable in tf.global_variables()]
    """}).split()
    prefixes = [f"net/{PREFIXES[layer]}{number}" for number in ("", "_1")]
    assert found == [f"{prefix}/{name}" for prefix in prefixes for name in VARIABLES[layer, direction]]


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_two_layers_in_both_directions_are_the_stack_of_compatible_cells(run, kind):
    """TensorFlow's documentation of the compatible cells builds a model for CPUs like this, on the layers' checkpoint."""
    assert run("import old_net; print(old_net.is_same())", {"old_net.py": LAYERS + f"""
    def is_same():
        inputs = tf.constant(np.random.RandomState(0).randn(6, 2, 5).astype('float32'))
        layer = cudnn_rnn.Cudnn{kind}(2, 3, direction='bidirectional', dropout=0.5, name='layers')
        outputs, states = layer(inputs, training=False)
        with tf.variable_scope('layers', reuse=True):
            cells = [[cudnn_rnn.CudnnCompatible{kind}Cell(3) for _ in range(2)] for _ in range(2)]
            expected, forward, backward = tf.contrib.rnn.stack_bidirectional_dynamic_rnn(
                cells[0], cells[1], inputs, dtype=tf.float32, time_major=True)
        ends = [state for pair in zip(forward, backward) for state in pair]  # layer by layer, forward before backward
        ends = [[end.h for end in ends], [end.c for end in ends]] if '{kind}' == 'LSTM' else [ends]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            found, wanted = session.run([[outputs, *states], [expected, *map(tf.stack, ends)]])
        assert tuple(state.shape.as_list() for state in states) == layer.state_shape(2)
        return len(found) == len(wanted) and all(map(np.array_equal, found, wanted)) and bool(np.any(found[0]))
    """}) == "True"


def test_a_sequence_in_two_parts_with_the_state_handed_on(run):
    """The state of the first part starts the second; batches may come first, and sequences may be shorter."""
    assert run("import old_net; print(old_net.is_same())", {"old_net.py": LAYERS + """
    def is_same():
        inputs = tf.constant(np.random.RandomState(0).randn(2, 6, 5).astype('float32'))
        layer = cudnn_rnn.CudnnLSTM(2, 3)
        whole, (h, c) = layer(inputs, sequence_lengths=[6, 4], time_major=False, training=False)
        first, state = layer(inputs[:, :3], time_major=False, training=False)
        second, (last_h, last_c) = layer(inputs[:, 3:], initial_state=state, sequence_lengths=[3, 1], time_major=False,
                                         training=False)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            found, wanted, tail = session.run([[tf.concat([first, second], 1), last_h, last_c], [whole, h, c], whole[1, 4:]])
        assert len(tf.global_variables()) == 4 and h.shape == [2, 2, 3] and not tail.any()
        return all(np.allclose(left, right, atol=1e-6) for left, right in zip(found, wanted))
    """}) == "True"


def test_dropout_is_between_layers_in_training_only(run):
    assert run("import old_net; print(old_net.operations())", {"old_net.py": LAYERS + """
    def operations():
        inputs = tf.zeros([6, 2, 5])
        counts = []
        for layers, training in ((1, True), (3, True), (3, False)):
            with tf.Graph().as_default() as graph:
                cudnn_rnn.CudnnGRU(layers, 3, dropout=0.5)(tf.zeros([6, 2, 5]), training=training)
                counts.append(sum(operation.type == 'RandomUniform' and 'dropout' in operation.name
                                  for operation in graph.get_operations()))
        return counts
    """}) == "[0, 2, 0]"


@pytest.mark.parametrize(("arguments", "call", "message"), [
    ("direction='both'", "", "Expected unidirectional or bidirectional"),
    ("input_mode='none'", "", "Expected linear_input"),
    ("input_mode='skip_input'", "", "Layers whose inputs have no weights"),
    ("input_mode='auto_select'", "", "Layers whose inputs have no weights"),
    ("", ", initial_state=[1]", "expecting tuple"),
])
def test_what_is_refused(run, arguments, call, message):
    assert message in run("import old_net; print(old_net.refusal())", {"old_net.py": LAYERS + f"""
    def refusal():
        try:
            cudnn_rnn.CudnnLSTM(1, 5, {arguments})(tf.zeros([6, 2, 5]){call})
        except Exception as error:
            return error
    """})
