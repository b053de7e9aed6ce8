"""docs/assistant.md names every setting and every recogniser."""

from pathlib import Path

import pytest

from intents.settings import NORMALISERS, RECOGNISERS, Settings

PAGE = (Path(__file__).parents[3] / "docs" / "assistant.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", sorted(Settings.__dataclass_fields__))
def test_every_setting_is_documented_with_its_default(key: str) -> None:
    rows = [row for row in PAGE.split("\n") if row.startswith(f"| `{key}` |")]
    assert len(rows) == 1
    default = getattr(Settings(), key)
    if isinstance(default, int | float) or (isinstance(default, str) and default.isupper()):
        assert f"`{default}`" in rows[0]


@pytest.mark.parametrize("name", [*RECOGNISERS, *NORMALISERS, "when_asked", "translation"])
def test_every_name_a_setting_takes_is_documented(name: str) -> None:
    assert f"`{name}`" in PAGE
