"""The trained reader, exported from the weights that are installed, beside its checker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.checking import Checker, Sources, Stated
from models.checking.reader import LONGEST, SHIPPED, PairReader, joined, shipped_reader
from models.encoders.adapter import changed
from models.encoders.tokens import TextTokenizer
from models.encoders.weights import resolve
from models.errors import ModelError, WeightsAltered

SOURCES = {
    "en": Sources(
        "Your parcel {parcel} is kept at the depot until {last_day}. After that it goes back to "
        "us, unless you ask the carrier to wait.",
        {"parcel": Stated("PX-5521"), "last_day": Stated("2025-05-09", "date")},
        "en",
    ),
    "zh": Sources(
        "您的包裹{parcel}在站点保留到{last_day}，逾期将退回给我们，除非您请快递延长保管。",
        {"parcel": Stated("PX-5521"), "last_day": Stated("2025-05-09", "date")},
        "zh",
    ),
}
RIGHT = {
    "en": "PX-5521, your parcel, stays at the depot up to 9 May. Unless you have the carrier wait, "
    "it's returned to us after that.",
    "zh": "包裹PX-5521站点帮您保留到5月9日，过了时间就会退回我们这里，除非您让快递延长保管时间。",
}
WRONG = {
    "en": "PX-5521, your parcel, stays at the depot up to 9 May. Even if you have the carrier "
    "wait, it's returned to us after that.",
    "zh": "包裹PX-5521站点帮您保留到5月9日，过了时间也不会退回我们这里，您不用让快递延长保管时间。",
}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_turned_condition_makes_the_difference(language: str) -> None:
    checker = Checker(shipped_reader())
    right = checker.check(RIGHT[language], SOURCES[language])
    wrong = checker.check(WRONG[language], SOURCES[language])
    assert right.doubt < wrong.doubt
    assert not wrong.passed


def test_what_is_served_is_what_was_trained() -> None:
    """The exported graph in 8 bits against the same sums in float32, in torch."""
    torch = pytest.importorskip("torch")
    from transformers import AutoModel

    weights, changes = resolve("e5-mul"), load_file(SHIPPED)
    tokenizer = TextTokenizer.load(weights.path / "tokenizer.json", "", LONGEST)
    model = AutoModel.from_pretrained(weights.path, add_pooling_layer=False, local_files_only=True)
    state = changed(load_file(weights.path / "model.safetensors"), changes)
    model.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    model.eval()
    pairs = [
        (said, reply) for said in ("We ship on Mondays.", "周一发货，周日不发。")
        for reply in ("On Mondays we ship.", "We never ship on Mondays.", "周日也发货。")
    ]  # fmt: skip
    for source, reply in pairs:
        first, second = tokenizer.encode([source, reply])
        ids, split = joined(first, second)
        with torch.no_grad():
            states = model(input_ids=torch.from_numpy(ids[None])).last_hidden_state[0].numpy()
        words = states @ changes["head.words.weight"] + changes["head.words.bias"]
        lean = states[split:].mean(axis=0) - states[:split].mean(axis=0)
        whole = np.concatenate([states[0], lean]) @ changes["head.whole.weight"]
        expected = whole + changes["head.whole.bias"][0] + np.logaddexp.reduce(words)
        assert shipped_reader().read(source, reply).odds == pytest.approx(expected, abs=1.0)


def test_long_and_empty_texts_are_read() -> None:
    reader = shipped_reader()
    for source, reply in (("", ""), ("word " * 2_000, "词" * 2_000), ("a", "\U0001f600" * 500)):
        assert np.isfinite(reader.read(source, reply).odds)


def test_a_reader_for_other_weights_is_refused(tmp_path: Path) -> None:
    from models.checking.reader import _exported

    file = tmp_path / "reader.safetensors"
    facts = {"base": "e5-mul", "base_sha256": "0" * 64, "licence": "MIT", "rank": "1"}
    save_file({"head.words.bias": np.zeros(1, np.float32)}, file, facts)
    with pytest.raises(WeightsAltered, match="does not fit"):
        _exported(resolve("e5-mul"), file)
    with pytest.raises(ModelError):
        PairReader.load(tmp_path)
