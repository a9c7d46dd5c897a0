from __future__ import annotations

import numpy as np
import tensorflow as tf
from recording import case, inputs, seeded
from tensorflow.contrib import crf

BATCH, TIME, TAGS = 3, 5, 4
UNARY = seeded("unary", (BATCH, TIME, TAGS), 2.0)
LENGTHS = [5, 2, 0]


def tags():
    return tf.constant([[0, 1, 2, 3, 1], [3, 2, 0, 0, 0], [1, 0, 0, 0, 0]])


def scores():
    return tf.constant(UNARY)


def transitions():
    return tf.get_variable("transitions", [TAGS, TAGS])


@case
def log_likelihood():
    likelihood, found = crf.crf_log_likelihood(scores(), tags(), tf.constant(LENGTHS))
    return likelihood, found


@case
def log_likelihood_in_a_scope():
    with tf.variable_scope("tagger"):
        logits = tf.layers.dense(inputs(BATCH, TIME, 6), TAGS)
        likelihood, found = crf.crf_log_likelihood(logits, tags(), tf.constant([5, 3, 1], tf.int64))
        best, score = crf.crf_decode(logits, found, tf.constant([5, 3, 1], tf.int64))
    return tf.reduce_mean(-likelihood), best, score


@case
def log_likelihood_given():
    return crf.crf_log_likelihood(scores(), tags(), tf.constant(LENGTHS), transition_params=transitions())


@case
def scores_apart():
    lengths = tf.constant(LENGTHS)
    return [crf.crf_sequence_score(scores(), tags(), lengths, transitions()),
            crf.crf_unary_score(tags(), lengths, scores()),
            crf.crf_binary_score(tags(), lengths, tf.constant(seeded("more", (TAGS, TAGS)))),
            crf.crf_log_norm(scores(), lengths, tf.constant(seeded("more", (TAGS, TAGS))))]


@case
def one_step():
    first = scores()[:, :1]
    lengths = tf.constant([1, 1, 0])
    best, score = crf.crf_decode(first, transitions(), lengths)
    return [crf.crf_sequence_score(first, tags()[:, :1], lengths, tf.constant(seeded("more", (TAGS, TAGS)))),
            crf.crf_log_norm(first, lengths, tf.constant(seeded("more", (TAGS, TAGS)))), best, score]


@case
def unknown_shapes():
    fed = tf.placeholder_with_default(UNARY, [None, None, TAGS])
    lengths = tf.placeholder_with_default(np.array(LENGTHS), [None])
    labels = tf.placeholder_with_default(np.array([[0, 1, 2, 3, 1], [3, 2, 0, 0, 0], [1, 0, 0, 0, 0]], np.int32),
                                         [None, None])
    likelihood, found = crf.crf_log_likelihood(fed, labels, lengths)
    return [likelihood, *crf.crf_decode(fed, found, lengths)]


@case
def unknown_shapes_one_step():
    fed = tf.placeholder_with_default(UNARY[:, :1], [None, None, TAGS])
    lengths = tf.placeholder_with_default(np.array([1, 1, 0]), [None])
    labels = tf.placeholder_with_default(np.array([[0], [3], [1]], np.int32), [None, None])
    likelihood, found = crf.crf_log_likelihood(fed, labels, lengths)
    return [likelihood, *crf.crf_decode(fed, found, lengths)]


@case
def several_tags():
    bitmap = tf.logical_or(tf.one_hot(tags(), TAGS, True, False), tf.one_hot(tf.zeros_like(tags()) + 2, TAGS, True, False))
    lengths = tf.constant([5, 2, 1])
    return [crf.crf_multitag_sequence_score(scores(), bitmap, lengths, transitions()),
            crf.crf_multitag_sequence_score(scores()[:, :1], bitmap[:, :1], tf.constant([1, 1, 1]),
                                            tf.constant(seeded("more", (TAGS, TAGS))))]


@case
def decode():
    return crf.crf_decode(scores(), transitions(), tf.constant(LENGTHS))


@case
def viterbi():
    best, score = crf.viterbi_decode(UNARY[0], seeded("transitions", (TAGS, TAGS)))
    return tf.constant(best), tf.constant(score)


@case
def cells():
    values = transitions()
    forward = crf.CrfForwardRnnCell(values)
    decode = crf.CrfDecodeForwardRnnCell(values)
    back = crf.CrfDecodeBackwardRnnCell(TAGS)
    first = scores()[:, 0]
    pointers, best = decode(first, scores()[:, 1])
    return [forward(first, scores()[:, 1]), pointers, best, back(pointers, tf.constant([[1], [0], [3]])),
            tf.constant([forward.state_size, forward.output_size, decode.state_size, decode.output_size, back.state_size,
                         back.output_size])]
