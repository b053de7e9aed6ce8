"""The release that serves: loaded once, swapped whole, so that a turn sees exactly one."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from bot import metrics
from bot.knowledge import load_knowledge
from bot.slots import initial_slots
from intents.assistant import Assistant
from intents.dialogue.learned import FILE as LEARNED
from intents.dialogue.learned import LearnedPolicy
from intents.dialogue.policy import Dialogue
from intents.dialogue.words import Quotations
from intents.reading.folder import read_assistant
from intents.release import Release
from intents.store import ReleaseStore
from intents.understanding import Understanding
from intents.validate import validate
from intents.writing.exporting import spelt_out
from models.arrays import FloatArray
from models.editing.editor import FILE as EDITOR
from models.editing.editor import EditorHead, NeuralEditor
from models.errors import Problem, ReleaseNotFound
from retrieval.next_template import FILE as NEXT
from retrieval.next_template import NextTemplate
from retrieval.search.index import TemplateIndex

if TYPE_CHECKING:
    from retrieval.knowledge.knowledge import Knowledge

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Live:
    """Everything that answers turns, from one release."""

    release: str
    folder: Path
    assistant: Assistant
    understanding: Understanding
    index: TemplateIndex
    knowledge: Knowledge | None = None

    @classmethod
    def load(
        cls,
        release: Release,
        threads: int,
        before: Live | None = None,
        assistant: Assistant | None = None,
    ) -> Live:
        """Load a release; one with the same encoder as ``before`` shares it.

        ``assistant`` is its assistant, if it has been read already.

        Raises ReleaseAltered when its files differ from the manifest.
        """
        encoder = None
        if before is not None and _encoder_files(release) == _encoder_files(
            before.understanding.release
        ):
            encoder = before.understanding.encoder
        made = cls(
            release.id,
            release.folder,
            assistant or read_assistant(release.folder / "assistant", strict=False),
            # a release that shares the encoder was verified when it was promoted
            Understanding.load(release.folder, threads, encoder=encoder, verify=encoder is None),
            TemplateIndex.load(release.folder / "index"),
            load_knowledge(release),
        )
        _ = (
            made.dialogue,
            made.quotations,
            made.next_template,
        )  # here rather than within the first customer's turn
        return made

    @cached_property
    def dialogue(self) -> Dialogue:
        """The assistant's rules and stories, learned."""
        path = self.folder / LEARNED
        return Dialogue.of(self.assistant, LearnedPolicy.load(path) if path.is_file() else None)

    @cached_property
    def quotations(self) -> Quotations | None:
        """What the assistant's stories quote, if they do."""
        return Quotations.of(self.assistant, self.embed)

    @cached_property
    def editor(self) -> NeuralEditor | None:
        """The neural editor that was trained for this release's encoder, if one was."""
        path = self.folder / EDITOR
        if not path.is_file():
            return None
        return NeuralEditor(EditorHead.load(path), self.understanding.encoder)

    @cached_property
    def next_template(self) -> NextTemplate | None:
        """What past logs have taught of which answer follows, where that helps."""
        path = self.folder / NEXT
        return NextTemplate.load(path) if path.is_file() else None

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Encode texts with the release's encoder: (n, d)."""
        return self.understanding.encoder.encode(texts).sentence

    @cached_property
    def initial_slots(self) -> dict[str, Any]:
        """Slots of a fresh conversation."""
        return initial_slots(self.assistant)

    @cached_property
    def domain_digest(self) -> str:
        """Names the domain, so that an action server that has it does not ask for it again."""
        return hashlib.sha256(orjson.dumps(self.domain)).hexdigest()

    @cached_property
    def problems(self) -> list[Problem]:
        """What is worth a look in the assistant as it stands."""
        return validate(self.assistant)

    @cached_property
    def questions(self) -> frozenset[str]:
        """The retrieval intents' full names (``faq/ask_price``)."""
        named = {example.intent for example in self.assistant.examples if example.intent}
        return frozenset(name for name in named if "/" in name)

    @cached_property
    def domain(self) -> dict[str, Any]:
        """The domain as an action server is given it on request (449)."""
        return spelt_out(self.assistant)


def _encoder_files(release: Release) -> dict[str, str]:
    return {name: sha for name, sha in release.files.items() if name.startswith("encoder/")}


class Releases:
    """Holds the live release and follows the store's ``current`` pointer."""

    def __init__(self, store: ReleaseStore, threads: int) -> None:
        self.store = store
        self._threads = threads
        self._live: Live | None = None
        self.read: tuple[str, Assistant] | None = None
        """Release and assistant of a change made in this process: it need not be read again."""
        self.swapped: Callable[[bool], None] | None = None
        """Called after each change of release, with whether it was the first."""
        self._swapping = asyncio.Lock()

    @property
    def live(self) -> Live:
        """The release that serves now. Take it once a turn."""
        assert self._live is not None, "start() comes first"
        return self._live

    @property
    def ready(self) -> bool:
        """Whether a release is loaded."""
        return self._live is not None

    async def start(self) -> None:
        """Load the current release."""
        await self.follow()

    async def follow(self) -> bool:
        """Load the release that ``current`` names if it is another one; tell whether it was."""
        if self._live is not None and self.store.current_id() == self._live.release:
            return False
        current = self.store.current()
        if current is None:
            raise ReleaseNotFound(
                "No release serves",
                fix="Start 'frontdesk serve', which prepares one, or promote one.",
            )
        async with self._swapping:
            if self._live is not None and current.id == self._live.release:
                return False
            began = time.perf_counter()
            known = self.read[1] if self.read and self.read[0] == current.id else None
            live = await asyncio.to_thread(Live.load, current, self._threads, self._live, known)
            first, self._live = self._live is None, live
            metrics.RELEASE_SWAPS.inc()
            if self.swapped is not None:
                self.swapped(first)
            log.info(
                "release.live", release=live.release, seconds=round(time.perf_counter() - began, 3)
            )
        return True

    def former(self, release_id: str) -> Understanding:
        """Load the understanding of another release, for a look at what it did.

        Raises ReleaseError when there is none or it has been altered.
        """
        release = self.store.get(release_id)
        mine = self.live.understanding
        shared = _encoder_files(release) == _encoder_files(mine.release)
        return Understanding.load(
            release.folder, self._threads, encoder=mine.encoder if shared else None
        )

    async def watch(self, every: float = 0.5) -> None:
        """Follow the pointer for ever: another worker may have moved it."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.follow()
            except Exception:
                log.exception("release.not_loaded")
                await asyncio.sleep(5)
