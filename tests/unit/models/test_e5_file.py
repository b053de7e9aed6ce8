"""The packaged E5 format: read whole or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoders.convert_e5 import build_tokenizer, convert_e5, kept_pieces
from models.encoders.e5_file import read_e5
from models.errors import WeightsError
from tests.unit.models.e5_writer import HIDDEN, PIECES, e5_bytes, q4_bytes

DATA = e5_bytes()


def test_reads_header_vocabulary_and_tensors() -> None:
    file = read_e5(DATA)
    assert (file.shape.hidden, file.shape.layers, file.shape.positions) == (32, 1, 32)
    assert list(file.vocabulary.pieces) == PIECES
    assert file.normaliser["\u3000"] == " "
    assert file.tensor("emb.pos", (32, HIDDEN)).dtype == np.float32
    assert file.rows("emb.type") == 1


def test_four_bit_blocks_are_decoded() -> None:
    matrix = np.random.default_rng(0).normal(size=(2, 64)).astype(np.float32)
    at = DATA.index(b"l0.fo.w")
    assert at > 0
    file = read_e5(DATA)
    found = file.tensor("l0.fo.w", (HIDDEN, 64))
    again = np.frombuffer(q4_bytes(found), np.uint8)
    np.testing.assert_array_equal(again, np.frombuffer(q4_bytes(found.copy()), np.uint8))
    assert np.abs(found).max() < 2
    assert len(q4_bytes(matrix)) == 2 * 64 // 32 * 18


def test_an_unknown_tensor_or_shape_is_refused() -> None:
    file = read_e5(DATA)
    for name, shape in [("nothing", (4, 4)), ("emb.pos", (7, 7))]:
        with pytest.raises(WeightsError, match="cannot be read"):
            file.tensor(name, shape)


@given(st.integers(0, len(DATA) - 1))
def test_a_file_cut_anywhere_is_refused(size: int) -> None:
    with pytest.raises(WeightsError, match="pip install"):
        read_e5(DATA[:size])


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(junk: bytes) -> None:
    with pytest.raises(WeightsError):
        read_e5(junk)


def test_the_vocabulary_keeps_what_chinese_and_english_need() -> None:
    file = read_e5(DATA)
    kept = {file.vocabulary.pieces[i] for i in kept_pieces(file)}
    assert kept >= {"<s>", "<pad>", "</s>", "<unk>", "<mask>", "\u2581ok", "我", "。", "😀", "é"}
    assert not kept & {"о", "привет", "ا", "naï"}


def test_the_tokenizer_normalises_as_the_file_says() -> None:
    file = read_e5(DATA)
    tokenizer = build_tokenizer(file, kept_pieces(file))
    assert tokenizer.encode("我\u200b").ids == tokenizer.encode("我").ids
    assert tokenizer.encode("ok\u3000我").ids == tokenizer.encode("ok 我").ids


def test_converting_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "e5.bin").write_bytes(DATA)
    for name in ("a", "b"):
        convert_e5(tmp_path / "e5.bin", tmp_path / name)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
