"""Downloading one checkpoint: the files of its prefix, whole, and no others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.errors import CheckpointError
from exporter.storage.places import join, name_by_origin, name_of, normalized, parent_of
from exporter.storage.remote_directory import RemoteDirectory
from exporter.weights.checkpoint_path import STATE_FILE, base_name_of, named_by_state_file, resolve_checkpoint

_SUFFIX = re.compile(r"\.index|\.meta|(\.data)?-\d{5}-of-\d{5}")
_FILE_OF_PREFIX = re.compile(r"(.+?)(\.index|\.meta|(\.data)?-\d{5}-of-\d{5})")
_MOST_NAMED = 5


@dataclass(frozen=True)
class RemoteCheckpoint:
    """A checkpoint in a store.

    Attributes:
        directory: where it is.
        name: its prefix within the directory.
        sizes: name -> size in bytes of all files to download; the state file, where that has led to it, is one of them.
    """

    directory: RemoteDirectory
    name: str
    sizes: Mapping[str, int]

    @property
    def prefix(self) -> str:
        """The address of its prefix."""
        return join(self.directory.place, self.name)

    def download(self, local: Path) -> Path:
        """Downloads it; returns the local prefix. Raises as `download_checkpoint` does."""
        self.directory.download(self.sizes, local)
        try:
            return resolve_checkpoint(local / self.name).prefix
        except CheckpointError as error:
            name_by_origin(error, {str(local): self.directory.place})
            raise


def download_checkpoint(prefix: str, directory: Path) -> Path:
    """Downloads a checkpoint: ``.index``, every ``.data-*``, ``.meta`` if it is there; or the files of a V1 checkpoint.

    Args:
        prefix: the address of a prefix, of any file of it, or of a directory: its state file names the latest and is
            downloaded as well, else the only one is taken.
        directory: where the files appear, each when it is complete; is created.

    Returns:
        The local prefix.

    Raises:
        CheckpointError: there is none, files are missing, access is denied, or the transfer broke off.
        OutputError: the local disk has too little space.
        UsageError: the address's protocol is not known, or its library is not installed.
    """
    return find_checkpoint(prefix).download(directory)


def find_checkpoint(place: str) -> RemoteCheckpoint:
    """Finds the checkpoint that an address means; arguments and errors as of `download_checkpoint`."""
    remote = RemoteDirectory(parent_of(place), CheckpointError)
    sizes = entries_of(remote)
    name = name_of(place)
    match = _FILE_OF_PREFIX.fullmatch(name) if name in sizes else None
    name = match[1] if match else name
    chosen = files_of_prefix(name, sizes)
    if not chosen:
        return _latest_in(normalized(place), sizes)
    return RemoteCheckpoint(remote, name, {file: sizes[file] for file in chosen})


def files_of_prefix(prefix: str, names: Mapping[str, int]) -> list[str]:
    """Returns the names that are a prefix's: of ``model.ckpt-1``, none of ``model.ckpt-10``."""
    return [name for name in names if name == prefix
            or (name.startswith(prefix) and _SUFFIX.fullmatch(name.removeprefix(prefix)))]


def entries_of(remote: RemoteDirectory) -> dict[str, int]:
    """Returns name -> size of the files directly in a directory; empty where there is none."""
    try:
        return remote.entries()
    except FileNotFoundError:
        return {}


def _latest_in(place: str, beside: Mapping[str, int]) -> RemoteCheckpoint:
    remote = RemoteDirectory(place, CheckpointError)
    sizes = entries_of(remote)
    prefixes = _prefixes(sizes)
    if not sizes:
        raise CheckpointError(f"There is no checkpoint {place}.", _there(parent_of(place), _prefixes(beside)))
    if STATE_FILE in sizes:
        name = _latest_named(place, remote.read(STATE_FILE))
    elif len(prefixes) == 1:
        name = prefixes[0]
    else:
        found = f"has {len(prefixes)} checkpoints" if prefixes else "has no checkpoint"
        raise CheckpointError(f"The directory {place} {found} and no state file ({STATE_FILE!r}) that names the latest.",
                              _there(place, prefixes))
    chosen = files_of_prefix(name, sizes)
    if not chosen:
        raise CheckpointError(f"The state file in {place} names {name!r} as the latest checkpoint, which is not there.",
                              _there(place, prefixes))
    return RemoteCheckpoint(remote, name, {file: sizes[file] for file in {*chosen, STATE_FILE} & set(sizes)})


def _latest_named(place: str, state: bytes) -> str:
    """The base name of what a state file names: its path is that of the machine where the training ran."""
    named = named_by_state_file(state)
    if named is None:
        raise CheckpointError(f"The state file in {place} names no checkpoint (no model_checkpoint_path).",
                              "Give a prefix.")
    return base_name_of(named)


def _prefixes(names: Mapping[str, int]) -> list[str]:
    prefixes = [name.removesuffix(".index") for name in names if name.endswith(".index")]
    return sorted(prefixes, key=lambda name: (len(name), name))


def _there(place: str, prefixes: list[str]) -> str:
    if not prefixes:
        return f"There is none at all in {place}."
    return f"Checkpoints in {place}: {', '.join(prefixes[-_MOST_NAMED:])}. Give one of these prefixes."
