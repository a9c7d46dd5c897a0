"""Publishing: an export is written beside its place and appears there by one rename, or not at all."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exporter.errors import OutputError, VerificationError

MANIFEST_NAME = "export_manifest.json"
_STAGING_SUFFIX = ".staging-"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def check_output_directory(output_directory: Path, overwrite: bool, checkpoint_prefix: Path | None = None) -> None:
    """Refuses an output path where publishing would lose something.

    Args:
        output_directory: where the export is to appear.
        overwrite: whether an export that is there already may be replaced.
        checkpoint_prefix: the checkpoint that is read, which must not lie in a directory that is replaced.

    Raises:
        OutputError: it is a file, holds an export and ``overwrite`` is off, or holds anything that is no export.
    """
    if output_directory.is_symlink() and not output_directory.exists():
        raise OutputError(f"{output_directory} is a link that leads nowhere.", "Remove it, or give another directory.")
    if not output_directory.exists():
        return
    if not output_directory.is_dir():
        raise OutputError(f"{output_directory} is a file.", "Give a directory that does not exist yet.")
    if not any(output_directory.iterdir()):
        return
    if not (output_directory / MANIFEST_NAME).is_file():
        raise OutputError(f"The directory {output_directory} is not empty and holds no export (no {MANIFEST_NAME}).",
                          "Give a directory that does not exist yet.")
    if not overwrite:
        raise OutputError(f"There is an export in {output_directory} already.",
                          "Replace it with --overwrite, or give another directory.")
    if checkpoint_prefix is not None and output_directory.resolve() in checkpoint_prefix.resolve().parents:
        raise OutputError(f"The checkpoint {checkpoint_prefix} lies in {output_directory}, which would be replaced.",
                          "Give another output directory.")


def check_free_space(output_directory: Path, byte_size: int) -> None:
    """Raises OutputError where the disk has too little space for ``byte_size`` more bytes."""
    existing = next(parent for parent in (output_directory.absolute(), *output_directory.absolute().parents)
                    if parent.exists())
    available = shutil.disk_usage(existing).free
    if available < byte_size:
        raise OutputError(f"The export needs {byte_size:,} bytes; {existing} has {available:,} bytes free.",
                          "Free some space, or export to another disk.")


@contextmanager
def publication(output_directory: Path, keep_failed: bool = False) -> Iterator[Path]:
    """Yields a staging directory, which takes the place of ``output_directory`` when the block ends without an error.

    Args:
        output_directory: where the export is to appear.
        keep_failed: keep what was written when verification fails, as ``<output_directory>.failed``.

    Raises:
        OutputError: the directory can't be written, or the disk is full.
    """
    target = Path(os.path.realpath(output_directory))
    created = _create_parents(target)
    staging = None
    try:
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}{_STAGING_SUFFIX}", dir=target.parent))
        staging.chmod(0o755)
        yield staging
        _put_in_place(staging, target)
    except OSError as error:
        raise _output_error(error, output_directory) from error
    except VerificationError as error:
        if keep_failed and staging is not None:
            raise _kept(error, staging, target.with_name(f"{target.name}.failed")) from error
        raise
    finally:
        if staging is not None:
            shutil.rmtree(staging, ignore_errors=True)
        if not target.exists():
            _remove(created)


def _kept(error: VerificationError, staging: Path, failed: Path) -> VerificationError:
    shutil.rmtree(failed, ignore_errors=True)
    os.rename(staging, failed)
    return VerificationError(error.problem, f"{error.advice}\nWhat was written is kept in {failed}.")


def _create_parents(target: Path) -> list[Path]:
    """Creates missing parents; returns them, innermost first."""
    missing = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _output_error(error, target) from error
    return missing


def _remove(directories: list[Path]) -> None:
    for directory in directories:
        try:
            directory.rmdir()
        except OSError:
            return


def _put_in_place(staging: Path, target: Path) -> None:
    """Renames; an export that is there already changes places with the new one in a single step where the system can."""
    if not target.is_dir() or not any(target.iterdir()):
        os.rename(staging, target)
    elif not _exchange(staging, target):
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}{_STAGING_SUFFIX}", dir=target.parent))
        os.rename(target, old / target.name)
        os.rename(staging, target)
        shutil.rmtree(old)


def _exchange(first: Path, second: Path) -> bool:
    """Exchanges two directories atomically (Linux: renameat2); returns False where the system has no such call."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    if renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(code, os.strerror(code), str(second))


def _output_error(error: OSError, output_directory: Path) -> OutputError:
    if error.errno == errno.ENOSPC:
        return OutputError(f"The disk is full: {output_directory} could not be written.",
                           "Free some space, or export to another disk. Nothing was left behind.")
    return OutputError(f"{output_directory} can't be written: {error.strerror or error}.",
                       "Check the path and its permissions.")
