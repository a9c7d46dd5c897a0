"""Partitioned variables in `slim.assign_from_checkpoint`."""

from __future__ import annotations

from typing import Any

from exporter.tf1.import_hooks import after_import

__all__ = ["mend_checkpoint_slices"]


def mend_checkpoint_slices() -> None:
    """Lets `slim.assign_from_checkpoint` cut a stored tensor into the parts of a partitioned variable.

    It indexes the tensor with a *list* of slices (tf_slim/ops/variables.py), which NumPy read as one index
    per dimension until 1.22 and refuses since 1.23, the oldest that TensorFlow 2.16 runs with: `IndexError:
    only integers, slices (...) are valid indices`.
    """
    after_import("tf_slim.ops.variables", _read_sliceable_tensors)


def _read_sliceable_tensors(variables: Any) -> None:
    tf = variables.tf
    if isinstance(tf, _Overlay) or _numpy_accepts_lists_of_slices():
        return

    def new_checkpoint_reader(path: str) -> _Reader:
        return _Reader(tf.train.NewCheckpointReader(path))

    variables.tf = _Overlay(tf, train=_Overlay(tf.train, NewCheckpointReader=new_checkpoint_reader))


def _numpy_accepts_lists_of_slices() -> bool:
    import numpy as np

    index: Any = [slice(0, 1), slice(0, 1)]
    try:
        np.zeros([1, 1])[index]
    except IndexError:
        return False
    return True


class _Overlay:
    """An object with some of its attributes replaced."""

    def __init__(self, replaced: Any, **attributes: Any) -> None:
        self._replaced = replaced
        vars(self).update(attributes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._replaced, name)


class _Reader(_Overlay):
    def get_tensor(self, name: str) -> _SliceableTensor:
        return _SliceableTensor(self._replaced.get_tensor(name))


class _SliceableTensor(_Overlay):
    def __getitem__(self, index: Any) -> Any:
        return self._replaced[tuple(index) if isinstance(index, list) else index]
