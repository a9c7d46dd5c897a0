"""What becomes of an op that took a variable's handle, once it is given the variable's value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from exporter.graph.functions import unused_name
from exporter.graph.node_names import node_of
from exporter.graph.tensor_spec import Shape, dtype_enum
from exporter.lazy_tensorflow import NodeDef, tf


@dataclass(frozen=True)
class Value:
    """The value of a variable: its ``DataType`` and shape, and whether it was handed on by a conditional."""

    dtype: int
    shape: Shape | None
    is_conditional: bool = False


@dataclass
class HandleUse:
    """A node that took handles.

    Attributes:
        node: the node, changed in place.
        values: index of an input -> the value that it is given now.
        names: all names of the body, for the nodes that are added.
        in_function: whether references are written as in a function's body.
        has_frames: whether the body has loops of ``Enter`` and ``Exit``, whose nodes take inputs of their frame only.
        results: index of an output -> the value that it is now.
        is_direct_call: the op is the name of a function.
    """

    node: NodeDef
    values: Mapping[int, Value]
    names: set[str]
    in_function: bool
    has_frames: bool
    results: dict[int, Value] = field(default_factory=dict)
    is_direct_call: bool = False

    @property
    def value(self) -> Value:
        """The one value that the node is given."""
        return next(iter(self.values.values()))


# Ops that hand on what they are given -> number of outputs that carry it.
PASS_THROUGH = {"Identity": 1, "Enter": 1, "Exit": 1, "NextIteration": 1, "Merge": 1, "Switch": 2, "StopGradient": 1}
LOOPS = ("While", "StatelessWhile")
# Ops that call functions -> index of the input that is the function's first argument.
CALLS = {"While": 0, "StatelessWhile": 0, "If": 1, "StatelessIf": 1, "Case": 1, "StatelessCase": 1,
         "PartitionedCall": 0, "StatefulPartitionedCall": 0}
# (op, name of its output) -> the output's name after the rewrite, as function bodies refer to it.
RENAMED_OUTPUTS = {("ReadVariableOp", "value"): "output", ("VarIsInitializedOp", "is_initialized"): "output"}

_REFERENCE_OPS = {f"Ref{op}": op for op in ("Identity", "Enter", "Exit", "NextIteration", "Merge", "Switch")}


def reference_op(op: str) -> str:
    """Returns the op that does for values what ``op`` does for references (``RefSwitch`` -> ``Switch``)."""
    return _REFERENCE_OPS.get(op, op)


def rewrite_handle_use(use: HandleUse) -> Iterator[NodeDef]:
    """Yields the nodes that replace ``use.node``.

    Raises:
        LookupError: no rewrite is known for the op.
    """
    if use.is_direct_call:
        yield use.node
        return
    yield from _REWRITES[use.node.op](use)


def _read(use: HandleUse) -> Iterator[NodeDef]:
    yield _replace(use.node, "Identity", T=use.value.dtype)


def _gather(use: HandleUse) -> Iterator[NodeDef]:
    """``ResourceGather`` -> ``GatherV2`` along axis 0, which needs a constant for the axis."""
    node, index_type = use.node, use.node.attr["Tindices"].type
    axis = tf.NodeDef(name=unused_name(f"{node.name}/axis", use.names), op="Const")
    use.names.add(axis.name)
    axis.attr["dtype"].type = index_type
    axis.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(0, index_type))
    axis.input.extend(_frame_of(use, node.input[1]))
    batch_dims = node.attr["batch_dims"].i if "batch_dims" in node.attr else 0
    gather = _replace(node, "GatherV2", Tparams=use.value.dtype, Tindices=index_type, Taxis=index_type)
    if batch_dims:
        gather.attr["batch_dims"].i = batch_dims
    gather.input.insert(2, f"{axis.name}:output:0" if use.in_function else axis.name)
    yield axis
    yield gather


def _gather_nd(use: HandleUse) -> Iterator[NodeDef]:
    yield _replace(use.node, "GatherNd", Tparams=use.value.dtype, Tindices=use.node.attr["Tindices"].type)


def _shape(use: HandleUse) -> Iterator[NodeDef]:
    node = use.node
    out_type = node.attr["out_type"].type if "out_type" in node.attr else dtype_enum("int32")
    yield _replace(node, "Shape", T=use.value.dtype, out_type=out_type)


def _is_initialized(use: HandleUse) -> Iterator[NodeDef]:
    node = _replace(use.node, "Const", dtype=dtype_enum("bool"))
    handle, *control_inputs = node.input
    node.input[:] = [*_frame_of(use, handle), *control_inputs]
    node.attr["value"].tensor.dtype = dtype_enum("bool")
    node.attr["value"].tensor.tensor_shape.SetInParent()
    node.attr["value"].tensor.bool_val.append(True)
    yield node


def _hand_on(use: HandleUse) -> Iterator[NodeDef]:
    use.node.attr["T"].type = use.value.dtype
    yield use.node


def _identity_n(use: HandleUse) -> Iterator[NodeDef]:
    _set_types(use.node, "T", use.values)
    yield use.node


def _loop(use: HandleUse) -> Iterator[NodeDef]:
    _set_types(use.node, "T", use.values)
    _set_output_shapes(use.node, use.values)
    yield use.node


def _call(use: HandleUse) -> Iterator[NodeDef]:
    first_argument = CALLS[use.node.op]
    _set_types(use.node, "Tin", {index - first_argument: value for index, value in use.values.items()})
    _set_types(use.node, "Tout", use.results)
    _set_output_shapes(use.node, use.results)
    yield use.node


_REWRITES: dict[str, Callable[[HandleUse], Iterator[NodeDef]]] = {
    "ReadVariableOp": _read, "ResourceGather": _gather, "ResourceGatherNd": _gather_nd, "VariableShape": _shape,
    "VarIsInitializedOp": _is_initialized, "IsVariableInitialized": _is_initialized, "IdentityN": _identity_n,
    **dict.fromkeys(PASS_THROUGH, _hand_on), **dict.fromkeys(CALLS, _call), **dict.fromkeys(LOOPS, _loop),
}


def _frame_of(use: HandleUse, reference: str) -> list[str]:
    """The control input that puts a constant into the frame of ``reference``."""
    return [f"^{node_of(reference)}"] if use.has_frames else []


def _replace(node: NodeDef, op: str, **types: int) -> NodeDef:
    """Makes ``node`` another op with these type attributes; only the colocation stays of its own."""
    colocation = [bytes(value) for value in node.attr["_class"].list.s] if "_class" in node.attr else []
    node.op = op
    node.attr.clear()
    for name, dtype in types.items():
        node.attr[name].type = dtype
    if colocation:
        node.attr["_class"].list.s.extend(colocation)
    return node


def _set_types(node: NodeDef, attribute: str, values: Mapping[int, Value]) -> None:
    for index, value in values.items():
        node.attr[attribute].list.type[index] = value.dtype


def _set_output_shapes(node: NodeDef, values: Mapping[int, Value]) -> None:
    if "output_shapes" not in node.attr:
        return
    shapes = node.attr["output_shapes"].list.shape
    for index, value in values.items():
        if index < len(shapes):
            shapes[index].CopyFrom(tf.TensorShape(value.shape).as_proto())
