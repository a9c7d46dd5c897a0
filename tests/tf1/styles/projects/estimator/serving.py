"""What the user adds to export the model: its PREDICT mode."""
import tensorflow as tf

from model_fn import cnn_model_fn
from train import PARAMS


def network(images):
    spec = cnn_model_fn({'x': images / 255.0}, None, tf.estimator.ModeKeys.PREDICT, PARAMS)
    return spec.predictions
