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

# glibc/malloc/malloc.h: never give memory back to the system, take it in large pieces, all threads from one place.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -2, -4, -8
_KEEPING = {_M_TRIM_THRESHOLD: -1, _M_TOP_PAD: 1 << 26, _M_MMAP_MAX: 0, _M_ARENA_MAX: 1}


def keep_freed_memory() -> None:
    """Lets the C library keep the memory that is freed, where it can be told to (glibc).

    The process parses graphs with all weights inside, one after the other. Memory that one of them has freed serves the
    next, where the C library would give it back to the system and fault in fresh pages (measured with VGG-16: a third of the
    time), and all threads take it from one place, which `prepare_memory` fills.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        for option, value in _KEEPING.items():
            mallopt(option, value)


def prepare_memory(weights_size: int) -> None:
    """Makes pages ready in the background for graphs with ``weights_size`` bytes inside.

    The C library must keep what is freed (`keep_freed_memory`). Where the system can't make pages ready, or has no memory
    to spare, nothing happens.
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
