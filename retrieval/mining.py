"""Answer templates out of past conversations: proposals for an operator to review.

Conversations are redacted, agents' answers are taken out of their turns, linked to the question
they answered and to its intent, clustered by meaning within intent and language, and the best
wordings of each cluster are proposed with the lines they came from. Nothing is live until somebody
accepts it; what looks poisoned is shown last, with the reason, and never at the head of a cluster.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from models.arrays import FloatArray
from models.generator import escape
from models.progress import Progress, Silent
from retrieval.answers import Answer, find_answers
from retrieval.clusters import cluster
from retrieval.conversation import Conversation
from retrieval.corpus import Encode, embed
from retrieval.projection import Projection
from retrieval.redact_values import find_values
from retrieval.redaction import Redactor
from retrieval.spans import KINDS, fold, merge
from retrieval.suspicion import POISON, amounts, flags
from retrieval.templates import LogRef, Template, speak, template_id

Classify = Callable[[Sequence[str]], list[tuple[str, float]]]

_PLACEHOLDER = re.compile(rf"\{{(?:{'|'.join(KINDS)})(?:_\d{{1,3}})?\}}")


@dataclass(frozen=True)
class MiningSettings:
    """How proposals are made.

    ``distance`` is the cosine distance that still means the same, ``duplicate`` the one of near
    duplicates; ``sure`` is the least confidence of an intent, below which the intent of the
    conversation's opening counts; ``wordings`` are proposed of a cluster at most, ``questions``
    kept of a template, lines of ``provenance`` kept; answers outside ``shortest`` to ``longest``
    characters are left out. ``names`` gives intents another response than ``utter_<intent>``.
    """

    distance: float = 0.55
    duplicate: float = 0.08
    sure: float = 0.4
    wordings: int = 3
    questions: int = 12
    provenance: int = 20
    shortest: int = 6
    longest: int = 600
    half_life_days: float = 365.0
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Scored:
    """An answer with its intent, flags and worth."""

    answer: Answer
    intent: str | None
    sureness: float
    flags: tuple[str, ...]
    worth: float


def mine(
    conversations: Iterable[Conversation],
    encode: Encode,
    classify: Classify | None = None,
    progress: Progress | None = None,
    *,
    redactor: Redactor | None = None,
    settings: MiningSettings | None = None,
) -> list[Template]:
    """Proposed templates of raw conversations, the best first.

    :param encode: the shared encoder: n texts to unit vectors (n, d).
    :param classify: intent and confidence of each customer text; without it all answers are
        clustered together and the proposals have no intent.
    :param redactor: with the shop's own number formats and public phrases.
    """
    progress, settings = progress or Silent(), settings or MiningSettings()
    answers = collect(conversations, redactor or Redactor(), progress, settings)
    if not answers:
        return []
    scored = _score(answers, classify, progress, settings)
    vectors = _encode([speak(s.answer.text) for s in scored], encode, progress)
    groups: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for number, one in enumerate(scored):
        groups[one.answer.language, one.intent].append(number)
    progress.start("Clustering answers", len(groups))
    proposals: list[Template] = []
    for members in groups.values():
        proposals += _propose([scored[i] for i in members], vectors[members], settings)
        progress.advance()
    progress.done()
    return sorted(_unique(proposals), key=lambda t: (-t.quality, t.id))


def collect(
    conversations: Iterable[Conversation],
    redactor: Redactor,
    progress: Progress,
    settings: MiningSettings,
) -> list[Answer]:
    """Redacted answers of raw conversations, one conversation in memory at a time."""

    def redacted() -> Iterator[Conversation]:
        for conversation in conversations:
            yield redactor.redact_conversation(conversation)
            progress.advance()

    progress.start("Redacting conversations", None)
    found = [
        answer
        for answer in find_answers(redacted())
        if settings.shortest <= len(answer.text) <= settings.longest
    ]
    progress.done()
    return found


def _score(
    answers: Sequence[Answer],
    classify: Classify | None,
    progress: Progress,
    settings: MiningSettings,
) -> list[_Scored]:
    intents = _intents(answers, classify, progress, settings)
    spread: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        for amount in amounts(answer.text):
            spread[amount].add(answer.source.conversation)
    known = frozenset(amount for amount, said in spread.items() if len(said) >= 3)
    newest = max((a.at for a in answers if a.at), default=None)
    scored = []
    for answer, (intent, sureness) in zip(answers, intents, strict=True):
        marked = flags(answer, answer.source.text, known)
        worth = _worth(answer, marked, newest, settings.half_life_days)
        scored.append(_Scored(answer, intent, sureness, marked, worth))
    return scored


def _intents(
    answers: Sequence[Answer],
    classify: Classify | None,
    progress: Progress,
    settings: MiningSettings,
) -> list[tuple[str | None, float]]:
    """Intent of each answer's question; a follow-up too short to tell takes the opening's."""
    if classify is None:
        return [(None, 0.0)] * len(answers)
    texts = list(dict.fromkeys(t for a in answers for t in (a.asked, a.opening)))
    progress.start("Finding intents", len(texts))
    found: dict[str, tuple[str, float]] = {}
    for start in range(0, len(texts), 256):
        part = texts[start : start + 256]
        found.update(zip(part, classify([speak(t) for t in part]), strict=True))
        progress.advance(len(part))
    progress.done()
    chosen = []
    for answer in answers:
        own, opening = found[answer.asked], found[answer.opening]
        chosen.append(own if own[1] >= settings.sure or own[1] >= opening[1] else opening)
    return list(chosen)


def _encode(texts: Sequence[str], encode: Encode, progress: Progress) -> FloatArray:
    distinct = list(dict.fromkeys(texts))
    progress.start("Encoding answers", len(distinct))
    known: dict[str, FloatArray] = {}
    for start in range(0, len(distinct), 256):
        part = distinct[start : start + 256]
        known.update(zip(part, embed(part, encode), strict=True))
        progress.advance(len(part))
    progress.done()
    raw = np.stack([known[text] for text in texts])
    return Projection.centred(raw)(raw)


def _propose(
    scored: Sequence[_Scored], vectors: FloatArray, settings: MiningSettings
) -> Iterator[Template]:
    numbers = cluster(vectors, settings.distance)
    for number in range(int(numbers.max()) + 1):
        members = np.flatnonzero(numbers == number).tolist()
        own = [scored[i] for i in members]
        merged = _merge_duplicates(own, vectors[members], settings.duplicate)
        asked = _questions(own)
        share = 1 - math.exp(-len({s.answer.source.conversation for s in own}) / 3)
        merged.sort(key=lambda group: (_poisoned(group[0]), -group[0].worth, group[0].answer.text))
        for rank, group in enumerate(merged):
            if rank < settings.wordings or _poisoned(group[0]):
                yield _template(group, asked, share, settings)


def _merge_duplicates(
    scored: Sequence[_Scored], vectors: FloatArray, distance: float
) -> list[list[_Scored]]:
    """Near duplicates together, the best of each first; numbers that differ are generalised."""
    groups: list[tuple[int, str, list[_Scored]]] = []
    order = sorted(range(len(scored)), key=lambda i: (_poisoned(scored[i]), -scored[i].worth, i))
    for i in order:
        shape = _shape(scored[i].answer.text)
        for head, known, group in groups:
            alike = float(vectors[head] @ vectors[i]) >= 1 - distance
            same_facts = _numbers(scored[head].answer.text) == _numbers(scored[i].answer.text)
            if shape == known or (alike and same_facts):
                group.append(scored[i])
                break
        else:
            groups.append((i, shape, [scored[i]]))
    return [_generalised(group) for _, _, group in groups]


def _generalised(group: list[_Scored]) -> list[_Scored]:
    """Where answers are equal but for amounts and dates, those become placeholders."""
    texts = {one.answer.text for one in group}
    shape = _shape(group[0].answer.text)
    if len(texts) == 1 or any(_shape(text) != shape for text in texts):
        return group
    head = replace(group[0], answer=replace(group[0].answer, text=shape))
    return [replace(head, flags=tuple(sorted({*head.flags, "generalised"}))), *group[1:]]


def _template(
    group: Sequence[_Scored], asked: Sequence[str], share: float, settings: MiningSettings
) -> Template:
    head = group[0]
    name = settings.names.get(head.intent or "", f"utter_{head.intent or 'unassigned'}")
    text = _as_template(head.answer.text)
    quality = head.worth * (0.6 + 0.4 * share)
    if head.intent is not None:
        quality *= 0.7 + 0.3 * head.sureness
    quality = min(quality, 0.1) if _poisoned(head) else quality
    return Template(
        id=template_id(name, head.answer.language, text),
        name=name,
        language=head.answer.language,
        text=text,
        intents=(head.intent,) if head.intent else (),
        questions=tuple(
            dict.fromkeys([*(one.answer.asked for one in group), *asked])
        )[: settings.questions],
        source="mined",
        provenance=tuple(one.answer.source for one in group)[: settings.provenance],
        quality=round(max(0.0, min(1.0, quality)), 4),
        status="proposed",
        flags=head.flags,
    )  # fmt: skip


def _worth(
    answer: Answer, marked: Sequence[str], newest: datetime | None, half_life: float
) -> float:
    """0 to 1 from outcome, rating, the customer's next words, age and how well it stands alone."""
    outcome = {"resolved": 1.0, "escalated": 0.5, "unresolved": 0.1, "abandoned": 0.3}
    rating = 0.6 if answer.rating is None else (answer.rating - 1) / 4
    mood = (1 + answer.mood) / 2
    age = (newest - answer.at).days if newest and answer.at else 0
    base = 0.35 * outcome.get(answer.outcome or "", 0.6) + 0.35 * rating + 0.15 * mood
    base += 0.15 * math.pow(0.5, age / half_life)
    if len(answer.text) < (12 if answer.language == "zh" else 30):
        base *= 0.6
    for mark, factor in (("case", 0.7), ("personal", 0.5), ("protest", 0.6)):
        base *= factor if mark in marked else 1.0
    return base


def _questions(scored: Sequence[_Scored]) -> list[str]:
    """Questions of a cluster, those of clean answers first, the frequent and sure before others."""
    times = Counter(one.answer.asked for one in scored)
    order = sorted(scored, key=lambda s: (_poisoned(s), -times[s.answer.asked], -s.sureness))
    return list(dict.fromkeys(one.answer.asked for one in order if not _poisoned(one)))


def _poisoned(one: _Scored) -> bool:
    return not POISON.isdisjoint(one.flags)


def _shape(text: str) -> str:
    """The text with amounts and dates as placeholders, blanks made even."""
    counts: Counter[str] = Counter()
    pieces, at = [], 0
    for span in merge(find_values(fold(text))):
        counts[span.kind] += 1
        number = "" if counts[span.kind] == 1 else f"_{counts[span.kind]}"
        pieces += [text[at : span.start], f"{{{span.kind}{number}}}"]
        at = span.end
    return " ".join("".join([*pieces, text[at:]]).split())


def _numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+(?:\.\d+)?|[一二两三四五六七八九十百千]+", fold(text)))


def _as_template(text: str) -> str:
    """Redacted text as a template: its placeholders stay, other braces are shown as they are."""
    pieces, at = [], 0
    for match in _PLACEHOLDER.finditer(text):
        pieces += [escape(text[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*pieces, escape(text[at:])])


def _unique(proposals: Iterable[Template]) -> list[Template]:
    """One template an id; the same wording from two clusters joins its questions and lines."""
    made: dict[str, Template] = {}
    for template in proposals:
        known = made.get(template.id)
        made[template.id] = template if known is None else _joined(known, template)
    return list(made.values())


def _joined(one: Template, other: Template) -> Template:
    better, lesser = sorted((one, other), key=lambda t: -t.quality)
    lines: dict[LogRef, None] = dict.fromkeys((*better.provenance, *lesser.provenance))
    questions = dict.fromkeys((*better.questions, *lesser.questions))
    return replace(better, provenance=tuple(lines), questions=tuple(questions))
