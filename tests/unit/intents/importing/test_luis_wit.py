"""LUIS and Wit.ai: lines with marks, lists of values, and what else they know."""

from pathlib import Path

from intents.examples import Entity
from intents.importing import bring
from intents.importing.patterns import expand
from tests.unit.intents.importing.support import again, brought, lines, told, zipped

LUIS = {
    "luis_schema_version": "7.0.0",
    "culture": "en-us",
    "intents": [{"name": "BookFlight"}, {"name": "None"}, {"name": "Unsaid"}],
    "entities": [{"name": "Trip", "children": []}, {"name": "Place::To"}],
    "closedLists": [
        {
            "name": "Airport",
            "subLists": [
                {"canonicalForm": "Paris", "list": ["cdg", "paris"]},
                {"canonicalForm": "London", "list": ["lhr"]},
            ],
        }
    ],
    "prebuiltEntities": [{"name": "datetimeV2"}, {"name": "personName"}],
    "regex_entities": [
        {"name": "code", "regexPattern": "[A-Z]{2}\\d+"},
        {"name": "bad", "regexPattern": "(?<n>x)"},
    ],
    "phraselists": [{"name": "Flying", "words": "fly,plane"}],
    "patterns": [
        {"pattern": "[please] fly to {Airport:to} (now|today)", "intent": "BookFlight"},
        {"pattern": "ask for {Trip}", "intent": "BookFlight"},
    ],
    "utterances": [
        {
            "text": "book cdg tomorrow",
            "intent": "BookFlight",
            "entities": [
                {"entity": "Airport", "startPos": 5, "endPos": 7, "role": "from"},
                {"entity": "datetimeV2", "startPos": 9, "endPos": 16},
                {"entity": "Trip", "startPos": 5, "endPos": 16},
                {"entity": "Trip", "startPos": 50, "endPos": 60},
            ],
        },
        {
            "text": "to lhr",
            "intent": "BookFlight",
            "entities": [{"entity": "Place::To", "startPos": 3, "endPos": 5}],
        },
        {"text": "sing a song", "intent": "None", "entities": []},
    ],
}


def test_luis(tmp_path: Path) -> None:
    found = brought(tmp_path, {"app.json": LUIS})
    a = again(found, tmp_path / "out")
    by_text = {example.text: example for example in a.examples}
    assert by_text["book cdg tomorrow"].entities == (Entity(5, 17, "Trip", "cdg tomorrow"),)
    assert by_text["to lhr"].entities == (Entity(3, 6, "Place", "lhr", "To"),)
    assert lines(a, "out_of_scope") == ["sing a song"]
    assert [(s.value, s.variants) for s in a.synonyms] == [
        ("Paris", ("cdg", "paris")),
        ("London", ("lhr",)),
    ]
    assert [(item.name, item.items) for item in a.lookups] == [
        ("Airport", ("Paris", "cdg", "paris", "London", "lhr"))
    ]
    assert a.regexes[0].items == (r"[A-Z]{2}\d+",)
    assert a.settings.dimensions == ("time",)
    patterned = [e for e in a.examples if e.text.startswith(("fly", "please"))]
    assert len(patterned) >= 2
    assert {(m.entity, m.role, m.value) for e in patterned for m in e.entities or ()} == {
        ("Airport", "to", "Paris"),
        ("Airport", "to", "London"),
    }
    left = told(found, "left out")
    for what in (
        "entity datetimeV2 inside",
        "(?<n>x)",
        "list Flying",
        "'ask for {Trip}'",
        "Unsaid",
    ):
        assert what in left
    assert "the built-in entity personName" in told(found, "approximated")


def test_sentences_with_options_and_choices() -> None:
    made = expand("[go] {x} (a|b)", lambda name: ["1", "2"])
    assert made[0] == ("go 1 a", [(3, 4, "x")])
    assert len({text for text, _ in made}) == len(made) == 4
    assert expand("{y}", lambda name: []) == []
    assert expand("plain", lambda name: []) == [("plain", [])]


WIT = {
    "trip/app.json": {"name": "trip", "lang": "en"},
    "trip/entities/city.json": {
        "name": "city",
        "roles": ["from", "city"],
        "keywords": [{"keyword": "New York", "synonyms": ["NYC", "New York"]}],
    },
    "trip/utterances/utterances-1.json": {
        "utterances": [
            {
                "text": "from NYC at noon",
                "intent": "go",
                "entities": [
                    {"entity": "city:from", "start": 5, "end": 8, "body": "NYC", "entities": []},
                    {"entity": "wit$datetime:datetime", "start": 9, "end": 16, "body": "at noon"},
                    {"entity": "city:city", "start": 5, "end": 99, "body": "?"},
                ],
                "traits": [{"trait": "wit$sentiment", "value": "negative"}],
            },
            {
                "text": "bye",
                "entities": [],
                "traits": [{"trait": "wit$bye", "value": "true"}],
            },
            {"text": "sing", "entities": [], "traits": []},
        ]
    },
}


def test_wit_as_a_zip(tmp_path: Path) -> None:
    found = bring(zipped(tmp_path / "trip.zip", WIT))
    a = again(found, tmp_path / "out")
    (go,) = a.examples_of("go")
    assert go.sentiment == "negative"
    assert go.entities == (
        Entity(5, 8, "city", "NYC", "from"),
        Entity(9, 16, "time", "at noon"),
    )
    assert (lines(a, "bye"), lines(a, "out_of_scope")) == (["bye"], ["sing"])
    assert a.settings.dimensions == ("time",)
    assert (a.synonyms[0].variants, a.lookups[0].items) == (("NYC",), ("New York", "NYC"))
    assert "lines with the trait wit$bye" in told(found, "approximated")


def test_wit_of_earlier_years_in_another_language(tmp_path: Path) -> None:
    data = [
        {
            "text": "vers Oslo",
            "entities": [
                {"entity": "intent", "value": '"go"'},
                {"entity": "location", "value": '"Oslo"', "start": 5, "end": 9},
            ],
        }
    ]
    files = {"app.json": {"lang": "fr"}, "expressions.json": {"data": data}}
    found = brought(tmp_path, files)
    assert found.assistant.examples[0].entities == (Entity(5, 9, "location", "Oslo"),)
    assert lines(found, "go") == ["vers Oslo"]
    assert "lines and replies in fr" in told(found, "approximated")


def test_wit_before_2018_with_lines_of_no_intent_and_stories(tmp_path: Path) -> None:
    data = [
        {"text": "salut", "entities": [{"entity": "hi", "value": '"hi"', "start": 0, "end": 5}]},
        {"text": "on mange", "entities": [{"entity": "intent", "value": '""'}]},
        {"text": "il pleut", "entities": [{"entity": "intent", "value": '"weather "'}]},
    ]
    values = [{"value": "hi", "expressions": ["salut", "bonjour"]}]
    files = {
        "app.json": {"data": {"name": "x", "lang": "fr"}},
        "entities/hi.json": {"data": {"name": "hi", "values": values}},
        "entities/intent.json": {"data": {"name": "intent", "values": [{"value": "weather"}]}},
        "stories.json": {"data": [{"name": "", "turns": [{"user": "salut", "operations": []}]}]},
        "expressions.json": {"data": data},
    }
    found = brought(tmp_path / "in", files)
    a = again(found, tmp_path / "out")
    assert list(a.intents) == ["weather"]
    assert lines(found, "weather") == ["il pleut"]
    (hello,) = (example for example in a.examples if example.text == "salut")
    assert (hello.intent, hello.entities) == (None, (Entity(0, 5, "hi", "hi"),))
    assert a.synonyms[0].variants == ("salut", "bonjour")
    assert [listing.name for listing in a.lookups] == ["hi"]
    assert "stories of Wit's former bot engine with their replies, 1" in told(found, "left out")
    assert "which Wit.ai does not hold" not in told(found)
