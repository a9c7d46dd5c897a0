"""Optimizers with a weight decay of its own (Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2017)."""

from __future__ import annotations

from typing import Any

from tensorflow.compat.v1 import train

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["AdamWOptimizer", "DecoupledWeightDecayExtension", "MomentumWOptimizer", "extend_with_decoupled_weight_decay"]


class DecoupledWeightDecayExtension:
    """Mixed into an optimizer: takes ``weight_decay`` times each variable away before the optimizer's step.

    Args:
        weight_decay: a number or tensor.
        kwargs: the optimizer's own.
    """

    def __init__(self, weight_decay: Any, **kwargs: Any) -> None:
        self._decay_var_list: set[Any] | None = None
        self._weight_decay = weight_decay
        self._weight_decay_tensor: Any = None
        super().__init__(**kwargs)

    def minimize(self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: Any = 1,
                 aggregation_method: Any = None, colocate_gradients_with_ops: bool = False, name: str | None = None,
                 grad_loss: Any = None, decay_var_list: Any = None) -> Any:
        """Is `tf.train.Optimizer.minimize`; only ``decay_var_list`` decays, if it is given."""
        self._decay_only(decay_var_list)
        parent: Any = super()
        return parent.minimize(loss, global_step, var_list, gate_gradients, aggregation_method, colocate_gradients_with_ops,
                               name, grad_loss)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None,
                        decay_var_list: Any = None) -> Any:
        """Is `tf.train.Optimizer.apply_gradients`; only ``decay_var_list`` decays, if it is given."""
        self._decay_only(decay_var_list)
        parent: Any = super()
        return parent.apply_gradients(grads_and_vars, global_step, name)

    def _decay_only(self, variables: Any) -> None:
        if variables:
            self._decay_var_list = {variable.ref() for variable in variables}

    def _prepare(self) -> None:
        decay = self._weight_decay
        self._weight_decay_tensor = tf.convert_to_tensor(decay() if callable(decay) else decay, name="weight_decay")
        parent: Any = super()
        parent._prepare()

    def _decayed(self, var: Any, gradient: Any, indices: Any = None) -> list[Any]:
        """Decays a variable, after its gradient was taken."""
        if self._decay_var_list is not None and var.ref() not in self._decay_var_list:
            return []
        decay = tf.cast(self._weight_decay_tensor, var.dtype.base_dtype)
        with tf.control_dependencies([gradient]):
            if indices is None:
                return [tf.assign_sub(var, decay * var, use_locking=getattr(self, "_use_locking", False))]
            return [tf.scatter_sub(var, indices, decay * tf.gather(var, indices))]

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        parent: Any = super()
        with tf.control_dependencies(self._decayed(var, grad)):
            return parent._apply_dense(grad, var)

    def _resource_apply_dense(self, grad: Tensor, var: Any) -> Any:
        parent: Any = super()
        with tf.control_dependencies(self._decayed(var, grad)):
            return parent._resource_apply_dense(grad, var)

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        parent: Any = super()
        with tf.control_dependencies(self._decayed(var, grad.values, grad.indices)):
            return parent._apply_sparse(grad, var)

    def _resource_apply_sparse(self, grad: Tensor, var: Any, indices: Tensor) -> Any:
        parent: Any = super()
        with tf.control_dependencies(self._decayed(var, grad, indices)):
            return parent._resource_apply_sparse(grad, var, indices)


def extend_with_decoupled_weight_decay(base_optimizer: type) -> type:
    """Returns a class of optimizers: ``base_optimizer`` with a decay of weights, its first argument."""

    class OptimizerWithDecoupledWeightDecay(DecoupledWeightDecayExtension, base_optimizer):  # type: ignore[misc]
        """An optimizer with a decay of weights."""

        def __init__(self, weight_decay: Any, *args: Any, **kwargs: Any) -> None:
            names = base_optimizer.__init__.__code__.co_varnames[1:]  # type: ignore[misc]
            super().__init__(weight_decay, **dict(zip(names, args, strict=False)), **kwargs)

    return OptimizerWithDecoupledWeightDecay


class MomentumWOptimizer(DecoupledWeightDecayExtension, train.MomentumOptimizer):  # type: ignore[misc]
    """`tf.train.MomentumOptimizer` with a decay of weights."""

    def __init__(self, weight_decay: Any, learning_rate: Any, momentum: Any, use_locking: bool = False,
                 name: str = "MomentumW", use_nesterov: bool = False) -> None:
        super().__init__(weight_decay, learning_rate=learning_rate, momentum=momentum, use_locking=use_locking, name=name,
                         use_nesterov=use_nesterov)


class AdamWOptimizer(DecoupledWeightDecayExtension, train.AdamOptimizer):  # type: ignore[misc]
    """`tf.train.AdamOptimizer` with a decay of weights."""

    def __init__(self, weight_decay: Any, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999,
                 epsilon: Any = 1e-8, use_locking: bool = False, name: str = "AdamW") -> None:
        super().__init__(weight_decay, learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon,
                         use_locking=use_locking, name=name)
