"""Guessing the columns of a table from its header and the first thousand rows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from retrieval.reading.columns import Columns, Row
from retrieval.reading.roles import Speaker, guess_roles, role_of
from retrieval.reading.times import months_first, parse_time

NAMES: Mapping[str, tuple[str, ...]] = {
    "conversation": (
        "conversation_id", "conversation", "conversationid", "session_id", "session", "chat_id",
        "chatid", "ticket_id", "ticket", "thread_id", "thread", "dialogue_id", "dialog_id",
        "case_id", "conv_id", "room_id", "会话id", "会话编号", "会话", "对话id", "对话编号",
        "工单号", "工单编号", "会话标识",
    ),
    "role": (
        "role", "sender_type", "author_type", "from_type", "message_type", "direction", "sender",
        "from", "speaker", "author", "is_agent", "from_agent", "is_staff", "is_customer", "inbound",
        "from_customer", "user_type", "角色", "发送方", "发送者", "发言人", "是否客服",
        "是否客服发送",
        "消息类型", "发送人", "来源", "author.type", "sender.type", "from.type",
    ),
    "text": (
        "text", "message", "content", "body", "msg", "utterance", "message_text", "comment",
        "transcript", "plain_body", "内容", "消息", "消息内容", "聊天内容", "文本", "发言内容",
    ),
    "question": (
        "question", "query", "customer_message", "customer_text", "user_message", "prompt",
        "instruction", "inquiry", "customer", "first_utterance", "问题", "提问", "咨询内容",
        "客户问题",
        "用户问题", "q",
    ),
    "answer": (
        "answer", "response", "reply", "agent_reply", "agent_message", "agent_text",
        "bot_response",
        "agent_response", "resolution", "output", "答案", "回答", "回复", "客服回复", "回复内容",
        "a",
    ),
    "time": (
        "created_at", "timestamp", "time", "sent_at", "date", "datetime", "created", "at",
        "message_time", "时间", "发送时间", "日期", "创建时间", "消息时间",
    ),
    "agent": ("agent", "agent_name", "assignee", "operator", "客服", "客服姓名", "坐席"),
    "customer": ("customer_name", "visitor_name", "contact_name", "客户姓名", "顾客姓名", "昵称"),
    "language": ("language", "lang", "locale", "语言"),
    "channel": ("channel", "source_channel", "渠道"),
    "outcome": ("outcome", "resolution_status", "status", "状态", "结果"),
    "rating": ("rating", "csat", "satisfaction", "score", "stars", "评分", "满意度"),
}  # fmt: skip
_OPTIONAL = ("time", "agent", "customer", "language", "channel", "outcome", "rating")
_AGENTS_FLAG = ("is_agent", "from_agent", "is_staff", "是否客服", "是否客服发送")
_CUSTOMERS_FLAG = ("is_customer", "from_customer", "inbound", "incoming")
_YES = ("1", "true", "yes", "y", "是")
_NO = ("0", "false", "no", "n", "否")


def known_header(cells: Sequence[str]) -> bool:
    """Whether any of ``cells`` is a usual name of a column."""
    names = {name for some in NAMES.values() for name in some}
    return any(_plain(cell) in names for cell in cells)


def guess(rows: Sequence[Row]) -> Columns | None:
    """The columns of a table that begins with ``rows``; None where no text or no role shows."""
    if not rows:
        return None
    headers = list(rows[0])
    named = {meaning: _named(headers, meaning) for meaning in NAMES}
    chosen = {name: named[name] for name in _OPTIONAL}
    question, answer = named["question"], named["answer"]
    text = named["text"] or _texts(rows, headers)[0]
    if question and answer and question != answer and not named["text"]:
        return Columns("pairs", text=question, answer=answer, **_used(chosen, question, answer))
    conversation = named["conversation"] or _conversation(rows, headers, text)
    role = _role(rows, headers, named["role"], conversation, text)
    if role is None or text is None:
        return _pairs(rows, headers, chosen)
    chosen["time"] = chosen["time"] or _time(rows, headers, text)
    labels = _labels(rows, role, conversation)
    times = [row.get(chosen["time"], "") for row in rows] if chosen["time"] else []
    return Columns(
        "messages",
        text=text,
        role=role,
        conversation=conversation,
        roles=_flags(role, labels) or _roles(labels),
        month_first=months_first(times),
        **_used(chosen, text, role, conversation),
    )


def _named(headers: Sequence[str], meaning: str) -> str | None:
    plain = {_plain(header): header for header in reversed(headers)}
    return next((plain[name] for name in NAMES[meaning] if name in plain), None)


def _plain(header: str) -> str:
    return re.sub(r"[\s-]+", "_", header.strip().lower())


def _used(chosen: Mapping[str, str | None], *taken: str | None) -> dict[str, Any]:
    return {name: column for name, column in chosen.items() if column and column not in taken}


def _texts(rows: Sequence[Row], headers: Sequence[str]) -> list[str | None]:
    """Columns that hold sentences, the longest first, and None for none."""
    sized = []
    for header in headers:
        values = [row.get(header, "") for row in rows]
        said = [v for v in values if re.search(r"[^\W\d_]{2}", v) and not parse_time(v)]
        spaced = sum(" " in v or re.search("[\u4e00-\u9fff]", v) is not None for v in said)
        distinct = len(set(said))
        if said and spaced * 3 >= len(values) and distinct * 4 >= len(said):
            sized.append((sum(map(len, said)) / len(values), header))
    return [header for _, header in sorted(sized, reverse=True)] + [None]


def _conversation(rows: Sequence[Row], headers: Sequence[str], text: str | None) -> str | None:
    """The column whose values stand in several rows each, the finer before the coarser."""
    best: tuple[int, str] | None = None
    for header in headers:
        values = [row.get(header, "") for row in rows]
        distinct = len(set(values))
        blank = sum(not v for v in values)
        runs = 1 + sum(a != b for a, b in itertools.pairwise(values))
        grouped = runs <= distinct * 1.2 or distinct > 20
        spread = 2 <= distinct * 1.5 <= len(values) and distinct * 60 >= len(values)
        if header != text and not blank and spread and grouped and (not best or distinct > best[0]):
            best = (distinct, header)
    return best[1] if best else None


def _role(
    rows: Sequence[Row],
    headers: Sequence[str],
    named: str | None,
    conversation: str | None,
    text: str | None,
) -> str | None:
    """The column that tells who speaks: by name, else by its words, else by how it alternates."""
    if named and named not in (conversation, text):
        return named
    best: tuple[float, str] | None = None
    for header in headers:
        if header in (conversation, text):
            continue
        counts = Counter(row.get(header, "").strip() for row in rows)
        if not 2 <= len(counts) <= 8:
            continue
        worded = sum(count for value, count in counts.items() if role_of(value)) / len(rows)
        balance = min(counts.most_common(2)[1][1] / len(rows) * 2, 1.0)
        changes = sum(a.get(header) != b.get(header) for a, b in itertools.pairwise(rows)) / len(
            rows
        )
        score = worded * 2 + balance * changes
        if score > 0.15 and (best is None or score > best[0]):
            best = (score, header)
    return best[1] if best else None


def _time(rows: Sequence[Row], headers: Sequence[str], text: str) -> str | None:
    for header in headers:
        read = sum(parse_time(row.get(header, "")) is not None for row in rows)
        if header != text and read * 10 >= len(rows) * 9:
            return header
    return None


def _pairs(
    rows: Sequence[Row], headers: Sequence[str], chosen: Mapping[str, str | None]
) -> Columns | None:
    """A question and its answer a row: the two columns of sentences, in their order."""
    found = [header for header in _texts(rows, headers)[:-1] if header][:2]
    if len(found) < 2:
        return None
    question, answer = sorted(found, key=headers.index)
    return Columns("pairs", text=question, answer=answer, **_used(chosen, question, answer))


def _labels(rows: Sequence[Row], role: str, conversation: str | None) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for row in rows:
        key = row.get(conversation, "") if conversation else ""
        if row.get(role, "").strip():
            groups.setdefault(key, []).append(row[role].strip())
    return list(groups.values())


def _roles(labels: Sequence[Sequence[str]]) -> dict[str, Speaker]:
    """Roles of the values of a column of kinds; a column of names is left to who speaks first."""
    found = guess_roles(labels)
    return found if len(found) <= 12 or all(map(role_of, found)) else {}


def _flags(role: str, labels: Sequence[Sequence[str]]) -> dict[str, Speaker]:
    """Roles of a column that says yes or no, or that has Chatwoot's numbers."""
    values = {label for some in labels for label in some}
    plain = _plain(role)
    if plain == "message_type" and values <= {"0", "1", "2", "3"}:
        return {"0": "customer", "1": "agent", "2": "skip", "3": "agent"}
    if plain not in (*_AGENTS_FLAG, *_CUSTOMERS_FLAG):
        return {}
    yes: Speaker = "agent" if plain in _AGENTS_FLAG else "customer"
    no: Speaker = "customer" if yes == "agent" else "agent"
    known = {v: yes if v.lower() in _YES else no for v in values if v.lower() in (*_YES, *_NO)}
    return dict(sorted(known.items()))
