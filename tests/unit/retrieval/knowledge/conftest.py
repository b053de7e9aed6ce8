"""The small catalogue, built once."""

from __future__ import annotations

import pytest

from retrieval.knowledge.knowledge import Knowledge
from tests.unit.retrieval.knowledge.catalogue import Talk, knowledge


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return knowledge(tmp_path_factory.mktemp("catalogue"))


@pytest.fixture
def talk(known: Knowledge) -> Talk:
    return Talk(known)
