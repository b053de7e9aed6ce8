"""Chats as plain text, in the shapes that people keep them in."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.reading.columns import Columns
from tests.unit.retrieval.reading.reads import read, said

WANTED = [
    ("customer", "is it open today?"),
    ("agent", "until nine,\nalso on Sunday"),
    ("customer", "thx"),
]

SHAPES = {
    "brackets": "[10:02] Customer: is it open today?\n[10:03] Agent Anna: until nine,\n"
    "also on Sunday\n[10:04] Customer: thx\n",
    "dated": "2026-03-04 10:02 Jo: is it open today?\n"
    "2026-03-04 10:03 Support (Anna): until nine,\nalso on Sunday\n2026-03-04 10:04 Jo: thx\n",
    "android": "04/03/2026, 10:02 - Messages and calls are end-to-end encrypted.\n"
    "04/03/2026, 10:02 - Jo: is it open today?\n04/03/2026, 10:03 - Anna: until nine,\n"
    "also on Sunday\n04/03/2026, 10:04 - Jo: thx\n",
    "ios": "\u200e[04/03/26, 10:02:11] Jo: is it open today?\n"
    "[04/03/26, 10:03:00] Anna: until nine,\nalso on Sunday\n[04/03/26, 10:04:00 AM] Jo: thx\n",
    "parentheses": "(10:02:33 AM) Visitor 4711: is it open today?\n"
    "(10:03:00 AM) Anna: until nine,\nalso on Sunday\n(10:04:00 AM) Visitor 4711: thx\n",
    "plain": "Customer: is it open today?\nAgent: until nine,\nalso on Sunday\nCustomer: thx\n",
    "above": "Jo 2026-03-04 10:02:11\nis it open today?\n\n客服Anna 2026-03-04 10:03:00\n"
    "until nine,\nalso on Sunday\n\nJo 2026-03-04 10:04:00\nthx\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes(tmp_path: Path, shape: str) -> None:
    file = tmp_path / "chat.txt"
    file.write_text(SHAPES[shape], "utf-8")
    found, bad = read(file)
    assert not bad
    assert [said(c) for c in found] == [WANTED]
    assert found[0].agent == (None if shape == "plain" else "Anna")


def test_chinese_with_headings_rules_and_urls(tmp_path: Path) -> None:
    file = tmp_path / "聊天.txt"
    file.write_text(
        "会话编号：1001\n客户：能退吗\n客服小林：可以的，详见 https://x.example/a\n注意：七天内\n"
        "----------\n会话编号：1002\n买家：在吗\n店小二：在的亲\n",
        "gb18030",
    )
    found, _ = read(file)
    assert [len(c.turns) for c in found] == [2, 2]
    assert found[0].turns[1].text == "可以的，详见 https://x.example/a\n注意：七天内"
    assert (found[0].agent, found[0].language) == ("小林", "zh")
    assert len({c.id for c in found}) == 2


def test_long_silence_begins_a_new_conversation(tmp_path: Path) -> None:
    file = tmp_path / "wa.txt"
    rows = [f"{day:02}/03/2026, 10:0{m} - {who}: text {day} {m}"
            for day in (13, 14, 15) for m, who in enumerate(("Jo", "Shop", "Jo"))]  # fmt: skip
    file.write_text("\n".join(rows))
    found, _ = read(file)
    assert [len(c.turns) for c in found] == [3, 3, 3]
    assert all(c.started is not None and c.started.month == 3 for c in found)
    assert {c.turns[1].role for c in found} == {"agent"}


def test_who_is_who_can_be_said(tmp_path: Path) -> None:
    file = tmp_path / "chat.txt"
    file.write_text("10:01 Ann: we open at nine\n10:02 Bob: good\n10:03 Ann: see you\n")
    guessed, _ = read(file)
    assert guessed[0].turns[0].role == "customer", "who speaks first"
    roles = Columns("transcript", roles={"Ann": "agent", "Bob": "customer"})
    told, _ = read(file, roles)
    assert [turn.role for turn in told[0].turns] == ["agent", "customer", "agent"]


def test_prose_is_no_chat(tmp_path: Path) -> None:
    file = tmp_path / "readme.txt"
    file.write_text(
        "A list of things to do.\nNote: buy milk.\nThen go home and rest a while.\n" * 9
    )
    found, bad = read(file)
    assert not found
    assert "known format" in bad[0].reason
