"""A flipped bit anywhere in the checkpoint stops the export, or changes nothing in it."""

import random
import re
import shutil
from pathlib import Path

import pytest
import tensorflow.compat.v1 as tf

import exporter
from tests.checkpoints import write_checkpoint

FLIPS_IN_DATA, FLIPS_IN_INDEX = 300, 300
ARTIFACTS = ("model.ckpt.data-00000-of-00001", "model.ckpt.index", "frozen_inference_graph.pb")


def network(images):
    net = tf.reshape(images, [-1, 192])
    for number in range(6):
        net = tf.matmul(net, tf.get_variable(f"layer_{number}/weights", [net.shape[1], 8]))
    return net * tf.get_variable("gain", [])


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return Path(write_checkpoint(network, tmp_path_factory.mktemp("run") / "model.ckpt", moving_averages=True))


def error_of_export(checkpoint, output):
    """Exports without verification, which would catch what slips through: returns the error in words, or None."""
    try:
        exporter.export_inference_graph("float_image_tensor", network, checkpoint, output, [None, 8, 8, 3],
                                        use_moving_averages=True, formats=("checkpoint", "frozen_graph"), fsync=False,
                                        verification=exporter.VerificationOptions(enabled=False))
    except exporter.CheckpointError as error:
        return str(error)
    return None


def read_artifacts(output):
    return [(output / name).read_bytes() for name in ARTIFACTS]


@pytest.fixture(scope="module")
def intact(checkpoint, tmp_path_factory):
    output = tmp_path_factory.mktemp("exports") / "intact"
    assert error_of_export(checkpoint, output) is None
    return read_artifacts(output)


@pytest.mark.parametrize(("suffix", "flips"), [(".data-00000-of-00001", FLIPS_IN_DATA), (".index", FLIPS_IN_INDEX)])
def test_a_flipped_bit_never_gets_into_an_artifact(checkpoint, intact, tmp_path, suffix, flips):
    damaged = shutil.copytree(checkpoint.parent, tmp_path / "run") / checkpoint.name
    file = Path(f"{damaged}{suffix}")
    content = file.read_bytes()
    bits = len(content) * 8
    rng = random.Random(1)
    refused = 0
    for position in sorted(rng.sample(range(bits), min(flips, bits))):
        flipped = bytearray(content)
        flipped[position // 8] ^= 1 << position % 8
        file.write_bytes(flipped)
        error = error_of_export(damaged, tmp_path / "out")
        if error is None:
            assert read_artifacts(tmp_path / "out") == intact, f"bit {position} of {file.name}"
            shutil.rmtree(tmp_path / "out")
        else:
            refused += 1
            assert re.search(r"damaged|not end as|cut off|not complete|do not fit|no moving average", error), error
            assert not (tmp_path / "out").exists()
    assert refused > flips // 4


def test_a_damaged_value_is_named(checkpoint, tmp_path):
    damaged = shutil.copytree(checkpoint.parent, tmp_path / "run") / checkpoint.name
    file = Path(f"{damaged}.data-00000-of-00001")
    content = bytearray(file.read_bytes())
    content[2] ^= 1
    file.write_bytes(content)
    first_key = sorted(tf.train.load_checkpoint(str(checkpoint)).get_variable_to_shape_map())[0]
    with pytest.raises(exporter.CheckpointError, match=rf"'{first_key}'.*damaged"):
        exporter.export_inference_graph("float_image_tensor", network, damaged, tmp_path / "out", [None, 8, 8, 3])
