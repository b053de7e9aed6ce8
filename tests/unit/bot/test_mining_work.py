"""What a release makes of past questions, as mining asks for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.commands.mining_work import MiningWorker
from intents.understanding import Understanding
from retrieval.redaction.redactor import Redactor


@pytest.mark.parametrize(
    ("intent", "decision", "score", "covered"),
    [
        ("fee", "accept", 0.9, True),
        ("fee", "clarify", 0.3, True),
        ("fee", "clarify", 0.7, False),
        ("fee", "reject", 0.3, False),
        ("out_of_scope", "accept", 0.9, False),  # it says that no intent deals with it
        ("out_of_scope", "clarify", 0.3, False),
    ],
)
def test_a_question_is_covered_where_an_intent_deals_with_it(
    intent: str, decision: str, score: float, covered: bool
) -> None:
    read: Any = SimpleNamespace(
        intent=intent, confidence=0.8, decision=decision, out_of_scope=score
    )
    understanding = cast(Understanding, SimpleNamespace(parse=lambda texts: [read for _ in texts]))
    worker = MiningWorker(understanding, cast(Redactor, None))
    assert worker.classify(["do you sponsor clubs?"]) == [(intent, 0.8, covered)]
