"""Exports with anything in the wrong place: the rest comes along, and nothing else fails."""

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intents.importing.bring import FORMATS
from intents.importing.source import Source
from models.errors import DataError
from tests.unit.intents.importing.test_dialogflow import CX, ES
from tests.unit.intents.importing.test_lex import CHINESE, ENGLISH, V1, locale
from tests.unit.intents.importing.test_luis_wit import LUIS, WIT
from tests.unit.intents.importing.test_rasa import JSON

EXPORTS = {
    "rasa": {"nlu.json": JSON},
    "luis": {"app.json": LUIS},
    "wit": WIT,
    "lex1": {"bot.json": V1},
    "lex2": {**locale("zh_CN", CHINESE), **locale("en_US", ENGLISH)},
    "es": ES,
    "cx": CX,
}
JUNK = [
    None,
    3,
    1.5,
    True,
    "x",
    "",
    [],
    {},
    [1, None],
    [["x"]],
    {"a": 1},
    [{"name": 5}],
    {"name": []},
]


def places(node: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all nodes of JSON data."""
    found = [way] if way else []
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inner:
        found += places(value, (*way, key))
    return found


def broken(export: dict[str, Any], way: tuple[Any, ...], junk: Any) -> dict[str, bytes]:
    """The files of an export with ``junk`` at one place."""
    changed = copy.deepcopy(export)
    node: Any = changed
    for key in way[:-1]:
        node = node[key]
    node[way[-1]] = junk
    return {
        name: (content if isinstance(content, str) else json.dumps(content)).encode()
        for name, content in changed.items()
    }


@pytest.mark.parametrize("name", EXPORTS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_junk_anywhere_is_passed_over(
    name: str, tmp_path_factory: Any, data: st.DataObject
) -> None:
    way = data.draw(st.sampled_from(places(EXPORTS[name])))
    junk = data.draw(st.sampled_from(JUNK))
    files = broken(EXPORTS[name], way, junk)
    source = Source(tmp_path_factory.getbasetemp(), files, [])
    for is_it, read in FORMATS:
        if is_it(source):
            try:
                read(source).counts()
            except DataError:
                continue
            break
