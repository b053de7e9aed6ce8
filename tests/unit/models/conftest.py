"""A tiny encoder with real architecture, tokenizer and files, made anew for each test session."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from models.encoders import english
from models.encoders.weights import Weights, resolve

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 32, 2, 4, 64, 48
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,:?!-@我的快递订单号退款在哪里要"
WORDS = ["where", "is", "my", "order", "refund", "want", "parcel", "hello", "cancel", "please"]


FREQUENT = 2000
"""Words of the English dictionary that tests convert by: all 82,000 take seconds each time."""


@cache
def frequent_words() -> tuple[str, ...]:
    return (*(word for word, _ in english.counted()[:FREQUENT]), "parcel", "parcels")


@pytest.fixture(autouse=True)
def _frequent_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(english, "words", frequent_words)


def vocabulary() -> dict[str, int]:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *CHARACTERS]
    pieces += [f"##{char}" for char in CHARACTERS]
    return {piece: index for index, piece in enumerate(pieces)}


def tiny_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(vocabulary(), unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return tokenizer


def tiny_config() -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": len(vocabulary()),
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": 0,
    }


def tiny_tensors() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)

    def made(*shape: int) -> np.ndarray:
        return random.normal(0, 0.3, shape).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": made(len(vocabulary()), HIDDEN),
        "embeddings.position_embeddings.weight": made(POSITIONS, HIDDEN),
        "embeddings.token_type_embeddings.weight": made(2, HIDDEN),
        "embeddings.LayerNorm.weight": 1 + made(HIDDEN),
        "embeddings.LayerNorm.bias": made(HIDDEN),
    }
    sizes = {
        "attention.self.query": (HIDDEN, HIDDEN),
        "attention.self.key": (HIDDEN, HIDDEN),
        "attention.self.value": (HIDDEN, HIDDEN),
        "attention.output.dense": (HIDDEN, HIDDEN),
        "intermediate.dense": (INNER, HIDDEN),
        "output.dense": (HIDDEN, INNER),
    }
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        for name, size in sizes.items():
            tensors[f"{prefix}{name}.weight"] = made(*size)
            tensors[f"{prefix}{name}.bias"] = made(size[0])
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            tensors[f"{prefix}{name}.weight"] = 1 + made(HIDDEN)
            tensors[f"{prefix}{name}.bias"] = made(HIDDEN)
    return tensors


def write_tiny_encoder(folder: Path, **metadata: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tiny_tensors(), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(tiny_config()))
    tiny_tokenizer().save(str(folder / "tokenizer.json"))
    (folder / "frontdesk.json").write_text(json.dumps(metadata))
    return folder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_encoder(tmp_path_factory.mktemp("tiny") / "encoder", languages=["en", "zh"])


@pytest.fixture(scope="session")
def tiny_weights(tiny_folder: Path) -> Weights:
    return resolve(str(tiny_folder))
