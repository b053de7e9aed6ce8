"""Training of :class:`models.editing.editor.EditorHead` from pairs of template and real turn.

Seeded, in one go of seconds to a minute: what was cut off is started again. Thresholds are chosen
on conversations that the network has not seen; where no edits come nearer to what agents wrote,
they are such that nothing is edited.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.arrays import FloatArray
from models.editing.editor import OFF, PLAIN, EditorHead, Reading, States, read
from models.editing.edits import NAME, distance, edited, words_in
from models.editing.labels import COPY, FIRST_PHRASE, Labels, labels_of
from models.editing.phrases import Pair, Phrase, learn_phrases
from models.errors import ModelError
from models.filling.template_text import Piece
from models.progress import Progress, Silent

GRID = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
FEWEST_PAIRS = 40
LOUDER = 4.0
"""How much the few plain features are raised among the many of the states."""


@dataclass(frozen=True)
class EditorSettings:
    """How the network is trained. ``folds`` parts of the conversations choose the thresholds;
    ``fewest`` conversations make a phrase."""

    hidden: int = 32
    pointer: int = 32
    steps: int = 600
    batch: int = 256
    dropout: float = 0.1
    rate: float = 3e-3
    decay: float = 0.01
    seed: int = 0
    folds: int = 2
    fewest: int = 3


@dataclass(frozen=True)
class Case:
    """A pair as the network sees it."""

    pair: Pair
    reading: Reading
    phrases: tuple[Phrase, ...]
    labels: Labels


def learn_editor(
    pairs: Sequence[Pair],
    encoder: States,
    settings: EditorSettings | None = None,
    progress: Progress | None = None,
) -> EditorHead:
    """A head for ``encoder`` out of redacted pairs.

    :raises ModelError: there are too few pairs.
    """
    settings, progress = settings or EditorSettings(), progress or Silent()
    if len(pairs) < FEWEST_PAIRS:
        raise ModelError(
            "There is too little to learn edits from",
            expected=f"at least {FEWEST_PAIRS} answers of agents",
            found=str(len(pairs)),
            fix="Give more conversations.",
        )
    return learn_from(readings(pairs, encoder, progress), pairs, settings, progress)


def learn_from(
    read_pairs: Sequence[Reading],
    pairs: Sequence[Pair],
    settings: EditorSettings,
    progress: Progress,
) -> EditorHead:
    """The same, from pairs that have been read."""
    progress.start("Learning to edit", (settings.folds + 1) * settings.steps)
    judged = cross_fitted(read_pairs, pairs, settings, progress)
    head = _fit(_cases(read_pairs, pairs, pairs, settings), settings, progress)
    progress.done()
    return replace(head, thresholds=best_thresholds(judged))


def cross_fitted(
    read_pairs: Sequence[Reading],
    pairs: Sequence[Pair],
    settings: EditorSettings,
    progress: Progress,
) -> list[tuple[EditorHead, list[Case]]]:
    """For each fold of the conversations a head that has not seen it, and the fold's cases."""
    folds = folds_of([pair.conversation for pair in pairs], settings.folds, settings.seed)
    judged = []
    for number in range(settings.folds):
        seen = [pair for pair, fold in zip(pairs, folds, strict=True) if fold != number]
        if not 0 < len(seen) < len(pairs):
            continue
        cases = _cases(read_pairs, pairs, seen, settings)
        parts: tuple[list[Case], list[Case]] = [], []
        for case, fold in zip(cases, folds, strict=True):
            parts[fold == number].append(case)
        judged.append((_fit(parts[0], settings, progress), parts[1]))
    return judged


def _cases(
    read_pairs: Sequence[Reading],
    pairs: Sequence[Pair],
    seen: Sequence[Pair],
    settings: EditorSettings,
) -> list[Case]:
    """All pairs with labels by the phrases of those that are ``seen``."""
    phrases = learn_phrases(seen, settings.fewest)
    return [
        Case(pair, reading, phrases, labels_of(pair, phrases))
        for pair, reading in zip(pairs, read_pairs, strict=True)
    ]


def readings(pairs: Sequence[Pair], encoder: States, progress: Progress) -> list[Reading]:
    """Every pair's template read beside its message."""
    made: list[Reading] = []
    progress.start("Reading answers", len(pairs))
    for at in range(0, len(pairs), 64):
        part = pairs[at : at + 64]
        made += read(
            encoder, [(words_in(p.template), p.template, p.context, p.opening) for p in part]
        )
        progress.advance(len(part))
    progress.done()
    return made


def folds_of(conversations: Sequence[str], folds: int, seed: int) -> list[int]:
    """A fold for each pair: pairs of one conversation share theirs."""
    names = sorted(set(conversations))
    order = np.random.default_rng(seed).permutation(len(names)).tolist()
    number = {names[at]: place % folds for place, at in enumerate(order)}
    return [number[name] for name in conversations]


def edited_text(head: EditorHead, case: Case) -> str:
    """What the editor makes of a case's template, with its placeholders."""
    words = case.reading.words
    known = {NAME[1:-1]} if NAME in case.pair.context else set[str]()
    script = head.script(case.reading, case.pair.language, known)
    return _plain(edited(words, script)) if script else case.pair.template


def _plain(pieces: Sequence[Piece]) -> str:
    return "".join("{" + p.text + "}" if p.is_placeholder else p.text for p in pieces)


def best_thresholds(judged: Sequence[tuple[EditorHead, Sequence[Case]]]) -> FloatArray:
    """The thresholds (2,) of dropping and of adding, each with the other off, that come nearest.

    :param judged: heads, each with cases that it has not seen.
    """
    best = np.array([OFF, OFF], dtype=np.float32)
    for which in (0, 1):
        least = 0
        for threshold in reversed(GRID):
            tried = np.array([OFF, OFF], dtype=np.float32)
            tried[which] = threshold
            gained = sum(
                _farther(replace(head, thresholds=tried), case)
                for head, cases in judged
                for case in cases
            )
            if gained < least:
                least, best[which] = gained, threshold
    return best


def _farther(head: EditorHead, case: Case) -> int:
    """By how many words more than the template the edited text is away from the real turn."""
    text = edited_text(head, case)
    if text == case.pair.template:
        return 0
    target = words_in(case.pair.target)
    return distance(words_in(text), target) - distance(case.reading.words, target)


class _Network(nn.Module):
    def __init__(self, f: int, s: int, phrases: int, settings: EditorSettings) -> None:
        super().__init__()
        self.inner = nn.Linear(f, settings.hidden)
        self.drop = nn.Linear(settings.hidden, 1)
        self.add = nn.Linear(settings.hidden, FIRST_PHRASE + phrases)
        self.ends = nn.Linear(settings.hidden, 2 * settings.pointer, bias=False)
        self.key = nn.Linear(s, settings.pointer, bias=False)
        self.dropout = settings.dropout

    def forward(self, x: Tensor) -> Tensor:
        states = functional.dropout(x[:, :-PLAIN], self.dropout, self.training)
        x = torch.cat([states, x[:, -PLAIN:]], dim=1)
        return functional.dropout(functional.relu(self.inner(x)), self.dropout, self.training)


@dataclass(frozen=True)
class _Rows:
    """All boundaries of all cases in a row: -1 is the drop label of an end."""

    x: Tensor
    drops: Tensor
    adds: Tensor
    spans: dict[int, tuple[FloatArray, tuple[int, int]]]


def _fit(cases: Sequence[Case], settings: EditorSettings, progress: Progress) -> EditorHead:
    phrases = cases[0].phrases
    x = np.concatenate([case.reading.boundaries for case in cases])
    mean = x.mean(axis=0)
    scale = 1 / np.maximum(x.std(axis=0), 0.05)
    scale[-PLAIN:] *= LOUDER
    rows = _rows(cases, (x - mean) * scale)
    torch.manual_seed(settings.seed)
    s = cases[0].reading.context.shape[1]
    network = _Network(x.shape[1], s, len(phrases), settings)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=settings.rate, weight_decay=settings.decay
    )
    network.train()
    for batch in islice(_batches(len(rows.x), settings.batch), settings.steps):
        optimiser.zero_grad()
        _loss(network, rows, batch).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        progress.advance()
    return _plain_head(network, phrases, mean, scale)


def _batches(rows: int, size: int) -> Iterator[Tensor]:
    while True:
        yield from torch.split(torch.randperm(rows), size)


def _rows(cases: Sequence[Case], x: FloatArray) -> _Rows:
    drops, adds, spans, at = [], [], {}, 0
    for case in cases:
        drops += [*case.labels.drops.tolist(), -1]
        adds += case.labels.adds.tolist()
        for boundary, span in case.labels.spans.items():
            spans[at + boundary] = (case.reading.context, span)
        at += len(case.labels.adds)
    return _Rows(torch.from_numpy(x), torch.tensor(drops), torch.tensor(adds), spans)


def _loss(network: _Network, rows: _Rows, batch: Tensor) -> Tensor:
    hidden = network(rows.x[batch])
    drops = rows.drops[batch]
    words = drops >= 0
    loss = functional.cross_entropy(network.add(hidden), rows.adds[batch])
    if words.any():
        going = network.drop(hidden)[words, 0]
        loss = loss + functional.binary_cross_entropy_with_logits(going, drops[words].float())
    for place in torch.nonzero(rows.adds[batch] == COPY)[:, 0].tolist():
        context, (start, end) = rows.spans[int(batch[place])]
        keys = network.key(torch.from_numpy(context))
        first, last = network.ends(hidden[place]).chunk(2)
        ends = torch.stack([keys @ first, keys @ last])
        right = torch.tensor([start, end - 1])
        loss = loss + functional.cross_entropy(ends, right, reduction="sum") / len(batch)
    return loss


def _plain_head(
    network: _Network, phrases: tuple[Phrase, ...], mean: FloatArray, scale: FloatArray
) -> EditorHead:
    def array(tensor: Tensor) -> FloatArray:
        return np.ascontiguousarray(tensor.detach().numpy(), dtype=np.float32)

    return EditorHead(
        phrases,
        mean,
        scale,
        array(network.inner.weight.T),
        array(network.inner.bias),
        array(network.drop.weight.T),
        array(network.drop.bias),
        array(network.add.weight.T),
        array(network.add.bias),
        array(network.ends.weight.T),
        array(network.key.weight.T),
        np.array([OFF, OFF], dtype=np.float32),
    )
