"""Phrases that agents put around an answer, learned from pairs of template and real turn.

A phrase is manner, never matter: what answers a question (*yes*), names a time of day, holds a
figure, a denial, a link or a question is left out, however often agents said it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.editing.edits import (
    NAME,
    Difference,
    Place,
    Word,
    differences,
    place_of,
    stretch,
    words_in,
)

FEWEST = 3
"""Conversations that must have said a phrase."""
MOST = 24
"""Phrases a language and place at most."""
LONGEST, LONGEST_INSIDE = 6, 3
"""Words of a phrase around a text and within it."""
_ENDS = frozenset(".!?~～。！？…")
_MATTER = re.compile(
    r"\d|https?:|www\.|[?？@#]"
    r"|\b(?:yes|yeah|yep|no|nope|not|never|right|correct|exactly|done|sent|booked|changed|found"
    r"|can|will|free|refund\w*|you can|it is|it's|submitted|set|cancel\w*|approved|accepted"
    r"|morning|evening|afternoon|night|day|week\w*|\w+day|today|tomorrow|christmas|new year"
    r"|happy|birthday|valentine\S*|festival|spring)\b"
    r"|[早晚午夜周日月年天节]|[不没无未非免退已查改补登记]|是的|可以|能|对|行|有|送",
    re.IGNORECASE,
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor)\.?\s+(?=\{customer_name\})"
    r"|(?<=\{customer_name\})\s*(?:先生|女士|小姐|老师|教授)"
)
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Phrase:
    """A phrase, in which NAME is a place, the language it belongs to, and where it stands."""

    text: str
    language: str
    place: Place


@dataclass(frozen=True)
class Pair:
    """A template and what an agent really wrote in its place, with what the customer had written.

    ``opening`` tells that the agent had said nothing before. All texts are redacted.
    """

    template: str
    target: str
    context: str
    language: str
    conversation: str
    opening: bool = False
    source: str = "log"


def learn_phrases(pairs: Iterable[Pair], fewest: int = FEWEST) -> tuple[Phrase, ...]:
    """The phrases that ``fewest`` conversations or more put around their answers."""
    said: dict[tuple[str, Place, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for pair in pairs:
        words, target = words_in(pair.template), words_in(pair.target)
        for change in differences(words, target):
            place = place_of(change.a if change.c < change.d else -1, len(words))
            text = phrase_in(change, words, target)
            if text:
                said[pair.language, place, _key(text)][text].add(pair.conversation)
    counted = []
    for (language, place, _), forms in said.items():
        times = len(set().union(*forms.values()))
        if times >= fewest:
            best = max(forms, key=lambda form: (len(forms[form]), form))
            counted.append((-times, best, Phrase(best, language, place)))
    kept: dict[tuple[str, Place], list[Phrase]] = defaultdict(list)
    for _, _, phrase in sorted(counted, key=lambda item: item[:2]):
        kept[phrase.language, phrase.place].append(phrase)
    return tuple(phrase for own in kept.values() for phrase in own[:MOST])


def phrase_in(change: Difference, words: Sequence[Word], target: Sequence[Word]) -> str | None:
    """The phrase that a difference brings in; None where it is no phrase.

    At the start it is the first sentence that came in, at the end the last, else all of it.
    """
    came = list(target[change.c : change.d])
    place = place_of(change.a, len(words))
    if place == "start":
        came = came[: _first_end(came)]
    elif place == "end":
        came = came[_last_start(came) :]
    longest = LONGEST_INSIDE if place == "middle" else LONGEST
    if not came or len(came) > longest or (place != "middle" and came[-1].text not in _ENDS):
        return None
    text = _TITLED.sub("", stretch(came))
    bare = text.replace(NAME, "")
    matter = "{" in bare or _MATTER.search(bare) or not _LETTERS.search(text)
    return None if matter else text


def _key(text: str) -> str:
    return "".join(_LETTERS.findall(text)).casefold()


def same_phrase(one: str, other: str) -> bool:
    """Whether two phrases differ in punctuation and case alone."""
    return _key(one) == _key(other)


def _first_end(words: Sequence[Word]) -> int:
    for i, word in enumerate(words):
        if word.text in _ENDS:
            while i + 1 < len(words) and words[i + 1].text in _ENDS:
                i += 1
            return i + 1
    return len(words)


def _last_start(words: Sequence[Word]) -> int:
    for i in range(len(words) - 2, -1, -1):
        if words[i].text in _ENDS and words[i + 1].text not in _ENDS:
            return i + 1
    return 0
