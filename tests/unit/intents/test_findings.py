from intents.examples import Example
from intents.findings import MOST, findings, in_short


def line(text: str, intent: str, number: int) -> Example:
    return Example(text, intent, file="a.csv", line=number)


def lines(intent: str, count: int = 6, start: int = 2) -> list[Example]:
    return [line(f"{intent} number {i}", intent, start + i) for i in range(count)]


def test_nothing_to_say_about_sound_lines() -> None:
    assert findings([*lines("greet"), *lines("bye", start=20)]) == []


def test_an_intent_of_one_line_is_told_with_its_place() -> None:
    (found,) = findings([*lines("greet"), line("so long", "bye", 40)])
    assert (found.file, found.line, found.found, found.severity) == ("a.csv", 40, "1", "warning")
    assert "'bye'" in found.expected


def test_a_single_intent_is_told() -> None:
    (found,) = findings(lines("greet"))
    assert found.expected == "at least two intents"


def test_a_text_under_two_intents_names_both_places() -> None:
    (found,) = findings(
        [*lines("greet"), *lines("bye", start=20), line("GREET number 0", "bye", 9)]
    )
    assert (found.line, found.expected) == (9, "a text under one intent")
    assert "a.csv:2" in found.found


def test_a_repeated_line_names_the_first() -> None:
    (found,) = findings([*lines("greet"), *lines("bye"), line("greet number 1", "greet", 30)])
    assert (found.line, found.expected) == (30, "each text once")
    assert "a.csv:3" in found.found


def test_names_that_look_alike_are_told() -> None:
    (found,) = findings([*lines("Track Order"), *lines("track_order", start=20)])
    assert found.line == 20
    assert "'Track Order'" in found.found


def test_names_without_letters_are_not_alike() -> None:
    assert findings([*lines("+"), *lines("-", start=20)]) == []


def test_many_findings_of_a_kind_end_in_a_number() -> None:
    repeated = [line("greet number 1", "greet", i) for i in range(100, 150)]
    found = findings([*lines("greet"), *lines("bye"), *repeated])
    assert len(found) == MOST + 1
    assert found[-1].found.startswith("40 more")


def test_in_short_for_the_card() -> None:
    few, both = in_short([line("hi", "greet", 1), line("Hi", "bye", 2)])
    assert "greet (1)" in few
    assert "'hi'" in both
