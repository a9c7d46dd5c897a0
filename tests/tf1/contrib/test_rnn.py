"""Recurrent cells under the surface, against the formulas written out in NumPy."""

import pytest

CELLS = """
    import json
    import numpy as np
    import tensorflow as tf

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def lstm_step(x, c, h, kernel, bias):
        i, j, f, o = np.split(np.concatenate([x, h]) @ kernel + bias, 4)
        c = sigmoid(f + 1.0) * c + sigmoid(i) * np.tanh(j)
        return c, sigmoid(o) * np.tanh(c)

    def gru_step(x, h, gates, gates_bias, candidate, candidate_bias):
        r, u = np.split(sigmoid(np.concatenate([x, h]) @ gates + gates_bias), 2)
        return u * h + (1 - u) * np.tanh(np.concatenate([x, r * h]) @ candidate + candidate_bias)

    def over_time(cell, inputs, lengths):
        outputs, state = tf.nn.dynamic_rnn(cell, inputs, sequence_length=lengths, dtype=tf.float32)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return session.run([outputs, state, tf.trainable_variables()])
    """


def test_lstm_over_sequences_of_different_lengths(run):
    """Outputs are zero behind a sequence's end, and its last state is the one at its end."""
    assert run("import cells; print(cells.largest_difference())", {"cells.py": CELLS + """
    def largest_difference():
        inputs, lengths = np.random.RandomState(0).randn(3, 4, 5).astype('float32'), [4, 2, 0]
        outputs, state, (kernel, bias) = over_time(tf.contrib.rnn.LSTMCell(6), inputs, lengths)
        expected = np.zeros([3, 4, 6])
        for row, length in enumerate(lengths):
            c = h = np.zeros(6)
            for step in range(length):
                c, h = lstm_step(inputs[row, step], c, h, kernel, bias)
                expected[row, step] = h
            assert np.allclose(state.c[row], c, atol=1e-6) and np.allclose(state.h[row], h, atol=1e-6)
        return bool(np.allclose(outputs, expected, atol=1e-6)), float(np.abs(outputs[1, 2:]).max())
    """}) == "(True, 0.0)"


@pytest.mark.parametrize("cell", ["GRUCell", "GRUBlockCellV2"])
def test_gru(run, cell):
    assert run("import cells; print(cells.is_same())", {"cells.py": CELLS + f"""
    def is_same():
        inputs = np.random.RandomState(0).randn(1, 4, 5).astype('float32')
        outputs, state, variables = over_time(tf.contrib.rnn.{cell}(6), inputs, [4])
        h = np.zeros(6)
        for step in range(4):
            h = gru_step(inputs[0, step], h, *variables)
        return bool(np.allclose(outputs[0, -1], h, atol=1e-6) and np.allclose(state[0], h, atol=1e-6))
    """}) == "True"


def test_one_operation_lstm_is_the_lstm_cell(run):
    """LSTMBlockCell and LSTMBlockFusedCell take a checkpoint's kernel and bias, and give what LSTMCell gives."""
    assert run("import cells; print(cells.are_same())", {"cells.py": CELLS + """
    def are_same():
        inputs = tf.constant(np.random.RandomState(0).randn(3, 4, 5).astype('float32'))
        results = []
        for make in (tf.contrib.rnn.LSTMCell, tf.contrib.rnn.LSTMBlockCell):
            with tf.variable_scope('', reuse=tf.AUTO_REUSE):
                results.append(tf.nn.dynamic_rnn(make(6, name='lstm'), inputs, dtype=tf.float32)[0])
        with tf.variable_scope('rnn', reuse=True):
            fused = tf.contrib.rnn.LSTMBlockFusedCell(6, name='lstm')
            results.append(tf.transpose(fused(tf.transpose(inputs, [1, 0, 2]), dtype=tf.float32)[0], [1, 0, 2]))
        gradients = [tf.gradients(result, tf.trainable_variables()[0])[0] for result in results]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            values = session.run([results, gradients])
        names = [variable.op.name for variable in tf.trainable_variables()]
        return names, [bool(np.allclose(value, part[0], atol=1e-5)) for part in values for value in part]
    """}) == "(['rnn/lstm/kernel', 'rnn/lstm/bias'], [True, True, True, True, True, True])"


def test_old_homes(run):
    """Where code of TensorFlow 1.0 to 1.15 imported cells and their helpers from."""
    assert run("import homes; print(homes.CELLS)", {"homes.py": """
        import tensorflow as tf
        from tensorflow.contrib.rnn.python.ops import core_rnn_cell, rnn_cell, rnn as contrib_rnn
        from tensorflow.contrib.rnn.python.ops.core_rnn_cell import _linear, _Linear
        from tensorflow.contrib.rnn.python.ops.rnn_cell import _linear as linear_of_rnn_cell
        from tensorflow.contrib.rnn.python.ops.lstm_ops import LSTMBlockFusedCell
        from tensorflow.contrib.rnn import RNNCell
        from tensorflow.python.ops.rnn_cell_impl import RNNCell as core, LayerRNNCell, _zero_state_tensors
        from tensorflow.python.ops.rnn import _transpose_batch_time
        CELLS = [core is RNNCell is tf.nn.rnn_cell.RNNCell, _linear is linear_of_rnn_cell,
                 issubclass(rnn_cell.LayerNormBasicLSTMCell, RNNCell), core_rnn_cell.LSTMCell is tf.nn.rnn_cell.LSTMCell,
                 isinstance(tf.contrib.rnn.UGRNNCell(3), tf.nn.rnn_cell.RNNCell)]
        """}) == "[True, True, True, True, True]"


def test_a_recurrent_classifier_is_trained(run):
    assert run("import classifier; print(classifier.trained())", {"classifier.py": """
        import numpy as np
        import tensorflow as tf

        def trained():
            tf.set_random_seed(0)
            inputs = np.random.RandomState(0).randn(32, 6, 3).astype('float32')
            labels = (inputs.sum((1, 2)) > 0).astype('int32')
            cells = tf.contrib.rnn.MultiRNNCell([tf.contrib.rnn.LayerNormBasicLSTMCell(8), tf.contrib.rnn.LSTMBlockCell(8)])
            outputs, _ = tf.nn.dynamic_rnn(cells, inputs, dtype=tf.float32)
            loss = tf.losses.sparse_softmax_cross_entropy(labels, tf.layers.dense(outputs[:, -1], 2))
            step = tf.train.AdamOptimizer(0.02).minimize(loss)
            with tf.Session() as session:
                session.run(tf.global_variables_initializer())
                losses = [session.run([loss, step])[0] for _ in range(60)]
            return bool(losses[-1] < 0.2 * losses[0])
        """}) == "True"
