"""A batch as it really goes: of twenty jobs five fail, each for a reason of its own, and the others do not notice."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow.compat.v1 as tf

from exporter.graph.tensor_spec import dtype_enum
from exporter.weights.bundle_protos import BundleEntry, BundleHeader
from exporter.weights.table_format import write_table
from tests.checkpoints import write_checkpoint

ROOT = Path(__file__).resolve().parents[2]
MODELS = '''
import os
import tensorflow.compat.v1 as tf


class Net:
    """Some weights, and a way to misbehave."""

    default_input_shape = (None, 4, 4, 3)

    def __init__(self, behaviour="good", size=3, is_training=False):
        self.behaviour, self.size = behaviour, size

    def preprocess(self, inputs):
        return tf.reduce_mean(inputs, [1, 2])

    def predict(self, preprocessed):
        if self.behaviour == "crash":
            os.abort()
        while self.behaviour == "hang":
            pass
        weights = tf.get_variable("weights", [self.size])
        return {"sums": tf.reduce_sum(preprocessed, 1) * tf.reduce_sum(weights)}

    def postprocess(self, predictions):
        return predictions
'''
CONFIG = '''
version: 1
defaults:
  model: nets:Net
  output_directory: exports/{name}
exports:
  - {name: "good-{step}", checkpoint: runs/good, steps: all}
  - {name: missing, checkpoint: runs/nowhere/model.ckpt-1}
  - {name: crashing, checkpoint: runs/good, model_args: {behaviour: crash}}
  - {name: hanging, checkpoint: runs/good, model_args: {behaviour: hang}}
  - {name: corrupt, checkpoint: runs/corrupt}
  - {name: huge, checkpoint: runs/huge/model.ckpt-1, model_args: {size: %d}, formats: [checkpoint]}
'''
FAILED = {"missing", "crashing", "hanging", "corrupt", "huge"}
GOOD = {f"good-{step}" for step in range(1, 16)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A user's folder: models, fifteen good checkpoints, a corrupt one, and one that is larger than the disk."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "nets.py").write_text(MODELS)
    namespace = {}
    exec(MODELS, namespace)
    for run in ("good", "corrupt", "huge"):
        (folder / "runs" / run).mkdir(parents=True)
    with tf.Graph().as_default(), tf.Session() as session:
        variable = tf.get_variable("weights", [3])
        saver = tf.train.Saver(max_to_keep=None)
        for step in range(1, 16):
            variable.load([step, 2.0 * step, 3.0], session)
            saver.save(session, str(folder / "runs/good/model.ckpt"), global_step=step, write_meta_graph=False)
    write_checkpoint(namespace["Net"](), folder / "runs/corrupt/model.ckpt-1")
    with open(folder / "runs/corrupt/model.ckpt-1.data-00000-of-00001", "r+b") as file:
        first = file.read(1)[0]
        file.seek(0)
        file.write(bytes([first ^ 0xFF]) * 12)
    count = 2 * shutil.disk_usage(folder).free // 4
    write_sparse_checkpoint(folder / "runs/huge/model.ckpt-1", "weights", count)
    (folder / "batch.yaml").write_text(CONFIG % count)
    return folder


def write_sparse_checkpoint(prefix, name, count):
    """Writes a checkpoint of one variable with ``count`` floats, of which none is on the disk."""
    entry = BundleEntry(dtype=dtype_enum("float32"), size=4 * count)
    entry.shape.dim.add(size=count)
    table = [(b"", BundleHeader(num_shards=1).SerializeToString()), (name.encode(), entry.SerializeToString())]
    Path(f"{prefix}.index").write_bytes(write_table(table))
    with open(f"{prefix}.data-00000-of-00001", "wb") as file:
        file.truncate(4 * count)


def export_batch(folder, *arguments):
    """Runs the command; returns (exit code, batch report, standard error)."""
    completed = subprocess.run([sys.executable, str(ROOT / "scripts" / "export_batch.py"), "batch.yaml", *arguments],
                               cwd=folder, capture_output=True, text=True, check=False,
                               env={**os.environ, "PYTHONPATH": str(ROOT)})
    return completed.returncode, json.loads((folder / "exports" / "batch_report.json").read_text()), completed.stderr


def by_status(report):
    """Status -> names of the jobs."""
    return {status: {job["name"] for job in report["jobs"] if job["status"] == status}
            for status in ("exported", "up to date", "failed", "skipped")}


def test_twenty_jobs_of_which_five_fail(folder):
    code, report, errors = export_batch(folder, "--timeout", "15", "--jobs", "2")
    assert (code, by_status(report)) == (1, {"exported": GOOD, "failed": FAILED, "up to date": set(), "skipped": set()})
    assert "5 of 20 exports failed" in errors
    problems = {job["name"]: (job["problem"], job["exit_code"]) for job in report["jobs"] if job["status"] == "failed"}
    for name, word, exit_code in (("missing", "runs/nowhere", 4), ("crashing", "SIGABRT", 3), ("hanging", "15 s", 1),
                                  ("corrupt", "its checksum does not match", 4), ("huge", "bytes free", 6)):
        assert word in problems[name][0], problems
        assert problems[name][1] == exit_code, problems
    assert {path.name for path in (folder / "exports").iterdir()} == GOOD | {"batch_report.json"}

    before = {path: path.stat().st_mtime_ns for path in (folder / "exports").glob("good-*/**/*")}
    code, report, _ = export_batch(folder, "--timeout", "5", "--jobs", "2")
    assert (code, by_status(report)) == (1, {"exported": set(), "failed": FAILED, "up to date": GOOD, "skipped": set()})
    assert {path: path.stat().st_mtime_ns for path in (folder / "exports").glob("good-*/**/*")} == before

    code, report, _ = export_batch(folder, "--only", "good-*")
    assert (code, by_status(report)["up to date"]) == (0, GOOD)
