"""An assistant's own out_of_scope."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.understand import as_refused
from intents.parse import Parse
from intents.reading.folder import read_assistant

DOMAIN = (
    'version: "3.1"\nintents: [status, out_of_scope]\nresponses:\n  utter_status: [{text: "?"}]\n'
)
RULE = "rules:\n- rule: no\n  steps: [{intent: out_of_scope}, {action: utter_status}]\n"
ANSWER = '  utter_out_of_scope: [{text: "No."}]\n'


def parse(intent: str) -> Parse:
    return Parse(
        text="a poem", language="en", intent=intent, confidence=0.8, ranking=((intent, 0.8),),
        decision="accept", options=(), out_of_scope=0.9, entities=(), sentiment="neutral",
        sentiment_confidence=0.9, urgency="normal", urgency_confidence=0.9, vector=np.zeros(3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "intent", "decision"),
    [
        ("", "out_of_scope", "reject"),
        ("", "status", "accept"),
        (RULE, "out_of_scope", "accept"),
        (ANSWER, "out_of_scope", "accept"),
    ],
)
def test_it_is_refused_unless_something_is_written_for_it(
    more: str, intent: str, decision: str, tmp_path: Path
) -> None:
    (tmp_path / "domain.yml").write_text(DOMAIN + more, encoding="utf-8")
    assistant = read_assistant(tmp_path, strict=False)
    assert as_refused(parse(intent), assistant).decision == decision
