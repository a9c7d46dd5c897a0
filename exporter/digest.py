"""Digests of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_CHUNK_SIZE = 1 << 20
_BEGINNING = 64 << 20


def inputs_sha256(path: Path) -> str:
    """Returns the SHA-256, in hex, of inputs: a file, or all files of a folder with their names.

    Of a large file only the size and the beginning count.
    """
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]:
        name = file.relative_to(path).as_posix() if path.is_dir() else ""
        digest.update(f"{name}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
        with open(file, "rb") as stream:
            digest.update(stream.read(_BEGINNING))
    return digest.hexdigest()


def files_sha256(paths: Iterable[Path]) -> str:
    """Returns the SHA-256, in hex, of the concatenated contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK_SIZE):
                digest.update(chunk)
    return digest.hexdigest()
