"""Nearest vectors at 100,000 and 1,000,000 rows: recall, time and size, beside a plain flat scan.

    FRONTDESK_DATA=… python -m benchmarks.bench_vectors [--rows 100000 1000000] [--work DIR]
        [--out FILE]

Vectors: sentence vectors (384) of 100,000 distinct lines of the public sets (BANKING77, CLINC150,
HWU64, SNIPS, ATIS, STAR, MultiDoGO, Twitter airline support) by the English encoder as it serves;
beyond 100,000 rows each repeats a line's vector with seeded Gaussian noise of length 0.3. Queries:
400 lines that are in no index. Recall is the share of the ten nearest rows (by float32, over all
rows) among the ten found. Times are medians of single queries on one thread, of three rounds in
which the indexes take turns; ``50%`` and ``10%`` let a random half, and tenth, of the rows pass.
Size is that of the files that the index reads. Vectors and indexes are kept in ``--work`` and a
later run goes on from there.
"""

from __future__ import annotations

import argparse
import bz2
import csv
import gzip
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from bot.commands.progress import Bars
from intents.training.training import exported_encoder
from models.arrays import FloatArray, IntArray
from models.encoders.runtime import Encoder
from models.encoders.weights import resolve
from retrieval.search.nearest import build, load
from retrieval.search.vectors import BoolArray, FlatVectors, VectorIndex

LINES, QUERIES, NOISE, BLOCK, ROUNDS = 100_000, 400, 0.3, 50_000, 3
SEQUENCES = ("clinc150", "hwu64", "banking77_oos", "snips", "atis")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--work", type=Path, default=Path("build/vectors"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/vectors.json"))
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    lines = line_vectors(options.work)
    queries, lines = lines[-QUERIES:], lines[:-QUERIES]
    found: list[dict[str, Any]] = []
    for rows in options.rows:
        found += measure(rows, lines, queries, options.work)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(found, indent=2) + "\n")
    print_table(found)


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print a Markdown table, a column for each index."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        print("| " + " | ".join([name, *(str(row.get(name, "")) for row in rows)]) + " |")
        if name == "rows":
            print("|" + "---|" * (len(rows) + 1))


def measure(rows: int, lines: FloatArray, queries: FloatArray, work: Path) -> list[dict[str, Any]]:
    """A row for the product's index and one for the flat scan."""
    vectors = noisy(rows, lines, work)
    path = work / f"{rows}.faiss"
    seconds = None
    if not path.is_file():
        began = time.perf_counter()
        build(vectors).save(path)
        seconds = round(time.perf_counter() - began)
    indexes: dict[str, VectorIndex] = {
        type(load(path)).__name__: load(path),
        "flat scan": FlatVectors.build(vectors),
    }
    random = np.random.default_rng(3)
    filters = {"": np.ones(rows, dtype=bool)}
    filters |= {f" {share:.0%}": random.random(rows) < share for share in (0.5, 0.1)}
    rowed: list[dict[str, Any]] = [{"rows": rows, "index": name} for name in indexes]
    for label, allowed in filters.items():
        figures = race(list(indexes.values()), queries, allowed)
        for row, (recall, middle, high) in zip(rowed, figures, strict=True):
            row |= {f"recall@10{label}": recall, f"p50 ms{label}": middle, f"p95 ms{label}": high}
    sizes = [
        sum(f.stat().st_size for f in work.glob(f"{rows}.faiss*")),
        rows * vectors.shape[1] * 4,
    ]
    for row, size in zip(rowed, sizes, strict=True):
        row["MB"] = round(size / 1e6)
    rowed[0]["build s"] = seconds
    return rowed


def race(
    indexes: list[VectorIndex], queries: FloatArray, allowed: BoolArray
) -> list[tuple[float, float, float]]:
    """Recall against the last index, and median and 95th percentile of its times, for each.

    A row that is as near as the tenth is as right as the tenth.
    """
    times: list[list[float]] = [[] for _ in indexes]
    hits = [0] * len(indexes)
    for turn in range(1 + ROUNDS):
        for number, index in enumerate(indexes):
            for query in queries:
                began = time.perf_counter()
                rows, _ = index.search(query, 10, allowed)
                if turn:  # the first round reads what is mapped
                    times[number].append(time.perf_counter() - began)
                elif number < len(indexes) - 1:
                    hits[number] += _right(indexes[-1], query, rows, allowed)
    hits[-1] = 10 * len(queries)
    return [
        (
            round(hit / hits[-1], 4),
            round(float(np.median(spent)) * 1000, 2),
            round(float(np.percentile(spent, 95)) * 1000, 2),
        )
        for hit, spent in zip(hits, times, strict=True)
    ]


def _right(exact: VectorIndex, query: FloatArray, rows: IntArray, allowed: BoolArray) -> int:
    _, scores = exact.search(query, 10, allowed)
    return int((exact.similarities(query, rows) >= scores[-1] - 1e-6).sum())


def noisy(rows: int, lines: FloatArray, work: Path) -> FloatArray:
    """``rows`` vectors: the lines', then the same with noise, over and over."""
    if rows <= len(lines):
        return lines[:rows]
    path = work / f"{rows}.npy"
    if not path.is_file():
        random = np.random.default_rng(7)
        partial = work / f".{rows}.npy"
        made = np.lib.format.open_memmap(partial, "w+", np.float32, (rows, lines.shape[1]))  # type: ignore[no-untyped-call]
        for start in range(0, rows, BLOCK):
            at = np.arange(start, min(rows, start + BLOCK))
            noise = random.standard_normal((len(at), lines.shape[1])).astype(np.float32)
            noise *= (NOISE / np.sqrt(lines.shape[1])) * (at >= len(lines))[:, None]
            block = lines[at % len(lines)] + noise
            made[at] = block / np.linalg.norm(block, axis=1, keepdims=True)
        made.flush()
        partial.replace(path)
    mapped: FloatArray = np.load(path, mmap_mode="r")
    return mapped


def line_vectors(work: Path) -> FloatArray:
    """Sentence vectors of the public sets' lines: float32 (LINES + QUERIES, 384), kept in work."""
    path = work / "lines.npy"
    if path.is_file():
        kept: FloatArray = np.load(path)
        return kept
    texts = sorted(set(public_lines(Path(os.environ["FRONTDESK_DATA"]))))
    chosen = np.random.default_rng(0).permutation(len(texts))[: LINES + QUERIES]
    encoder = Encoder.load(exported_encoder(resolve("minilm-en")))
    parts, progress = [], Bars()
    progress.start("Encoding lines", len(chosen))
    for start in range(0, len(chosen), 1000):
        part = [texts[i] for i in chosen[start : start + 1000]]
        vectors = encoder.encode(part).sentence[:, :384]
        parts.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        progress.advance(len(part))
    progress.done()
    found = np.concatenate(parts).astype(np.float32)
    np.save(path, found)
    return found


def public_lines(data: Path) -> Iterator[str]:
    """Lines of 4 to 220 characters."""
    for text in _raw_lines(data):
        stripped = text.strip()
        if 3 < len(stripped) < 220:
            yield stripped


def _raw_lines(data: Path) -> Iterator[str]:
    for path in sorted((data / "banking77").rglob("*.csv")):
        with path.open(encoding="utf-8") as file:
            yield from (row[0] for row in csv.reader(file))
    for name in SEQUENCES:
        for path in sorted((data / name).rglob("seq.in")):
            yield from path.read_text(encoding="utf-8").split("\n")
    for path in sorted((data / "multidogo").rglob("*.tsv")):
        rows = (line.split("\t") for line in path.read_text(encoding="utf-8").split("\n"))
        yield from (row[2] for row in rows if len(row) > 3)
    for path in sorted((data / "star").rglob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as zipped:
            for line in zipped:
                yield from (event.get("Text") or "" for event in json.loads(line)["Events"])
    for path in sorted((data / "twitter_airline_support").rglob("*.bz2")):
        with bz2.open(path, "rt", encoding="utf-8") as packed:
            for row in csv.reader(packed):
                yield from row


if __name__ == "__main__":
    main()
