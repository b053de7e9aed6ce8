"""Who speaks: customer, agent, or nobody who counts, by the words that exports use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from retrieval.conversation import Role

Speaker = Role | Literal["skip"]

_CUSTOMER = (
    "customer", "user", "visitor", "client", "contact", "guest", "buyer", "consumer", "lead",
    "human", "caller", "member", "shopper", "requester", "enduser", "cust", "incoming", "inbound",
    "received", "sender", "eu",
)  # fmt: skip
_AGENT = (
    "agent", "assistant", "operator", "staff", "admin", "bot", "support", "rep", "representative",
    "advisor", "adviser", "seller", "merchant", "employee", "helpdesk", "service", "team", "gpt",
    "chatbot", "clerk", "wizard", "system_bot", "outgoing", "outbound", "sent", "shop", "template",
    "specialist", "consultant", "trigger",
)  # fmt: skip
_NOBODY = (
    "system", "note", "event", "info", "activity", "internal", "private", "whisper", "notice",
)  # fmt: skip
_HAN: Mapping[str, Speaker] = {
    **dict.fromkeys(("客户", "顾客", "买家", "用户", "访客", "咨询者", "消费者"), "customer"),
    **dict.fromkeys(
        ("客服", "坐席", "座席", "人工", "商家", "卖家", "店小二", "小二", "机器人", "店铺", "店主",
         "顾问", "专员"), "agent"),
    **dict.fromkeys(("系统", "备注", "通知", "提示"), "skip"),
}  # fmt: skip
_WORDS: Mapping[str, Speaker] = {
    **dict.fromkeys(_CUSTOMER, "customer"),
    **dict.fromkeys(_AGENT, "agent"),
    **dict.fromkeys(_NOBODY, "skip"),
}


def role_of(label: str) -> Speaker | None:
    """The role that a label such as ``end-user``, ``Agent Anna`` or ``客服小林`` names, if any."""
    plain = label.strip().lower()
    whole = _WORDS.get(re.sub(r"[\s_-]", "", plain))
    if whole:
        return whole
    han = next((role for word, role in _HAN.items() if word in plain), None)
    if han:
        return han
    # The first known word counts: a "system user" is the system's.
    return next((_WORDS[w] for w in re.findall(r"[a-z]+", plain) if w in _WORDS), None)


def name_in(label: str) -> str | None:
    """The name beside the role in a label: ``Anna`` of ``Agent Anna``; None for a role alone."""
    rest = label.strip()
    for word in _HAN:
        rest = rest.replace(word, " ")
    kept = [w for w in re.split(r"[\s:：()（）\[\]_/|-]+", rest) if w and w.lower() not in _WORDS]
    name = " ".join(kept).strip(" .,#")
    return name if re.search(r"[^\W\d_]", name) else None


def guess_roles(conversations: Iterable[Sequence[str]]) -> dict[str, Speaker]:
    """Roles of labels that say nothing themselves, from who speaks when: labels in order a
    conversation. Who speaks first is the customer mostly, who speaks in many is an agent."""
    first: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    total = 0
    for labels in conversations:
        if labels:
            total += 1
            first[labels[0]] += 1
            spread.update(set(labels))
    found: dict[str, Speaker] = {}
    for label, count in spread.items():
        known = role_of(label)
        if known:
            found[label] = known
        elif len(spread) > 2 and total > 2 and count * 3 >= total:
            found[label] = "customer" if first[label] * 2 > count else "agent"
        else:
            found[label] = "customer" if first[label] * 2 >= count else "agent"
    return found


def author_role(author: str, first: str, known: Mapping[str, Speaker]) -> Speaker:
    """Role of ``author`` in a conversation that ``first`` opened, when a column holds names."""
    return known.get(author) or role_of(author) or ("customer" if author == first else "agent")
