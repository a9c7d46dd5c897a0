"""An optimizer that keeps moving averages of the variables, and saves these in their place."""

from __future__ import annotations

from typing import Any

from tensorflow.compat.v1 import train

from exporter.lazy_tensorflow import tf

__all__ = ["MovingAverageOptimizer"]


class MovingAverageOptimizer(train.Optimizer):  # type: ignore[misc]
    """An optimizer whose step also updates averages (``v/ExponentialMovingAverage``).

    Args:
        opt: the optimizer that takes the steps.
        average_decay, num_updates: those of `tf.train.ExponentialMovingAverage`.
        sequential_update: whether the averages come after the step.
    """

    def __init__(self, opt: Any, average_decay: float = 0.9999, num_updates: Any = None,
                 sequential_update: bool = True) -> None:
        self._optimizer = opt
        self._ema = train.ExponentialMovingAverage(average_decay, num_updates=num_updates)
        self._averages: dict[str, str] = {}
        self._sequential_update = sequential_update

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        """Is the optimizer's."""
        return self._optimizer.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        """Takes a step, and updates the averages."""
        pairs = list(grads_and_vars)
        step = self._optimizer.apply_gradients(pairs, global_step=global_step, name=name)
        variables = [variable for gradient, variable in pairs if gradient is not None]
        with tf.control_dependencies([step] if self._sequential_update else []):
            averaged = self._ema.apply(variables)
        self._averages.update({variable.op.name: self._ema.average(variable).op.name for variable in variables})
        return tf.group(step, averaged, name="train_with_avg")

    def swapping_saver(self, var_list: Any = None, name: str = "swapping_saver", **kwargs: Any) -> Any:
        """Returns a saver that writes averages under their variables' names, and the variables under the averages'.

        Raises:
            RuntimeError: no step was made yet.
        """
        if not self._averages:
            raise RuntimeError("Must call apply_gradients or minimize before creating the swapping_saver")
        variables = tf.global_variables() if var_list is None else var_list
        named = dict(variables) if isinstance(variables, dict) else {item.op.name: item for item in variables}
        swapped = dict(named)
        for variable, average in self._averages.items():
            if variable in named and average in named:
                swapped[variable], swapped[average] = named[average], named[variable]
        return train.Saver(swapped, name=name, **kwargs)
