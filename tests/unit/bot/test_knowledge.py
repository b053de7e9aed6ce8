"""The graph in the service: in a release, in the tracker, decided for, spoken."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bot.commands.knowledge import check
from bot.events import Event
from bot.knowledge import (
    Heard,
    best_kept,
    load_knowledge,
    look_up,
    problems_of,
    read_graph,
    release_files,
)
from bot.policy import KNOWLEDGE, decide
from bot.responder import Responder
from bot.tracker import Tracker
from intents.assistant import Assistant
from intents.dialogue.policy import Dialogue
from intents.release import Facts, Release, seal
from models.arrays import FloatArray
from models.errors import AssistantInvalid, BadRequest
from models.filling.generator import TemplateFiller
from retrieval.knowledge.knowledge import Knowledge
from tests.support.trackers import assistant_of
from tests.unit.retrieval.knowledge.catalogue import NOW, THINGS, written

QUESTION = "does the shell case for the X200 come in red?"


def encode(texts: Any) -> FloatArray:
    return np.ones((len(list(texts)), 4), np.float32) / 2


def release_of(folder: Path, assistant: Path) -> Release:
    """A release that holds nothing but the graph of ``assistant``."""
    work = folder.with_name(folder.name + "-work")
    for name, source in release_files(assistant, encode, work).items():
        assert source is not None
        for path in source.rglob("*") if source.is_dir() else [source]:
            inner = name + path.relative_to(source).as_posix() if source.is_dir() else name
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            (folder / inner).write_bytes(path.read_bytes())
    return seal(folder, Facts(id="r1"))


@pytest.fixture
def assistant(tmp_path: Path) -> Path:
    written(tmp_path / "assistant" / "knowledge")
    return tmp_path / "assistant"


@pytest.fixture
def known(assistant: Path, tmp_path: Path) -> Knowledge:
    found = load_knowledge(release_of(tmp_path / "release", assistant))
    assert found is not None
    return found


def heard(text: str, known: Knowledge, tracker: Tracker, **parse: Any) -> dict[str, Any]:
    """What a message's parse holds after the graph was asked."""
    full = {"text": text, "intent": {"name": "info"}, "entities": [], "decision": "accept", **parse}
    message = Heard(text, "en", full, np.ones(4, np.float32), NOW.timestamp())
    return {**full, "knowledge": look_up(message, tracker.knowledge, known)}


def understood(parse: dict[str, Any], seq: int = 1) -> Event:
    return Event("understood", {"of": seq, "text": parse["text"], "language": "en", "parse": parse})


def test_a_release_holds_the_graph_and_the_files_it_was_made_of(
    assistant: Path, tmp_path: Path
) -> None:
    release = release_of(tmp_path / "release", assistant)
    assert release.has("knowledge/graph.nt")
    assert release.has("assistant/knowledge/schema.yml")
    same = release_files(assistant, encode, tmp_path / "again", release)
    assert set(same) == {n for n in release.files if n.startswith("assistant/")}
    written(assistant / "knowledge", things_csv=THINGS.replace("1999", "1888"))
    changed = release_files(assistant, encode, tmp_path / "changed", release)
    assert changed["knowledge/"] == tmp_path / "changed"


def test_an_assistant_without_a_graph_has_none(tmp_path: Path) -> None:
    assert read_graph(tmp_path) is None
    assert problems_of(tmp_path) == []
    assert release_files(tmp_path, encode, tmp_path / "work") == {"knowledge/": None}
    assert load_knowledge(Release(tmp_path, Facts(), {})) is None


def test_wrong_data_make_no_release(assistant: Path, tmp_path: Path) -> None:
    written(assistant / "knowledge", things_csv=THINGS + "X9,Y,Y,,,puce,,1,,\n")
    with pytest.raises(AssistantInvalid) as refused:
        release_files(assistant, encode, tmp_path / "work")
    [problem] = refused.value.problems
    assert (problem.file, problem.line) == ("knowledge/things.csv", 5)


def test_check_names_what_is_wrong_and_ends_accordingly(
    assistant: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = argparse.Namespace(path=assistant, json=False)
    assert check(given) == 0
    assert "0 errors" in capsys.readouterr().out
    written(assistant / "knowledge", things_csv=THINGS + "X9,Y,Y,,,puce,,1,,\n")
    assert check(given) == 1
    assert "knowledge/things.csv:5: error: expected" in capsys.readouterr().out
    given = argparse.Namespace(path=assistant, json=True)
    assert check(given) == 1
    assert json.loads(capsys.readouterr().out)["errors"] == 1
    (assistant / "knowledge" / "schema.yml").write_text("types: [", encoding="utf-8")
    assert check(given) == 1
    with pytest.raises(BadRequest, match=r"no knowledge graph"):
        check(argparse.Namespace(path=assistant / "knowledge", json=False))


def test_a_form_is_taken_up_again_after_a_question_to_the_graph(
    known: Knowledge, tmp_path: Path
) -> None:
    domain = "intents: [info]\nforms:\n  f: {required_slots: [a]}\nresponses: {}\n"
    form = Dialogue.of(assistant_of(tmp_path / "form", domain))
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(Event("active_loop", {"name": "f"}))
    tracker.apply(understood(heard(QUESTION, known, tracker)))
    assert decide(tracker, form).action == "f"
    tracker.apply(Event("action", {"name": "f", "policy": "form"}))
    tracker.apply(Event("action_execution_rejected", {"name": "f"}))
    assert decide(tracker, form).action == KNOWLEDGE
    tracker.apply(Event("action", {"name": KNOWLEDGE, "policy": "knowledge"}))
    assert decide(tracker, form).action == "f"


def test_the_policy_takes_the_graphs_answer_and_keeps_what_was_spoken_of(known: Knowledge) -> None:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(understood(heard(QUESTION, known, tracker)))
    decision = decide(tracker, Dialogue.of(Assistant(Path())))
    assert (decision.action, decision.policy) == (KNOWLEDGE, "knowledge")
    assert "colour of C200" in decision.reason
    assert tracker.knowledge["groups"] == [["C200"]]
    restored = Tracker.restore(tracker.snapshot())
    restored.apply(understood(heard("and in blue?", known, restored), 2))
    answer = restored.message.parse["knowledge"]["answer"]
    assert answer["truth"] is False
    restored.apply(Event("action", {"name": KNOWLEDGE, "policy": "knowledge"}))
    assert decide(restored, Dialogue.of(Assistant(Path()))).action == "action_listen"


def test_what_came_out_best_is_what_is_spoken_of_next(known: Knowledge, tmp_path: Path) -> None:
    domain = """
entities: [product, city]
slots:
  product: {type: text, mappings: [{type: from_entity, entity: product}]}
  city: {type: text, mappings: [{type: from_entity, entity: city}]}
"""
    shop = assistant_of(tmp_path / "shop", domain)
    tracker = Tracker.fresh("c", {}, "en")
    assert best_kept(tracker, shop, known) == []
    tracker.apply(understood(heard("which phone is the cheapest", known, tracker)))
    (kept,) = best_kept(tracker, shop, known)
    (best,) = tracker.knowledge["groups"][0]
    assert kept.data == {"name": "product", "value": known.graph.name(best, "en")}
    tracker.apply(understood(heard(QUESTION, known, tracker), 2))
    assert best_kept(tracker, shop, known) == []


def test_a_message_that_the_graph_is_silent_about_goes_the_usual_way(known: Knowledge) -> None:
    tracker = Tracker.fresh("c", {}, "en")
    tracker.apply(understood(heard("does the X200 break easily", known, tracker)))
    assert decide(tracker, Dialogue.of(Assistant(Path()))).policy == "retrieval"
    assert tracker.knowledge["groups"] == [["X200"]]


def test_a_reply_says_where_each_value_is_from(known: Knowledge) -> None:
    tracker = Tracker.fresh("c", {}, "en")
    answer = heard("how heavy is the X200", known, tracker)["knowledge"]["answer"]
    live: Any = SimpleNamespace(knowledge=known, release="r1")
    said = Responder(TemplateFiller()).tell(answer, live)
    assert said is not None
    assert said.data["text"] == "Comet X200: 0.2 kg"
    assert said.data["template"] == "graph:weight/value"
    assert said.data["release"] == "r1"
    provenance = said.data["provenance"]
    assert provenance["source"] == "graph"
    assert provenance["path"] == [{"from": "Comet X200", "by": "weight", "to": "0.2 kg"}]
    assert [value["source"] for value in provenance["values"]] == [
        "graph:X200/name",
        "graph:X200/weight/0.2 kg",
    ]


def test_words_that_cannot_be_used_are_not_said(known: Knowledge) -> None:
    tracker = Tracker.fresh("c", {}, "en")
    answer = heard(QUESTION, known, tracker)["knowledge"]["answer"]
    live: Any = SimpleNamespace(knowledge=known, release="r1")
    broken = {**answer, "template": "{nobody}"}
    assert Responder(TemplateFiller()).tell(broken, live) is None


def test_heard_is_plain(known: Knowledge) -> None:
    """Unknown entities, odd contexts and long texts are no trouble."""
    message = Heard("x" * 5000, "en", {"intent": {"name": None}}, np.ones(4, np.float32), 0.0)
    assert "answer" not in look_up(message, {"groups": 1}, known)
    parse = {"intent": {"name": "i"}, "entities": [{"start": 0, "end": 4, "entity": "none"}]}
    assert look_up(dataclasses.replace(message, text="X200", parse=parse), None, known)
