"""Memory that is ready before it is needed.

A fresh page costs more than what TensorFlow does with it, on virtual machines above all (measured: 0.35 s per GB), and
loading a graph with its weights inside takes several times their size. Another processor makes these pages ready meanwhile.
"""

from __future__ import annotations

import ctypes
import mmap
import threading

# How much memory TensorFlow takes to load and run a graph, as a multiple of the weights inside. Measured: 5.8 with VGG-16,
# 5.2 with many layers of one size. With less of it ready in one piece, what is freed does not fit the next copy: 6.6.
_COPIES = 6
_WORTHWHILE = 64 << 20
_AT_A_TIME = 16 << 20
_MADV_POPULATE_WRITE = 23  # linux/include/uapi/asm-generic/mman-common.h, since Linux 5.14


def prepare_memory(weights_size: int) -> None:
    """Makes pages ready in the background for graphs with ``weights_size`` bytes inside.

    The C library must keep what is freed (see `exporter.verification.process.ENVIRONMENT`). Where the system can't make
    pages ready, or has no memory to spare, nothing happens.
    """
    if weights_size < _WORTHWHILE:
        return
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    size = _COPIES * weights_size
    address = library.malloc(ctypes.c_size_t(size))
    if address is None:
        return
    library.free(ctypes.c_void_p(address))
    start = -(-address // mmap.PAGESIZE) * mmap.PAGESIZE
    pieces = range(start, address + size - _AT_A_TIME, _AT_A_TIME)
    threading.Thread(target=_populate, args=(library, pieces), daemon=True).start()


def _populate(library: ctypes.CDLL, addresses: range) -> None:
    for address in addresses:
        if library.madvise(ctypes.c_void_p(address), ctypes.c_size_t(_AT_A_TIME), _MADV_POPULATE_WRITE):
            return
