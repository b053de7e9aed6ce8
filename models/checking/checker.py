"""Whether a reply says what its sources say: nothing else, nothing turned round, nothing lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.checking.findings import Finding
from models.checking.judge import doubt, heaviest, together
from models.checking.literal import as_written
from models.checking.pairs import likeness, plain_pair
from models.checking.reading import items, read_reply
from models.checking.rules import doubtful
from models.checking.sources import Sources, Stated, fact, folded, ground, seen

if TYPE_CHECKING:
    from models.checking.reader import PairReader

__all__ = ["Checker", "Finding", "Sources", "Stated", "Verdict"]

LONGEST = 4_000
_GROWTH, _ROOM = 2.0, 160
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_LATIN_RUN = re.compile(r"[A-Za-z']+(?: [A-Za-z']+){4,}")
_LEFT_OVER = re.compile(
    r"\{[^{}\s]{1,80}\}|\[\[|\]\]|(?<![A-Za-z])(?:None(?! of)|NaN|undefined|null)(?![A-Za-z])"
)


@dataclass(frozen=True)
class Verdict:
    """The checker's decision with everything that speaks against the reply."""

    findings: tuple[Finding, ...]
    literal: bool = False
    """Whether the reply is its template word for word."""
    doubt: float = 0.0
    """The logarithm of the odds that a wording is wrong; above 0 it is refused."""

    @property
    def passed(self) -> bool:
        """Whether the reply may be said."""
        return not self.findings


class Checker:
    """Rules, and weighed evidence; safe to share among threads.

    :param reader: a trained reader of pairs, whose odds are weighed together with the evidence.
    """

    name = "evidence"

    def __init__(self, reader: PairReader | None = None) -> None:
        self._reader = reader

    def check(self, output: str, sources: Sources) -> Verdict:
        """Compare ``output`` with its sources; what cannot be decided is refused."""
        read = examined(output, sources)
        if read.certain or read.literal:
            return Verdict(read.certain, read.literal)
        weighed, findings = doubt(read.doubts), heaviest(read.doubts)
        if self._reader is not None:
            pair = plain_pair(output, sources)
            reading = self._reader.read(*pair)
            weighed = together(weighed, reading.odds, likeness(*pair))
            findings = [Finding("meaning", " … ".join(reading.suspects)), *findings]
        return Verdict(tuple(findings) if weighed > 0 else (), doubt=weighed)


@dataclass(frozen=True)
class Examined:
    """What speaks against a reply: what is certain, or else what is in doubt, unweighed."""

    certain: tuple[Finding, ...] = ()
    doubts: tuple[Finding, ...] = ()
    literal: bool = False


def examined(output: str, sources: Sources) -> Examined:
    """Read a reply beside its sources."""
    certain = list(_form(output, sources))
    if not certain and as_written(output, sources):
        return Examined(literal=True)
    certain += _wording(output, sources)
    if certain:
        return Examined(tuple(certain))
    own = ground(sources)
    facts = [fact(text) for text in sources.facts]
    read, lost = read_reply(folded(output), own)
    certain = [*lost, *items(read, own, facts)]
    if certain:
        return Examined(tuple(dict.fromkeys(certain)))
    return Examined(doubts=tuple(dict.fromkeys(doubtful(read, own, facts))))


def _form(output: str, sources: Sources) -> Iterator[Finding]:
    values = [str(stated.value) for stated in sources.values.values()]
    length = len(sources.template) + sum(map(len, values)) + sum(map(len, sources.facts))
    if not output.strip():
        yield Finding("empty", "")
    if len(output) > min(LONGEST, _GROWTH * length + _ROOM):
        yield Finding("too long", str(len(output)))
    if seen(output) != output:
        yield Finding("control characters", "")


def _wording(output: str, sources: Sources) -> Iterator[Finding]:
    values = [str(stated.value) for stated in sources.values.values()]
    for hole in _LEFT_OVER.finditer(output):
        allowed = (*values, *(() if "{" in hole.group() else (sources.template,)))
        if not any(hole.group() in source for source in allowed):
            yield Finding("hole", hole.group())
    if sources.language.startswith("zh") and _foreign(output, sources, values):
        yield Finding("language", "a sentence in another language")
    plain = output
    for value in sorted(values, key=len, reverse=True):
        plain = plain.replace(value, " ") if value else plain
    han, latin = len(_HAN.findall(plain)), sum(map(len, _LATIN.findall(plain)))
    if sources.language.startswith("zh"):
        if (not han and latin > 3 and not _LATIN.search(sources.template)) or (
            latin > 2 * han + 12 and latin > 2 * sum(map(len, _LATIN.findall(sources.template)))
        ):
            yield Finding("language", plain[:40])
    elif han > sum(len(_HAN.findall(source)) for source in (sources.template, *sources.facts)):
        yield Finding("language", plain[:40])


def _foreign(output: str, sources: Sources, values: list[str]) -> bool:
    """Whether a run of words in a Chinese reply is neither a value nor from the sources."""
    known = " ".join((sources.template, *sources.facts, *values)).lower()
    return any(run.group().lower() not in known for run in _LATIN_RUN.finditer(output))
