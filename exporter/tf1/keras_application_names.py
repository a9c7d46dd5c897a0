"""The last layer of networks of `tf.keras.applications` under its name of TensorFlow 1.15."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from exporter.tf1.import_hooks import after_import

__all__ = ["mend_keras_application_names"]

_NAMES: Mapping[str, str] = {"resnet": "probs", "mobilenet": "act_softmax", "mobilenet_v2": "Logits", "densenet": "fc1000"}
"""Module of tf_keras.src.applications -> what its layer ``predictions`` was called (keras_applications 1.0.8)."""


def mend_keras_application_names() -> None:
    """Lets ResNets, DenseNets and MobileNets have the classifier that a checkpoint of 1.15 has: ``probs/kernel``.

    All other layers kept their names. Further calls change nothing more. It acts on all of the process, so call it only
    where TensorFlow 1 code runs.
    """
    for name in _NAMES:
        after_import(f"tf_keras.src.applications.{name}", functools.partial(_rename_classifier, old_name=_NAMES[name]))


def _rename_classifier(module: ModuleType, old_name: str) -> None:
    make = module.VersionAwareLayers
    if getattr(make, "old_name", None) == old_name:
        return
    module.VersionAwareLayers = functools.partial(_RenamingLayers, make, old_name)  # type: ignore[attr-defined]
    module.VersionAwareLayers.old_name = old_name
    if module.layers is not None:  # some modules make them once, others with each network
        module.layers = module.VersionAwareLayers()  # type: ignore[attr-defined]


class _RenamingLayers:
    """The layers that such a module makes networks of, as attributes; one that is called ``predictions`` is renamed."""

    def __init__(self, make: Callable[[], Any], old_name: str) -> None:
        self._layers, self._old_name = make(), old_name

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        def make_layer(*arguments: Any, **options: Any) -> Any:
            """Makes a layer, under its old name."""
            if options.get("name") == "predictions":
                options["name"] = self._old_name
            return getattr(self._layers, kind)(*arguments, **options)

        return make_layer
