"""Which licences pass, and that the page of third-party software matches the locks."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", ROOT / "deploy/tools/licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["licences"] = module
    spec.loader.exec_module(module)
    return module


licences = load()


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "Apache-2.0 OR BSD-3-Clause",
        "MPL-2.0 AND (Apache-2.0 OR MIT)",
        "LGPL-3.0-only",
        "Apache-2.0 WITH LLVM-exception",
        "GPL-3.0-only OR MIT",
        "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    ],
)
def test_that_licences_of_commercial_use_pass(expression: str) -> None:
    assert licences.acceptable(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-3.0-only",
        "AGPL-3.0-or-later",
        "MIT AND GPL-2.0-only",
        "CC-BY-NC-4.0",
        "SSPL-1.0",
        "BUSL-1.1 OR (MIT AND GPL-3.0-only)",
        "GPL-3.0-only WITH LLVM-exception",
        "proprietary",
        "",
        "(MIT",
        "MIT)",
        "MIT AND",
        "MIT Apache-2.0",
    ],
)
def test_that_copyleft_noncommercial_and_unknown_licences_do_not(expression: str) -> None:
    assert not licences.acceptable(expression)


@given(st.text(alphabet="()MITANDORWITHGPL-3.0 ", max_size=40))
def test_that_any_expression_gets_an_answer(expression: str) -> None:
    assert licences.acceptable(expression) in (True, False)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Apache Software License", "Apache-2.0"),
        ("MIT License", "MIT"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("GNU General Public License v3 (GPLv3)", "GNU General Public License v3 (GPLv3)"),
    ],
)
def test_that_loose_spellings_are_understood(written: str, name: str) -> None:
    assert licences.spelled(written) == name


def test_that_a_refused_licence_is_named_with_its_package() -> None:
    found = {
        "Weights and language data": [],
        "Service": [licences.Package("good", "1", "MIT"), licences.Package("bad", "2", "GPL-3.0")],
    }
    (line,) = licences.refused(found)
    assert line.startswith("bad 2: expected a permissive")
    assert "'GPL-3.0'" in line


def test_that_weights_without_a_licence_are_refused() -> None:
    rows = [licences.Package("new-weights", "1", "MIT")]
    assert licences.refused({"Weights and language data": rows}) == [
        "new-weights: its weights have no entry in WEIGHTS"
    ]


def test_that_the_page_lists_every_pin() -> None:
    page = (ROOT / "THIRD_PARTY.md").read_text()
    for lock in licences.GROUPS.values():
        for name, version in licences.pins(ROOT / lock):
            assert f"| {name} | {version} |" in page, "run `make licences`"


def test_that_the_page_lists_every_library_of_the_web_pages() -> None:
    page = (ROOT / "THIRD_PARTY.md").read_text()
    for row in (
        *licences.npm_packages("bot/web", shipped=True),
        *licences.npm_packages("bot/web", shipped=False),
        *licences.npm_packages("benchmarks/load", shipped=False),
    ):
        assert f"| {row.name} | {row.version} | {row.licence} |" in page, "run `make licences`"
