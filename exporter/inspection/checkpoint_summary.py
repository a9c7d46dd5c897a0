"""What is in a checkpoint: from its index alone, unless statistics are wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from exporter.errors import CheckpointError
from exporter.graph.tensor_spec import dtype_size, element_count
from exporter.inspection.statistics import TensorStatistics, tensor_statistics
from exporter.inspection.variable_roles import OBJECT_GRAPH, SHADOW, SLOT, STEP, VARIABLE, Role, display_name, roles
from exporter.weights.checkpoint import Checkpoint
from exporter.weights.checkpoint_path import STATE_FILE, CheckpointPath, checkpoints_in, resolve_checkpoint
from exporter.weights.tensor_bundle import TensorEntry

OBJECT_BASED, NAME_BASED = "object-based", "name-based"
_INTEGERS = ("int32", "int64")
_COUNTERS = (*_INTEGERS, "bool")


@dataclass(frozen=True)
class TensorSummary:
    """One tensor.

    Attributes:
        name: its key; for an object-based checkpoint without the common ending.
        dtype: data type by name.
        shape: its shape.
        byte_size: size of its values; None for strings.
        role: what it is, see `variable_roles`.
        belongs_to: the variable of a shadow or slot.
        attached: for a variable: "average" and the names of its slots.
        statistics: where they were asked for.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    byte_size: int | None
    role: str = VARIABLE
    belongs_to: str | None = None
    attached: tuple[str, ...] = ()
    statistics: TensorStatistics | None = None


@dataclass(frozen=True)
class CheckpointSummary:
    """What is in a checkpoint.

    Attributes:
        prefix: the checkpoint's prefix.
        explanation: how it was found, where it is not what the user gave.
        version: "V1" or "V2".
        kind: "name-based" (``tf.train.Saver``) or "object-based" (``tf.train.Checkpoint``).
        files: file name -> size in bytes.
        step: the global step, if known.
        all_checkpoints: names of all checkpoints in the directory, by step.
        latest: the one of them that the state file names.
        parameter_count: numbers in the model's variables, without shadows, slots, and the optimizer's own.
        tensors: everything in it, in the order of names.
        slots: name of a slot -> how many variables have it.
        graph: the ``.meta`` beside it.
    """

    prefix: Path
    explanation: str
    version: str
    kind: str
    files: Mapping[str, int]
    step: int | None
    all_checkpoints: tuple[str, ...]
    latest: str | None
    parameter_count: int
    tensors: tuple[TensorSummary, ...]
    slots: Mapping[str, int]
    graph: Path | None

    def with_role(self, *kinds: str) -> list[TensorSummary]:
        """Returns the tensors of these roles."""
        return [tensor for tensor in self.tensors if tensor.role in kinds]

    @property
    def variable_count(self) -> int:
        """Number of the model's variables."""
        return len(self.with_role(VARIABLE))

    @property
    def averaged_count(self) -> int:
        """Number of the model's variables that have a shadow."""
        return sum("average" in tensor.attached for tensor in self.with_role(VARIABLE))

    @property
    def byte_size(self) -> int:
        """Bytes of all files."""
        return sum(self.files.values())

    @property
    def not_finite(self) -> list[TensorSummary]:
        """The tensors with NaN or infinities, as far as statistics were read."""
        return [tensor for tensor in self.tensors if tensor.statistics and not tensor.statistics.is_finite]


def summarize_checkpoint(path: str | Path, statistics: bool = False) -> CheckpointSummary:
    """Describes the checkpoint that ``path`` means.

    Args:
        path: a prefix, a file of it, or a directory; of several checkpoints without a state file, the last by step.
        statistics: read every value once.

    Raises:
        CheckpointError: there is none, or it is damaged.
    """
    resolved = _resolve(Path(path))
    checkpoint = Checkpoint.open(resolved)
    role_of = roles({key: entry.shape for key, entry in checkpoint.entries.items()})
    attached = _attached(role_of)
    tensors = tuple(_tensor(checkpoint, key, entry, role_of[key], attached.get(key, ()), statistics)
                    for key, entry in sorted(checkpoint.entries.items()))
    graph = resolved.prefix.with_name(f"{resolved.prefix.name}.meta")
    return CheckpointSummary(
        prefix=resolved.prefix, explanation=resolved.explanation, version=resolved.version,
        kind=OBJECT_BASED if any(role.kind == OBJECT_GRAPH for role in role_of.values()) else NAME_BASED,
        files={file.name: file.stat().st_size for file in resolved.files}, step=_step(checkpoint, role_of),
        all_checkpoints=tuple(prefix.name for prefix in checkpoints_in(resolved.prefix.parent)),
        latest=_latest(resolved.prefix.parent),
        parameter_count=parameter_count(tensors),
        tensors=tensors, slots=Counter(role.slot for role in role_of.values() if role.slot),
        graph=graph if graph.is_file() else None)


def parameter_count(tensors: Iterable[TensorSummary]) -> int:
    """Counts the numbers in the variables of a model, without its counters: single integers."""
    return sum(element_count(tensor.shape) for tensor in tensors if tensor.role == VARIABLE
               and tensor.byte_size is not None and (tensor.shape or tensor.dtype not in _COUNTERS))


def _resolve(path: Path) -> CheckpointPath:
    try:
        return resolve_checkpoint(path)
    except CheckpointError:
        prefixes = checkpoints_in(path) if path.is_dir() and not (path / STATE_FILE).is_file() else []
        if len(prefixes) < 2:
            raise
        last = resolve_checkpoint(prefixes[-1])
        return CheckpointPath(last.prefix, last.version, last.files, f"the last of {len(prefixes)}, no state file")


def _latest(directory: Path) -> str | None:
    try:
        return resolve_checkpoint(directory).prefix.name if (directory / STATE_FILE).is_file() else None
    except CheckpointError:
        return None


def _attached(role_of: Mapping[str, Role]) -> dict[str, tuple[str, ...]]:
    """Variable -> "average" where it has a shadow, and its slots."""
    found: dict[str, list[str]] = {}
    for role in role_of.values():
        if role.variable is not None:
            found.setdefault(role.variable, []).append("average" if role.kind == SHADOW else str(role.slot))
    return {key: tuple(sorted(names, key=lambda name: (name != "average", name))) for key, names in found.items()}


def _tensor(checkpoint: Checkpoint, key: str, entry: TensorEntry, role: Role, attached: tuple[str, ...],
            statistics: bool) -> TensorSummary:
    item_size = dtype_size(entry.dtype)
    return TensorSummary(
        display_name(key), entry.dtype, entry.shape, None if item_size is None else element_count(entry.shape) * item_size,
        role.kind, display_name(role.variable) if role.kind in (SHADOW, SLOT) and role.variable else None, attached,
        tensor_statistics(checkpoint.source(key)) if statistics else None)


def _step(checkpoint: Checkpoint, role_of: Mapping[str, Role]) -> int | None:
    """The step of the checkpoint; of an object-based one without a global step, the optimizer's iterations."""
    if checkpoint.step is not None:
        return checkpoint.step
    counters = sorted(key for key, role in role_of.items() if role.kind == STEP and "save_counter" not in key)
    for key in counters:
        entry = checkpoint.entries[key]
        if entry.dtype in _INTEGERS and element_count(entry.shape) == 1:
            return int(checkpoint.source(key).read().reshape(()))
    return None
