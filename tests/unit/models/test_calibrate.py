"""Which layers are rounded, and from what."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from models.arrays import FloatArray
from models.encoders import calibrate
from models.encoders.calibrate import KINDS, calibration_lines, closeness, plan, reaches
from models.encoders.export import _read_tensors
from models.encoders.graph import GraphWriter, Layout, observed_name
from models.encoders.tokens import TextTokenizer
from models.encoders.weights import Weights
from tests.unit.models.conftest import HIDDEN, INNER, LAYERS

Parts = tuple[Layout, dict[str, FloatArray], TextTokenizer]


@pytest.fixture
def parts(tiny_weights: Weights) -> Parts:
    layout = Layout.read(json.loads((tiny_weights.path / "config.json").read_text()))
    tensors = dict(_read_tensors(tiny_weights.path / "model.safetensors"))
    tokenizer = TextTokenizer.load(Path(tiny_weights.path / "tokenizer.json"), "", 48)
    return layout, tensors, tokenizer


def test_the_lines_are_of_both_languages_and_of_all_lengths() -> None:
    lines = calibration_lines()
    assert len(lines) == len(set(lines)) > 150
    assert all(line.strip() for line in lines)
    assert sum(any("\u4e00" <= char <= "\u9fff" for char in line) for line in lines) > 60
    assert min(map(len, lines)) < 4
    assert max(map(len, lines)) > 300


def test_every_matrix_input_is_observed(parts: Parts) -> None:
    found = reaches(*parts, ["where is my order", "hello"])
    assert set(found) == {observed_name(layer, kind) for layer in range(LAYERS) for kind in KINDS}
    assert all((reach.low <= reach.high).all() for reach in found.values())
    assert found["state.0"].low.shape == (HIDDEN,)
    assert found[observed_name(1, "active")].high.shape == (INNER,)


def test_padding_is_not_observed(parts: Parts) -> None:
    alone = reaches(*parts, ["hello"])
    beside = reaches(*parts, ["hello", "hello hello hello hello"])
    longer = reaches(*parts, ["hello hello hello hello"])
    for name, reach in beside.items():
        both = alone[name].joined(longer[name])
        np.testing.assert_allclose(reach.high, both.high, atol=1e-4)


@pytest.mark.parametrize(("bound", "whole"), [(0.0, LAYERS), (2.0, LAYERS - LAYERS // 3)])
def test_layers_stay_in_float32_where_vectors_move_too_far(
    parts: Parts, monkeypatch: pytest.MonkeyPatch, bound: float, whole: int
) -> None:
    monkeypatch.setattr(calibrate, "FAITHFUL", bound)
    found, _ = plan(*parts, ["where is my order", "refund", "hello"])
    assert [layer.state is not None for layer in found] == [i < whole for i in range(LAYERS)]


def test_a_layer_in_float32_runs_beside_rounded_ones(parts: Parts) -> None:
    layout, tensors, tokenizer = parts
    lines = ["where is my order", "refund please", "hello"]
    rounded, graph = plan(layout, tensors, tokenizer, lines)
    mixed = [rounded[0], rounded[1].in_float32()]
    plain, part, full = (
        calibrate._sentences(each, tokenizer, lines)
        for each in (
            GraphWriter(layout, None).write(tensors),
            GraphWriter(layout, mixed).write(tensors),
            graph,
        )
    )
    assert closeness(plain, part) > 0.99
    assert closeness(plain, full) > 0.99
