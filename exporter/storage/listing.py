"""Looking at places, local or remote: what a directory holds, what a pattern finds, what a small file says."""

from __future__ import annotations

import glob
import os
from pathlib import Path

from exporter.errors import CheckpointError, ExportError
from exporter.storage.filesystem import open_filesystem, storage_errors
from exporter.storage.places import is_remote, local_path, name_of, normalized, parent_of
from exporter.storage.remote_directory import RemoteDirectory


def list_files(directory: str, error: type[ExportError] = CheckpointError) -> dict[str, int]:
    """Returns name -> size in bytes of the files directly in a directory.

    Args:
        directory: a path or an address.
        error: the class of what is raised where an address can't be reached or denies access.

    Raises:
        FileNotFoundError: there is no such directory.
        OSError: a local one can't be read.
        ExportError: of the given class.
        UsageError: the address's protocol is not known, or its library is not installed.
    """
    if is_remote(directory):
        return RemoteDirectory(directory, error).entries()
    with os.scandir(local_path(directory) or os.curdir) as entries:
        return {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}


def expand(pattern: str, error: type[ExportError] = CheckpointError) -> list[str]:
    """Returns the files and directories that a pattern (``*``, ``?``, ``[...]``, ``**``) finds, sorted.

    Args:
        pattern: a path or an address; what is found has the same form.
        error: the class of what is raised where an address can't be reached or denies access.

    Raises:
        ExportError: of the given class.
        UsageError: the address's protocol is not known, or its library is not installed.
    """
    if not is_remote(pattern):
        return sorted(glob.glob(local_path(pattern), recursive=True))
    address = normalized(pattern)
    files, path = open_filesystem(address)
    before = address.removesuffix(path)  # "s3://", or "hdfs://host:port"
    with storage_errors(address, "listed", error):
        files.invalidate_cache()
        return sorted(f"{before}{found}" for found in files.glob(path))


def read_bytes(path: str, error: type[ExportError] = CheckpointError) -> bytes:
    """Returns the content of a small file.

    Args:
        path: a path or an address.
        error: the class of what is raised where an address can't be reached or denies access.

    Raises:
        FileNotFoundError: there is no such file.
        OSError: a local one can't be read.
        ExportError: of the given class.
        UsageError: the address's protocol is not known, or its library is not installed.
    """
    if is_remote(path):
        return RemoteDirectory(parent_of(path), error).read(name_of(path))
    return Path(local_path(path)).read_bytes()
