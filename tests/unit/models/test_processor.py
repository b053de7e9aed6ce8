"""What the processor is said to be able to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.encoders import processor


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("processor: 0\nflags\t\t: fpu avx2 avx512_vnni\n", True),
        ("processor: 0\nflags\t\t: fpu avx2 avx_vnni\n", True),
        ("processor: 0\nflags\t\t: fpu avx2\n", False),
        ("processor: 0\nmodel name: avx512_vnni\nFeatures: neon\n", False),
        (None, False),
    ],
)
def test_vnni_is_read_from_the_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, info: str | None, expected: bool
) -> None:
    file = tmp_path / "cpuinfo"
    if info is not None:
        file.write_text(info)
    monkeypatch.setattr(processor, "CPUINFO", file)
    processor.has_vnni.cache_clear()
    assert processor.has_vnni() is expected
    processor.has_vnni.cache_clear()


def test_both_ways_of_multiplying_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the processor has VNNI; elsewhere both sessions take the exact way."""
    import numpy as np

    from models.encoders import runtime
    from models.encoders.export import export
    from models.encoders.weights import resolve
    from tests.unit.models.conftest import write_tiny_encoder

    write_tiny_encoder(tmp_path / "tiny")
    export(resolve(str(tmp_path / "tiny")), tmp_path / "out")
    found = []
    for fast in (processor.has_vnni(), False):
        monkeypatch.setattr(runtime, "has_vnni", lambda fast=fast: fast)
        encoder = runtime.Encoder.load(tmp_path / "out")
        found.append(encoder.encode(["where is my order", "退款"]).sentence)
    np.testing.assert_array_equal(*found)
