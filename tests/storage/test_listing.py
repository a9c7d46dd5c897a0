"""Looking at places: the same answers from a disk, a dictionary and an S3 server."""

import subprocess
import sys

import pytest

from exporter.errors import CheckpointError, OutputError, UsageError
from exporter.storage.listing import expand, list_files, read_bytes

FILES = {"runs/checkpoint": b"state", "runs/model.ckpt-1.index": b"1", "runs/model.ckpt-10.index": b"10",
         "runs/deep/est/file": b"deep", "runs/with space/größe.txt": b"umlaut", "other": b""}


@pytest.fixture(params=["local", "memory", "s3"])
def root(request, tmp_path):
    """The place of FILES."""
    if request.param == "local":
        for name, content in FILES.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content)
        return str(tmp_path)
    if request.param == "memory":
        request.getfixturevalue("memory").pipe({f"/top/{name}": content for name, content in FILES.items()})
        return "memory://top"
    bucket, witness = request.getfixturevalue("bucket"), request.getfixturevalue("witness")
    for name, content in FILES.items():
        witness.put_object(Bucket=bucket, Key=f"top/{name}", Body=content)
    return f"s3://{bucket}/top"


def test_lists_the_files_of_a_directory_and_not_those_below(root):
    assert list_files(f"{root}/runs") == {"checkpoint": 5, "model.ckpt-1.index": 1, "model.ckpt-10.index": 2}
    assert list_files(f"{root}/runs/with space/") == {"größe.txt": 6}
    assert list_files(f"{root}/runs/deep") == {}


@pytest.mark.parametrize("name", ["nowhere", "run"])
def test_a_directory_that_is_not_there(root, name):
    with pytest.raises(FileNotFoundError):
        list_files(f"{root}/{name}")


def test_a_file_is_no_directory(root):
    with pytest.raises((FileNotFoundError, NotADirectoryError)):
        list_files(f"{root}/other")


def test_patterns_find_places_of_their_own_form(root):
    assert expand(f"{root}/runs/model.ckpt-*.index") == [f"{root}/runs/model.ckpt-{step}.index" for step in (1, 10)]
    assert expand(f"{root}/*/*/*.txt") == [f"{root}/runs/with space/größe.txt"]
    assert expand(f"{root}/runs/d*") == [f"{root}/runs/deep"]
    assert expand(f"{root}/nothing*") == []


def test_reads_small_files(root):
    assert read_bytes(f"{root}/runs/with space/größe.txt") == b"umlaut"
    with pytest.raises(FileNotFoundError):
        read_bytes(f"{root}/runs/absent")


def test_file_addresses_are_local(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    assert list_files(f"file://{tmp_path}") == {"file": 1}
    assert expand(f"file://{tmp_path}/*") == [str(tmp_path / "file")]


def test_what_another_process_has_written_is_seen(bucket, witness):
    for number in (1, 2):
        witness.put_object(Bucket=bucket, Key=f"runs/{number}", Body=b"")
        assert len(list_files(f"s3://{bucket}/runs")) == number


def test_a_marker_of_a_directory_is_no_file(bucket, witness):
    witness.put_object(Bucket=bucket, Key="runs/", Body=b"")
    witness.put_object(Bucket=bucket, Key="runs/a", Body=b"1")
    assert list_files(f"s3://{bucket}/runs") == {"a": 1}


def test_a_bucket_that_is_not_there(witness):
    with pytest.raises(CheckpointError, match=r"There is no bucket s3://no-such-bucket\."):
        list_files("s3://no-such-bucket/runs")


def test_a_server_that_is_not_there(reach_s3, unused_port):
    reach_s3(unused_port)
    with pytest.raises(OutputError, match=r"s3://bucket/runs can't be listed: Could not connect to the endpoint"):
        list_files("s3://bucket/runs", OutputError)


@pytest.mark.parametrize("setting", ["AWS_ENDPOINT_URL", "FSSPEC_S3_ENDPOINT_URL"])
def test_another_server_than_amazons_is_named_by_either_setting(bucket, witness, s3_server, monkeypatch, setting):
    """In a process of its own: fsspec reads its settings when it is imported."""
    witness.put_object(Bucket=bucket, Key="runs/a", Body=b"1")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv(setting, f"http://127.0.0.1:{s3_server}")
    code = f"from exporter.storage.listing import list_files; print(list_files('s3://{bucket}/runs'))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          timeout=60).stdout.strip() == "{'a': 1}"


def test_without_credentials(reach_s3, s3_server, monkeypatch):
    reach_s3(s3_server)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(CheckpointError, match=r"access is denied: Unable to locate credentials") as caught:
        list_files("s3://bucket/runs")
    assert "AWS_ACCESS_KEY_ID" in caught.value.advice


def test_an_unknown_protocol_is_told_with_the_known_ones(memory):
    with pytest.raises(UsageError, match=r"'s4'") as caught:
        list_files("s4://bucket/runs")
    assert "memory" in caught.value.advice
    with pytest.raises(UsageError, match="simplecache::s3"):
        list_files("simplecache::s3://bucket/runs")


@pytest.mark.parametrize(("place", "missing", "advice"), [
    ("s3://bucket", "s3fs", "pip install 'tensorflow-exporter[s3]'"),
    ("gs://bucket", "gcsfs", "pip install 'tensorflow-exporter[gcs]'"),
    ("s3://bucket", "fsspec", "pip install 'tensorflow-exporter[s3]'")])
def test_a_missing_library_is_told_with_its_extra(monkeypatch, place, missing, advice):
    monkeypatch.setitem(__import__("sys").modules, missing, None)
    fsspec_registry = pytest.importorskip("fsspec.registry")
    for protocol in ("s3", "gs"):
        monkeypatch.delitem(fsspec_registry._registry, protocol, raising=False)
    with pytest.raises(UsageError) as caught:
        list_files(place)
    assert caught.value.advice == advice
