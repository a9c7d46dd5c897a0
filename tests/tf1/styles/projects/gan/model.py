from __future__ import division
import os
import time
from glob import glob
import tensorflow as tf
import numpy as np
from six.moves import xrange

from ops import *
from utils import *


class DCGAN(object):
    def __init__(self, batch_size=4, output_height=16, output_width=16, z_dim=8, gf_dim=4, df_dim=4, c_dim=3):
        self.batch_size, self.z_dim, self.gf_dim, self.df_dim, self.c_dim = batch_size, z_dim, gf_dim, df_dim, c_dim
        self.output_height, self.output_width = output_height, output_width
        self.d_bn1 = batch_norm(name='d_bn1')
        self.g_bn0 = batch_norm(name='g_bn0')
        self.g_bn1 = batch_norm(name='g_bn1')

    def build_model(self):
        self.inputs = tf.placeholder(tf.float32, [self.batch_size, self.output_height, self.output_width, self.c_dim])
        self.z = tf.placeholder(tf.float32, [None, self.z_dim], name='z')
        self.z_sum = tf.summary.histogram("z", self.z)
        self.G = self.generator(self.z)
        self.D_logits = self.discriminator(self.inputs, reuse=False)
        self.sampler_ = self.sampler(self.z)
        self.D_logits_ = self.discriminator(self.G, reuse=True)

        def sigmoid_cross_entropy_with_logits(x, y):
            try:
                return tf.nn.sigmoid_cross_entropy_with_logits(logits=x, labels=y)
            except:
                return tf.nn.sigmoid_cross_entropy_with_logits(logits=x, targets=y)

        self.d_loss = tf.reduce_mean(sigmoid_cross_entropy_with_logits(self.D_logits, tf.ones_like(self.D_logits))) \
            + tf.reduce_mean(sigmoid_cross_entropy_with_logits(self.D_logits_, tf.zeros_like(self.D_logits_)))
        self.g_loss = tf.reduce_mean(sigmoid_cross_entropy_with_logits(self.D_logits_, tf.ones_like(self.D_logits_)))
        t_vars = tf.trainable_variables()
        self.d_vars = [var for var in t_vars if 'd_' in var.name]
        self.g_vars = [var for var in t_vars if 'g_' in var.name]
        self.saver = tf.train.Saver()

    def train(self, config):
        d_optim = tf.train.AdamOptimizer(2e-4, beta1=0.5).minimize(self.d_loss, var_list=self.d_vars)
        g_optim = tf.train.AdamOptimizer(2e-4, beta1=0.5).minimize(self.g_loss, var_list=self.g_vars)
        try:
            tf.global_variables_initializer().run()
        except:
            tf.initialize_all_variables().run()
        for counter in xrange(config.epoch):
            batch_z = np.random.uniform(-1, 1, [self.batch_size, self.z_dim]).astype(np.float32)
            images = np.zeros([self.batch_size, self.output_height, self.output_width, self.c_dim])
            tf.get_default_session().run([d_optim, g_optim], {self.inputs: images, self.z: batch_z})
        self.saver.save(tf.get_default_session(), os.path.join(config.checkpoint_dir, "DCGAN.model"), global_step=counter)

    def discriminator(self, image, reuse=False):
        with tf.variable_scope("discriminator") as scope:
            if reuse:
                scope.reuse_variables()
            h0 = lrelu(conv2d(image, self.df_dim, name='d_h0_conv'))
            h1 = lrelu(self.d_bn1(conv2d(h0, self.df_dim * 2, name='d_h1_conv')))
            return linear(tf.reshape(h1, [self.batch_size, -1 if h1.shape.is_fully_defined() else 128]), 1, 'd_h2_lin')

    def generator(self, z, train=True):
        with tf.variable_scope("generator") as scope:
            if not train:
                scope.reuse_variables()
            s_h, s_w = self.output_height, self.output_width
            s_h2, s_w2 = conv_out_size_same(s_h, 2), conv_out_size_same(s_w, 2)
            s_h4, s_w4 = conv_out_size_same(s_h2, 2), conv_out_size_same(s_w2, 2)
            h0 = tf.reshape(linear(z, self.gf_dim * 2 * s_h4 * s_w4, 'g_h0_lin'), [-1, s_h4, s_w4, self.gf_dim * 2])
            h0 = tf.nn.relu(self.g_bn0(h0, train=train))
            h1 = deconv2d(h0, [self.batch_size, s_h2, s_w2, self.gf_dim], name='g_h1')
            h1 = tf.nn.relu(self.g_bn1(h1, train=train))
            return tf.nn.tanh(deconv2d(h1, [self.batch_size, s_h, s_w, self.c_dim], name='g_h2'))

    def sampler(self, z, y=None):
        return self.generator(z, train=False)
