"""The pack's templates behind a real encoder: questions in both languages find their answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.templates import build_index
from intents.reading.folder import read_assistant
from models.arrays import FloatArray
from models.encoders.export import export
from models.encoders.runtime import Encoder
from models.encoders.weights import resolve
from retrieval.logs import read_logs
from retrieval.mining.miner import mine
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.search.index import Query, TemplateIndex
from retrieval.templates import read_templates

PACK = Path(__file__).parents[2] / "intents" / "packs" / "retail"

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("encoder") / "e5"
    export(resolve("e5-mul"), folder)
    return Encoder.load(folder)


@pytest.fixture(scope="module")
def index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> TemplateIndex:
    folder = tmp_path_factory.mktemp("index")

    def encode(texts: Sequence[str]) -> FloatArray:
        return encoder.encode(texts).sentence

    TemplateIndex.build(read_templates(PACK / "templates" / "accepted.jsonl"), encode).save(folder)
    return TemplateIndex.load(folder)


@pytest.fixture(scope="module")
def whole(encoder: Encoder) -> TemplateIndex:
    """The index as a release has it: the operators' templates and the mined ones."""
    assistant = read_assistant(PACK)
    return build_index(assistant, PACK, lambda texts: encoder.encode(texts).sentence)


@pytest.mark.parametrize(
    ("text", "language", "intent", "named"),
    [
        ("how much is shipping", "en", "shipping_cost", ""),
        ("how much is shipping to lhasa", "en", "shipping_cost", "lhasa"),
        ("where can I pick it up in Chengdu", "en", "pickup_point", "chengdu"),
        ("how long is the warranty", "en", "warranty_info", ""),
        ("运费怎么算", "zh", "shipping_cost", ""),
        ("寄香港运费多少", "zh", "shipping_cost", "香港"),
        ("能分期吗", "zh", "installment", ""),
    ],
)
def test_answers_about_one_thing_are_for_those_who_name_it(
    encoder: Encoder, whole: TemplateIndex, text: str, language: str, intent: str, named: str
) -> None:
    query = Query(
        text,
        encoder.encode([text]).sentence[0],
        language,
        intents=frozenset({intent}),
        slots=frozenset(),
    )
    best = whole.search(query, 1)[0].template
    assert not best.about or any(named in group for group in best.about), best


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("can you wrap it as a present", "en", "utter_gift_wrap"),
        ("do you take american express cards", "en", "utter_payment_methods"),
        ("do my points expire at some time", "en", "utter_membership_points"),
        ("寄台湾运费多少钱", "zh", "utter_shipping_cost"),
        ("银卡会员有什么好处", "zh", "utter_membership_points"),
        ("成都在哪里可以自提", "zh", "utter_pickup_point"),
    ],
)
def test_new_wordings_find_their_answer(
    encoder: Encoder, index: TemplateIndex, text: str, language: str, name: str
) -> None:
    query = Query(text, encoder.encode([text]).sentence[0], language)
    assert index.search(query, 1)[0].template.name == name


def test_coverage_is_lower_for_what_nobody_answered(encoder: Encoder, index: TemplateIndex) -> None:
    def covered(text: str, language: str) -> float:
        return index.coverage(Query(text, encoder.encode([text]).sentence[0], language))

    known = [covered("can you wrap my order as a gift", "en"), covered("寄香港要多少钱", "zh")]
    unknown = [
        covered("who won the world cup in 1998", "en"),
        covered("帮我写一首关于海的诗", "zh"),
    ]
    assert min(known) > max(unknown)


def test_mining_the_shipped_logs_leaves_no_personal_data(encoder: Encoder) -> None:
    redactor = Redactor.packaged(Rules.read(PACK / "templates" / "redaction.json"))
    logs = [PACK / "logs" / "en-01.jsonl", PACK / "logs" / "zh-01.jsonl"]
    mined = mine(read_logs(logs), lambda t: encoder.encode(t).sentence, redactor=redactor)
    assert len(mined.proposals) > 50
    assert {p.template.language for p in mined.proposals} == {"en", "zh"}
    for template in (proposal.template for proposal in mined.proposals):
        for text in (*template.questions, *(line.text for line in template.provenance)):
            assert redactor.redact(text)[0] == text
