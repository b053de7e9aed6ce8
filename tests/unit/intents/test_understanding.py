import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.examples import OUT_OF_SCOPE, Example
from intents.parse import FALLBACK
from intents.settings import PatternSettings
from intents.understanding import LONGEST, Understanding
from intents.values.patterns import EntityRules
from models.errors import ReleaseAltered
from tests.unit.intents.hashing import HashingEncoder, example_lines, release_at

RULES = EntityRules(
    patterns={"order_id": PatternSettings((r"HL\d{8}",), (r"\d{8}",))},
    slots={"order": ("order_id",)},
)


@pytest.fixture(scope="module")
def understanding(tmp_path_factory: pytest.TempPathFactory) -> Understanding:
    odd = [Example(f"moon cat {i} {w}", OUT_OF_SCOPE) for i in range(6) for w in ("war", "tree")]
    release = release_at(tmp_path_factory.mktemp("r") / "release", [*example_lines(), *odd], RULES)
    return Understanding.load(release.folder, encoder=HashingEncoder())  # type: ignore[arg-type]


def test_sure_line_is_accepted_with_its_entities(understanding: Understanding) -> None:
    (parse,) = understanding.parse(["please order status package HL12345678"])
    assert parse.intent == "order_status"
    assert parse.decision == "accept"
    assert parse.options == ()
    assert [(e.entity, e.start, e.end) for e in parse.entities] == [("order_id", 28, 38)]
    assert sum(share for _, share in parse.ranking) == pytest.approx(1, abs=1e-4)
    assert len(parse.ranking) == len(understanding.labels)


def test_order_is_kept_in_one_encoder_pass(understanding: Understanding) -> None:
    encoder = understanding.encoder
    before = len(encoder.encoded)  # type: ignore[attr-defined]
    texts = ["hello morning hey", "refund money back", "invoice tax bill"]
    assert [p.intent for p in understanding.parse(texts)] == ["greet", "refund", "invoice"]
    assert len(encoder.encoded) - before == 3  # type: ignore[attr-defined]


def test_rejected_line_gets_fallback_first_and_keeps_the_ranking(
    understanding: Understanding,
) -> None:
    (parse,) = understanding.parse(["zebra quantum violin harpsichord"])
    if parse.decision != "reject":
        pytest.fail(f"{parse}")
    rasa = parse.as_rasa()
    assert rasa["intent"]["name"] == FALLBACK
    assert rasa["intent_ranking"][0]["name"] == FALLBACK
    assert [r["name"] for r in rasa["intent_ranking"][1:]] == [name for name, _ in parse.ranking]
    assert rasa["intent"]["confidence"] == pytest.approx(parse.out_of_scope, abs=1e-5)
    json.dumps(rasa)


def test_own_out_of_scope_intent_comes_back_like_any_other(understanding: Understanding) -> None:
    (parse,) = understanding.parse(["moon cat 3 war"])
    assert (parse.intent, parse.decision) == (OUT_OF_SCOPE, "accept")
    assert parse.as_rasa()["intent"]["name"] == OUT_OF_SCOPE


def test_clarify_offers_two_to_three_intents(understanding: Understanding) -> None:
    (parse,) = understanding.parse(["order refund status money"])
    if parse.decision == "clarify":
        assert 2 <= len(parse.options) <= 3
        assert OUT_OF_SCOPE not in parse.options
        assert parse.options[0] == next(n for n, _ in parse.ranking if n != OUT_OF_SCOPE)


def test_requested_slot_opens_looser_patterns(understanding: Understanding) -> None:
    free, asked = understanding.parse(["12345678", "12345678"], [None, "order"])
    assert free.entities == ()
    assert [e.entity for e in asked.entities] == ["order_id"]
    (several,) = understanding.parse(["12345678"], [("other", "order")])
    assert [e.entity for e in several.entities] == ["order_id"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_blank_text_is_rejected_without_entities(understanding: Understanding, text: str) -> None:
    (parse,) = understanding.parse([text])
    assert (parse.decision, parse.ranking, parse.entities) == ("reject", (), ())
    assert parse.as_rasa()["intent"]["name"] == FALLBACK


def test_long_text_is_cut_and_kept_as_given(understanding: Understanding) -> None:
    text = "hello " * 20_000
    (parse,) = understanding.parse([text])
    assert parse.text == text
    assert len(understanding.encoder.encoded[-1]) == LONGEST  # type: ignore[attr-defined]


def test_nothing_to_parse(understanding: Understanding) -> None:
    assert understanding.parse([]) == []


def test_nearest_lines_explain_a_parse(understanding: Understanding) -> None:
    (parse,) = understanding.parse(["hello hey morning"])
    near = understanding.nearest(parse.vector, 3)
    assert [n.intent for n in near] == ["greet"] * 3
    assert near[0].similarity >= near[1].similarity
    assert example_lines()[near[0].index].text == near[0].text


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(), max_size=200))
def test_any_text_is_parsed(understanding: Understanding, text: str) -> None:
    (parse,) = understanding.parse([text])
    assert parse.text == text
    assert parse.decision in ("accept", "clarify", "reject")
    assert 0 <= parse.out_of_scope <= 1
    for entity in parse.entities:
        assert 0 <= entity.start < entity.end <= len(text)


def test_altered_release_is_not_loaded(tmp_path: Path) -> None:
    release = release_at(tmp_path / "r", example_lines(6))
    (release.folder / "thresholds.json").write_text("{}")
    with pytest.raises(ReleaseAltered):
        Understanding.load(release.folder, encoder=HashingEncoder())  # type: ignore[arg-type]
    with pytest.raises(ReleaseAltered, match="Train again"):
        Understanding.load(release.folder, encoder=HashingEncoder(), verify=False)  # type: ignore[arg-type]


def test_serving_loads_neither_torch_nor_sklearn() -> None:
    code = (
        "import sys, intents.understanding, intents.refit, intents.evaluation, intents.store\n"
        "print(sorted({'torch', 'sklearn', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
