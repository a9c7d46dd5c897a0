"""Decoders of TensorFlow 1.0 (`dynamic_rnn_decoder` and its decoder functions), against the cell's own steps."""

import pytest

DECODERS = """
    import numpy as np
    import tensorflow as tf
    from tensorflow.contrib import seq2seq

    UNITS, WORDS, DEPTH = 4, 6, 3
    random = np.random.RandomState(0)
    inputs = tf.constant(random.randn(2, 5, DEPTH).astype('float32'))
    start = tf.constant(random.randn(2, UNITS).astype('float32'))
    memory = tf.constant(random.randn(2, 3, UNITS).astype('float32'))
    embeddings = tf.constant(random.randn(WORDS, DEPTH).astype('float32') * 3)

    def values(*tensors):
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return session.run(tensors)
    """


def test_training_runs_the_cell_over_the_inputs(run):
    """As `dynamic_rnn` does: zeros and the last state behind a sequence's end."""
    assert run("import old_net; print(old_net.is_same())", {"old_net.py": DECODERS + """
    def is_same():
        cell = tf.nn.rnn_cell.GRUCell(UNITS)
        with tf.variable_scope('decoder') as scope:
            outputs, state, context = seq2seq.dynamic_rnn_decoder(
                cell, seq2seq.simple_decoder_fn_train(start), inputs, sequence_length=[5, 3], scope=scope)
            scope.reuse_variables()
            expected, last = tf.nn.dynamic_rnn(cell, inputs, [5, 3], start, scope=scope)
        assert context is None and tf.global_variables()[0].op.name == 'decoder/gru_cell/gates/kernel'
        found, found_last, wanted, wanted_last = values(outputs, state, expected, last)
        return bool(np.allclose(found, wanted, atol=1e-6) and np.allclose(found_last, wanted_last, atol=1e-6))
    """}) == "True"


def test_inference_goes_on_with_the_best_word(run):
    assert run("import old_net; print(old_net.is_same())", {"old_net.py": DECODERS + """
    def is_same():
        cell = tf.nn.rnn_cell.GRUCell(UNITS)
        weights = tf.constant(random.randn(UNITS, WORDS).astype('float32'))
        decoder_fn = seq2seq.simple_decoder_fn_inference(
            lambda output: tf.matmul(output, weights), start, embeddings, 1, WORDS, 3, WORDS)
        scores, _, _ = seq2seq.dynamic_rnn_decoder(cell, decoder_fn, scope='decoder')
        state, word, expected = start, tf.constant([1, 1]), []
        with tf.variable_scope('decoder', reuse=True):
            for _ in range(4):
                output, state = cell(tf.gather(embeddings, word), state)
                expected.append(tf.matmul(output, weights))
                word = tf.argmax(expected[-1], 1)
        found, wanted = values(scores, tf.stack(expected, 1))
        return found.shape == wanted.shape and bool(np.allclose(found, wanted, atol=1e-5))
    """}) == "True"


def test_a_sequence_ends_at_the_end_word(run):
    assert run("import old_net; print(old_net.steps())", {"old_net.py": DECODERS + """
    def steps():
        ends_at_once = tf.constant([[0.0] * (WORDS - 1) + [9.0]] * 2)
        decoder_fn = seq2seq.simple_decoder_fn_inference(
            lambda output: ends_at_once, start, embeddings, 1, WORDS - 1, 8, WORDS)
        scores, _, _ = seq2seq.dynamic_rnn_decoder(tf.nn.rnn_cell.GRUCell(UNITS), decoder_fn)
        return values(scores)[0].shape
    """}) == "(2, 1, 6)"


@pytest.mark.parametrize("option", ["bahdanau", "luong"])
def test_attention(run, option):
    """The formulas: softmax over v·tanh(keys + W query), or over keys·query; then a layer on the query and the average."""
    assert run("import old_net; print(old_net.is_same())", {"old_net.py": DECODERS + f"""
    def softmax(x):
        return np.exp(x) / np.exp(x).sum(-1, keepdims=True)

    def is_same():
        cell = tf.nn.rnn_cell.GRUCell(UNITS)
        keys, states, score_fn, construct_fn = seq2seq.prepare_attention(memory, '{option}', UNITS)
        decoder_fn = seq2seq.attention_decoder_fn_train(start, keys, states, score_fn, construct_fn)
        trained, _, _ = seq2seq.dynamic_rnn_decoder(cell, decoder_fn, inputs, [5, 5])
        query = tf.constant(random.randn(2, UNITS).astype('float32'))
        keys, states, _, construct_fn = seq2seq.prepare_attention(memory, '{option}', UNITS, reuse=True)
        attention = construct_fn(query, keys, states)
        found, q, m, variables, outputs = values(attention, query, memory, tf.trainable_variables(), trained)
        named = dict(zip([variable.op.name for variable in tf.trainable_variables()], variables))
        k = m @ named['attention_keys/weights']
        if '{option}' == 'bahdanau':
            scores = np.tanh(k + (q @ named['attention_score/attnW'])[:, None]) @ named['attention_score/attnV']
        else:
            scores = (k * q[:, None]).sum(-1)
        average = (softmax(scores)[..., None] * m).sum(1)
        expected = np.concatenate([q, average], 1) @ named['attention_construct/weights']
        return bool(np.allclose(found, expected, atol=1e-5)) and outputs.shape == (2, 5, UNITS)
    """}) == "True"


def test_training_and_inference_share_the_attention(run):
    """The scope of the decoder is reused for inference, and with it the attention's variables."""
    assert run("import old_net; print(*old_net.facts())", {"old_net.py": DECODERS + """
    from tensorflow.contrib.seq2seq.python.ops.attention_decoder_fn import attention_decoder_fn_inference

    def facts():
        cell, state = tf.nn.rnn_cell.LSTMCell(UNITS), tf.nn.rnn_cell.LSTMStateTuple(start, start)
        with tf.variable_scope('decoder') as scope:
            attention = (state,) + seq2seq.prepare_attention(memory, 'luong', UNITS)
            output_fn = lambda output: tf.contrib.layers.linear(output, WORDS, scope=scope)
            trained, _, _ = seq2seq.dynamic_rnn_decoder(
                cell, seq2seq.attention_decoder_fn_train(*attention), inputs, [5, 5], scope=scope)
            logits = output_fn(trained)
            scope.reuse_variables()
            decoder_fn = attention_decoder_fn_inference(output_fn, *attention, embeddings, 1, WORDS, 4, WORDS)
            outputs, last, _ = seq2seq.dynamic_rnn_decoder(cell, decoder_fn, scope=scope)
        yield values(outputs)[0].shape == values(logits)[0].shape == (2, 5, WORDS) and last.h.shape == (2, UNITS)
        yield from sorted(variable.op.name.replace('decoder/', '') for variable in tf.global_variables())
    """}).split() == ["True", "attention_construct/weights", "attention_keys/weights", "biases", "lstm_cell/bias",
                      "lstm_cell/kernel", "weights"]


def test_another_attention_is_refused(run):
    assert run("import old_net; print(old_net.refusal())", {"old_net.py": DECODERS + """
    def refusal():
        try:
            seq2seq.prepare_attention(memory, 'other', UNITS)
        except ValueError as error:
            return error
    """}) == "Unknown attention option other!"
