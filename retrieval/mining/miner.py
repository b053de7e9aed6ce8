"""Answer templates out of past conversations: proposals for an operator to review.

Conversations are redacted, what agents said is taken out of their turns and counted, wordings that
differ in values become one template with placeholders, templates are linked to the questions that
they answered and to intents, and clustered by meaning within them. Nothing is live until somebody
accepts it; what looks poisoned comes last, with the reason, and never at the head of a cluster.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from models.progress import Progress, Silent
from retrieval.conversation import Conversation
from retrieval.mining.alignment import NameKind, nothing_known
from retrieval.mining.answers import find_answers
from retrieval.mining.asked import Classify, Questions
from retrieval.mining.clusters import cluster
from retrieval.mining.gaps import find_gaps
from retrieval.mining.patterns import Group, group
from retrieval.mining.proposals import Gap, Proposal
from retrieval.mining.said import WEIGHTS, Heard, Saying, is_poisoned, score
from retrieval.mining.sentences import Act
from retrieval.redaction.redactor import Redactor
from retrieval.search.corpus import Encode
from retrieval.templates import LogRef, Template, speak, template_id
from retrieval.vectorfile import encoded

FACTORS = (("case", 0.7), ("personal", 0.5), ("protest", 0.6), ("leaning", 0.75))
"""What a flag makes of a score: such answers stand badly alone."""
FEWEST_LETTERS = 4
"""Letters (a Chinese character counts twice) that a template has beside its places at least."""
_PLACE = re.compile(r"{[^{}]+}")
ALL_KINDS: frozenset[Act] = frozenset({"answer", "case", "question", "greeting"})


@dataclass(frozen=True)
class MiningSettings:
    """How proposals are made.

    ``kinds`` are what is mined of agents' turns; of other kinds than answers only what ``repeated``
    turns said is proposed. ``distance`` is the cosine distance that still means the same; ``sure``
    is the least confidence of an intent, below which the intent of the conversation's opening
    counts; ``wordings`` are proposed of a cluster at most, ``questions`` kept of a template, lines
    of ``provenance`` kept; what is outside ``shortest`` to ``longest`` characters is left out.
    ``names`` gives intents another response than ``utter_<intent>``.
    """

    kinds: frozenset[Act] = frozenset({"answer", "case", "question"})
    repeated: int = 2
    distance: float = 0.55
    sure: float = 0.4
    wordings: int = 3
    questions: int = 12
    provenance: int = 20
    shortest: int = 6
    longest: int = 600
    half_life_days: float = 365.0
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mined:
    """What a log gave: proposals, the best first, and what is missing, the most asked first."""

    proposals: list[Proposal]
    gaps: list[Gap]


@dataclass(frozen=True)
class _Made:
    """A template in the making."""

    group: Group
    members: tuple[Saying, ...]
    flags: tuple[str, ...]
    asked: tuple[str, ...]
    intent: str | None
    sureness: float

    @property
    def head(self) -> Saying:
        return self.members[0]

    @property
    def poisoned(self) -> bool:
        return is_poisoned(self.flags)

    @property
    def conversations(self) -> int:
        return sum(member.conversations for member in self.members)


def mine(
    conversations: Iterable[Conversation],
    encode: Encode,
    classify: Classify | None = None,
    progress: Progress | None = None,
    *,
    redactor: Redactor | None = None,
    settings: MiningSettings | None = None,
    known: NameKind = nothing_known,
    work: Path | None = None,
) -> Mined:
    """Proposed templates of raw conversations, and what is missing.

    :param encode: the shared encoder: n texts to unit vectors (n, d).
    :param classify: what is understood of customer texts; without it templates have no intent
        and gaps are not looked for.
    :param redactor: with the shop's own number formats and public phrases.
    :param known: the type of a thing that the assistant knows, such as a product.
    :param work: a folder for vectors on disk; a temporary one where None.
    """
    progress, settings = progress or Silent(), settings or MiningSettings()
    heard, asked = listen(conversations, redactor or Redactor.packaged(), progress, settings)
    if classify is not None:
        asked.classify(classify, progress)
    made = list(_made(heard, asked, progress, settings, known))
    proposals = _proposed(made, heard, encode, progress, settings, work)
    gaps = [] if classify is None else find_gaps(asked, proposals, encode, progress, work)
    return Mined(proposals, gaps)


def listen(
    conversations: Iterable[Conversation],
    redactor: Redactor,
    progress: Progress,
    settings: MiningSettings,
) -> tuple[Heard, Questions]:
    """What agents said and customers asked, redacted; one conversation in memory at a time.

    Agents are told apart by a keyed hash that is forgotten with the key when mining ends.
    """
    heard, questions = Heard(), Questions()
    key = secrets.token_bytes(16)

    progress.start("Redacting conversations", None)
    for conversation in conversations:
        agent = _pseudonym(conversation.agent, key)
        hidden = replace(redactor.redact_conversation(conversation), agent=agent)
        questions.take(hidden)
        heard.take(
            answer
            for answer in find_answers([hidden], settings.kinds)
            if settings.shortest <= len(answer.text) <= settings.longest
        )
        progress.advance()
    progress.done()
    return heard, questions


def _pseudonym(agent: str | None, key: bytes) -> str | None:
    if agent is None or agent.startswith("{"):
        return None
    return blake2b(agent.encode(), key=key, digest_size=8).hexdigest()


def _made(
    heard: Heard,
    asked: Questions,
    progress: Progress,
    settings: MiningSettings,
    known: NameKind,
) -> Iterator[_Made]:
    """Templates of every language and kind, their lines joined."""
    apart: dict[tuple[str, Act], list[Saying]] = defaultdict(list)
    for saying in heard.sayings:
        apart[saying.language, saying.kind].append(saying)
    for (_, kind), sayings in apart.items():
        flags = [heard.flags(saying) for saying in sayings]
        worths = [_worth(score([s], heard, settings.half_life_days, s.uses)) for s in sayings]
        order = sorted(
            range(len(sayings)), key=lambda i: (is_poisoned(flags[i]), -worths[i], sayings[i].text)
        )
        found = group([s.text for s in sayings], [s.uses for s in sayings], order, known, progress)
        for one in found:
            clean = [
                i for i in one.members if is_poisoned(flags[i]) == is_poisoned(flags[one.head])
            ]
            members = tuple(sayings[i] for i in clean)
            if kind != "answer" and sum(m.uses for m in members) < settings.repeated:
                continue
            if not _says_something(one.template):
                continue
            marks = {*flags[one.head], *(("generalised",) if one.filled else ())}
            if not one.filled and "{" not in one.template:
                marks.discard("personal")
            intent, sureness = asked.intent_of(members, settings.sure)
            lines = tuple(
                dict.fromkeys(e.asked for m in members for e, _ in m.exchanges.most_common())
            )
            yield _Made(one, members, tuple(sorted(marks)), lines, intent, sureness)


def _says_something(template: str) -> bool:
    """Whether words are left beside the places."""
    left = sum(2 if c > "㐀" else 1 for c in _PLACE.sub("", template) if c.isalpha())
    return left >= FEWEST_LETTERS


def _proposed(
    made: Sequence[_Made],
    heard: Heard,
    encode: Encode,
    progress: Progress,
    settings: MiningSettings,
    work: Path | None,
) -> list[Proposal]:
    """The best wordings of each cluster of one language, kind and intent."""
    with encoded([speak(m.group.template) for m in made], encode, progress, work) as vectors:
        apart: dict[tuple[str, Act, str | None], list[int]] = defaultdict(list)
        for number, one in enumerate(made):
            apart[one.head.language, one.head.kind, one.intent].append(number)
        progress.start("Clustering answers", len(apart))
        proposals: dict[str, Proposal] = {}
        for members in apart.values():
            numbers = cluster(vectors.centred(members), settings.distance)
            together: dict[int, list[_Made]] = defaultdict(list)
            for place, number in enumerate(numbers.tolist()):
                together[number].append(made[members[place]])
            for own in together.values():
                for proposal in _wordings(own, heard, settings):
                    known = proposals.get(proposal.id)
                    proposals[proposal.id] = proposal if known is None else _both(known, proposal)
            progress.advance()
        progress.done()
    return sorted(proposals.values(), key=lambda p: (-p.template.quality, p.id))


def _wordings(own: list[_Made], heard: Heard, settings: MiningSettings) -> Iterator[Proposal]:
    conversations = sum(one.conversations for one in own)
    asked = [q for one in own if not one.poisoned for q in one.asked]
    common = [q for q, _ in Counter(asked).most_common()]
    scored = []
    for one in own:
        parts = score(one.members, heard, settings.half_life_days, conversations)
        scored.append((_quality(one, parts), parts, one))
    scored.sort(key=lambda s: (s[2].poisoned, -s[0], s[2].head.text))
    name = ""
    for rank, (quality, parts, one) in enumerate(scored):
        if rank < settings.wordings or one.poisoned:
            template = _template(one, quality, common, settings)
            name = name or template.id
            yield Proposal(
                template,
                kind=one.head.kind,
                uses=sum(m.uses for m in one.members),
                conversations=one.conversations,
                group=name,
                parts=parts,
                values={f.placeholder: f.values for f in one.group.filled},
            )


def _template(
    one: _Made, quality: float, common: Sequence[str], settings: MiningSettings
) -> Template:
    name = settings.names.get(one.intent or "", f"utter_{one.intent or 'unassigned'}")
    questions = dict.fromkeys((*one.asked, *([] if one.poisoned else common)))
    lines: dict[LogRef, None] = dict.fromkeys(ref for m in one.members for ref in m.refs)
    return Template(
        id=template_id(name, one.head.language, one.group.template),
        name=name,
        language=one.head.language,
        text=one.group.template,
        intents=(one.intent,) if one.intent else (),
        questions=tuple(questions)[: settings.questions],
        source="mined",
        provenance=tuple(lines)[: settings.provenance],
        quality=round(quality, 4),
        status="proposed",
        flags=one.flags,
    )


def _worth(parts: Mapping[str, float]) -> float:
    return sum(WEIGHTS[name] * value for name, value in parts.items())


def _quality(one: _Made, parts: Mapping[str, float]) -> float:
    """0 to 1: the parts together, less for what stands badly alone."""
    worth = _worth(parts)
    if len(one.head.text) < (12 if one.head.language == "zh" else 30):
        worth *= 0.6
    for mark, factor in FACTORS:
        worth *= factor if mark in one.flags else 1.0
    if one.intent is not None:
        worth *= 0.7 + 0.3 * one.sureness
    return max(0.0, min(worth, 0.1 if one.poisoned else 1.0))


def _both(one: Proposal, other: Proposal) -> Proposal:
    """The same wording from two clusters: its questions and lines joined."""
    better, lesser = sorted((one, other), key=lambda p: -p.template.quality)
    lines = dict.fromkeys((*better.template.provenance, *lesser.template.provenance))
    questions = dict.fromkeys((*better.template.questions, *lesser.template.questions))
    template = replace(better.template, provenance=tuple(lines), questions=tuple(questions))
    return replace(
        better,
        template=template,
        uses=one.uses + other.uses,
        conversations=one.conversations + other.conversations,
    )
