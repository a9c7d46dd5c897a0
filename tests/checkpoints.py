"""Checkpoints of the goldens, written by TensorFlow alone, with a value of its own for each variable."""

import zlib

import numpy as np
import tensorflow.compat.v1 as tf

from exporter.model import as_model
from tests.goldens import IMAGE_SHAPE

DECAY = 0.9


def build_network(model, images):
    """Calls the model as training code would; returns its outputs by name."""
    model = as_model(model)
    preprocessed = model.preprocess(images)
    preprocessed, *context = preprocessed if isinstance(preprocessed, tuple) else (preprocessed,)
    return model.postprocess(model.predict(preprocessed, *context), *context)


def distinct_value(name, dtype, shape):
    """A random array that only this name has."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    if dtype == tf.string:
        return np.array([f"{name}-{random.integers(1000)}" for _ in range(int(np.prod(shape)))], object).reshape(shape)
    if dtype == tf.bool:
        return random.integers(0, 2, shape).astype(bool)
    if dtype.is_integer:
        return random.integers(1, 100, shape).astype(dtype.as_numpy_dtype)
    value = (random.normal(size=shape) * 0.5 + 0.1).astype(dtype.as_numpy_dtype)
    return np.abs(value) if name.endswith("variance") else value


def write_checkpoint(model, prefix, moving_averages=False, version=tf.train.SaverDef.V2, **saver_arguments):
    """Saves the model's variables, a global step of 1234 and, if asked for, shadow variables; returns the prefix."""
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
        build_network(model, tf.placeholder(tf.float32, IMAGE_SHAPE))
        step = tf.train.get_or_create_global_step()
        if moving_averages:
            tf.train.ExponentialMovingAverage(DECAY).apply(_averaged_variables())
        left_out = getattr(model, "not_in_checkpoint", ())
        variables = [variable for variable in tf.global_variables() if variable.op.name not in left_out]
        for variable in variables:
            value = 1234 if variable is step else distinct_value(variable.op.name, variable.dtype.base_dtype, variable.shape)
            variable.load(value, session)
        saver = tf.train.Saver(variables, write_version=version, **saver_arguments)
        return saver.save(session, str(prefix), write_meta_graph=False)


def variables_to_restore(model, moving_averages):
    """The keys of the checkpoint and the variables of the current graph that they belong to, for a ``tf.train.Saver``."""
    left_out = getattr(model, "not_in_checkpoint", ())
    averages = tf.train.ExponentialMovingAverage(DECAY)
    averaged = {variable.op.name for variable in _averaged_variables()} if moving_averages else ()
    restored = {}
    for variable in tf.global_variables():
        part = variable._get_save_slice_info()
        key = averages.average_name(variable) if variable.op.name in averaged else variable.op.name
        if part:
            restored.setdefault(key.replace(variable.op.name, part.full_name), []).append(variable)
        elif variable.op.name not in left_out:
            restored[key] = variable
    return restored


def _averaged_variables():
    return [variable for variable in tf.trainable_variables() if variable.dtype.base_dtype in (tf.float32, tf.float64)]
