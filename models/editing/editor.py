"""The neural editor: fits a template to the customer's message by a few edits of its words.

Template and message are read by the shared encoder in one batch. For each word a small network
tells whether it goes, for each boundary whether a known phrase or a span of the message comes in
(models.editing.edits has the sources). Edits of little certainty are not made; without any, the
reply is the filler's. Only numpy; trained by :mod:`models.learning.editor`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from models.arrays import AnyArray, FloatArray, IntArray, load_arrays, save_arrays, unit_rows
from models.editing.edits import (
    LONGEST_COPY,
    NAME,
    Place,
    Script,
    Word,
    edited,
    place_of,
    stretch,
    words_in,
    words_of,
)
from models.editing.labels import COPY, FIRST_PHRASE, NONE
from models.editing.phrases import Phrase, same_phrase
from models.encoders.runtime import Encoding
from models.errors import ModelError
from models.filling.generator import (
    Generated,
    GenerationRequest,
    TemplateFiller,
    as_template,
    resolve,
)

KIND = "editor"
FILE = "editor.npz"
"""The editor's file in a release; made for the release's encoder."""
OFF = 1.01
"""A threshold that nothing reaches."""
SHARPNESS = 10.0
"""How quickly a word's attention to the message falls with the cosine."""
PLAIN = 10
"""Features beside the encoder's states."""
_PLACES: tuple[Place, ...] = ("start", "middle", "end")


class States(Protocol):
    """What an encoder gives; :class:`models.encoders.runtime.Encoder` is one."""

    @property
    def state_dim(self) -> int:
        """Length of a token's state."""

    def encode(self, texts: Sequence[str]) -> Encoding:
        """Token states of texts."""


@dataclass(frozen=True)
class Reading:
    """A template of n words read beside a message of m words: ``boundaries`` (n + 1, 4 s + 10),
    one row a word and one for the end; ``context`` (m, s), a row a word of the message."""

    words: tuple[Word, ...]
    message: tuple[Word, ...]
    boundaries: FloatArray
    context: FloatArray


@dataclass(frozen=True)
class EditorHead:
    """The network: ``mean``, ``scale`` (f,), ``inner`` (f, h), ``bias`` (h,), ``drop`` (h, 1),
    ``add`` (h, 2 + p) for p phrases, ``ends`` (h, 2 k) and ``key`` (s, k) for spans.

    ``thresholds`` (2,) are the least probabilities at which a word goes and something comes in.
    """

    phrases: tuple[Phrase, ...]
    mean: FloatArray
    scale: FloatArray
    inner: FloatArray
    bias: FloatArray
    drop: FloatArray
    drop_bias: FloatArray
    add: FloatArray
    add_bias: FloatArray
    ends: FloatArray
    key: FloatArray
    thresholds: FloatArray

    def __post_init__(self) -> None:
        (f, h), (s, k) = self.inner.shape, self.key.shape
        p = FIRST_PHRASE + len(self.phrases)
        wanted = [(f,), (f,), (f, h), (h,), (h, 1), (1,), (h, p), (p,), (h, 2 * k), (s, k), (2,)]
        found = [getattr(self, name).shape for name in _arrays()]
        if found != wanted or f != 4 * s + PLAIN:
            raise ModelError(
                "The editor's arrays do not fit together",
                expected=str(wanted),
                found=str(found),
                fix="Train it again: frontdesk editor.",
            )

    def script(self, reading: Reading, language: str, known: Collection[str] = ()) -> Script:
        """The edits to make.

        :param language: the template's, without a region.
        :param known: names of values, for phrases that address the customer.
        """
        hidden = np.maximum(
            (reading.boundaries - self.mean) * self.scale @ self.inner + self.bias, 0
        )
        going = 1 / (1 + np.exp(-(hidden @ self.drop + self.drop_bias)[:-1, 0]))
        drops = np.flatnonzero(going >= self.thresholds[0]).tolist()
        scores = hidden @ self.add + self.add_bias
        adds: dict[int, str] = {}
        copied: set[int] = set()
        for at in np.flatnonzero(scores.argmax(axis=1) != NONE).tolist():
            chosen, sureness = self._chosen(scores[at], at, reading, language, known)
            if chosen == NONE or sureness < self.thresholds[1]:
                continue
            if chosen == COPY:
                text = self._span(hidden[at], reading)
                if text:
                    adds[at] = text
                    copied.add(at)
            else:
                adds[at] = self.phrases[chosen - FIRST_PHRASE].text
        return Script.of(reading.words, reading.message, drops, adds, copied)

    def _chosen(
        self, row: FloatArray, at: int, reading: Reading, language: str, known: Collection[str]
    ) -> tuple[int, float]:
        """The class of a boundary and its probability among those that may stand there."""
        place = place_of(at, len(reading.words))
        open_ = np.ones(len(row), dtype=bool)
        open_[COPY] = bool(reading.message)
        for number, phrase in enumerate(self.phrases, FIRST_PHRASE):
            fits = phrase.language == language and phrase.place == place
            named = NAME not in phrase.text or NAME[1:-1] in known
            open_[number] = fits and named and not _there(phrase, reading.words)
        powers = np.where(open_, np.exp(row - row[open_].max()), 0)
        best = int(np.argmax(powers))
        return best, float(powers[best] / powers.sum())

    def _span(self, hidden: FloatArray, reading: Reading) -> str:
        """The span of the message that a boundary points at; "" where it says nothing."""
        keys = reading.context @ self.key
        first, last = np.split(hidden @ self.ends, 2)
        scores = (keys @ first)[:, None] + (keys @ last)[None, :]
        index = np.arange(len(keys))
        length = index[None, :] - index[:, None]
        scores[(length < 0) | (length >= LONGEST_COPY)] = -np.inf
        start, end = divmod(int(np.argmax(scores)), len(keys))
        span = reading.message[start : end + 1]
        return stretch(span) if any(word.says for word in span) else ""

    def arrays(self) -> dict[str, AnyArray]:
        """Everything that :meth:`from_arrays` needs, as arrays without objects."""
        return {
            "kind": np.array(KIND),
            "texts": np.array([p.text for p in self.phrases], dtype=np.str_),
            "languages": np.array([p.language for p in self.phrases], dtype=np.str_),
            "places": np.array([_PLACES.index(p.place) for p in self.phrases], dtype=np.int64),
            **{name: getattr(self, name) for name in _arrays()},
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> EditorHead:
        """Rebuild what :meth:`arrays` gave.

        :raises ModelError: arrays are absent or do not fit together.
        """
        wanted = {"texts", "languages", "places", *_arrays()}
        if not wanted <= arrays.keys():
            raise ModelError(
                "The editor's file is not complete",
                expected=", ".join(sorted(wanted)),
                found=", ".join(sorted(arrays)),
                fix="Train it again: frontdesk editor.",
            )
        phrases = tuple(
            Phrase(str(text), str(language), _PLACES[int(place)])
            for text, language, place in zip(
                arrays["texts"], arrays["languages"], arrays["places"], strict=True
            )
        )
        return cls(phrases, **{name: arrays[name].astype(np.float32) for name in _arrays()})

    def save(self, path: Path) -> None:
        """Write an npz file."""
        save_arrays(path, self.arrays())

    @classmethod
    def load(cls, path: Path) -> EditorHead:
        """Read a file written by :meth:`save`."""
        return cls.from_arrays(load_arrays(path, KIND))


def _arrays() -> list[str]:
    return [field.name for field in fields(EditorHead) if field.name != "phrases"]


def _there(phrase: Phrase, words: Sequence[Word]) -> bool:
    """Whether the text opens or ends with the phrase already, or with a part of it."""
    own = words_in(phrase.text)
    near = words[: len(own)] if phrase.place == "start" else words[-len(own) :]
    said = {word.key for word in near if word.says}
    return same_phrase(phrase.text, stretch(near)) or any(w.says and w.key in said for w in own)


def read(
    encoder: States, asked: Sequence[tuple[tuple[Word, ...], str, str, bool]]
) -> list[Reading]:
    """Templates beside messages, all in one go of the encoder.

    :param asked: a template's words and its plain text, the customer's message, and whether the
        conversation only opens.
    """
    if not asked:
        return []
    texts = [text for _, plain, message, _ in asked for text in (plain, message)]
    encoding = encoder.encode(texts)
    made = []
    for number, (words, _, message, opening) in enumerate(asked):
        own, other = 2 * number, 2 * number + 1
        heard = words_in(message)
        states = _word_states(words, encoding.tokens[own], encoding.offsets[own])
        context = _word_states(heard, encoding.tokens[other], encoding.offsets[other])
        made.append(
            Reading(words, heard, _features(words, states, heard, context, opening), context)
        )
    return made


def _word_states(words: Sequence[Word], tokens: FloatArray, offsets: IntArray) -> FloatArray:
    """Mean state (n, s) of the tokens of each word; zero beyond the encoder's limit."""
    states = np.zeros((len(words), tokens.shape[1]), dtype=np.float32)
    for i, word in enumerate(words):
        rows = (offsets[:, 0] < word.end) & (offsets[:, 1] > word.start)
        if rows.any():
            states[i] = tokens[rows].mean(axis=0)
    return states


def _features(
    words: Sequence[Word],
    states: FloatArray,
    heard: Sequence[Word],
    context: FloatArray,
    opening: bool,
) -> FloatArray:
    n, s = states.shape
    rows = np.zeros((n + 1, 4 * s + PLAIN), dtype=np.float32)
    rows[:n, :s] = states
    rows[1:, s : 2 * s] = states
    if len(context):
        rows[:, 2 * s : 3 * s] = context.mean(axis=0)
        cosines = unit_rows(states) @ unit_rows(context).T
        weights = np.exp(SHARPNESS * (cosines - cosines.max(axis=1, keepdims=True)))
        rows[:n, 3 * s : 4 * s] = weights / weights.sum(axis=1, keepdims=True) @ context
        rows[:n, 4 * s] = cosines.max(axis=1)
    said = {word.key for word in heard}
    plain = rows[:, 4 * s :]
    for i, word in enumerate(words):
        plain[i, 1:4] = word.key in said, word.says, word.kept
        plain[i + 1, 4] = not word.says
    plain[0, 5], plain[n, 6], plain[:, 7] = 1, 1, opening
    plain[:, 8], plain[:, 9] = np.log1p(n) / 4, np.log1p(len(heard)) / 4
    return rows


class NeuralEditor:
    """The generator: a filled template after the head's edits; ``encoder`` is the release's."""

    name = KIND

    def __init__(self, head: EditorHead, encoder: States) -> None:
        if len(head.key) != encoder.state_dim:
            raise ModelError(
                "The editor does not fit the encoder",
                expected=f"states of length {len(head.key)}",
                found=str(encoder.state_dim),
                fix="Train it again: frontdesk editor.",
            )
        self._head, self._encoder = head, encoder
        self._filler = TemplateFiller()

    def generate(self, request: GenerationRequest) -> Generated:
        """The reply after the edits; the filler's own where there are none.

        ``context`` may hold the ``customer``'s message and ``opening``, which tells that nothing
        has been said to them before. See :class:`models.filling.generator.Generator` for the
        errors.
        """
        plain, words = words_of(resolve(request))
        message, opening = request.context.get("customer", ""), "opening" in request.context
        if not words or not message.strip():
            return self._filler.generate(request)
        reading = read(self._encoder, [(words, plain, message, opening)])[0]
        language = request.language.partition("-")[0]
        script = self._head.script(reading, language, request.values.keys())
        if not script:
            return self._filler.generate(request)
        template = as_template(edited(words, script))
        made = self._filler.generate(replace(request, template=template))
        return Generated(made.text, made.traces, self.name, script.told(words))
