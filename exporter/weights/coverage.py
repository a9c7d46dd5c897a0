"""Coverage: the account of a graph's variables against a checkpoint, and the error where they don't fit."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from exporter.errors import CheckpointError
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.moving_averages import SHADOW_SUFFIX, shadow_key

_MOST_LISTED = 20


@dataclass(frozen=True)
class Misfit:
    """A variable without a fitting value.

    Attributes:
        name: the variable.
        kind: "missing", "shape" or "dtype".
        expected: the graph's shape or data type.
        found: the checkpoint's.
    """

    name: str
    kind: str
    expected: str
    found: str


@dataclass(frozen=True)
class Coverage:
    """What became of each variable and key.

    Attributes:
        required: variables that the outputs need.
        used: variables that have a value, in the checkpoint copy.
        averaged: those of them whose moving average is read.
        not_averaged: required ones without a moving average, where averages were asked for.
        misfits: required variables without a fitting value.
        left_out: other variables without a fitting value; the checkpoint copy does not have them.
        unused: keys of the checkpoint that nothing reads.
        unused_averages: required variables that have a moving average which is not read.
        initialized: variables that were never saved and hold their initial values.
    """

    required: tuple[str, ...] = ()
    used: tuple[str, ...] = ()
    averaged: tuple[str, ...] = ()
    not_averaged: tuple[str, ...] = ()
    misfits: tuple[Misfit, ...] = ()
    left_out: tuple[Misfit, ...] = ()
    unused: tuple[str, ...] = ()
    unused_averages: tuple[str, ...] = ()
    initialized: tuple[str, ...] = ()

    @property
    def averaged_summary(self) -> str:
        """``N of M variables averaged``, counting the variables that the outputs need."""
        return f"{len(set(self.averaged) & set(self.required))} of {len(self.required)} variables averaged"


def coverage_error(coverage: Coverage, checkpoint: Checkpoint, use_moving_averages: bool) -> CheckpointError:
    """Returns the error that lists all misfits, with near names and the likely cause."""
    lines = [_describe(misfit, checkpoint) for misfit in coverage.misfits]
    if len(lines) > _MOST_LISTED:
        lines = [*lines[:_MOST_LISTED], f"... and {len(lines) - _MOST_LISTED} more"]
    count = f"{len(coverage.misfits)} of the model's {len(coverage.required)} variables"
    problem = f"{count} do not fit the checkpoint {checkpoint.path.prefix}:\n  " + "\n  ".join(lines)
    return CheckpointError(problem, _likely_cause(coverage, checkpoint, use_moving_averages))


def _describe(misfit: Misfit, checkpoint: Checkpoint) -> str:
    if misfit.kind != "missing":
        return f"{misfit.name}: the model has {misfit.kind} {misfit.expected}, the checkpoint {misfit.found}"
    near = _near_key(misfit.name, checkpoint)
    return f"{misfit.name}: not in the checkpoint" + (f" (near: {near})" if near else "")


def _near_key(name: str, checkpoint: Checkpoint) -> str:
    keys = list(checkpoint.entries)
    endings = [key for key in keys if key.endswith("/" + name) or name.endswith("/" + key)]
    near = endings[:1] or difflib.get_close_matches(name, keys, n=1, cutoff=0.7)
    return near[0] if near else ""


def _likely_cause(coverage: Coverage, checkpoint: Checkpoint, use_moving_averages: bool) -> str:
    kinds = {misfit.kind for misfit in coverage.misfits}
    missing = [misfit.name for misfit in coverage.misfits if misfit.kind == "missing"]
    if missing and not use_moving_averages and all(shadow_key(name) in checkpoint.entries for name in missing):
        return f"The checkpoint has their moving averages only ({SHADOW_SUFFIX}): export with --use_moving_averages."
    if "shape" in kinds:
        return ("Likely cause: other --model_args than in training (the number of classes, a width); "
                "give those that the model was trained with.")
    if "dtype" in kinds:
        return "Likely cause: the model was trained with another precision than it is built with."
    prefixes = {key.removesuffix("/" + name) for name in missing for key in checkpoint.entries if key.endswith("/" + name)}
    if len(prefixes) == 1:
        return (f"The checkpoint has them under {next(iter(prefixes))}/: build the model in that variable scope, or map the "
                f"names with --variable_map '^=>{next(iter(prefixes))}/'.")
    if len(missing) == len(coverage.required):
        return "Likely cause: this checkpoint belongs to another model, or the model builds its variables in another scope."
    return ("Likely cause: the model was built with other --model_args than in training, or changed since, "
            "or the checkpoint belongs to another model.")
