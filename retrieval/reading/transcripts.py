"""Chats as plain text: a speaker and what they said on a line, further lines as they come.

Known are ``[10:02] Agent Anna: …``, ``2026-03-04 10:02 Anna: …``, WhatsApp's exports of both kinds
(``04/03/2026, 10:02 - Anna: …``), ``(10:02:33) Anna: …``, ``客服：…``, and a line of name and time
above the words, as QQ and Wangwang export.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from retrieval.conversation import Conversation, Turn
from retrieval.reading.columns import Columns
from retrieval.reading.items import LONGEST_TEXT, Bad, Items, guess_language
from retrieval.reading.roles import Speaker, author_role, guess_roles, name_in, role_of
from retrieval.reading.source import Source, lines
from retrieval.reading.times import months_first, parse_time

SILENCE = timedelta(hours=6)
_LONGEST_TALK = 2000
_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CLOCK = r"\d{1,2}[:.：]\d{2}(?:[:.：]\d{2}(?:\.\d{1,6})?)?(?:\s?[AaPp]\.?\s?[Mm]\b\.?)?"
_DAY = r"\d{1,4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,4}日?"
_STAMP = rf"(?:{_DAY}[,，T]?\s{{0,2}}(?:klo\s)?(?:上午|下午)?\s?)?{_CLOCK}"
_NAME = r"(?P<name>[^\s:：\[\]<>\d][^:：\[\]<>\n]{0,39}?)"
_TIMED = re.compile(
    rf"\s*(?:\[(?P<a>{_STAMP})\]|\((?P<b>{_STAMP})\)|(?P<c>{_STAMP})(?:\s?[-–|,])?)\s*"
    rf"(?:[-–|]\s)?<?{_NAME}>?\s?[:：]\s?(?P<text>.*)",
    re.DOTALL,
)
_NAMED_FIRST = re.compile(
    rf"\s*{_NAME}\s*(?:\[(?P<a>{_STAMP})\]|\((?P<b>{_STAMP})\))\s?[:：]\s?(?P<text>.*)", re.DOTALL
)
_PLAIN = re.compile(
    r"\s*\[?(?P<name>[^\s:：\[\]<>\d][^:：\[\]<>\n]{0,29}?)\]?\s?[:：]\s?(?P<text>.*)"
)
_ABOVE = re.compile(
    rf"\s*(?P<name>[^:：\n]{{1,40}}?)\s+[(（\[]?(?P<a>{_DAY}[,，T]?\s{{0,2}}{_CLOCK}"
    r"|\d{1,2}:\d{2}:\d{2})[)）\]]?\s*"
)
_UNSAID = re.compile(rf"\s*(?:[\[(]?{_STAMP}[\])]?)\s*[-–|]?\s*\S.*")
_BREAK = re.compile(
    r"\s*(?:[-=*_#~]{3,}.*|(?i:(?:conversation|chat|session|ticket|transcript|dialog(?:ue)?"
    r")\s?(?:id|no\.?|number|started|#)?\s?[:#]?\s?[\w-]*\d[\w:/ .-]*)"
    r"|(?:会话|对话|聊天记录|工单)(?:编号|ID|id|号)?\s?[:：#]?\s?[\w-]*\d[\w-]*.*)\s*"
)


@dataclass
class _Said:
    """A message while its further lines are read."""

    name: str
    stamp: str
    pieces: list[str]
    line: int


def fits(head: bytes) -> bool:
    """Whether a text that begins with ``head`` is a chat: a third of its lines have a speaker."""
    rows = [row for row in head.decode("utf-8", "replace").splitlines()[:200] if row.strip()]
    speakers = _speakers(rows)
    begun = [found for row in rows if (found := _begun(row, speakers))]
    breaks = sum(_BREAK.fullmatch(row) is not None for row in rows)
    names = {found.name for found in begun}
    told = {name for name in names if role_of(name) != "skip"}
    known = len(told) > 1 or any(map(role_of, told))
    return known and (len(begun) + breaks) * 3 >= len(rows)


def guess(source: Source) -> Columns:
    """Who is who among the speakers of a file's beginning, and how it writes dates."""
    rows = source.head().splitlines()
    speakers = _speakers(row.decode("utf-8", "replace") for row in rows)
    talks = list(_talks(rows, _LONGEST_TALK, speakers))
    roles = guess_roles([said.name for said in talk] for talk in talks)
    if len(roles) > 40:  # a file of many chats: their customers are told by who begins
        roles = {name: role for name, role in roles.items() if role_of(name) or role == "agent"}
    stamps = [said.stamp for talk in talks for said in talk]
    return Columns("transcript", roles=roles, month_first=months_first(stamps))


def read_transcript(source: Source, columns: Columns) -> Items:
    """Conversations of a text, cut at rules and headings, and where six hours pass in silence."""
    with source.open() as stream:
        found = 0
        speakers = frozenset(columns.roles)
        for talk in _talks(lines(stream), _LONGEST_TALK, speakers, columns.month_first):
            conversation = _conversation(talk, columns, f"{source.stem}-{talk[0].line}")
            found += conversation is not None
            yield conversation or Bad(talk[0].line, "no message of a customer or an agent")
        if not found:
            yield Bad(0, "no line with a speaker and what they said")


def _talks(
    rows: Iterable[bytes | None],
    longest: int,
    speakers: frozenset[str],
    month_first: bool = False,
) -> Iterator[list[_Said]]:
    talk: list[_Said] = []
    last: datetime | None = None
    for number, row in enumerate(rows, 1):
        text = _MARKS.sub("", (row or b"").decode("utf-8", "replace")).rstrip("\r\n")
        if _BREAK.fullmatch(text):
            if talk:
                yield talk
            talk, last = [], None
            continue
        said = _begun(text, speakers)
        if said is None:
            if talk and not _UNSAID.fullmatch(text):
                talk[-1].pieces.append(text)
            continue
        said.line = number
        at = parse_time(said.stamp, month_first=month_first)
        if talk and ((at and last and at - last > SILENCE) or len(talk) >= longest):
            yield talk
            talk = []
        last = at or last
        talk.append(said)
    if talk:
        yield talk


def _speakers(rows: Iterable[str]) -> frozenset[str]:
    """Labels before a colon that stand for somebody: those of a role, and those that come back."""
    labels = Counter(
        match["name"].strip()
        for row in rows
        if (match := _PLAIN.fullmatch(_MARKS.sub("", row))) and _is_speaker(match["name"])
    )
    return frozenset(name for name, count in labels.items() if count > 1 or role_of(name))


def _begun(text: str, speakers: frozenset[str]) -> _Said | None:
    """The message that begins on a line, if one does; without a time only known speakers do."""
    text = _MARKS.sub("", text)
    for pattern in (_TIMED, _NAMED_FIRST):
        if match := pattern.fullmatch(text):
            found = match.groupdict()
            stamp = next((found[k] for k in "abc" if found.get(k)), "")
            return _Said(match["name"].strip(), stamp, [match["text"]], 0)
    if (match := _ABOVE.fullmatch(text)) and not re.fullmatch(r"[\d\W]*", match["name"]):
        return _Said(match["name"].strip(), match["a"], [], 0)
    if (match := _PLAIN.fullmatch(text)) and _is_speaker(match["name"]):
        name = match["name"].strip()
        if name in speakers or role_of(name) in ("customer", "agent"):
            return _Said(name, "", [match["text"]], 0)
    return None


def _is_speaker(name: str) -> bool:
    """Whether a label without a time can be a speaker rather than the first words of a sentence."""
    words = name.split()
    if role_of(name):
        return len(words) <= 3 and len(name) <= 24
    return len(words) <= 2 and (name[:1].isupper() or len(name) <= 4) and not name.endswith("http")


def _conversation(talk: Sequence[_Said], columns: Columns, number: str) -> Conversation | None:
    roles: Mapping[str, Speaker] = columns.roles
    turns: list[Turn] = []
    agents: list[str] = []
    customer: str | None = None
    for said in talk:
        role = author_role(said.name, talk[0].name, roles)
        text = "\n".join(said.pieces).strip()[:LONGEST_TEXT]
        if role == "skip" or not text:
            continue
        turns.append(Turn(role, text, parse_time(said.stamp, month_first=columns.month_first)))
        name = name_in(said.name)
        if name and role == "agent":
            agents.append(name)
        elif name:
            customer = customer or name
    if not turns:
        return None
    return Conversation(
        id=number,
        language=guess_language(tuple(turns)),
        turns=tuple(turns),
        started=turns[0].at,
        agent="; ".join(dict.fromkeys(agents)) or None,
        customer=customer,
    )
