"""Tables: columns guessed by name and by content, grouped, scattered, and in pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import DataError
from retrieval.reading import grouping
from retrieval.reading.columns import Columns
from retrieval.reading.formats import LogFile
from tests.unit.retrieval.reading.reads import read, said

ASKED = [("customer", "where is it, please"), ("agent", 'it left, see "tracking"\nabove')]


def write(tmp_path: Path, name: str, text: str) -> Path:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return file


def test_messages_with_a_header_quotes_and_line_breaks(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "chats.csv",
        "ticket_id,created_at,sender,message,status,csat\n"
        '7,2026-03-04 10:02,Customer,"where is it, please",solved,5\n'
        '7,2026-03-04 10:03,Agent Anna,"it left, see ""tracking""\nabove",solved,5\n'
        "8,2026-03-04 10:05,Customer,hi,open,\n"
        "8,2026-03-04 10:05,System,joined,open,\n"
        "\n9,2026-03-04 10:06,,nobody said this,open,\n"
        "9,a,b,c,d,e,f,g\n",
    )
    found, bad = read(file)
    assert [(c.id, said(c)) for c in found] == [("7", ASKED), ("8", [("customer", "hi")])]
    first = found[0]
    assert (first.agent, first.outcome, first.rating, first.language) == (
        "Anna",
        "resolved",
        5,
        "en",
    )
    assert first.started is not None
    assert [b.line for b in bad] == [8, 9], "lines as an editor counts them"
    assert "'sender'" in bad[0].reason


def test_without_a_header_by_what_the_columns_hold(tmp_path: Path) -> None:
    rows = []
    for talk in range(12):
        for turn in range(4):
            texts = ("请问这个多久能发货呀", "您好，今天下单明天就发货的哦")
            rows.append(f"{talk:032x}\tU{talk // 2}\t{turn % 2}\t0\t{texts[turn % 2]}{talk}")
    found, bad = read(write(tmp_path, "chat.txt", "\n".join(rows)))
    assert (len(found), len(bad)) == (12, 0)
    assert [turn.role for turn in found[0].turns] == ["customer", "agent"] * 2
    assert found[0].language == "zh"


def test_pairs_semicolons_and_markup(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "faq.csv",
        "问题;回答\n能开发票吗;<p>可以的，<b>电子发票</b>发到邮箱</p>\n运费;\n"
        "a < b 吗;小于 <cust__ 号照旧\n",
    )
    found, bad = read(file)
    assert said(found[0]) == [("customer", "能开发票吗"), ("agent", "可以的，电子发票发到邮箱")]
    assert said(found[1])[1] == ("agent", "小于 <cust__ 号照旧")
    assert [b.line for b in bad] == [3]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("is_agent", ("0", "1")),
        ("inbound", ("True", "False")),
        ("message_type", ("0", "1")),
        ("direction", ("incoming", "outgoing")),
        ("author", ("jo@x.example", "Help desk")),
        ("是否客服发送", ("否", "是")),
    ],
)
def test_columns_that_tell_who_speaks(tmp_path: Path, header: str, values: tuple[str, str]) -> None:
    lines = [f"conversation_id,{header},text"]
    for talk in range(3):
        lines += [f"{talk},{values[0]},how long does it take", f"{talk},{values[1]},two days"]
    found, _ = read(write(tmp_path, "a.csv", "\n".join(lines)))
    assert [[turn.role for turn in c.turns] for c in found] == [["customer", "agent"]] * 3


def test_a_column_of_names_goes_by_who_speaks_first(tmp_path: Path) -> None:
    lines = ["session_id,author,text"]
    for talk in range(30):
        lines += [f"{talk},Visitor {talk},hello there", f"{talk},Kim {talk % 9},hi, it is late"]
    found, _ = read(write(tmp_path, "a.csv", "\n".join(lines).replace("hi, it", "hi it")))
    assert {tuple(turn.role for turn in c.turns) for c in found} == {("customer", "agent")}
    assert found[0].agent == "Kim 0"


def test_silence_ends_a_conversation_where_no_column_does(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "a.csv",
        "time,from,text\n2026-01-01 10:00,user,hi\n2026-01-01 10:01,bot,hello\n"
        "2026-01-01 14:00,user,again\n",
    )
    found, _ = read(file)
    assert [(c.id, len(c.turns)) for c in found] == [("a-2", 2), ("a-4", 1)]


def test_json_rows_are_a_table(tmp_path: Path) -> None:
    row = '{"conversation_id": %d, "sender": {"type": "%s"}, "content": "%s", "tags": ["x"]}'
    lines = [
        row % (n, who, what) for n in (1, 2) for who, what in (("contact", "hi"), ("user", "yo"))
    ]
    mapping = Columns(
        "messages", text="content", role="sender.type", conversation="conversation_id",
        roles={"contact": "customer", "user": "agent"},
    )  # fmt: skip
    found, bad = read(write(tmp_path, "m.jsonl", "\n".join([*lines, "7"])), mapping)
    assert [said(c) for c in found] == [[("customer", "hi"), ("agent", "yo")]] * 2
    assert "object" in bad[0].reason
    found, _ = read(write(tmp_path, "m.json", f'{{"payload": [{",".join(lines)}]}}'), mapping)
    assert len(found) == 2


def test_markup_that_a_customer_typed_is_kept_as_words(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "a.csv",
        "session_id,role,text\n1,user,<script>alert('order')</script>\n1,bot,<p>Pardon?</p>\n"
        "1,user,<p></p>\n",
    )
    found, _ = read(file)
    assert said(found[0]) == [("customer", "alert('order')"), ("agent", "Pardon?")]


def test_scattered_messages_meet_whatever_the_buffer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{talk},{('user', 'bot')[n % 2]},line {n}" for n in range(40) for talk in range(25)]
    file = write(tmp_path, "a.csv", "\n".join(["session_id,role,text", *rows]))
    whole, _ = read(file)
    assert [c.id for c in whole] == [str(n) for n in range(25)], "small: in the file's order"
    assert [turn.text for turn in whole[3].turns] == [f"line {n}" for n in range(40)]
    monkeypatch.setattr(grouping, "BUFFER", 5000)
    spilled, _ = read(file)
    assert sorted(spilled, key=lambda c: int(c.id)) == whole
    again, _ = read(file)
    assert again == spilled, "in the same order each time, so that reading can go on"


def test_parts_on_disk_cannot_be_read_and_are_gone_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grouping.tempfile, "tempdir", str(tmp_path))
    messages = (grouping.Message(str(n % 50), "user", f"my phone {n}") for n in range(2000))
    groups = grouping.group(messages, 10**6, buffer=10_000)
    first = next(groups)
    parts = [f for f in tmp_path.rglob("*") if f.is_file()]
    assert parts
    assert not any(b"phone" in part.read_bytes() for part in parts)
    assert all(part.stat().st_mode & 0o077 == 0 for part in parts)
    assert len(first) + sum(map(len, groups)) == 2000
    assert not list(tmp_path.iterdir())


def test_a_mapping_is_shown_kept_and_checked(tmp_path: Path) -> None:
    file = write(
        tmp_path, "a.csv", "session_id,role,text\n1,user,how are you\n1,bot,fine thank you\n"
    )
    log = LogFile.of(file)
    assert log.guessed
    assert log.columns is not None
    shown = log.columns.show(log.sample)
    assert "how are you | fine thank you" in shown
    assert "user = customer" in shown
    log.columns.write(tmp_path / "m.json")
    kept = Columns.read(tmp_path / "m.json")
    assert kept == log.columns
    assert not LogFile.of(file, kept).guessed
    no_role = '{"kind": "pairs", "text": "a", "answer": "b", "roles": {"x": "cat"}}'
    needs = '{"kind": "messages", "text": "x"}'
    for wrong in ('{"kind": "songs"}', needs, no_role, '{"x": 1}', "[]", "{"):
        (tmp_path / "m.json").write_text(wrong)
        with pytest.raises(DataError, match="mapping"):
            Columns.read(tmp_path / "m.json")


def test_a_table_without_speakers_says_what_to_do(tmp_path: Path) -> None:
    found, bad = read(write(tmp_path, "a.csv", "sku,price\n17,2.50\n18,3.50\n"))
    assert not found
    assert "--mapping" in bad[0].reason


def test_nul_bytes_and_huge_cells(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "a.csv",
        'session_id,role,text\n1,user,a\x00b\n2,user,"' + "x" * (1 << 21) + '"\n3,user,hello you\n',
    )
    mapping = Columns("messages", text="text", role="role", conversation="session_id")
    found, bad = read(file, mapping)
    assert said(found[0]) == [("customer", "ab")]
    assert found[-1].id == "3"
    assert "field" in bad[0].reason
