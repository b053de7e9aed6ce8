"""Nearest vectors in each of the three indexes: found, filtered, written, renewed."""

from pathlib import Path

import numpy as np
import pytest

from models.arrays import FloatArray, IntArray
from models.errors import ModelError
from retrieval.search import nearest
from retrieval.search.lists import ListedVectors
from retrieval.search.nearest import build, load, renew
from retrieval.search.scan import EXACT, ScannedVectors
from retrieval.search.vectors import BoolArray, FlatVectors, VectorIndex

ROWS, DIM = 6000, 32
KINDS = (FlatVectors, ScannedVectors, ListedVectors)


def unit(vectors: FloatArray) -> FloatArray:
    scaled: FloatArray = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype("f4")
    return scaled


@pytest.fixture(scope="module")
def vectors() -> FloatArray:
    """Rows in 300 loose groups, as texts about few things are."""
    random = np.random.default_rng(5)
    about = random.standard_normal((300, DIM)).repeat(ROWS // 300, axis=0)
    return unit(about + 0.8 * random.standard_normal((ROWS, DIM)))


@pytest.fixture(scope="module")
def queries(vectors: FloatArray) -> FloatArray:
    random = np.random.default_rng(6)
    return unit(vectors[::200] + 0.1 * random.standard_normal((30, DIM)))


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.__name__)
def index(request: pytest.FixtureRequest, vectors: FloatArray) -> VectorIndex:
    made: VectorIndex = request.param.build(vectors)
    return made


def best(vectors: FloatArray, query: FloatArray, allowed: BoolArray, k: int) -> set[int]:
    rows = np.flatnonzero(allowed)
    return set(rows[np.argsort(-(vectors[rows] @ query))[:k]].tolist())


def recall(
    index: VectorIndex, vectors: FloatArray, queries: FloatArray, allowed: BoolArray
) -> float:
    hits = [
        len(best(vectors, q, allowed, 10) & set(index.search(q, 10, allowed)[0].tolist()))
        for q in queries
    ]
    return sum(hits) / (10 * len(queries))


@pytest.mark.parametrize("share", [1.0, 0.3, 0.02])
def test_the_nearest_are_found_under_any_filter(
    index: VectorIndex, vectors: FloatArray, queries: FloatArray, share: float
) -> None:
    allowed = np.random.default_rng(1).random(ROWS) < share
    found = recall(index, vectors, queries, allowed)
    assert found == 1.0 if not isinstance(index, ListedVectors) else found >= 0.95


def test_rows_come_best_first_with_their_scores(
    index: VectorIndex, vectors: FloatArray, queries: FloatArray
) -> None:
    rows, scores = index.search(queries[0], 20, np.ones(ROWS, dtype=bool))
    assert len(rows) == len(set(rows.tolist())) == 20
    assert (np.diff(scores) <= 0).all()
    np.testing.assert_allclose(scores, vectors[rows] @ queries[0], atol=2e-3)
    np.testing.assert_allclose(index.vectors(rows), vectors[rows], atol=3e-3)


def test_no_more_than_are_allowed(index: VectorIndex, queries: FloatArray) -> None:
    allowed = np.zeros(ROWS, dtype=bool)
    assert len(index.search(queries[0], 5, allowed)[0]) == 0
    allowed[[3, 4000]] = True
    assert set(index.search(queries[0], 5, allowed)[0].tolist()) == {3, 4000}


def test_what_is_written_is_read(index: VectorIndex, queries: FloatArray, tmp_path: Path) -> None:
    index.save(tmp_path / "index.faiss")
    again = load(tmp_path / "index.faiss")
    assert type(again) is type(index)
    everything = np.ones(ROWS, dtype=bool)
    for query in queries:
        rows, scores = index.search(query, 10, everything)
        same, close = again.search(query, 10, everything)
        assert rows.tolist() == same.tolist()
        np.testing.assert_allclose(scores, close)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_come_and_go(
    kind: type[FlatVectors | ScannedVectors | ListedVectors],
    vectors: FloatArray,
    queries: FloatArray,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(nearest, "FLAT", ROWS if kind is FlatVectors else 10)
    monkeypatch.setattr(nearest, "SCANNED", ROWS if kind is not ListedVectors else 10)
    index = build(vectors[:5000])
    assert type(index) is kind
    kept = np.random.default_rng(2).permutation(4500)
    before: IntArray = np.concatenate([kept, np.full(1000, -1)]).astype(np.int64)
    now = np.concatenate([vectors[kept], vectors[5000:]])
    renewed = renew(index, before, now)
    assert renewed.size == 5500
    assert recall(renewed, now, queries, np.ones(5500, dtype=bool)) >= 0.95

    # again: some of the first, some of the later ones, and a few that are new
    rows = np.concatenate([np.arange(100, 4000), np.arange(4600, 5500)])
    latest = np.concatenate([now[rows], unit(queries)])
    twice = renew(renewed, np.concatenate([rows, np.full(30, -1)]), latest)
    allowed = np.random.default_rng(3).random(len(latest)) < 0.5
    allowed[-30:] = True
    assert recall(twice, latest, queries, allowed) >= 0.95
    for number, query in enumerate(queries):
        assert twice.search(query, 1, allowed)[0].tolist() == [len(rows) + number]
    if kind is ListedVectors:
        assert twice.stale == pytest.approx((1100 + 930) / len(latest))
    else:
        assert twice.stale == 0
    twice.save(tmp_path / "v.faiss")
    np.testing.assert_allclose(
        load(tmp_path / "v.faiss").vectors(np.arange(len(latest))), latest, atol=3e-3
    )


def test_a_file_that_is_absent_damaged_or_of_another_index_is_named(
    vectors: FloatArray, tmp_path: Path
) -> None:
    path = tmp_path / "index.faiss"
    with pytest.raises(ModelError, match="cannot be read"):
        load(path)
    path.write_bytes(b"IxFI" + bytes(40))
    with pytest.raises(ModelError, match="cannot be read"):
        load(path)
    ScannedVectors.build(vectors[:200]).save(path)
    np.save(tmp_path / f"index.faiss{EXACT}", vectors[:100])
    with pytest.raises(ModelError, match="cannot be used"):
        load(path)
    ListedVectors.build(vectors[:500]).save(path)
    ListedVectors.build(vectors[:400]).save(tmp_path / "other.faiss")
    (tmp_path / "other.faiss.codes").replace(tmp_path / "index.faiss.codes")
    with pytest.raises(ModelError, match="belong together"):
        load(path)
