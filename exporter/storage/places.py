"""Places: local paths, and addresses such as ``s3://bucket/runs/digits``, with the same few operations on both."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Mapping

from exporter.errors import ExportError

_LOCAL_PROTOCOLS = ("file", "local")
_SAME_STORE = {"s3a": "s3", "gcs": "gs"}
_BUCKET_PROTOCOLS = ("s3", "gs", "az", "abfs", "abfss", "adl", "oss", "oci")
_MARK = "://"


def is_remote(place: str) -> bool:
    """Tells whether a place is an address that fsspec opens; ``file://`` is a local path."""
    return _MARK in place and protocol_of(place) not in _LOCAL_PROTOCOLS


def protocol_of(place: str) -> str:
    """Returns ``s3`` of ``S3://bucket/x``, and of ``s3a://`` as well; empty for a path."""
    before, mark, _ = place.partition(_MARK)
    return _SAME_STORE.get(before.lower(), before.lower()) if mark else ""


def local_path(place: str) -> str:
    """Returns the path that ``file://`` names; any other place as it is."""
    return place.partition(_MARK)[2] if protocol_of(place) in _LOCAL_PROTOCOLS else place


def normalized(place: str) -> str:
    """Returns one spelling of a place: absolute where it is local, without slashes at its end where it is remote.

    Repeated slashes and dots within an address are left alone: they are parts of a key like any other.
    """
    if not is_remote(place):
        return os.path.abspath(local_path(place))
    return f"{protocol_of(place)}{_MARK}{place.partition(_MARK)[2].rstrip('/')}"


def join(place: str, *names: str) -> str:
    """Returns the place of something within a directory."""
    if not is_remote(place):
        return os.path.join(local_path(place), *names)
    return "/".join([normalized(place), *names])


def parent_of(place: str) -> str:
    """Returns the directory of a place; that of a bucket is the bucket."""
    if not is_remote(place):
        return os.path.dirname(local_path(place))
    protocol, _, path = normalized(place).partition(_MARK)
    return f"{protocol}{_MARK}{posixpath.dirname(path) or path}"


def name_of(place: str) -> str:
    """Returns the last part of a place; empty for a bucket."""
    if not is_remote(place):
        return os.path.basename(local_path(place))
    return posixpath.basename(normalized(place).partition(_MARK)[2]) if parent_of(place) != normalized(place) else ""


def bucket_of(place: str) -> str | None:
    """Returns ``s3://bucket`` of an address in a store that has buckets, else None."""
    protocol, _, path = normalized(place).partition(_MARK)
    return f"{protocol}{_MARK}{path.partition('/')[0]}" if protocol in _BUCKET_PROTOCOLS else None


def name_by_origin(error: ExportError, origins: Mapping[str, str]) -> None:
    """Lets an error speak of addresses where it speaks of their local copies.

    Args:
        error: is changed.
        origins: local path -> the address that it stands for.
    """
    for local in sorted(origins, key=len, reverse=True):
        error.problem = error.problem.replace(local, origins[local])
        error.advice = error.advice.replace(local, origins[local])
    error.args = (error.problem, error.advice)
