"""The networks that TensorFlow 1.15 has in slim; small images, their variables and the names of their ends."""

import tensorflow as tf
from describing import case_table
from tensorflow.contrib.slim.nets import alexnet, inception, overfeat, resnet_v1, resnet_v2, vgg

slim = tf.contrib.slim

CASES, case = case_table()


def placeholder(size):
    return tf.placeholder(tf.float32, [1, size, size, 3], name='images')


def with_ends(logits, ends):
    return [logits] + [ends[name] for name in sorted(ends)]


@case
def alexnet_v2():
    with slim.arg_scope(alexnet.alexnet_v2_arg_scope()):
        return with_ends(*alexnet.alexnet_v2(placeholder(224), 10, is_training=False))


@case
def vgg_16():
    with slim.arg_scope(vgg.vgg_arg_scope()):
        return with_ends(*vgg.vgg_16(placeholder(224), 10, is_training=False))


@case
def vgg_a():
    return with_ends(*vgg.vgg_a(placeholder(224), 10, is_training=False))


@case
def overfeat_net():
    with slim.arg_scope(overfeat.overfeat_arg_scope()):
        return with_ends(*overfeat.overfeat(placeholder(231), 10, is_training=False))


@case
def inception_v1():
    with slim.arg_scope(inception.inception_v1_arg_scope()):
        return with_ends(*inception.inception_v1(placeholder(224), 10, is_training=False))


@case
def inception_v2():
    with slim.arg_scope(inception.inception_v2_arg_scope()):
        return with_ends(*inception.inception_v2(placeholder(224), 10, is_training=False))


@case
def inception_v3():
    with slim.arg_scope(inception.inception_v3_arg_scope()):
        return with_ends(*inception.inception_v3(placeholder(299), 10, is_training=False))


@case
def resnet_v1_50():
    with slim.arg_scope(resnet_v1.resnet_arg_scope()):
        return with_ends(*resnet_v1.resnet_v1_50(placeholder(65), 10, is_training=False, global_pool=True, output_stride=16))


@case
def resnet_v2_50():
    with slim.arg_scope(resnet_v2.resnet_arg_scope()):
        return with_ends(*resnet_v2.resnet_v2_50(placeholder(65), is_training=False, global_pool=False))
