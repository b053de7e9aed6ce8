"""Trains the checker's reader of pairs, on the first GPU if there is one.

    python -m benchmarks.checker.train OUT.safetensors [--without lines] [--odds FILE.npz]
                                       [--epochs 12] [--made 250000] [--rank 64] [--seed 0]

First it reads pairs made by rule from lines of the pack and of the writers, then, in each epoch,
other pairs drawn from the writers' lines. Lines of ``fresh`` are never read. ``--without`` leaves a
writer out; ``--odds`` keeps what the reader then says of that writer's lines, for
``benchmarks.checker.fit --odds``. A GPU takes seven minutes, and an ordinary processor days.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor, nn
from transformers import AutoModel

from benchmarks.bench_checker import HAND, hand_lines, sources_of
from benchmarks.checker.pairs import Group, drawn, groups_of, plain_texts
from benchmarks.checker.turning import Pair, by_rule, reworded
from models.checking.pairs import plain_pair
from models.checking.reader import LONGEST, joined
from models.encoders.adapter import factors
from models.encoders.tokens import TextTokenizer
from models.encoders.weights import Weights, resolve

BASE = "e5-mul"
WRITERS = ("lines", "development", "written", "taught", "shops", "firms", "mixed")
BATCH, SMOOTH, WORDS, POSITIVE = 64, 0.03, 0.4, 3.0
RATE, MADE_RATE, HEAD_RATE = 8e-5, 1e-4, 1e-3
LICENCE = "Apache-2.0"
T = TypeVar("T")


@dataclass(frozen=True)
class Packed:
    """A pair as the net reads it: ids (t,), where the reply begins, which of its words say
    something else (t,), whether that is known, and whether the pair is wrong."""

    ids: np.ndarray
    split: int
    marks: np.ndarray
    known: bool
    wrong: bool


def packed(pairs: Sequence[Pair], tokenizer: TextTokenizer) -> list[Packed]:
    """Pairs as token ids."""
    first = tokenizer.encode([p.source for p in pairs])
    second = tokenizer.encode([p.reply for p in pairs])
    found = []
    for pair, source, reply in zip(pairs, first, second, strict=True):
        ids, split = joined(source, reply)
        marks = np.zeros(len(ids), np.float32)
        for row, (start, end) in zip(reply.rows, reply.offsets, strict=True):
            marks[split + row] = any(a < end and start < b for a, b in pair.spans or ())
        known = pair.spans is not None and (not pair.wrong or len(pair.spans) > 0)
        found.append(Packed(ids, split, marks, known, pair.wrong))
    return found


class PairNet(nn.Module):
    """The encoder and the head of :class:`models.checking.reader.PairReader`."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            weights.path, add_pooling_layer=False, local_files_only=True
        )
        self.encoder.embeddings.word_embeddings.requires_grad_(False)
        self.encoder.embeddings.position_embeddings.requires_grad_(False)
        self.encoder.embeddings.token_type_embeddings.requires_grad_(False)
        size = int(self.encoder.config.hidden_size)
        self.words, self.whole = nn.Linear(size, 1), nn.Linear(2 * size, 1)
        for layer, bias in ((self.words, -3.0), (self.whole, 0.0)):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.constant_(layer.bias, bias)

    def forward(self, ids: Tensor, mask: Tensor, reply: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of pairs (b,) and of their words (b, t)."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        lean = _mean(states, reply & mask) - _mean(states, ~reply & mask)
        words = self.words(states).squeeze(-1)
        whole = self.whole(torch.cat([states[:, 0], lean], dim=-1)).squeeze(-1)
        return whole + torch.logsumexp(words.masked_fill(~mask, -1e4), dim=1), words


def _mean(states: Tensor, chosen: Tensor) -> Tensor:
    return (states * chosen[..., None]).sum(1) / chosen.sum(1, keepdim=True).clamp(min=1)


class Training:
    """A net and where it runs."""

    def __init__(self, weights: Weights, seed: int) -> None:
        torch.manual_seed(seed)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.net = PairNet(weights).to(self.device)

    def fit(self, pairs: Sequence[Packed], rate: float, share: tuple[float, float]) -> None:
        """One pass over ``pairs``; the rate falls from the first of ``share`` to the second."""
        head = [*self.net.words.parameters(), *self.net.whole.parameters()]
        rest = [p for p in self.net.encoder.parameters() if p.requires_grad]
        groups = [{"params": rest, "lr": rate}, {"params": head, "lr": HEAD_RATE}]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        base = [group["lr"] for group in optimiser.param_groups]
        self.net.train()
        batches = list(_batches(pairs))
        random.Random(len(pairs)).shuffle(batches)
        for number, batch in enumerate(batches):
            done = number / len(batches)
            fall = share[0] + (share[1] - share[0]) * done
            for group, first in zip(optimiser.param_groups, base, strict=True):
                group["lr"] = first * fall * min(1.0, (number + 1) / 100)
            self._loss(batch).backward()
            nn.utils.clip_grad_norm_(rest, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    @torch.no_grad()
    def odds(self, pairs: Sequence[Packed]) -> np.ndarray:
        """The logit of each pair, in order."""
        self.net.eval()
        return np.concatenate(
            [self._read(batch)[0].cpu().numpy() for batch in _slices(pairs, BATCH)]
        )

    def _loss(self, batch: Sequence[Packed]) -> Tensor:
        """Cross-entropy of the pairs, and of words where it is known which are wrong."""
        logits, words, reply = self._read(batch)
        wrong = torch.tensor([float(p.wrong) for p in batch], device=self.device)
        known = torch.tensor([p.known for p in batch], device=self.device)[:, None] & reply
        marks = self._padded([p.marks for p in batch], 0.0)
        cross = nn.functional.binary_cross_entropy_with_logits
        weight = torch.tensor(POSITIVE, device=self.device)
        each = cross(words, marks, pos_weight=weight, reduction="none")
        among = (each * known).sum() / known.sum().clamp(min=1)
        return cross(logits, wrong * (1 - 2 * SMOOTH) + SMOOTH) + WORDS * among

    def _read(self, batch: Sequence[Packed]) -> tuple[Tensor, Tensor, Tensor]:
        ids = self._padded([p.ids for p in batch], int(self.net.encoder.config.pad_token_id))
        lengths = torch.tensor([len(p.ids) for p in batch], device=self.device)
        splits = torch.tensor([p.split for p in batch], device=self.device)
        at = torch.arange(ids.shape[1], device=self.device)
        mask, reply = at < lengths[:, None], at >= splits[:, None]
        with torch.autocast(self.device, torch.bfloat16):
            logits, words = self.net(ids, mask, reply)
        return logits.float(), words.float(), reply & mask

    def _padded(self, rows: Sequence[np.ndarray], with_: float) -> Tensor:
        tensors = [torch.from_numpy(row) for row in rows]
        return nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=with_).to(
            self.device
        )


def _slices(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while found := list(islice(rest, size)):
        yield found


def _batches(pairs: Sequence[Packed]) -> Iterator[list[Packed]]:
    rng = random.Random(len(pairs))
    return _slices(sorted(pairs, key=lambda p: len(p.ids) + 12 * rng.random()), BATCH)


def made_by_rule(number: int, groups: Sequence[Group], rng: random.Random) -> Iterator[Pair]:
    """Pairs of the writers' texts and of the pack's, changed by rule or put beside each other."""
    texts = plain_texts(rng)
    sound = [group for group in groups if not group.told]
    while number > 0:
        if rng.random() < 0.15:
            language = rng.choice(("en", "zh"))
            made = by_rule(rng.choice(texts[language]), texts[language], language, rng)
        else:
            made = _of_group(rng.choice(sound), rng.choice(sound).same, rng)
        if made is not None:
            number -= 1
            yield made


def _of_group(group: Group, others: Sequence[str], rng: random.Random) -> Pair | None:
    if rng.random() < 0.6:
        made = by_rule(rng.choice(group.same), others, group.language, rng)
        if made is None or made.spans is None or rng.random() < 0.4:
            return made
        source = rng.choice(group.same)
        return Pair(source, made.reply, made.wrong, made.spans, made.language, made.kind)
    texts = [*group.same, *(text for text, _ in group.wrong)]
    source, reply = rng.sample(texts, 2)
    wrong = source not in group.same or reply not in group.same
    if rng.random() < 0.3:
        reply, _ = reworded(reply, (), group.language, rng)
    return Pair(source, reply, wrong, None, group.language, "mixed")


def kept(net: PairNet, weights: Weights, rank: int) -> dict[str, np.ndarray]:
    """What was learned: low-rank factors of each matrix's change, all else as it is."""
    found: dict[str, np.ndarray] = {}
    base = load_file(weights.path / "model.safetensors")
    for name, value in net.encoder.state_dict().items():
        change = value.float().cpu().numpy() - base[name] if name in base else np.zeros(0)
        if not change.any():
            continue
        if change.ndim == 1:
            found[f"{name}.delta"] = change.astype(np.float16)
            continue
        found |= factors(name, change, rank)[0]
    for name in ("words", "whole"):
        layer = net.get_submodule(name)
        found |= {
            f"head.{name}.{part}": value.float().cpu().numpy().reshape(-1)
            for part, value in layer.state_dict().items()
        }
    return found


def main() -> None:
    """Train, and write what was learned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--without", choices=WRITERS)
    parser.add_argument("--odds", type=Path)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--made", type=int, default=250_000)
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    weights, began = resolve(BASE), time.perf_counter()
    tokenizer = TextTokenizer.load(weights.path / "tokenizer.json", "", LONGEST)
    rng = random.Random(given.seed)
    writers = [writer for writer in WRITERS if writer != given.without]
    groups = [group for writer in writers for group in groups_of(hand_lines(HAND, writer))]
    training = Training(weights, given.seed)
    pairs = [p for some in _slices(made_by_rule(given.made, groups, rng), 4096)
             for p in packed(some, tokenizer)]  # fmt: skip
    print(f"{len(pairs)} pairs by rule, {time.perf_counter() - began:.0f} s", flush=True)
    if pairs:
        training.fit(pairs, MADE_RATE, (1.0, 0.02))
    for epoch in range(given.epochs):
        pairs = packed([p for group in groups for p in drawn(group, rng)], tokenizer)
        share = (1 - epoch / given.epochs, max(0.02, 1 - (epoch + 1) / given.epochs))
        training.fit(pairs, RATE, share)
        print(f"epoch {epoch + 1}: {time.perf_counter() - began:.0f} s", flush=True)
    facts = {"base": weights.name, "base_sha256": weights.sha256, "licence": LICENCE}
    save_file(kept(training.net, weights, given.rank), given.out, facts | {"rank": str(given.rank)})
    if given.without and given.odds:
        lines = hand_lines(HAND, given.without)
        beside = [Pair(*plain_pair(line.output, sources_of(line)), not line.right, None,
                       line.language, line.kind) for line in lines]  # fmt: skip
        np.savez(given.odds, odds=training.odds(packed(beside, tokenizer)), writer=given.without)


if __name__ == "__main__":
    main()
