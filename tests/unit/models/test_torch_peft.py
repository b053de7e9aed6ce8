"""Adapters: they alone learn, and once merged the plain encoder gives what they gave."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from models.encoders.weights import Weights, resolve
from models.errors import ModelError
from models.learning.encoder import TorchEncoder
from models.learning.peft import METHODS, Adapters, Method

ADAPTERS = [method for method in METHODS if method != "upper"]
TEXTS = ["where is my parcel", "hello"]


def learned(encoder: TorchEncoder) -> None:
    """Move all that can be trained a little, as training would."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in encoder.parameters():
            if parameter.requires_grad:
                parameter += torch.randn_like(parameter) * 0.1


@pytest.mark.parametrize("method", ADAPTERS)
def test_merged_weights_give_what_the_adapters_gave(
    tiny_weights: Weights, tmp_path: Path, method: Method
) -> None:
    encoder = TorchEncoder.from_weights(tiny_weights).eval()
    untouched = encoder.encode(TEXTS)
    adapters = Adapters(encoder, method, 1)
    np.testing.assert_allclose(encoder.encode(TEXTS).sentence, untouched.sentence, atol=1e-6)
    learned(encoder)
    adapted = encoder.encode(TEXTS)
    assert np.abs(adapted.sentence - untouched.sentence).max() > 1e-3
    adapters.merge()
    encoder.save(tmp_path / "merged")
    plain = TorchEncoder.from_weights(resolve(str(tmp_path / "merged"))).encode(TEXTS)
    np.testing.assert_allclose(plain.sentence, adapted.sentence, atol=1e-5)
    np.testing.assert_allclose(plain.tokens[0], adapted.tokens[0], atol=1e-5)


@pytest.mark.parametrize("method", ADAPTERS)
def test_only_layers_above_the_frozen_ones_change(
    tiny_weights: Weights, tmp_path: Path, method: Method
) -> None:
    encoder = TorchEncoder.from_weights(tiny_weights)
    adapters = Adapters(encoder, method, 1)
    learned(encoder)
    adapters.merge()
    encoder.save(tmp_path / "merged")
    before = load_file(tiny_weights.path / "model.safetensors")
    after = load_file(tmp_path / "merged" / "model.safetensors")
    changed = {name for name, new in after.items() if not np.array_equal(new, before[name])}
    assert changed
    assert all(name.startswith("encoder.layer.1.") for name in changed)


def test_adapters_of_another_kind_are_refused(tiny_weights: Weights) -> None:
    encoder = TorchEncoder.from_weights(tiny_weights)
    with pytest.raises(ModelError, match="prefix"):
        Adapters(encoder, cast(Method, "prefix"), 1)
