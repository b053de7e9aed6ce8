"""A character BiLSTM-CRF (Huang et al., 2015; Lample et al., 2016), trained beside the product.

Character embeddings of 100 dimensions learnt from nothing, one bidirectional LSTM of 2 x 128,
dropout 0.5, a linear-chain CRF over BIO tags, Adam at 1e-3, 30 epochs; the last state is measured.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.understanding.sets import Material
from intents.examples import Example

EPOCHS, BATCH, CHARACTERS, HIDDEN = 30, 32, 100, 128
Span = tuple[int, int, str]


class BiLstmCrf(nn.Module):
    """Scores of tags for padded rows of characters (b, t), and the CRF over them."""

    def __init__(self, characters: int, tags: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(characters, CHARACTERS, padding_idx=0)
        self.lstm = nn.LSTM(CHARACTERS, HIDDEN, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.5)
        self.emit = nn.Linear(2 * HIDDEN, tags)
        self.moves = nn.Parameter(torch.zeros(tags, tags))
        self.starts = nn.Parameter(torch.zeros(tags))

    def scores(self, rows: Tensor, lengths: Tensor) -> Tensor:
        """Tag scores (b, t, tags)."""
        packed = nn.utils.rnn.pack_padded_sequence(
            self.dropout(self.embed(rows)), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        found: Tensor = self.emit(self.dropout(states))
        return found

    def loss(self, scores: Tensor, tags: Tensor, mask: Tensor) -> Tensor:
        """Mean negative log-likelihood of the gold tags."""
        # Sums over paths as matrix products of powers: many times faster than by logsumexp.
        powers = self.moves.exp()
        forward = self.starts + scores[:, 0]
        gold = self.starts[tags[:, 0]] + scores[:, 0].gather(1, tags[:, :1]).squeeze(1)
        for t in range(1, scores.shape[1]):
            here = mask[:, t]
            peak = forward.detach().amax(1, keepdim=True)
            moved = ((forward - peak).exp() @ powers).clamp_min(1e-30).log() + peak + scores[:, t]
            step = self.moves[tags[:, t - 1], tags[:, t]]
            step = step + scores[:, t].gather(1, tags[:, t : t + 1]).squeeze(1)
            forward = torch.where(here.unsqueeze(1), moved, forward)
            gold = gold + step * here
        return (forward.logsumexp(1) - gold).mean()

    def best(self, scores: Tensor, length: int) -> list[int]:
        """The best tags of one row (Viterbi)."""
        reached, back = self.starts + scores[0], []
        for t in range(1, length):
            reached, came = (reached.unsqueeze(1) + self.moves).max(0)
            reached = reached + scores[t]
            back.append(came)
        tags = [int(reached.argmax())]
        for came in reversed(back):
            tags.append(int(came[tags[-1]]))
        return tags[::-1]


def train_and_measure(material: Material, seed: int) -> dict[str, Any]:
    """Train on the marked lines and report exact spans in the shape of the other runs."""
    from bot.commands.progress import Bars

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    started = time.perf_counter()
    train = [e for e in material.train if e.entities is not None]
    kinds = sorted({mark.entity for e in train for mark in e.entities or ()})
    known = {c: i for i, c in enumerate(sorted({c for e in train for c in e.text}), 2)}
    model = BiLstmCrf(len(known) + 2, 1 + 2 * len(kinds))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    bars = Bars()
    bars.start("Training the BiLSTM-CRF", EPOCHS)
    for _ in range(EPOCHS):
        model.train()
        order = [train[i] for i in torch.randperm(len(train))]
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            rows, lengths = _rows(batch, known)
            mask = rows > 0
            loss = model.loss(model.scores(rows, lengths), _tags(batch, kinds, rows), mask)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
        bars.advance()
    bars.done()
    trained = time.perf_counter()
    measured = {
        name: {
            "source": part.source,
            "official_test": part.official,
            "lines": len(part.examples),
            "entities": _figures(model.eval(), part.examples, kinds, known),
        }
        for name, part in material.measured.items()
    }
    settings = {"epochs": EPOCHS, "batch": BATCH, "characters": CHARACTERS, "hidden": HIDDEN}
    seconds = {
        "train": round(trained - started, 1),
        "measure": round(time.perf_counter() - trained, 1),
    }
    return {"measured": measured, "settings": settings, "seconds": seconds}


def _rows(examples: Sequence[Example], known: dict[str, int]) -> tuple[Tensor, Tensor]:
    """Codes of characters, 0 where a row has ended and 1 for one never seen; and the lengths."""
    lengths = torch.tensor([len(e.text) for e in examples])
    rows = torch.zeros(len(examples), int(lengths.max()), dtype=torch.long)
    for i, example in enumerate(examples):
        rows[i, : len(example.text)] = torch.tensor([known.get(c, 1) for c in example.text])
    return rows, lengths


def _tags(examples: Sequence[Example], kinds: Sequence[str], rows: Tensor) -> Tensor:
    tags = torch.zeros_like(rows)
    for i, example in enumerate(examples):
        for mark in example.entities or ():
            code = 1 + 2 * kinds.index(mark.entity)
            tags[i, mark.start : mark.end] = code + 1
            tags[i, mark.start] = code
    return tags


def _spans(tags: Sequence[int], kinds: Sequence[str]) -> set[Span]:
    spans: list[Span] = []
    for at, tag in enumerate(tags):
        kind = kinds[(tag - 1) // 2] if tag else ""
        goes_on = tag and tag % 2 == 0 and spans and spans[-1][1:] == (at, kind)
        if goes_on:
            spans[-1] = (spans[-1][0], at + 1, kind)
        elif tag:
            spans.append((at, at + 1, kind))
    return set(spans)


def _figures(
    model: BiLstmCrf, examples: Sequence[Example], kinds: Sequence[str], known: dict[str, int]
) -> dict[str, float]:
    hits = wanted = given = whole = 0
    with torch.no_grad():
        for example in examples:
            rows, lengths = _rows([example], known)
            tags = model.best(model.scores(rows, lengths)[0], len(example.text))
            found = _spans(tags, kinds)
            gold = {(e.start, e.end, e.entity) for e in example.entities or ()}
            hits, wanted, given = hits + len(found & gold), wanted + len(gold), given + len(found)
            whole += found == gold
    return {
        "precision": hits / max(given, 1),
        "recall": hits / max(wanted, 1),
        "f1": 2 * hits / max(wanted + given, 1),
        "exact_match": whole / max(len(examples), 1),
    }
