"""Pairs for the neural editor: an answer template beside the turn an agent really wrote.

Two kinds: templates that somebody reviewed, with the log lines that stand behind them; and what
mining takes for the answer in a turn, beside the whole turn with its courtesies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from models.editing.phrases import Pair
from retrieval.conversation import Conversation
from retrieval.mining.answers import find_answers, question
from retrieval.templates import Template

LONGEST = 400
"""Characters of a turn at most."""


def edit_pairs(
    conversations: Iterable[Conversation], templates: Sequence[Template] = ()
) -> list[Pair]:
    """Pairs of redacted conversations, and of ``templates`` whose lines are among them."""
    known = {conversation.id: conversation for conversation in conversations}
    pairs = [*_reviewed(known, templates), *_said(known)]
    # a reviewed pair of the same turn says more than a mined one
    first = {(p.conversation, p.target, p.template): p for p in reversed(pairs)}
    return [pair for pair in first.values() if len(pair.target) <= LONGEST][::-1]


def _reviewed(known: Mapping[str, Conversation], templates: Sequence[Template]) -> Iterator[Pair]:
    for template in templates:
        for line in template.provenance:
            conversation = known.get(line.conversation)
            if conversation is None or not 0 < line.turn < len(conversation.turns):
                continue
            if conversation.turns[line.turn].role == "agent":
                yield _pair(template.text, conversation, line.turn, "reviewed")


def _said(known: Mapping[str, Conversation]) -> Iterator[Pair]:
    for answer in find_answers(known.values()):
        conversation = known[answer.source.conversation]
        yield _pair(answer.text, conversation, answer.source.turn, "log")


def _pair(template: str, conversation: Conversation, number: int, source: str) -> Pair:
    before = conversation.turns[:number]
    asked = list[str]()
    for turn in reversed(before):
        if turn.role == "agent" and asked:
            break
        if turn.role == "customer":
            asked.insert(0, turn.text)
    return Pair(
        template,
        conversation.turns[number].text,
        question(" ".join(asked)),
        conversation.language,
        conversation.id,
        opening=all(turn.role == "customer" for turn in before),
        source=source,
    )
