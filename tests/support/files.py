"""Small real files for tests of attachments."""

from __future__ import annotations

import io
import math
import re
import struct
import wave
import zlib
from array import array
from pathlib import Path

ROOT = Path(__file__).parents[2]
RATE = 8000
UNIT = 0.03
"""Seconds of a dot."""


def documented_plugins(folder: Path) -> dict[str, object]:
    """Write the examples of docs/attachments.md as modules into ``folder``; returns their names."""
    page = (ROOT / "docs" / "attachments.md").read_text(encoding="utf-8")
    found: dict[str, object] = {}
    for name, code in re.findall(r"```python\n# (\w+)\.py\n(.*?)```", page, re.DOTALL):
        (folder / f"{name}.py").write_text(code, encoding="utf-8")
        names: dict[str, object] = {}
        exec(compile(code, name, "exec"), names)
        found |= {name: names}
    return found


def morse(text: str, code: dict[str, str]) -> bytes:
    """``text`` as tones in a WAV file; ``code`` has the letter of each sign."""
    signs = {letter: sign for sign, letter in code.items()}
    samples = array("h", [0] * int(RATE * UNIT))
    for word in text.lower().split():
        for letter in word:
            for sign in signs[letter]:
                samples.extend(_tone(1 if sign == "." else 3))
                samples.extend([0] * int(RATE * UNIT))
            samples.extend([0] * int(2 * RATE * UNIT))
        samples.extend([0] * int(4 * RATE * UNIT))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def _tone(units: int) -> list[int]:
    count = int(units * RATE * UNIT)
    return [int(16000 * math.sin(2 * math.pi * 700 * i / RATE)) for i in range(count)]


def png(width: int, height: int) -> bytes:
    """A white picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sum_ = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", sum_)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * width) * height)
    start = b"\x89PNG\r\n\x1a\n"
    return start + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
