"""What a log shows to be missing: questions without a good answer, and new intents."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from models.progress import Progress
from retrieval.mining.asked import Asked, Questions, asks, essence, told
from retrieval.mining.clusters import cluster
from retrieval.mining.proposals import Gap, Proposal
from retrieval.mining.said import is_poisoned
from retrieval.search.corpus import Encode
from retrieval.vectorfile import encoded
from retrieval.words import words

DISTANCE = 0.6
"""Cosine distance within which questions are one gap."""
FEWEST = 3
"""Times that a gap was asked at least."""
EXAMPLES = 10
_EMPTY = (
    "the and you for are can have has what how when where why who which this that with from your"
    " was were will would could should not but all any get got did does please hello want need"
    " help there they them then than its it's i'm i've just about one out our has had been being"
    " 的 了 吗 呢 我 你 您 是 在 有 不 就 都 也 要 这 那 个 没 没有 怎么 什么 可以 一下 请问"
    " 你们 我们 还 能 说 到 给 吧 啊 我的 现在 多少 为什么"
    " 怎么办 不是 这个 那个 已经 还是 一个 时候 知道"
)
_PLACEHOLDER = re.compile(r"{[a-z_]+\d*}")
_SAYING_LITTLE = frozenset(_EMPTY.split())


def find_gaps(
    questions: Questions,
    proposals: Sequence[Proposal],
    encode: Encode,
    progress: Progress,
    work: Path | None = None,
) -> list[Gap]:
    """Gaps, the most asked first.

    Unanswered: a cluster of one intent's questions none of which ended well. Uncovered: a cluster
    of questions that the release takes for out of scope, with a name for a new intent.
    """
    apart: dict[tuple[str, str, str], list[Asked]] = defaultdict(list)
    spread: Counter[str] = Counter()
    for asked in questions:
        understood = questions.understood(asked.text)
        if understood is None or not asks(asked.text):
            continue
        spread.update(_telling(asked.text))
        if not understood.covered:
            apart["uncovered", asked.language, ""].append(asked)
        elif asked.well == 0:
            apart["unanswered", asked.language, understood.intent].append(asked)
    drafts = _drafts(proposals)
    texts = [one.text for own in apart.values() for one in own]
    found: list[Gap] = []
    taken: set[str] = set()
    with encoded([told(text) for text in texts], encode, progress, work) as vectors:
        start = 0
        for (kind, language, intent), own in apart.items():
            near = vectors.centred(np.arange(start, start + len(own)))
            start += len(own)
            numbers = cluster(near, DISTANCE)
            for number in range(int(numbers.max(initial=-1)) + 1):
                rows = np.flatnonzero(numbers == number)
                members = [own[i] for i in rows]
                if sum(m.times for m in members) < FEWEST or len(members) < 2:
                    continue
                middle = near[rows].mean(axis=0)
                order = np.argsort(-(near[rows] @ middle), kind="stable")
                nearest = [members[i] for i in order]
                name = intent or _named(nearest, spread, taken)
                found.append(_gap(kind, name, language, nearest, drafts))
    return sorted(found, key=lambda gap: (-gap.asked, gap.id))


def _gap(
    kind: str, name: str, language: str, nearest: Sequence[Asked], drafts: dict[str, Proposal]
) -> Gap:
    answers = {p.id: p for one in nearest if (p := drafts.get(one.text))}
    best = max(answers.values(), key=lambda p: (p.template.quality, p.id), default=None)
    examples = {told(one.text): essence(one.text) for one in reversed(nearest)}
    lines = tuple(dict.fromkeys(told(one.text) for one in nearest))[:EXAMPLES]
    digest = hashlib.sha256("\x1f".join((kind, language, *sorted(lines))).encode()).hexdigest()
    return Gap(
        id=f"gap-{digest[:12]}",
        kind=kind,
        name=name,
        language=language,
        examples=tuple(examples[line] for line in lines),
        asked=sum(one.times for one in nearest),
        draft=best.template.text if best else "",
        provenance=tuple(ref for one in nearest[:EXAMPLES] for ref in one.refs[:1]),
    )


def _drafts(proposals: Iterable[Proposal]) -> dict[str, Proposal]:
    """The best clean answer to each question that has one; its own answers before others'."""
    best: dict[str, tuple[int, float, Proposal]] = {}
    for proposal in proposals:
        if proposal.kind != "answer" or is_poisoned(proposal.template.flags):
            continue
        for place, text in enumerate(proposal.template.questions):
            rank = (place, -proposal.template.quality)
            if text not in best or rank < best[text][:2]:
                best[text] = (*rank, proposal)
    return {text: proposal for text, (_, _, proposal) in best.items()}


def _named(members: Sequence[Asked], spread: Counter[str], taken: set[str]) -> str:
    """A name of the two words that most of these questions, and few others, have."""
    own: Counter[str] = Counter(word for one in members for word in _telling(one.text))
    total = 1 + spread.total()
    order = sorted(own, key=lambda w: (-own[w] * math.log(total / (1 + spread[w])), w))
    name = re.sub(r"\W", "", "_".join(order[:2]))[:60] or "new_intent"
    name = name if name[0].isalpha() else f"about_{name}"
    number, unique = 2, name
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    taken.add(unique)
    return unique


def _telling(text: str) -> frozenset[str]:
    """Words that say what a question is about."""
    return frozenset(
        word
        for word in words(_PLACEHOLDER.sub(" ", text))
        if word not in _SAYING_LITTLE and (len(word) > 2 or (len(word) > 1 and word > "㐀"))
    )
