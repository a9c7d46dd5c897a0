"""Weights beyond protobuf's limit of 2 GiB."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow.compat.v1 as tf

from exporter.formats.bundle_writer import write_bundle

ROOT = Path(__file__).resolve().parents[1]
ROWS, COLUMNS, TABLES = 1024, 131072, 5  # 5 times 512 MiB of float32
ONE_GIB = 1 << 30
MODEL = f'''
import tensorflow.compat.v1 as tf


def lookup(images):
    rows = tf.cast(images[:, 0, 0, 0], tf.int32)
    tables = [tf.get_variable(f"table_{{number}}", [{ROWS}, {COLUMNS}]) for number in range({TABLES})]
    return tf.add_n([tf.gather(table, rows)[:, :4] for table in tables])
'''


class Ramp:
    """A table whose rows hold their own number, made row by row."""

    dtype, shape, byte_size = "float32", (ROWS, COLUMNS), ROWS * COLUMNS * 4

    def chunks(self):
        import numpy as np

        for row in range(ROWS):
            yield memoryview(np.full(COLUMNS, row, np.float32)).cast("B")


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    (folder / "large.py").write_text(MODEL)
    (folder / "run").mkdir()
    write_bundle(folder / "run" / "model.ckpt", {f"table_{number}": Ramp() for number in range(TABLES)})
    return folder


def command(*flags):
    script = ROOT / "scripts" / "export_inference_graph.py"
    return [sys.executable, str(script), "--model", "large:lookup", "--input_shape", "-1,1,1,3",
            "--trained_checkpoint_prefix", "run/model.ckpt", "--output_directory", "export", *flags]


@pytest.mark.slow
def test_a_frozen_graph_asked_for_by_name_is_an_error_up_front(workplace):
    completed = subprocess.run(command("--formats", "checkpoint,frozen_graph"), cwd=workplace, capture_output=True,
                               text=True, check=False)
    assert completed.returncode == 5
    assert "2,147,483,647" in completed.stderr
    assert not (workplace / "export").exists()


@pytest.mark.slow
def test_checkpoint_and_saved_model_are_written_in_little_memory(workplace, monkeypatch):
    """Of the exporting process; verification, which restores everything in a process of its own, is another matter."""
    monkeypatch.chdir(workplace)
    measured = subprocess.run([sys.executable, "-m", "benchmarks.processes", *command("--noverify")], check=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert json.loads(measured.stdout)["peak_memory"] < ONE_GIB
    manifest = json.loads((workplace / "export" / "export_manifest.json").read_text())
    assert any("it is left out" in warning for warning in manifest["warnings"])
    assert [artifact["format"] for artifact in manifest["artifacts"]] == ["checkpoint", "saved_model"]
    assert manifest["configuration"]["saved_model_variables"] is True
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, ["serve"], str(workplace / "export" / "saved_model"))
        outputs = session.run("output:0", {"image_tensor:0": [[[[3, 0, 0]]], [[[200, 0, 0]]]]})
    assert outputs.tolist() == [[15.0] * 4, [1000.0] * 4]
