# encoding = utf8
import numpy as np
import tensorflow as tf
from tensorflow.contrib.crf import crf_log_likelihood
from tensorflow.contrib.crf import crf_decode, viterbi_decode
from tensorflow.contrib.layers.python.layers import initializers

import rnncell as rnn


class Model(object):
    def __init__(self, config, char_inputs, lengths, is_train=True):
        self.num_tags = config["num_tags"]
        self.char_dim = config["char_dim"]
        self.lstm_dim = config["lstm_dim"]
        self.initializer = initializers.xavier_initializer()
        self.char_inputs = char_inputs
        self.lengths = lengths
        self.dropout = tf.placeholder_with_default(1.0, [], name="Dropout")
        self.batch_size = tf.shape(self.char_inputs)[0]
        self.num_steps = tf.shape(self.char_inputs)[-1]
        embedding = tf.nn.dropout(self.embedding_layer(config["num_chars"]), self.dropout)
        self.logits = self.project_layer(self.biLSTM_layer(embedding))
        with tf.variable_scope("crf_loss"):
            self.trans = tf.get_variable("transitions", shape=[self.num_tags, self.num_tags], initializer=self.initializer)
        self.paths, self.scores = crf_decode(self.logits, self.trans, self.lengths)
        if is_train:
            self.global_step = tf.Variable(0, trainable=False)
            self.targets = tf.placeholder(tf.int32, [None, None], name="Targets")
            log_likelihood, self.trans = crf_log_likelihood(
                inputs=self.logits, tag_indices=self.targets, transition_params=self.trans, sequence_lengths=self.lengths)
            self.loss = tf.reduce_mean(-log_likelihood)
            self.opt = tf.train.AdamOptimizer(0.001)
            grads_vars = self.opt.compute_gradients(self.loss)
            capped = [[tf.clip_by_value(g, -5, 5), v] for g, v in grads_vars]
            self.train_op = self.opt.apply_gradients(capped, self.global_step)

    def embedding_layer(self, num_chars):
        with tf.variable_scope("char_embedding"), tf.device('/cpu:0'):
            char_lookup = tf.get_variable("char_embedding", [num_chars, self.char_dim], initializer=self.initializer)
            return tf.nn.embedding_lookup(char_lookup, self.char_inputs)

    def biLSTM_layer(self, inputs):
        with tf.variable_scope("char_BiLSTM"):
            lstm_cell = {}
            for direction in ["forward", "backward"]:
                with tf.variable_scope(direction):
                    lstm_cell[direction] = rnn.peephole_cell(self.lstm_dim, self.initializer)
            outputs, final_states = tf.nn.bidirectional_dynamic_rnn(
                lstm_cell["forward"], lstm_cell["backward"], inputs, dtype=tf.float32, sequence_length=self.lengths)
        return tf.concat(outputs, axis=2)

    def project_layer(self, lstm_outputs):
        with tf.variable_scope("project"):
            W = tf.get_variable("W", shape=[self.lstm_dim * 2, self.num_tags], dtype=tf.float32, initializer=self.initializer)
            b = tf.get_variable("b", shape=[self.num_tags], dtype=tf.float32, initializer=tf.zeros_initializer())
            pred = tf.nn.xw_plus_b(tf.reshape(lstm_outputs, shape=[-1, self.lstm_dim * 2]), W, b)
        return tf.reshape(pred, [-1, self.num_steps, self.num_tags])

    def decode(self, logits, lengths, matrix):
        return [viterbi_decode(score[:length], matrix)[0] for score, length in zip(logits, lengths)]

    def run_step(self, sess, chars, tags, lengths):
        feed_dict = {self.char_inputs: np.asarray(chars), self.targets: np.asarray(tags), self.lengths: np.asarray(lengths)}
        return sess.run([self.global_step, self.loss, self.train_op], feed_dict)[:2]
