"""Binding: which key of the checkpoint gives which variable of the graph its value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from exporter.errors import CheckpointError, UsageError
from exporter.graph.tensor_spec import format_shape
from exporter.graph.variables import GraphVariable
from exporter.weights.checkpoint import DIRECT_ROAD, TENSORFLOW_ROAD, Checkpoint
from exporter.weights.coverage import Coverage, Misfit, coverage_error
from exporter.weights.moving_averages import shadow_key, shadow_keys
from exporter.weights.tensor_source import FileTensor, SlicedTensor, TensorSource


@dataclass(frozen=True)
class WeightOptions:
    """Which values of a checkpoint are read.

    Attributes:
        use_moving_averages: read each variable's shadow in place of its raw value, where it has one.
        variable_map: regular expression -> replacement; turns the name of a graph variable into the checkpoint's key.
            The first expression that matches anywhere in the name is applied.
    """

    use_moving_averages: bool = False
    variable_map: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pattern, replacement in self.variable_map.items():
            try:
                expression = re.compile(pattern)
            except (re.error, OverflowError, RecursionError) as error:
                raise UsageError(f"The variable map's {pattern!r} is no regular expression: {error}.",
                                 "For example: --variable_map '^tower_0/=>'") from error
            try:
                expression.sub(replacement, "")
            except (re.error, IndexError) as error:  # IndexError: a group's name that the expression has not
                raise UsageError(f"The variable map's replacement {replacement!r} of {pattern!r} can't be used: {error}.",
                                 r"Write \1 for the expression's first group, and \\ for a backslash.") from error

    def checkpoint_name(self, variable_name: str) -> str:
        """Returns what the checkpoint calls the variable (without its shadow's suffix)."""
        for pattern, replacement in self.variable_map.items():
            name, count = re.subn(pattern, replacement, variable_name)
            if count:
                return name
        return variable_name


@dataclass(frozen=True)
class Weights:
    """The values for a graph's variables, not yet read.

    Attributes:
        sources: variable name -> its value, as a checkpoint has it; parts of a partitioned variable share one name.
        coverage: the account of what fits and what does not.
    """

    sources: Mapping[str, TensorSource] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)

    def source(self, variable: GraphVariable) -> TensorSource:
        """Returns the value of a graph variable; of its own part only, where it is partitioned."""
        whole = self.sources[variable.name]
        return SlicedTensor(whole, variable.part.index, variable.part.shape) if variable.part else whole

    @property
    def roads(self) -> dict[str, int]:
        """How many values are read straight from the checkpoint's files, and how many by TensorFlow's reader."""
        direct = sum(isinstance(source, FileTensor) for source in self.sources.values())
        return {DIRECT_ROAD: direct, TENSORFLOW_ROAD: len(self.sources) - direct}

    @property
    def byte_size(self) -> int:
        """Bytes of all values together."""
        return sum(source.byte_size for source in self.sources.values())


def bind_weights(variables: Iterable[GraphVariable], required: Iterable[GraphVariable], checkpoint: Checkpoint,
                 options: WeightOptions) -> Weights:
    """Finds a key of the checkpoint for each variable. No value is read.

    Args:
        variables: all variables of the graph; those that are not required are left out where they don't fit.
        required: those that must be there and fit.
        checkpoint: where the values come from.
        options: which values are read.

    Raises:
        CheckpointError: required variables are missing or misfit (all of them are listed), or moving averages are asked
            for and the checkpoint has none.
    """
    required_names = {variable.name for variable in required}
    keys: dict[str, str] = {}
    misfits: dict[str, Misfit] = {}
    for variable in variables:
        key = find_key(variable.name, checkpoint, options)
        misfit = _misfit(variable, key, checkpoint)
        if misfit is not None:
            misfits[variable.name] = misfit
        elif key is not None:
            keys[variable.name] = key
    keys = {name: key for name, key in keys.items() if name not in misfits}
    coverage = _account(required_names, keys, misfits, checkpoint, options)
    if coverage.misfits:
        raise coverage_error(coverage, checkpoint, options.use_moving_averages)
    if options.use_moving_averages and required_names and not coverage.averaged and not shadow_keys(required_names):
        raise CheckpointError(f"The checkpoint {checkpoint.path.prefix} has no moving average of any variable of the model.",
                              "Export without --use_moving_averages, or give a checkpoint that was trained with them.")
    return Weights({name: checkpoint.source(key) for name, key in keys.items()}, coverage)


def find_key(name: str, checkpoint: Checkpoint, options: WeightOptions) -> str | None:
    """Returns the key of the checkpoint that gives a variable its value; None where there is none."""
    average = _average_key(name, checkpoint, options) if options.use_moving_averages else None
    return average or _key_of(options.checkpoint_name(name), checkpoint)


def _average_key(name: str, checkpoint: Checkpoint, options: WeightOptions) -> str | None:
    return _key_of(shadow_key(options.checkpoint_name(name)), checkpoint)


def _key_of(name: str, checkpoint: Checkpoint) -> str | None:
    return name if name in checkpoint.entries else checkpoint.key_by_variable_name.get(name)


def _misfit(variable: GraphVariable, key: str | None, checkpoint: Checkpoint) -> Misfit | None:
    if key is None:
        return Misfit(variable.name, "missing", "", "")
    entry = checkpoint.entries[key]
    expected = variable.full_shape
    if entry.dtype != variable.dtype:
        return Misfit(variable.name, "dtype", variable.dtype, entry.dtype)
    if expected is not None and (len(expected) != len(entry.shape) or any(
            wanted not in (None, found) for wanted, found in zip(expected, entry.shape, strict=True))):
        return Misfit(variable.name, "shape", format_shape(expected), format_shape(entry.shape))
    return None


def _account(required: set[str], keys: Mapping[str, str], misfits: Mapping[str, Misfit], checkpoint: Checkpoint,
             options: WeightOptions) -> Coverage:
    used_keys = set(keys.values())
    averages = {name: _average_key(name, checkpoint, options) for name in keys}
    averaged = {name for name, key in keys.items() if key == averages[name]}
    # A graph may also have the shadows as its variables: ExponentialMovingAverage.variables_to_restore does that.
    not_averaged = required & set(keys) - averaged - set(shadow_keys(keys)) if options.use_moving_averages else set()
    return Coverage(
        required=tuple(sorted(required)),
        used=tuple(sorted(keys)),
        averaged=tuple(sorted(averaged)),
        not_averaged=tuple(sorted(not_averaged)),
        misfits=tuple(misfits[name] for name in sorted(required & set(misfits))),
        left_out=tuple(misfits[name] for name in sorted(set(misfits) - required)),
        unused=tuple(sorted(set(checkpoint.entries) - used_keys)),
        unused_averages=tuple(sorted(name for name in required & set(keys) if averages[name] not in {None, *used_keys})))
