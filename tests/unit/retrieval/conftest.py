"""Unit tests read no weights: redaction goes by its rules there."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _rules_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.redaction.redactor.packaged_detector", lambda: None)
