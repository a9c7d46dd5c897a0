"""Digests of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

_CHUNK_SIZE = 1 << 20


def files_sha256(paths: Iterable[Path]) -> str:
    """Returns the SHA-256, in hex, of the concatenated contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            while chunk := file.read(_CHUNK_SIZE):
                digest.update(chunk)
    return digest.hexdigest()
