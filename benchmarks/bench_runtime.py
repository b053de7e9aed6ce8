"""Ways of running an encoder on this machine, side by side.

    python -m benchmarks.bench_runtime [--encoders minilm-en e5-mul] [--out results.json]
        [--train train.csv --test test.csv]

For each encoder and way: size on disk, resident memory of a fresh process that has encoded a
batch, median latency of one line of 16 tokens, lines a second in batches of 32 lines of 16 tokens,
mean and least cosine of sentence vectors to float32, and whether a line's vector depends on the
other lines of its batch. With labelled lines (CSV ``text,intent``) also: accuracy of a head fitted
on the way's own vectors, and the share of its decisions that float32 vectors leave the same.
One thread, processor time, which other work on the machine disturbs less.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic

from models.arrays import FloatArray
from models.export import _read_tensors, agreement, export
from models.graph import GraphWriter, Layout
from models.intent_head import IntentHead
from models.quantise import quantise, to_8bit
from models.runtime import GRAPH, Encoder
from models.weights import Weights, resolve

LINES = [
    "Where is my parcel? It should have been here on Monday.",
    "i want my money back for the blue jacket",
    "Can I change the delivery address of an order that has shipped?",
    "the voucher says it is not valid any more",
    "Do you have these shoes in size 42?",
    "hi",
    "Your last reply did not help at all, let me talk to a person please",
    "How long does a refund take once you have received the parcel?",
    "the screen was cracked when i opened the box, i can send photos",
    "I was charged twice for order A-20931",
    "我的快递三天没动静了，能帮我查一下吗",
    "想退货，衣服尺码不合适",
    "发票抬头能改吗？",
    "优惠券用不了怎么回事",
    "转人工",
    "收到的杯子是碎的，怎么赔",
    "昨天刚买今天就降价了，可以补差价吗",
    "这款手机有白色的现货吗",
    "order 还没 ship，能 cancel 吗",
    "密码忘了，收不到验证码",
]
Way = Callable[[Weights, Path], None]
Labelled = tuple[list[str], list[str], list[str], list[str]]


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoders", nargs="+", default=["minilm-en", "e5-mul"])
    parser.add_argument("--repeat", type=int, default=60)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--train", type=Path)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--memory", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print(resident_mb(options.memory))
        return
    labelled = read_lines(options.train) + read_lines(options.test) if options.train else None
    rows = [row for name in options.encoders for row in bench(name, options.repeat, labelled)]
    print_table(rows)
    if options.out:
        options.out.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def bench(name: str, repeat: int, labelled: Labelled | None) -> list[dict[str, object]]:
    """One row for each way of running encoder ``name``."""
    weights = resolve(name)
    ways: dict[str, Way] = {
        "float32": lambda w, out: export(w, out, "fp32"),
        "dynamic int8 per channel": dynamic_int8,
        "blocks of 32, 8 bits": lambda w, out: blocks(w, out, exact=False),
        "blocks of 32, 4 bits where exact": lambda w, out: blocks(w, out, exact=True),
    }
    texts = [line for line in LINES if "zh" in weights.languages or line.isascii()]
    rows: list[dict[str, object]] = []
    reference = judged = None
    with tempfile.TemporaryDirectory() as scratch:
        for way, make in ways.items():
            folder = Path(scratch) / way.replace(" ", "-")
            make(weights, folder)
            encoder = Encoder.load(folder)
            vectors = encoder.encode(texts).sentence
            reference = vectors if reference is None else reference
            cosine = (vectors * reference).sum(axis=1)
            alone = np.concatenate([encoder.encode([text]).sentence for text in texts])
            one, many = speed(encoder, repeat)
            rows.append(
                {
                    "encoder": name,
                    "way": way,
                    "disk_mb": round(sum(f.stat().st_size for f in folder.iterdir()) / 1e6, 1),
                    "resident_mb": fresh_process_mb(folder),
                    "one_line_ms": round(one * 1e3, 2),
                    "lines_per_s": round(many),
                    "cosine_mean": round(float(cosine.mean()), 5),
                    "cosine_least": round(float(cosine.min()), 5),
                    "batch_changes_vector_by": float(f"{np.abs(alone - vectors).max():.1e}"),
                }
            )
            if labelled:
                judged = encoder.encode(labelled[2]).sentence if judged is None else judged
                rows[-1] |= judge(encoder, labelled, judged)
    return rows


def read_lines(path: Path) -> tuple[list[str], list[str]]:
    """Texts and intents of a CSV file."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [row["text"] for row in rows], [row["intent"] for row in rows]


def judge(encoder: Encoder, labelled: Labelled, plain: FloatArray) -> dict[str, object]:
    """Accuracy of a head on the encoder's vectors; agreement with float32 vectors ``plain``."""
    train, names, test, gold = labelled
    head = IntentHead.fit(encoder.encode(train).sentence, names)
    chosen = [head.labels[i] for i in head.logits(encoder.encode(test).sentence).argmax(axis=1)]
    reference = [head.labels[i] for i in head.logits(plain).argmax(axis=1)]
    right = float(np.mean([a == b for a, b in zip(chosen, gold, strict=True)]))
    return {"accuracy": round(right, 4), "agreement": round(agreement(reference, chosen), 4)}


def dynamic_int8(weights: Weights, out: Path) -> None:
    """ONNX Runtime's own dynamic quantisation of the float32 graph."""
    export(weights, out, "fp32")
    plain = out / "plain.onnx"
    shutil.move(out / GRAPH, plain)
    quantize_dynamic(
        plain,
        out / GRAPH,
        op_types_to_quantize=["MatMul", "Gather"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    plain.unlink()


def blocks(weights: Weights, out: Path, *, exact: bool) -> None:
    """The product's own graph; ``exact`` takes 4 bits where they lose nothing."""
    export(weights, out, "int8")
    layout = Layout.read(json.loads((weights.path / "config.json").read_text()))
    tensors = _read_tensors(weights.path / "model.safetensors")
    onnx.save(GraphWriter(layout, quantise if exact else to_8bit).write(tensors), out / GRAPH)


def speed(encoder: Encoder, repeat: int) -> tuple[float, float]:
    """Seconds for one line of 16 tokens, and lines a second in batches of 32 such lines."""
    session = encoder._session
    ids = np.random.default_rng(0).integers(1000, 20000, (32, 16))
    mask = np.ones_like(ids)

    def run(lines: int) -> float:
        start = time.thread_time()
        session.run(None, {"input_ids": ids[:lines], "attention_mask": mask[:lines]})
        return time.thread_time() - start

    for _ in range(5):
        run(1), run(32)
    one = float(np.median([run(1) for _ in range(repeat)]))
    many = float(np.median([run(32) for _ in range(max(5, repeat // 6))]))
    return one, 32 / many


def fresh_process_mb(folder: Path) -> float:
    """Resident memory that loading and using the encoder adds, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_runtime", "--memory", str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def resident_mb(folder: Path) -> float:
    """Growth of resident memory by the encoder in this process."""
    before = _resident()
    Encoder.load(folder).encode(LINES)
    return round((_resident() - before) / 1e6, 1)


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return 1024 * float(next(line for line in status.splitlines() if "VmRSS" in line).split()[1])


def print_table(rows: Sequence[dict[str, object]]) -> None:
    """Print rows as a Markdown table."""
    names = list(rows[0])
    print("| " + " | ".join(names) + " |")
    print("|" + "---|" * len(names))
    for row in rows:
        print("| " + " | ".join(str(row[name]) for name in names) + " |")


if __name__ == "__main__":
    main()
