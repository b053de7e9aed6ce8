"""What past logs teach of the next answer, in a turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np

from bot.events import Event
from bot.following import following
from bot.live import Live
from bot.responder import Responder, Turned
from bot.tracker import Tracker
from intents.assistant import Assistant
from models.filling.generator import TemplateFiller
from models.learning.mixed import MixedSettings
from retrieval.next_template import FILE, NextTemplate
from retrieval.search.index import TemplateIndex
from retrieval.situation import Situation
from retrieval.templates import Template
from tests.unit.retrieval.encoders import trigrams

QUICK = MixedSettings(hidden=8, epochs=25, batch=16, rate=3e-2, seeds=1)
YES = trigrams(["yes"])[0]
TEMPLATES = [
    Template("book", "utter_book", "en", "Shall I book it?"),
    Template("send", "utter_send", "en", "Shall I send it?"),
    Template("booked", "utter_booked", "en", "It is booked, yes.", intents=("affirm",)),
    Template("sent", "utter_sent", "en", "It is sent, yes.", intents=("affirm",)),
]


def live(folder: Path, *, taught: bool = True) -> Live:
    if taught:
        pairs = [("book", "booked"), ("send", "sent")] * 24
        asked = [Situation("yes", YES, said=(said,)) for said, _ in pairs]
        NextTemplate.learn(asked, [label for _, label in pairs], QUICK).save(folder / FILE)
    index = TemplateIndex.build(TEMPLATES, trigrams)
    return Live("r1", folder, Assistant(Path()), cast(Any, None), index)


def heard(template: str) -> Tracker:
    tracker = Tracker.fresh("c", {}, "en")
    said = {"text": f"Shall I {template} it?", "template": template, "template_id": template}
    tracker.apply(Event("bot", said))
    parse = {"intent": {"name": "affirm"}}
    tracker.apply(Event("understood", {"of": 1, "text": "yes", "parse": parse}))
    return tracker


def test_the_answer_depends_on_what_was_said_before(tmp_path: Path) -> None:
    serving, responder = live(tmp_path), Responder(TemplateFiller())
    turned = Turned("yes", YES, "en", "widget")
    for said, wanted in (("book", "booked"), ("send", "sent")):
        gains = following("yes", YES, None, heard(said), serving)
        assert max(gains, key=gains.__getitem__) == wanted
        event = responder.retrieve(frozenset({"affirm"}), serving, heard(said), turned)
        assert event is not None
        assert event.data["template_id"] == wanted
        assert event.data["provenance"]["following"] > 0


def test_a_release_without_a_network_and_a_button_gain_nothing(tmp_path: Path) -> None:
    assert following("yes", YES, None, heard("book"), live(tmp_path, taught=False)) == {}
    assert following("/yes", np.zeros_like(YES), None, heard("book"), live(tmp_path)) == {}
