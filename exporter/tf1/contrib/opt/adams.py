"""Relatives of Adam."""

from __future__ import annotations

from typing import Any

from tensorflow.compat.v1.train import AdamOptimizer

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["AdaMaxOptimizer", "LazyAdamOptimizer", "NadamOptimizer"]


class _Adam(AdamOptimizer):  # type: ignore[misc]
    """Adam whose update of some rows is written once, for both kinds of variables."""

    def _resource_apply_dense(self, grad: Tensor, var: Any) -> Any:
        return self._apply_dense(grad, var)

    def _resource_apply_sparse(self, grad: Tensor, var: Any, indices: Tensor) -> Any:
        return self._update_rows(grad, var, indices)

    def _apply_sparse(self, grad: Any, var: Any) -> Any:
        return self._update_rows(grad.values, var, grad.indices)

    def _update_rows(self, values: Tensor, var: Any, indices: Tensor) -> Any:
        raise NotImplementedError

    def _settings(self, var: Any) -> tuple[Tensor, ...]:
        tensors = (self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t)
        return tuple(tf.cast(tensor, var.dtype.base_dtype) for tensor in tensors)

    def _powers(self, var: Any) -> tuple[Tensor, ...]:
        return tuple(tf.cast(power, var.dtype.base_dtype) for power in self._get_beta_accumulators())

    def _scaled_rate(self, var: Any) -> Tensor:
        first, second = self._powers(var)
        return self._settings(var)[0] * tf.sqrt(1 - second) / (1 - first)


class LazyAdamOptimizer(_Adam):
    """Adam that, for sparse gradients, updates nothing but the rows that have one."""

    def _resource_apply_dense(self, grad: Tensor, var: Any) -> Any:
        return AdamOptimizer._resource_apply_dense(self, grad, var)

    def _update_rows(self, values: Tensor, var: Any, indices: Tensor) -> Any:
        _, beta1, beta2, epsilon = self._settings(var)
        first, second = self.get_slot(var, "m"), self.get_slot(var, "v")
        m = beta1 * tf.gather(first, indices) + (1 - beta1) * values
        v = beta2 * tf.gather(second, indices) + (1 - beta2) * tf.square(values)
        step = self._scaled_rate(var) * m / (tf.sqrt(v) + epsilon)
        return tf.group(tf.scatter_update(first, indices, m), tf.scatter_update(second, indices, v),
                        tf.scatter_sub(var, indices, step, use_locking=self._use_locking))


class NadamOptimizer(_Adam):
    """Adam with Nesterov's momentum (Dozat, 2015)."""

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        m, v = self._moments(var, grad)
        step = self._step(var, m, v, grad)
        return tf.group(tf.assign_sub(var, step, use_locking=self._use_locking), m, v)

    def _update_rows(self, values: Tensor, var: Any, indices: Tensor) -> Any:
        m, v = self._moments(var, tf.scatter_nd(tf.expand_dims(indices, 1), values, tf.shape(var, out_type=indices.dtype)))
        step = self._step(var, tf.gather(m, indices), tf.gather(v, indices), values)
        return tf.group(tf.scatter_sub(var, indices, step, use_locking=self._use_locking), m, v)

    def _moments(self, var: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        _, beta1, beta2, _ = self._settings(var)
        first, second = self.get_slot(var, "m"), self.get_slot(var, "v")
        return (tf.assign(first, beta1 * first + (1 - beta1) * grad, use_locking=self._use_locking),
                tf.assign(second, beta2 * second + (1 - beta2) * tf.square(grad), use_locking=self._use_locking))

    def _step(self, var: Any, m: Tensor, v: Tensor, grad: Tensor) -> Tensor:
        _, beta1, _, epsilon = self._settings(var)
        return self._scaled_rate(var) * (beta1 * m + (1 - beta1) * grad) / (tf.sqrt(v) + epsilon)


class AdaMaxOptimizer(_Adam):
    """Adam with the largest gradient in place of the mean square (Kingma and Ba, 2014, section 7)."""

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8,
                 use_locking: bool = False, name: str = "AdaMax") -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)

    def _create_slots(self, var_list: Any) -> None:
        first = min(var_list, key=lambda variable: variable.name)
        self._create_non_slot_variable(initial_value=self._beta1, name="beta1_power", colocate_with=first)
        for variable in var_list:
            self._zeros_slot(variable, "m", self._name)
            self._zeros_slot(variable, "v", self._name)

    def _get_beta_accumulators(self) -> tuple[Any, ...]:
        return (self._get_non_slot_variable("beta1_power", graph=tf.get_default_graph()),)

    def _finish(self, update_ops: Any, name_scope: str) -> Any:
        with tf.control_dependencies(update_ops):
            (power,) = self._get_beta_accumulators()
            with tf.colocate_with(power):
                decayed = power.assign(power * self._beta1_t, use_locking=self._use_locking)
        return tf.group(*update_ops, decayed, name=name_scope)

    def _apply_dense(self, grad: Tensor, var: Any) -> Any:
        first, second = self.get_slot(var, "m"), self.get_slot(var, "v")
        m, v, step = self._step(var, grad, first, second)
        return tf.group(tf.assign(first, m), tf.assign(second, v), tf.assign_sub(var, step, use_locking=self._use_locking))

    def _update_rows(self, values: Tensor, var: Any, indices: Tensor) -> Any:
        first, second = self.get_slot(var, "m"), self.get_slot(var, "v")
        m, v, step = self._step(var, values, tf.gather(first, indices), tf.gather(second, indices))
        return tf.group(tf.scatter_update(first, indices, m), tf.scatter_update(second, indices, v),
                        tf.scatter_sub(var, indices, step, use_locking=self._use_locking))

    def _step(self, var: Any, grad: Tensor, first: Any, second: Any) -> tuple[Tensor, Tensor, Tensor]:
        rate, beta1, beta2, epsilon = self._settings(var)
        (power,) = self._powers(var)
        m = beta1 * first + (1 - beta1) * grad
        v = tf.maximum(beta2 * second, tf.abs(grad))
        return m, v, rate / (1 - power) * m / (v + epsilon)
