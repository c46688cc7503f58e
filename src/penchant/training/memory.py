"""Freed memory is kept: a step takes and frees the same large tensors, and asking the system for them each time is dear."""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's mallopt(3)."""
BYTES = 1 << 30


def keep_freed_memory() -> bool:
    """Tells glibc to hold on to freed blocks of up to 1 GiB, for the rest of the process; elsewhere it does nothing.

    Gives whether it was told. Measured in docs/experiments.md, 2026-11-25.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library, such as musl
        return False
    return all(mallopt(number, BYTES) == 1 for number in (MMAP_THRESHOLD, TRIM_THRESHOLD))
