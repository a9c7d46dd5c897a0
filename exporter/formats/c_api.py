"""TensorFlow's C API, as far as it is used here.

Source: tensorflow/c/{c_api,tf_status,tf_buffer,tf_tensor,tf_tstring}.h.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from exporter.lazy_tensorflow import tf

STRING_SIZE = 24
"""``sizeof(TF_TString)``."""

POINTER = ctypes.c_void_p
TEXT = ctypes.c_char_p

_LIBRARY = "libtensorflow_cc.so.2"
_SIZE, _INT = ctypes.c_size_t, ctypes.c_int


class Output(ctypes.Structure):
    """``TF_Output``: one output of an operation."""

    _fields_ = (("operation", POINTER), ("index", _INT))


class Buffer(ctypes.Structure):
    """``TF_Buffer``: bytes that somebody else keeps."""

    _fields_ = (("data", POINTER), ("length", _SIZE), ("deallocator", POINTER))


# Function -> the types of its result and of its arguments.
_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "TF_NewStatus": (POINTER,),
    "TF_DeleteStatus": (None, POINTER),
    "TF_GetCode": (_INT, POINTER),
    "TF_Message": (TEXT, POINTER),
    "TF_NewGraph": (POINTER,),
    "TF_DeleteGraph": (None, POINTER),
    "TF_NewSessionOptions": (POINTER,),
    "TF_DeleteSessionOptions": (None, POINTER),
    "TF_SetConfig": (None, POINTER, TEXT, _SIZE, POINTER),
    "TF_NewImportGraphDefOptions": (POINTER,),
    "TF_DeleteImportGraphDefOptions": (None, POINTER),
    "TF_ImportGraphDefOptionsSetValidateColocationConstraints": (None, POINTER, ctypes.c_ubyte),
    "TF_GraphImportGraphDef": (None, POINTER, POINTER, POINTER, POINTER),
    "TF_NewSession": (POINTER, POINTER, POINTER, POINTER),
    "TF_LoadSessionFromSavedModel": (POINTER, POINTER, POINTER, TEXT, POINTER, _INT, POINTER, POINTER, POINTER),
    "TF_CloseSession": (None, POINTER, POINTER),
    "TF_DeleteSession": (None, POINTER, POINTER),
    "TF_SessionRun": (None, POINTER, POINTER, POINTER, POINTER, _INT, POINTER, POINTER, _INT, POINTER, _INT,
                      POINTER, POINTER),
    "TF_GraphOperationByName": (POINTER, POINTER, TEXT),
    "TF_GraphNextOperation": (POINTER, POINTER, POINTER),
    "TF_OperationOpType": (TEXT, POINTER),
    "TF_OperationNumOutputs": (_INT, POINTER),
    "TF_AllocateTensor": (POINTER, _INT, POINTER, _INT, _SIZE),
    "TF_DeleteTensor": (None, POINTER),
    "TF_TensorData": (POINTER, POINTER),
    "TF_TensorType": (_INT, POINTER),
    "TF_NumDims": (_INT, POINTER),
    "TF_Dim": (ctypes.c_int64, POINTER, _INT),
    "TF_StringInit": (None, POINTER),
    "TF_StringCopy": (None, POINTER, TEXT, _SIZE),
    "TF_StringDealloc": (None, POINTER),
    "TF_StringGetDataPointer": (POINTER, POINTER),
    "TF_StringGetSize": (_SIZE, POINTER),
}


@cache
def c_library() -> ctypes.CDLL | None:
    """Returns the C API of the TensorFlow in this process; None where it can't be called (macOS, Windows)."""
    try:
        library = ctypes.CDLL(os.path.join(tf.sysconfig.get_lib(), _LIBRARY), mode=os.RTLD_NOW | os.RTLD_NOLOAD)
        for name, (result, *arguments) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return library


@contextmanager
def checked(library: ctypes.CDLL) -> Iterator[int]:
    """Yields a status; raises the error that it tells of in the end.

    Raises:
        tf.errors.OpError: of the class of its code.
    """
    status = library.TF_NewStatus()
    try:
        yield status
        if code := library.TF_GetCode(status):
            message = library.TF_Message(status).decode(errors="replace")
            raise tf.errors.exception_type_from_error_code(code)(None, None, message)
    finally:
        library.TF_DeleteStatus(status)
