"""Publishing in a store: a manifest is there only where a whole export is."""

import hashlib
import json
import os

import numpy as np
import pytest

from exporter.errors import OutputError
from exporter.publish import MANIFEST_NAME
from exporter.storage.publishing import IN_PROGRESS_NAME, check_destination, publish_export, read_remote_manifest

MEGABYTE = 1 << 20
OLD = {"frozen.pb": b"old", "only_old.pb": b"1", "saved_model/variables/variables.index": b"2"}
NEW = {"frozen.pb": b"renewed", "saved_model/saved model größe.pb": b"3", "saved_model/assets/empty": b""}


@pytest.fixture
def export(tmp_path):
    """Makes a finished export of these files, with a manifest that lists them and their digests."""
    def make(files, name="export"):
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_bytes(content)
        listed = [{"path": path, "sha256": hashlib.sha256(content).hexdigest()} for path, content in files.items()]
        (tmp_path / name / MANIFEST_NAME).write_text(json.dumps({"artifacts": [{"files": listed}], "report": None}))
        return tmp_path / name
    return make


class Store:
    """A directory of the bucket as Amazon's own client sees it."""

    def __init__(self, client, bucket, prefix="exports/digits"):
        self.client, self.bucket, self.prefix = client, bucket, prefix
        self.place = f"s3://{bucket}/{prefix}"

    def read(self, name):
        try:
            return self.client.get_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}")["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None

    def write(self, name, content):
        self.client.put_object(Bucket=self.bucket, Key=f"{self.prefix}/{name}", Body=content)

    def names(self):
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=f"{self.prefix}/").get("Contents", [])
        return sorted(entry["Key"].removeprefix(f"{self.prefix}/") for entry in found)

    def is_whole(self):
        """What a careful reader finds: True for a whole export, None for none. False must never be."""
        manifest = self.read(MANIFEST_NAME)
        if manifest is None:
            return None
        files = [file for artifact in json.loads(manifest)["artifacts"] for file in artifact["files"]]
        contents = [(self.read(file["path"]), file["sha256"]) for file in files]
        if self.read(MANIFEST_NAME) != manifest:
            return None
        return all(content is not None and hashlib.sha256(content).hexdigest() == digest for content, digest in contents)


@pytest.fixture
def store(bucket, witness):
    return Store(witness, bucket)


def test_an_export_appears_with_all_its_files(store, export):
    publish_export(export(NEW), store.place, overwrite=False)
    assert store.names() == sorted([MANIFEST_NAME, *NEW])
    assert {name: store.read(name) for name in NEW} == NEW
    assert json.loads(read_remote_manifest(store.place))["report"] is None


def test_where_nothing_is_there_is_no_manifest(store, export):
    assert read_remote_manifest(store.place) is None
    check_destination(store.place, overwrite=False)
    assert store.names() == [], "checking writes nothing"


def test_an_old_export_is_replaced_whole_and_only_with_overwrite(store, export):
    publish_export(export(OLD, "old"), store.place, overwrite=False)
    for refused in (check_destination, lambda *where: publish_export(export(NEW), *where)):
        with pytest.raises(OutputError, match=r"There is an export in s3://.* already\.") as caught:
            refused(store.place, False)
        assert "--overwrite" in caught.value.advice
    assert {name: store.read(name) for name in OLD} == OLD
    publish_export(export(NEW), store.place, overwrite=True)
    assert store.names() == sorted([MANIFEST_NAME, *NEW])
    assert store.is_whole()


def test_what_is_no_export_is_never_touched(store, export):
    store.write("thesis/chapter.txt", b"years of work")
    for refused in (check_destination, lambda *where: publish_export(export(NEW), *where)):
        with pytest.raises(OutputError, match=r"not empty \(thesis/chapter.txt\) and holds no export"):
            refused(store.place, True)
    assert store.names() == ["thesis/chapter.txt"]


def test_files_beside_an_export_and_next_to_its_name_are_left_alone(store, bucket, witness, export):
    publish_export(export(OLD, "old"), store.place, overwrite=False)
    store.write("notes.txt", b"mine")
    witness.put_object(Bucket=bucket, Key="exports/digits-2/file", Body=b"another")
    publish_export(export(NEW), store.place, overwrite=True)
    assert store.names() == sorted([MANIFEST_NAME, "notes.txt", *NEW])
    assert Store(witness, bucket, "exports/digits-2").read("file") == b"another"


def test_a_file_is_no_destination(store, bucket, witness):
    witness.put_object(Bucket=bucket, Key="exports/digits", Body=b"file")
    with pytest.raises(OutputError, match="is a file"):
        check_destination(store.place, overwrite=True)


def test_a_whole_bucket_may_be_an_export(bucket, witness, export):
    publish_export(export(NEW), f"s3://{bucket}", overwrite=False)
    assert read_remote_manifest(f"s3://{bucket}/") is not None
    assert len(witness.list_objects_v2(Bucket=bucket)["Contents"]) == len(NEW) + 1


def test_a_bucket_that_is_not_there_is_noticed_at_once(witness, export):
    for refused in (check_destination, lambda *where: publish_export(export(NEW), *where)):
        with pytest.raises(OutputError, match=r"There is no bucket s3://no-such-bucket\."):
            refused("s3://no-such-bucket/digits", True)


def test_an_unfinished_export_is_a_mistake_of_the_caller(store, tmp_path):
    with pytest.raises(ValueError, match="no finished export"):
        publish_export(tmp_path, store.place, overwrite=True)


def test_at_no_request_does_a_reader_find_half_an_export(store, export, monkeypatch):
    """A reader looks before each request that the upload sends, and after the last."""
    from s3fs import S3FileSystem

    found = []
    request = S3FileSystem._call_s3

    async def look_and_request(self, method, *arguments, **options):
        found.append((method, store.is_whole()))
        return await request(self, method, *arguments, **options)

    publish_export(export(OLD, "old"), store.place, overwrite=False)
    monkeypatch.setattr(S3FileSystem, "_call_s3", look_and_request)
    publish_export(export(NEW), store.place, overwrite=True)
    states = [state for _, state in found]
    assert states[0] is True
    assert None in states
    assert False not in states
    assert store.is_whole()
    assert [state for method, state in found if method == "put_object"] == [True, *[None] * (len(NEW) + 1)]


def test_an_upload_that_breaks_midway_shows_no_export_and_another_run_succeeds(store, export, cutting_proxy):
    publish_export(export(OLD, "old"), store.place, overwrite=False)
    content = np.random.default_rng(0).bytes(8 * MEGABYTE)
    local = export({**NEW, "large.pb": content})
    proxy = cutting_proxy(3 * MEGABYTE)
    with pytest.raises(OutputError, match=r"large.pb can't be uploaded: ") as caught:
        publish_export(local, store.place, overwrite=True)
    assert "run it again" in caught.value.advice
    assert store.is_whole() is None
    assert IN_PROGRESS_NAME in store.names()
    proxy.heal()
    check_destination(store.place, overwrite=False)
    publish_export(local, store.place, overwrite=False)
    assert store.names() == sorted([MANIFEST_NAME, *NEW, "large.pb"]), "what only the old export had is gone as well"
    assert store.is_whole()


def test_a_server_that_is_gone_midway(export, reach_s3, tmp_path):
    """Amazon's client can't look then; the error tells all there is to know."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    reach_s3(server.get_host_and_port()[1])
    import boto3

    boto3.client("s3").create_bucket(Bucket="gone")
    check_destination("s3://gone/digits", overwrite=False)
    server.stop()
    server._server.server_close()
    with pytest.raises(OutputError, match=r"s3://gone/digits can't be listed: Could not connect"):
        publish_export(export(NEW), "s3://gone/digits", overwrite=False)


@pytest.mark.parametrize("step", range(9))
def test_interrupted_at_any_step_it_is_whole_or_not_there_and_can_be_repeated(store, export, monkeypatch, step):
    """From the n-th change on, nothing reaches the store any more."""
    from s3fs import S3FileSystem

    changes = []
    request = S3FileSystem._call_s3

    async def request_until_interrupted(self, method, *arguments, **options):
        changes.extend([method] if method in ("put_object", "delete_object") else [])
        if len(changes) > step:
            raise ConnectionError("interrupted")
        return await request(self, method, *arguments, **options)

    publish_export(export(OLD, "old"), store.place, overwrite=False)
    with monkeypatch.context() as patch:
        patch.setattr(S3FileSystem, "_call_s3", request_until_interrupted)
        with pytest.raises(OutputError, match="interrupted"):
            publish_export(export(NEW), store.place, overwrite=True)
    is_there = step in (0, 1, 8)  # the manifest is removed by the second change and written by the eighth
    assert store.is_whole() is (True if is_there else None)
    publish_export(export(NEW), store.place, overwrite=is_there)
    assert store.names() == sorted([MANIFEST_NAME, *NEW])
    assert store.is_whole()


def test_the_mark_of_an_upload_alone_hinders_nobody(store, export):
    store.write(IN_PROGRESS_NAME, b"damaged")
    publish_export(export(NEW), store.place, overwrite=False)
    assert store.names() == sorted([MANIFEST_NAME, *NEW])


def test_the_mark_beside_a_whole_export_does_not_make_it_replaceable(store, export):
    publish_export(export(OLD), store.place, overwrite=False)
    store.write(IN_PROGRESS_NAME, b"{}")
    with pytest.raises(OutputError, match="There is an export"):
        check_destination(store.place, overwrite=False)


def test_a_manifest_that_names_files_elsewhere_has_nothing_removed_there(store, bucket, witness, export):
    witness.put_object(Bucket=bucket, Key="precious", Body=b"x")
    store.write(MANIFEST_NAME, b'{"artifacts": [{"files": [{"path": "../../precious"}, {"path": "/precious"}]}]}')
    publish_export(export(NEW), store.place, overwrite=True)
    assert witness.get_object(Bucket=bucket, Key="precious")["Body"].read() == b"x"


def test_of_two_uploads_to_one_address_the_first_learns_of_the_second(memory, export, monkeypatch):
    first, second = export(OLD, "first"), export(NEW, "second")
    upload = type(memory).put_file

    def upload_while_another_does(self, local, remote, **options):
        monkeypatch.undo()
        publish_export(second, "memory://exports/digits", overwrite=False)
        upload(self, local, remote, **options)

    monkeypatch.setattr(type(memory), "put_file", upload_while_another_does)
    with pytest.raises(OutputError, match="Another export to memory://exports/digits is running"):
        publish_export(first, "memory://exports/digits", overwrite=False)


def test_a_store_that_loses_bytes_gets_no_manifest(memory, export, monkeypatch):
    monkeypatch.setattr(type(memory), "put_file", lambda self, local, remote, **options: self.pipe({remote: b"!"}))
    with pytest.raises(OutputError, match=r"frozen.pb has 1 bytes, 7 bytes were sent"):
        publish_export(export(NEW), "memory://exports/digits", overwrite=False)
    assert read_remote_manifest("memory://exports/digits") is None


def test_large_files_are_sent_in_parts(store, export):
    content = os.urandom(1 * MEGABYTE) * 104  # from 100 MB on, s3fs sends parts of 50 MB
    publish_export(export({"large.pb": content}), store.place, overwrite=False)
    head = store.client.head_object(Bucket=store.bucket, Key=f"{store.prefix}/large.pb")
    assert head["ETag"].strip('"').endswith("-3"), "it has three parts"
    assert hashlib.sha256(store.read("large.pb")).digest() == hashlib.sha256(content).digest()


def test_denied_access_is_told(store, export, monkeypatch):
    from s3fs import S3FileSystem

    request = S3FileSystem._call_s3

    async def deny_writing(self, method, *arguments, **options):
        if method == "put_object":
            raise PermissionError("The provided token has expired.")
        return await request(self, method, *arguments, **options)

    monkeypatch.setattr(S3FileSystem, "_call_s3", deny_writing)
    with pytest.raises(OutputError, match=r"access is denied: The provided token has expired\.") as caught:
        publish_export(export(NEW), store.place, overwrite=False)
    assert "AWS_PROFILE" in caught.value.advice
    assert store.is_whole() is None
