"""The shipped pack's accepted templates hold what a review promises."""

from __future__ import annotations

import re
from pathlib import Path

from retrieval.logs import read_logs
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.templates import Template, read_templates

PACK = Path(__file__).parents[3] / "intents" / "packs" / "retail"
ACCEPTED = read_templates(PACK / "templates" / "accepted.jsonl")
REDACTOR = Redactor(Rules.read(PACK / "templates" / "redaction.json"))


def test_there_are_enough_in_both_languages() -> None:
    assert 100 <= len(ACCEPTED) <= 250
    for language in ("en", "zh"):
        assert sum(t.language == language for t in ACCEPTED) >= 50
    assert len({t.id for t in ACCEPTED}) == len(ACCEPTED)


def test_each_is_fit_to_be_said() -> None:
    for template in ACCEPTED:
        _check(template)


def _check(template: Template) -> None:
    assert (template.source, template.status) == ("mined", "live")
    assert template.name == f"utter_{template.intents[0]}"
    assert template.slots == ()
    assert template.questions
    assert template.provenance
    assert REDACTOR.redact(template.text) == (template.text, ())
    for text in (*template.questions, *(line.text for line in template.provenance)):
        assert REDACTOR.redact(text)[0] == text


FACTS = {
    "¥": {"8", "99", "12", "18", "20", "45", "6", "10", "100", "300", "1,000", "5,000", "1", "299",
          "499", "699"},
    "元": {"8", "99", "12", "18", "20", "45", "6", "10", "300", "1000", "5000", "100"},
}  # fmt: skip


def test_every_amount_is_one_of_the_shops() -> None:
    text = "\n".join(template.text for template in ACCEPTED)
    for amount in re.findall(r"¥(\d+(?:,\d{3})*)", text):
        assert amount in FACTS["¥"]
    for amount in re.findall(r"(\d+)\s?元", text):
        assert amount in FACTS["元"]


def test_provenance_names_lines_of_the_shipped_logs() -> None:
    lengths = {c.id: len(c.turns) for c in read_logs([PACK / "logs"])}
    for template in ACCEPTED:
        for line in template.provenance:
            assert line.turn < lengths[line.conversation]
