"""A model, its checkpoints, and what a complete export of them is."""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

import tensorflow.compat.v1 as tf

from exporter.publish import MANIFEST_NAME

ROOT = Path(__file__).resolve().parents[2]
INPUT_SHAPE = (None, 8, 8, 3)
OLD, NEW = "old", "new"
LONGEST_LIFE_OF_AN_ORPHAN = 20  # seconds; it takes less than one where the machine has a core to spare
FLAGS = {"--model": "tests.faults.workplace:network", "--input_type": "float_image_tensor", "--input_shape": "-1,8,8,3"}


def network(images):
    """Wide enough that writing it takes a moment."""
    weights = tf.get_variable("weights", [192, 2000])
    return {"scores": tf.matmul(tf.reshape(images, [-1, 192]), weights)}


def flags(checkpoint, output, **changed):
    """The command line of a good export, with some flags changed; None leaves one out."""
    wanted = {**FLAGS, "--trained_checkpoint_prefix": checkpoint, "--output_directory": output,
              **{f"--{name}": value for name, value in changed.items()}}
    return ["export", *(f"{name}={value}" for name, value in wanted.items() if value is not None)]


def command(checkpoint, output, *more, **changed):
    """The same as a process."""
    return [sys.executable, str(ROOT / "scripts" / "export_inference_graph.py"), *flags(checkpoint, output, **changed)[1:],
            *more]


def environment():
    """The environment of a process that finds this module."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TF_")}
    return {**kept, "PYTHONPATH": str(ROOT)}


def index_digest(checkpoint):
    """What the manifest of an export of this checkpoint says of it."""
    return hashlib.sha256(Path(f"{checkpoint}.index").read_bytes()).hexdigest()


def complete_export(output):
    """The digest of the checkpoint that was exported, once every file is found as the manifest has it; None for nothing."""
    if not output.exists():
        return None
    manifest = json.loads((output / MANIFEST_NAME).read_text())
    listed = {file["path"]: file["sha256"] for artifact in manifest["artifacts"] for file in artifact["files"]}
    present = {file.relative_to(output).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
               for file in output.rglob("*") if file.is_file() and file.name != MANIFEST_NAME}
    assert present == listed, f"{output} is not what its manifest says"
    assert {artifact["format"] for artifact in manifest["artifacts"]} == {"checkpoint", "frozen_graph", "saved_model"}
    return manifest["checkpoint"]["sha256"]


def processes():
    """Process id -> (parent, state), of all processes."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue
            found[int(folder.name)] = (int(parent), state)
    return found


def children(parent):
    """The living children of a process."""
    return [child for child, (its_parent, state) in processes().items() if its_parent == parent and state != "Z"]


def wait_until_dead(family):
    """Waits for processes whose parent is gone, or did not wait for them: they end within a second on an idle machine."""
    end = time.monotonic() + LONGEST_LIFE_OF_AN_ORPHAN
    while any(map(is_alive, family)):
        assert time.monotonic() < end, "processes were left behind"
        time.sleep(0.01)


def is_alive(process):
    """Whether a process runs: one that is dead and not yet waited for does not."""
    return processes().get(process, (0, "Z"))[1] != "Z"
