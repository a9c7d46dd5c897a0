"""From places anywhere to local paths, around one export."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

import exporter
from exporter.errors import CheckpointError, OutputError, VerificationError
from exporter.publish import MANIFEST_NAME
from exporter.storage.local_places import local_places
from tests.checkpoints import write_checkpoint
from tests.goldens import SlimClassifier


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    """The system's temporary directory, for this test alone."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path / "tmp"
    assert os.listdir(tmp_path / "tmp") == [], "nothing is left"


def write_export(directory):
    Path(directory).mkdir(parents=True)
    (Path(directory) / "frozen.pb").write_bytes(b"pb")
    (Path(directory) / MANIFEST_NAME).write_text("{}")


def test_local_places_pass_as_they_are():
    with local_places("runs/model.ckpt-1", None, "file:///images", "exports/x", overwrite=False) as places:
        assert (places.checkpoint, places.graph, places.inputs, places.output) == (
            "runs/model.ckpt-1", None, "/images", "exports/x")


def test_an_export_from_a_store_to_a_store(bucket, witness, tmp_path):
    prefix = write_checkpoint(SlimClassifier(), tmp_path / "model.ckpt-5")
    for file in tmp_path.glob("model.ckpt-5*"):
        witness.upload_file(str(file), bucket, f"runs/digits/{file.name}")
    with local_places(f"s3://{bucket}/runs/digits/model.ckpt-5", None, None, f"s3://{bucket}/exports/digits",
                      overwrite=False) as places:
        assert Path(places.checkpoint).name == Path(prefix).name
        exporter.export_inference_graph("image_tensor", SlimClassifier(), places.checkpoint, places.output)
    content = json.loads(witness.get_object(Bucket=bucket, Key=f"exports/digits/{MANIFEST_NAME}")["Body"].read())
    for artifact in content["artifacts"]:
        for file in artifact["files"]:
            head = witness.head_object(Bucket=bucket, Key=f"exports/digits/{file['path']}")
            assert head["ContentLength"] == file["byte_size"]
    frozen = tf.GraphDef.FromString(witness.get_object(
        Bucket=bucket, Key="exports/digits/frozen_inference_graph.pb")["Body"].read())
    assert frozen.node


def test_graphs_bring_the_values_beside_them_where_no_checkpoint_is_named(memory):
    memory.pipe({"/runs/net.meta": b"m", "/runs/net.index": b"i", "/runs/net.data-00000-of-00001": b"d",
                 "/runs/other": b"v1", "/images/1.png": b"png"})
    with local_places(None, "memory://runs/net.meta", "memory://images", "exports", overwrite=False) as places:
        assert os.path.exists(places.graph.removesuffix(".meta") + ".index")
        assert os.listdir(places.inputs) == ["1.png"]
        assert places.output == "exports"
        assert places.origins[places.graph] == "memory://runs/net.meta"
    with local_places("memory://runs/other", "memory://runs/net", None, "exports", overwrite=False) as places:
        assert os.listdir(os.path.dirname(places.graph)) == ["net.meta"]
        assert places.graph.endswith("net.meta")
        assert places.origins[places.checkpoint] == "memory://runs/other"


def test_an_output_is_published_when_the_block_succeeds(memory):
    with local_places(None, None, None, "memory://exports/digits", overwrite=False) as places:
        assert not os.path.exists(places.output), "the export makes it"
        write_export(places.output)
        assert memory.find("/exports") == []
    assert memory.find("/exports") == ["/exports/digits/export_manifest.json", "/exports/digits/frozen.pb"]


def test_an_error_publishes_nothing_and_speaks_of_addresses(memory):
    memory.pipe({"/runs/net": b"v1"})

    def fail():
        with local_places("memory://runs/net", None, None, "memory://exports/digits", overwrite=False) as places:
            write_export(places.output)
            raise VerificationError(f"{places.output} differs from {places.checkpoint}.", f"Look at {places.output}/x.")

    with pytest.raises(VerificationError) as caught:
        fail()
    assert str(caught.value) == ("memory://exports/digits differs from memory://runs/net.\n"
                                 "Look at memory://exports/digits/x.")
    assert memory.find("/exports") == []


def test_an_interruption_publishes_nothing(memory):
    def interrupt():
        with local_places(None, None, None, "memory://exports/digits", overwrite=False) as places:
            write_export(places.output)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    assert memory.find("/exports") == []


def test_a_destination_that_can_not_be_written_is_refused_before_anything_is_downloaded(memory):
    memory.pipe({"/exports/digits/thesis": b"x"})
    with (pytest.raises(OutputError, match="holds no export"),
          local_places("memory://runs/nowhere", None, None, "memory://exports/digits", overwrite=True)):
        pytest.fail("it must not get here")


def test_what_is_missing_is_told_before_the_export_begins(memory):
    memory.pipe({"/runs/x": b""})
    with (pytest.raises(CheckpointError, match="There is no checkpoint memory://runs/nowhere"),
          local_places("memory://runs/nowhere", None, None, "exports", overwrite=False)):
        pytest.fail("it must not get here")


FORK = """
import multiprocessing, sys
from exporter.storage.local_places import local_places
def count():
    with local_places(None, None, sys.argv[1], "exports", overwrite=False) as places:
        print(len(list(__import__("pathlib").Path(places.inputs).iterdir())), flush=True)
count()
process = multiprocessing.get_context("fork").Process(target=count)
process.start()
process.join()
"""


def test_in_a_fork_of_a_process_that_has_used_the_store(bucket, witness):
    """The libraries of the stores have threads, which a fork does not inherit: it gets its own."""
    witness.put_object(Bucket=bucket, Key="images/1.npy", Body=np.zeros(3).tobytes())
    completed = subprocess.run([sys.executable, "-c", FORK, f"s3://{bucket}/images"], capture_output=True, text=True,
                               timeout=120, check=True)
    assert completed.stdout.split() == ["1", "1"]
