"""What customers asked, counted: how often, how it ended, and what is understood of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from models.progress import Progress
from retrieval.conversation import Conversation
from retrieval.mining.answers import LONGEST_QUESTION, question
from retrieval.mining.said import Saying
from retrieval.mining.sentences import act, split
from retrieval.templates import LogRef, speak

BATCH = 256
KEPT_REFS = 5
_SHORTEST, _SHORTEST_ZH = 10, 4
_PLACEHOLDER = re.compile(r"{[a-z_]+\d*}")
_NUMBER = re.compile(r"_?\d+(?=}$)")
_BLANKS = re.compile(r" {2,}")
_ASKING = re.compile(
    r"[?？]|\b(?:how|what|when|where|why|who|which|can|could|do|does|did|is|are|will|would|want|need"
    r"|looking for|like to|possible|tell me|help|doesn'?t work|not working|wrong|missing|broken)\b"
    r"|吗|怎|多少|几|哪|什么|为啥|为何|能不能|可不可|能否|可否|有没有|是不是|想|要|求|帮|咋|呢|多久|谁",
    re.IGNORECASE,
)


class Understood(NamedTuple):
    """What a release makes of a text; ``covered`` is False where it takes it for unknown."""

    intent: str
    confidence: float
    covered: bool = True


Classify = Callable[[Sequence[str]], Sequence[Understood]]


@dataclass(slots=True)
class Asked:
    """One customer text: ``well`` counts the times that it ended well.

    Where the log does not say how a conversation ended, a reply has to do.
    """

    text: str
    language: str
    times: int = 0
    well: int = 0
    refs: list[LogRef] = field(default_factory=list)


class Questions:
    """Customers' texts of a log, and what is understood of them.

    Messages in a row are one text, as ``retrieval.mining.answers`` joins them.
    """

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self._openings: dict[str, None] = {}
        self._understood: dict[str, Understood] = {}

    def take(self, conversation: Conversation) -> None:
        """Count what the customer of a redacted conversation asked."""
        known = conversation.outcome is not None or conversation.rating is not None
        well = conversation.outcome in (None, "resolved") and (conversation.rating or 5) > 2
        last = len(conversation.turns) - 1
        for number, (start, end, text) in enumerate(_runs(conversation)):
            if number == 0:
                self._openings.setdefault(question(conversation.turns[start].text))
            asked = self._asked.get(text)
            if asked is None:
                asked = self._asked[text] = Asked(text, conversation.language)
            asked.times += 1
            asked.well += well and (known or end < last)
            if len(asked.refs) < KEPT_REFS:
                asked.refs.append(LogRef(conversation.id, start, text))

    def __iter__(self) -> Iterator[Asked]:
        """Every text, in order of first use."""
        return iter(self._asked.values())

    def classify(self, classify: Classify, progress: Progress) -> None:
        """Understand all texts, each once."""
        texts = list(dict.fromkeys((*self._asked, *self._openings)))
        progress.start("Finding intents", len(texts))
        for start in range(0, len(texts), BATCH):
            part = texts[start : start + BATCH]
            found = classify([told(text) for text in part])
            self._understood.update(zip(part, found, strict=True))
            progress.advance(len(part))
        progress.done()

    def understood(self, text: str) -> Understood | None:
        """What is understood of a text; None where nothing was."""
        return self._understood.get(text)

    def intent_of(self, sayings: Iterable[Saying], sure: float) -> tuple[str | None, float]:
        """The intent that most questions before ``sayings`` have, and how sure that is.

        A follow-up too short to tell takes the opening's.
        """
        votes: Counter[str] = Counter()
        times = 0
        for saying in sayings:
            for exchange, uses in saying.exchanges.items():
                own = self._understood.get(exchange.asked)
                opening = self._understood.get(exchange.opening)
                chosen = (
                    own
                    if own and own.confidence >= sure
                    else max(
                        (u for u in (own, opening) if u), key=lambda u: u.confidence, default=None
                    )
                )
                if chosen:
                    votes[chosen.intent] += uses * chosen.confidence  # type: ignore[assignment]
                    times += uses
        if not votes:
            return None, 0.0
        intent, weight = votes.most_common(1)[0]
        return intent, float(weight) / times


def questions(conversation: Conversation) -> Iterator[str]:
    """What the customer of a redacted conversation asked, as it is :func:`told`; what says nothing
    by itself is left out."""
    return (told(text) for _, _, text in _runs(conversation) if asks(text))


def _runs(conversation: Conversation) -> Iterator[tuple[int, int, str]]:
    """The customer's messages in a row as one text each, with the first and the last turn."""
    for role, run in groupby(enumerate(conversation.turns), key=lambda item: item[1].role):
        if role == "customer":
            turns = list(run)
            yield turns[0][0], turns[-1][0], question(" ".join(turn.text for _, turn in turns))


def told(text: str) -> str:
    """A redacted customer text as it is spoken, less the sentences that say only who they are.

    What stands for a value is said in words, and none of them twice: ``my voucher {voucher_code}``
    is ``my voucher code``.
    """
    spoken = speak(_PLACEHOLDER.sub(_in_words, essence(text)))
    return _BLANKS.sub(" ", spoken).strip()


def essence(text: str) -> str:
    """A redacted customer text, as it stands, less the sentences that say only who they are."""
    sentences = split(text)
    bare = [sentence for sentence in sentences if not _PLACEHOLDER.search(sentence)]
    return " ".join(bare if any(asks(s) for s in bare) else sentences)


def _in_words(match: re.Match[str]) -> str:
    """A placeholder in words, less those that the text around it says already."""
    name = _NUMBER.sub("", match.group()).strip("{}").split("_")
    before = match.string[: match.start()].casefold().split()[-1:]
    after = match.string[match.end() :].casefold().split()[:1]
    if before == name[-1:]:
        return ""
    name = name[1:] if before == name[:1] else name
    return " ".join(name[:-1] if after == name[-1:] else name)


def asks(text: str) -> bool:
    """Whether a customer's text says something by itself: no courtesy, no bare number."""
    bare = "".join(c for c in _PLACEHOLDER.sub("", text) if c.isalpha())
    wide = any("㐀" <= c <= "鿿" for c in bare)
    if len(bare) < (_SHORTEST_ZH if wide else _SHORTEST) or len(text) >= LONGEST_QUESTION:
        return False
    return bool(_ASKING.search(text)) and act(text) != "greeting"
