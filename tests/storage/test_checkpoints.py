"""Downloading checkpoints: the right files, whole, or an error that says why not."""

import hashlib
import os
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from exporter.errors import CheckpointError, OutputError
from exporter.storage.checkpoints import download_checkpoint
from exporter.weights.checkpoint_path import resolve_checkpoint

SUFFIXES = (".index", ".data-00000-of-00002", ".data-00001-of-00002", ".meta")
MEGABYTE = 1 << 20


@pytest.fixture
def upload(bucket, witness):
    """Puts a file of each name into the bucket; its content is its name."""
    def put(*names):
        for name in names:
            witness.put_object(Bucket=bucket, Key=name, Body=name.encode())
        return f"s3://{bucket}"
    return put


def test_a_checkpoint_of_tensorflows_own(bucket, witness, graph, tmp_path):
    value = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    variable = tf.get_variable("w", initializer=value, use_resource=False)
    with tf.Session() as session:
        session.run(variable.initializer)
        prefix = tf.train.Saver([variable]).save(session, str(tmp_path / "model.ckpt"), 7)
    for name in os.listdir(tmp_path):
        witness.upload_file(str(tmp_path / name), bucket, f"runs/{name}")
    shutil.rmtree(tmp_path)
    local = download_checkpoint(f"s3://{bucket}/runs", tmp_path / "local")
    assert local == tmp_path / "local" / os.path.basename(prefix)
    np.testing.assert_array_equal(tf.train.load_checkpoint(str(local)).get_tensor("w"), value)
    assert resolve_checkpoint(tmp_path / "local").prefix == local, "the state file is there as well"


@pytest.mark.parametrize("given", ["model.ckpt-1", "model.ckpt-1.index", "model.ckpt-1.meta",
                                   "model.ckpt-1.data-00001-of-00002"])
def test_a_prefix_or_any_file_of_it_brings_its_own_files_only(upload, tmp_path, given):
    names = [f"runs/{prefix}{suffix}" for prefix in ("model.ckpt-1", "model.ckpt-10", "model.ckpt-1-ema", "model.ckpt")
             for suffix in SUFFIXES]
    root = upload(*names, "runs/model.ckpt-1.txt", "runs/checkpoint")
    assert download_checkpoint(f"{root}/runs/{given}", tmp_path / "new" / "place") == tmp_path / "new/place/model.ckpt-1"
    assert sorted(os.listdir(tmp_path / "new" / "place")) == sorted(f"model.ckpt-1{suffix}" for suffix in SUFFIXES)
    assert (tmp_path / "new/place/model.ckpt-1.index").read_text() == "runs/model.ckpt-1.index"


def test_names_with_spaces_and_other_alphabets(upload, tmp_path):
    root = upload("läufe 1/größe #2?.ckpt.index", "läufe 1/größe #2?.ckpt.data-00000-of-00001")
    local = download_checkpoint(f"{root}/läufe 1/größe #2?.ckpt", tmp_path)
    assert sorted(os.listdir(tmp_path)) == [f"{local.name}.data-00000-of-00001", f"{local.name}.index"]


@pytest.mark.parametrize("names", [["v1/model"], ["v1/model-00000-of-00002", "v1/model-00001-of-00002"]])
def test_the_old_format(upload, tmp_path, names):
    root = upload(*names, "v1/model.meta", "v1/model2")
    expected = sorted([*(name.removeprefix("v1/") for name in names), "model.meta"])
    for given in ("model", names[0].removeprefix("v1/")):
        assert download_checkpoint(f"{root}/v1/{given}", tmp_path / given) == tmp_path / given / "model"
        assert sorted(os.listdir(tmp_path / given)) == expected


def test_the_state_file_names_the_latest_whatever_machine_it_is_from(upload, bucket, witness, tmp_path):
    root = upload(*(f"runs/model.ckpt-{step}{suffix}" for step in (1, 2) for suffix in SUFFIXES))
    witness.put_object(Bucket=bucket, Key="runs/checkpoint",
                       Body=b'model_checkpoint_path: "/cluster/\\303\\244/model.ckpt-1"\nall_model_checkpoint_paths: "x"\n')
    assert download_checkpoint(f"{root}/runs/", tmp_path).name == "model.ckpt-1"


def test_the_only_checkpoint_needs_no_state_file(upload, tmp_path):
    root = upload(*(f"runs/model.ckpt-1{suffix}" for suffix in SUFFIXES), "runs/events.out")
    assert download_checkpoint(f"{root}/runs", tmp_path).name == "model.ckpt-1"


@pytest.mark.parametrize(("names", "place", "problem", "advice"), [
    (["runs/model.ckpt-9.index", "runs/model.ckpt-10.index"], "runs/model.ckpt-1", "There is no checkpoint",
     "runs: model.ckpt-9, model.ckpt-10. Give one"),
    ([], "runs/model.ckpt-1", "There is no checkpoint", "none at all"),
    (["runs/a.index", "runs/b.index"], "runs", "has 2 checkpoints and no state file", "a, b"),
    (["runs/events"], "runs", "has no checkpoint", "none at all"),
    (["runs/checkpoint"], "runs", "names no checkpoint", "Give a prefix"),
    (["runs/m.index", "runs/m.data-00000-of-00002"], "runs/m", "not complete: m.data-00001-of-00002 missing", "every .data"),
])
def test_what_can_not_be_found_is_told_by_its_address(upload, tmp_path, names, place, problem, advice):
    root = upload(*names)
    with pytest.raises(CheckpointError) as caught:
        download_checkpoint(f"{root}/{place}", tmp_path)
    assert problem in caught.value.problem
    assert f"{root}/runs" in caught.value.problem
    assert advice in caught.value.advice
    assert str(tmp_path) not in str(caught.value)


def test_a_latest_that_is_gone(upload, bucket, witness, tmp_path):
    root = upload("runs/model.ckpt-1.index")
    witness.put_object(Bucket=bucket, Key="runs/checkpoint", Body=b'model_checkpoint_path: "model.ckpt-5"')
    with pytest.raises(CheckpointError, match=r"names 'model.ckpt-5' as the latest .* not there"):
        download_checkpoint(f"{root}/runs", tmp_path)


def test_a_large_one_arrives_whole_in_parts(bucket, witness, tmp_path):
    content = np.random.default_rng(0).bytes(64 * MEGABYTE)
    witness.put_object(Bucket=bucket, Key="m.index", Body=b"index")
    witness.put_object(Bucket=bucket, Key="m.data-00000-of-00001", Body=content)
    local = download_checkpoint(f"s3://{bucket}/m", tmp_path)
    assert hashlib.sha256(local.with_name("m.data-00000-of-00001").read_bytes()).digest() == hashlib.sha256(content).digest()


def test_a_transfer_that_breaks_midway_leaves_no_file_of_the_checkpoint(bucket, witness, cutting_proxy, tmp_path):
    witness.put_object(Bucket=bucket, Key="m.index", Body=b"index")
    witness.put_object(Bucket=bucket, Key="m.data-00000-of-00001", Body=bytes(8 * MEGABYTE))
    proxy = cutting_proxy(3 * MEGABYTE, upwards=False)
    with pytest.raises(CheckpointError, match=r"m.data-00000-of-00001 can't be downloaded"):
        download_checkpoint(f"s3://{bucket}/m", tmp_path)
    assert proxy.cuts_made
    assert not (tmp_path / "m.data-00000-of-00001").exists()
    proxy.heal()
    download_checkpoint(f"s3://{bucket}/m", tmp_path)
    assert (tmp_path / "m.data-00000-of-00001").stat().st_size == 8 * MEGABYTE


def test_a_connection_that_breaks_once_is_mended_without_a_word(bucket, witness, cutting_proxy, tmp_path):
    content = np.random.default_rng(0).bytes(8 * MEGABYTE)
    witness.put_object(Bucket=bucket, Key="m", Body=content)
    proxy = cutting_proxy(3 * MEGABYTE, upwards=False, cuts=1)
    assert download_checkpoint(f"s3://{bucket}/m", tmp_path).read_bytes() == content
    assert proxy.cuts_made == 1


def test_a_file_that_shrinks_meanwhile_is_noticed(memory, monkeypatch, tmp_path):
    memory.pipe({"/runs/m.index": b"index", "/runs/m.data-00000-of-00001": b"12345"})
    download = memory.get_file

    def shrink_and_download(remote, local):
        memory.pipe({"/runs/m.data-00000-of-00001": b"1"})
        download(remote, local)

    monkeypatch.setattr(memory, "get_file", shrink_and_download)
    with pytest.raises(CheckpointError, match=r"has 5 bytes, of which 1 arrived"):
        download_checkpoint("memory://runs/m", tmp_path)
    assert "m.data-00000-of-00001" not in os.listdir(tmp_path)


def test_one_that_is_too_large_for_the_disk_is_not_begun(memory, monkeypatch, tmp_path):
    memory.pipe({"/runs/m": b"12345"})
    monkeypatch.setattr("shutil.disk_usage", lambda place: shutil._ntuple_diskusage(10, 6, 4))
    with pytest.raises(OutputError, match=r"download from memory://runs have 5 bytes; .* has 4 bytes free") as caught:
        download_checkpoint("memory://runs/m", tmp_path)
    assert "TMPDIR" in caught.value.advice
    assert os.listdir(tmp_path) == []
