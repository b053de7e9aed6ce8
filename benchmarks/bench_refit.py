"""How long a live change takes: an intent added to a trained assistant, in this process.

    python benchmarks/bench_refit.py --assistant intents/packs/retail --release DIR [--repeat 5]

Reports the seconds of each step of adding an intent of ten lines, and that neither torch nor
scikit-learn was loaded. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from intents.reading.folder import read_assistant
from intents.refit import refit_with_report
from intents.store import ReleaseStore
from intents.understanding import Understanding
from intents.writing.edits import add_intent, remove_intent

LINES = [
    "do you sell gift cards",
    "I want to buy a gift card for my sister",
    "is there an e-gift card I can send by mail",
    "how do I pay with the gift card I was given",
    "what is left on my gift card",
    "你们有礼品卡卖吗",
    "想买张礼品卡送朋友",
    "礼品卡怎么用啊",
    "我的礼品卡里还剩多少钱",
    "电子礼品卡可以发短信吗",
]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assistant", type=Path, required=True)
    parser.add_argument("--release", type=Path, required=True)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measure(given.assistant, given.release, given.repeat, Path(folder))))


def measure(assistant: Path, release: Path, repeat: int, home: Path) -> dict[str, object]:
    """Add and remove one intent ``repeat`` times; seconds of each step."""
    store = ReleaseStore(home / "store")
    parent = store.add(release)
    store.promote(parent.id)
    copy = home / "assistant"
    shutil.copytree(assistant, copy, ignore=shutil.ignore_patterns("tests", "logs"))
    serving = Understanding.load(parent.folder)
    writing, fitting, processor, loading = [], [], [], []
    for _ in range(repeat):
        started = time.perf_counter()
        add_intent(copy, "gift_card", LINES)
        writing.append(time.perf_counter() - started)
        busy = time.process_time()
        made = refit_with_report(parent, copy, store, encoder=serving.encoder, override=True)
        processor.append(time.process_time() - busy)
        fitting.append(made.seconds)
        started = time.perf_counter()
        store.promote(made.release.id)
        fresh = Understanding.load(made.release.folder, encoder=serving.encoder, verify=False)
        fresh.parse(["有没有礼品卡"])
        loading.append(time.perf_counter() - started)
        remove_intent(copy, "gift_card")
    lines = [e for e in read_assistant(assistant).examples if e.intent]
    return {
        "intents": len(parent.facts.labels),
        "lines": len(lines),
        "encoded": made.encoded,
        "write_s": round(statistics.median(writing), 3),
        "refit_s": round(statistics.median(fitting), 3),
        "refit_worst_s": round(max(fitting), 3),
        "refit_processor_s": round(statistics.median(processor), 3),
        "promote_and_load_s": round(statistics.median(loading), 3),
        "gate": {"passed": made.gate.passed, "before": made.gate.before, "after": made.gate.after},
        "heavy_imports": sorted({"torch", "sklearn", "transformers"} & set(sys.modules)),
    }


if __name__ == "__main__":
    main()
