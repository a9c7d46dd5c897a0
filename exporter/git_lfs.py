"""Git LFS pointers: small text files in the place of large ones, where a repository was cloned without its large files."""

from __future__ import annotations

from pathlib import Path

_HEADER = b"version https://git-lfs.github.com/spec/"
ADVICE = "Run `git lfs pull` in the repository that it came from."


def is_pointer(content: bytes) -> bool:
    """Tells whether a file that begins with ``content`` is a pointer."""
    return content.startswith(_HEADER)


def pointers(path: Path) -> list[Path]:
    """Returns ``path``, or the files in it, as far as they are pointers."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sorted(file for file in files if file.is_file() and is_pointer(_head(file)))


def _head(file: Path) -> bytes:
    with open(file, "rb") as stream:
        return stream.read(len(_HEADER))
