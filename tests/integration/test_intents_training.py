"""Training to a release with the real encoder, and serving from it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from intents.evaluation import evaluate
from intents.examples import Example
from intents.reading.datasets import read_dataset
from intents.reading.folder import read_assistant
from intents.refit import refit_with_report
from intents.release import Release
from intents.store import ReleaseStore
from intents.training.training import train
from intents.understanding import Understanding
from intents.writing.edits import add_intent
from models.errors import DataError, ReleaseError

pytestmark = pytest.mark.weights

NLU = """\
version: "3.1"
nlu:
- intent: track
  examples: |
    - where is my parcel
    - has order [HL20418376](order_id) been sent
    - when will my package arrive
    - my delivery is late, where is it
    - track [HL55512345](order_id) for me please
    - no parcel yet, what is going on
    - is my shipment still in [Shanghai](city)
- intent: refund
  examples: |
    - I want my money back
    - how long does a refund take
    - the refund has not arrived
    - please refund order [HL11112222](order_id)
    - when do you pay me back
    - give me a refund for the broken lamp
    - return my payment
- intent: greet
  examples: |
    - hello
    - hi there
    - good morning
    - hey, anybody there
    - good evening to you
    - hello from [Chengdu](city)
    - hi
"""
DOMAIN = """\
version: "3.1"
intents: [track, refund, greet]
entities: [order_id, city]
slots:
  order:
    type: text
    mappings:
    - type: from_entity
      entity: order_id
responses:
  utter_greet:
  - text: Hello
"""
SETTINGS = "languages: [en]\npatterns:\n  order_id: 'HL\\d{8}'\n"
MOODS = [("this is wonderful, thank you", "positive"), ("great service", "positive"),
         ("so happy with it", "positive"), ("this is terrible", "negative"),
         ("worst shop ever, I am angry", "negative"), ("what a disappointment", "negative"),
         ("where is the shop", "neutral"), ("which sizes are there", "neutral"),
         ("is it made of cotton", "neutral")]  # fmt: skip
CARD = ["do you sell gift cards", "I want to buy a gift card", "gift card for a friend",
        "can I get a voucher card as a present", "how do gift cards work"]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("assistant")
    for name, text in (("domain.yml", DOMAIN), ("nlu.yml", NLU), ("frontdesk.yml", SETTINGS)):
        (root / name).write_text(text, encoding="utf-8")
    (root / "data").mkdir()
    rows = [json.dumps({"text": text, "sentiment": mood}) for text, mood in MOODS]
    (root / "data" / "sentiment.jsonl").write_text("\n".join(rows), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def release(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    assistant = read_assistant(folder)
    out = tmp_path_factory.mktemp("out") / "release"
    return train(assistant.examples, out, mode="head", assistant=assistant, seed=1)


def test_release_is_complete_and_says_what_it_is(release: Release, folder: Path) -> None:
    release.verify()
    for name in (
        "encoder/model.onnx",
        "intent.npz",
        "tagger.npz",
        "mood.npz",
        "thresholds.json",
        "examples.npz",
        "examples.jsonl",
        "assistant/domain.yml",
        "MODEL_CARD.md",
    ):
        assert release.has(name), name
    assert release.facts.labels == ("greet", "refund", "track")
    assert release.facts.encoder["name"] == "minilm-en"
    assert release.facts.entity_types == ("city", "order_id")
    figures = json.loads(release.path("evaluation.json").read_text())
    assert figures["intent"]["accuracy"] > 0.7
    card = release.path("MODEL_CARD.md").read_text()
    assert "minilm-en" in card
    assert "no test line was used" in card


def test_messages_are_understood(release: Release) -> None:
    understanding = Understanding.load(release.folder)
    parses = understanding.parse(
        ["where is my parcel HL12345678?", "I'd like a refund please", "hi", "so angry with you"]
    )
    assert [p.intent for p in parses[:3]] == ["track", "refund", "greet"]
    (order,) = parses[0].entities
    assert (order.entity, order.value, order.start, order.end) == ("order_id", "HL12345678", 19, 29)
    assert parses[3].sentiment == "negative"
    assert understanding.nearest(parses[0].vector)[0].intent == "track"


def test_evaluation_has_every_block(release: Release, folder: Path) -> None:
    odd = [
        Example("how do I bake bread", "out_of_scope"),
        Example("who won the war", "out_of_scope", urgency="normal"),
    ]
    found = evaluate(Understanding.load(release.folder), [*read_assistant(folder).examples, *odd])
    assert found["intent"]["accuracy"] > 0.9
    assert all(found[block] is not None for block in found)
    json.dumps(found, allow_nan=False)


def test_live_change_takes_the_new_intent_in(
    release: Release, folder: Path, tmp_path: Path
) -> None:
    store = ReleaseStore(tmp_path / "home")
    parent = store.add(release.folder)
    serving = Understanding.load(parent.folder)
    add_intent(folder, "gift_card", CARD)
    started = time.monotonic()
    made = refit_with_report(parent, folder, store, encoder=serving.encoder)
    assert time.monotonic() - started < 5
    fresh = Understanding.load(made.release.folder, encoder=serving.encoder)
    assert fresh.parse(["can I buy a gift card"])[0].intent == "gift_card"
    assert serving.parse(["where is my parcel"])[0].intent == "track"
    assert made.release.path("encoder/model.onnx").samefile(parent.path("encoder/model.onnx"))


def test_same_seed_same_head(folder: Path, release: Release, tmp_path: Path) -> None:
    examples = [e for e in read_assistant(folder).examples if e.intent in ("track", "greet")]
    bare = [Example(e.text, e.intent) for e in examples]
    one = train(bare, tmp_path / "a", mode="head", seed=3)
    two = train(bare, tmp_path / "b", mode="head", seed=3)
    assert one.files["intent.npz"] == two.files["intent.npz"]
    assert not one.has("tagger.npz")
    again = train(bare, tmp_path / "a", mode="head", seed=4)
    assert again.id != one.id


def test_entities_alone_and_sentiment_alone_work(folder: Path, tmp_path: Path) -> None:
    marked = [e for e in read_assistant(folder).examples if e.entities is not None]
    only = [Example(e.text, None, e.entities) for e in marked]
    release = train(only, tmp_path / "entities", mode="head", language="en")
    understanding = Understanding.load(release.folder)
    (parse,) = understanding.parse(["hello from Chengdu"])
    assert (parse.ranking, parse.decision) == ((), "reject")
    found = evaluate(understanding, only)
    assert found["intent"] is None
    assert found["entities"]["f1"] is not None
    moods = [Example(text, sentiment=mood) for text, mood in MOODS]
    mood = train(moods, tmp_path / "mood", mode="head")
    assert evaluate(Understanding.load(mood.folder), moods)["sentiment"]["accuracy"] > 0.8


def test_tiny_and_odd_sets(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,intent\nhello,greet\nbye,leave\n,x\nhello,greet\n", encoding="utf-8")
    dataset = read_dataset([path])
    release = train(dataset.examples, tmp_path / "out", mode="head", problems=dataset.problems)
    figures = json.loads(release.path("evaluation.json").read_text())
    assert figures["left_out"][0]["line"] == 4
    assert figures["repeated"] == 1
    assert "greet (1)" in figures["warnings"][0]
    assert Understanding.load(release.folder).parse(["hello"])[0].intent == "greet"


def test_full_training_tunes_the_encoder(folder: Path, release: Release, tmp_path: Path) -> None:
    assistant = read_assistant(folder)
    tuned = train(assistant.examples, tmp_path / "full", mode="full", assistant=assistant)
    tuned.verify()
    assert tuned.facts.mode == "full"
    assert tuned.files["encoder/model.onnx"] != release.files["encoder/model.onnx"]
    figures = json.loads(tuned.path("evaluation.json").read_text())
    assert figures["fine_tune"]["history"]
    parses = Understanding.load(tuned.folder).parse(["where is my parcel", "refund please"])
    assert [p.intent for p in parses] == ["track", "refund"]


def test_nothing_to_learn_and_a_foreign_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing to learn"):
        train([Example("text")], tmp_path / "out", mode="head")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(ReleaseError, match="something else"):
        train([Example("a", "b")], tmp_path / "full", mode="head")
    assert [p.name for p in tmp_path.iterdir()] == ["full"]


def test_serving_a_release_loads_no_torch(release: Release) -> None:
    code = (
        "import sys\nfrom intents.understanding import Understanding\n"
        f"u = Understanding.load({str(release.folder)!r})\nu.parse(['hello'])\n"
        "print(sorted({'torch', 'sklearn', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
