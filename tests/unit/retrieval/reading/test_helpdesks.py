"""Exports of helpdesks and bots, in the shapes that they have."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from retrieval.reading.formats import LogFile
from tests.unit.retrieval.reading.reads import read, said

TICKET: dict[str, Any] = {
    "id": 35436, "requester_id": 20978392, "assignee_id": 235323, "status": "solved",
    "via": {"channel": "web"}, "satisfaction_rating": {"score": "good"}, "tags": ["printer"],
    "comments": [
        {"id": 2, "author_id": 235323, "public": True, "plain_body": "It ships on Monday.",
         "created_at": "2026-03-04T11:00:00Z"},
        {"id": 1, "author_id": 20978392, "public": True, "body": "Where is my lamp?",
         "created_at": "2026-03-04T10:00:00Z"},
        {"id": 3, "author_id": 235323, "public": False, "body": "she is angry",
         "created_at": "2026-03-04T11:01:00Z"},
    ],
}  # fmt: skip
CHAT: dict[str, Any] = {
    "id": "1412.774932", "visitor": {"name": "Jo Brand", "email": "jo@x.example"}, "rating": "bad",
    "history": [
        {"type": "chat.memberjoin", "name": "Jo Brand", "timestamp": "2026-03-04T10:00:00Z"},
        {"type": "chat.msg", "name": "Jo Brand", "sender_type": "Visitor", "msg": "still open?",
         "timestamp": "2026-03-04T10:00:01Z"},
        {"type": "chat.msg", "name": "Mia", "nick": "agent:77", "msg": "until nine",
         "timestamp": "2026-03-04T10:00:09Z"},
    ],
}  # fmt: skip
INTERCOM: dict[str, Any] = {
    "type": "conversation", "id": "147", "created_at": 1772618400, "state": "closed",
    "source": {"type": "conversation", "body": "<p>Do you ship to <b>Lyon</b>?</p>",
               "author": {"type": "lead", "name": "Ada Byron"}},
    "conversation_rating": {"rating": 4},
    "conversation_parts": {"type": "conversation_part.list", "conversation_parts": [
        {"part_type": "assignment", "body": None, "created_at": 1772618410,
         "author": {"type": "bot", "name": "Fin"}},
        {"part_type": "note", "body": "<p>VIP</p>", "created_at": 1772618420,
         "author": {"type": "admin", "name": "Kim Lee"}},
        {"part_type": "comment", "body": "<p>We do.</p><p>Three days &amp; a bit.</p>",
         "created_at": 1772618430, "author": {"type": "admin", "name": "Kim Lee"}},
    ]},
}  # fmt: skip
CHATWOOT: dict[str, Any] = {
    "id": 24, "status": "resolved",
    "meta": {"channel": "Channel::WebWidget", "sender": {"name": "山田", "type": "contact"}},
    "messages": [
        {"id": 1, "content": "你好，能退吗", "message_type": 0, "private": False,
         "created_at": 1772618400, "conversation_id": 24},
        {"id": 2, "content": "已分配给小林", "message_type": 2, "created_at": 1772618401},
        {"id": 3, "content": "别退给他", "message_type": 1, "private": True,
         "created_at": 1772618402},
        {"id": 4, "content": "可以的，七天内", "message_type": 1, "private": False,
         "created_at": 1772618403, "sender": {"name": "小林", "type": "user"}},
        {"id": 5, "content": "请评价", "message_type": 3, "content_type": "input_csat",
         "created_at": 1772618404, "content_attributes": {"submitted_values":
          {"csat_survey_response": {"rating": 2}}}},
    ],
}  # fmt: skip
EVENTS: list[dict[str, Any]] = [
    {"event": "action", "name": "action_session_start", "timestamp": 1772618400.1},
    {"event": "session_started", "timestamp": 1772618400.2},
    {"event": "user", "text": "hi", "timestamp": 1772618400.3, "parse_data": {"intent": {}}},
    {"event": "bot", "text": "hello", "timestamp": 1772618400.4},
    {"event": "slot", "name": "x", "value": "y"},
    {"event": "session_started", "timestamp": 1772628400.2},
    {"event": "user", "text": "a person please", "timestamp": 1772628400.3},
    {"event": "action", "name": "action_handoff"},
]


def dump(tmp_path: Path, data: Any, name: str = "export.json") -> Path:
    file = tmp_path / name
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
    return file


def lines(tmp_path: Path, *rows: Any) -> Path:
    file = tmp_path / "export.ndjson"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return file


def test_zendesk_tickets_and_chats(tmp_path: Path) -> None:
    (ticket, chat), bad = read(
        lines(tmp_path, TICKET, CHAT, {"id": 1, "comments": [], "requester_id": 2})
    )
    assert said(ticket) == [("customer", "Where is my lamp?"), ("agent", "It ships on Monday.")]
    assert (ticket.id, ticket.outcome, ticket.rating) == ("zendesk-35436", "resolved", 5)
    assert ticket.channel == "web"
    assert said(chat) == [("customer", "still open?"), ("agent", "until nine")]
    assert (chat.agent, chat.customer, chat.rating) == ("Mia", "Jo Brand", 1)
    assert bad[0].line == 3
    (from_api,), _ = read(dump(tmp_path, {"count": 1, "tickets": [TICKET], "users": [{"id": 1}]}))
    assert from_api == ticket


def test_intercom_bodies_without_markup_and_notes(tmp_path: Path) -> None:
    for data in (INTERCOM, [INTERCOM], {"type": "conversation.list", "conversations": [INTERCOM]}):
        (found,), bad = read(dump(tmp_path, data))
        assert not bad
        assert said(found) == [
            ("customer", "Do you ship to Lyon?"),
            ("agent", "We do.\nThree days & a bit."),
        ]
        assert (found.id, found.rating, found.outcome) == ("intercom-147", 4, "resolved")
        assert (found.agent, found.customer) == ("Kim Lee", "Ada Byron")


def test_chatwoot_without_activities_notes_and_surveys(tmp_path: Path) -> None:
    for data in (CHATWOOT, {"data": {"meta": {"all_count": 1}, "payload": [CHATWOOT]}}):
        (found,), _ = read(dump(tmp_path, data))
        assert said(found) == [("customer", "你好，能退吗"), ("agent", "可以的，七天内")]
        assert (found.id, found.rating, found.channel) == ("chatwoot-24", 2, "WebWidget")
        assert (found.agent, found.customer, found.language) == ("小林", "山田", "zh")


def test_chatwoot_messages_alone_are_rows(tmp_path: Path) -> None:
    payload = [m | {"conversation_id": 24} for m in CHATWOOT["messages"][:2]]
    (found,), _ = read(dump(tmp_path, {"meta": {}, "payload": payload}))
    assert said(found) == [("customer", "你好，能退吗")]


def test_rasa_trackers_as_json(tmp_path: Path) -> None:
    tracker = {"sender_id": "web-1", "slots": {}, "events": EVENTS}
    by_sender = {"web-1": tracker}
    for data in (tracker, [tracker], by_sender):
        found, bad = read(dump(tmp_path, data))
        assert not bad
        assert [c.id for c in found] == ["rasa-web-1", "rasa-web-1-2"]
        assert said(found[0]) == [("customer", "hi"), ("agent", "hello")]
        assert (found[0].outcome, found[1].outcome) == (None, "escalated")


def test_rasa_tracker_store_in_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "rasa.db"
    connection = sqlite3.connect(file)
    connection.execute(
        "CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id VARCHAR(255), type_name VARCHAR, "
        "timestamp FLOAT, intent_name VARCHAR, action_name VARCHAR, data TEXT)"
    )
    for event in EVENTS:
        for sender in ("b", "a"):  # interleaved, as a live bot writes them
            row = (sender, event["event"], event.get("timestamp"), json.dumps(event))
            connection.execute(
                "INSERT INTO events (sender_id, type_name, timestamp, data) VALUES (?, ?, ?, ?)",
                row,
            )
    connection.execute("INSERT INTO events (sender_id, type_name, data) VALUES ('a', 'user', '{')")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    for path in (file, f"sqlite:///{file}"):
        found, bad = read(path)
        assert [c.id for c in found] == ["rasa-a", "rasa-a-2", "rasa-b", "rasa-b-2"]
        assert len(bad) == 1
        fingerprint = LogFile.of(path).fingerprint()
        assert fingerprint
    assert file.read_bytes() == before, "only read"


def test_a_database_that_is_none(tmp_path: Path) -> None:
    empty = tmp_path / "x.db"
    sqlite3.connect(empty).execute("CREATE TABLE other (id)").connection.close()
    for path in (str(empty), f"sqlite:///{tmp_path}/absent/x.db", "nosuch://user:pw@host/db"):
        found, bad = read(path)
        assert not found
        assert "tracker store" in bad[0].reason
        assert "pw" not in bad[0].reason


def test_chat_model_logs_are_conversations(tmp_path: Path) -> None:
    said_by = (("system", "be kind"), ("user", "hi"), ("assistant", "hello"))
    data = {"messages": [{"role": role, "content": text} for role, text in said_by]}
    pairs = (("human", "hi"), ("gpt", "hello"))
    shared = {"conversations": [{"from": who, "value": text} for who, text in pairs]}
    found, _ = read(lines(tmp_path, data, shared))
    assert [said(c) for c in found] == [[("customer", "hi"), ("agent", "hello")]] * 2
    assert [c.id for c in found] == ["export-1", "export-2"]


@pytest.mark.parametrize("text", ['{"tickets": [{"id": 1, "requester_id"', '[{"a": 1}, nope]', "{"])
def test_a_torn_document_gives_what_stands_before_the_fault(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(text)
    _, bad = read(file)
    assert bad
    file.write_text(json.dumps([INTERCOM, INTERCOM])[:-40])
    found, bad = read(file)
    assert len(found) == 1
    assert "not JSON from here on" in bad[-1].reason
