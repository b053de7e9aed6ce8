"""Labelling past logs with templates, and judging what a network of what follows adds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.learning.mixed import MixedSettings
from models.progress import Silent
from retrieval.conversation import Conversation, Role, Turn
from retrieval.following import Judged, _weighed, followed, learn_following, situations
from retrieval.next_template import FILE, NextTemplate
from retrieval.search.index import Query, TemplateIndex
from retrieval.situation import Situation
from retrieval.templates import LogRef, Template
from tests.unit.retrieval.encoders import trigrams

BOOK = Template("book", "utter_book", "en", "Shall I book the table for you?")
SEND = Template("send", "utter_send", "en", "Shall I send the parcel again?")
BOOKED = Template(
    "booked", "utter_booked", "en", "Your table is booked.", questions=("yes please",)
)
SENT = Template("sent", "utter_sent", "en", "Your parcel is on its way.", questions=("yes please",))
PRICED = Template("priced", "utter_priced", "en", "It costs {amount} in all.")
QUICK = MixedSettings(hidden=8, epochs=12, batch=16, rate=3e-2, seeds=1)
ALL = [BOOK, SEND, BOOKED, SENT, PRICED]


def talk(name: str, *said: str) -> Conversation:
    roles: tuple[Role, Role] = ("customer", "agent")
    turns = tuple(Turn(roles[number % 2], text) for number, text in enumerate(said))
    return Conversation(name, "en", turns)


def logs(count: int) -> list[Conversation]:
    made = []
    for number in range(count):
        first, second = (BOOK, BOOKED) if number % 2 else (SEND, SENT)
        made.append(talk(f"c{number}", f"hello {number}", first.text, "yes please", second.text))
    return made


def test_turns_are_labelled_by_provenance_words_and_places() -> None:
    behind = replace(BOOKED, provenance=(LogRef("c1", 5, "It is done."),))
    said = talk(
        "c1", "a table?", "Hello! shall I book the table for you", "what is it?",
        "It costs 12 pounds in all.", "yes", "It is done.", "thanks", "You are welcome",
    )  # fmt: skip
    found = followed([said], [BOOK, behind, PRICED])
    assert [one.label for one in found] == ["book", "priced", "booked"]
    last = found[-1]
    assert (last.asked, last.replied) == ("yes", "It costs 12 pounds in all.")
    assert last.earlier == ("a table?", "what is it?")
    assert last.said == ("book", "priced")
    assert last.before.startswith("a table? Hello!")
    assert "yes" not in last.before
    assert last.turns == 5


def test_other_languages_and_templates_out_of_service_label_nothing() -> None:
    said = talk("c1", "a table?", BOOK.text)
    assert followed([said], [replace(BOOK, status="rejected")]) == []
    assert followed([said], [replace(BOOK, language="zh")]) == []


def test_a_situation_holds_what_a_turn_would_know() -> None:
    found = followed([talk("c1", "a", BOOK.text, "b", "Fine.", "c", BOOKED.text)], ALL)
    first, last = situations(found, trigrams)
    assert first.replied is None
    assert first.earlier is None
    np.testing.assert_array_equal(last.replied, trigrams(["Fine."])[0])
    assert last.said == ("book",)


def test_the_network_tells_what_the_search_cannot(tmp_path: Path) -> None:
    index = TemplateIndex.build(ALL, trigrams)
    network, judged = learn_following(index, followed(logs(80), ALL), trigrams, Silent(), QUICK)
    assert network is not None
    assert judged.turns == 160
    assert judged.with_network > judged.alone + 0.2
    network.save(tmp_path / FILE)
    loaded = NextTemplate.load(tmp_path / FILE)
    assert loaded.weight == judged.weight > 0
    vector = trigrams(["yes please"])[0]
    for first, second in ((BOOK, BOOKED), (SEND, SENT)):
        replied = index.vector_said(first.id)
        said = loaded.says(
            Situation("yes please", vector, replied, said=(first.id,), before=first.text, turns=3)
        )
        query = Query("yes please", vector, "en", following=said)
        hit = index.search(query, 1)[0]
        assert (hit.template.id, hit.following) == (second.id, pytest.approx(said[second.id]))
        assert hit.following <= loaded.weight


def test_too_few_lines_teach_nothing() -> None:
    index = TemplateIndex.build(ALL, trigrams)
    assert learn_following(index, followed(logs(8), ALL), trigrams, Silent())[0] is None
    assert learn_following(index, [], trigrams, Silent()) == (None, Judged(0, 0.0, 0.0, 0.0))


def test_a_gain_that_chance_could_give_is_none() -> None:
    hits = np.zeros((100, 6), dtype=bool)
    hits[:50, 0] = True
    hits[2:55, 3] = True
    assert _weighed(hits).weight == 0
    hits[:, 3] |= np.arange(100) < 80
    assert _weighed(hits) == Judged(100, 0.5, 0.8, 1.0)


def test_an_index_forgets_questions() -> None:
    index = TemplateIndex.build(ALL, trigrams).renewed({"yes please"})
    assert all(not template.questions for template in index.templates)
    assert index.vector_said("nobody") is None
