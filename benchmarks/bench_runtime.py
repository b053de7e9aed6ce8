"""The serving encoders against their targets, and float32 beside them.

    python -m benchmarks.bench_runtime [--encoders minilm-en e5-mul] [--rounds 60] [--out FILE]
        [--train FILE --test FILE] [--release DIR]

For each encoder in float32, in 8 bits, and in 8 bits with the second view: the median time of one
line of 16 tokens; lines a second in batches of 32 such lines; the median of ``encode`` for one
ordinary text, tokenizer and Python included; resident memory that a fresh process gains by loading
it and encoding 1,000 lines one by one (what belongs to the process alone, and with mapped files);
mean and least cosine of sentence vectors to float32, which the tests hold equal to torch. With
labelled lines (CSV, header ``text,intent`` or ``text,category``): accuracy of a head fitted on the
float32 vectors, and the share of its decisions that stay the same in 8 bits. With a release:
messages a second through the service's inference thread from 1, 16 and 64 clients at once.

One thread. The forms are measured in turn, round by round, so that other work on the machine
meets all of them; besides the median there is the best round, which other work disturbs least.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.inference import Inference
from intents.understanding import Understanding
from models.arrays import FloatArray
from models.encoders.calibrate import calibration_lines
from models.encoders.export import agreement, export
from models.encoders.runtime import Encoder
from models.encoders.weights import Weights, resolve, resolve_view
from models.intent_head import IntentHead

TARGETS = {"one line ms": "2", "lines/s": "1,500", "resident MB (mul)": "150", "same": "99.5 %"}
LINES, TOKENS = 32, 16
Labelled = tuple[list[str], list[str], list[str], list[str]]


@dataclass
class Form:
    """One way of running an encoder, and its times in seconds."""

    name: str
    folder: Path
    encoder: Encoder
    one: list[float] = field(default_factory=list)
    many: list[float] = field(default_factory=list)
    text: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoders", nargs="+", default=["minilm-en", "e5-mul"])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--release", type=Path)
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print(json.dumps(resident_mb(options.memory)))
        return
    labelled = read_lines(options.train) + read_lines(options.test) if options.train else None
    rows = [row for name in options.encoders for row in bench(name, options.rounds, labelled)]
    print_table(rows)
    print("targets:", ", ".join(f"{name} {value}" for name, value in TARGETS.items()))
    if options.release:
        served = [asyncio.run(clients(options.release, count)) for count in (1, 16, 64)]
        print_table(served)
        rows += served
    if options.out:
        options.out.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def bench(name: str, rounds: int, labelled: Labelled | None) -> list[dict[str, object]]:
    """One row for each form of encoder ``name``."""
    weights = resolve(name)
    with tempfile.TemporaryDirectory() as scratch:
        forms = make_forms(weights, Path(scratch))
        race(forms, rounds)
        texts = calibration_lines()
        plain = forms[0].encoder.encode(texts).sentence
        rows = []
        for form in forms:
            vectors = form.encoder.encode(texts).sentence[:, : plain.shape[1]]
            rows.append({"encoder": name, **figures(form), **closeness(plain, vectors)})
            if labelled:
                rows[-1] |= judge(forms[0].encoder, form.encoder, labelled)
    return rows


def make_forms(weights: Weights, scratch: Path) -> list[Form]:
    """Float32, 8 bits, and 8 bits with the second view."""
    view = resolve_view()
    ways: dict[str, Callable[[Path], None]] = {
        "float32": lambda out: export(weights, out, "fp32"),
        "8 bits": lambda out: export(weights, out, "int8"),
        "8 bits + view": lambda out: export(weights, out, "int8", view),
    }
    forms = []
    for name, make in ways.items():
        folder = scratch / name.replace(" ", "-")
        make(folder)
        forms.append(Form(name, folder, Encoder.load(folder)))
    return forms


def race(forms: Sequence[Form], rounds: int) -> None:
    """Time all forms in turn."""
    random = np.random.default_rng(0)
    ids = random.integers(1000, 20000, (LINES, TOKENS))
    texts = [line for line in calibration_lines() if 40 < len(line) < 70 and line.isascii()]
    for turn in range(-3, rounds):
        for form in forms:
            one = [passed(form.encoder, ids[:1]) for _ in range(4)]
            many = passed(form.encoder, ids)
            start = time.perf_counter()
            form.encoder.encode([texts[turn % len(texts)]])
            spent = time.perf_counter() - start
            if turn >= 0:
                form.one += one
                form.many.append(many)
                form.text.append(spent)


def passed(encoder: Encoder, ids: np.ndarray) -> float:
    """Seconds of one pass over ``ids`` (n, t), the view's included where there is one."""
    mask = np.ones_like(ids)
    start = time.perf_counter()
    encoder._session.run(None, {"input_ids": ids, "attention_mask": mask})
    if encoder._view is not None:
        encoder._view._session.run(None, {"ids": ids, "mask": mask})
    return time.perf_counter() - start


def figures(form: Form) -> dict[str, object]:
    """Times, sizes and memory of a form."""
    alone, mapped = fresh_process_mb(form.folder)
    return {
        "form": form.name,
        "one line ms": round(float(np.median(form.one)) * 1e3, 2),
        "best": round(min(form.one) * 1e3, 2),
        "lines/s": round(LINES / float(np.median(form.many))),
        "best lines/s": round(LINES / min(form.many)),
        "encode ms": round(float(np.median(form.text)) * 1e3, 2),
        "disk MB": round(sum(f.stat().st_size for f in form.folder.iterdir()) / 1e6, 1),
        "resident MB": alone,
        "with mapped files": mapped,
    }


def closeness(plain: FloatArray, vectors: FloatArray) -> dict[str, object]:
    """Cosines of vectors (n, d) to those of float32, renormalised."""
    lengths = np.linalg.norm(plain, axis=1) * np.linalg.norm(vectors, axis=1)
    cosine = (plain * vectors).sum(axis=1) / lengths
    return {"cosine": round(float(cosine.mean()), 5), "least": round(float(cosine.min()), 4)}


def read_lines(path: Path) -> tuple[list[str], list[str]]:
    """Texts and intents of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    key = "intent" if "intent" in rows[0] else "category"
    return [row["text"] for row in rows], [row[key] for row in rows]


def judge(plain: Encoder, encoder: Encoder, labelled: Labelled) -> dict[str, object]:
    """Accuracy of the float32 head on the form's vectors, and agreement with float32 vectors."""
    train, names, test, gold = labelled
    size = plain.state_dim
    head = IntentHead.fit(plain.encode(train).sentence, names)

    def chosen(vectors: FloatArray) -> list[str]:
        part = vectors[:, :size]
        part = part / np.linalg.norm(part, axis=1, keepdims=True)
        return [head.labels[i] for i in head.logits(part).argmax(axis=1)]

    found, reference = (chosen(e.encode(test).sentence) for e in (encoder, plain))
    right = float(np.mean([a == b for a, b in zip(found, gold, strict=True)]))
    return {"accuracy": round(right, 4), "same": round(agreement(reference, found), 4)}


async def clients(release: Path, count: int) -> dict[str, object]:
    """Messages a second that ``count`` clients get answered, each asking again when answered."""
    understanding = Understanding.load(release, verify=False)
    inference = Inference()
    inference.start()
    lines = [line for line in calibration_lines() if len(line) < 80]
    each = max(4, 320 // count)
    waits: list[float] = []

    async def client(number: int) -> None:
        for turn in range(each):
            start = time.perf_counter()
            await inference.parse(understanding, lines[(number * each + turn) % len(lines)])
            waits.append(time.perf_counter() - start)

    await inference.parse(understanding, lines[0])
    start = time.perf_counter()
    await asyncio.gather(*(client(number) for number in range(count)))
    spent = time.perf_counter() - start
    await inference.close()
    return {
        "clients": count,
        "messages/s": round(len(waits) / spent),
        "p50 ms": round(float(np.median(waits)) * 1e3, 1),
        "p95 ms": round(float(np.quantile(waits, 0.95)) * 1e3, 1),
    }


def fresh_process_mb(folder: Path) -> tuple[float, float]:
    """What :func:`resident_mb` gives in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_runtime", "--memory", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    alone, mapped = json.loads(done.stdout)
    return alone, mapped


def resident_mb(folder: Path) -> tuple[float, float]:
    """Growth of this process's own memory, and of all its resident memory, by the encoder."""
    before = _resident("RssAnon"), _resident("VmRSS")
    encoder = Encoder.load(folder)
    lines = calibration_lines()
    for turn in range(1000):
        encoder.encode([lines[turn % len(lines)]])
    return round(_resident("RssAnon") - before[0], 1), round(_resident("VmRSS") - before[1], 1)


def _resident(kind: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * float(next(li for li in status.splitlines() if kind in li).split()[1]) / 1e6


def print_table(rows: Sequence[dict[str, object]]) -> None:
    """Print rows as a Markdown table."""
    names = list(rows[0])
    print("| " + " | ".join(names) + " |")
    print("|" + "---|" * len(names))
    for row in rows:
        print("| " + " | ".join(str(row[name]) for name in names) + " |")


if __name__ == "__main__":
    main()
