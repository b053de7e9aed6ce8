"""Readers of public logs, on lines written here in their formats, and the table."""

from __future__ import annotations

import bz2
import gzip
import json
from pathlib import Path

import numpy as np

from benchmarks.answers.readers import (
    Exchange,
    Turn,
    airline,
    apart,
    covid_faq,
    exchanges,
    held_back,
    jddc_chat,
    jddc_pairs,
)
from benchmarks.answers.replies import situation
from benchmarks.answers.star import Recogniser, cases, dialogues, templates
from benchmarks.answers.table import table
from benchmarks.answers.vectors import Vectors
from tests.unit.retrieval.encoders import trigrams


def test_turns_in_a_row_are_one_and_replies_need_a_question() -> None:
    turns = [Turn("agent", "hello"), Turn("customer", "a"), Turn("customer", "b"),
             Turn("agent", "c"), Turn("agent", "d")]  # fmt: skip
    (one,) = exchanges(turns, "x")
    assert (one.asked, one.answer) == ("a b", "c d")


def test_chat_files(tmp_path: Path) -> None:
    rows = [("s1", "0", "在吗"), ("s1", "1", "在的"), ("s2", "0", "退货"), ("s2", "1", "可以")]
    lines = ["\t".join((s, "u", agent, "0", "0", "nan", text)) for s, agent, text in rows]
    (tmp_path / "chat.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = jddc_chat(tmp_path)
    assert [(o.asked, o.answer, o.conversation) for o in found] == [
        ("在吗", "在的", "s1"), ("退货", "可以", "s2"),
    ]  # fmt: skip


def test_pairs_whose_contexts_share_a_rare_turn_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "train.enc").write_text("你好,我的订单还没有到,\n嗯,怎么开发票呢请问,\n", "utf-8")
    (tmp_path / "train.dec").write_text("马上查,\n电子的,\n", "utf-8")
    one, other = jddc_pairs(tmp_path)
    assert one.context == (Turn("agent", "你好"), Turn("customer", "我的订单还没有到"))
    same = Exchange((Turn("customer", "我的订单还没有到"),), "别的", "9")
    assert apart([same, other], [one]) == [other]


def test_airline_file(tmp_path: Path) -> None:
    text = (
        "first_tweet_id,tag,source,first_utterance,context\n"
        '7,UNK,x,<cust__ late again __cust>,"<rep__ sorry , ann __rep> <cust__ ok __cust>"\n'
    )
    (tmp_path / "conversations.csv.bz2").write_bytes(bz2.compress(text.encode()))
    (one,) = airline(tmp_path)
    assert (one.asked, one.answer, one.conversation) == ("late again", "sorry , ann", "7")


def test_equal_questions_are_one_with_all_their_answers(tmp_path: Path) -> None:
    rows = [
        {"query_type": "faq", "question": "What is it?", "answer": "A."},
        {"query_type": "user_query", "question": "what is it", "answer": "A."},
        {"query_type": "user_query", "question": "What is it ?", "answer": "B."},
    ]
    (tmp_path / "query_answer_pairs.json").write_text(json.dumps(rows), encoding="utf-8")
    faq = covid_faq(tmp_path)
    assert faq.gold == (frozenset({0, 1}),)
    assert faq.times == (2,)
    assert faq.headings == (("What is it?", 0),)


def test_about_a_fifth_is_held_back() -> None:
    share = np.mean([held_back(str(number)) for number in range(2000)])
    assert 0.17 < share < 0.23


def test_star_shows_nothing_of_the_turn_to_be_found(tmp_path: Path) -> None:
    task = tmp_path / "tasks" / "bank"
    task.mkdir(parents=True)
    (task / "responses.json").write_text('{"ask": "Your {what:s}?", "bye": "Bye."}', "utf-8")
    events = [
        {"Agent": "User", "Action": "utter", "Text": "hi"},
        {"Agent": "Wizard", "Action": "request_suggestions", "Text": "secret"},
        {"Agent": "Wizard", "Action": "pick_suggestion", "Text": "Your pin?", "ActionLabel": "ask",
         "ActionLabelOptions": ["ask", "bye"]},
        {"Agent": "User", "Action": "utter", "Text": "1234"},
        {"Agent": "KnowledgeBase", "Action": "return_item", "Item": {"ok": True}, "TotalItems": 1},
        {"Agent": "Wizard", "Action": "pick_suggestion", "Text": "Bye.", "ActionLabel": "bye"},
        {"Agent": "Wizard", "Action": "pick_suggestion", "Text": "?", "ActionLabel": "unknown"},
    ]  # fmt: skip
    row = {
        "DialogueID": 1,
        "Scenario": {"WizardCapabilities": [{"Task": "bank"}]},
        "Events": events,
    }
    with gzip.open(tmp_path / "dialogues.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    (dialogue,) = dialogues(tmp_path)
    texts = [step.text for step in dialogue.steps if step.text]
    assert "secret" not in texts
    vectors = Vectors(texts, trigrams(texts))
    first, second = cases(dialogue, vectors, Recogniser(templates(tmp_path), []))
    assert (first.label, first.situation.said, first.situation.results) == ("ask", (), ())
    assert second.situation.said == ("ask",)
    assert second.situation.fresh
    assert ("ok", "True") in second.situation.results[0]
    assert second.situation.text == "1234"


def test_situation_of_a_reply_holds_what_came_before_it_alone() -> None:
    one = Exchange(
        (Turn("customer", "one"), Turn("agent", "two"), Turn("customer", "three")), "four", "c"
    )
    texts = ["one", "two", "three"]
    read = situation(one, Vectors(texts, trigrams(texts)))
    assert (read.text, read.before, read.turns) == ("three", "one two", 3)
    np.testing.assert_allclose(read.replied, trigrams(["two"])[0])
    np.testing.assert_allclose(read.earlier, trigrams(["one"])[0])


def test_table_marks_what_is_met_and_dashes_what_was_not_run() -> None:
    made = table([{"run": "star", "measured": 10, "figures": {"r1_task": 0.8, "r1_all": 0.5}}])
    assert "| 80.0 ✓ | 10 | 72.0 | 80.0 |" in made
    assert "| 50.0 ✗ |" in made
    assert "| – |" in made
