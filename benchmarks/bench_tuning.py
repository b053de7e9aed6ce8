"""What of the encoder a fine-tune trains: its upper layers, or adapters of the library peft.

    python -m benchmarks.bench_tuning --data FRONTDESK_DATA [--methods upper,lora] [--seeds 0,1,2]

Fine-tunes on ten examples an intent of BANKING77 and HWU64, all else by the defaults of `frontdesk
train`, and fits the head on both views. Prints, and writes one JSON file a run to
``benchmarks/results/tuning``: intents right on the validation part, seconds of the processor that
the fine-tune took, trained numbers and their megabytes (float32). Prefix and prompt tuning
(Li and Liang, 2021; Lester et al., 2021) are measured on torch's vectors, for the export has no
place for them; so are the others, to be compared with them. Runs that have their file are not
repeated; ``--table`` prints what there is.
"""

from __future__ import annotations

import argparse
import json
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.understanding.run import environment, write
from benchmarks.understanding.sets import Material, set_named
from intents.examples import Example
from intents.fitting import Lines, Wanted, fit_lines
from intents.naming import encoded_names, names_of
from intents.training.full import named_lines, training_lines
from intents.training.training import exported_encoder
from models.arrays import FloatArray
from models.encoders.runtime import Encoder
from models.encoders.weights import resolve
from models.learning.encoder import TorchEncoder
from models.learning.finetune import FinetuneSettings, FineTuning
from models.progress import Silent

RESULTS = Path(__file__).parent / "results" / "tuning"
SETS = ("banking77", "hwu64")
VIRTUAL = 16
PROMPTS = {"prefix": 1e-2, "prompt": 1e-2}
"""Methods that read further, learned tokens, and their learning rates."""

METHODS = ("none", "upper", "all", "lora", "lora-all", "ia3", "ia3-all", *PROMPTS)


class PromptedEncoder(TorchEncoder):
    """An encoder that reads learned keys and values (prefix) or tokens (prompt) before a text."""

    def adapt(self, method: str) -> None:
        """Freeze everything but what is read before a text."""
        from peft import PrefixTuningConfig, PromptTuningConfig, get_peft_model

        kind = PrefixTuningConfig if method == "prefix" else PromptTuningConfig
        config = kind(task_type="FEATURE_EXTRACTION", num_virtual_tokens=VIRTUAL)
        self.adapted = get_peft_model(self.model, config)

    def lower(self, ids: Tensor, mask: Tensor, layers: int) -> tuple[Tensor, Tensor]:
        """Last states of the text's own tokens, and the sum of all layers'."""
        if not hasattr(self, "adapted"):
            return super().lower(ids, mask, layers)
        made = self.adapted(input_ids=ids, attention_mask=mask, output_hidden_states=True)
        kept = [states[:, -ids.shape[1] :] for states in made.hidden_states]
        return kept[-1], torch.stack(kept).sum(dim=0)

    def upper(
        self, states: Tensor, total: Tensor, mask: Tensor, layers: int
    ) -> tuple[Tensor, Tensor]:
        """Sentence vectors and mean states, as the encoder's own."""
        if not hasattr(self, "adapted"):
            return super().upper(states, total, mask, layers)
        pooled = (states.float() * mask.unsqueeze(-1)).sum(dim=1)
        return nn.functional.normalize(pooled, dim=-1, eps=1e-9), total / (len(self.layers) + 1)

    def save(self, folder: Path, **note: object) -> None:
        """Nothing: there is no form in which it could be served."""


class Measured(FineTuning):
    """A fine-tune that keeps its encoder to be measured."""

    method = "upper"
    encoder: TorchEncoder
    trained = 0

    def load_encoder(self, dropout: float) -> TorchEncoder:
        """The encoder to start from."""
        if self.method not in PROMPTS:
            self.encoder = super().load_encoder(dropout)
        else:
            self.encoder = PromptedEncoder.from_weights(self.weights, dropout=dropout)
        return self.encoder

    def free(self, encoder: TorchEncoder) -> None:
        """Leave of the encoder what is to be trained, and count it."""
        if isinstance(encoder, PromptedEncoder):
            encoder.adapt(self.method)
        else:
            super().free(encoder)
        self.trained = sum(p.numel() for p in encoder.parameters() if p.requires_grad)


def measure(name: str, method: str, seed: int, data: Path, work: Path) -> dict[str, Any]:
    """One run."""
    material = set_named(name).material(data, "10")
    weights = resolve("minilm-en")
    tune, _, depth = method.partition("-")
    run = Measured(
        weights,
        training_lines(material.train),
        named_lines(material.train, None),
        work / "encoder",
        FinetuneSettings(
            tune=tune if tune in ("lora", "ia3") else "upper",  # type: ignore[arg-type]
            frozen_layers=0 if depth or method == "all" or method in PROMPTS else None,
            encoder_rate=PROMPTS.get(method, FinetuneSettings.encoder_rate),
        ),
        seed,
        Silent(),
    )
    run.method = method
    began = time.process_time()
    if method == "none":
        run.encoder = TorchEncoder.from_weights(weights)
    else:
        run.execute(None)
    seconds = time.process_time() - began
    shutil.rmtree(work, ignore_errors=True)
    return {
        "set": name,
        "method": method,
        "seed": seed,
        "accuracy": accuracy(run.encoder, material),
        "seconds": round(seconds, 1),
        "trained": run.trained,
        "megabytes": round(run.trained * 4 / 1e6, 2),
        **environment(("models", "intents", "benchmarks/bench_tuning.py")),
    }


def accuracy(torch_encoder: TorchEncoder, material: Material) -> float:
    """Share of intents right, by the head that training fits on both views of a text."""
    views = Encoder.load(exported_encoder(resolve("minilm-en")))
    views._view_weight = views.balanced([e.text for e in material.train])

    def vectors(texts: Sequence[str]) -> FloatArray:
        return views.joined(torch_encoder.encode(texts).sentence, texts)

    train, held = material.train, material.measured["main"].examples
    labels = [str(example.intent) for example in train]
    names = encoded_names(names_of(set(labels), None), vectors)
    seen = np.zeros(len(train), dtype=bool)
    fitted = fit_lines(
        Lines(texts_of(train), labels, vectors(texts_of(train)), seen, names), Wanted()
    )
    z = fitted.head.transform(vectors(texts_of(held)))
    best = fitted.head.scores(z).argmax(axis=1)
    return float(
        np.mean([fitted.head.labels[b] == e.intent for b, e in zip(best, held, strict=True)])
    )


def texts_of(examples: Iterable[Example]) -> list[str]:
    """Their texts."""
    return [example.text for example in examples]


def table(results: Path) -> str:
    """Markdown: a row a method, means over seeds."""
    runs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))]
    rows = [
        "| trained | seeds | " + " | ".join(SETS) + " | seconds | megabytes |",
        "|---|---|---|---|---|---|",
    ]
    for method in METHODS:
        own = [run for run in runs if run["method"] == method]
        parts = [[r["accuracy"] for r in own if r["set"] == name] for name in SETS]
        if not all(parts):
            continue
        figures = [f"{100 * mean(part):.1f}" for part in parts]
        rows.append(
            f"| {method} | {len(parts[0])} | {' | '.join(figures)} | "
            f"{mean(r['seconds'] for r in own):.0f} | {own[0]['megabytes']:.1f} |"
        )
    return "\n".join(rows)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--work", type=Path, default=Path("tuning-work"))
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args()
    for seed in () if given.table else map(int, given.seeds.split(",")):
        for method in given.methods.split(","):
            for name in given.sets.split(","):
                path = given.results / f"{name}-10-{method}-s{seed}.json"
                if not path.is_file():
                    made = measure(name, method, seed, given.data, given.work / path.stem)
                    write(path, made)
                    print(f"{path.stem}: {made['accuracy']:.4f}, {made['seconds']} s", flush=True)
    print(table(given.results))


if __name__ == "__main__":
    main()
