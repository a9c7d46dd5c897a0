"""One entry of a config file to its jobs: every combination of its matrix with every checkpoint that it means."""

from __future__ import annotations

import glob
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from exporter.batch.config.entries import Entry
from exporter.batch.config.placeholders import PlaceholderError
from exporter.batch.config.problems import Problem, Problems
from exporter.batch.config.words import CHECKPOINT_KEY, PREFIX_OPTION
from exporter.batch.job import Job
from exporter.batch.plan.checkpoints import (
    ALL,
    CheckpointFinder,
    FoundCheckpoint,
    MissingCheckpoint,
    NothingToChooseError,
    Selected,
)
from exporter.batch.plan.filling import UNKNOWN_STEP, Filling
from exporter.batch.plan.job_names import directory_label, name_problem, plain, value_label
from exporter.errors import ExportError, UsageError
from exporter.options.export_options import ExportOptions
from exporter.storage.places import name_of

MOST_JOBS = 100_000
_DIVIDE = "Divide the batch into several."
_OF_BATCH = ("name", "steps", "matrix", CHECKPOINT_KEY)


@dataclass(frozen=True)
class Planned:
    """A job on its way into the plan.

    Attributes:
        job: as it will run.
        entry: the entry of the config file that it comes from.
        combination: from the keys of the entry's matrix to the position of this job's value.
        faulty: keys of which a problem is known.
        failure: why it can't run.
    """

    job: Job
    entry: Entry
    combination: Mapping[str, int]
    faulty: Set[str]
    failure: ExportError | None = None

    def problem(self, option: str, text: str) -> Problem:
        """Returns a problem of an option, at the place where this job's value is written."""
        key = CHECKPOINT_KEY if option == PREFIX_OPTION else option
        if key in self.combination:
            return self.entry.problem(key, text, (self.combination[key],), in_matrix=True)
        return self.entry.problem(key, text)


@dataclass(frozen=True)
class _Choice:
    """The checkpoints that a combination means.

    Attributes:
        checkpoints: those that are there, and those that are missing; a None for an export without one.
        pattern: what is written for them.
        is_several: several of one directory may be meant.
    """

    checkpoints: tuple[Selected | None, ...]
    pattern: str = ""
    is_several: bool = False


@dataclass(frozen=True)
class _Combination:
    """One combination of the matrix, and the checkpoints that it means."""

    positions: dict[str, int]
    filling: Filling
    choice: _Choice


def can_be_expanded(entry: Entry) -> bool:
    """Tells whether nothing is wrong with what makes several jobs of an entry."""
    return not entry.faulty & set(_OF_BATCH)


def expand(entry: Entry, finder: CheckpointFinder, problems: Problems, most: int) -> Iterator[Planned]:
    """Yields the jobs of an entry: its combinations as they are written, the steps of each in ascending order.

    Args:
        entry: what is to be expanded; where its name, matrix, steps or checkpoint are faulty, nothing is.
        finder: looks for checkpoints.
        problems: is told of placeholders that can't be replaced, names that can't be used and too many jobs.
        most: how many jobs there may be.
    """
    if not can_be_expanded(entry):
        return
    matrix: dict[str, list[Any]] = entry.values.get("matrix", {})
    count = math.prod(map(len, matrix.values()))
    if count > most:
        problems.add(entry.problem("matrix", f"{count} combinations, expected at most {MOST_JOBS} jobs in all. {_DIVIDE}"))
        return
    combinations: list[_Combination] = []
    for positions in itertools.product(*(range(len(values)) for values in matrix.values())):
        combination = _combination(entry, dict(zip(matrix, positions, strict=True)), finder, problems)
        if combination is not None:
            combinations.append(combination)
            most -= len(combination.choice.checkpoints)
        if most < 0:
            problems.add(entry.problem("name", f"its checkpoints make more than {MOST_JOBS} jobs in all. {_DIVIDE}"))
            return
    yield from _jobs(entry, combinations, _Labels(entry, combinations), problems)


def sketch(entry: Entry) -> Planned | None:
    """Returns a job to check options by, for an entry that can't be expanded; None where its matrix is unknown."""
    if "matrix" in entry.faulty:
        return None
    filling = Filling(entry.values, tuple(entry.values.get("matrix", ())), entry.faulty, lambda key, text: None)
    options = ExportOptions(**filling.options("", ""), trained_checkpoint_prefix=entry.values.get(CHECKPOINT_KEY))
    return Planned(Job("", options), entry, {}, {*filling.faulty, *entry.values.get("matrix", ())})


def _combination(entry: Entry, positions: dict[str, int], finder: CheckpointFinder,
                 problems: Problems) -> _Combination | None:
    chosen = {key: entry.values["matrix"][key][position] for key, position in positions.items()}

    def report(key: str, text: str) -> None:
        problems.add(entry.problem(key, text, (positions[key],) if key in positions else (), key in positions))

    filling = Filling({**entry.values, **chosen}, tuple(chosen), entry.faulty, report)
    choice = _choice(entry, filling, finder, report)
    return None if choice is None else _Combination(positions, filling, choice)


def _choice(entry: Entry, filling: Filling, finder: CheckpointFinder,
            report: Callable[[str, str], None]) -> _Choice | None:
    """Returns the checkpoints of a combination, a None for an export without one; None where they can't be told."""
    if filling.values.get(CHECKPOINT_KEY) is None:
        return _Choice((None,))
    try:
        pattern = filling.checkpoint()
        steps = filling.values.get("steps")
        found = tuple(finder.select(pattern, steps))
        return _Choice(found, pattern, _means_several(found, pattern, steps))
    except PlaceholderError as error:
        report(CHECKPOINT_KEY, str(error))
    except NothingToChooseError:
        if entry.level("steps") < entry.level(CHECKPOINT_KEY):  # steps of the defaults are for exports of directories
            return _Choice(tuple(finder.select(pattern)), pattern)
        report("steps", f"given for one checkpoint, {pattern}. Name its directory as the checkpoint, or leave steps "
               "away.")
    return None


def _means_several(found: Iterable[Selected], pattern: str, steps: Any) -> bool:
    """Tells whether several checkpoints of one directory may be meant, however many there are today."""
    is_of_checkpoints = glob.has_magic(name_of(pattern)) and any(
        isinstance(entry, FoundCheckpoint) and entry.prefix.count("/") == pattern.count("/") for entry in found)
    return steps == ALL or isinstance(steps, list | dict) or (steps is None and is_of_checkpoints)


class _Labels:
    """What tells the jobs of an entry apart: directories, checkpoints and values that its name does not mention."""

    def __init__(self, entry: Entry, combinations: list[_Combination]) -> None:
        name = entry.values.get("name", "")
        mentioned = combinations[0].filling.mentioned_in(name) if combinations else set()
        self._matrix = {key: values for key, values in entry.values.get("matrix", {}).items() if key not in mentioned}
        steps = [[(checkpoint.directory, checkpoint.step) for checkpoint in combination.choice.checkpoints if checkpoint]
                 for combination in combinations]
        self._by_name = any(len(set(group)) < len(group) for group in steps)
        self._has_step = "step" in mentioned and not self._by_name

    def of(self, combination: _Combination, checkpoint: Selected | None) -> str:
        """Returns the suffix of one job's name; that of a job stays when other checkpoints or values come."""
        labels = []
        if checkpoint is not None:
            labels.append(directory_label(combination.choice.pattern, checkpoint.directory))
            if combination.choice.is_several and not self._has_step:
                labels.append(_checkpoint_label(checkpoint, self._by_name))
        labels += [value_label(key, values[combination.positions[key]]) for key, values in self._matrix.items()]
        return "".join(f"-{label}" for label in labels if label)


def _checkpoint_label(checkpoint: Selected, by_name: bool) -> str:
    """Returns a checkpoint's step; its name where two have one step or it has none; "" for nothing in a directory."""
    is_whole_directory = isinstance(checkpoint, MissingCheckpoint) and checkpoint.place == checkpoint.directory
    if checkpoint.step is not None and (not by_name or is_whole_directory):
        return str(checkpoint.step)
    return "" if is_whole_directory else plain(checkpoint.name)


def _jobs(entry: Entry, combinations: list[_Combination], labels: _Labels, problems: Problems) -> Iterator[Planned]:
    for combination in combinations:
        for checkpoint in combination.choice.checkpoints:
            try:
                name = combination.filling.name(_step_text(checkpoint)) + labels.of(combination, checkpoint)
            except PlaceholderError as error:
                problems.add(entry.problem("name", str(error)))
                return
            if (problem := name_problem(name)) != "":
                problems.add(entry.problem("name", problem))
                return
            yield _planned(entry, combination, checkpoint, name)


def _step_text(checkpoint: Selected | None) -> str:
    return UNKNOWN_STEP if checkpoint is None or checkpoint.step is None else str(checkpoint.step)


def _planned(entry: Entry, combination: _Combination, checkpoint: Selected | None, name: str) -> Planned:
    filling = combination.filling
    values = {"overwrite": True, **filling.options(name, _step_text(checkpoint))}
    if checkpoint is None:
        return Planned(Job(name, ExportOptions(**values)), entry, combination.positions, filling.faulty)
    if isinstance(checkpoint, MissingCheckpoint):
        prefix, size, failure = checkpoint.place, 0, checkpoint.error
    else:
        prefix, size, failure = checkpoint.prefix, checkpoint.size, None
        if checkpoint.step is None and filling.needs_step:
            failure = UsageError(f"The checkpoint {prefix} has no step in its name, and {{step}} is asked for.",
                                 "Leave {step} away.")
    job = Job(name, ExportOptions(**values, trained_checkpoint_prefix=prefix), checkpoint.step, size)
    return Planned(job, entry, combination.positions, filling.faulty, failure)
