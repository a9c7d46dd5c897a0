"""Which checkpoints does an export of a batch mean? A prefix, a directory or a glob, and a choice of steps."""

from __future__ import annotations

import glob
import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from exporter.errors import CheckpointError, ExportError
from exporter.storage.listing import expand, list_files, read_bytes
from exporter.storage.places import is_remote, join, local_path, name_of, parent_of
from exporter.weights.checkpoint_path import STATE_FILE, base_name_of, named_by_state_file, resolve_checkpoint

LATEST, ALL, EVERY = "latest", "all", "every"

_INDEX = ".index"
_FILE_OF = re.compile(r"(.+?)(?:\.index|\.meta|\.data-\d{5}-of-\d{5})")
_DATA_FILE = re.compile(r"(.+)\.data-(\d{5})-of-(\d{5})")
_STEP = re.compile(r"-(\d+)$")
_MOST_NAMED = 8


@dataclass(frozen=True)
class FoundCheckpoint:
    """A checkpoint that an export of a batch means.

    Attributes:
        prefix: its path or address.
        step: by the prefix's ending, where it has one.
        size: bytes of its files with values.
    """

    prefix: str
    step: int | None
    size: int

    @property
    def name(self) -> str:
        """The last part of the prefix."""
        return name_of(self.prefix)

    @property
    def directory(self) -> str:
        """The directory that it is in."""
        return parent_of(self.prefix)


@dataclass(frozen=True)
class MissingCheckpoint:
    """A checkpoint that is not there.

    Attributes:
        place: what was asked for: a prefix, a glob, or a directory.
        directory: where it was looked for.
        step: the step that was asked for, if it was.
        error: why there is none.
    """

    place: str
    directory: str
    step: int | None
    error: ExportError

    @property
    def name(self) -> str:
        """The last part of the place."""
        return name_of(self.place)


Selected = FoundCheckpoint | MissingCheckpoint


class NothingToChooseError(Exception):
    """One checkpoint is named exactly, and steps are given as well."""


class _Directory:
    """What one directory holds.

    Args:
        place: a path or an address; empty for the current directory.
        files: name -> size in bytes.
    """

    def __init__(self, place: str, files: dict[str, int]) -> None:
        self.place, self.files = place, files

    @cached_property
    def checkpoints(self) -> dict[str, FoundCheckpoint]:
        """The V2 checkpoints in it by name, ordered by step and name."""
        sizes = {prefix: sum(self.files[name] for name, _ in pieces) for prefix, pieces in self._data_files.items()}
        names = (name.removesuffix(_INDEX) for name in self.files if name.endswith(_INDEX) and name != _INDEX)
        found = [self._found(name, sizes.get(name, 0)) for name in names]
        return {entry.name: entry for entry in sorted(found, key=lambda entry: (
            -1 if entry.step is None else entry.step, entry.prefix))}

    @cached_property
    def by_step(self) -> dict[int, list[FoundCheckpoint]]:
        """Its checkpoints by the step in their names."""
        steps: dict[int, list[FoundCheckpoint]] = {}
        for entry in self.checkpoints.values():
            if entry.step is not None:
                steps.setdefault(entry.step, []).append(entry)
        return steps

    @cached_property
    def incomplete(self) -> dict[str, str]:
        """From the names of checkpoints with missing data files to how many there are: "1 of 2"."""
        counts = {name: (len(self._data_files.get(name, ())), (self._data_files.get(name) or [("", 1)])[0][1])
                  for name in self.checkpoints}
        return {name: f"{present} of {total}" for name, (present, total) in counts.items() if present < total}

    @cached_property
    def _data_files(self) -> dict[str, list[tuple[str, int]]]:
        """From prefixes to their data files, each with the number of files that there should be."""
        files: dict[str, list[tuple[str, int]]] = {}
        for name in self.files:
            if (match := _DATA_FILE.fullmatch(name)) is not None:
                files.setdefault(match[1], []).append((name, int(match[3])))
        return files

    @cached_property
    def last_names(self) -> str:
        """The names of some of its checkpoints, those of the highest steps."""
        return ", ".join(list(self.checkpoints)[-_MOST_NAMED:])

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self.files)

    def has_prefix(self, prefix: str) -> bool:
        """Tells whether the name of any file begins with ``prefix``."""
        position = bisect_left(self._names, prefix)
        return position < len(self._names) and self._names[position].startswith(prefix)

    @property
    def is_of_training(self) -> bool:
        """Tells whether anything of a checkpoint is in it."""
        return STATE_FILE in self.files or any(_FILE_OF.fullmatch(name) for name in self.files)

    def at(self, name: str) -> FoundCheckpoint | None:
        """Returns the checkpoint that a prefix or the name of one of its files means; of V1 too."""
        if name in self.checkpoints:
            return self.checkpoints[name]
        match = _FILE_OF.fullmatch(name)
        if match is not None and match[1] in self.checkpoints:
            return self.checkpoints[match[1]]
        if match is not None and name in self.files and match[1] in self.files:
            name = match[1]  # the .meta of a V1 checkpoint
        return self._found(name, self.files[name]) if name in self.files and not _FILE_OF.fullmatch(name) else None

    def _found(self, name: str, size: int) -> FoundCheckpoint:
        step = _STEP.search(name)
        return FoundCheckpoint(join(self.place, name) if self.place else name, int(step[1]) if step else None, size)


class CheckpointFinder:
    """Finds checkpoints; every directory is listed once."""

    def __init__(self) -> None:
        self._directories: dict[str, _Directory | None] = {}

    def select(self, checkpoint: str, steps: Any = None) -> Sequence[Selected]:
        """Returns the checkpoints that are meant, by directory and step; those that are not there among them.

        Args:
            checkpoint: a prefix, a file of one, a directory, or a glob over directories or checkpoints; local or remote.
            steps: ``latest``, ``all``, a list of steps or ``{every: N}``; None for the latest of a directory and for all
                that a glob over checkpoints finds.

        Raises:
            NothingToChooseError: one checkpoint is named exactly, and steps are given as well.
        """
        try:
            return [self._complete(entry) for entry in self._select(checkpoint, steps)]
        except ExportError as error:
            error.with_traceback(None)  # thousands of them would keep thousands of frames
            return [MissingCheckpoint(checkpoint, parent_of(checkpoint), None, error)]
        except (OSError, ValueError) as error:
            unreadable = CheckpointError(f"{checkpoint} can't be read: {error}.", "Check the path and its permissions.")
            return [MissingCheckpoint(checkpoint, parent_of(checkpoint), None, unreadable)]

    def _select(self, checkpoint: str, steps: Any) -> Sequence[Selected]:
        place = local_path(checkpoint)
        place = place.rstrip("/") or place
        if not is_remote(place) and os.path.isdir(place):
            return self._in_directory(place, steps)
        exact = self._exact(place)
        if exact is not None:
            if steps is not None:
                raise NothingToChooseError
            return [exact]
        if is_remote(place) and self._directory(place) is not None:
            return self._in_directory(place, steps)
        if glob.has_magic(place):
            return self._matching(place, steps)
        directory = self._directory(parent_of(place))
        if not is_remote(place) and (os.path.lexists(place + _INDEX) or (
                directory is not None and directory.has_prefix(name_of(place)))):
            return [_resolved(checkpoint)]  # a sharded V1 checkpoint, or the error that tells what is wrong with it
        raise CheckpointError(f"There is no checkpoint {checkpoint!r}.", self._advice(parent_of(place)))

    def _directory(self, place: str) -> _Directory | None:
        if place not in self._directories:
            try:
                self._directories[place] = _Directory(place, list_files(place))
            except (FileNotFoundError, NotADirectoryError):
                self._directories[place] = None
        return self._directories[place]

    def _exact(self, place: str) -> FoundCheckpoint | None:
        directory = self._directory(parent_of(place))
        return directory.at(name_of(place)) if directory is not None else None

    def _complete(self, entry: Selected) -> Selected:
        """Returns a checkpoint; a missing one where data files are missing by their own numbering."""
        directory = self._directories.get(entry.directory) if isinstance(entry, FoundCheckpoint) else None
        if directory is None or not isinstance(entry, FoundCheckpoint) or entry.name not in directory.incomplete:
            return entry
        return MissingCheckpoint(entry.prefix, entry.directory, entry.step, CheckpointError(
            f"The checkpoint {entry.prefix} is not complete: it has {directory.incomplete[entry.name]} data files.",
            "Copy all files of the checkpoint: .index and every .data-*."))

    def _in_directory(self, place: str, steps: Any) -> Sequence[Selected]:
        directory = self._directory(place)
        if directory is None:
            raise CheckpointError(f"There is no directory {place}.", "Check the path.")
        if steps is None or steps == LATEST:
            return [self._latest(directory)]
        if not directory.checkpoints:
            latest = self._latest(directory)  # a V1 checkpoint that the state file names, or an error
            return _chosen([latest], {} if latest.step is None else {latest.step: [latest]}, steps, place)
        return _chosen(list(directory.checkpoints.values()), directory.by_step, steps, place)

    def _latest(self, directory: _Directory) -> FoundCheckpoint:
        """Returns the checkpoint that the state file names; where there is none, that of the highest step."""
        place = directory.place
        if STATE_FILE in directory.files:
            name = base_name_of(named_by_state_file(read_bytes(join(place, STATE_FILE))) or "")
            found = directory.at(name) if name else None
            if found is not None:
                return found
            if not is_remote(place):
                return _resolved(place)
            raise CheckpointError(f"The state file in {place} names {name!r} as the latest checkpoint, which is not there.",
                                  self._advice(place))
        highest = directory.by_step[max(directory.by_step)] if directory.by_step else list(directory.checkpoints.values())
        if len(highest) == 1:
            return highest[0]
        if not is_remote(place):
            return _resolved(place)
        raise CheckpointError(f"The directory {place} has {len(directory.checkpoints)} checkpoints and no state file "
                              f"({STATE_FILE!r}) that names the latest.", self._advice(place))

    def _matching(self, pattern: str, steps: Any) -> Sequence[Selected]:
        """Returns the checkpoints that match a glob, and those in the directories that match it."""
        places = expand(pattern)
        prefixes = {place.removesuffix(_INDEX) for place in (*places, *expand(pattern + _INDEX)) if place.endswith(_INDEX)}
        groups: dict[str, list[FoundCheckpoint]] = {}
        for prefix in sorted(prefixes):
            found = self._exact(prefix)
            if found is not None:
                groups.setdefault(found.directory, []).append(found)
        selected: list[Selected] = []
        for place, group in groups.items():
            selected += _matching_in(place, group, steps)
        for place in places:
            selected += self._in_matching_directory(place, steps)
        if not selected:
            raise CheckpointError(f"No checkpoint matches {pattern!r}.", "Check the pattern; it is relative to the current "
                                  "directory." if not is_remote(pattern) and not os.path.isabs(pattern) else
                                  "Check the pattern.")
        return selected

    def _in_matching_directory(self, place: str, steps: Any) -> Sequence[Selected]:
        if not is_remote(place) and not os.path.isdir(place):
            return []
        beside = self._directory(parent_of(place)) if is_remote(place) else None
        directory = None if beside is not None and name_of(place) in beside.files else self._directory(place)
        if directory is None or not directory.is_of_training:
            return []
        try:
            return self._in_directory(place, steps)
        except ExportError as error:
            return [MissingCheckpoint(place, place, None, error)]

    def _advice(self, place: str) -> str:
        directory = self._directory(place)
        if directory is None:
            return f"There is no directory {place}."
        where, names = place or "the current directory", directory.last_names
        return f"Checkpoints in {where}: {names}." if names else f"There is none at all in {where}."


def _matching_in(place: str, group: list[FoundCheckpoint], steps: Any) -> Sequence[Selected]:
    """Returns the chosen ones of those that a glob has found in one directory."""
    by_step: dict[int, list[FoundCheckpoint]] = {}
    for entry in sorted(group, key=lambda entry: (-1 if entry.step is None else entry.step, entry.prefix)):
        if entry.step is not None:
            by_step.setdefault(entry.step, []).append(entry)
    ordered = [entry for entry in group if entry.step is None]
    ordered += [entry for step in sorted(by_step) for entry in by_step[step]]
    return ordered[-1:] if steps == LATEST else _chosen(ordered, by_step, ALL if steps is None else steps, place)


def _chosen(ordered: list[FoundCheckpoint], by_step: dict[int, list[FoundCheckpoint]], steps: Any,
            place: str) -> Sequence[Selected]:
    """Returns those of the chosen steps, in the order of the steps."""
    if steps == ALL:
        return ordered
    if isinstance(steps, dict):
        interval = steps[EVERY]
        chosen = [entry for step, entries in by_step.items() if step % interval == 0 for entry in entries]
        error = CheckpointError(f"No checkpoint in {place} has a step that {interval} divides.", _steps_there(by_step))
        return chosen or [MissingCheckpoint(place, place, None, error)]
    selected: list[Selected] = []
    for step in sorted(steps):
        error = CheckpointError(f"There is no checkpoint of step {step} in {place}.", _steps_there(by_step))
        selected += by_step.get(step) or [MissingCheckpoint(place, place, step, error)]
    return selected


def _steps_there(steps: Iterable[int]) -> str:
    there = sorted(steps)
    if not there:
        return "No checkpoint there has a step in its name."
    shown = [str(step) for step in (there if len(there) <= _MOST_NAMED else there[:_MOST_NAMED // 2])]
    if len(there) > _MOST_NAMED:
        shown += ["...", *(str(step) for step in there[-_MOST_NAMED // 2:])]
    return f"Steps there: {', '.join(shown)}."


def _resolved(path: str) -> FoundCheckpoint:
    """Returns the local checkpoint that an export would take; raises CheckpointError as it would."""
    found = resolve_checkpoint(local_path(path))
    values = found.files if found.version == "V1" else found.files[1:]
    return FoundCheckpoint(str(found.prefix), found.step_in_name, sum(file.stat().st_size for file in values))
