"""What this processor can do with 8-bit numbers."""

from __future__ import annotations

from functools import cache
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
VNNI = frozenset({"avx512_vnni", "avx_vnni"})


@cache
def has_vnni() -> bool:
    """Whether products of 8-bit numbers are added in 32 bits at once; False where nobody says so.

    Older x86 processors add pairs of products in 16 bits first, which may overflow.
    """
    try:
        lines = CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not VNNI.isdisjoint(flags.split())
