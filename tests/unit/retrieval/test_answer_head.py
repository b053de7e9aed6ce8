"""The classifier over responses, and how the index decides what it counts."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.arrays import FloatArray
from retrieval.search.corpus import Corpus
from retrieval.search.index import Query, TemplateIndex
from retrieval.search.leave_out import LEARNED, Trial, choose, likeliest
from retrieval.search.lessons import MOST, Lessons
from retrieval.search.projection import Projection
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


def _lessons(questions: int, responses: int) -> Lessons:
    templates = [
        Template(f"t{n}", f"utter_{n}", "en", f"answer {n}", questions=tuple(
            f"question {number} of {n}" for number in range(questions // responses)
        ))
        for n in range(responses)
    ]  # fmt: skip
    corpus = Corpus(templates)
    return Lessons(templates, corpus, np.zeros((len(corpus.texts), 2), np.float32))


def test_few_questions_are_no_reason_for_a_head() -> None:
    assert not _lessons(40, 2).enough
    assert not _lessons(200, 1).enough
    assert not _lessons(200, 100).enough
    assert _lessons(200, 2).enough


def test_many_questions_are_learned_from_in_part_and_every_response_in_some() -> None:
    many = _lessons(MOST + 1000, 50)
    assert len(many.questions) <= MOST
    assert {name for names in many.questions.values() for name in names} == {
        f"utter_{n}" for n in range(50)
    }


def test_questions_of_one_answer_come_nearer_by_the_learned_projection() -> None:
    made = np.random.default_rng(1)
    topic = {name: made.normal(size=24).astype(np.float32) for name in TOPICS}
    habit = made.normal(size=24).astype(np.float32) * 2
    vectors: dict[str, FloatArray] = {}

    def encode(texts: list[str]) -> FloatArray:
        """A topic each, and a manner of asking that says nothing of it."""
        for text in texts:
            own = next((vector for name, vector in topic.items() if name in text), habit)
            vectors.setdefault(text, own + habit * np.float32(made.normal()))
        rows = np.stack([vectors[text] for text in texts])
        found: FloatArray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return found

    index = TemplateIndex.build(topical(), encode)  # type: ignore[arg-type]
    assert index.projection.matrix is not None
    plain = Projection(index.projection.mean)
    asked = [f.format(name) + " now" for name in TOPICS for f in FRAMES]
    same = np.repeat(np.arange(len(TOPICS)), len(FRAMES))
    pairs = same[:, None] == same[None]

    def gap(projection: Projection) -> float:
        cosines = projection(encode(asked)) @ projection(encode(asked)).T
        return float(cosines[pairs].mean() - cosines[~pairs].mean())

    assert gap(index.projection) > gap(plain) + 0.05


def _trial(dense: list[float], lexical: list[float], learned: list[float]) -> Trial:
    arrays = [np.array(values, dtype=np.float32) for values in (dense, lexical, learned)]
    return Trial(arrays[0], arrays[1], arrays[2], np.ones(2, bool), np.array([True, False]))


def test_usual_weights_stay_unless_others_find_clearly_more() -> None:
    clear = _trial([0.9, 0.1], [0.9, 0.1], [0.5, 0.5])
    misled = _trial([0.9, 0.1], [0.0, 1.0], [0.0, 1.0])
    taught = _trial([0.5, 0.6], [0.5, 0.5], [1.0, 0.0])
    assert choose([], 0.5) == (0.5, 0.0)
    assert choose([clear, misled], 0.5) == (0.5, 0.0)
    assert 0.1 < choose([clear, taught], 0.5)[1] <= LEARNED
    assert choose([misled] + [_trial([0.6, 0.5], [0.0, 1.0], [0.0, 0.0])] * 3, 0.5)[0] < 0.5


def test_weights_are_those_under_which_right_answers_are_likeliest() -> None:
    made = np.random.default_rng(0)
    asked = []
    for _ in range(400):
        dense, lexical, learned = made.uniform(size=(3, 12)).astype(np.float32)
        chance = np.exp(12 * (dense + 0.3 * lexical + 1.5 * learned))
        right = np.arange(12) == made.choice(12, p=chance / chance.sum())
        asked.append(Trial(dense, lexical, learned, np.ones(12, bool), right))
    lexical_weight, learned_weight = likeliest(asked, 0.5)
    assert abs(lexical_weight - 0.3) < 0.15
    assert abs(learned_weight - 1.5) < 0.3


def test_questions_whose_answer_nothing_else_leads_to_say_nothing_of_weights() -> None:
    lost = Trial(
        np.array([-np.inf, 0.4], np.float32), *[np.zeros(2, np.float32)] * 2,
        np.ones(2, bool), np.array([True, False]),
    )  # fmt: skip
    assert choose([lost], 0.5) == (0.5, 0.0)


def test_other_languages_are_never_right() -> None:
    trial = Trial(*[np.ones(2, np.float32)] * 3, np.array([False, True]), np.array([True, False]))
    assert trial.score(1.0, 1.0).tolist() == [-np.inf, 3.0]
