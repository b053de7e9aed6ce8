"""Which word pieces English needs: those that the words of an English dictionary are made of.

A multilingual vocabulary spells other languages in the same letters; three quarters of its
plain-letter pieces are theirs, and each costs memory in the tokenizer and in the embedding table.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

from tokenizers import Tokenizer

from models.errors import WeightsMissing

_SHORT = 3
_FORMS = (str.lower, str.capitalize, str.upper)


def english_pieces(tokenizer: Tokenizer) -> frozenset[str]:
    """The pieces of ``tokenizer`` that English words, in small letters and capitals, come to."""
    used: set[str] = set()
    for form in _FORMS:
        for encoding in tokenizer.encode_batch(
            [form(w) for w in words()], add_special_tokens=False
        ):
            used.update(encoding.tokens)
    return frozenset(used)


def is_needed(piece: str, english: frozenset[str]) -> bool:
    """Whether a piece stays: all but long ones in plain letters that no English word has, names
    such as iPhone excepted."""
    bare = piece.replace("\u2581", "")
    plain = bare.isascii() and bare.isalpha() and bare[1:] == bare[1:].lower()
    return piece in english or len(bare) <= _SHORT or not plain


@cache
def counted() -> tuple[tuple[str, int], ...]:
    """The words of SymSpell's English dictionary and their counts, the most frequent first.

    :raises WeightsMissing: the package is not installed.
    """
    rows = (row.split() for row in _dictionary().read_text(encoding="utf-8-sig").splitlines())
    return tuple((row[0], int(row[1])) for row in rows if len(row) == 2)


def words() -> tuple[str, ...]:
    """The dictionary's words alone."""
    return tuple(word for word, _ in counted())


def _dictionary() -> Path:
    spec = importlib.util.find_spec("symspellpy")
    if spec is None or spec.origin is None:
        raise WeightsMissing(
            "The package with the English dictionary is not installed",
            expected="symspellpy",
            found="no such package",
            fix="Run: pip install symspellpy",
        )
    return Path(spec.origin).parent / "frequency_dictionary_en_82_765.txt"
