"""From config files to the jobs of a batch. Nothing here imports TensorFlow, and nothing is written."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace

from exporter.batch.config.loading import load_entries
from exporter.batch.config.problems import Problems
from exporter.batch.config.words import CHECKPOINT_KEY, PREFIX_OPTION, yaml_words
from exporter.batch.failing import failed_result
from exporter.batch.job import Job, JobResult
from exporter.batch.plan.checkpoints import CheckpointFinder, FoundCheckpoint
from exporter.batch.plan.expansion import MOST_JOBS, Planned, can_be_expanded, expand, sketch
from exporter.batch.plan.output_places import Conflict, Places, conflicts
from exporter.errors import ExportError
from exporter.graph.stored.loading import own_variables
from exporter.options.export_options import ExportOptions
from exporter.options.requirements import OptionProblem, option_problems
from exporter.storage.places import is_remote, local_path, parent_of


@dataclass(frozen=True)
class Plan:
    """What a batch has to do.

    Attributes:
        jobs: in the order of the config files; those of one export by its matrix as it is written, then by step.
        failed: by name, the results of jobs that can't run: their checkpoints are not there.
    """

    jobs: tuple[Job, ...]
    failed: Mapping[str, JobResult] = field(default_factory=dict)


def plan_batch(paths: Sequence[str], overrides: Sequence[str] = ()) -> Plan:
    """Reads config files, finds the checkpoints that they mean, and returns the jobs.

    Args:
        paths: YAML files. Paths in them are relative to the current directory, those of bases to the file that names them.
        overrides: arguments of ``--set``: ``exports.0.input_type=tf_example``.

    Raises:
        ConfigError: everything that is wrong with the files, at once.
        UsageError: there are no paths.
    """
    problems = Problems()
    with _without_garbage_collection():
        entries = load_entries(paths, overrides, problems)
        finder = CheckpointFinder()
        planned: list[Planned] = []
        for entry in entries:
            planned += expand(entry, finder, problems, MOST_JOBS - len(planned))
        sketches = [sketched for entry in entries if not can_be_expanded(entry) and (sketched := sketch(entry)) is not None]
        _check_options([*planned, *sketches], problems)
        _check_names(planned, problems)
        _check_places(planned, problems)
        problems.raise_any()
        planned = [_with_own_checkpoint(entry, finder) for entry in planned]
    return Plan(tuple(entry.job for entry in planned),
                {entry.job.name: failed_result(entry.failure) for entry in planned if entry.failure is not None})


def _with_own_checkpoint(planned: Planned, finder: CheckpointFinder) -> Planned:
    """Names the checkpoint of a stored graph that brings its own: a SavedModel's, or the one beside a ``.meta``."""
    options = planned.job.options
    graph = options.input_graph
    if not graph or is_remote(graph) or options.trained_checkpoint_prefix or planned.failure is not None:
        return planned
    try:
        own = own_variables(local_path(graph))
    except ExportError as error:
        return replace(planned, failure=error)
    found = None if own is None else finder.select(str(own))[0]
    if not isinstance(found, FoundCheckpoint):
        return planned if found is None else replace(planned, failure=found.error)
    return replace(planned, job=replace(planned.job, step=found.step, checkpoint_size=found.size,
                                        options=replace(options, trained_checkpoint_prefix=found.prefix)))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Planning makes many small objects that stay, and no cycles: looking for some takes most of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # later collections leave them aside
        if was_enabled:
            gc.enable()


def _check_options(planned: Sequence[Planned], problems: Problems) -> None:
    """Tells of options that are wrong in themselves or together; jobs that differ in places only are checked once."""
    known: dict[str, tuple[OptionProblem, ...]] = {}
    for entry in planned:
        key = _without_places(entry.job.options)
        if key not in known:
            known[key] = tuple(option_problems(entry.job.options))
        for found in known[key]:
            if not _is_known(found, entry):
                text = f"{found.error.problem} {found.error.advice}".strip()
                problems.add(entry.problem(found.option, yaml_words(text)))


_NAMES = tuple(field.name for field in fields(ExportOptions) if field.name not in ("output_directory", PREFIX_OPTION))


def _without_places(options: ExportOptions) -> str:
    values = vars(options)
    has_places = bool(options.output_directory), bool(options.trained_checkpoint_prefix)
    return repr([*(values[name] for name in _NAMES), has_places])


def _is_known(found: OptionProblem, entry: Planned) -> bool:
    """Tells whether a problem follows from one that was told already: it concerns a key that has one itself."""
    words = set(yaml_words(f"{found.option} {found.error.problem}").replace(PREFIX_OPTION, CHECKPOINT_KEY).split())
    return not words.isdisjoint(entry.faulty)


def _check_names(planned: Sequence[Planned], problems: Problems) -> None:
    first: dict[str, Planned] = {}
    for entry in planned:
        other = first.setdefault(entry.job.name, entry)
        if other is not entry:
            place = other.entry.problem("name", "").place
            problems.add(entry.entry.problem("name", f"a second job is called {entry.job.name!r}; the first is that of "
                                             f"{place}. Give each a name of its own."))


def _check_places(planned: Sequence[Planned], problems: Problems) -> None:
    """Tells of output directories that are equal, nested, or hold what another job reads."""
    places = Places()
    written = [(entry, entry.job.options.output_directory) for entry in planned
               if entry.failure is None and not entry.faulty & {"output_directory", "name"}]
    outputs = [(entry, places.real(directory)) for entry, directory in written if directory]
    inputs: dict[str, tuple[Planned, str]] = {}
    for entry in planned:
        options = entry.job.options
        for path in (options.trained_checkpoint_prefix if entry.failure is None else None, options.input_graph):
            if path:
                inputs.setdefault(parent_of(path), (entry, path))
    read = [(path, places.real(directory or ".")) for directory, (_, path) in inputs.items()]
    for conflict in conflicts([place for _, place in outputs], [place for _, place in read]):
        _report_conflict(conflict, [entry for entry, _ in outputs], [path for path, _ in read], problems)


def _report_conflict(conflict: Conflict, outputs: Sequence[Planned], read: Sequence[str], problems: Problems) -> None:
    outer = outputs[conflict.outer]
    directory = outer.job.options.output_directory
    if conflict.is_read:
        text = f"{directory!r} holds {read[conflict.inner]}, which is read and would be replaced. Give another directory."
        problems.add(outer.problem("output_directory", text))
        return
    inner = outputs[conflict.inner]
    at_fault, other = (inner, outer) if conflict.inner > conflict.outer else (outer, inner)
    if conflict.is_equal and inner.entry is outer.entry:
        problems.add(inner.problem("output_directory", f"several jobs of this export write to {directory!r}. Write {{name}} "
                                   "into it."))
        return
    relation = "is also" if conflict.is_equal else "lies in" if at_fault is inner else "holds"
    mine, theirs = at_fault.job.options.output_directory, other.job.options.output_directory
    problems.add(at_fault.problem("output_directory", f"{mine!r} of the job {at_fault.job.name!r} {relation} {theirs!r} of "
                                  f"the job {other.job.name!r}. Give each job a directory of its own, outside of the "
                                  "others."))


