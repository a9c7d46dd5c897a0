"""The commands on an object store: what they read and write there, and what they find up to date."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkpoints import write_checkpoint
from tests.goldens import BatchNorm
from tests.storage.stores import CuttingProxy

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
version: 1
defaults:
  model: tests.goldens:BatchNorm
  checkpoint: s3://{bucket}/runs/bn
  output_directory: s3://{bucket}/exports/{{name}}
  input_shape: [null, 8, 8, 3]
exports:
  - {{name: all, steps: all}}
  - {{name: graph, checkpoint: 's3://{bucket}/runs/bn/model.ckpt-2', formats: [frozen_graph]}}
"""
NAMES = ("all-1", "all-2", "graph")


@pytest.fixture
def run(bucket, witness, tmp_path):
    """Runs a command in a folder of its own; two checkpoints are in the store."""
    (tmp_path / "runs").mkdir()
    for step in (1, 2):
        write_checkpoint(BatchNorm, tmp_path / "runs" / f"model.ckpt-{step}")
    for file in (tmp_path / "runs").glob("model.ckpt-*"):
        witness.upload_file(str(file), bucket, f"runs/bn/{file.name}")
    shutil.rmtree(tmp_path / "runs")
    (tmp_path / "batch.yaml").write_text(CONFIG.format(bucket=bucket))

    def run(script, *arguments, **changes):
        return subprocess.run([sys.executable, str(ROOT / "scripts" / script), *arguments], cwd=tmp_path, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT), **changes}, capture_output=True, check=False)

    return run


def keys(witness, bucket, prefix):
    listed = witness.list_objects_v2(Bucket=bucket, Prefix=prefix)
    return {entry["Key"].removeprefix(prefix) for entry in listed.get("Contents", [])}


def statuses(folder):
    jobs = json.loads((folder / "batch_report.json").read_text())["jobs"]
    return {job["name"]: (job["status"], job["reasons"]) for job in jobs}


def test_a_batch_from_a_store_to_a_store_and_its_second_run(run, bucket, witness, tmp_path):
    first = run("export_batch.py", "batch.yaml")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "equal to the bit" in first.stdout
    there = keys(witness, bucket, "exports/all-1/")
    assert {"export_manifest.json", "frozen_inference_graph.pb", "model.ckpt.index"} <= there
    assert {path.name for path in tmp_path.iterdir()} == {"batch.yaml", "batch_report.json"}
    manifest = json.loads(witness.get_object(Bucket=bucket, Key="exports/all-2/export_manifest.json")["Body"].read())
    assert manifest["run"]["checkpoint"] == f"s3://{bucket}/runs/bn/model.ckpt-2"

    assert run("export_batch.py", "batch.yaml").returncode == 0
    assert statuses(tmp_path) == {name: ("up to date", []) for name in NAMES}

    witness.put_object(Bucket=bucket, Key="exports/all-1/frozen_inference_graph.pb", Body=b"cut")
    witness.delete_object(Bucket=bucket, Key="exports/graph/frozen_inference_graph.pb")
    again = run("export_batch.py", "batch.yaml")
    assert again.returncode == 0, again.stderr
    assert statuses(tmp_path) == {"all-1": ("exported", ["the file frozen_inference_graph.pb has changed"]),
                                  "all-2": ("up to date", []),
                                  "graph": ("exported", ["the file frozen_inference_graph.pb is missing"])}


def test_a_checkpoint_that_changes_in_the_store(run, bucket, witness, tmp_path):
    assert run("export_batch.py", "batch.yaml", "--only", "all-1", "--set", "defaults.verify=false").returncode == 0
    write_checkpoint(BatchNorm, tmp_path / "model.ckpt-1", moving_averages=True)
    for file in tmp_path.glob("model.ckpt-1.*"):
        witness.upload_file(str(file), bucket, f"runs/bn/{file.name}")
    planned = run("export_batch.py", "batch.yaml", "--only", "all-1", "--set", "defaults.verify=false", "--dry_run",
                  "--json")
    assert json.loads(planned.stdout)["jobs"][0]["reasons"] == ["the checkpoint model.ckpt-1 has changed"]


def test_an_upload_that_breaks_fails_its_job_and_is_finished_by_the_next_run(run, bucket, witness, s3_server, tmp_path):
    proxy = CuttingProxy(s3_server, 20_000)
    try:
        broken = run("export_batch.py", "batch.yaml", "--jobs", "1", AWS_ENDPOINT_URL=f"http://127.0.0.1:{proxy.port}")
    finally:
        proxy.close()
    assert broken.returncode == 1, broken.stderr
    finished = {name for name, (status, _) in statuses(tmp_path).items() if status == "exported"}
    assert finished != set(NAMES)
    assert {name for name in NAMES if "export_manifest.json" in keys(witness, bucket, f"exports/{name}/")} == finished
    assert run("export_batch.py", "batch.yaml").returncode == 0
    assert all(".export_in_progress" not in keys(witness, bucket, f"exports/{name}/") for name in NAMES)


def test_the_single_command_names_addresses(run, bucket, witness):
    arguments = ["--model", "tests.goldens:BatchNorm", "--input_shape=-1,8,8,3", "--trained_checkpoint_prefix",
                 f"s3://{bucket}/runs/bn/model.ckpt-1", "--output_directory", f"s3://{bucket}/single"]
    completed = run("export_inference_graph.py", *arguments)
    assert completed.returncode == 0, completed.stderr
    assert f"checkpoint  s3://{bucket}/runs/bn/model.ckpt-1" in completed.stdout
    assert f"written to  s3://{bucket}/single" in completed.stdout
    again = run("export_inference_graph.py", *arguments)
    assert again.returncode == 6
    assert f"There is an export in s3://{bucket}/single already." in again.stderr
    missing = run("export_inference_graph.py", *(text.replace("ckpt-1", "ckpt-9") for text in arguments), "--overwrite")
    assert missing.returncode == 4
    assert "model.ckpt-9" in missing.stderr
