"""Names of nodes and tensors in a GraphDef."""

from __future__ import annotations

import re

# tensorflow/python/framework/ops.py: _VALID_OP_NAME_REGEX
_NODE_NAME = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*")


def is_node_name(name: str) -> bool:
    """Tells whether a node may have this name."""
    return bool(_NODE_NAME.fullmatch(name)) and not name.endswith("/")


def node_of(reference: str) -> str:
    """Returns the node that an input (``scope/op:1``, ``^scope/op``) or a tensor name refers to."""
    return reference.removeprefix("^").partition(":")[0]


def tensor_name(name: str) -> str:
    """Returns ``scope/op:0`` for ``scope/op`` or ``scope/op:0``."""
    return name if ":" in name else f"{name}:0"
