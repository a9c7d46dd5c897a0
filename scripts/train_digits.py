"""Trains `models.slim_cnn.SlimCNN` on generated images of digits, as an example of a training that can be exported.

    pip install -e '.[demo]'
    python scripts/train_digits.py --steps 300

It draws 28×28 digits with the package ``captcha``, writes them as TFRecords, trains with a moving average of all weights,
and leaves a checkpoint, its state file and TensorBoard summaries in ``--train_directory``.
"""

from __future__ import annotations

import importlib.util
import io
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from absl import app, flags

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

_missing = [name for name in ("captcha", "tqdm") if importlib.util.find_spec(name) is None]
if _missing:
    sys.exit(f"train_digits.py: missing: {', '.join(_missing)}.\nInstall with: pip install -e '.[demo]'")

from exporter.tensorflow_import import import_tensorflow

import_tensorflow()  # as any import of it, but without its messages

import captcha.image
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from models.slim_cnn import SlimCNN

NUM_CLASSES = 10
IMAGE_SIZE = 28
DRAWN_SIZE = 56  # drawn at twice the size, so that the scaled-down strokes are smooth
TRAIN_SHARDS = 4

flags.DEFINE_integer("steps", 300, "Training steps.", lower_bound=1)
flags.DEFINE_integer("batch_size", 64, "Images per step.", lower_bound=1)
flags.DEFINE_integer("seed", 1, "Seed of the images and of the training.", lower_bound=0)
flags.DEFINE_integer("train_images", 8000, "Images to train on.", lower_bound=TRAIN_SHARDS)
flags.DEFINE_integer("held_out_images", 2000, "Images to evaluate on, drawn with another seed.", lower_bound=1)
flags.DEFINE_float("learning_rate", 1e-3, "Adam's first learning rate; it falls to 0 along a cosine.", lower_bound=0)
flags.DEFINE_float("moving_average_decay", 0.98, "Decay of the weights' moving average.", lower_bound=0, upper_bound=1)
flags.DEFINE_string("data_directory", "demo/data/digits", "Where the TFRecords go.")
flags.DEFINE_string("train_directory", "demo/runs/digits", "Where checkpoint and summaries go.")
FLAGS = flags.FLAGS


def draw_digits(count: int, seed: int) -> Iterator[tuple[bytes, int]]:
    """Yields ``count`` times a PNG [28, 28, 3] and its digit; the same ones for the same seed."""
    random.seed(seed)
    # captcha draws from `secrets`, which has no seed.
    captcha.image.secrets = SimpleNamespace(
        choice=random.choice, randbelow=random.randrange, randbits=random.getrandbits)
    drawer = captcha.image.ImageCaptcha(DRAWN_SIZE, DRAWN_SIZE, font_sizes=(42, 46, 50))
    drawer.word_space_probability = 1.0
    for index in range(count):
        digit = index % NUM_CLASSES
        image = drawer.generate_image(str(digit)).resize((IMAGE_SIZE, IMAGE_SIZE))
        yield _png(image), digit


def _png(image: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, format="png")
    return content.getvalue()


def write_tfrecord(path: Path, digits: Iterator[tuple[bytes, int]], progress: tqdm) -> None:
    """Writes one ``tf.train.Example`` per digit, with the features that the Object Detection API and slim use."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for png, digit in digits:
            writer.write(tf.train.Example(features=tf.train.Features(feature={
                "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
                "image/format": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"png"])),
                "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[digit])),
            })).SerializeToString(deterministic=True))
            progress.update()


def write_data(directory: Path) -> tuple[list[Path], Path]:
    """Writes the training shards and the held-out TFRecord; returns their paths."""
    directory.mkdir(parents=True, exist_ok=True)
    shards = [directory / f"train-{shard:05d}-of-{TRAIN_SHARDS:05d}.tfrecord" for shard in range(TRAIN_SHARDS)]
    held_out = directory / "held_out.tfrecord"
    first_seed = FLAGS.seed * (TRAIN_SHARDS + 1)
    counts = [FLAGS.train_images // TRAIN_SHARDS] * TRAIN_SHARDS + [FLAGS.held_out_images]
    with tqdm(total=sum(counts), desc="Drawing digits", unit=" images") as progress:
        for number, (path, count) in enumerate(zip([*shards, held_out], counts, strict=True)):
            write_tfrecord(path, draw_digits(count, first_seed + number), progress)
    return shards, held_out


def read_batch(shards: list[Path]) -> tuple[tf.Tensor, tf.Tensor]:
    """Returns shuffled images, float32 [batch, 28, 28, 3] in 0..255, and labels, int64 [batch]."""

    def parse(example: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        features = tf.io.parse_single_example(example, {
            "image/encoded": tf.io.FixedLenFeature([], tf.string),
            "image/class/label": tf.io.FixedLenFeature([], tf.int64)})
        image = tf.io.decode_png(features["image/encoded"], channels=3)
        return tf.ensure_shape(image, [IMAGE_SIZE, IMAGE_SIZE, 3]), features["image/class/label"]

    dataset = tf.data.TFRecordDataset([str(shard) for shard in shards]).map(parse).cache()
    dataset = dataset.shuffle(FLAGS.train_images, seed=FLAGS.seed).repeat().batch(FLAGS.batch_size).prefetch(2)
    images, labels = tf.data.make_one_shot_iterator(dataset).get_next()
    return tf.cast(images, tf.float32), labels


def build_training(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Adds the model, its loss, Adam and the moving average to the graph; returns the training op and the loss."""
    model = SlimCNN(num_classes=NUM_CLASSES, is_training=True)
    predictions = model.predict(model.preprocess(images))
    loss = model.loss(predictions, labels)
    global_step = tf.train.get_or_create_global_step()
    learning_rate = tf.train.cosine_decay(FLAGS.learning_rate, global_step, FLAGS.steps)
    descent = tf.train.AdamOptimizer(learning_rate).minimize(loss, global_step)
    moving_average = tf.train.ExponentialMovingAverage(FLAGS.moving_average_decay, num_updates=global_step)
    with tf.control_dependencies([descent]):
        train_op = moving_average.apply(tf.trainable_variables())
    correct = tf.equal(model.postprocess(predictions)["classes"], labels)
    tf.summary.scalar("loss", loss)
    tf.summary.scalar("accuracy", tf.reduce_mean(tf.cast(correct, tf.float32)))
    tf.summary.scalar("learning_rate", learning_rate)
    tf.summary.image("digits", images, max_outputs=4)
    return train_op, loss


def train(shards: list[Path], directory: Path) -> str:
    """Trains for ``--steps`` steps; returns the prefix of the checkpoint."""
    directory.mkdir(parents=True, exist_ok=True)
    with tf.Graph().as_default() as graph, tf.Session(graph=graph) as session:
        tf.set_random_seed(FLAGS.seed)
        train_op, loss = build_training(*read_batch(shards))
        summaries = tf.summary.merge_all()
        saver = tf.train.Saver(save_relative_paths=True)
        session.run(tf.global_variables_initializer())
        with tf.summary.FileWriter(str(directory), graph) as writer, tqdm(range(1, FLAGS.steps + 1), "Training") as steps:
            for step in steps:
                if step % 10 and step != FLAGS.steps:
                    session.run(train_op)
                    continue
                _, loss_value, summary = session.run([train_op, loss, summaries])
                writer.add_summary(summary, step)
                steps.set_postfix(loss=f"{loss_value:.3f}")
        prefix: str = saver.save(session, str(directory / "model.ckpt"), global_step=FLAGS.steps)
    return prefix


def main(arguments: list[str]) -> None:
    """Draws, trains, and says where everything is."""
    if arguments[1:]:
        raise app.UsageError(f"Unexpected argument {arguments[1]!r}.")
    shards, held_out = write_data(Path(FLAGS.data_directory))
    prefix = train(shards, Path(FLAGS.train_directory))
    print(f"checkpoint  {prefix}")
    print(f"held out    {held_out}")
    print(f"summaries   tensorboard --logdir {FLAGS.train_directory}")


if __name__ == "__main__":
    tf.disable_eager_execution()
    app.run(main)
