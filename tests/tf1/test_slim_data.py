"""Reading records with tf-slim: decoders, data sets, providers and queues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

LABELS = [3, 1, 2]


def encode_image(brightness: int) -> bytes:
    """A binary PPM would do, but TensorFlow reads BMP: 2x2 pixels of one brightness, 24 bits each."""
    pixels = bytes([brightness] * 6 + [0, 0]) * 2
    header = b"BM" + (54 + len(pixels)).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little")
    info = b"".join(number.to_bytes(4, "little") for number in (40, 2, 2))
    return header + info + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24) + pixels


@pytest.fixture
def records(tmp_path: Path, slim: Any) -> str:
    import tensorflow.compat.v1 as tf

    path = str(tmp_path / "digits.tfrecord")
    with tf.python_io.TFRecordWriter(path) as writer:
        for label in LABELS:
            image = tf.train.Feature(bytes_list=tf.train.BytesList(value=[encode_image(10 * label)]))
            kind = tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"bmp"]))
            number = tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))
            box = tf.train.Feature(float_list=tf.train.FloatList(value=[0.1 * label]))
            feature = {"image/encoded": image, "image/format": kind, "image/class/label": number}
            feature.update({f"box/{side}": box for side in ("ymin", "xmin", "ymax", "xmax")})
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
    return path


def make_dataset(slim: Any, records: str) -> Any:
    import tensorflow.compat.v1 as tf

    decoders = slim.tfexample_decoder
    features = {
        "image/encoded": tf.FixedLenFeature([], tf.string),
        "image/format": tf.FixedLenFeature([], tf.string),
        "image/class/label": tf.FixedLenFeature([], tf.int64),
        **{f"box/{side}": tf.VarLenFeature(tf.float32) for side in ("ymin", "xmin", "ymax", "xmax")},
    }
    items = {
        "image": decoders.Image(channels=3),
        "label": decoders.Tensor("image/class/label"),
        "box": decoders.BoundingBox(prefix="box/"),
        "any_label": decoders.BackupHandler(
            decoders.Tensor("image/class/label"), decoders.Tensor("image/class/label")
        ),
    }
    return slim.dataset.Dataset(
        data_sources=[records],
        reader=tf.TFRecordReader,
        decoder=decoders.TFExampleDecoder(features, items),
        num_samples=len(LABELS),
        items_to_descriptions={name: name for name in items},
    )


def run_with_queues(fetches: Any, times: int) -> Iterator[Any]:
    import tensorflow.compat.v1 as tf

    with tf.Session() as session:
        session.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
        coordinator = tf.train.Coordinator()
        threads = tf.train.start_queue_runners(session, coordinator)
        yield from [session.run(fetches) for _ in range(times)]
        coordinator.request_stop()
        coordinator.join(threads)


def test_a_provider_reads_and_decodes_every_record(slim: Any, records: str) -> None:
    provider = slim.dataset_data_provider.DatasetDataProvider(
        make_dataset(slim, records), num_readers=1, shuffle=False
    )
    fetches = provider.get(["image", "label", "box", "any_label"])

    for label, (image, decoded, box, again) in zip(
        LABELS, run_with_queues(fetches, len(LABELS)), strict=True
    ):
        assert decoded == again == label
        assert image.dtype == np.uint8
        np.testing.assert_array_equal(image, np.full([2, 2, 3], 10 * label))
        np.testing.assert_allclose(box, np.full([1, 4], 0.1 * label), rtol=1e-6)


def test_readers_run_in_parallel_and_batches_are_prefetched(slim: Any, records: str) -> None:
    import tensorflow.compat.v1 as tf

    provider = slim.dataset_data_provider.DatasetDataProvider(
        make_dataset(slim, records), num_readers=2, shuffle=True, seed=1
    )
    image, label = provider.get(["image", "label"])
    batch = tf.train.batch([tf.ensure_shape(image, [2, 2, 3]), label], batch_size=3)
    queue = slim.prefetch_queue.prefetch_queue(batch, capacity=2)

    [(images, labels)] = run_with_queues(queue.dequeue(), 1)

    assert images.shape == (3, 2, 2, 3)
    np.testing.assert_array_equal(images[:, 0, 0, 0], 10 * labels)


def test_images_are_decoded_whatever_their_encoding(slim: Any) -> None:
    """JPEG, PNG and raw bytes go through a decoder each, chosen while the graph runs."""
    import tensorflow.compat.v1 as tf

    pixels: NDArray[np.uint8] = np.full([4, 4, 3], 90, np.uint8)
    handler = slim.tfexample_decoder.Image(shape=[4, 4, 3], channels=3)
    image_format = tf.placeholder(tf.string, [])
    buffer = tf.placeholder(tf.string, [])
    image = handler.tensors_to_item({"image/encoded": buffer, "image/format": image_format})
    with tf.Session() as session:
        jpeg, png = session.run([tf.image.encode_jpeg(pixels), tf.image.encode_png(pixels)])
        for encoded, name in ((jpeg, "jpeg"), (png, "png"), (pixels.tobytes(), "raw")):
            result = session.run(image, {buffer: encoded, image_format: name})
            np.testing.assert_array_equal(result, pixels)
