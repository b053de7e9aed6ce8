"""The encoder in torch: the same pass as :mod:`models.encoders.runtime`, for training and for
reference."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AutoModel, PreTrainedModel
from transformers.utils import logging as transformers_logging

from models.arrays import FloatArray
from models.encoders.runtime import Encoding
from models.encoders.tokens import TextTokenizer, Tokenised, length_batches
from models.encoders.weights import Weights, write_metadata
from models.errors import ModelError
from models.learning.dropout import replace_dropout
from models.progress import Progress, Silent

_PLAIN_ATTENTION = 64
"""Tokens up to which attention is computed as plain matrix products."""


class TorchEncoder(nn.Module):
    """A Hugging Face encoder with mean pooling and its tokenizer."""

    def __init__(self, model: PreTrainedModel, tokenizer: TextTokenizer, weights: Weights) -> None:
        super().__init__()
        self.model = model
        self.tokenizer = tokenizer
        self.weights = weights
        self.dim = weights.dim

    @classmethod
    def from_weights(cls, weights: Weights, *, dropout: float | None = None) -> TorchEncoder:
        """Load weights in float32; ``dropout`` replaces the model's own rates."""
        transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        rates = {} if dropout is None else _dropout_settings(dropout)
        model = AutoModel.from_pretrained(
            weights.path,
            add_pooling_layer=False,
            local_files_only=True,
            attn_implementation="sdpa",
            **rates,
        )
        replace_dropout(model)
        tokenizer = TextTokenizer.load(
            weights.path / "tokenizer.json",
            weights.prefix,
            weights.max_tokens,
            int(model.config.pad_token_id or 0),
        )
        return cls(model, tokenizer, weights)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Sentence vectors (b, d), L2-normalised, and token states (b, t, d), float32.

        Token states are the mean over all layers, sentence vectors pool the last one.
        """
        return self.upper(*self.lower(ids, mask, 0), mask, 0)

    @property
    def layers(self) -> nn.ModuleList:
        """The transformer's layers, the lowest first."""
        layers: nn.ModuleList = self.model.get_submodule("encoder").get_submodule("layer")  # type: ignore[assignment]
        return layers

    @property
    def embeddings(self) -> nn.Module:
        """Word, position and type embeddings under the first layer."""
        return self.model.get_submodule("embeddings")

    def lower(self, ids: Tensor, mask: Tensor, layers: int) -> tuple[Tensor, Tensor]:
        """States (b, t, d) above the first ``layers`` layers, and the sum of all up to there."""
        states = self.embeddings(input_ids=ids)
        total = states.float()
        for layer in self.layers[:layers]:
            states = layer(states, attention_mask=_reach(mask))
            total = total + states
        return states, total

    def upper(
        self, states: Tensor, total: Tensor, mask: Tensor, layers: int
    ) -> tuple[Tensor, Tensor]:
        """What :meth:`forward` gives, going on from :meth:`lower`."""
        above = self.layers[layers:]
        with _attention(mask):
            for layer in above:
                states = layer(states, attention_mask=_reach(mask))
                total = total + states
        pooled = (states.float() * mask.unsqueeze(-1)).sum(dim=1)
        vectors = nn.functional.normalize(pooled, dim=-1, eps=1e-9)
        return vectors, total / (layers + len(above) + 1)

    @torch.no_grad()
    def encode(
        self, texts: Sequence[str], batch: int = 32, progress: Progress | None = None
    ) -> Encoding:
        """What :meth:`models.encoders.runtime.Encoder.encode` gives, computed in torch without
        dropout."""
        progress = progress or Silent()
        was_training = self.training
        self.eval()
        lines = self.tokenizer.encode(texts)
        sentence = np.zeros((len(lines), self.dim), dtype=np.float32)
        tokens: list[FloatArray] = [np.zeros((0, self.dim), dtype=np.float32)] * len(lines)
        progress.start("Encoding", len(lines))
        for indices in length_batches([len(line.ids) for line in lines], batch):
            vectors, states = self(*self.batch([lines[i] for i in indices]))
            sentence[indices] = vectors.numpy()
            for row, i in enumerate(indices):
                tokens[i] = states[row].numpy()[lines[i].rows]
            progress.advance(len(indices))
        progress.done()
        self.train(was_training)
        return Encoding(sentence, tokens, [line.offsets for line in lines])

    def batch(self, lines: Sequence[Tokenised]) -> tuple[Tensor, Tensor]:
        """Padded ids and mask (b, longest) as tensors."""
        ids, mask = self.tokenizer.padded(lines)
        return torch.from_numpy(ids), torch.from_numpy(mask)

    def save(self, folder: Path, **note: object) -> None:
        """Write a Hugging Face folder that :func:`models.encoders.weights.resolve` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        self.model.save_pretrained(folder, safe_serialization=True)
        shutil.copyfile(self.weights.path / "tokenizer.json", folder / "tokenizer.json")
        write_metadata(folder, self.weights, name=f"{self.weights.name} fine-tuned", **note)


def has_fast_bf16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware (AVX512-BF16 or AMX)."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported()) and (
        "avx512_bf16" in _processor_flags() or "amx_bf16" in _processor_flags()
    )


def choose_threads(limit: int | None = None) -> int:
    """Compute threads that are fastest now, by a short trial; set for this process.

    More threads are taken only where they are at least 1.3 times as fast: on a busy machine a
    second thread often waits for the first.
    """
    limit = limit or len(os.sched_getaffinity(0))
    fixed = os.environ.get("OMP_NUM_THREADS", "")
    if fixed.isdigit() and int(fixed) >= 1:
        limit = min(limit, int(fixed))
    best, best_time = 1, _trial(1)
    for threads in range(2, limit + 1):
        taken = _trial(threads)
        if taken * 1.3 < best_time:
            best, best_time = threads, taken
    torch.set_num_threads(best)
    return best


def seed_everything(seed: int) -> None:
    """Seed torch and ask for deterministic kernels."""
    if seed < 0:
        raise ModelError("The seed is negative", expected="0 or more", found=str(seed))
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Nothing here reads memory before it is written; filling it first takes a tenth of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]


def _trial(threads: int) -> float:
    torch.set_num_threads(threads)
    left, right = torch.ones(512, 384), torch.ones(384, 1536)
    times = []
    for _ in range(12):
        start = time.perf_counter()
        left @ right
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def _processor_flags() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            return next((line for line in info if line.startswith("flags")), "")
    except OSError:
        return ""


def _attention(mask: Tensor) -> AbstractContextManager[None]:
    """The kernel for attention over texts of this length.

    The fused one's backward pass takes 12 ms for 32 texts of a dozen tokens, plain products 1 ms;
    these need memory for all pairs of tokens, so that long texts keep the fused one.
    """
    plain = mask.shape[1] <= _PLAIN_ATTENTION
    return sdpa_kernel(SDPBackend.MATH) if plain else nullcontext()


def _reach(mask: Tensor) -> Tensor:
    """Which tokens every token may look at: (b, 1, 1, t)."""
    return mask.bool()[:, None, None, :]


def _dropout_settings(rate: float) -> dict[str, float]:
    # Dropping attention weights costs a fifth of a step on a CPU and gained nothing measurable.
    return {"hidden_dropout_prob": rate, "attention_probs_dropout_prob": 0.0}
