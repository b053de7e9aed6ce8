"""Moods while serving, and the lines that ship."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from intents.examples import SENTIMENTS, URGENCIES, Example
from intents.moods import Mood, legible, read_moods
from intents.training.mood import Labelled, OwnLines, shipped_lines, spared_lines, with_copies
from models.encoders.runtime import Encoding
from models.mood import MoodHead

PACK_TESTS = Path(__file__).parents[3] / "intents" / "packs" / "retail" / "tests"


def _encoding(count: int, size: int = 6) -> Encoding:
    draw = np.random.default_rng(count)
    tokens = [draw.normal(size=(3, size)).astype(np.float32) for _ in range(count)]
    vectors = draw.normal(size=(count, size)).astype(np.float32)
    return Encoding(vectors, tokens, [np.zeros((3, 2), dtype=np.int64)] * count)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_shipped_lines_are_many_and_of_every_kind(language: str) -> None:
    lines = shipped_lines(language)
    assert len(lines) >= 600
    assert len({line.text.casefold() for line in lines}) == len(lines)
    assert all(line.sentiment in SENTIMENTS and line.urgency in URGENCIES for line in lines)
    tones = Counter(line.sentiment for line in lines)
    assert min(tones.values()) >= 120
    assert min(Counter(line.urgency for line in lines).values()) >= 60
    assert sum(line.sentiment == "neutral" and line.urgency == "high" for line in lines) >= 40


def test_lines_follow_the_language() -> None:
    assert len(shipped_lines("mul")) == len(shipped_lines("en")) + len(shipped_lines("zh"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_test_lines_are_none_of_them(language: str) -> None:
    rows = (PACK_TESTS / f"mood.{language}.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {json.loads(row)["text"].casefold() for row in rows}
    assert len(texts) == len(rows) >= 150
    assert not texts & {line.text.casefold() for line in shipped_lines("mul")}


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        ("where is it", ("en",), True),
        ("在哪", ("zh",), True),
        ("在哪", ("en",), False),
        ("где мой заказ", ("en", "zh"), False),
        ("ありがとうございました", ("en", "zh"), False),
        ("order 订单", ("en",), True),
        ("😡😡", ("en",), True),
        ("", ("en",), False),
        ("  \n", ("en",), False),
        ("?!", ("en",), False),
        ("4471", ("en",), False),
    ],
)
def test_only_what_can_be_read_is_judged(
    text: str, languages: tuple[str, ...], expected: bool
) -> None:
    assert legible(text, languages) is expected


def test_what_cannot_be_read_is_neutral_without_confidence() -> None:
    texts = ["great", "awful", "где", ""] * 5
    encoding = _encoding(20)
    labels = ["positive", "negative"] * 10
    head, _ = MoodHead.fit("sentiment", np.ones((20, 18), np.float32), texts, labels)
    found = read_moods({"sentiment": head}, ("en",), encoding, texts)
    assert found[2] == found[3] == Mood("neutral", 0.0, "normal", 0.0)
    assert found[0].sentiment == "positive"
    assert found[0].urgency_confidence == 0.0
    assert read_moods({}, ("en",), encoding, texts) == [Mood()] * 20


def test_own_lines_are_taken_as_they_pass_by() -> None:
    moods = ["negative", None, "positive", "neutral", None, "negative"]
    examples = [Example(f"line {i}", "a", None, mood) for i, mood in enumerate(moods)]
    own = OwnLines(examples)
    whole = _encoding(6)
    for start in (0, 4):
        part = slice(start, start + 4)
        own.take(start, Encoding(whole.sentence[part], whole.tokens[part], whole.offsets[part]))
    assert own.states.shape == (4, 18)
    np.testing.assert_allclose(own.states[3, 6:12], whole.tokens[5].mean(axis=0), rtol=1e-6)
    found = own.of("sentiment", np.arange(6) > 2)
    assert found.labels == ["negative", "positive", "neutral", "negative"]
    assert found.unseen.tolist() == [False, False, True, True]
    assert not own.of("urgency", np.ones(6, dtype=bool)).texts


def test_a_fine_tune_learns_tone_from_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intents.training.mood.MOST_TAUGHT", 3)
    examples = [Example(str(i), None, None, "neutral") for i in range(8)]
    examples += [Example("a", "greet", None, "neutral"), Example("b", None, (), "positive")]
    spared = spared_lines(examples, 0)
    assert spared.tolist() == spared_lines(examples, 0).tolist()
    assert spared[:8].sum() == 5
    assert not spared[8:].any()
    assert not spared_lines(examples[:3], 0).any()


def test_joined_lines_are_kept_once_with_the_first_label() -> None:
    one = _labelled(["Never again"], ["negative"], [0])
    two = _labelled(["never again ", "ok", "never agian", "ok 🙏"], ["neutral"] * 4, [0, 1, 0, 1])
    both = one + two
    assert both.texts == ["Never again", "ok", "ok 🙏"]
    assert both.labels == ["negative", "neutral", "neutral"]
    assert both.sources.tolist() == [0, 1, 1]
    assert both.states.shape == (3, 2)


def test_few_own_lines_count_for_more_and_copies_stay_with_their_lines() -> None:
    lines = _labelled(
        ["a", "b", "c", "b 🙏"], ["negative", "neutral", "positive", "neutral"], [0, 1, 2, 1]
    )
    twice = lines.within({"neutral", "positive"}).times(2)
    assert twice.texts == ["b", "c", "b 🙏"] * 2
    assert twice.labels == ["neutral", "positive", "neutral"] * 2
    assert twice.sources.tolist() == [0, 1, 0] * 2
    assert not lines.within(()).texts


def test_lines_about_nothing_else_tell_which_classes_there_are() -> None:
    def classes(count: int, intent: str | None = None) -> frozenset[str]:
        kinds = ("negative", "positive")
        examples = [Example(str(i), intent, None, kinds[i % 2]) for i in range(count)]
        return OwnLines(examples).classes("sentiment")

    assert classes(20) == {"negative", "positive"}
    assert classes(19) == classes(40, "complain") == {"negative", "neutral", "positive"}
    alone = OwnLines([Example(str(i), None, None, "negative") for i in range(30)])
    assert len(alone.classes("sentiment")) == 3


def _labelled(texts: list[str], labels: list[str], sources: list[int]) -> Labelled:
    count = len(texts)
    states = np.zeros((count, 2), dtype=np.float32)
    return Labelled(texts, labels, states, np.ones(count, dtype=bool), np.array(sources))


def test_copies_are_the_same_every_time_and_name_their_source() -> None:
    texts = [line.text for line in shipped_lines("zh")][:40]
    copied, sources = with_copies(texts)
    assert (copied[:40], len(copied)) == (texts, 50)
    assert sources[40:].tolist() == list(range(0, 40, 4))
    assert with_copies(texts)[0] == copied
    assert all(copied[i].startswith(texts[sources[i]]) for i in range(50))
