"""The gradient of `slim.layers.gdn`, which tf-slim lost on its way out of TensorFlow."""

from __future__ import annotations

from types import ModuleType

from exporter.tf1.import_hooks import after_import

__all__ = ["mend_gdn_gradient"]

GRADIENT_NAME = "GDNLowerBound"


def mend_gdn_gradient() -> None:
    """Lets generalized divisive normalization be trained.

    The layer replaces the gradient of its `Maximum` by one called `GDNLowerBound`, which TensorFlow 1.15
    registered below the layer (tensorflow/contrib/layers/python/layers/layers.py). tf-slim 1.1.0 kept the
    function, `GDN._lower_bound_grad`, but not its registration, so `tf.gradients` fails on every
    TensorFlow: `LookupError: No gradient defined for operation 'gdn/GDNLowerBound'`.
    """
    after_import("tf_slim.layers.layers", _register_gradient)


def _register_gradient(layers: ModuleType) -> None:
    from tensorflow.python.framework import ops

    try:
        ops.gradient_registry.lookup(GRADIENT_NAME)
    except LookupError:
        ops.RegisterGradient(GRADIENT_NAME)(layers.GDN._lower_bound_grad)
