"""A classifier whose answers are known: which colour is an image? And labelled images, checkpoints and exports for it."""

import io
import itertools

import numpy as np
import tensorflow.compat.v1 as tf
from PIL import Image

import exporter

CLASSES = ("red", "green", "blue")


class ColourModel:
    """Right with its moving averages, always wrong with its raw weights, which call red green, green blue, blue red."""

    labels = CLASSES

    def preprocess(self, inputs):
        return inputs / 255.0

    def predict(self, preprocessed):
        weights = tf.get_variable("colour/weights", [3, 3], use_resource=False)
        return {"logits": 10.0 * tf.matmul(tf.reduce_mean(preprocessed, [1, 2]), weights)}

    def postprocess(self, predictions):
        logits = predictions["logits"]
        return {"classes": tf.argmax(logits, axis=1), "probabilities": tf.nn.softmax(logits)}


class FlatColourModel(ColourModel):
    """For 8x8 images only, which its signature does not say."""

    def predict(self, preprocessed):
        flat = tf.reshape(preprocessed, [-1, 8 * 8 * 3])
        return super().predict(tf.reshape(flat, [-1, 8, 8, 3]))


class LogitsOnly(ColourModel):
    def postprocess(self, predictions):
        return predictions


class NoClasses(ColourModel):
    def postprocess(self, predictions):
        return {"first": predictions["logits"], "second": -predictions["logits"]}


class TwoHeads(NoClasses):
    """``second`` says another class than ``first``, and ``top`` is the class of ``first``."""

    def postprocess(self, predictions):
        return {**super().postprocess(predictions), "top": tf.argmax(predictions["logits"], axis=1)}


def colour_png(channel, size=(8, 8), purity=1.0, seed=0):
    """A noisy PNG [height, width, 3] in which ``channel`` is the brightest, the more so the higher ``purity`` is."""
    random = np.random.default_rng(seed)
    pixels = random.integers(40, 60, (*size, 3)).astype(np.uint8)
    pixels[..., channel] += int(150 * purity)
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, format="png")
    return content.getvalue()


def write_folders(directory, names=CLASSES, per_class=3, sizes=((8, 8),)):
    """One folder per class with images of these sizes in turn; ``names`` are the folders of red, green, blue."""
    size = itertools.cycle(sizes)
    for channel, name in enumerate(names):
        (directory / name).mkdir(parents=True)
        for number in range(per_class):
            png = colour_png(channel, next(size), seed=10 * channel + number)
            (directory / name / f"{number}.png").write_bytes(png)
    return directory


def write_tfrecord(path, labels=(0, 1, 2, 0, 1, 2, 0), options=None, **features):
    """Images of these classes; ``features`` replace what an Example would hold (None leaves a feature out)."""
    with tf.io.TFRecordWriter(str(path), options) as writer:
        for seed, label in enumerate(labels):
            values = {"image__encoded": colour_png(label % 3, seed=seed), "image__class__label": label, **features}
            feature = {key.replace("__", "/"): _feature(value) for key, value in values.items() if value is not None}
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
    return path


def _feature(value):
    if isinstance(value, bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))


def write_training_checkpoint(prefix, use_resource=False):
    """As a training leaves it: raw weights, their moving average, a step, and the graph of the training."""
    with tf.Graph().as_default(), tf.Session() as session:
        weights = tf.get_variable("colour/weights", [3, 3], use_resource=use_resource)
        averages = tf.train.ExponentialMovingAverage(0.9)
        averages.apply([weights])
        step = tf.train.get_or_create_global_step()
        for variable, value in ((weights, np.roll(np.eye(3), 1, axis=1)), (averages.average(weights), np.eye(3)), (step, 7)):
            variable.load(value, session)
        prefix.parent.mkdir(parents=True, exist_ok=True)
        tf.train.Saver().save(session, str(prefix), global_step=7)
    return prefix.with_name(f"{prefix.name}-7")


def export(checkpoint, directory, model=None, input_type="image_tensor", input_shape=None, use_moving_averages=True):
    exporter.export_inference_graph(input_type, model or ColourModel(), str(checkpoint), str(directory), input_shape,
                                    use_moving_averages=use_moving_averages)
    return directory
