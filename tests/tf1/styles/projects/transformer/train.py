# -*- coding: utf-8 -*-
from __future__ import print_function
import sys
import tensorflow as tf
from modules import *


class Hyperparams:
    maxlen, hidden_units, num_blocks, num_heads, vocab = 6, 16, 2, 4, 30


hp = Hyperparams()


class Graph():
    def __init__(self, x, is_training=True):
        with tf.variable_scope("embedding"):
            lookup_table = tf.get_variable('lookup_table', [hp.vocab, hp.hidden_units],
                                           initializer=tf.contrib.layers.xavier_initializer())
            lookup_table = tf.concat((tf.zeros(shape=[1, hp.hidden_units]), lookup_table[1:, :]), 0)
            self.enc = tf.nn.embedding_lookup(lookup_table, x) * (hp.hidden_units ** 0.5)
            self.enc += tf.expand_dims(positional_encoding(hp.hidden_units, hp.maxlen)[:tf.shape(x)[1]], 0)
        for i in range(hp.num_blocks):
            with tf.variable_scope("num_blocks_{}".format(i)):
                self.enc = multihead_attention(self.enc, self.enc, hp.hidden_units, hp.num_heads, 0.1, is_training, True)
                self.enc = feedforward(self.enc, num_units=[4 * hp.hidden_units, hp.hidden_units])
        self.logits = tf.layers.dense(self.enc, hp.vocab)
        self.preds = tf.to_int32(tf.arg_max(self.logits, dimension=-1))
        if is_training:
            y_smoothed = 0.9 * tf.one_hot(x, depth=hp.vocab) + 0.1 / hp.vocab
            self.loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=self.logits, labels=y_smoothed))
            self.global_step = tf.Variable(0, name='global_step', trainable=False)
            self.optimizer = tf.train.AdamOptimizer(learning_rate=0.01, beta1=0.9, beta2=0.98, epsilon=1e-8)
            self.train_op = self.optimizer.minimize(self.loss, global_step=self.global_step)
            tf.summary.scalar('loss', self.loss)
            self.merged = tf.summary.merge_all()


if __name__ == '__main__':
    g = Graph(tf.constant([[1, 2, 3, 4, 5, 0]]))
    sv = tf.train.Supervisor(logdir=sys.argv[1], save_model_secs=0)
    with sv.managed_session() as sess:
        for step in range(3):
            sess.run(g.train_op)
        gs = sess.run(g.global_step)
        sv.saver.save(sess, sys.argv[1] + '/model_gs_%d' % gs)
    print("Done")
