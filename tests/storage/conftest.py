"""An S3 server on loopback (moto's), which the tests reach as a user's would be reached: by the environment."""

import secrets
import socket

import pytest

from tests.storage.stores import CuttingProxy

SETTINGS = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")


@pytest.fixture(scope="session")
def s3_server():
    """The port of a running server."""
    pytest.importorskip("s3fs", reason="s3fs is not installed: pip install 'tensorflow-exporter[s3]'")
    moto = pytest.importorskip("moto.server", reason="moto is not installed: pip install 'moto[server]'")
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def reach_s3(monkeypatch):
    """Points everything that follows to an endpoint on loopback; with one attempt each, so that errors come soon."""
    def reach(port):
        from s3fs import S3FileSystem

        S3FileSystem.clear_instance_cache()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")

    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_MAX_ATTEMPTS": "1",
                        "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    return reach


@pytest.fixture
def witness(s3_server, reach_s3):
    """Amazon's own client, which tells what is really there."""
    import boto3

    reach_s3(s3_server)
    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{s3_server}")


@pytest.fixture
def bucket(witness):
    """The name of a new, empty bucket."""
    name = f"models-{secrets.token_hex(4)}"
    witness.create_bucket(Bucket=name)
    return name


@pytest.fixture
def cutting_proxy(s3_server, reach_s3):
    """Makes a proxy in front of the server and reaches the server through it."""
    proxies = []

    def make(limit, **options):
        proxies.append(CuttingProxy(s3_server, limit, **options))
        reach_s3(proxies[-1].port)
        return proxies[-1]

    yield make
    for proxy in proxies:
        proxy.close()


@pytest.fixture
def memory():
    """fsspec's file system in this process's memory, empty before and after: ``memory://``."""
    fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'tensorflow-exporter[s3]'")
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


@pytest.fixture
def unused_port():
    """A port on loopback where nobody listens; it is kept, so that nobody else takes it."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
