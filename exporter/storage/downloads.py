"""Downloading what an export reads besides its checkpoint: a stored graph, and inputs to verify with."""

from __future__ import annotations

from pathlib import Path

from exporter.errors import ExportError, GraphError, UsageError
from exporter.storage.checkpoints import entries_of, files_of_prefix
from exporter.storage.places import name_of, parent_of
from exporter.storage.remote_directory import RemoteDirectory

_META = ".meta"
_SAVED_MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt")
_MOST_INPUT_FILES = 1000


def download_file(place: str, directory: Path, error: type[ExportError] = UsageError) -> Path:
    """Downloads one file into a local directory and returns its path there.

    Args:
        place: the file's address.
        directory: is created.
        error: the class of what is raised.

    Raises:
        ExportError: of the given class: it is not there, can't be read, or broke off.
        OutputError: the local disk is full.
    """
    remote = RemoteDirectory(parent_of(place), error)
    name = name_of(place)
    sizes = entries_of(remote)
    if name not in sizes:
        raise error(f"There is no file {place}.", "Check the address.")
    remote.download({name: sizes[name]}, directory)
    return directory / name


def download_directory(place: str, directory: Path, error: type[ExportError] = UsageError,
                       most: int | None = None) -> Path:
    """Downloads a directory with all that is below it, into a local one of its name; returns that.

    Args:
        place: the directory's address.
        directory: where it appears; is created.
        error: the class of what is raised.
        most: how many files it may hold; None for any number.

    Raises:
        ExportError: of the given class: it is not there, holds too much, can't be read, or broke off.
        OutputError: the local disk is full.
    """
    remote = RemoteDirectory(place, error)
    sizes = remote.tree()
    if not sizes:
        raise error(f"There is no file or directory {place}.", "Check the address.")
    if most is not None and len(sizes) > most:
        raise error(f"{place} holds {len(sizes):,} files; {most:,} are allowed.", "Give a directory with a few of them.")
    target = directory / (name_of(place) or "bucket")
    remote.download(sizes, target)
    return target


def download_graph(place: str, directory: Path, with_values: bool) -> Path:
    """Downloads a stored graph; returns what `exporter.graph.stored.loading.load_stored_graph` takes.

    Args:
        place: address of a ``.meta``, ``.pb`` or ``.pbtxt`` file, a SavedModel's directory, or the prefix of a checkpoint
            with a ``.meta`` beside it.
        directory: where it appears; is created.
        with_values: with the checkpoint beside a ``.meta`` file, where there is one.

    Raises:
        GraphError: it is not there, can't be read, or broke off.
        OutputError: the local disk is full.
    """
    beside = RemoteDirectory(parent_of(place), GraphError)
    sizes = entries_of(beside)
    name = name_of(place)
    meta = name if name.endswith(_META) else f"{name}{_META}"
    if meta in sizes:
        chosen = {meta, *(files_of_prefix(meta.removesuffix(_META), sizes) if with_values else ())}
        beside.download({file: sizes[file] for file in chosen}, directory)
        return directory / meta
    if name in _SAVED_MODEL_FILES and name in sizes:
        return download_directory(parent_of(place), directory, GraphError) / name
    if name in sizes:
        return download_file(place, directory, GraphError)
    if not any(file in entries_of(RemoteDirectory(place, GraphError)) for file in _SAVED_MODEL_FILES):
        raise GraphError(f"There is no graph {place}.", "Give a .meta, GraphDef (.pb, .pbtxt) or the directory of a "
                         f"SavedModel, which has a {' or '.join(_SAVED_MODEL_FILES)}.")
    return download_directory(place, directory, GraphError)


def download_inputs(place: str, directory: Path) -> Path:
    """Downloads inputs to verify with: a file, or a folder of up to 1,000 files (32 images of it are used).

    Raises:
        UsageError: they are not there, too many, can't be read, or broke off.
        OutputError: the local disk is full.
    """
    if RemoteDirectory(place, UsageError).is_file():
        return download_file(place, directory)
    return download_directory(place, directory, most=_MOST_INPUT_FILES)
