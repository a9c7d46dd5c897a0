"""A TensorFlow session through the C API: what C++, Java and Go programs load artifacts by.

Python's layer parses, serializes and copies a graph several times on its way into a session; with the weights inside, that
takes more time and memory than TensorFlow's own loaders.
"""

from __future__ import annotations

import ctypes
import os
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from exporter.errors import GraphError
from exporter.formats.c_api import POINTER, STRING_SIZE, TEXT, Buffer, Output, checked
from exporter.formats.format import LoadedArtifact
from exporter.formats.session import as_array, exact_session_config
from exporter.graph.stored.table_initializers import TABLE_INITIALIZER_OPS
from exporter.graph.tensor_spec import TensorSpec, dtype_enum, dtype_name
from exporter.lazy_tensorflow import tf

_STRING = 7  # DT_STRING
_NO_VALUES = (20, 21)  # DT_RESOURCE, DT_VARIANT


class CSession:
    """A graph and a session on it, with `exact_session_config`; begin with one of the two class methods."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._graph = library.TF_NewGraph()
        self._session: int | None = None
        self._resources = ExitStack()
        self._resources.callback(library.TF_DeleteGraph, self._graph)
        weakref.finalize(self, self._resources.close).atexit = False

    @classmethod
    def of_graph_def(cls, library: ctypes.CDLL, content: memoryview | bytes) -> CSession:
        """Imports a serialized GraphDef and fills its lookup tables.

        Raises:
            tf.errors.OpError: it can't be imported, as graphs with an op without a shape function can't.
        """
        self = cls(library)
        buffer = Buffer(np.frombuffer(content, np.uint8).ctypes.data if len(content) else None, len(content), None)
        with _import_options(library) as options, checked(library) as status:
            library.TF_GraphImportGraphDef(self._graph, ctypes.byref(buffer), options, status)
        with _session_options(library) as options, checked(library) as status:
            self._own(library.TF_NewSession(self._graph, options, status))
        initializers = [operation for operation in self._operations()
                        if library.TF_OperationOpType(operation).decode() in TABLE_INITIALIZER_OPS]
        if initializers:
            self.run((), (), initializers)
        return self

    @classmethod
    def of_saved_model(cls, library: ctypes.CDLL, path: Path, tag: str) -> CSession:
        """Loads the graph with this tag; restores its variables and runs its init op.

        Raises:
            tf.errors.OpError: it can't be loaded.
        """
        self = cls(library)
        with _session_options(library) as options, checked(library) as status:
            self._own(library.TF_LoadSessionFromSavedModel(options, None, os.fsencode(path), (TEXT * 1)(tag.encode()), 1,
                                                           self._graph, None, status))
        return self

    def run(self, feeds: Sequence[tuple[TensorSpec, Any]], fetches: Sequence[TensorSpec],
            targets: Sequence[int] = ()) -> list[np.ndarray[Any, Any]]:
        """Feeds values, runs the operations ``targets`` and returns the values of ``fetches``; strings as bytes objects.

        Raises:
            GraphError: the graph has no such tensor.
            tf.errors.OpError: an operation failed.
        """
        if self._session is None:
            raise RuntimeError("The session is closed.")
        library = self._library
        with ExitStack() as stack:
            # Strings that are fed are freed last: an output may share their memory.
            values = [_new_tensor(library, as_array(value, spec), dtype_enum(spec.dtype), stack) for spec, value in feeds]
            results = (POINTER * len(fetches))()
            stack.callback(_delete_tensors, library, results)
            with checked(library) as status:
                library.TF_SessionRun(
                    self._session, None, self.find([spec for spec, _ in feeds]), (POINTER * len(values))(*values),
                    len(values), self.find(fetches), results, len(results),
                    (POINTER * len(targets))(*targets), len(targets), None, status)
            return [_content(library, result) for result in filter(None, results)]

    def find(self, specs: Sequence[TensorSpec]) -> ctypes.Array[Output]:
        """Returns ``TF_Output`` structures.

        Raises:
            GraphError: the graph has no such tensor.
        """
        return (Output * len(specs))(*(self._output(spec) for spec in specs))

    def close(self) -> None:
        """Frees session and graph."""
        self._session = None
        self._resources.close()

    def _own(self, session: int | None) -> None:
        if session:
            self._session = session
            self._resources.callback(_delete_session, self._library, session)

    def _operations(self) -> Iterator[int]:
        position = ctypes.c_size_t(0)
        while operation := self._library.TF_GraphNextOperation(self._graph, ctypes.byref(position)):
            yield operation

    def _output(self, spec: TensorSpec) -> Output:
        index = int(spec.name.partition(":")[2] or 0)
        operation = self._library.TF_GraphOperationByName(self._graph, spec.node_name.encode())
        if not operation or index >= self._library.TF_OperationNumOutputs(operation):
            raise GraphError(f"The graph has no tensor {spec.name!r}, which its signature names.", "Export it again.")
        return Output(operation, index)


def loaded_c_session(session: CSession, inputs: Mapping[str, TensorSpec],
                     outputs: Mapping[str, TensorSpec]) -> LoadedArtifact:
    """Wraps a session that is ready to run.

    Raises:
        GraphError: the graph lacks one of the tensors.
    """
    session.find([*inputs.values(), *outputs.values()])
    fed = {spec.name: (spec, key) for key, spec in inputs.items()}
    fetched = {name: spec for name, spec in outputs.items() if spec.name not in fed}  # the C API does not fetch what is fed

    def call(feeds: dict[str, Any]) -> dict[str, np.ndarray[Any, Any]]:
        values = session.run([(spec, feeds[key]) for spec, key in fed.values()], list(fetched.values()))
        results = dict(zip(fetched, values, strict=True))
        return {name: results[name] if name in results else as_array(feeds[fed[spec.name][1]], spec)
                for name, spec in outputs.items()}

    return LoadedArtifact(inputs, outputs, call, session.close)


@contextmanager
def _session_options(library: ctypes.CDLL) -> Iterator[int]:
    options = library.TF_NewSessionOptions()
    try:
        config = exact_session_config().SerializeToString()
        with checked(library) as status:
            library.TF_SetConfig(options, config, len(config), status)
        yield options
    finally:
        library.TF_DeleteSessionOptions(options)


@contextmanager
def _import_options(library: ctypes.CDLL) -> Iterator[int]:
    """As ``tf.import_graph_def``: a node may name one to be placed with that pruning has removed."""
    options = library.TF_NewImportGraphDefOptions()
    try:
        library.TF_ImportGraphDefOptionsSetValidateColocationConstraints(options, 0)
        yield options
    finally:
        library.TF_DeleteImportGraphDefOptions(options)


def _delete_session(library: ctypes.CDLL, session: int) -> None:
    status = library.TF_NewStatus()
    library.TF_CloseSession(session, status)
    library.TF_DeleteSession(session, status)
    library.TF_DeleteStatus(status)


def _delete_tensors(library: ctypes.CDLL, tensors: ctypes.Array[Any]) -> None:
    for tensor in filter(None, tensors):
        library.TF_DeleteTensor(tensor)


def _new_tensor(library: ctypes.CDLL, array: np.ndarray[Any, Any], dtype: int, stack: ExitStack) -> int:
    """Copies an array into a tensor that ``stack`` frees."""
    array = np.asarray(array, order="C")
    size = array.size * STRING_SIZE if dtype == _STRING else array.nbytes
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    tensor: int = library.TF_AllocateTensor(dtype, shape, array.ndim, size)
    stack.callback(library.TF_DeleteTensor, tensor)
    address = library.TF_TensorData(tensor)
    if dtype != _STRING:
        ctypes.memmove(address, array.ctypes.data, size)
        return tensor
    for number, value in enumerate(array.reshape(-1)):
        content = tf.compat.as_bytes(value)
        library.TF_StringInit(address + number * STRING_SIZE)
        stack.callback(library.TF_StringDealloc, address + number * STRING_SIZE)
        library.TF_StringCopy(address + number * STRING_SIZE, content, len(content))
    return tensor


def _content(library: ctypes.CDLL, tensor: int) -> np.ndarray[Any, Any]:
    """Copies a tensor into an array."""
    shape = [library.TF_Dim(tensor, axis) for axis in range(library.TF_NumDims(tensor))]
    dtype, address = library.TF_TensorType(tensor), library.TF_TensorData(tensor)
    if dtype in _NO_VALUES:
        raise tf.errors.UnimplementedError(None, None, f"An output of the type {dtype_name(dtype)} has no value.")
    if dtype != _STRING:
        numpy_type = np.dtype(tf.as_dtype(dtype).as_numpy_dtype)
        array = np.empty(shape, numpy_type[0] if numpy_type.names else numpy_type)  # quantized integers are structures
        ctypes.memmove(array.ctypes.data, address, array.nbytes)
        return array
    strings = np.empty(shape, object)
    strings.reshape(-1)[:] = [_string(library, address + number * STRING_SIZE) for number in range(strings.size)]
    return strings


def _string(library: ctypes.CDLL, address: int) -> bytes:
    return ctypes.string_at(library.TF_StringGetDataPointer(address), library.TF_StringGetSize(address))
