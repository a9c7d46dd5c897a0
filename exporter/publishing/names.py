"""The names that an export in progress uses beside its output: hidden, and telling whose they are.

    .NAME.lock               held while an export to NAME runs
    .NAME.staging-xxxxxxxx   what is being written
    .NAME.previous           the old export, for the instant of its replacement (only where directories can't be exchanged)
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

_LONGEST_NAME = 200  # bytes; file systems take 255 with what is added here


def lock_file(target: Path) -> Path:
    """Returns the lock's place."""
    return target.with_name(f".{_stem(target)}.lock")


def previous_directory(target: Path) -> Path:
    """Returns the place of the old export while it is replaced."""
    return target.with_name(f".{_stem(target)}.previous")


def new_staging_directory(target: Path) -> Path:
    """Creates a staging directory of its own."""
    staging = Path(tempfile.mkdtemp(prefix=f".{_stem(target)}.staging-", dir=target.parent))
    staging.chmod(0o755)
    return staging


def staging_directories(target: Path) -> list[Path]:
    """Returns all staging directories of this output, by whichever process."""
    pattern = re.compile(re.escape(f".{_stem(target)}.staging-") + "[a-z0-9_]{8}")
    with os.scandir(target.parent) as entries:
        return sorted(Path(entry.path) for entry in entries
                      if pattern.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False))


def _stem(target: Path) -> str:
    encoded = os.fsencode(target.name)
    return target.name if len(encoded) <= _LONGEST_NAME else hashlib.sha256(encoded).hexdigest()
