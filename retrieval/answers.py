"""Answers in past conversations: what agents said about the shop, and what had been asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from retrieval.conversation import Conversation, Turn
from retrieval.sentences import act, split
from retrieval.templates import LogRef

_THANKS = re.compile(
    r"\b(?:thank|thanks|thx|perfect|great|awesome|clear|super|lovely|cheers|good to know|ok good)\b"
    r"|谢|好的|好嘞|明白|懂了|知道了|可以|太好了|完美|行",
    re.IGNORECASE,
)
_PROTEST = re.compile(
    r"\b(?:wrong|terrible|ridiculous|unfair|useless|nonsense|that'?s not|not true|joke|wtf"
    r"|whatever)\b"
    r"|不对|胡说|骗|垃圾|什么破|无语|离谱|投诉|坑|废物",
    re.IGNORECASE,
)
LONGEST_QUESTION = 300


@dataclass(frozen=True)
class Answer:
    """What one agent turn says, redacted.

    ``text`` keeps its answering sentences; ``case`` tells that it also spoke of the customer's own
    case; ``asked`` is the customer's message before it, ``opening`` their first one. ``mood`` is 1
    when the customer was content next, -1 when they protested.
    """

    text: str
    asked: str
    opening: str
    language: str
    source: LogRef
    case: bool
    outcome: str | None
    rating: int | None
    at: datetime | None
    mood: int


def find_answers(conversations: Iterable[Conversation]) -> Iterator[Answer]:
    """Answers of redacted conversations, one a turn at most, in order."""
    for conversation in conversations:
        asked: list[str] = []
        opening = ""
        for number, turn in enumerate(conversation.turns):
            if turn.role == "customer":
                before = conversation.turns[number - 1].role if number else "agent"
                asked = [*asked, turn.text] if before == "customer" else [turn.text]
                opening = opening or turn.text
            elif asked and (text := answering(turn.text)):
                yield Answer(
                    text=text[0],
                    asked=_question(" ".join(asked)),
                    opening=_question(opening),
                    language=conversation.language,
                    source=LogRef(conversation.id, number, turn.text),
                    case=text[1],
                    outcome=conversation.outcome,
                    rating=conversation.rating,
                    at=turn.at or conversation.started,
                    mood=_mood(conversation.turns[number + 1 : number + 2]),
                )


def answering(text: str) -> tuple[str, bool] | None:
    """The sentences of an agent's turn that answer, and whether others spoke of the case.

    Greetings, look-up remarks and questions to the customer are left out. None where nothing is
    left but remarks on the case.
    """
    acts = [(sentence, act(sentence)) for sentence in split(text)]
    kept = [sentence for sentence, what in acts if what == "answer"]
    if not kept:
        return None
    joint = "" if re.search("[㐀-鿿]", kept[0]) else " "
    return joint.join(kept), any(what == "case" for _, what in acts)


def _question(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUESTION else text[:LONGEST_QUESTION].rsplit(" ", 1)[0]


def _mood(following: tuple[Turn, ...]) -> int:
    if not following or following[0].role != "customer":
        return 0
    if _PROTEST.search(following[0].text):
        return -1
    return 1 if _THANKS.search(following[0].text) else 0
