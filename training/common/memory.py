"""Keep the C allocator from handing memory back to the kernel between steps.

Activations of some 10 MB are allocated and freed hundreds of times a second; glibc maps and unmaps each, and
the page faults cost up to half of a training step on a busy machine.
"""
from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3


def keep_memory() -> bool:
    """Raise malloc's thresholds; False where the C library has no ``mallopt``."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        return bool(
            libc.mallopt(_M_MMAP_THRESHOLD, 1 << 30)
            and libc.mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)
            and libc.mallopt(_M_TOP_PAD, 64 << 20)
        )
    except (OSError, AttributeError):
        return False
