"""The classifier over responses, and how the index decides what it counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.arrays import FloatArray
from retrieval.answer_head import enough
from retrieval.index import Query, TemplateIndex
from retrieval.leave_out import Trial, choose
from retrieval.templates import Template
from tests.unit.retrieval.encoders import trigrams

TOPICS = ["parcel", "refund", "voucher", "colour", "warranty"]
FRAMES = ["where is my {}", "tell me about the {}", "{} please", "i need help with a {}"]
EXTRA = ["now", "today", "again", "quickly", "for my sister", "as well"]


def topical() -> list[Template]:
    return [
        Template(
            topic, f"utter_{topic}", "en", f"Here is all on that, number {number}.",
            questions=tuple(f.format(topic) + " " + e for f in FRAMES for e in EXTRA),
        )
        for number, topic in enumerate(TOPICS)
    ]  # fmt: skip


def test_head_is_kept_where_it_finds_more(tmp_path: Path) -> None:
    made = np.random.default_rng(0)
    noise: dict[str, FloatArray] = {}

    def vague(texts: list[str]) -> FloatArray:
        """Vectors that say little, so that nearest questions mislead."""
        for text in texts:
            noise.setdefault(text, made.normal(size=96).astype(np.float32) * 0.2)
        rows = trigrams(texts) * 0.2 + np.stack([noise[text] for text in texts])
        vectors: FloatArray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return vectors

    index = TemplateIndex.build(topical(), vague)  # type: ignore[arg-type]
    assert index.head is not None
    assert index.fusion.learned > 0
    index.save(tmp_path)
    loaded = TemplateIndex.load(tmp_path)
    asked = "about that refund of mine"
    for one in (index, loaded):
        hits = one.search(Query(asked, vague([asked])[0], "en"), 2)
        assert hits[0].template.id == "refund"
        assert hits[0].learned > hits[1].learned
    assert loaded.without(["refund"]).search(Query(asked, vague([asked])[0], "en"))


def test_few_questions_are_no_reason_for_a_head() -> None:
    assert not enough([{"a"}, {"b"}] * 20)
    assert not enough([{"a"}] * 200)
    assert enough([{"a"}, {"b"}] * 100)


def _trial(dense: list[float], lexical: list[float], learned: list[float]) -> Trial:
    arrays = [np.array(values, dtype=np.float32) for values in (dense, lexical, learned)]
    return Trial(arrays[0], arrays[1], arrays[2], np.ones(2, bool), np.array([True, False]))


def test_usual_weights_stay_unless_others_find_clearly_more() -> None:
    clear = _trial([0.9, 0.1], [0.9, 0.1], [0.5, 0.5])
    misled = _trial([0.9, 0.1], [0.0, 1.0], [0.0, 1.0])
    taught = _trial([0.5, 0.6], [0.5, 0.5], [1.0, 0.0])
    assert choose([], 0.5) == (0.5, 0.0)
    assert choose([clear, misled], 0.5) == (0.5, 0.0)
    assert choose([clear, taught], 0.5) == (0.5, 1.0)
    assert choose([misled] + [_trial([0.6, 0.5], [0.0, 1.0], [0.0, 0.0])] * 3, 0.5)[0] < 0.5


def test_other_languages_are_never_right() -> None:
    trial = Trial(*[np.ones(2, np.float32)] * 3, np.array([False, True]), np.array([True, False]))
    assert trial.score(1.0, 1.0).tolist() == [-np.inf, 3.0]
