"""What a checkpoint's keys are: variables of the model, shadows of them, or an optimizer's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from exporter.weights.moving_averages import SHADOW_SUFFIX

VARIABLE, SHADOW, SLOT, OPTIMIZER, STEP, OBJECT_GRAPH = "variable", "shadow", "slot", "optimizer", "step", "object graph"
VALUE_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"

_OBJECT_SLOT = re.compile(r"^(?P<variable>.+)/\.OPTIMIZER_SLOT/.+/(?P<slot>[^/]+)/\.ATTRIBUTES/VARIABLE_VALUE$")
_OBJECT_OPTIMIZER = re.compile(r"(^|/)_?optimizer/.*/\.ATTRIBUTES/(VARIABLE_VALUE|OBJECT_CONFIG_JSON)$")
_OBJECT_STEP = re.compile(r"(^|/)_?(save_counter|iter|iterations)/\.ATTRIBUTES/VARIABLE_VALUE$")
_KERAS_SLOTS = frozenset({"m", "v", "vhat", "rms", "mg", "momentum", "accumulator", "accum_grad", "accum_var", "linear"})
_KERAS_SCALAR = re.compile(r"(^|/)(Adam|SGD|RMSprop|Adagrad|Adadelta|Adamax|Nadam|Ftrl)(_\d+)?/"
                           r"(iter|iterations|beta_1|beta_2|decay|learning_rate|lr|rho|momentum|momentum_cache)$")
_POWER = re.compile(r"(^|/)beta[12]_power(_\d+)?$")
_KNOWN_SLOT = re.compile(r"^(Adam|AdaMax|Momentum|RMSProp|Adagrad|Adadelta|Ftrl|ProximalAdagrad|AdagradDA|LARSOptimizer)"
                         r"(_\d+)?$")
_NO_SLOTS = frozenset({"biased", "local_step"})  # of ExponentialMovingAverage(zero_debias=True)


@dataclass(frozen=True)
class Role:
    """What one key is.

    Attributes:
        kind: VARIABLE, SHADOW, SLOT, OPTIMIZER, STEP or OBJECT_GRAPH.
        variable: for a shadow or slot, the key of its variable.
        slot: for a slot, its name ("Adam_1").
    """

    kind: str
    variable: str | None = None
    slot: str | None = None


def display_name(key: str) -> str:
    """Returns a key without the ending that every key of an object-based checkpoint has."""
    return key.removesuffix(VALUE_SUFFIX)


def roles(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Role]:
    """Returns key -> role.

    Args:
        shapes: key -> shape, for all keys of a checkpoint. A slot has its variable's key before it, and its shape: so slots
            of optimizers with a name of their own are found as well, where at least two variables have them.
    """
    own_names = Counter(key.rpartition("/")[2] for key in shapes if _is_like_its_scope(key, shapes))
    custom = {name for name, count in own_names.items() if count > 1}
    return {key: _role(key, shapes, custom) for key in shapes}


def _is_like_its_scope(key: str, shapes: Mapping[str, tuple[int, ...]]) -> bool:
    scope, _, name = key.rpartition("/")
    return (scope in shapes and shapes[scope] == shapes[key] and name not in _NO_SLOTS and not key.endswith(SHADOW_SUFFIX))


def _role(key: str, shapes: Mapping[str, tuple[int, ...]], custom: set[str]) -> Role:
    if "/.ATTRIBUTES/" in key or key.startswith("_CHECKPOINTABLE"):
        return _object_based_role(key)
    scope, _, name = key.rpartition("/")
    if key.endswith(SHADOW_SUFFIX):
        return Role(SHADOW, scope)
    if _KNOWN_SLOT.match(name) or (name in custom and _is_like_its_scope(key, shapes)):
        return Role(SLOT, scope, name)
    if name == "global_step":
        return Role(STEP)
    if _POWER.search(key) or _KERAS_SCALAR.search(key):
        return Role(OPTIMIZER)
    return _keras_slot(key, shapes) or Role(VARIABLE)


def _object_based_role(key: str) -> Role:
    if key.startswith("_CHECKPOINTABLE"):
        return Role(OBJECT_GRAPH)
    slot = _OBJECT_SLOT.match(key)
    if slot:
        return Role(SLOT, slot["variable"] + VALUE_SUFFIX, slot["slot"])
    if _OBJECT_STEP.search(key):
        return Role(STEP)
    return Role(OPTIMIZER if _OBJECT_OPTIMIZER.search(key) else VARIABLE)


def _keras_slot(key: str, shapes: Mapping[str, tuple[int, ...]]) -> Role | None:
    """``training/Adam/dense/kernel/m`` or ``Adam/m/dense/kernel``: the optimizer's name, the slot's, the variable's."""
    parts = key.split("/")
    for number in range(1, len(parts)):
        variables = {"/".join(parts[number:]): parts[number - 1], "/".join(parts[number:-1]): parts[-1]}
        for variable, slot in variables.items():
            if slot in _KERAS_SLOTS and shapes.get(variable) == shapes[key]:
                return Role(SLOT, variable, slot)
    return None
