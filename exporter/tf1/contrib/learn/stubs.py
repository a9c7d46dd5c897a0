"""Modules of `tf.contrib.learn` whose every name is for training only."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from exporter.tf1.contrib.missing import training_only

__all__ = ["graph_actions", "head", "io", "models", "monitors", "ops", "utils"]


class _TrainingModule(ModuleType):
    """A module that has every name, as a stub; see `training_only`."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        stub = training_only(f"{self.__name__}.{name}")
        setattr(self, name, stub)
        return stub


def _module(name: str) -> ModuleType:
    return _TrainingModule(f"tf.contrib.learn.{name}")


graph_actions, head, io, models, monitors, ops = map(
    _module, ("graph_actions", "head", "io", "models", "monitors", "ops"))
utils = _module("utils")
for _name in ("export", "gc", "input_fn_utils", "saved_model_export_utils"):
    setattr(utils, _name, _module(f"utils.{_name}"))
