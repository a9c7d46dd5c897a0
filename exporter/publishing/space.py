"""Free space: checked before anything is written, and told where it runs out after all."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.errors import OutputError

_ADVICE = "Free some space, or export to another disk."
_CAUSES = {
    errno.ENOSPC: "The disk is full",
    errno.EDQUOT: "Your disk quota is used up",
    errno.EFBIG: "A file grew beyond the largest size that is allowed (see `ulimit -f`)",
}


def check_free_space(output_directory: Path, byte_size: int) -> None:
    """Raises OutputError where the disk has too little space for ``byte_size`` more bytes."""
    place = _existing(output_directory)
    available = shutil.disk_usage(place).free
    if available < byte_size:
        raise OutputError(f"The export needs {byte_size:,} bytes; {place} has {available:,} bytes free.", _ADVICE)


def _existing(path: Path) -> Path:
    return next(parent for parent in (path.absolute(), *path.absolute().parents) if parent.exists())


@contextmanager
def space_for(byte_size: int, output_directory: Path, staging: Path) -> Iterator[None]:
    """Checks the free space, then tells what was needed where it runs out while the block writes.

    Args:
        byte_size: bytes that are going to be written.
        output_directory: where the export is to appear, for messages.
        staging: where it is written.

    Raises:
        OutputError: there is not enough, because of other programs, a quota or a limit of the process.
    """
    check_free_space(staging, byte_size)
    try:
        yield
    except OSError as error:
        if is_out_of_space(error):
            raise out_of_space(error, output_directory, staging, byte_size) from error
        raise


def is_out_of_space(error: OSError) -> bool:
    """Tells whether a disk, a quota or a size limit is the cause."""
    return error.errno in _CAUSES


def out_of_space(error: OSError, output_directory: Path, staging: Path | None, byte_size: int | None = None) -> OutputError:
    """Returns the error that says how many bytes are needed, as far as that is known, and how many there are."""
    written = sum(file.stat().st_size for file in staging.rglob("*") if file.is_file()) if staging else 0
    place = _existing(output_directory.absolute().parent)
    available = shutil.disk_usage(place).free + written
    needed = f"the export needs {byte_size:,} bytes" if byte_size else f"{written:,} bytes were written"
    return OutputError(f"{_CAUSES[error.errno or 0]}: {needed}, {place} has {available:,} bytes free.",
                       f"{_ADVICE} Nothing was left behind.")
