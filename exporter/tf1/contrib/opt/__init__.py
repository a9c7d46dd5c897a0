"""`tf.contrib.opt`: the most used of its optimizers; the others are stubs.

Names of slots and steps are those of tensorflow/contrib/opt of TensorFlow 1.15.
"""

from __future__ import annotations

from exporter.tf1.contrib.lazy_names import lazy_names
from exporter.tf1.contrib.opt.adams import AdaMaxOptimizer, LazyAdamOptimizer, NadamOptimizer
from exporter.tf1.contrib.opt.external_optimizer import ExternalOptimizerInterface, ScipyOptimizerInterface
from exporter.tf1.contrib.opt.moving_average import MovingAverageOptimizer
from exporter.tf1.contrib.opt.weight_decay import (
    AdamWOptimizer,
    DecoupledWeightDecayExtension,
    MomentumWOptimizer,
    extend_with_decoupled_weight_decay,
)

__all__ = ["AdaMaxOptimizer", "AdamWOptimizer", "DecoupledWeightDecayExtension", "ExternalOptimizerInterface",
           "LazyAdamOptimizer", "MomentumWOptimizer", "MovingAverageOptimizer", "NadamOptimizer", "ScipyOptimizerInterface",
           "extend_with_decoupled_weight_decay"]

__getattr__, __dir__ = lazy_names(
    __name__, training="AGNCustomGetter AGNOptimizer AdamGSOptimizer AddSignOptimizer DropStaleGradientOptimizer "
                       "ElasticAverageCustomGetter ElasticAverageOptimizer GGTOptimizer LARSOptimizer LazyAdamGSOptimizer "
                       "ModelAverageCustomGetter ModelAverageOptimizer MultitaskOptimizerWrapper PowerSignOptimizer "
                       "RegAdagradOptimizer ShampooOptimizer VariableClippingOptimizer clip_gradients_by_global_norm")
