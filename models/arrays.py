"""Array types shared by every room and the one way arrays are written to disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from models.errors import ModelError

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
AnyArray = npt.NDArray[Any]


_FEW = 5


def products(rows: FloatArray, matrix: FloatArray) -> FloatArray:
    """``rows @ matrix`` (n, k) for rows (n, d) and a large matrix (d, k).

    A few rows go one after another: a product of two matrices first rearranges the whole of the
    large one, which takes longer than reading it once for each row (half the time for two rows).
    """
    if 1 < len(rows) <= _FEW:
        return np.stack([row @ matrix for row in rows])
    found: FloatArray = rows @ matrix
    return found


def unit_rows(rows: FloatArray) -> FloatArray:
    """The rows (n, d) scaled to length one; zeros stay zeros."""
    scaled: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return scaled


def inverse_factor(covariance: npt.NDArray[np.float64]) -> FloatArray:
    """The lower Cholesky factor (d, d) of the inverse of a covariance: it whitens.

    Factored from the last row to the first, the covariance has only to be inverted as a triangle
    and turned: a third of the work of factoring its inverse.
    """
    from scipy.linalg.lapack import dtrtri

    upper = np.linalg.cholesky(covariance[::-1, ::-1])[::-1, ::-1]
    inverse, _ = dtrtri(np.asfortranarray(upper))
    return np.ascontiguousarray(inverse.T, dtype=np.float32)


def grouped_sums(rows: FloatArray, groups: IntArray, count: int) -> npt.NDArray[np.float64]:
    """Sums (count, d) of the rows (n, d) of each group; zeros for a group without rows.

    Rows are added in their order, as ``np.add.at`` would, which takes a hundred times as long.
    """
    from scipy.sparse import csr_matrix

    n = len(rows)
    members = csr_matrix((np.ones(n), (groups, np.arange(n))), shape=(count, n))
    sums: npt.NDArray[np.float64] = members @ rows.astype(np.float64)
    return sums


def save_arrays(path: Path, arrays: Mapping[str, AnyArray]) -> None:
    """Write ``arrays`` to an npz file in one step: readers see the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("wb") as out:
        np.savez(out, allow_pickle=False, **dict(arrays))
    partial.replace(path)


def load_arrays(path: Path, kind: str) -> dict[str, AnyArray]:
    """Read an npz file without pickle and check that it is of ``kind`` (array ``kind``).

    :raises ModelError: the file is absent, damaged, or holds something else.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise ModelError(
            f"{path} cannot be read",
            expected=f"an npz file of kind {kind!r}",
            found=str(error) or type(error).__name__,
            fix="Take the file from a complete release, or train again.",
        ) from error
    except Exception as error:  # zipfile and zlib raise their own types on damaged archives
        if type(error).__module__ not in ("zipfile", "zlib"):
            raise
        raise ModelError(
            f"{path} is damaged",
            expected=f"an npz file of kind {kind!r}",
            found=str(error),
            fix="Take the file from a complete release, or train again.",
        ) from error
    found = str(arrays.get("kind", "nothing"))
    if found != kind:
        raise ModelError(
            f"{path} holds the wrong model part",
            expected=kind,
            found=found,
            fix="Check that the release's files were not mixed up.",
        )
    return arrays
