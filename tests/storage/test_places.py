"""Paths and addresses."""

import os
import subprocess
import sys

import pytest

from exporter.errors import CheckpointError
from exporter.storage.places import (
    bucket_of,
    is_remote,
    join,
    local_path,
    name_by_origin,
    name_of,
    normalized,
    parent_of,
    protocol_of,
)


@pytest.mark.parametrize(("place", "expected"), [
    ("s3://bucket/x", True), ("memory://x", True), ("runs/digits", False), ("/a/b", False), ("", False),
    ("file:///a/b", False), ("FILE:///a", False), ("local://a", False), ("C:/runs", False), ("simplecache::s3://b", True)])
def test_addresses_are_remote_and_files_are_not(place, expected):
    assert is_remote(place) is expected


def test_a_file_address_is_a_path():
    assert local_path("file:///runs/a b") == "/runs/a b"
    assert local_path("file://runs") == "runs"
    assert local_path("s3://bucket/x") == "s3://bucket/x"


def test_one_place_has_one_spelling():
    assert normalized("S3://bucket/x//") == normalized("s3a://bucket/x") == "s3://bucket/x"
    assert normalized("gcs://bucket") == "gs://bucket"
    assert normalized("s3://bucket/a//b") != normalized("s3://bucket/a/b"), "these are two keys"
    assert normalized("file://runs/../x") == os.path.join(os.getcwd(), "x")
    assert protocol_of("runs") == ""


@pytest.mark.parametrize(("place", "parent", "name"), [
    ("s3://bucket/a/b", "s3://bucket/a", "b"), ("s3://bucket/a/", "s3://bucket", "a"), ("s3://bucket", "s3://bucket", ""),
    ("/runs/digits", "/runs", "digits"), ("file:///runs/digits", "/runs", "digits")])
def test_parents_and_names(place, parent, name):
    assert (parent_of(place), name_of(place)) == (parent, name)


def test_names_are_joined_with_slashes():
    assert join("s3://bucket/a/", "b", "c d") == "s3://bucket/a/b/c d"
    assert join("file:///a", "b") == os.path.join("/a", "b")


def test_stores_with_buckets_are_known():
    assert bucket_of("s3a://bucket/a/b") == "s3://bucket"
    assert bucket_of("memory://a/b") is None


def test_errors_speak_of_addresses():
    error = CheckpointError("/tmp/x/model.ckpt-1 differs from /tmp/x.", "Look into /tmp/x.")
    name_by_origin(error, {"/tmp/x": "s3://b", "/tmp/x/model.ckpt-1": "s3://b/runs/model.ckpt-1"})
    assert str(error) == "s3://b/runs/model.ckpt-1 differs from s3://b.\nLook into s3://b."
    assert error.args == (error.problem, error.advice), "another process gets the same"


def test_local_places_import_nothing_of_fsspec(tmp_path):
    code = ("import sys\nfrom exporter.storage import listing, local_places, publishing\n"
            f"with local_places.local_places('a', None, None, {str(tmp_path / 'out')!r}, False): pass\n"
            f"listing.list_files({str(tmp_path)!r}); listing.expand({str(tmp_path / '*')!r})\n"
            "print([name for name in ('fsspec', 's3fs', 'tensorflow') if name in sys.modules])")
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
