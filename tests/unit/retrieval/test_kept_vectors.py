"""Vectors on disk: encoded once, the same after a kill, forgotten with their texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.arrays import FloatArray
from models.errors import ModelError
from retrieval.kept_vectors import KeptVectors, encoder_name, key_of
from retrieval.store import LogStore


class Counting:
    """An encoder that counts; its vectors tell the text's length and first letter."""

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def __call__(self, texts: Sequence[str]) -> FloatArray:
        self.encoded += texts
        return np.array([[len(t), ord(t[:1] or "?") % 999, 1.0] for t in texts], dtype=np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    with LogStore.open(tmp_path / "store", create=True) as opened:
        yield opened


def test_a_text_is_encoded_once_over_runs_and_repetitions(store: LogStore) -> None:
    encode = Counting()
    first = store.vectors("e1").encode(["a", "bb", "a"], encode)
    assert first.dtype == np.float32
    assert first[:, 0].tolist() == [1.0, 2.0, 1.0]
    again = LogStore.open(store.folder)
    second = again.vectors("e1").encode(["ccc", "bb"], encode)
    assert second[:, 0].tolist() == [3.0, 2.0]
    assert encode.encoded == ["a", "bb", "ccc"]
    again.vectors("e2").encode(["a"], encode)
    assert encode.encoded[-1] == "a", "another encoder has its own"
    assert len(again.vectors("e1")) == 3
    with pytest.raises(KeyError, match="new"):
        again.vectors("e1").get(["new"])
    with pytest.raises(ModelError, match="shape"):
        again.vectors("e1").add(["x"], np.zeros((1, 9), dtype=np.float32))
    again.close()


ONE_WORDING = [
    ("Returns take 7 days, please wait.", "returns take 14 days - wait"),
    ("您好，运费10元", "您好 运费 12元 哦"),
    ("{order_id} has left", "{order_id_2} has left!"),
]
OTHER_WORDINGS = [
    ("We ship to Berlin.", "We do not ship to Berlin."),
    ("可以退货", "不可以退货"),
    ("before 5 pm", "after 5 pm"),
    ("??", "!!"),
]


def test_wordings_that_mining_takes_for_one_share_a_vector(store: LogStore) -> None:
    encode, vectors = Counting(), store.vectors("e")
    for one, other in ONE_WORDING:
        assert key_of(one) == key_of(other), one
        assert vectors.unknown([one, other]) == [one]
        both = vectors.encode([one, other], encode)
        assert np.array_equal(both[0], both[1])
    assert encode.encoded == [one for one, _ in ONE_WORDING]
    for one, other in OTHER_WORDINGS:
        assert vectors.unknown([one, other]) == [one, other]


def test_rows_that_nobody_named_are_written_over(store: LogStore) -> None:
    encode = Counting()
    vectors = store.vectors("e")
    vectors.encode(["a", "bb"], encode)
    file = next(store.folder.glob("vectors-*"))
    with file.open("ab") as out:
        out.write(b"torn row of a run that was ended")
    assert vectors.encode(["ccc"], encode)[0].tolist() == [3.0, 99.0, 1.0]
    assert file.stat().st_size == 3 * 3 * 2
    assert file.stat().st_mode & 0o077 == 0


@settings(max_examples=8, deadline=None)
@given(st.lists(st.text(max_size=6), max_size=30), st.data())
def test_what_is_kept_and_what_is_forgotten(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    wanted = data.draw(st.lists(st.sampled_from(texts), max_size=20)) if texts else []
    with LogStore.open(tmp_path_factory.mktemp("store"), create=True) as store:
        encode, vectors = Counting(), store.vectors("e")
        before = vectors.encode(texts, encode)
        forgotten = vectors.keep(wanted)
        kept = len(set(map(key_of, wanted)))
        assert forgotten == len(set(map(key_of, texts))) - kept
        assert len(vectors) == kept
        assert len(list(store.folder.glob("vectors-*"))) <= 1
        assert np.array_equal(vectors.encode(texts, encode), before)


def test_the_name_of_an_encoder_changes_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"1")
    first = encoder_name(tmp_path)
    assert encoder_name(tmp_path) == first
    (tmp_path / "model.onnx").write_bytes(b"2")
    assert encoder_name(tmp_path) != first


def test_memory_is_mapped_not_held(store: LogStore) -> None:
    vectors: KeptVectors = store.vectors("e")
    vectors.encode([chr(0x4E00 + n) for n in range(500)], Counting())
    assert isinstance(vectors.rows, np.memmap)
    assert vectors.rows.shape == (500, 3)
