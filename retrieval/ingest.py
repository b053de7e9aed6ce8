"""From raw logs to a store: read, redact, encode what mining will ask for, write.

Reading is one stream in this process; redacting and encoding are the workers' and can run anywhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from models.encoders.runtime import Encoder
from models.progress import Progress, Silent
from retrieval.conversation import Conversation
from retrieval.engine import Engine
from retrieval.kept_vectors import KeptVectors, Rows, encoder_name, key_of
from retrieval.mining.answers import find_answers
from retrieval.mining.asked import questions
from retrieval.reading.formats import LogFile
from retrieval.reading.items import Bad
from retrieval.redaction import redactor
from retrieval.redaction.redactor import Redactor, Rules
from retrieval.store import Block, LogStore, Written
from retrieval.templates import speak

BLOCK = 256
"""Conversations and bad lines that are worked on and written at once."""
_TELLING = frozenset(
    ("phone", "email", "customer_name", "address", "id_no", "card_no", "iban", "plate_no")
)


@dataclass(frozen=True)
class Work:
    """What a worker is made of; travels to other machines.

    :param encoder: an exported encoder's folder, the same path on each machine; without one no
        texts are encoded.
    """

    rules: Rules = field(default_factory=Rules)
    encoder: Path | None = None
    key: bytes = b""

    def worker(self) -> Worker:
        """Load what the work needs."""
        return Worker(self)

    @property
    def rules_name(self) -> str:
        """Changes with the shop's rules and with the product's own."""
        rules = json.dumps(
            {
                "codes": [sorted(part) for part in vars(self.rules.codes).values()],
                "keep": sorted(self.rules.keep),
                "agents": sorted(self.rules.agents),
            }
        )
        return hashlib.blake2b(rules.encode() + _code(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class Entry:
    """An item of a file, by the file's number in the store; None marks the file's end."""

    file: int
    item: Conversation | Bad | None


@dataclass(frozen=True)
class Redacted:
    """A block's entries, redacted, and the texts in them that mining will want vectors of."""

    entries: tuple[Entry, ...]
    texts: tuple[str, ...]


class Worker:
    """Redacts blocks and encodes texts; remembers nothing between calls."""

    def __init__(self, work: Work) -> None:
        self._redactor, self._rules = Redactor.packaged(work.rules), Redactor(work.rules)
        self._encoder = Encoder.load(work.encoder) if work.encoder else None
        self._key = work.key

    def redact(self, entries: Sequence[Entry]) -> Redacted:
        """Entries without personal data, also not in ids and reasons."""
        talks = [e.item for e in entries if isinstance(e.item, Conversation)]
        hidden = iter(self._redactor.redact_conversations(talks))
        done = tuple(replace(entry, item=self._safe(entry.item, hidden)) for entry in entries)
        texts: dict[str, None] = {}
        if self._encoder is not None:
            for entry in done:
                if isinstance(entry.item, Conversation):
                    texts.update(dict.fromkeys(texts_of(entry.item)))
        return Redacted(done, tuple(texts))

    def encode(self, texts: Sequence[str]) -> Rows:
        """Vectors of texts: float16 (n, d)."""
        if not texts or self._encoder is None:
            return np.zeros((0, 0), dtype=np.float16)
        return self._encoder.encode(texts).sentence.astype(np.float16)

    def safe_id(self, number: str) -> str:
        """An id as it is, or a code in place of one that tells a person."""
        found = {span.kind for span in self._rules.redact(number)[1]}
        if not found & _TELLING:
            return number
        return f"c-{self._code(number)}"

    def _pseudonym(self, agent: str | None) -> str | None:
        """Tells agents apart in one store, and nowhere else."""
        return f"a-{self._code(agent)}" if agent else None

    def _code(self, value: str) -> str:
        data = value.encode("utf-8", "replace")
        return hashlib.blake2b(data, key=self._key, digest_size=8).hexdigest()

    def _safe(
        self, item: Conversation | Bad | None, hidden: Iterator[Conversation]
    ) -> Conversation | Bad | None:
        if isinstance(item, Conversation):
            agent = self._pseudonym(item.agent)
            return replace(next(hidden), id=self.safe_id(item.id), agent=agent)
        if isinstance(item, Bad):
            return replace(item, reason=self._redactor.redact(item.reason)[0])
        return None


class NothingToRedact(Redactor):
    """For conversations of a store, which are redacted."""

    def redact_conversations(self, conversations: Sequence[Conversation]) -> list[Conversation]:
        """The conversations as they are."""
        return list(conversations)


def texts_of(conversation: Conversation) -> list[str]:
    """The texts of a redacted conversation that mining compares: agents' answers, and questions
    that say something by themselves."""
    answers = (speak(answer.text) for answer in find_answers([conversation]))
    return [text for text in (*answers, *questions(conversation)) if text.strip()]


def ingest(
    files: Iterable[LogFile],
    store: LogStore,
    work: Work,
    engine: Engine,
    progress: Progress | None = None,
    written: Callable[[Written], None] = lambda _: None,
) -> Written:
    """Read ``files`` into ``store``, from where an earlier run was stopped.

    :param written: called with the counts after each block.
    """
    files, progress = list(files), progress or Silent()
    vectors = store.vectors(encoder_name(work.encoder)) if work.encoder else None
    total = Written()
    with store.writing():
        progress.start("Reading logs (kB)", sum(f.source.size for f in files) // 1024 + 1)
        pending: set[int] = set()
        blocks = ((None, block) for block in _blocks(files, store, progress))
        redacted = (found for _, found in engine.map("redact", blocks))
        wanted = (_wanted(block, vectors, pending) for block in redacted)
        counted = _Positions(store)
        for (block, texts), rows in engine.map("encode", (((b, t), t) for b, t in wanted)):
            total += _write(store, counted, block, work.rules_name, vectors, texts, rows)
            pending.difference_update(map(key_of, texts))
            written(total)
        progress.done()
        store.write_bad_lines()
    return total


def redact_again(store: LogStore, work: Work, progress: Progress | None = None) -> int:
    """Redact a store anew with better rules; returns how many conversations changed.

    Vectors of texts that are gone are forgotten.
    """
    progress, redactor = progress or Silent(), Redactor.packaged(work.rules)

    def again(talks: Sequence[Conversation]) -> list[Conversation]:
        hidden = redactor.redact_conversations(talks)
        return [replace(h, agent=c.agent) for h, c in zip(hidden, talks, strict=True)]

    with store.writing():
        blocks = store.blocks_of_other_rules(work.rules_name)
        progress.start("Redacting again", blocks * BLOCK)
        changed = store.redact_again(again, work.rules_name, progress.advance)
        progress.done()
        if blocks:
            for name in store.encoders():
                store.vectors(name).keep(text for c in store for text in texts_of(c))
    return changed


class _Positions:
    """Items taken from each file, as blocks are written."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._items: dict[int, int] = {}

    def after(self, entries: Iterable[Entry]) -> dict[int, tuple[int, bool]]:
        moved: dict[int, tuple[int, bool]] = {}
        for entry in entries:
            if entry.file not in self._items:
                self._items[entry.file] = self._store.items_of(entry.file)
            self._items[entry.file] += entry.item is not None
            moved[entry.file] = (self._items[entry.file], entry.item is None)
        return moved


def _blocks(files: Sequence[LogFile], store: LogStore, progress: Progress) -> Iterator[list[Entry]]:
    block: list[Entry] = []
    begun: set[int] = set()
    for file in files:
        shown = 0
        for entry in _entries(file, store, begun):
            now = file.source.position // 1024
            progress.advance(max(0, now - shown))
            shown = max(shown, now)
            block.append(entry)
            if len(block) >= BLOCK:
                yield block
                block = []
        progress.advance(max(0, file.source.size // 1024 - shown))
    if block:
        yield block


def _entries(file: LogFile, store: LogStore, begun: set[int]) -> Iterator[Entry]:
    """What is left of a file; nothing of one that was read, also under another name."""
    try:
        fingerprint = file.fingerprint()
    except OSError:
        absent = hashlib.blake2b(str(file.source.path).encode("utf-8", "replace"), digest_size=12)
        fingerprint = f"absent-{absent.hexdigest()}"
    mapping = json.dumps(file.columns.data(), sort_keys=True) if file.columns else ""
    named = hashlib.blake2b(mapping.encode(), digest_size=4).hexdigest()
    state = store.begin(_names().redact(file.source.path.name)[0], f"{fingerprint}-{named}")
    if state.done or state.id in begun:
        return
    begun.add(state.id)
    for item in islice(file.read(), state.items, None):
        yield Entry(state.id, item)
    yield Entry(state.id, None)


@cache
def _names() -> Redactor:
    """Takes people out of the names of files."""
    return Redactor()


def _wanted(
    block: Redacted, vectors: KeptVectors | None, pending: set[int]
) -> tuple[Redacted, list[str]]:
    """The block and those of its texts whose wording nobody has encoded or is encoding."""
    if vectors is None:
        return block, []
    new = [text for text in vectors.unknown(block.texts) if key_of(text) not in pending]
    pending.update(map(key_of, new))
    return block, new


def _write(
    store: LogStore,
    positions: _Positions,
    block: Redacted,
    rules: str,
    vectors: KeptVectors | None,
    texts: Sequence[str],
    rows: Any,
) -> Written:
    kept = Block(
        [e.item for e in block.entries if isinstance(e.item, Conversation)],
        [(e.file, e.item.line, e.item.reason) for e in block.entries if isinstance(e.item, Bad)],
        positions.after(block.entries),
        rules,
    )

    def write() -> None:
        if vectors is not None:
            vectors.add(texts, rows)

    return store.append(kept, write)


@cache
def _code() -> bytes:
    """The source of the redaction's own rules, its lists and what it learned included."""
    here = Path(redactor.__file__).parent
    files = sorted(file for file in here.iterdir() if file.is_file())
    digest = hashlib.blake2b()
    for file in files:
        digest.update(file.read_bytes())
    return digest.digest()
