import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.reading.folder import read_assistant
from intents.validate import validate
from intents.writing.edits import (
    add_examples,
    add_intent,
    remove_intent,
    set_examples,
    set_response,
)
from intents.writing.yamledit import replace_file
from models.errors import DataError

DOMAIN = """\
# The shop's assistant
version: "3.1"

intents:   # sorted by topic
    - greet  # says hello
    - goodbye   # leaves

# what is marked
entities: [city]

responses:
    utter_greet:
        # a kind word
        - text: Hello there   # keep me
          buttons:
              - {title: Person, payload: /human}
        - text: "Hi"
          channel: slack
    utter_goodbye:
    - custom: {kind: wave}
      text: >-
          Bye
          now
      translation: {zh: 再见}
"""
NLU = """\
version: "3.1"
nlu:
- intent: greet   # first
  examples: |
      - hello
      # not a comment but a line
      - hi from [Rome](city)

# ---- leaving ----
- intent: goodbye
  examples:
  - text: bye
    metadata: {sentiment: neutral}
  - text: see you
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    (tmp_path / "data" / "nlu.yml").write_text(
        NLU.replace("      # not a comment but a line\n", "")
    )
    (tmp_path / "frontdesk.yml").write_text("languages: [en, zh]  # two\n", encoding="utf-8")
    return tmp_path


def texts(folder: Path, intent: str) -> list[str]:
    return [e.text for e in read_assistant(folder).examples_of(intent)]


def untouched(before: str, after: str) -> bool:
    """Whether every old line is still there, in order."""
    lines = iter(after.split("\n"))
    return all(any(line == other for other in lines) for line in before.split("\n"))


def test_adding_an_intent_keeps_everything_else(folder: Path) -> None:
    before = {p: p.read_text() for p in folder.rglob("*.yml")}
    written = add_intent(
        folder,
        "gift_card",
        ["gift cards?", "a [Paris](city) gift card", "gift cards?"],
        {"en": 'Yes: "really"', "zh": "有的"},
        "wants a gift card",
        {"en": "Gift cards", "zh": "礼品卡"},
    )
    for path, text in before.items():
        assert untouched(text, path.read_text()), path
    a = read_assistant(folder)
    assert list(a.intents) == ["greet", "goodbye", "gift_card"]
    assert texts(folder, "gift_card") == ["gift cards?", "a Paris gift card"]
    (reply,) = a.responses["utter_gift_card"]
    assert (reply.text, reply.translation) == ('Yes: "really"', {"zh": "有的"})
    assert a.title("gift_card", "zh") == "礼品卡"
    assert a.settings.intents["gift_card"].description == "wants a gift card"
    assert set(written) == set(before)
    assert (
        "    - greet  # says hello\n    - goodbye   # leaves\n    - gift_card\n"
        in (folder / "domain.yml").read_text()
    )


def test_examples_are_added_in_the_form_that_is_there(folder: Path) -> None:
    add_examples(folder, "greet", ["good morning", "hello"])
    add_examples(folder, "goodbye", ['ciao: "now"', "bye"])
    text = (folder / "data" / "nlu.yml").read_text()
    assert "      - hi from [Rome](city)\n      - good morning\n\n# ---- leaving" in text
    assert texts(folder, "greet") == ["hello", "hi from Rome", "good morning"]
    assert texts(folder, "goodbye") == ["bye", "see you", 'ciao: "now"']
    assert add_examples(folder, "greet", ["hello"]) == []


def test_setting_examples_adds_and_removes(folder: Path) -> None:
    set_examples(folder, "greet", ["hi from Rome", "hey"])
    set_examples(folder, "goodbye", ["bye", "farewell"])
    assert texts(folder, "greet") == ["hi from Rome", "hey"]
    assert texts(folder, "goodbye") == ["bye", "farewell"]
    assert read_assistant(folder).examples_of("greet")[0].entities
    assert "# ---- leaving ----" in (folder / "data" / "nlu.yml").read_text()
    set_examples(folder, "goodbye", ["entirely new"])
    assert texts(folder, "goodbye") == ["entirely new"]


def test_setting_a_response_changes_its_text_alone(folder: Path) -> None:
    set_response(folder, "utter_greet", {"en": "Welcome", "zh": "欢迎"})
    text = (folder / "domain.yml").read_text()
    assert '        - text: "Welcome"  # keep me\n' in text
    a = read_assistant(folder)
    first, second = a.responses["utter_greet"]
    assert (first.text, first.translation, len(first.buttons)) == ("Welcome", {"zh": "欢迎"}, 1)
    assert (second.text, second.channel) == ("Hi", "slack")
    set_response(folder, "utter_greet", {"zh": "您好"})
    assert read_assistant(folder).responses["utter_greet"][0].translation == {"zh": "您好"}


def test_setting_a_folded_text_and_a_translation_in_brackets(folder: Path) -> None:
    set_response(folder, "utter_goodbye", {"en": "Bye\nfor good", "zh": "拜拜"})
    (only,) = read_assistant(folder).responses["utter_goodbye"]
    assert (only.text, only.translation, only.custom) == (
        "Bye\nfor good", {"zh": "拜拜"}, {"kind": "wave"},
    )  # fmt: skip


def test_new_response_and_one_that_only_has_channels(folder: Path) -> None:
    set_response(folder, "utter_new", {"zh": "新"})
    (new,) = read_assistant(folder).responses["utter_new"]
    assert new.text == "新"
    (folder / "domain.yml").write_text(
        "responses:\n  utter_a:\n  - text: x\n    channel: slack\n", encoding="utf-8"
    )
    set_response(folder, "utter_a", {"en": "y"})
    plain, slack = read_assistant(folder).responses["utter_a"]
    assert (plain.text, plain.channel, slack.channel) == ("y", None, "slack")


def test_removing_an_intent_is_the_inverse_of_adding_it(folder: Path) -> None:
    before = {p: p.read_text() for p in folder.rglob("*.yml")}
    add_intent(folder, "gift_card", ["gift cards?"], {"en": "Yes"}, "cards", {"en": "Cards"})
    remove_intent(folder, "gift_card")
    assert {p: p.read_text() for p in folder.rglob("*.yml")} == before


def test_intent_named_by_a_rule_is_not_removed(folder: Path) -> None:
    (folder / "rules.yml").write_text(
        "rules:\n- rule: r\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
    )
    with pytest.raises(DataError, match="Remove the rules first"):
        remove_intent(folder, "greet")
    assert "greet" in read_assistant(folder).intents


def test_lists_in_brackets_become_blocks(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_text("intents: [a, 'on']\nnlu: []\nresponses: {}\n")
    add_intent(tmp_path, "b", ["one"], {"en": "r"})
    a = read_assistant(tmp_path)
    assert list(a.intents) == ["a", "on", "b"]
    assert texts(tmp_path, "b") == ["one"]
    assert a.responses["utter_b"][0].text == "r"
    remove_intent(tmp_path, "b")
    assert list(read_assistant(tmp_path).intents) == ["a", "on"]


def test_windows_line_ends_stay(tmp_path: Path) -> None:
    (tmp_path / "domain.yml").write_bytes(b"intents:\r\n- a\r\n")
    add_intent(tmp_path, "b", ["one"])
    raw = (tmp_path / "domain.yml").read_bytes()
    assert raw.startswith(b"intents:\r\n- a\r\n- b\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")


def test_chinese_lines_go_to_the_chinese_folder(tmp_path: Path) -> None:
    for language, line in (("en", "hello"), ("zh", "你好")):
        path = tmp_path / "data" / "nlu" / language / "all.yml"
        path.parent.mkdir(parents=True)
        path.write_text(f"nlu:\n- intent: greet\n  examples: |\n    - {line}\n", encoding="utf-8")
    (tmp_path / "domain.yml").write_text("intents:\n- greet\n")
    add_intent(tmp_path, "card", ["gift card", "礼品卡"])
    add_examples(tmp_path, "greet", ["嗨"])
    files = {e.text: e.file for e in read_assistant(tmp_path).examples}
    assert files["gift card"] == "data/nlu/en/added.yml"
    assert files["礼品卡"] == "data/nlu/zh/added.yml"
    assert files["嗨"] == "data/nlu/zh/all.yml"


@pytest.mark.parametrize(
    ("name", "lines", "replies", "word"),
    [
        ("greet", ["x"], {}, "exists"),
        ("1st", ["x"], {}, "letter"),
        ("a b", ["x"], {}, "Rename"),
        ("a: b", ["x"], {}, "Rename"),
        ("", ["x"], {}, "Rename"),
        ("new", [], {}, "five"),
        ("new", ["  "], {}, "five"),
        ("new", ["a [b]{c}"], {}, "double quotes"),
        ("new", ["bell \x07"], {}, "again"),
        ("new", ["x"], {"fr": "oui"}, "frontdesk.yml"),
    ],
)
def test_unfit_input_writes_nothing(
    folder: Path, name: str, lines: list[str], replies: dict[str, str], word: str
) -> None:
    before = {p: p.read_text() for p in folder.rglob("*") if p.is_file()}
    with pytest.raises(DataError, match=re.escape(word)):
        add_intent(folder, name, lines, replies)
    assert {p: p.read_text() for p in folder.rglob("*") if p.is_file()} == before


def test_unknown_intents_are_refused(folder: Path) -> None:
    for call in (add_examples, set_examples):
        with pytest.raises(DataError, match="Check the name"):
            call(folder, "nope", ["x"])
    with pytest.raises(DataError, match="Check the name"):
        remove_intent(folder, "nope")


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yml"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(OSError, match="disk full"):
        replace_file(path, "new")
    assert [p.name for p in tmp_path.iterdir()] == ["a.yml"]
    assert path.read_text() == "old"


line = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=30
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None
)
@given(rows=st.lists(line, min_size=1, max_size=4), reply=st.text(max_size=40))
def test_whatever_is_written_is_read_back(folder: Path, rows: list[str], reply: str) -> None:
    for path, text in (("domain.yml", DOMAIN), ("data/nlu.yml", NLU)):
        (folder / path).write_text(text.replace("      # not a comment but a line\n", ""))
    (folder / "frontdesk.yml").write_text("languages: [en, zh]\n")
    try:
        add_intent(folder, "fresh", rows, {"en": reply})
    except DataError:
        return
    a = read_assistant(folder)
    assert a.responses["utter_fresh"][0].text == reply
    assert a.responses["utter_goodbye"][0].text == "Bye now"
    assert len(texts(folder, "fresh")) >= 1
    for text in texts(folder, "fresh"):
        assert text == " ".join(text.split())
    assert [p for p in validate(a) if p.severity == "error"] == []


def test_a_line_of_another_intent_is_refused(folder: Path) -> None:
    before = {path: path.read_text() for path in folder.rglob("*.yml")}
    with pytest.raises(DataError, match="a text under one intent, found 'bye' under goodbye"):
        add_examples(folder, "greet", ["good day", "Bye"])
    with pytest.raises(DataError, match="a text under one intent"):
        add_intent(folder, "leave", ["see you", "so long"])
    assert {path: path.read_text() for path in folder.rglob("*.yml")} == before


def test_replies_of_older_domains_are_changed_where_they_stand(tmp_path: Path) -> None:
    domain = """\
intents: [greet, bye]   # two
templates:
  # said first
  utter_greet:
  - Hello   # words alone
  - text: Hi
  utter_bye:
  - text: Bye
"""
    nlu = (
        "nlu:\n- intent: greet\n  examples: |\n    - hi\n- intent: bye\n  examples: |\n    - bye\n"
    )
    (tmp_path / "domain.yml").write_text(domain, encoding="utf-8")
    (tmp_path / "nlu.yml").write_text(nlu, encoding="utf-8")
    set_response(tmp_path, "utter_bye", {"en": "See you"})
    set_response(tmp_path, "utter_greet", {"en": "Good day"})
    text = (tmp_path / "domain.yml").read_text(encoding="utf-8")
    assert "responses:" not in text
    assert "# said first" in text
    said = read_assistant(tmp_path).responses
    assert [v.text for v in said["utter_bye"]] == ["See you"]
    assert [v.text for v in said["utter_greet"]] == ["Good day", "Hi"]
    remove_intent(tmp_path, "bye")
    assert list(read_assistant(tmp_path).responses) == ["utter_greet"]
