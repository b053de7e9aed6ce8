"""Edits of a template: which of its words go and what comes in, and texts aligned to learn them.

A template is read as words that can be put together again letter by letter. Placeholders, numbers
and negations cannot be dropped, whatever a model thinks (:meth:`Script.of` leaves such edits out).
The operations are those of LaserTagger (Malmi et al., 2019): keep, drop, add a phrase of a small
vocabulary; and copying from the context, as in FELIX (Mallinson et al., 2020) and pointer networks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from models.filling.template_text import Piece
from models.segmenter import cut

Place = Literal["start", "middle", "end"]
Operation = Literal["drop", "add", "copy"]

LONGEST_COPY = 4
"""Words of one span copied from the context at most."""
NAME = "{customer_name}"
"""The one placeholder that a phrase may bring in: redaction's and the slot's name for a person."""
_WIDE = "㐀-䶿一-鿿豈-﫿"
_TOKEN = re.compile(
    rf"(?P<wide>[{_WIDE}]+)"
    rf"|(?:(?![{_WIDE}])[^\W_])+(?:['’.:,\-](?:(?![{_WIDE}])[^\W_])+)*|\S"
)
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]\w*\}")
_NUMBER = re.compile(r"_\d+(?=}$)")
_NEGATION = re.compile(
    r"^(?:not?|never|none|nothing|nobody|neither|nor|without|cannot|unless|except|only|until|\w+n['’]t"
    r"|.*[不没无未非别勿莫免仅只除].*)$",
    re.IGNORECASE,
)
_SEPARATORS = frozenset(",;:.!?，；：。！？、~～…—-–")
_LEADING = ",;:，；：、。.—–- "


@dataclass(frozen=True)
class Word:
    """One word of a text: ``plain[start:end] == text`` after ``gap``, the blanks before it.

    ``place`` is true of a placeholder, whose text has its braces.
    """

    text: str
    gap: str
    start: int
    end: int
    place: bool = False

    @property
    def key(self) -> str:
        """What is compared: case and a placeholder's number do not count."""
        return _NUMBER.sub("", self.text).casefold()

    @property
    def piece(self) -> Piece:
        """The word as a piece of a template."""
        return Piece(self.text[1:-1] if self.place else self.text, self.place)

    @property
    def says(self) -> bool:
        """Whether it is more than punctuation."""
        return self.place or any(character.isalnum() for character in self.text)

    @property
    def kept(self) -> bool:
        """Whether it may never be dropped: a placeholder, a figure, a negation."""
        figure = any(character.isdigit() for character in self.text)
        return self.place or figure or _NEGATION.match(self.text) is not None


def words_of(pieces: Iterable[Piece]) -> tuple[str, tuple[Word, ...]]:
    """A template's text with its placeholders in braces, and its words."""
    plain, words, gap = "", list[Word](), ""
    for piece in pieces:
        if piece.is_placeholder:
            text = "{" + piece.text + "}"
            words.append(Word(text, gap, len(plain), len(plain) + len(text), place=True))
            plain, gap = plain + text, ""
            continue
        found, rest = _words(piece.text, len(plain), gap)
        words += found
        plain, gap = plain + piece.text, rest
    return plain, tuple(words)


def words_in(text: str) -> tuple[Word, ...]:
    """Words of a text in which redaction has left placeholders."""
    pieces, at = list[Piece](), 0
    for found in _PLACEHOLDER.finditer(text):
        pieces += [Piece(text[at : found.start()], False), Piece(found.group()[1:-1], True)]
        at = found.end()
    return words_of([*pieces, Piece(text[at:], False)])[1]


def _words(text: str, shift: int, gap: str) -> tuple[list[Word], str]:
    """Words of a literal that begins at ``shift``, and the blanks after the last one."""
    words, at = list[Word](), 0
    for found in _TOKEN.finditer(text):
        gap += text[at : found.start()]
        parts = cut(found.group()) if found["wide"] else (found.group(),)
        start = found.start()
        for part in parts:
            end = start + len(part)
            words.append(Word(part, gap, shift + start, shift + end))
            start, gap = end, ""
        at = found.end()
    return words, gap + text[at:]


@dataclass(frozen=True)
class Edit:
    """One edit as it is told: what was done before or to the word number ``at``."""

    operation: Operation
    text: str
    at: int


@dataclass(frozen=True)
class Script:
    """Edits of a text of n words: ``drops`` are indices, ``adds`` are texts by the word that they
    come before (n: at the end), ``copied`` those of them that the context gave."""

    drops: frozenset[int] = frozenset()
    adds: Mapping[int, str] = field(default_factory=dict)
    copied: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        words: Sequence[Word],
        message: Sequence[Word],
        drops: Iterable[int],
        adds: Mapping[int, str],
        copied: Iterable[int] = (),
    ) -> Script:
        """The edits that may be made: of drops only runs that leave the text whole, and that tell
        nothing that the customer's ``message`` has not said."""
        allowed = frozenset(i for i in drops if 0 <= i < len(words) and not words[i].kept)
        said = frozenset(word.key for word in message)
        runs = [r for r in _runs(allowed) if _droppable(words, r) and _said(words, r, said)]
        whole = frozenset(i for run in runs for i in run)
        left = sum(word.says for i, word in enumerate(words) if i not in whole)
        if left * 2 < sum(word.says for word in words):
            whole = frozenset()
        inside = {i: text for i, text in adds.items() if 0 <= i <= len(words) and text}
        return cls(whole, inside, frozenset(copied) & inside.keys())

    def __bool__(self) -> bool:
        return bool(self.drops or self.adds)

    def told(self, words: Sequence[Word]) -> tuple[Edit, ...]:
        """The edits in the text's order."""
        edits = list[Edit]()
        for i in range(len(words) + 1):
            if i in self.adds:
                edits.append(Edit("copy" if i in self.copied else "add", self.adds[i], i))
            if i in self.drops:
                edits.append(Edit("drop", words[i].text, i))
        return tuple(edits)


def _runs(indices: Iterable[int]) -> list[list[int]]:
    runs = list[list[int]]()
    for i in sorted(indices):
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _droppable(words: Sequence[Word], run: Sequence[int]) -> bool:
    """Whether a run says something and no two separators would meet where it stood."""
    if not any(words[i].says for i in run):
        return False
    if run[0] == 0:
        return True
    after = words[run[-1] + 1].text if run[-1] + 1 < len(words) else "."
    return not (words[run[0] - 1].text in _SEPARATORS and after in _SEPARATORS)


def _said(words: Sequence[Word], run: Sequence[int], said: frozenset[str]) -> bool:
    """Whether the message has all words of a run but short ones, and one at least."""
    telling = [words[i] for i in run if words[i].says and not _is_short(words[i].text)]
    return bool(telling) and all(word.key in said for word in telling)


def _is_short(text: str) -> bool:
    return len(text) <= (3 if text.isascii() else 1)


def edited(words: Sequence[Word], script: Script) -> tuple[Piece, ...]:
    """The template's pieces after the edits; of an added phrase ``{customer_name}`` is a place."""
    made = list[Piece]()
    begun = False
    for i, word in enumerate(words):
        if i in script.adds:
            _join(made, _added(script, i))
        if i in script.drops or (not begun and i and word.text in _LEADING):
            continue
        piece = word.piece if begun or word.place else _capital(word.text, words[0].text)
        if i in script.adds or not begun:
            _join(made, [piece])
        else:
            made += [Piece(word.gap, False), piece]
        begun = True
    if len(words) in script.adds:
        _join(made, _added(script, len(words)))
    return _merged(made)


def _merged(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Literals that stand beside each other as one: brackets are escaped in pairs."""
    made = list[Piece]()
    for piece in pieces:
        if made and not piece.is_placeholder and not made[-1].is_placeholder:
            made[-1] = Piece(made[-1].text + piece.text, False)
        elif piece.text:
            made.append(piece)
    return tuple(made)


def _added(script: Script, at: int) -> list[Piece]:
    text = script.adds[at]
    if at in script.copied:
        return [Piece(text, False)]
    parts = text.split(NAME)
    pieces = [Piece(parts[0], False)]
    for part in parts[1:]:
        pieces += [Piece(NAME[1:-1], True), Piece(part, False)]
    return [piece for piece in pieces if piece.text]


def _capital(text: str, first: str) -> Piece:
    return Piece(text[:1].upper() + text[1:] if first[:1].isupper() else text, False)


def _join(made: list[Piece], more: Sequence[Piece]) -> None:
    """Append with a blank between, where the scripts on both sides have one."""
    left, right = made[-1].text[-1:] if made else "", more[0].text[:1]
    wide = any(ord(c) > 0x2E7F for c in left + right) and not (made and made[-1].is_placeholder)
    if left and not left.isspace() and right not in _SEPARATORS and not wide:
        made.append(Piece(" ", False))
    made += more


@dataclass(frozen=True)
class Difference:
    """Where a target departs from a template: words ``a:b`` of the template became the target's
    words ``c:d``."""

    a: int
    b: int
    c: int
    d: int


def differences(template: Sequence[Word], target: Sequence[Word]) -> list[Difference]:
    """How the template became the target, in order."""
    matcher = SequenceMatcher(
        None, [word.key for word in template], [word.key for word in target], autojunk=False
    )
    return [Difference(*at) for op, *at in matcher.get_opcodes() if op != "equal"]


def place_of(boundary: int, words: int) -> Place:
    """Where a boundary of a text of so many words lies."""
    return "start" if boundary == 0 else "end" if boundary == words else "middle"


def stretch(words: Sequence[Word]) -> str:
    """Words put together again, without the blanks before the first."""
    return "".join((word.gap if i else "") + word.text for i, word in enumerate(words))


def find_span(wanted: Sequence[Word], context: Sequence[Word]) -> tuple[int, int] | None:
    """Where the context says ``wanted`` first, as ``[start, end)``; None where it does not."""
    keys, inside = [word.key for word in wanted], [word.key for word in context]
    if not 0 < len(keys) <= LONGEST_COPY or not any(word.says for word in wanted):
        return None
    for start in range(len(inside) - len(keys) + 1):
        if inside[start : start + len(keys)] == keys:
            return start, start + len(keys)
    return None


def distance(one: Sequence[Word], other: Sequence[Word]) -> int:
    """Levenshtein's distance in words."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            same = before + (left.key != right.key)
            before, row[j] = row[j], min(same, row[j] + 1, row[j - 1] + 1)
    return row[-1]
