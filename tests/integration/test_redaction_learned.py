"""Redaction with the shipped weights: what no rule finds goes; a second pass changes nothing."""

from __future__ import annotations

import re
from itertools import islice

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.bench_redaction import caught
from benchmarks.redaction.lines import LANGUAGES, NUMBERS, WORDS, read
from benchmarks.redaction.ordinary import conversations
from retrieval.conversation import Conversation, Turn
from retrieval.redaction.learned import TRAINED, detector, packaged_detector
from retrieval.redaction.redactor import PASSES, Redactor
from retrieval.redaction.spans import MASK, Span


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    assert packaged_detector() is not None
    return Redactor.packaged()


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_that_the_weights_learned_from_are_caught(redactor: Redactor, language: str) -> None:
    lines = list(read(language, "unseen"))
    found = [redactor.redact(line.text)[1] for line in lines]
    marked = [(m, f) for line, f in zip(lines, found, strict=True) for m in line.marks]
    for kinds, least in ((NUMBERS, 0.97), (WORDS, 0.93)):
        of_kind = [caught(mark, spans) for mark, spans in marked if mark.kind in kinds]
        assert sum(of_kind) >= least * len(of_kind)
    assert sum(not spans for spans in found) >= len(lines) / 8, "many lines hold nothing personal"


def test_a_conversation_is_redacted_once_and_for_all(redactor: Redactor) -> None:
    said = (
        "evening, Oyelaran-Smythe here, the dresser never came",
        "Sorry to hear that! Where should it have gone?",
        "fern cottage, back lane. my wife bettany was in all day",
        "换个地址，放大槐树往北五十米那家，收货人热依汗",
    )
    turns = tuple(Turn("agent" if i == 1 else "customer", text) for i, text in enumerate(said))
    done = redactor.redact_conversation(Conversation("c", "en", turns))
    words = " ".join(turn.text for turn in done.turns).lower()
    for gone in ("oyelaran", "smythe", "fern cottage", "bettany", "大槐树", "热依汗"):
        assert gone not in words
    assert done.turns[1].text == said[1]
    assert redactor.redact_conversation(done) == done


def test_conversations_together_are_redacted_as_each_alone(redactor: Redactor) -> None:
    talks = list(islice(conversations(held_out=True), 12))
    assert len({turn.text for talk in talks for turn in talk.turns}) > 60
    together = redactor.redact_conversations(talks)
    alone = Redactor(learned=detector(TRAINED))
    assert together == [alone.redact_conversation(talk) for talk in talks]


PIECES = st.sampled_from(
    [
        "hi im", "Ottoline", "call", "07700 900 118", "my order", "HL20418376", "flat 3b", "Elm Rd",
        "是我的", "王小明", "地址", "幸福村", "订单", "{order_id}", "{customer_name_2}", "，", ". ",
        "#12-3", "\n", "Max", "iPhone 15", "🙂",
    ]
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@example(["Elm Rd", "¼", "07700 900 118"])  # the phone takes the road with it
@given(st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=9))
def test_redacting_what_is_redacted_changes_nothing(pieces: list[str]) -> None:
    redactor = Redactor.packaged()
    done, _ = redactor.redact(" ".join(pieces))
    assert redactor.redact(done) == (done, ())


def test_a_detector_that_never_rests_ends_with_nothing_left() -> None:
    looked: list[str] = []

    def restless(texts: list[str]) -> list[list[Span]]:
        looked.extend(texts)
        first = [re.search(rf"[^\s{MASK[1:-1]}]", text) for text in texts]
        return [[Span(*m.span(), "code")] if m else [] for m in first]

    text = "abcdefghij" * 5
    done, spans = Redactor(learned=restless).redact(text)  # type: ignore[arg-type]
    assert not re.search("[a-j]", re.sub(r"\{code(_\d+)?\}", "", done))
    assert len(looked) <= PASSES + 3
    assert spans[-1].end == len(text)
