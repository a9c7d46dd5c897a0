"""Small projects, each in the style of a common kind of repository of 2016 to 2019, trained and exported as they are.

`projects/` holds one folder each: code for TensorFlow 1 (some of it Python 2) with a training script, and ``serving.py``,
the few lines that a user adds to name what is to be exported.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
PROJECTS = Path(__file__).parent / "projects"


@dataclass(frozen=True)
class Style:
    """A project: how it is trained, what is exported, and the outputs and variables that come of it."""

    train: Sequence[str]
    outputs: dict[str, str]
    variables: tuple[str, ...]
    model: str = "serving.py:network"
    export: Sequence[str] = ()


def images(shape: str) -> list[str]:
    return ["--input_type", "float_image_tensor", "--input_shape", shape]


STYLES = {
    "slim_classifier": Style(
        ["train.py", "--train_dir", "runs"], {"logits": "float32 [-1, 5]", "probabilities": "float32 [-1, 5]"},
        ("SmallNet/Conv2d_1a_3x3/weights", "SmallNet/Mixed_2/Mixed_2_1/Conv2d_0b_3x3/depthwise_weights",
         "SmallNet/Mixed_4/Mixed_4_2/BatchNorm/moving_variance", "SmallNet/Logits/Conv2d_1c/biases"),
        export=images("-1,32,32,3")),
    "facenet": Style(
        ["train.py", "--models_base_dir", "runs"], {"embeddings": "float32 [-1, 16]"},
        ("EmbeddingNet/Conv2d_1a_3x3/BatchNorm/moving_mean", "EmbeddingNet/Repeat/block35_2/Branch_1/Conv2d_0b_3x3/weights",
         "EmbeddingNet/Repeat/block35_1/Conv2d_1x1/biases", "EmbeddingNet/Bottleneck/BatchNorm/beta"),
        export=[*images("-1,40,40,3"), "--side_input_names", "phase_train", "--side_input_types", "bool",
                "--side_input_shapes="]),
    "detector": Style(
        ["--stub_modules", "gpu_nms", "train_net.py", "runs"],
        {"boxes": "float32 [-1, 4]", "scores": "float32 [-1]", "classes": "float32 [-1, 3]"},
        ("rpn_conv/3x3/weights", "fc6/weights", "cls_score/biases"),
        export=[*images("1,64,96,3"), "--stub_modules", "gpu_nms"]),
    "encoder_decoder": Style(
        ["train.py", "--snapshot-dir", "runs"], {"logits": "float32 [-1, 32, 48, 4]", "classes": "int64 [-1, 32, 48]"},
        ("conv1/moving_mean", "dilated/weights", "up1/weights", "classes/Conv/biases"), export=images("-1,32,48,3")),
    "crf_tagger": Style(
        ["main.py", "--ckpt_path", "runs"], {"tags": "int32 [-1, -1]", "logits": "float32 [-1, -1, 5]"},
        ("char_embedding/char_embedding", "char_BiLSTM/bidirectional_rnn/fw/lstm_cell/w_f_diag",
         "char_BiLSTM/bidirectional_rnn/bw/lstm_cell/kernel", "crf_loss/transitions"),
        model="serving.py:Tagger",
        export=["--input_type", "serving.py:Characters", "--input_shape=-1,-1", "--side_input_names", "lengths",
                "--side_input_types", "int32", "--side_input_shapes=-1"]),
    "attention_seq2seq": Style(
        ["train.py", "runs/translate.ckpt"], {"ids": "int32 [-1, -1]", "logits": "float32 [-1, -1, 20]"},
        ("encoder/rnn/multi_rnn_cell/cell_1/lstm_cell/kernel", "decoder/memory_layer/kernel",
         "decoder/decoder/multi_rnn_cell/cell_1/Attention_Wrapper/bahdanau_attention/attention_v",
         "decoder/decoder/multi_rnn_cell/cell_1/Attention_Wrapper/attention_layer/kernel",
         "decoder/decoder/output_projection/bias"),
        model="serving.py:Translator", export=["--input_type", "serving.py:Words", "--input_shape=-1,-1"]),
    "transformer": Style(
        ["train.py", "runs"], {"logits": "float32 [-1, 6, 30]", "predicted": "int32 [-1, 6]"},
        ("embedding/lookup_table", "num_blocks_1/multihead_attention/dense_2/kernel",
         "num_blocks_0/feedforward/conv1d_1/bias", "num_blocks_0/multihead_attention/ln/Variable_1", "dense/kernel"),
        model="serving.py:LanguageModel", export=["--input_type", "serving.py:Words", "--input_shape=-1,6"]),
    "gan": Style(
        ["main.py", "--checkpoint_dir", "runs"], {"images": "float32 [4, 16, 16, 3]"},
        ("generator/g_h0_lin/Matrix", "generator/g_bn0/moving_variance", "generator/g_h2/biases"),
        model="serving.py:Generator", export=["--input_type", "serving.py:Noise", "--input_shape=4,8"]),
    "unet": Style(
        ["train.py", "--ckdir", "runs"], {"mask": "float32 [-1, 32, 48, 1]"},
        ("layer1/conv_1/kernel", "layer3/bn_2/moving_mean", "upsample_4/bias", "final/kernel"),
        export=images("-1,32,48,3")),
    "estimator": Style(
        ["train.py", "runs"], {"classes": "int64 [-1]", "probabilities": "float32 [-1, 10]"},
        ("conv2d/kernel", "dense/bias", "dense_1/kernel"), export=images("-1,14,14,1")),
}


@pytest.fixture
def command(tmp_path: Path) -> Callable[..., str]:
    """Runs a script of this checkout in the project's folder, and returns what it printed."""
    def run(name: str, *arguments: str) -> str:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        done = subprocess.run([sys.executable, str(REPOSITORY / "scripts" / f"{name}.py"), *arguments],
                              cwd=tmp_path / "project", env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_there_is_a_project_of_each_style():
    assert {folder.name for folder in PROJECTS.iterdir() if folder.is_dir()} == set(STYLES)


@pytest.mark.parametrize("name", STYLES)
def test_a_project_trains_and_exports_as_it_is(name, command, tmp_path):
    style = STYLES[name]
    shutil.copytree(PROJECTS / name, tmp_path / "project")
    (tmp_path / "project" / "runs").mkdir()

    command("run_tf1", *style.train)
    command("export_inference_graph", "--model", style.model, "--trained_checkpoint_prefix", "runs", "--output_directory",
            "exported", *style.export)

    manifest = json.loads((tmp_path / "project" / "exported" / "export_manifest.json").read_text())
    assert manifest["verification"]["status"] == "verified"
    assert {key: describe(spec) for key, spec in manifest["signature"]["outputs"].items()} == style.outputs
    assert set(style.variables) <= set(manifest["coverage"]["used"])


def describe(spec: dict) -> str:
    shape = [-1 if size is None else size for size in spec["shape"]]
    return f"{spec['dtype']} {shape}"
