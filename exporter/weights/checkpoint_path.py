"""Which checkpoint does a path mean? A prefix, any file of it, a V1 file, or a directory."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from exporter import git_lfs
from exporter.errors import CheckpointError

STATE_FILE = "checkpoint"
_DATA_SUFFIX = re.compile(r"\.data-(\d{5})-of-(\d{5})$")
_V1_SHARD_SUFFIX = re.compile(r"-\d{5}-of-\d{5}$")
_STEP_SUFFIX = re.compile(r"-(\d+)$")
_LATEST = re.compile(r'^\s*model_checkpoint_path:\s*"((?:[^"\\]|\\.)*)"', re.MULTILINE)
_HEAD_SIZE = 64
_MOST_FOLDERS = 200


@dataclass(frozen=True)
class CheckpointPath:
    """A checkpoint on disk.

    Attributes:
        prefix: what ``tf.train.Saver.restore`` takes.
        version: "V2" (index and data files) or "V1" (tables).
        files: all files of the checkpoint with values, index first.
        explanation: how the prefix was found, where it is not what the user gave.
    """

    prefix: Path
    version: str
    files: tuple[Path, ...]
    explanation: str = ""

    @property
    def step_in_name(self) -> int | None:
        """The step by the prefix's ending ("model.ckpt-2000")."""
        match = _STEP_SUFFIX.search(self.prefix.name)
        return int(match[1]) if match else None


def resolve_checkpoint(path: str | Path) -> CheckpointPath:
    """Finds the checkpoint that ``path`` means.

    Args:
        path: a prefix (``model.ckpt-2000``), any file of a checkpoint (``.index``, ``.meta``, ``.data-*``), a V1 file,
            or a directory: its state file names the latest, looked up by base name within the directory when the state
            file holds another machine's path.

    Raises:
        CheckpointError: there is none, a data file is missing, or a file is a Git LFS pointer.
    """
    text = str(path)
    if not text.strip():
        raise CheckpointError("The checkpoint's path is empty.", "Give a prefix such as runs/digits/model.ckpt-2000.")
    given = Path(text)
    try:
        if given.is_dir():
            return _in_directory(given)
        prefix = _prefix_of(given)
        found = _at_prefix(prefix)
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{given} can't be read: {error}.", "Check the path and its permissions.") from error
    if found is None:
        raise CheckpointError(f"There is no checkpoint {text!r}.", _advice(prefix))
    if prefix != given:
        return CheckpointPath(found.prefix, found.version, found.files, f"prefix of {given.name}")
    return found


def _prefix_of(path: Path) -> Path:
    name = path.name
    if name in (".index", ".meta") or _DATA_SUFFIX.fullmatch(name):
        _refuse_nameless(path.parent)
    if name.endswith((".index", ".meta")):
        return path.with_name(name.rpartition(".")[0])
    if _DATA_SUFFIX.search(name):
        return path.with_name(_DATA_SUFFIX.sub("", name))
    if _V1_SHARD_SUFFIX.search(name) and path.is_file():
        return path.with_name(_V1_SHARD_SUFFIX.sub("", name))
    return path


def _at_prefix(prefix: Path) -> CheckpointPath | None:
    index = prefix.with_name(f"{prefix.name}.index")
    _refuse_what_is_no_file(index)
    shards = _with_suffix(prefix, _DATA_SUFFIX)
    if index.is_file():
        _check_shards(prefix, shards)
        return _checked(CheckpointPath(prefix, "V2", (index, *shards)))
    if prefix.is_file():
        return _checked(CheckpointPath(prefix, "V1", (prefix,)))
    v1_shards = _with_suffix(prefix, _V1_SHARD_SUFFIX)
    if v1_shards:
        return _checked(CheckpointPath(prefix, "V1", tuple(v1_shards)))
    if shards:
        raise CheckpointError(f"{prefix} has a data file ({shards[0].name}) and no index: {index.name} is missing.",
                              "Copy all files of the checkpoint: .index and every .data-*.")
    return None


def _with_suffix(prefix: Path, suffix: re.Pattern[str]) -> list[Path]:
    """The files whose names are the prefix's and a suffix, and nothing in between (``model`` is not ``model-2000``)."""
    if not prefix.parent.is_dir():
        return []
    files = sorted(file for file in prefix.parent.iterdir() if file.name.startswith(prefix.name)
                   and suffix.fullmatch(file.name.removeprefix(prefix.name)))
    for file in files:
        _refuse_what_is_no_file(file)
    return files


def _refuse_what_is_no_file(path: Path) -> None:
    """Raises CheckpointError where something else has the name of a checkpoint's file: opening a pipe would wait forever."""
    if path.is_file() or not os.path.lexists(path):
        return
    kind = "a directory" if path.is_dir() else "no regular file"
    if path.is_symlink() and not path.exists():
        kind = f"a symbolic link to {os.readlink(path)!r}, which leads nowhere"
    raise CheckpointError(f"{path} is {kind}.", "Copy the checkpoint again, with the files that links point to.")


def _check_shards(prefix: Path, shards: list[Path]) -> None:
    """Raises CheckpointError unless the data files are complete by their own numbering."""
    numbering = [match for match in (_DATA_SUFFIX.search(file.name) for file in shards) if match]
    total = int(numbering[0][2]) if numbering else 1
    present = {int(match[1]) for match in numbering if int(match[2]) == total}
    missing = [f"{prefix.name}.data-{number:05d}-of-{total:05d}" for number in range(total) if number not in present]
    if missing:
        raise CheckpointError(f"The checkpoint {prefix} is not complete: {', '.join(missing)} missing.",
                              "Copy all files of the checkpoint: .index and every .data-*.")


def _checked(checkpoint: CheckpointPath) -> CheckpointPath:
    for file in checkpoint.files:
        with open(file, "rb") as stream:
            head = stream.read(_HEAD_SIZE)
        _refuse_pointer(file, head)
        if not head:
            _refuse_empty_index(file, checkpoint)
    return checkpoint


def _refuse_pointer(file: Path, content: bytes) -> None:
    if git_lfs.is_pointer(content):
        raise CheckpointError(f"{file} is a Git LFS pointer, not the file itself.", git_lfs.ADVICE)


def _refuse_empty_index(file: Path, checkpoint: CheckpointPath) -> None:
    """A data file may be empty (a shard without tensors); an index or a V1 file may not."""
    if file == checkpoint.files[0]:
        raise CheckpointError(f"{file} is empty.", "Copy the checkpoint again.")


def _refuse_nameless(directory: Path) -> None:
    """A saver that was given ``runs/`` for a prefix leaves files without a name."""
    if (directory / ".index").is_file():
        raise CheckpointError(f"The checkpoint in {directory} has no name: its files are called .index, .data-..., because "
                              "it was saved under a prefix that ends in a slash.",
                              "Rename them: model.index, model.data-00000-of-00001, model.meta.")


def _in_directory(directory: Path) -> CheckpointPath:
    state_file = directory / STATE_FILE
    if not state_file.is_file():
        return _only_one(directory)
    content = state_file.read_bytes()
    _refuse_pointer(state_file, content)
    named = named_by_state_file(content)
    if named is None:
        raise CheckpointError(f"{state_file} names no checkpoint (no model_checkpoint_path).", _advice(directory / "x"))
    base_name = base_name_of(named)
    for candidate in (directory / base_name, directory / named) if base_name else ():
        found = _at_prefix(candidate)
        if found is not None:
            return CheckpointPath(found.prefix, found.version, found.files, f"latest by {state_file}")
    _refuse_nameless(directory)
    raise CheckpointError(f"{state_file} names {named!r} as the latest checkpoint, which is not there.",
                          _advice(directory / base_name))


def named_by_state_file(content: bytes) -> str | None:
    """Returns the path that a state file names as the latest checkpoint's; None where it names none."""
    match = _LATEST.search(content.decode(errors="replace"))
    if match is None:
        return None
    return match[1].encode().decode("unicode_escape", "replace").encode("latin-1", "replace").decode("utf-8", "replace")


def base_name_of(named: str) -> str:
    """Returns the last part of a path in a state file: its directory may be that of another machine, of any system."""
    return re.split(r"[/\\]", named)[-1]


def _only_one(directory: Path) -> CheckpointPath:
    prefixes = checkpoints_in(directory)
    if len(prefixes) == 1 and (found := _at_prefix(prefixes[0])) is not None:
        return CheckpointPath(found.prefix, found.version, found.files, f"the only one in {directory}, no state file")
    if not prefixes:
        _refuse_nameless(directory)
        raise CheckpointError(f"There is no checkpoint in the directory {directory}.",
                              _further_down(directory) or "Give a prefix such as runs/digits/model.ckpt-2000.")
    raise CheckpointError(f"The directory {directory} has {len(prefixes)} checkpoints and no state file "
                          f"({STATE_FILE!r}) that names the latest.", _advice(directory / "x"))


def checkpoints_in(directory: Path) -> list[Path]:
    """Returns the prefixes of the V2 checkpoints in a directory, by step and name."""
    if not directory.is_dir():
        return []
    prefixes = [file.with_name(file.name.removesuffix(".index")) for file in directory.glob("*.index")
                if file.name != ".index"]

    def by_step(prefix: Path) -> tuple[int, str]:
        match = _STEP_SUFFIX.search(prefix.name)
        return (int(match[1]) if match else -1, prefix.name)

    return sorted(prefixes, key=by_step)


def _advice(prefix: Path) -> str:
    there = checkpoints_in(prefix.parent)
    if there:
        names = ", ".join(str(found) for found in there[-5:])
        return f"Checkpoints in {prefix.parent}: {names}. Give one of these prefixes."
    if not prefix.parent.is_dir():
        return f"The directory {prefix.parent} does not exist."
    place = "the current directory" if str(prefix.parent) == "." else str(prefix.parent)
    return f"There is none at all in {place}. {_further_down(prefix.parent)}".rstrip()


def _further_down(directory: Path) -> str:
    """Names the latest checkpoint of each folder one or two levels below (of the first folders of a large tree), or ""."""
    children = [child for child in sorted(directory.glob("*")) if child.is_dir()][:_MOST_FOLDERS]
    below = islice(chain.from_iterable(child.glob("*") for child in children), _MOST_FOLDERS)
    latest = sorted(found[-1] for folder in chain(children, below) if (found := checkpoints_in(folder)))
    return f"Further down: {', '.join(str(prefix) for prefix in latest[:5])}." if latest else ""
