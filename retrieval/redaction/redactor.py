"""Personal data out of conversations, before anything is kept: typed placeholders instead.

``138 0001 5521`` becomes ``{phone}``, a second number in the same conversation ``{phone_2}``, and
the same number in any writing the same placeholder. Redacting what was redacted changes nothing,
so that better rules can be run over kept text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from models.errors import DataError
from retrieval.conversation import Conversation
from retrieval.redaction.asked import find_asked
from retrieval.redaction.codes import CodeDetector, CodeRules
from retrieval.redaction.forms import find_forms
from retrieval.redaction.han_tagger import packaged_tagger
from retrieval.redaction.learned import packaged_detector
from retrieval.redaction.names import (
    NameDetector,
    Tagger,
)
from retrieval.redaction.near import find_near
from retrieval.redaction.people import People
from retrieval.redaction.placeholders import NAMES, Naming, Redacted, alike
from retrieval.redaction.places import find_places
from retrieval.redaction.rest import find_rest, widened
from retrieval.redaction.spans import (
    MASK,
    PERSONAL,
    VALUES,
    Span,
    View,
    beside,
    fold,
    merge,
    placeholders,
)  # fmt: skip
from retrieval.redaction.values import find_values

PASSES = 10
"""How often a text is looked over: what is found shows what stands beside it."""
_LOOKALIKE = re.compile(r"(?<![A-Za-z0-9])(?=[OoIl]*\d)[0-9OoIl]{4,24}(?![A-Za-z0-9])")
_DIGITS = str.maketrans("OoIl", "0011")
_RUN = re.compile(rf"[^\s{MASK[1:-1]}]+")
_SAID = re.compile(r"\w(?:.*[\w#!@$%&*?])?", re.DOTALL)
_BROKEN = re.compile(r"(?<=\d{3})[ ]?\n(?=\d\d)")
_Detector = Callable[[str], Iterable[Span]]
_Ruled = dict[tuple[_Detector, str], list[Span]]
"""What a rule finds in a view: many turns are said twice, and most looks find nothing new."""

Learned = Callable[[Sequence[str]], Sequence[Iterable[Span]]]
"""Spans of each of some texts that are seen whole: folded, with what is known masked."""

_Search = Generator[list[str], "Sequence[Iterable[Span]] | None", list[list[Span]]]
"""Gives the texts that the learned detector is to read, and takes what it says of them."""


@dataclass(frozen=True)
class Rules:
    """What a shop sets: its number formats, and what is public and must stay.

    ``keep`` holds phrases such as the shop's own name, products, voucher codes printed on its
    pages and its pickup points' addresses; they stay wherever they are written. ``agents`` are
    names of the staff, beside the one that a conversation itself names.
    """

    codes: CodeRules = field(default_factory=CodeRules)
    keep: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()

    @classmethod
    def read(cls, path: Path) -> Rules:
        """Read JSON: ``orders``, ``tracking``, ``vouchers`` (patterns), ``keep``, ``agents``.

        :raises DataError: not such a file, or a pattern that is none.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            patterns = {k: tuple(data[k]) for k in ("orders", "tracking", "vouchers") if k in data}
            for pattern in (p for own in patterns.values() for p in own):
                re.compile(pattern)
            phrases = {k: frozenset(map(str, data.get(k, ()))) for k in ("keep", "agents")}
        except (OSError, ValueError, TypeError, AttributeError, re.error) as error:
            raise DataError(
                f"{path} holds no redaction rules",
                expected="a JSON object of lists: orders, tracking, vouchers, keep, agents",
                found=str(error)[:200],
                fix="Mend the file; a pattern is a regular expression.",
            ) from error
        return cls(CodeRules(**patterns), **phrases)


class Redactor:
    """Redacts texts and conversations; safe to share, nothing is remembered between calls.

    :param kinds: the kinds to take out; amounts and dates stay unless asked for, because in an
        answer they are mostly the shop's own rules.
    :param tagger: Chinese name tagger; the packaged one where it is installed.
    :param learned: what looks at texts after the rules; :meth:`packaged` gives the trained one.
    """

    def __init__(
        self,
        rules: Rules | None = None,
        kinds: frozenset[str] = PERSONAL,
        tagger: Tagger | None = None,
        learned: Learned | None = None,
    ) -> None:
        rules = rules or Rules()
        self._kinds = kinds
        self._learned = learned
        keep = sorted(map(fold, rules.keep), key=len, reverse=True)
        self._keep = re.compile("|".join(map(re.escape, keep)), re.IGNORECASE) if keep else None
        words = frozenset(word for phrase in rules.keep for word in phrase.split())
        self._agents = tuple(sorted(map(fold, rules.agents)))
        names = NameDetector(words | rules.keep, tagger or packaged_tagger())
        # Names last: their cues look at what stands beside them.
        values: tuple[_Detector, ...] = (find_values,) if kinds & VALUES else ()
        codes = CodeDetector(rules.codes)
        self._stages: tuple[_Detector, ...] = (
            _on(_digits_for_letters, codes), codes, _on(_joined, codes), find_forms, find_places,
            find_near, *values, names, find_rest,
        )  # fmt: skip

    @classmethod
    def packaged(cls, rules: Rules | None = None, kinds: frozenset[str] = PERSONAL) -> Redactor:
        """Rules and the learned detector, where the weights that it reads are installed."""
        return cls(rules, kinds, learned=packaged_detector())

    def redact(self, text: str) -> tuple[str, tuple[Redacted, ...]]:
        """Redact one text on its own."""
        ((spans,),) = self._together([self._spans([text], People(self._agents), {}, {})])
        return Naming([text]).hide(text, spans)

    def redact_conversation(self, conversation: Conversation) -> Conversation:
        """Redact every turn, the same person and number alike throughout; the fields that name
        the agent and the customer are cleared."""
        (done,) = self.redact_conversations([conversation])
        return done

    def redact_conversations(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """Redact each as :meth:`redact_conversation` does; the learned detector reads the texts of
        all together, which takes half of the time."""
        ruled: _Ruled = {}
        found = self._together([self._sought(each, ruled) for each in conversations])
        return [_hidden(c, spans) for c, spans in zip(conversations, found, strict=True)]

    def _together(self, searches: Sequence[_Search]) -> list[list[list[Span]]]:
        """What searches come to that are stopped whenever they ask the learned detector."""
        ended: dict[int, list[list[Span]]] = {}
        heard: dict[int, Sequence[Iterable[Span]] | None] = dict.fromkeys(range(len(searches)))
        while heard:
            asked: dict[int, list[str]] = {}
            for i, answer in heard.items():
                try:
                    asked[i] = searches[i].send(answer)
                except StopIteration as end:
                    ended[i] = end.value
            heard = dict(zip(asked, self._read(list(asked.values())), strict=True))
        return [ended[i] for i in range(len(searches))]

    def _read(self, asked: Sequence[Sequence[str]]) -> Iterator[Sequence[Iterable[Span]]]:
        """What the learned detector says of texts, list by list."""
        if asked and self._learned is not None:
            found = iter(self._learned([text for texts in asked for text in texts]))
            yield from (list(islice(found, len(texts))) for texts in asked)

    def _sought(self, conversation: Conversation, ruled: _Ruled) -> _Search:
        names = (*(conversation.agent or "").split(";"), *self._agents)
        people, texts = People(names, conversation.customer), [t.text for t in conversation.turns]
        return self._spans(texts, people, _asked(conversation), ruled)

    def _spans(
        self, texts: Sequence[str], people: People, asked: Mapping[int, str], ruled: _Ruled
    ) -> _Search:
        """Spans of each text, sought until nothing new is found.

        :param asked: what the agent asked before a text, by the text's number.
        :param ruled: what rules have found already.
        """
        known = [placeholders(text) for text in texts]
        pending = list(range(len(texts)))
        # First the whole text, in which nothing is masked yet: half an address tells little.
        whole = yield from self._learn(dict(enumerate(texts)), known, people, 0)
        rounds = 0
        while pending:
            for i in pending:
                for _ in range(PASSES):
                    known[i] = self._detect(texts[i], known[i], people, ruled)
                    if i in asked:
                        known[i] = self._answered(asked[i], texts[i], known[i], people)
                    # What is masked with a known value shows the rules another text.
                    if not _extend(known, i, _beside(texts[i], whole.get(i, ()), known[i])):
                        break
            more = yield from self._learn({i: texts[i] for i in pending}, known, people, rounds)
            for i, text in enumerate(texts):
                more[i] = [*more.get(i, ()), *self._named(text, known[i], people)]
            pending = [i for i in range(len(texts)) if more[i] and _extend(known, i, more[i])]
            rounds += 1
        return known

    def _learn(
        self, texts: Mapping[int, str], known: Sequence[list[Span]], people: People, rounds: int
    ) -> Generator[list[str], Sequence[Iterable[Span]], dict[int, list[Span]]]:
        """What the learned detector sees in texts, by their numbers."""
        if self._learned is None:
            return {}
        views = {i: View(text, known[i]) for i, text in texts.items()}
        seen = yield [view.text for view in views.values()]
        found: dict[int, list[Span]] = {}
        for (i, view), spans in zip(views.items(), seen, strict=True):
            # Whatever is masked changes the view; one that never comes to rest is given up.
            spans = _runs(view.text) if spans and rounds >= PASSES else spans
            found[i] = view.to_text(self._wanted(view.text, spans))
            people.note(texts[i], found[i])
        return found

    def _detect(self, text: str, known: list[Span], people: People, ruled: _Ruled) -> list[Span]:
        view = View(text, known)
        for _ in range(PASSES):
            before = known
            for stage in (people.staff, *self._stages):
                seen = ruled.get((stage, view.text))
                if seen is None:
                    seen = self._wanted(view.text, stage(view.text))
                    ruled[stage, view.text] = seen
                new = view.to_text(seen)
                if new:
                    people.note(text, new)
                    known = merge([*known, *new])
                    view = View(text, known)
            if known == before:
                return known
        # Each pass would free one more of the numbers in a row: all that is left of them goes.
        rest = view.to_text(self._wanted(view.text, _numbered(view.text)))
        return merge([*known, *rest])

    def _answered(self, asked: str, text: str, known: list[Span], people: People) -> list[Span]:
        view = View(text, known)
        new = view.to_text(self._wanted(view.text, find_asked(fold(asked), view.text)))
        people.note(text, new)
        return merge([*known, *new])

    def _named(self, text: str, known: list[Span], people: People) -> list[Span]:
        view = View(text, known)
        return view.to_text(self._wanted(view.text, people.seek(view.text)))

    def _wanted(self, text: str, spans: Iterable[Span]) -> list[Span]:
        found = [widened(text, span) for span in spans if span.kind in self._kinds]
        if not found or self._keep is None:
            return found
        kept = [match.span() for match in self._keep.finditer(text)]
        return [s for s in found if not any(_public(text, s, a, b) for a, b in kept)]


def _hidden(conversation: Conversation, found: list[list[Span]]) -> Conversation:
    """The conversation with placeholders for what was found in its turns."""
    texts = [turn.text for turn in conversation.turns]
    naming, found = Naming(texts), alike(texts, found)
    done = [naming.hide(text, spans)[0] for text, spans in zip(texts, found, strict=True)]
    agent = "{agent_name}" if conversation.agent else None
    return replace(conversation, agent=agent, customer=None).with_texts(done)


def _asked(conversation: Conversation) -> dict[int, str]:
    """The agent's turn before each of the customer's that follows one."""
    turns = conversation.turns
    return {
        i: turns[i - 1].text
        for i in range(1, len(turns))
        if turns[i].role == "customer" and turns[i - 1].role == "agent"
    }


def _beside(text: str, learned: Iterable[Span], known: Sequence[Span]) -> Iterator[Span]:
    """The rest of what is known already: of one number, of a name, of an address by its whole; else
    what stands between known values."""
    for span in learned:
        inside = [o.kind for o in known if o.start < span.end and span.start < o.end]
        named = span.kind == "customer_name"
        alike = set(inside) <= set(NAMES) if named else len(inside) < 2
        if span.kind == "address" or alike:
            yield replace(span, kind="agent_name") if named and "agent_name" in inside else span
            continue
        for piece in beside(span, known):
            said = _SAID.search(text, piece.start, piece.end)
            if said and (named or any(map(str.isdigit, said.group()))):
                yield replace(piece, start=said.start(), end=said.end())


def _runs(text: str) -> Iterator[Span]:
    for match in _RUN.finditer(text):
        yield Span(*match.span(), "code")


def _numbered(text: str) -> Iterator[Span]:
    return (s for s in _runs(text) if any(map(str.isdigit, text[s.start : s.end])))


def _on(respell: Callable[[str], str], detect: _Detector) -> _Detector:
    """``detect`` on texts that ``respell`` changes, whose length it keeps."""

    def find(text: str) -> Iterable[Span]:
        respelled = respell(text)
        return () if respelled == text else detect(respelled)

    return find


def _digits_for_letters(text: str) -> str:
    """``88O1299`` as ``8801299``."""
    return _LOOKALIKE.sub(_as_digits, text)


def _joined(text: str) -> str:
    """A number that goes on in the next line, in one."""
    return _BROKEN.sub(" ", text)


def _as_digits(match: re.Match[str]) -> str:
    found = match.group()
    return found.translate(_DIGITS) if sum(map(str.isdigit, found)) * 2 > len(found) else found


def _public(text: str, span: Span, start: int, end: int) -> bool:
    """Whether the kept ``text[start:end]`` is the span, or the house that an address names."""
    if start <= span.start and span.end <= end:
        return True
    inside = span.start <= start and end <= span.end
    return inside and span.kind == "address" and any(map(str.isdigit, text[start:end]))


def _extend(known: list[list[Span]], i: int, more: Iterable[Span]) -> bool:
    before = known[i]
    known[i] = merge([*before, *more])
    return known[i] != before
