"""Chatito's sentences, spelled out."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from intents.importing.chatito_grammar import parse
from intents.reading.base import Training
from tests.unit.intents.importing.support import again, brought, lines, told

MAIN = """\
import ./more/words.chatito
// a comment
%[greet]('training': '3', "testing": "1")
    ~[hi] @[name?]
    *[5] ~[hi] there

%[find]
    ~[please?] find @[city] and ~[undefined word]

@[city]
    ~[new york]
    Oslo
@[name#first]
    Ann
@[name]
    Bo
~[please]
    please
"""
WORDS = """\
~[hi]
    hi
    hello
~[new york]
    NYC
%[ignored here]
    x
"""


def test_all_lines_of_a_small_grammar(tmp_path: Path) -> None:
    found = brought(tmp_path, {"main.chatito": MAIN, "more/words.chatito": WORDS})
    a = again(found, tmp_path / "out")
    assert set(lines(a, "find")) == {
        "find NYC and undefined word",
        "find Oslo and undefined word",
        "please find NYC and undefined word",
        "please find Oslo and undefined word",
    }
    values = {(m.entity, m.value) for e in a.examples_of("find") for m in e.entities or ()}
    assert values == {("city", "new york"), ("city", "Oslo")}
    greetings = {"hi Bo", "hello Bo", "hi", "hello", "hi there", "hello there"}
    assert len(lines(a, "greet")) == 3
    assert set(lines(a, "greet")) <= greetings
    assert "the test lines of greet" in told(found, "left out")


def test_the_same_lines_each_time(tmp_path: Path) -> None:
    one = brought(tmp_path / "a", {"main.chatito": MAIN, "more/words.chatito": WORDS})
    two = brought(tmp_path / "b", {"main.chatito": MAIN, "more/words.chatito": WORDS})
    assert lines(one, "greet") == lines(two, "greet")


def test_large_and_circular_grammars_end(tmp_path: Path) -> None:
    digits = "~[d]\n" + "".join(f"    {n}\n" for n in range(10))
    text = f"%[call]('training': '100000')\n    @[n]\n@[n]\n    {'~[d]' * 9}\n{digits}"
    circle = "%[round]\n    ~[a]\n~[a]\n    x ~[b]\n~[b]\n    y ~[a]\n"
    found = brought(tmp_path, {"big.chatito": text, "circle.chatito": circle})
    assert len(lines(found, "call")) == 100
    assert "100000 lines of call" in told(found, "approximated")
    assert "a definition in round that holds itself" in told(found, "left out")


def test_lines_of_no_kind_are_told(tmp_path: Path) -> None:
    found = brought(tmp_path, {"a.chatito": "%[a]\n    x\nnot indented\n"})
    (problem,) = found.problems
    assert (problem.file, problem.line) == ("a.chatito", 3)


@given(st.text(alphabet="%@~[]()'?:*#/ abc\n1.", max_size=60))
def test_any_text_can_be_parsed(text: str) -> None:
    parse(text, "x", Training())
