from __future__ import annotations

import tensorflow as tf
from recording import case, inputs
from tensorflow.contrib import legacy_seq2seq, rnn

BATCH, TIME, UNITS, WORDS = 2, 3, 4, 7


def steps(depth=5):
    return [inputs(BATCH, depth) * (step + 1.0) for step in range(TIME)]


def ids():
    return [tf.constant([1, 3]), tf.constant([0, 6]), tf.constant([5, 2])]


def cells(layers=2):
    return rnn.MultiRNNCell([rnn.BasicLSTMCell(UNITS) for _ in range(layers)])


@case
def decoder():
    cell = rnn.GRUCell(UNITS)
    return legacy_seq2seq.rnn_decoder(steps(), cell.zero_state(BATCH, tf.float32), cell)


@case
def decoder_loop():
    cell = rnn.GRUCell(5)
    return legacy_seq2seq.rnn_decoder(steps(), cell.zero_state(BATCH, tf.float32), cell, lambda before, step: before * 2.0,
                                      scope="mine")


@case
def basic():
    return legacy_seq2seq.basic_rnn_seq2seq(steps(), steps(), cells())


@case
def tied():
    return legacy_seq2seq.tied_rnn_seq2seq(steps(), steps(), rnn.LSTMCell(UNITS))


@case
def embedding_decoder():
    cell = rnn.GRUCell(UNITS)
    return legacy_seq2seq.embedding_rnn_decoder(ids(), cell.zero_state(BATCH, tf.float32), cell, WORDS, 5,
                                                output_projection=(inputs(UNITS, WORDS), inputs(WORDS)), feed_previous=True)


@case
def embedding_seq2seq():
    return legacy_seq2seq.embedding_rnn_seq2seq(ids(), ids(), cells(), WORDS, WORDS + 1, 5)


@case
def embedding_seq2seq_previous():
    return legacy_seq2seq.embedding_rnn_seq2seq(ids(), ids(), rnn.GRUCell(UNITS), WORDS, WORDS, 5, feed_previous=True)


@case
def embedding_seq2seq_previous_tensor():
    return legacy_seq2seq.embedding_rnn_seq2seq(ids(), ids(), cells(), WORDS, WORDS, 5, feed_previous=tf.constant(True),
                                                dtype=tf.float32)


@case
def embedding_seq2seq_projected():
    return legacy_seq2seq.embedding_rnn_seq2seq(ids(), ids(), rnn.GRUCell(UNITS), WORDS, WORDS, 5,
                                                output_projection=(inputs(UNITS, WORDS), inputs(WORDS)), feed_previous=True,
                                                scope="projected")


@case
def embedding_tied():
    return legacy_seq2seq.embedding_tied_rnn_seq2seq(ids(), ids(), cells(), WORDS, 5, num_decoder_symbols=6)


@case
def embedding_tied_previous_tensor():
    return legacy_seq2seq.embedding_tied_rnn_seq2seq(ids(), ids(), rnn.GRUCell(UNITS), WORDS, 5,
                                                     feed_previous=tf.constant(False))


@case
def attention():
    cell = rnn.GRUCell(UNITS)
    return legacy_seq2seq.attention_decoder(steps(), cell.zero_state(BATCH, tf.float32), inputs(BATCH, 6, 3), cell)


@case
def attention_heads():
    cell = cells()
    return legacy_seq2seq.attention_decoder(steps(), cell.zero_state(BATCH, tf.float32), inputs(BATCH, 6, 3), cell,
                                            output_size=5, num_heads=2, initial_state_attention=True,
                                            loop_function=lambda before, step: before)


@case
def embedding_attention():
    cell = rnn.GRUCell(UNITS)
    return legacy_seq2seq.embedding_attention_decoder(ids(), cell.zero_state(BATCH, tf.float32), inputs(BATCH, 6, 3), cell,
                                                      WORDS, 5, feed_previous=True, update_embedding_for_previous=False,
                                                      output_projection=(inputs(UNITS, WORDS), inputs(WORDS)))


@case
def embedding_attention_seq2seq():
    return legacy_seq2seq.embedding_attention_seq2seq(ids(), ids(), cells(), WORDS, WORDS, 5)


@case
def embedding_attention_seq2seq_previous():
    return legacy_seq2seq.embedding_attention_seq2seq(ids(), ids(), rnn.GRUCell(UNITS), WORDS, WORDS, 5, num_heads=2,
                                                      feed_previous=True, initial_state_attention=True)


@case
def embedding_attention_seq2seq_tensor():
    return legacy_seq2seq.embedding_attention_seq2seq(ids(), ids(), cells(), WORDS, WORDS, 5,
                                                      feed_previous=tf.constant(True))


@case
def embedding_attention_seq2seq_projected():
    return legacy_seq2seq.embedding_attention_seq2seq(
        ids(), ids(), rnn.GRUCell(UNITS), WORDS, WORDS, 5, output_projection=(inputs(UNITS, WORDS), inputs(WORDS)),
        feed_previous=True)


@case
def one_to_many():
    return legacy_seq2seq.one2many_rnn_seq2seq(
        ids(), {"a": ids(), "b": ids()}, rnn.GRUCell(UNITS), {"a": rnn.GRUCell(UNITS), "b": rnn.BasicRNNCell(UNITS)}, WORDS,
        {"a": 7, "b": 8}, 5)


def weights():
    return [tf.constant([1.0, 1.0]), tf.constant([1.0, 0.5]), tf.constant([1.0, 0.0])]


@case
def losses():
    logits = [tf.get_variable(f"logits{step}", [BATCH, WORDS]) for step in range(TIME)]

    def own(labels, logits):
        return tf.reduce_sum(logits, 1) * tf.cast(labels, tf.float32)

    return [legacy_seq2seq.sequence_loss(logits, ids(), weights()),
            legacy_seq2seq.sequence_loss(logits, ids(), weights(), False, False),
            legacy_seq2seq.sequence_loss(logits, ids(), weights(), softmax_loss_function=own),
            legacy_seq2seq.sequence_loss_by_example(logits, ids(), weights()),
            legacy_seq2seq.sequence_loss_by_example(logits, ids(), weights(), average_across_timesteps=False)]


@case
def buckets():
    def seq2seq(encoder, decoder):
        return legacy_seq2seq.embedding_attention_seq2seq(encoder, decoder, rnn.GRUCell(UNITS), WORDS, WORDS, 5)
    return legacy_seq2seq.model_with_buckets(ids(), ids(), ids(), weights(), [(2, 2), (3, 3)], seq2seq)


@case
def buckets_per_example():
    def seq2seq(encoder, decoder):
        return legacy_seq2seq.basic_rnn_seq2seq([tf.one_hot(step, WORDS) for step in encoder],
                                                [tf.one_hot(step, WORDS) for step in decoder], rnn.GRUCell(WORDS))
    return legacy_seq2seq.model_with_buckets(ids(), ids(), ids(), weights(), [(2, 1), (3, 3)], seq2seq,
                                             per_example_loss=True)


@case
def one_to_many_tensor():
    return legacy_seq2seq.one2many_rnn_seq2seq(
        ids(), {"a": ids(), "b": ids()}, rnn.GRUCell(UNITS), {"a": rnn.GRUCell(UNITS), "b": rnn.BasicRNNCell(UNITS)}, WORDS,
        {"a": 7, "b": 8}, 5, feed_previous=tf.constant(True))
