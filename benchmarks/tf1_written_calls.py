"""Entries that `benchmarks.tf1_entries` has no function for are called as the file writes them.

``get_network_fn("resnet_v2_50", 1001, is_training=False)(x)`` is an expression of Python: what its module does not define
(``x``) are the entry's inputs, in their order. ``<bool placeholder>`` is one as well, and ``net(x) under arg_scope()`` runs
below that `slim.arg_scope`. Entries that are described in words can't be called; the table says so.
"""

from __future__ import annotations

import ast
import re

_CALL = '''
def written_call({parameters}):
    """Calls what the file writes; returns the first tensors of the result, of an object those that it has at its end."""
    import ast, builtins, importlib, sys
    folder, _, module = {module!r}.rpartition("/")
    if folder:
        sys.path.insert(0, folder)
    names = dict(vars(importlib.import_module(module)))
    inputs = [{parameters}]
    for node in sorted((node for node in ast.walk(ast.parse({call!r})) if isinstance(node, ast.Name)),
                       key=lambda node: node.col_offset):
        if node.id not in names and not hasattr(builtins, node.id):
            names[node.id] = inputs.pop(0) if inputs else False
    names.setdefault("slim", tf.contrib.slim)
    with tf.contrib.slim.arg_scope({scope}):
        result = eval({call!r}, names)
    is_object = not isinstance(result, (list, tuple, dict, tf.Tensor))
    found = _tensors(getattr(result, "__dict__", {{}}) if is_object else result)
    return [tensor for tensor in found if not is_object or not tensor.consumers()][:{output_count}]


def _tensors(value):
    if isinstance(value, (list, tuple, dict)):
        return [tensor for part in (value.values() if isinstance(value, dict) else value) for tensor in _tensors(part)]
    return [value] if isinstance(value, tf.Tensor) else []
'''


def written_call(module: str, text: str, inputs: int, outputs: int) -> str | None:
    """Returns the source of a function that makes an entry's call.

    Args:
        module: the entry's.
        text: its ``entry``.
        inputs: how many it has.
        outputs: how many it has.

    Returns:
        None where the text is no expression of Python.
    """
    call, _, scope = re.sub(r"<[^>]*>", "_placeholder", text).partition(" under ")
    call = re.sub(r"\s\s.*| - .*", "", call).strip()  # what follows is a comment
    texts = [call, scope] if scope else [call]
    try:
        if not all(isinstance(ast.parse(part, mode="eval").body, ast.Call) for part in texts):
            return None
    except SyntaxError:
        return None
    if "..." in call:
        return None
    parameters = ", ".join(f"input_{number}" for number in range(inputs))
    return _CALL.format(parameters=parameters, module=module, call=call, output_count=outputs,
                        scope=f"eval({scope!r}, names)" if scope else "[]")
