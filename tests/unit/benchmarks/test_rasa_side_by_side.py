from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmarks.rasa_side_by_side.load import medians, parsing, talking
from benchmarks.rasa_side_by_side.projects import Project, _runnable, _without_lines
from benchmarks.rasa_side_by_side.scoring import scores
from benchmarks.rasa_side_by_side.sides import family, memory, processor_seconds
from benchmarks.rasa_side_by_side.table import table
from intents.examples import Entity, Example
from intents.reading.yamlfile import load


def parsed(*names: str, entities: tuple[tuple[int, int, str], ...] = ()) -> dict[str, Any]:
    return {
        "intent": {"name": names[0]},
        "intent_ranking": [{"name": name} for name in names],
        "entities": [{"start": s, "end": e, "entity": kind} for s, e, kind in entities],
    }


def test_likeliest_intent_counts_and_entities_by_exact_span_of_marked_types() -> None:
    wanted = [
        Example("to Rome", "travel", (Entity(3, 7, "city", "Rome"),)),
        Example("hi", "greet", ()),
        Example("bye", "bye"),
    ]
    given = [
        parsed("travel", entities=((3, 7, "city"), (0, 2, "number"))),
        parsed("nlu_fallback", "greet", entities=((0, 2, "city"),)),
        parsed("greet", "bye"),
    ]
    found = scores(wanted, given)
    assert found["intent_accuracy"] == 0.6667
    assert (found["rejected"], found["rejected_though_right"]) == (1, 1)
    assert (found["entity_precision"], found["entity_recall"]) == (0.5, 1.0)
    assert found["entity_f1"] == 0.6667


def test_what_cannot_run_is_left_out_and_nothing_else(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text(
        "language: en\npipeline:\n  - name: DIETClassifier\n    epochs: 100\n"
        "  - name: SpacyNLP\n    model: en\npolicies:\n  - name: RulePolicy\n"
    )
    assert _runnable(config) == ["SpacyNLP"]
    left = load(config.read_text(), "config.yml")
    assert left["pipeline"] == [{"name": "DIETClassifier", "epochs": 100}]
    assert left["policies"] == [{"name": "RulePolicy"}]
    both = tmp_path / "data.yml"
    both.write_text("version: '3.1'\nnlu:\n- intent: a\n  examples: '- b'\nrules:\n- rule: x\n")
    _without_lines(both)
    assert load(both.read_text(), "data.yml") == {"version": "3.1", "rules": [{"rule": "x"}]}


def test_customers_say_what_the_bots_stories_say_and_never_twice(tmp_path: Path) -> None:
    tests = tmp_path / "project" / "tests"
    tests.mkdir(parents=True)
    (tests / "test_stories.yml").write_text(
        "stories:\n- story: a\n  steps:\n  - user: to [Rome](city)\n    intent: travel\n"
        "  - action: utter_ok\n- story: b\n  steps:\n  - intent: hi\n"
    )
    conversations = Project("bot", tmp_path, ()).conversations()
    assert conversations == [["to Rome"]]
    script = talking(conversations)
    [(path, first)], [(_, second)] = list(script()), list(script())
    assert path == "/webhooks/rest/webhook"
    assert first["message"].startswith("to Rome (")
    assert len({*first.values(), *second.values()}) == 4
    ask = parsing(["a", "b"], "/model/parse")
    texts = [body["text"] for _ in range(3) for _, body in ask()]
    assert [text[0] for text in texts] == ["a", "b", "a"]
    assert len(set(texts)) == 3


def test_process_knows_its_family_memory_and_time() -> None:
    assert os.getpid() in family(os.getppid())
    assert memory(os.getpid()) > 5
    assert processor_seconds(os.getpid()) > 0


def test_table_has_both_sides_and_leaves_open_what_was_not_measured() -> None:
    runs = [{"per_second": 3.0}, {"per_second": 1.0}, {"per_second": 2.0}]
    serve = {"intent_accuracy": 0.954, "turns_16": medians(runs)}
    rows = {"shop": {"rasa.train": {"seconds": 1317.2}, "rasa.serve": None}}
    lines = table({"shop": {**rows["shop"], "frontdesk.serve": serve}}).splitlines()
    assert lines[0] == "|  | shop: Rasa | shop: Frontdesk |"
    assert "| training, seconds | 1,317 |  |" in lines
    assert "| intents right, held out |  | 95.4 % |" in lines
    assert "| turns, 16 clients: a second |  | 2.0 |" in lines
