"""The demo's training, with a few steps on a few images."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "train_digits.py"
SHADOW = "/ExponentialMovingAverage"


def train(folder, *arguments):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--train_images", "40", "--held_out_images", "20", "--batch_size", "8", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, train(folder, "--steps", "3")


def records(path):
    return [tf.train.Example.FromString(record).features.feature for record in tf.io.tf_record_iterator(str(path))]


def test_prints_the_checkpoint_and_no_noise_of_tensorflow(trained):
    _, completed = trained
    assert completed.returncode == 0, completed.stderr
    assert "checkpoint  demo/runs/digits/model.ckpt-3" in completed.stdout
    progress = completed.stderr.replace("\r", "\n").splitlines()
    assert [line for line in progress if line and not line.startswith(("Drawing digits:", "Training:"))] == []


def test_held_out_images_are_labelled_png_files_of_all_digits(trained):
    folder, _ = trained
    held_out = records(folder / "demo/data/digits/held_out.tfrecord")
    assert sorted(features["image/class/label"].int64_list.value[0] for features in held_out) == sorted(2 * list(range(10)))
    assert {features["image/format"].bytes_list.value[0] for features in held_out} == {b"png"}
    shapes = {tuple(tf.io.decode_png(features["image/encoded"].bytes_list.value[0]).shape) for features in held_out}
    assert shapes == {(28, 28, 3)}


def test_no_held_out_image_was_trained_on(trained):
    folder, _ = trained
    shards = sorted((folder / "demo/data/digits").glob("train-*-of-00004.tfrecord"))
    assert len(shards) == 4
    seen = [features["image/encoded"].bytes_list.value[0] for shard in shards for features in records(shard)]
    assert len(seen) == len(set(seen)) == 40
    held_out = records(folder / "demo/data/digits/held_out.tfrecord")
    assert not {features["image/encoded"].bytes_list.value[0] for features in held_out} & set(seen)


def test_the_checkpoint_is_the_latest_and_has_step_and_moving_averages(trained):
    folder, _ = trained
    latest = tf.train.latest_checkpoint(str(folder / "demo/runs/digits"))
    assert Path(latest).name == "model.ckpt-3"
    reader = tf.train.NewCheckpointReader(latest)
    assert reader.get_tensor("global_step") == 3
    keys = reader.get_variable_to_shape_map()
    averaged = [key.removesuffix(SHADOW) for key in keys if key.endswith(SHADOW)]
    assert len(averaged) == 18
    assert "fc3/weights" in averaged
    assert not np.array_equal(reader.get_tensor("fc3/weights"), reader.get_tensor(f"fc3/weights{SHADOW}"))


def test_summaries_are_written_for_tensorboard(trained):
    folder, _ = trained
    events, = (folder / "demo/runs/digits").glob("events.out.tfevents.*")
    tags = {value.tag for event in tf.train.summary_iterator(str(events)) for value in event.summary.value}
    assert {"loss", "accuracy", "learning_rate"} <= tags


def test_one_seed_gives_the_same_images_and_another_seed_others(trained, tmp_path):
    folder, _ = trained
    train(tmp_path, "--steps", "1", "--data_directory", "same", "--train_directory", "run")
    train(tmp_path, "--steps", "1", "--data_directory", "other", "--train_directory", "run", "--seed", "2")
    for name in ("train-00000-of-00004.tfrecord", "held_out.tfrecord"):
        content = (folder / "demo/data/digits" / name).read_bytes()
        assert (tmp_path / "same" / name).read_bytes() == content
        assert (tmp_path / "other" / name).read_bytes() != content


def test_a_missing_package_is_one_message_with_the_command_that_installs_it(tmp_path):
    run_without_captcha = ("import sys, runpy; sys.modules['captcha'] = None; "
                           f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')")
    completed = subprocess.run([sys.executable, "-c", run_without_captcha], cwd=tmp_path, capture_output=True, text=True,
                               check=False)
    assert completed.returncode == 1
    assert completed.stderr == "train_digits.py: missing: captcha.\nInstall with: pip install -e '.[demo]'\n"
