"""Optimizers outside of the graph: SciPy's, which get the loss and its gradient of all variables laid side by side."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from exporter.lazy_tensorflow import Tensor, tf

__all__ = ["ExternalOptimizerInterface", "ScipyOptimizerInterface"]

_LOG = logging.getLogger("tensorflow")


class ExternalOptimizerInterface:
    """Minimizes a loss by a function outside of the graph; a subclass has it as `_minimize`.

    Args:
        loss: a scalar tensor.
        var_list: the variables, all trained ones by default.
        equalities: scalar tensors that become zero.
        inequalities: scalar tensors that don't become negative.
        var_to_bounds: variable -> (lower, upper), numbers or arrays of its shape.
        optimizer_kwargs: what the optimizer gets besides.
    """

    def __init__(self, loss: Any, var_list: Sequence[Any] | None = None, equalities: Sequence[Any] | None = None,
                 inequalities: Sequence[Any] | None = None, var_to_bounds: Any = None, **optimizer_kwargs: Any) -> None:
        self._loss = loss
        self._equalities, self._inequalities = equalities or [], inequalities or []
        self._vars = list(tf.trainable_variables() if var_list is None else var_list)
        self._packed_bounds = self._bounds(var_to_bounds)
        self._update_placeholders = [tf.placeholder(variable.dtype.base_dtype) for variable in self._vars]
        self._var_updates = [variable.assign(tf.reshape(placeholder, tf.shape(variable)))
                             for variable, placeholder in zip(self._vars, self._update_placeholders, strict=True)]
        self._packed_loss_grad = self._packed_gradient(loss)
        self._packed_equality_grads = [self._packed_gradient(equality) for equality in self._equalities]
        self._packed_inequality_grads = [self._packed_gradient(inequality) for inequality in self._inequalities]
        self.optimizer_kwargs = optimizer_kwargs
        self._packed_var = _packed(self._vars)

    def minimize(self, session: Any = None, feed_dict: Any = None, fetches: Sequence[Any] | None = None,
                 step_callback: Callable[[Any], Any] | None = None, loss_callback: Callable[..., Any] | None = None,
                 **run_kwargs: Any) -> None:
        """Minimizes the loss, and gives the variables the values found.

        Args:
            session: with initialized variables, the default one by default.
            feed_dict: what the loss needs.
            fetches: tensors for ``loss_callback``.
            step_callback: gets the variables' values side by side, after each step.
            loss_callback: gets the values of ``fetches``, whenever the loss is computed.
            run_kwargs: for `session.run`, when the variables are changed.
        """
        session = session or tf.get_default_session()
        start, sizes = session.run([self._packed_var, [tf.size(variable) for variable in self._vars]])
        ends = [int(end) for end in np.cumsum(sizes)]
        self._slices = [slice(end - int(size), end) for end, size in zip(ends, sizes, strict=True)]

        def evaluated(tensors: Sequence[Any], callback: Any = None) -> Callable[[Any], Any]:
            """The function of the variables' values that gives ``tensors``."""
            return self._function(session, feed_dict or {}, tensors, fetches or [], callback)

        found = self._minimize(
            initial_val=np.asarray(start, np.float64),
            loss_grad_func=evaluated([self._loss, self._packed_loss_grad], loss_callback),
            equality_funcs=[evaluated([value]) for value in self._equalities],
            equality_grad_funcs=[evaluated([value]) for value in self._packed_equality_grads],
            inequality_funcs=[evaluated([value]) for value in self._inequalities],
            inequality_grad_funcs=[evaluated([value]) for value in self._packed_inequality_grads],
            packed_bounds=self._packed_bounds, step_callback=step_callback or (lambda values: None),
            optimizer_kwargs=self.optimizer_kwargs)
        values = [found[part] for part in self._slices]
        session.run(self._var_updates, feed_dict=dict(zip(self._update_placeholders, values, strict=True)), **run_kwargs)

    def _minimize(self, **arguments: Any) -> Any:
        raise NotImplementedError("Subclass ExternalOptimizerInterface, and implement the _minimize() method.")

    def _function(self, session: Any, feed_dict: Any, tensors: Sequence[Any], fetches: Sequence[Any],
                  callback: Any) -> Callable[[Any], Any]:

        def values(packed: Any) -> Any:
            """Computes the tensors for values of the variables that lie side by side."""
            parts = [packed[part].reshape(variable.shape.as_list())
                     for variable, part in zip(self._vars, self._slices, strict=True)]
            if any(map(_is_resource, self._vars)):  # each use reads it anew: its value can't be fed
                session.run(self._var_updates, feed_dict=dict(zip(self._update_placeholders, parts, strict=True)))
            fed = {variable: part for variable, part in zip(self._vars, parts, strict=True) if not _is_resource(variable)}
            results = session.run([*tensors, *fetches], feed_dict={**fed, **feed_dict})
            if callback is not None:
                callback(*results[len(tensors):])
            numbers = [np.asarray(result, np.float64) for result in results[:len(tensors)]]
            return numbers[0] if len(numbers) == 1 else numbers

        return values

    def _packed_gradient(self, value: Any) -> Tensor:
        gradients = tf.gradients(value, self._vars)
        return _packed([tf.zeros_like(variable) if gradient is None else gradient
                        for gradient, variable in zip(gradients, self._vars, strict=True)])

    def _bounds(self, var_to_bounds: Any) -> list[tuple[float, float]] | None:
        if var_to_bounds is None:
            return None
        limits = {variable.ref(): bounds for variable, bounds in var_to_bounds.items()}
        packed: list[tuple[float, float]] = []
        for variable in self._vars:
            both = limits.get(variable.ref(), (-np.inf, np.inf))
            lower, upper = (np.broadcast_to(bound, variable.shape.as_list()).ravel() for bound in both)
            packed += zip(lower.tolist(), upper.tolist(), strict=True)
        return packed


class ScipyOptimizerInterface(ExternalOptimizerInterface):
    """Minimizes by `scipy.optimize.minimize`; ``method`` is `L-BFGS-B` by default, ``options`` are those of SciPy."""

    _DEFAULT_METHOD = "L-BFGS-B"

    def _minimize(self, **arguments: Any) -> Any:
        optimize: Any = importlib.import_module("scipy.optimize")
        options = dict(arguments["optimizer_kwargs"])
        method = options.pop("method", self._DEFAULT_METHOD)
        constraints = [{"type": kind, "fun": function, "jac": gradient}
                       for kind, name in (("eq", "equality"), ("ineq", "inequality"))
                       for function, gradient in zip(arguments[f"{name}_funcs"], arguments[f"{name}_grad_funcs"],
                                                     strict=True)]
        keywords = {"jac": True, "callback": arguments["step_callback"], "method": method, "constraints": constraints,
                    "bounds": arguments["packed_bounds"], **options}
        result = optimize.minimize(arguments["loss_grad_func"], arguments["initial_val"], **keywords)
        _LOG.info("Optimization terminated with:\n  Message: %s\n  Objective function value: %f\n"
                  "  Number of iterations: %s\n  Number of functions evaluations: %d",
                  result.message, result.fun, result.get("nit"), result.nfev)
        return result.x


def _is_resource(variable: Any) -> bool:
    return bool(tf.is_tensor(getattr(variable, "handle", None)))


def _packed(tensors: Sequence[Any]) -> Tensor:
    """Lays tensors side by side: [number of all elements]."""
    flat = [tf.reshape(tensor, [-1]) for tensor in tensors]
    return flat[0] if len(flat) == 1 else tf.concat(flat, 0)
