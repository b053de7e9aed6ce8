"""The packaged encoders: whole, equal to their torch models, and in reach of a small machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.encoders.export import agreement, export, mean_cosine
from models.encoders.runtime import Encoder
from models.encoders.weights import Weights, packaged, resolve
from models.errors import WeightsMissing
from models.intent_head import IntentHead
from models.learning.encoder import TorchEncoder
from models.learning.tagger import TaggedLine, TaggerSettings, train_tagger
from models.tagger import Span

pytestmark = pytest.mark.weights

ENGLISH = {
    "track": [
        "Where is my parcel?",
        "has my order shipped yet",
        "the tracking page has not moved for days",
        "when will my package arrive",
        "my delivery is late, where is it",
        "can you track order A-2001 for me",
    ],
    "refund": [
        "I want my money back",
        "how do I get a refund",
        "please refund the blue jacket",
        "when is the refund paid out",
        "you still owe me 30 euros for the return",
        "refund has not reached my card",
    ],
    "human": [
        "let me talk to a person",
        "I need a real human please",
        "agent",
        "connect me with your staff",
        "stop this bot, I want somebody to help",
        "can someone call me",
    ],
}
CHINESE = {
    "track": [
        "我的快递到哪了",
        "订单发货了吗",
        "物流三天没更新了",
        "包裹什么时候能到",
        "怎么还没送到",
        "帮我查一下 A-2001 的物流",
    ],
    "refund": [
        "我要退款",
        "怎么申请退钱",
        "蓝色那件帮我退了",
        "退款什么时候到账",
        "退货的钱还没给我",
        "银行卡没收到退款",
    ],
    "human": [
        "转人工",
        "我要找真人客服",
        "有人吗，不要机器人",
        "帮我接一下客服人员",
        "叫个人来跟我说",
        "能不能给我打个电话",
    ],
}
LINES = {"minilm-en": ENGLISH, "e5-mul": CHINESE}


@pytest.fixture(scope="module", params=packaged())
def weights(request: pytest.FixtureRequest) -> Weights:
    try:
        return resolve(request.param)
    except WeightsMissing as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def serving(weights: Weights, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("serving") / weights.name
    export(weights, folder)
    return Encoder.load(folder)


def examples(weights: Weights) -> tuple[list[str], list[str]]:
    pairs = [(text, name) for name, texts in LINES[weights.name].items() for text in texts]
    return [text for text, _ in pairs], [name for _, name in pairs]


def test_the_served_encoder_equals_the_torch_model(weights: Weights, serving: Encoder) -> None:
    texts, names = examples(weights)
    reference = TorchEncoder.from_weights(weights).encode(texts)
    served = serving.encode(texts)
    assert mean_cosine(reference.sentence, served.sentence) > 0.999
    for ours, theirs in zip(served.offsets, reference.offsets, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    head = IntentHead.fit(reference.sentence, names)
    decisions = [head.logits(e.sentence).argmax(axis=1).tolist() for e in (reference, served)]
    assert agreement(*decisions) == 1.0


def test_lines_of_one_intent_lie_closer_than_others(weights: Weights, serving: Encoder) -> None:
    texts, names = examples(weights)
    x = serving.encode(texts).sentence
    hits = []
    for left_out in range(len(texts)):
        kept = [i for i in range(len(texts)) if i != left_out]
        head = IntentHead.fit(x[kept], [names[i] for i in kept])
        hits.append(head.labels[int(head.logits(x[[left_out]]).argmax())] == names[left_out])
    assert np.mean(hits) >= 0.8


def test_a_line_does_not_depend_on_its_batch(weights: Weights, serving: Encoder) -> None:
    texts, _ = examples(weights)
    together = serving.encode([*texts, "x" * 300]).sentence[: len(texts)]
    alone = np.concatenate([serving.encode([text]).sentence for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-4)


@pytest.mark.parametrize(
    "text", ["", " ", "😀👍", "مرحبا بكم", "\u202eabc", "a" * 100_000, "\x00\x01", "\ud83d", "ﷺ㎏"]
)
def test_odd_text_gives_finite_vectors(serving: Encoder, text: str) -> None:
    encoding = serving.encode([text])
    assert np.isfinite(encoding.sentence).all()
    assert all(0 <= a < b <= len(text) for a, b in encoding.offsets[0])


def test_the_bilingual_vocabulary_reads_chinese_english_and_emoji(tmp_path: Path) -> None:
    weights = resolve("e5-mul")
    encoder = TorchEncoder.from_weights(weights)
    (line,) = encoder.tokenizer.encode(["退款怎么还没到账？refund please 😀 ￥１２３"])
    unknown = 3
    assert unknown not in line.ids.tolist()
    assert weights.languages == ("zh", "en")


def test_the_tagger_finds_exact_characters_inside_chinese_pieces(
    weights: Weights, serving: Encoder
) -> None:
    cities = ["北京", "上海", "广州", "杭州", "成都", "武汉", "南京", "苏州", "天津", "重庆"]
    if weights.name == "minilm-en":
        cities = ["Berlin", "Paris", "Rome", "London", "Madrid", "Vienna", "Oslo", "Prague", "Bonn"]
    shapes = (
        ["寄到{}可以吗", "我在{}，要多久"]
        if weights.name == "e5-mul"
        else [
            "can you ship to {} please",
            "I live in {}, how long",
        ]
    )
    marked = [(shape.format(city), shape.index("{}"), city) for shape in shapes for city in cities]
    texts = [text for text, _, _ in marked]
    encoding = serving.encode(texts)
    spans = [((at, at + len(city), "city"),) for _, at, city in marked]
    lines = [
        TaggedLine(*parts)
        for parts in zip(encoding.tokens, encoding.offsets, texts, spans, strict=True)
    ]
    held = {0, len(cities) + 1}
    train = [line for i, line in enumerate(lines) if i not in held]
    tagger, _ = train_tagger(train, TaggerSettings(epochs=24, batch=4))
    for i in held:
        found: list[Span] = tagger.decode(lines[i].tokens, lines[i].offsets, lines[i].text)
        assert [(s.start, s.end, s.label) for s in found] == list(spans[i])
