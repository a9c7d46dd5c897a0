"""`tf.contrib.image`: geometry of images."""

from __future__ import annotations

from exporter.tf1.contrib.image.projective import (
    angles_to_projective_transforms,
    compose_transforms,
    flat_transforms_to_matrices,
    matrices_to_flat_transforms,
    rotate,
    transform,
    translate,
    translations_to_projective_transforms,
)
from exporter.tf1.contrib.image.warping import dense_image_warp, interpolate_spline, sparse_image_warp
from exporter.tf1.contrib.lazy_names import lazy_names

__all__ = ["angles_to_projective_transforms", "compose_transforms", "dense_image_warp", "flat_transforms_to_matrices",
           "interpolate_spline", "matrices_to_flat_transforms", "rotate", "sparse_image_warp", "transform", "translate",
           "translations_to_projective_transforms"]

__getattr__, __dir__ = lazy_names(
    __name__, {"image_ops": "exporter.tf1.contrib.image.projective:"},
    no_kernel="adjust_hsv_in_yiq bipartite_match connected_components random_hsv_in_yiq "
              "single_image_random_dot_stereograms")
