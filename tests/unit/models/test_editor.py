"""The neural editor learns simple habits, keeps to what may be edited, and survives the disk."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.arrays import FloatArray
from models.editing.editor import OFF, PLAIN, EditorHead, NeuralEditor, read
from models.editing.edits import words_in
from models.editing.phrases import Pair, Phrase
from models.encoders.runtime import Encoding
from models.errors import ModelError
from models.filling.generator import GenerationRequest, TemplateFiller, Value, placeholders
from models.learning.editor import EditorSettings, learn_editor

S = 24
CITIES = ("Oslo", "Bergen", "Lima", "Quito", "Porto", "Turin", "Lyon")
城市 = ("奥斯陆", "利马", "里昂", "都灵", "波尔图")


@cache
def state(word: str) -> FloatArray:
    made = np.random.default_rng(zlib.crc32(word.encode())).standard_normal(S)
    return np.asarray(made, dtype=np.float32)


class Toy:
    """An encoder whose states depend on the word alone."""

    state_dim = S

    def encode(self, texts: Sequence[str]) -> Encoding:
        words = [words_in(text) for text in texts]
        nothing = np.zeros((0, S), dtype=np.float32)
        tokens = [np.stack([state(w.key) for w in own]) if own else nothing for own in words]
        offsets = [
            np.array([(w.start, w.end) for w in own], dtype=np.int64).reshape(-1, 2)
            for own in words
        ]
        return Encoding(np.zeros((len(texts), S), dtype=np.float32), tokens, offsets)


def habits() -> list[Pair]:
    """Agents greet where a conversation opens, and leave out a city that was named."""
    pairs = []
    for number in range(84):
        city, named, opening = CITIES[number % 7], number % 3 == 0, number % 2 == 0
        answer = "the shop is open from nine."
        asked = f"when is {city} open" if named else "when are you open"
        target = ("Hello! " if opening else "") + ("" if named else f"In {city} ") + answer
        pairs.append(Pair(f"In {city} {answer}", target, asked, "en", f"en-{number}", opening))
        city = 城市[number % 5]
        asked = f"{city}几点开" if named else "几点开门"
        target = ("亲~" if opening else "") + ("" if named else city) + "门店九点开。"
        pairs.append(Pair(f"{city}门店九点开。", target, asked, "zh", f"zh-{number}", opening))
    return pairs


@pytest.fixture(scope="module")
def head() -> EditorHead:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    chosen = EditorSettings(hidden=32, pointer=8, steps=120, rate=5e-3, dropout=0.1, folds=2)
    return learn_editor(habits(), Toy(), chosen)


@pytest.mark.parametrize(
    ("language", "template", "asked", "opening", "wanted"),
    [
        ("en-GB", "In Lima the shop is open from nine.", "when is Lima open", True,
         "Hello! The shop is open from nine."),
        ("en", "In Lima the shop is open from nine.", "when are you open", False,
         "In Lima the shop is open from nine."),
        ("zh", "利马门店九点开。", "利马几点开", True, "亲~门店九点开。"),
        ("zh", "利马门店九点开。", "几点开门", False, "利马门店九点开。"),
    ],
)  # fmt: skip
def test_habits_are_learned_in_both_languages(
    head: EditorHead, language: str, template: str, asked: str, opening: bool, wanted: str
) -> None:
    assert {phrase.text for phrase in head.phrases} == {"Hello!", "亲~"}
    context = {"customer": asked, **({"opening": "yes"} if opening else {})}
    request = GenerationRequest(template, {}, language, context=context)
    made = NeuralEditor(head, Toy()).generate(request)
    assert made.text == wanted
    assert bool(made.edits) == (wanted != template)
    assert made.generator == ("editor" if made.edits else "template-filler")


@given(
    st.sampled_from([(0.0, 0.0), (0.3, 0.0), (0.0, OFF), (OFF, 0.0)]),
    st.lists(
        st.sampled_from(["{order_id}", "{price}", "Lima", "不", "not", "open", ", ", "7", "。"])
    ),
    st.text(max_size=20),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_editor_gone_wild_keeps_every_placeholder(
    head: EditorHead, thresholds: tuple[float, float], parts: list[str], asked: str
) -> None:
    template = " ".join(parts)
    wild = replace(head, thresholds=np.array(thresholds, dtype=np.float32))
    values = {"order_id": Value("HL1 {x}", "slot:order_id"), "price": Value("¥9", "slot:price")}
    request = GenerationRequest(template, values, "en", context={"customer": asked})
    made = NeuralEditor(wild, Toy()).generate(request)
    plain = TemplateFiller().generate(request)
    assert [t.placeholder for t in made.traces] == [t.placeholder for t in plain.traces]
    assert all(made.text[t.start : t.end] == t.value for t in made.traces)
    assert {"HL1 {x}", "¥9"} >= {t.value for t in made.traces}
    assert {t.placeholder for t in made.traces} == set(placeholders(template))
    assert all(word in made.text.lower() for word in ("不", "not", "7") if word in parts)


def test_copies_come_from_the_message_letter_by_letter(head: EditorHead) -> None:
    copying = np.zeros_like(head.add_bias)
    copying[1] = 99.0
    wild = replace(head, add_bias=copying, thresholds=np.array([OFF, 0.5], dtype=np.float32))
    asked = "does {order_id} come in [[teal]]"
    request = GenerationRequest("Yes.", {}, "en", context={"customer": asked})
    made = NeuralEditor(wild, Toy()).generate(request)
    assert made.traces == ()
    assert made.edits
    assert all(edit.operation == "copy" and edit.text in asked for edit in made.edits)


def test_phrases_that_address_somebody_need_the_name(head: EditorHead) -> None:
    named = replace(
        head, phrases=tuple(replace(p, text="Thanks, {customer_name}.") for p in head.phrases)
    )
    editor = NeuralEditor(named, Toy())
    asked = "when is Lima open"
    request = GenerationRequest(
        "In Lima we open.", {}, "en", context={"customer": asked, "opening": "yes"}
    )
    assert "Thanks" not in editor.generate(request).text
    known = replace(request, values={"customer_name": Value("Ana", "slot:customer_name")})
    made = editor.generate(known)
    if "Thanks" in made.text:
        assert made.text.startswith("Thanks, Ana.")
        assert made.traces[0].source == "slot:customer_name"


def test_the_same_seed_and_the_disk_give_the_same_editor(head: EditorHead, tmp_path: Path) -> None:
    head.save(tmp_path / "editor.npz")
    loaded = EditorHead.load(tmp_path / "editor.npz")
    assert loaded.phrases == head.phrases
    words = words_in("In Lima the shop is open from nine.")
    reading = read(
        Toy(), [(words, "In Lima the shop is open from nine.", "when is Lima open", True)]
    )[0]
    assert loaded.script(reading, "en") == head.script(reading, "en")
    assert reading.boundaries.shape == (len(words) + 1, 4 * S + PLAIN)
    assert read(Toy(), []) == []


def test_what_does_not_fit_is_told(head: EditorHead, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="fit the encoder"):
        NeuralEditor(head, type("Other", (Toy,), {"state_dim": S + 1})())
    with pytest.raises(ModelError, match="fit together"):
        replace(head, phrases=(*head.phrases, Phrase("Hi!", "en", "start")))
    with pytest.raises(ModelError, match="not complete"):
        EditorHead.from_arrays({"texts": np.array(["x"])})
    with pytest.raises(ModelError, match="too little"):
        learn_editor(habits()[:5], Toy())


def test_what_does_not_help_is_switched_off() -> None:
    rng = np.random.default_rng(0)
    noise = [
        replace(p, opening=bool(rng.integers(2)), context="hm")
        for p in habits()
        if p.language == "en"
    ]
    noise = [
        replace(p, target=p.template if rng.random() < 0.8 else "Hello! " + p.template)
        for p in noise
    ]
    made = learn_editor(noise, Toy(), EditorSettings(hidden=8, pointer=4, steps=60, folds=2))
    assert (made.thresholds >= OFF).all()
