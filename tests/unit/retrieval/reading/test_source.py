"""Files packed and encoded in every way come as the same UTF-8."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from retrieval.reading.source import UNREADABLE, Source, encoding_of

TEXT = "会话,角色,内容\n1,客户,请问包邮吗？\n1,客服,满99元包邮，您看可以吗\n"


def content(path: Path) -> str:
    with Source(path).open() as stream:
        return stream.read().decode()


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: data,
        gzip.compress,
        bz2.compress,
        zstandard.ZstdCompressor().compress,
        lambda data: gzip.compress(data[:9]) + gzip.compress(data[9:]),
        lambda data: bz2.compress(data[:9]) + bz2.compress(data[9:]),
        lambda data: zstandard.compress(data[:9]) + zstandard.compress(data[9:]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "gb18030"])
def test_packed_and_encoded(tmp_path: Path, pack: Callable[[bytes], bytes], encoding: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(pack(TEXT.encode(encoding)))
    assert content(file) == TEXT


def test_western_text_and_stray_bytes(tmp_path: Path) -> None:
    assert encoding_of("Où est ma commande, c’est très gênant".encode("cp1252")) == "cp1252"
    stray = "您好，请问订单\n".encode() * 50 + b"\xff\n"
    assert encoding_of(stray) == "utf-8", "one broken line does not make the file another encoding"
    file = tmp_path / "a.txt"
    file.write_bytes("Où est-ce".encode("cp1252"))
    assert content(file) == "Où est-ce"


def test_position_and_fingerprint(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl.gz"
    file.write_bytes(gzip.compress(bytes(range(256)) * 4000))
    source = Source(file)
    before = source.fingerprint()
    with source.open() as stream:
        stream.read()
        assert source.position == source.size
    with file.open("ab") as out:
        out.write(b"x")
    assert source.fingerprint() != before
    assert Source(tmp_path / "absent").size == 0


@given(st.binary(max_size=400))
def test_any_bytes_open_or_are_said_to_be_unreadable(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.mktemp("bytes") / "a"
    file.write_bytes(data)
    try:
        content(file)
    except UnicodeDecodeError:
        assert encoding_of(data) == "utf-8", "broken UTF-8 is left to the readers of lines"
    except UNREADABLE:
        assert data[:2] in (b"\x1f\x8b", b"BZ", b"\x28\xb5")
