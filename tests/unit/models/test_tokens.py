"""Tokens keep exact places in the text as given."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from models.encoders.tokens import TextTokenizer, length_batches
from models.errors import ModelError
from tests.unit.models.conftest import tiny_tokenizer


def unigram_tokenizer() -> Tokenizer:
    """SentencePiece style: pieces carry the space before them."""
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", "\u2581query", ":", "\u2581我", "我想"]
    pieces += ["\u2581hello", "退款", "lo", "\u2581w", "orld", *"abcdefghijklmnopqrstuvwxyz"]
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0 - i) for i, piece in enumerate(pieces)], 3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


PLAIN = TextTokenizer(tiny_tokenizer(), "", 48)
PREFIXED = TextTokenizer(unigram_tokenizer(), "query: ", 64, pad=1)


def written(tokenizer: TextTokenizer, text: str) -> list[str]:
    (line,) = tokenizer.encode([text])
    return [text[start:end] for start, end in line.offsets]


def test_places_are_those_of_the_text_without_prefix_and_spaces() -> None:
    assert written(PREFIXED, "hello world") == ["hello", "w", "orld"]
    assert written(PREFIXED, "  hello   world ") == ["hello", "w", "orld"]
    assert written(PREFIXED, "我想退款") == ["我想", "退款"]


def test_special_and_prefix_tokens_are_in_the_pass_but_have_no_place() -> None:
    (line,) = PREFIXED.encode(["hello"])
    assert len(line.ids) > len(line.rows) == len(line.offsets) == 1


def test_the_prefix_changes_ids_only() -> None:
    bare = TextTokenizer(unigram_tokenizer(), "", 64)
    np.testing.assert_array_equal(
        bare.encode(["hello world"])[0].offsets, PREFIXED.encode(["hello world"])[0].offsets
    )


@given(st.text(max_size=80), st.integers(4, 70))
def test_the_beginning_is_what_a_lower_limit_leaves(text: str, limit: int) -> None:
    short = TextTokenizer(unigram_tokenizer(), "query: ", limit, pad=1).encode([text])[0]
    begun = PREFIXED.encode([text])[0].beginning(min(limit, 64))
    np.testing.assert_array_equal(begun.ids, short.ids[:64])
    np.testing.assert_array_equal(begun.rows, short.rows)
    np.testing.assert_array_equal(begun.offsets, short.offsets)


def test_long_texts_are_cut_at_the_limit() -> None:
    (line,) = PLAIN.encode(["a " * 100_000])
    assert len(line.ids) == 48


def test_empty_and_blank_texts_have_no_tokens() -> None:
    for line in PLAIN.encode(["", "   ", "\n\t"]):
        assert line.offsets.shape == (0, 2)
        assert len(line.ids) == 2


@pytest.mark.parametrize("tokenizer", [PLAIN, PREFIXED])
@given(text=st.text(max_size=80))
def test_offsets_lie_in_the_text_and_hold_no_outer_space(
    tokenizer: TextTokenizer, text: str
) -> None:
    (line,) = tokenizer.encode([text])
    assert len(line.rows) == len(line.offsets)
    assert (np.diff(line.rows) > 0).all()
    for start, end in line.offsets:
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()


def test_lone_surrogates_are_survived() -> None:
    assert written(PLAIN, "a \ud83d b")[0] == "a"


def test_padding() -> None:
    lines = PREFIXED.encode(["hello", "hello world"])
    ids, mask = PREFIXED.padded(lines)
    assert ids.shape == mask.shape == (2, len(lines[1].ids))
    assert (ids[mask == 0] == 1).all()
    assert mask.sum(axis=1).tolist() == [len(line.ids) for line in lines]


def test_a_broken_file_is_refused(tmp_path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be read"):
        TextTokenizer.load(tmp_path / "tokenizer.json", "", 8)


@given(st.lists(st.integers(1, 512), max_size=80), st.integers(1, 40), st.integers(512, 9000))
def test_batches_hold_every_line_once_within_limits(lengths, lines, tokens) -> None:
    batches = length_batches(lengths, lines, tokens)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) <= lines
        assert len(batch) * max(lengths[i] for i in batch) <= tokens
    order = [lengths[i] for batch in batches for i in batch]
    assert order == sorted(order)


@given(st.lists(st.integers(1, 512), max_size=80), st.integers(0, 9))
def test_batches_hold_no_line_that_is_padded_too_far(lengths, padding) -> None:
    batches = length_batches(lengths, 40, 9000, padding)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        found = [lengths[i] for i in batch]
        assert max(found) - min(found) <= padding
