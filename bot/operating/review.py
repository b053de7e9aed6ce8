"""The review queue: what mining proposed, and what was decided about it.

    home/proposals/proposals.jsonl, gaps.jsonl   the last mining's proposals
    home/proposals/decisions.jsonl               every decision; it only grows

What was decided once is not proposed again by a later mining, however its score, its intent or its
punctuation has changed since.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from bot.home import Home
from models.errors import BadRequest, DataError, NotFound
from retrieval.mining.proposals import Gap, Proposal, read_gaps, read_proposals, write_lines
from retrieval.mining.said import is_poisoned
from retrieval.mining.suspicion import flags_of_text
from retrieval.templates import Template, template_id
from retrieval.tokens import signature, tokenise

T = TypeVar("T")
Verdict = Literal["accepted", "merged", "rejected", "made"]
FILES = ("proposals", "gaps", "decisions")
KEPT_QUESTIONS, KEPT_LINES = 24, 40
CLEAN_QUALITY = 0.6
"""Score from which a proposal without a flag is taken unread, where that is asked for."""


@dataclass(frozen=True)
class Acceptance:
    """How an operator accepts a proposal.

    ``text`` replaces the proposed words; ``intents`` the proposed intents; ``merge`` are proposals
    that say the same: their questions and lines are added. ``flagged`` takes one that looks
    poisoned.
    """

    text: str | None = None
    intents: Sequence[str] | None = None
    merge: Sequence[str] = ()
    flagged: bool = False


class ReviewQueue:
    """Proposals and gaps that wait for a decision; safe to share among threads and workers."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.path / "proposals"
        self._lock = threading.Lock()
        self._read: tuple[object, dict[str, Proposal], dict[str, Gap]] | None = None

    # -- looking ----------------------------------------------------------------------------

    def proposals(self) -> list[Proposal]:
        """Those that wait, the best first."""
        return list(self._pending()[0].values())

    def gaps(self) -> list[Gap]:
        """Gaps that wait, the most asked first."""
        return list(self._pending()[1].values())

    def proposal(self, identifier: str) -> Proposal:
        """One that waits. Raises NotFound."""
        return _found(self._pending()[0], identifier, "proposal")

    def gap(self, identifier: str) -> Gap:
        """A gap that waits. Raises NotFound."""
        return _found(self._pending()[1], identifier, "gap")

    def decisions(self) -> list[dict[str, Any]]:
        """Every decision, the oldest first.

        Raises DataError where the file is damaged.
        """
        path = self._folder / "decisions.jsonl"
        if not path.is_file():
            return []
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            return [json.loads(line) for line in lines if line.strip()]
        except ValueError as error:
            raise DataError(
                f"{path} cannot be read", expected="JSON lines", found=str(error)[:200],
                fix="Mend the line; without it what was rejected would be proposed again.",
            ) from error  # fmt: skip

    # -- changing ---------------------------------------------------------------------------

    def offer(self, proposals: Sequence[Proposal], gaps: Sequence[Gap]) -> tuple[int, int]:
        """Put a mining's proposals up in place of the last ones; how many are new, and decided."""
        decided = self.decisions()
        keys = {row["key"] for row in decided}
        examples = {text for row in decided for text in row.get("examples", ())}
        new = [p for p in proposals if key_of(p.template.language, p.template.text) not in keys]
        left = [g for g in gaps if 2 * sum(e in examples for e in g.examples) < len(g.examples)]
        with self._home.editing():
            write_lines(self._folder / "proposals.jsonl", new)
            write_lines(self._folder / "gaps.jsonl", left)
        return len(new), len(proposals) - len(new)

    def accepted(self, identifier: str, how: Acceptance) -> Template:
        """The template that an acceptance makes; nothing is decided yet.

        Raises NotFound; BadRequest where it looks poisoned and ``flagged`` is not set.
        """
        proposal = self.proposal(identifier)
        others = [self.proposal(other) for other in how.merge if other != identifier]
        if any(other.template.language != proposal.template.language for other in others):
            raise BadRequest("Only templates of one language can be merged")
        return _template(proposal, others, how)

    def decide(
        self, identifiers: Iterable[str], verdict: Verdict, by: str, **more: Any
    ) -> list[dict[str, Any]]:
        """Keep a decision about proposals or gaps. Raises NotFound."""
        assert verdict in get_args(Verdict)
        proposals, gaps = self._pending()
        rows = []
        at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        for identifier in identifiers:
            row = {"id": identifier, "verdict": verdict, "by": by, "at": at, **more}
            if identifier in gaps:
                gap = gaps[identifier]
                row |= {"key": gap.id, "name": gap.name, "examples": list(gap.examples)}
            else:
                template = _found(proposals, identifier, "proposal").template
                row |= {"key": key_of(template.language, template.text), "text": template.text}
            rows.append(row)
        with (
            self._home.editing(),
            (self._folder / "decisions.jsonl").open("a", encoding="utf-8") as out,
        ):
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return rows

    def _pending(self) -> tuple[dict[str, Proposal], dict[str, Gap]]:
        with self._lock:
            stamp = [_stamp(self._folder / f"{name}.jsonl") for name in FILES]
            if self._read is None or self._read[0] != stamp:
                decided = {row["id"] for row in self.decisions()}
                keys = {row["key"] for row in self.decisions()}
                proposals = {
                    p.id: p
                    for p in _lines(self._folder / "proposals.jsonl", read_proposals)
                    if p.id not in decided
                    and key_of(p.template.language, p.template.text) not in keys
                }
                gaps = {
                    gap.id: gap
                    for gap in _lines(self._folder / "gaps.jsonl", read_gaps)
                    if gap.id not in decided
                }
                self._read = (stamp, proposals, gaps)
            return self._read[1], self._read[2]


@dataclass(frozen=True)
class Wanted:
    """What a reviewer looks for; "" stands for anything."""

    query: str = ""
    language: str = ""
    intent: str = ""
    kind: str = ""
    flags: str = ""

    def holds(self, proposal: Proposal) -> bool:
        """Whether a proposal is looked for."""
        template = proposal.template
        poisoned = is_poisoned(template.flags)
        return (
            self.language in ("", template.language)
            and self.kind in ("", proposal.kind)
            and (not self.intent or self.intent in template.intents)
            and (not self.flags or poisoned == (self.flags == "suspicious"))
            and all(word in _haystack(template) for word in self.query.casefold().split())
        )


def by_meaning(proposals: Iterable[Proposal], wanted: Wanted) -> list[list[Proposal]]:
    """Proposals looked for, wordings of one meaning together, the best of each first.

    What looks suspicious stands alone: it must not be merged unread.
    """
    groups: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        if wanted.holds(proposal):
            alone = not proposal.group or is_poisoned(proposal.template.flags)
            groups.setdefault(proposal.id if alone else f"/{proposal.group}", []).append(proposal)
    return list(groups.values())


def _haystack(template: Template) -> str:
    return " ".join((template.text, template.name, *template.questions)).casefold()


def key_of(language: str, text: str) -> str:
    """Names what a template says, however it is punctuated: decisions are kept by it."""
    said = "\x1f".join((language, *(signature(tokenise(text)) or (text,))))
    return hashlib.sha256(said.encode()).hexdigest()[:20]


def clean(proposals: Iterable[Proposal], quality: float = CLEAN_QUALITY) -> list[Proposal]:
    """Answers that may go live unread where an operator said so: no flag, a good score, no slot.

    One wording of each meaning; never what is flagged for any reason.
    """
    taken: dict[str, Proposal] = {}
    for proposal in proposals:
        template = proposal.template
        if (
            proposal.kind == "answer"
            and not template.flags
            and not template.slots
            and template.intents
            and template.quality >= quality
            and not flags_of_text(template.text)
        ):
            taken.setdefault(proposal.group or proposal.id, proposal)
    return list(taken.values())


def _template(proposal: Proposal, others: Sequence[Proposal], how: Acceptance) -> Template:
    own = proposal.template
    text = (own.text if how.text is None else how.text).strip()
    if not text:
        raise BadRequest("There is no answer", fix="Write one, or reject the proposal.")
    intents = tuple(own.intents if how.intents is None else how.intents)
    if not intents:
        raise BadRequest("There is no intent", fix="Choose which question this answers.")
    suspicious = sorted({*(f for f in own.flags if is_poisoned([f])), *flags_of_text(text)})
    if suspicious and not how.flagged:
        raise BadRequest(
            "This answer looks suspicious",
            found=", ".join(suspicious),
            fix="Read its lines, then say that it is to be taken in spite of that.",
        )
    name = own.name if own.intents[:1] == intents[:1] else f"utter_{intents[0]}"
    all_of = [own, *(other.template for other in others)]
    questions = dict.fromkeys(q for template in all_of for q in template.questions)
    lines = dict.fromkeys(line for template in all_of for line in template.provenance)
    return replace(
        own,
        id=template_id(name, own.language, text),
        name=name,
        text=text,
        intents=intents,
        questions=tuple(questions)[:KEPT_QUESTIONS],
        provenance=tuple(lines)[:KEPT_LINES],
        status="live",
        flags=("edited",) if text != own.text else (),
    )


def _found(pending: dict[str, T], identifier: str, what: str) -> T:
    if identifier not in pending:
        raise NotFound(f"There is no such {what} waiting", fix="Load the list again.")
    return pending[identifier]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)


def _lines(path: Path, read: Callable[[Path], list[T]]) -> list[T]:
    return read(path) if path.is_file() else []
