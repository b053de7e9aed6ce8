"""What agents see of a customer."""

from __future__ import annotations

from pathlib import Path

from bot.escalations import last_words
from bot.events import new_id
from bot.people import customer_view, known_values, short_name
from bot.tracker import Tracker
from intents.assistant import Assistant, Slot, SlotMapping
from intents.settings import Settings


def test_visitors_code_is_stable_and_easy_to_say() -> None:
    names = {short_name(new_id()) for _ in range(200)}
    assert len(names) > 195
    assert all(len(name) == 4 and not set(name) & set("01OI") for name in names)
    assert short_name("abc") == short_name("abc")
    assert customer_view("abc", None) == {"label": short_name("abc"), "signed_in": False}
    assert customer_view("abc", "C1001") == {"label": "C1001", "signed_in": True}


def test_internal_slots_are_not_shown() -> None:
    def slot(name: str, kind: str) -> Slot:
        return Slot(name, mappings=(SlotMapping(kind),))

    slots = [slot("order_id", "from_entity"), slot("checked", "custom"), slot("tax", "custom")]
    assistant = Assistant(
        Path(),
        slots={item.name: item for item in slots},
        settings=Settings(slots={"tax": {"en": "Tax number", "zh": "税号"}}),
    )
    filled = {
        "order_id": "HL1",
        "checked": "HL1",
        "tax": "9131",
        "requested_slot": "order_id",
        "confirm": True,
        "list": ["x"],
    }
    assert known_values(assistant, filled) == [
        {"name": "order_id", "title": {}, "value": "HL1"},
        {"name": "tax", "title": {"en": "Tax number", "zh": "税号"}, "value": "9131"},
    ]


def test_last_words_are_the_customers_own_and_no_longer_than_asked() -> None:
    tracker = Tracker.fresh("c", {}, "zh")
    tracker.events = [{"event": "user", "text": text} for text in "一二三四"]
    assert last_words(tracker) == "二 / 三 / 四"
    tracker.events = [{"event": "user", "text": "x" * 300}, {"event": "user", "text": "现在"}]
    assert len(last_words(tracker)) == 305
    assert last_words(tracker, length=6) == "… / 现在"[-6:]
