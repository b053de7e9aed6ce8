"""Writes a tiny file in the E5S1 format, as its description says, for tests of the reader."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 32, 1, 4, 64, 32
PIECES = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "\u2581ok", "我", "\u2581我", "о", "привет"]
PIECES += ["é", "naï", "。", "😀", "ok", "1", "ا", "<mask>"]
NORMALISER = {"\u200b": "", "\u3000": " ", "Ａ": "A"}


def q4_bytes(matrix: np.ndarray) -> bytes:
    out = b""
    for block in matrix.reshape(-1, 32):
        scale = np.float16(np.abs(block).max() / 8)
        steps = np.clip(np.rint(block / np.float32(scale)), -8, 7).astype(int) + 8
        pairs = (steps[:16] | (steps[16:] << 4)).astype(np.uint8)
        out += scale.tobytes() + pairs.tobytes()
    return out


def tensors() -> dict[str, bytes]:
    random = np.random.default_rng(5)

    def plain(*shape: int) -> bytes:
        return random.normal(0, 0.2, shape).astype("<f4").tobytes()

    def packed(*shape: int) -> bytes:
        return q4_bytes(random.normal(0, 0.2, shape).astype(np.float32))

    made = {
        "emb.word": packed(len(PIECES) + 2, HIDDEN),
        "emb.pos": plain(POSITIONS, HIDDEN),
        "emb.type": plain(1, HIDDEN),
        "emb.ln.w": plain(HIDDEN),
        "emb.ln.b": plain(HIDDEN),
    }
    for layer in range(LAYERS):
        for name, rows, columns in [
            ("q", HIDDEN, HIDDEN),
            ("k", HIDDEN, HIDDEN),
            ("v", HIDDEN, HIDDEN),
            ("ao", HIDDEN, HIDDEN),
            ("fi", INNER, HIDDEN),
            ("fo", HIDDEN, INNER),
        ]:
            made[f"l{layer}.{name}.w"] = packed(rows, columns)
            made[f"l{layer}.{name}.b"] = plain(rows)
        for name in ("aln", "oln"):
            made[f"l{layer}.{name}.w"], made[f"l{layer}.{name}.b"] = plain(HIDDEN), plain(HIDDEN)
    return made


def e5_bytes() -> bytes:
    sizes = (HIDDEN, LAYERS, HEADS, INNER, len(PIECES) + 2, POSITIONS, 2)
    head = b"E5S1" + struct.pack("<i", 1) + struct.pack("<7ifi", *sizes, 1e-12, 32)
    texts = [piece.encode() for piece in PIECES]
    ends = np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    scores = (-np.arange(len(PIECES), dtype="<f4")).tobytes()
    head += struct.pack("<5i", len(PIECES), 0, 2, 1, 3)
    head += struct.pack("<Q", sum(map(len, texts))) + ends + scores + b"".join(texts)
    table = b"".join(
        struct.pack("<IB", ord(char), len(new)) + struct.pack(f"<{len(new)}I", *map(ord, new))
        for char, new in NORMALISER.items()
    )
    head += struct.pack("<iI", len(NORMALISER), len(table)) + table
    stored = tensors()
    at = len(head) + 4 + sum(2 + len(name) + 21 for name in stored)
    directory, body = struct.pack("<i", len(stored)), b""
    for name, data in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode() + bytes(5)
        directory += struct.pack("<QQ", at + len(body), len(data))
        body += data
    return head + directory + body


def write_e5(path: Path) -> None:
    path.write_bytes(e5_bytes())
