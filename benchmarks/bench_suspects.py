"""How many wrong labels the report finds: a share of a release's labels is drawn anew at random.

``python -m benchmarks.bench_suspects RELEASE [--share 0.05]`` prints precision and recall of each
of the library's ways to choose lines.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from cleanlab.filter import find_label_issues

from intents.artefacts import read_stored
from intents.calibration import probabilities
from intents.fitting import Lines, fit_lines
from intents.release import Release
from intents.verdict import Wanted

WAYS = (
    "low_self_confidence",
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "low_normalized_margin",
    "predicted_neq_given",
)


def main() -> None:
    """Measure on one release."""
    parser = argparse.ArgumentParser()
    parser.add_argument("release", type=Path)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    stored = read_stored(Release.open(given.release))
    gold = [str(row["intent"]) for row in stored.rows]
    rng = np.random.default_rng(given.seed)
    names = sorted(set(gold))
    noisy = list(gold)
    for i in rng.choice(len(gold), int(given.share * len(gold)), replace=False):
        noisy[i] = names[rng.integers(len(names))]
    wrong = np.array([a != b for a, b in zip(gold, noisy, strict=True)])
    texts = [str(row["text"]) for row in stored.rows]
    fitted = fit_lines(Lines(texts, noisy, stored.vectors, stored.unseen), Wanted(), quick=True)
    shares = probabilities(fitted.held_out.logits, fitted.temperature)
    codes = np.array([fitted.head.labels.index(name) for name in noisy])
    print(f"{int(wrong.sum())} of {len(gold)} labels are wrong")
    for way in WAYS:
        found = find_label_issues(
            codes, shares, return_indices_ranked_by="self_confidence", filter_by=way, n_jobs=1
        )
        hits = int(wrong[found].sum())
        precision, recall = hits / max(1, len(found)), hits / max(1, int(wrong.sum()))
        print(f"{way:>22}  shown {len(found):4}  precision {precision:.2f}  recall {recall:.2f}")


if __name__ == "__main__":
    main()
