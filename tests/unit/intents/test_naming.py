from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from intents.assistant import Assistant
from intents.naming import encoded_names, names_of, readable
from intents.reading.folder import read_assistant
from tests.unit.intents.hashing import HashingEncoder


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("card_arrival", "card arrival"),
        ("CardArrival", "card arrival"),
        ("ask/weather-today", "ask weather today"),
        ("退货_退款", "退货 退款"),
        ("PIN", "pin"),
    ],
)
def test_labels_become_words(label: str, words: str) -> None:
    assert readable(label) == words


def described(folder: Path) -> Assistant:
    (folder / "domain.yml").write_text("intents:\n- greet\n- gift_card\n- bare\n")
    (folder / "nlu.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - hello\n")
    (folder / "frontdesk.yml").write_text(
        "intents:\n  gift_card:\n    description: Questions about vouchers\n    title:\n"
        "      en: Gift cards\n"
    )
    return read_assistant(folder)


def test_described_intents_come_along_and_others_without_lines_do_not(tmp_path: Path) -> None:
    names = names_of(["greet", "out_of_scope"], described(tmp_path))
    assert names == {
        "greet": ["greet"],
        "gift_card": ["gift card", "Questions about vouchers", "Gift cards"],
    }


def test_a_description_of_an_intent_that_is_not_declared_makes_none(tmp_path: Path) -> None:
    assistant = described(tmp_path)
    less = {n: i for n, i in assistant.intents.items() if n != "gift_card"}
    assert set(names_of(["greet"], replace(assistant, intents=less))) == {"greet"}


def test_vectors_are_the_mean_direction_of_the_texts() -> None:
    def encode(texts: list[str]) -> np.ndarray:
        return HashingEncoder().encode(texts).sentence

    made = encoded_names({"a": ["one", "two"], "b": ["three"]}, encode)  # type: ignore[arg-type]
    both = encode(["one", "two"]).sum(axis=0)
    np.testing.assert_allclose(made["a"].vector, both / np.linalg.norm(both), atol=1e-6)
    assert made["a"].text == "one\ntwo"
    assert encoded_names({}, encode) == {}  # type: ignore[arg-type]
