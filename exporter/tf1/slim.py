"""Makes tf-slim work whole on the TensorFlow that is installed."""

from __future__ import annotations

import functools

from exporter.tf1.checkpoint_slices import mend_checkpoint_slices
from exporter.tf1.gdn_gradient import mend_gdn_gradient
from exporter.tf1.legacy_layers import mend_legacy_layers
from exporter.tf1.moved_names import mend_moved_names
from exporter.tf1.supervisor_threads import mend_supervisor_threads

__all__ = ["mend_tf_slim"]


@functools.cache
def mend_tf_slim() -> None:
    """Mends tf-slim 1.1.0 on TensorFlow 2.16 to 2.21, before or after either of them is imported.

    Each mend documents what broke and since when. None of them imports TensorFlow: what isn't loaded yet is
    mended when somebody imports it, and `tf_keras` is loaded by the first batch
    normalization. Further calls do nothing.

    Call it before the code of a model is imported:

        from exporter.tf1 import mend_tf_slim
        mend_tf_slim()
        import tf_slim as slim
    """
    mend_moved_names()
    mend_legacy_layers()
    mend_checkpoint_slices()
    mend_gdn_gradient()
    mend_supervisor_threads()
