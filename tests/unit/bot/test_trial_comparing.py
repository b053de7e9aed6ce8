"""What test stories are compared by."""

from bot.trials.comparing import (
    as_compared,
    in_words,
    same_action,
    same_entities,
    says_loop,
    unmarked,
)
from bot.trials.files import TestStep
from intents.assistant import Synonym

CITY = {"entity": "city", "start": 3, "end": 6, "value": "NYC", "extractor": "tagger"}
SAME = [Synonym("New York", ("NYC", "big apple"))]


def test_entities_are_the_same_by_place_type_and_value() -> None:
    assert as_compared([CITY, CITY]) == as_compared([{**CITY, "extractor": None}])
    for key, other in (("entity", "town"), ("start", 2), ("end", 7), ("value", "Rome")):
        assert as_compared([CITY]) != as_compared([{**CITY, key: other}], SAME)


def test_a_marked_word_means_what_it_is_a_synonym_of() -> None:
    understood = [{**CITY, "value": "New York"}]
    assert as_compared([CITY]) != as_compared(understood)
    assert as_compared([{**CITY, "value": "nyc"}], SAME) == as_compared(understood, SAME)


def test_entities_named_beside_the_words_are_the_same_anywhere() -> None:
    understood = [{**CITY, "value": "New York"}]
    assert same_entities(understood, [{"entity": "city", "value": "nyc"}], SAME)
    assert same_entities(understood, [{"entity": "city"}])
    assert not same_entities(understood, [{"entity": "city", "value": "Rome"}], SAME)
    assert not same_entities([], [{"entity": "city"}])
    assert not same_entities(understood, [{**CITY, "start": 9, "value": "New York"}])
    assert not same_entities(understood, [])
    assert in_words([{"entity": "city"}]) == "city"
    assert in_words([CITY], "to NYC") == "city='NYC'"
    assert in_words([{**CITY, "value": "New York"}], "to NYC") == "city='New York' in 'NYC'"


def test_what_duckling_finds_counts_where_the_story_marks_it() -> None:
    time = {"entity": "time", "start": 0, "end": 5, "value": "2026", "extractor": "pattern"}
    learned = {**time, "extractor": "tagger"}
    assert unmarked([CITY, time], [CITY], ("time",)) == ([CITY], [time])
    assert unmarked([time], [{**time, "value": "2027"}], ("time",)) == ([time], [])
    assert unmarked([learned], [], ("time",)) == ([learned], [])
    assert unmarked([time], [], ("number",)) == ([time], [])


def test_a_story_says_of_a_form_before_its_next_message() -> None:
    loop, said, slots = (TestStep(kind, 1) for kind in ("loop", "user", "slots"))
    assert says_loop([slots, loop, said])
    assert not says_loop([slots, said, loop])
    assert not says_loop([])


def test_an_action_of_a_retrieval_intent_goes_by_its_full_name() -> None:
    assert same_action("utter_faq", "utter_faq/price", "utter_faq/price")
    assert not same_action("utter_faq", "utter_faq/price", "utter_faq/hours")
    assert in_words([CITY]) == "city='NYC'"
    assert in_words([]) == "none"
