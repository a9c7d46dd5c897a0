"""CRC32C as TensorFlow stores it."""

from __future__ import annotations

from crc32c import crc32c

_MASK_DELTA = 0xA282EAD8

__all__ = ["crc32c", "mask", "masked_checksum"]


def mask(checksum: int) -> int:
    """Returns the stored form of a CRC32C: rotated right by 15 bits, plus a constant.

    Source: tensorflow/core/lib/hash/crc32c.h, Mask.
    """
    return ((checksum >> 15 | checksum << 17) + _MASK_DELTA) & 0xFFFFFFFF


def masked_checksum(*parts: bytes) -> int:
    """Returns the masked CRC32C of the concatenated ``parts``."""
    checksum = 0
    for part in parts:
        checksum = crc32c(part, checksum)
    return mask(checksum)
