"""Images in and out, as scripts of that time import them."""
from __future__ import division
import pprint
import scipy.misc
import numpy as np
import tensorflow.contrib.slim as slim

pp = pprint.PrettyPrinter()


def show_all_variables():
    slim.model_analyzer.analyze_vars(tf_variables(), print_info=True)


def tf_variables():
    import tensorflow as tf
    return tf.trainable_variables()


def imsave(images, path):
    return scipy.misc.imsave(path, (images[0] + 1.) / 2)
