"""Learned fusion and its gate; replies that were given once."""

from __future__ import annotations

import numpy as np
import pytest

from models.learning.mixed import MixedSettings
from retrieval.replies import PARTS, Answered, ReplyRanker, draw, same
from retrieval.search.fusing import first_share, learn_fusion, ranks
from retrieval.situation import Situation
from tests.unit.retrieval.encoders import trigrams


def test_parts_that_know_different_things_are_joined() -> None:
    made = np.random.default_rng(0)
    parts = made.normal(size=(400, 10, 3)).astype(np.float32)
    parts[:, 0, 0] += 1
    parts[:, 0, 1] += 1
    fusion = learn_fusion(["one", "other", "noise"], parts)
    alone = max(first_share(parts[..., 0]), first_share(parts[..., 1]))
    assert first_share(fusion(parts)) > alone + 0.05
    assert abs(fusion.weights[2]) < 0.3 * fusion.weights[0]


def test_gate_leaves_the_best_part_alone_where_fusion_finds_less() -> None:
    made = np.random.default_rng(0)
    parts = made.normal(size=(6, 30, 12)).astype(np.float32)
    parts[:, 0, 3] = 9
    fusion = learn_fusion([f"p{i}" for i in range(12)], parts)
    assert first_share(fusion(parts)) == 1.0


@pytest.mark.parametrize("queries", [0, 1])
def test_too_few_queries_leave_one_part(queries: int) -> None:
    fusion = learn_fusion(["a", "b"], np.ones((queries, 3, 2), dtype=np.float32))
    assert fusion.single


def test_ties_share_their_ranks() -> None:
    scores = np.array([[2, 1, 0], [1, 1, 2], [0, 0, 0]], dtype=np.float32)
    assert ranks(scores).tolist() == [1.0, 2.5, 2.0]
    assert first_share(scores) == pytest.approx(1 / 3)


TOPICS = ["parcel", "refund", "voucher", "colour", "warranty", "invoice"]


def answered(number: int) -> Answered:
    topic = TOPICS[number % len(TOPICS)]
    text, reply = f"{topic} question {number}", f"about your {topic}: case {number // 12}"
    vector = trigrams([text])[0]
    return Answered(Situation(text, vector), reply, trigrams([reply])[0], f"c{number}")


LOG = [answered(number) for number in range(240)]


def test_drawn_replies_are_of_other_conversations_and_differ_from_the_right_one() -> None:
    texts = list({same(one.reply): one.reply for one in LOG}.values())
    chosen = draw(LOG, texts)
    assert (chosen == draw(LOG, texts)).all()
    for one, rows in zip(LOG, chosen, strict=True):
        assert texts[rows[0]] == one.reply
        assert one.reply not in {texts[row] for row in rows[1:]}
        assert len(set(rows)) == len(rows)


def test_ranker_learns_which_reply_belongs_to_which_question() -> None:
    settings = MixedSettings(hidden=16, epochs=12, batch=32, rate=1e-2, seeds=1, width=16)
    ranker = ReplyRanker.learn(LOG[:180], settings)
    parts = ranker.drawn(LOG[180:])
    assert parts.shape[2] == len(PARTS) == len(ranker.fusion.weights)
    fused = first_share(ranker.fusion(parts))
    assert fused >= max(first_share(parts[..., f]) for f in range(len(PARTS))) - 0.05
    texts = [f"about your {topic}" for topic in TOPICS]
    scores = ranker.scores(LOG[1].situation, ranker.replies(texts, trigrams(texts)))
    assert texts[int(scores.argmax())] == "about your refund"
