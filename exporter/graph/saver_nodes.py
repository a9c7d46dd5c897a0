"""The save and restore nodes of a graph, and the SaverDef that names them.

They do what ``tf.train.Saver`` adds (tensorflow/python/training/saver.py: BulkSaverBuilder), written as a GraphDef: no
graph has to be imported for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from exporter.graph.tensor_spec import dtype_enum
from exporter.graph.variables import GraphVariable
from exporter.lazy_tensorflow import GraphDef, NodeDef, SaverDef, tf


def add_saver_nodes(graph_def: GraphDef, variables: Sequence[GraphVariable]) -> SaverDef:
    """Adds nodes that save and restore ``variables`` to ``graph_def``, in place.

    Args:
        graph_def: has the variables' nodes.
        variables: at least one; they are saved in the order of their names.

    Returns:
        A V2 SaverDef.
    """
    scope = _unused_scope({node.name for node in graph_def.node})
    variables = sorted(variables, key=lambda variable: variable.name)
    graph_def.node.extend(_file_name_nodes(scope))
    graph_def.node.extend(_save_nodes(scope, variables))
    graph_def.node.extend(_restore_nodes(scope, variables))
    return tf.train.SaverDef(
        filename_tensor_name=f"{scope}/Const:0", save_tensor_name=f"{scope}/control_dependency:0",
        restore_op_name=f"{scope}/restore_all", max_to_keep=5, keep_checkpoint_every_n_hours=10000.0,
        version=tf.train.SaverDef.V2)


def _unused_scope(names: set[str]) -> str:
    number = 0
    while any(name.startswith(f"{_scope(number)}/") for name in names):
        number += 1
    return _scope(number)


def _scope(number: int) -> str:
    return f"save_{number}" if number else "save"


def _file_name_nodes(scope: str) -> Iterator[NodeDef]:
    yield _string_constant(f"{scope}/filename/input", "model")
    yield _node(f"{scope}/filename", "PlaceholderWithDefault", f"{scope}/filename/input", dtype="string", shape=())
    yield _node(f"{scope}/Const", "PlaceholderWithDefault", f"{scope}/filename", dtype="string", shape=())


def _save_nodes(scope: str, variables: Sequence[GraphVariable]) -> Iterator[NodeDef]:
    values = []
    for variable in variables:
        values.append(f"{scope}/Read/{variable.node}" if variable.is_resource else variable.node)
        if variable.is_resource:
            yield _node(values[-1], "ReadVariableOp", variable.node, dtype=variable.dtype)
    yield from _names_and_slices(f"{scope}/SaveV2", variables)
    save = _node(f"{scope}/SaveV2", "SaveV2", f"{scope}/Const", f"{scope}/SaveV2/tensor_names",
                 f"{scope}/SaveV2/shape_and_slices", *values)
    save.attr["dtypes"].list.type.extend(dtype_enum(variable.dtype) for variable in variables)
    yield save
    yield _node(f"{scope}/control_dependency", "Identity", f"{scope}/Const", f"^{scope}/SaveV2", T="string")


def _restore_nodes(scope: str, variables: Sequence[GraphVariable]) -> Iterator[NodeDef]:
    yield from _names_and_slices(f"{scope}/RestoreV2", variables)
    restore = _node(f"{scope}/RestoreV2", "RestoreV2", f"{scope}/Const", f"{scope}/RestoreV2/tensor_names",
                    f"{scope}/RestoreV2/shape_and_slices")
    restore.attr["dtypes"].list.type.extend(dtype_enum(variable.dtype) for variable in variables)
    yield restore
    assigned = []
    for index, variable in enumerate(variables):
        restored = f"{scope}/RestoreV2:{index}" if index else f"{scope}/RestoreV2"
        assigned.append(f"{scope}/Assign/{variable.node}")
        if variable.is_resource:
            yield _node(f"{scope}/Identity/{variable.node}", "Identity", restored, T=variable.dtype)
            yield _node(assigned[-1], "AssignVariableOp", variable.node, f"{scope}/Identity/{variable.node}",
                        dtype=variable.dtype)
        else:
            yield _node(assigned[-1], "Assign", variable.node, restored, T=variable.dtype)
    yield _node(f"{scope}/restore_all", "NoOp", *(f"^{name}" for name in assigned))


def _names_and_slices(name: str, variables: Sequence[GraphVariable]) -> Iterator[NodeDef]:
    yield _string_constant(f"{name}/tensor_names", [variable.name for variable in variables])
    yield _string_constant(f"{name}/shape_and_slices",
                           [variable.part.specification if variable.part else "" for variable in variables])


def _string_constant(name: str, value: str | list[str]) -> NodeDef:
    node = _node(name, "Const", dtype="string")
    node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, tf.string))
    return node


def _node(name: str, op: str, *inputs: str, shape: tuple[int, ...] | None = None, **types: str) -> NodeDef:
    node = tf.NodeDef(name=name, op=op, input=inputs)
    for attribute, dtype in types.items():
        node.attr[attribute].type = dtype_enum(dtype)
    if shape is not None:
        node.attr["shape"].shape.CopyFrom(tf.TensorShape(shape).as_proto())
    return node
