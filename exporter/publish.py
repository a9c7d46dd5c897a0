"""Publishing: an export is written beside its place and appears there by one rename, or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from exporter.errors import OutputError, VerificationError
from exporter.publishing.durability import Synchronizer
from exporter.publishing.lock import DEFAULT_LOCK_TIMEOUT, output_lock, refuse_locked_output
from exporter.publishing.names import lock_file, new_staging_directory, staging_directories
from exporter.publishing.replacing import put_in_place, recover
from exporter.publishing.space import check_free_space, is_out_of_space, out_of_space

__all__ = ["MANIFEST_NAME", "check_free_space", "check_not_locked", "check_output_directory", "check_parents",
           "publication", "remove_leftovers"]

MANIFEST_NAME = "export_manifest.json"
_ADVICE = {
    errno.EROFS: "Give a directory on a file system that can be written.",
    errno.EBUSY: "It is mounted on its own and can't be replaced: give a directory inside of it.",
    errno.ENAMETOOLONG: "Give a shorter name.",
}


def check_output_directory(output_directory: Path, overwrite: bool, checkpoint_prefix: Path | None = None) -> None:
    """Refuses an output path where publishing would lose something.

    Args:
        output_directory: where the export is to appear.
        overwrite: whether an export that is there already may be replaced.
        checkpoint_prefix: the checkpoint that is read, which must not lie in a directory that is replaced.

    Raises:
        OutputError: it is a file, below one, an export and ``overwrite`` is off, or holds anything that is no export.
    """
    if "\0" in str(output_directory):
        raise OutputError("The output directory's name has a null character.", "Give another name.")
    with _output_errors(output_directory):
        _check_place(output_directory)
        _check_content(output_directory, overwrite)
    if checkpoint_prefix is not None and output_directory.resolve() in checkpoint_prefix.resolve().parents:
        raise OutputError(f"The checkpoint {checkpoint_prefix} lies in {output_directory}, which would be replaced.",
                          "Give another output directory.")


def check_parents(output_directory: Path) -> None:
    """Raises OutputError where the directory can't be created because of what is on the way to it."""
    parent = next(parent for parent in output_directory.absolute().parents if os.path.lexists(parent))
    if not parent.is_dir():
        raise OutputError(f"{output_directory} can't be created: {parent} is no directory.", "Give another directory.")


def _check_place(output_directory: Path) -> None:
    check_parents(output_directory)
    if output_directory.is_symlink() and not output_directory.exists():
        raise OutputError(f"{output_directory} is a link that leads nowhere.", "Remove it, or give another directory.")
    if output_directory.exists() and not output_directory.is_dir():
        raise OutputError(f"{output_directory} is a file.", "Give a directory that does not exist yet.")


def _check_content(output_directory: Path, overwrite: bool) -> None:
    if not output_directory.exists() or not any(output_directory.iterdir()):
        return
    if not (output_directory / MANIFEST_NAME).is_file():
        raise OutputError(f"The directory {output_directory} is not empty and holds no export (no {MANIFEST_NAME}).",
                          "Give a directory that does not exist yet.")
    if not overwrite:
        raise OutputError(f"There is an export in {output_directory} already.",
                          "Replace it with --overwrite, or give another directory.")


def check_not_locked(output_directory: Path) -> None:
    """Raises OutputError if another export to ``output_directory`` is running. Nothing is written."""
    with _output_errors(output_directory):
        refuse_locked_output(_target(output_directory))


@contextmanager
def publication(output_directory: Path, keep_failed: bool = False, lock_timeout: float = DEFAULT_LOCK_TIMEOUT,
                synchronizer: Synchronizer | None = None) -> Iterator[Path]:
    """Yields a staging directory, which takes the place of ``output_directory`` when the block ends without an error.

    Until then no other export to the same place runs, and what killed ones left there is removed.

    Args:
        output_directory: where the export is to appear.
        keep_failed: keep what was written when verification fails, as ``<output_directory>.failed``.
        lock_timeout: seconds to wait for another export to the same place.
        synchronizer: gets the bytes to the disk before they become visible; None for one of its own.

    Raises:
        OutputError: the directory can't be written, the disk is full, or another export holds the place.
    """
    target = _target(output_directory)
    with (_output_errors(output_directory), _parents_of(target), output_lock(target, lock_timeout),
          synchronizer or Synchronizer() as disk):
        recover(target)
        with _staging(target, output_directory, keep_failed) as staging:
            yield staging
            disk.finish(staging)
            put_in_place(staging, target)
        disk.directory(target.parent)


def remove_leftovers(output_directory: Path) -> None:
    """Removes what an export to ``output_directory`` that died has left beside it. Nothing, while another one runs."""
    target = _target(output_directory)
    with suppress(OutputError, OSError):
        if lock_file(target).exists() or staging_directories(target):
            with output_lock(target, timeout=0):
                recover(target)


def _target(output_directory: Path) -> Path:
    return Path(os.path.realpath(output_directory))


@contextmanager
def _staging(target: Path, output_directory: Path, keep_failed: bool) -> Iterator[Path]:
    """Yields a new staging directory, and removes what is in its place when the block ends."""
    staging = new_staging_directory(target)
    try:
        yield staging
    except OSError as error:
        if is_out_of_space(error):
            raise out_of_space(error, output_directory, staging) from error
        raise
    except VerificationError as error:
        if keep_failed:
            raise _kept(error, staging, target.with_name(f"{target.name}.failed")) from error
        raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _kept(error: VerificationError, staging: Path, failed: Path) -> VerificationError:
    shutil.rmtree(failed, ignore_errors=True)
    os.rename(staging, failed)
    return VerificationError(error.problem, f"{error.advice}\nWhat was written is kept in {failed}.")


@contextmanager
def _parents_of(target: Path) -> Iterator[None]:
    """Creates missing parents; removes them where the target does not appear."""
    missing = [parent for parent in target.parents if not parent.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield
    finally:
        if not target.exists():
            with suppress(OSError):
                for parent in missing:
                    parent.rmdir()


@contextmanager
def _output_errors(output_directory: Path) -> Iterator[None]:
    """Turns the system's errors into OutputErrors; those that name a file elsewhere are not the output's."""
    try:
        yield
    except OSError as error:
        if error.filename is not None and not _is_beside(error.filename, output_directory):
            raise
        if is_out_of_space(error):
            raise out_of_space(error, output_directory, None) from error
        raise OutputError(f"{output_directory} can't be written: {error.strerror or error}.",
                          _ADVICE.get(error.errno or 0, "Check the path and its permissions.")) from error


def _is_beside(file_name: object, output_directory: Path) -> bool:
    """Tells whether a file is in the directory where the output is to appear, or on the way there."""
    file, parent = Path(os.path.abspath(os.fsdecode(str(file_name)))), _target(output_directory).parent
    return file.is_relative_to(parent) or parent.is_relative_to(file)
