"""Whatever a file holds, reading gives conversations or bad items, each time the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.conversation import Conversation
from retrieval.reading.formats import LogFile
from retrieval.reading.items import Bad
from tests.unit.retrieval.reading.test_helpdesks import CHAT, CHATWOOT, EVENTS, INTERCOM, TICKET
from tests.unit.retrieval.reading.test_transcripts import SHAPES

NAMES = ("a.jsonl", "a.json", "a.csv", "a.txt", "a.tsv", "a.log", "a.db", "a")
SEEDS = [
    *(json.dumps(data).encode() for data in (TICKET, CHAT, INTERCOM, CHATWOOT)),
    json.dumps({"sender_id": "x", "events": EVENTS}).encode(),
    *(text.encode() for text in SHAPES.values()),
    b'session_id,role,text\n1,user,hello you\n1,bot,"hi\nthere"\n',
    "会话\t角色\t内容\n1\t客户\t在吗\n1\t客服\t在的\n".encode("utf-16"),
]  # fmt: skip


def check(folder: Path, name: str, data: bytes) -> None:
    file = folder / name
    file.write_bytes(data)
    items = list(LogFile.of(file).read())
    assert items == list(LogFile.of(file).read())
    for item in items:
        assert isinstance(item, Conversation | Bad)
        if isinstance(item, Conversation):
            assert item.turns
            assert item.id
            assert all(turn.text.encode() for turn in item.turns)
        else:
            assert item.reason


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytes")


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes(folder: Path, name: str, data: bytes) -> None:
    check(folder, name, data)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_real_files_with_a_piece_changed(folder: Path, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(SEEDS))
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 40)))
    piece = data.draw(st.binary(max_size=12))
    check(folder, data.draw(st.sampled_from(NAMES)), seed[:start] + piece + seed[end:])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "comments", "requester_id", "history", "visitor", "conversation_parts",
                 "source", "type", "messages", "message_type", "events", "sender_id", "author",
                 "body", "event", "text", "turns", "role", "payload", "data", "public", "at"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(JSON, st.sampled_from(("a.jsonl", "a.json")))
def test_any_json_in_the_words_of_exports(folder: Path, data: Any, name: str) -> None:
    check(folder, name, json.dumps(data).encode())
