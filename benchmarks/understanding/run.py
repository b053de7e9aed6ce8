"""One run: train by the defaults of ``frontdesk train``, measure, and write one JSON file."""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.understanding.plan import BASELINE, Run
from benchmarks.understanding.sets import Material, set_named
from intents.examples import Example

ROOT = Path(__file__).parents[2]
CODE = ("intents", "models", "benchmarks/understanding")


def perform(run: Run, data: Path, results: Path, work: Path) -> None:
    """Train, measure and write ``results/<name>.json``.

    A training that was killed goes on from its checkpoint under ``work``; the release that it
    makes is deleted once it is measured.
    """
    began = time.perf_counter()
    material = set_named(run.set).material(data, run.part)
    folder = work / run.name
    if run.mode == BASELINE:
        from benchmarks.understanding.baseline import train_and_measure

        made = train_and_measure(material, run.seed)
    else:
        made = _product(run, material, folder)
    made = {
        **asdict(run),
        "train_lines": len(material.train),
        **made,
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        **environment(),
    }
    made["seconds"]["all"] = round(time.perf_counter() - began, 1)
    made["seconds"]["processor"] = round(time.process_time(), 1)
    write(results / f"{run.name}.json", made)
    shutil.rmtree(folder, ignore_errors=True)


def _product(run: Run, material: Material, folder: Path) -> dict[str, Any]:
    from bot.commands.progress import Bars
    from intents.training.training import train
    from intents.understanding import Understanding

    out = folder / "release"
    shutil.rmtree(out, ignore_errors=True)
    started = time.perf_counter()
    release = train(
        material.train,
        out,
        language=material.language,
        mode="full" if run.mode == "full" else "head",
        seed=run.seed,
        progress=Bars(),
    )
    trained = time.perf_counter()
    understanding = Understanding.load(out)
    measured = {}
    for name, part in material.measured.items():
        figures = measure(understanding, part.examples)
        measured[name] = {
            "source": part.source,
            "official_test": part.official,
            "lines": len(part.examples),
            **figures,
        }
    learned = json.loads(release.path("evaluation.json").read_text(encoding="utf-8"))
    encoder = dict(release.facts.encoder)
    encoder["name"] = Path(str(encoder.get("name"))).name
    return {
        "measured": measured,
        "encoder": encoder,
        "languages": list(release.facts.languages),
        "settings": _settings(run.mode),
        "fine_tune": learned.get("fine_tune"),
        "stages": learned.get("seconds"),
        "seconds": {
            "train": round(trained - started, 1),
            "measure": round(time.perf_counter() - trained, 1),
        },
    }


def measure(understanding: Any, examples: Sequence[Example], batch: int = 32) -> dict[str, Any]:
    """What ``frontdesk evaluate`` reports of these lines."""
    from intents.evaluation import report

    started = time.perf_counter()
    parses: list[Any] = []
    for start in range(0, len(examples), batch):
        part = examples[start : start + batch]
        asked = [e.requested_slots or None for e in part]
        parses += understanding.parse([e.text for e in part], asked)
    return report(examples, parses, time.perf_counter() - started)


def _settings(mode: str) -> dict[str, Any]:
    if mode != "full":
        return {}
    from models.learning.finetune import FinetuneSettings

    return asdict(FinetuneSettings())


def environment(code: Sequence[str] = CODE) -> dict[str, Any]:
    """Commit, versions, processor and day; nothing that names the machine.

    :param code: the folders that the figures depend on.
    """
    from intents.training.training import versions

    return {
        "commit": _git("rev-parse", "--short=12", "HEAD"),
        "changed_since": bool(_git("status", "--porcelain", "--", *code)),
        "versions": versions(),
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "threads": os.environ.get("OMP_NUM_THREADS"),
        "finished": datetime.now(UTC).strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def _git(*arguments: str) -> str:
    made = subprocess.run(
        ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
    )
    return made.stdout.strip()


def write(path: Path, made: dict[str, Any]) -> None:
    """Write in one step, so that a file that is there is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)


def read_all(results: Path, pattern: str = "*-s*.json") -> list[dict[str, Any]]:
    """Every finished run in ``results`` whose file matches ``pattern``."""
    found = []
    for path in sorted(results.glob(pattern)):
        try:
            found.append(json.loads(path.read_text(encoding="utf-8")))
        except ValueError:
            print(f"{path.name} is broken and counts as not run", file=sys.stderr)
    return found
