"""The retail pack's graph says what its shop says, and answers what it is measured on."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from shop import Shop
from shop.seed import PRODUCTS

from benchmarks.bench_knowledge import NOW, VERDICTS, judge, questions
from bot.knowledge import ask, read_graph
from bot.responder import Responder
from models.filling.generator import TemplateFiller
from retrieval.knowledge.answer import Context
from retrieval.knowledge.graph import KnowledgeGraph
from retrieval.knowledge.knowledge import Knowledge
from retrieval.knowledge.prototypes import Prototypes

PACK = Path(__file__).parents[3] / "intents" / "packs" / "retail"


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    built = read_graph(PACK)
    assert built is not None
    assert built.problems == []
    return built.graph


@pytest.mark.parametrize("item", PRODUCTS, ids=lambda item: item.sku)
def test_the_graph_agrees_with_the_shop(graph: KnowledgeGraph, shop: Shop, item: object) -> None:
    sku = item.sku  # type: ignore[attr-defined]
    product = shop.product(sku)
    assert product is not None
    relations = graph.schema.relations
    assert graph.name(sku, "en") == product.name.en
    assert graph.name(sku, "zh") == product.name.zh
    assert graph.out(sku, relations["price"]) == (f"{product.price // 100}",)
    assert graph.out(sku, relations["warranty"]) == (f"{product.warranty_months}",)
    colours = {variant.color.en for variant in product.variants}
    assert set(graph.out(sku, relations["colour"])) == colours
    sizes = {f"size:{variant.size}" for variant in product.variants if variant.size}
    assert set(graph.out(sku, relations["size"])) == sizes


@pytest.mark.parametrize("language", ["en", "zh"])
def test_questions_are_answered_without_an_encoder(graph: KnowledgeGraph, language: str) -> None:
    nothing = Prototypes((), np.zeros((0, 0), np.float32), np.zeros(0, np.float32))
    known = Knowledge(graph, nothing)
    responder = Responder(TemplateFiller())
    live: Any = SimpleNamespace(knowledge=known, release="r1")
    counts = dict.fromkeys(VERDICTS, 0)
    for question in questions(language, "tune"):
        context = Context()
        for before in question.get("before", ()):
            context = ask(known, before, language, context, at=NOW.timestamp()).context
        reply = ask(known, question["text"], language, context, at=NOW.timestamp())
        counts[judge(question["expect"], reply, known)] += 1
        if reply.answer is not None:
            said = responder.tell(reply.as_json()["answer"], live)
            assert said is not None, question["text"]
            assert said.data["provenance"]["checked"]["passed"]
    assert counts["wrong"] + counts["claimed"] == 0
    assert counts["right"] > 10 * counts["silent"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_questions_are_enough_and_a_third_has_no_answer(language: str) -> None:
    asked = list(questions(language, None))
    assert len(asked) >= 120
    assert len({json.dumps([q["text"], q.get("before")]) for q in asked}) == len(asked)
    assert sum(q["expect"] is None for q in asked) >= len(asked) / 3
    assert sum(q["part"] == "kept" for q in asked) >= len(asked) / 3
