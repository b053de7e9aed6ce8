"""Puts a worker's parts together. The only place that knows all of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import structlog

from bot.actions.client import ActionClient
from bot.actions.endpoint import certificates_of
from bot.attachments.readers import readers_of
from bot.attachments.reading import Bounds, Reading
from bot.deeds import Deeds
from bot.delivery.chatwoot import Chatwoot
from bot.delivery.chatwoot_files import ChatwootFiles
from bot.delivery.outbox import Outbox
from bot.delivery.outgoing import Outgoing
from bot.delivery.pushed import Callback, Webhook
from bot.escalations import Escalations
from bot.generation.generators import rewriter_of
from bot.home import Home
from bot.inbox import Inbox
from bot.inference import Inference
from bot.live import Releases
from bot.operating.renewal import Renewal
from bot.operating.reports import Reports
from bot.operating.studio import Studio
from bot.rasa.model_pulling import ModelPulling, Source
from bot.rasa.nlg_client import NlgClient
from bot.record.record import Record
from bot.reminders import Reminders
from bot.responder import Responder
from bot.secrets import Signer, Vault, load_secret
from bot.sessions import Sessions
from bot.settings import Settings
from bot.staff import Staff
from bot.tasks import ended
from bot.turn import Turns
from bot.understand import Understander
from bot.why import Whys
from bot.words import Words
from models.filling.generator import TemplateFiller

log = structlog.get_logger(__name__)
WARM_PAUSE = 0.5
"""Seconds between the steps that make the first change fast."""

WARM_IDLE = 2.0
"""Seconds without a turn before such a step: it would make whoever asks meanwhile wait."""


@dataclass
class Service:
    """One worker, called ``name``: everything that answers requests and turns."""

    name: str | None
    settings: Settings
    home: Home
    record: Record
    sessions: Sessions
    releases: Releases
    inference: Inference
    understander: Understander
    actions: ActionClient
    escalations: Escalations
    turns: Turns
    inbox: Inbox
    staff: Staff
    studio: Studio
    tokens: Signer
    visitors: Signer
    words: Words
    whys: Whys
    reports: Reports
    renewal: Renewal
    outgoing: Outgoing
    outbox: Outbox
    chatwoot: Chatwoot | None
    nlg: NlgClient | None
    files: ChatwootFiles | None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @classmethod
    def build(
        cls, settings: Settings, *, redis_url: str, actions_url: str | None, worker: str | None
    ) -> Service:
        """Create all parts; nothing is connected yet."""
        given = settings.secret.get_secret_value() if settings.secret else None
        secret = load_secret(settings.home, given)
        home = Home(settings.home)
        record = Record(settings.database_url, Vault(secret))
        sessions = Sessions(redis_url, ttl=settings.session_ttl, presence_ttl=settings.presence_ttl)
        releases = Releases(home.store, settings.threads)
        inference = Inference(settings.familiar_messages)
        actions = ActionClient(actions_url, settings.action_timeout, certificates_of(settings))
        words = Words(releases)
        escalations = Escalations(
            record,
            sessions,
            words.say,
            webhook=settings.escalation_webhook,
            signer=Signer(secret, "webhook"),
            wait=settings.handoff_wait,
            lapse=settings.takeover_lapse,
        )
        buttons = Signer(secret, "button")
        responder = Responder(TemplateFiller(), rewriter_of(settings, inference))
        nlg = NlgClient.of(settings)
        files = _files(settings)
        understander = Understander(inference, buttons)
        turns = Turns(
            record,
            sessions,
            releases,
            understander,
            Deeds(record, responder, actions, escalations, buttons, nlg),
            _reading(settings, record, sessions, files),
            lease=settings.turn_lease,
            worker=worker,
        )
        inbox = Inbox(
            sessions,
            turns,
            buttons,
            max_text=settings.max_text,
            per_minute=settings.messages_per_minute,
            typed_intents=settings.typed_intents,
            open_intents=settings.open_intents,
        )
        outgoing = Outgoing()
        outbox = Outbox(record, sessions, worker)
        chatwoot = _channels(settings, outgoing, outbox)
        code = settings.setup_code.get_secret_value() if settings.setup_code else None
        return cls(
            worker,
            settings,
            home,
            record,
            sessions,
            releases,
            inference,
            understander,
            actions,
            escalations,
            turns,
            inbox,
            Staff(record, settings.home, code),
            Studio(home, releases, responder, inference),
            Signer(secret, "conversation"),
            Signer(secret, "visitor"),
            words,
            Whys(record, releases, inference),
            Reports(home),
            Renewal(home, releases),
            outgoing,
            outbox,
            chatwoot,
            nlg,
            files,
        )

    async def start(self) -> None:
        """Load the release, connect, and begin to take turns."""
        await self.sessions.start()
        await self.releases.start()
        self.inference.start()
        await self.outbox.start()
        self._tasks = [
            asyncio.create_task(self.turns.recover(), name="recover"),
            asyncio.create_task(Reminders(self.record, self.inbox).watch(), name="reminders"),
            asyncio.create_task(self.escalations.watch(), name="escalations"),
            asyncio.create_task(self.releases.watch(), name="releases"),
            asyncio.create_task(self.renewal.watch(), name="renewal"),
            asyncio.create_task(self._watch_redis(), name="redis"),
            asyncio.create_task(self.record.tend(), name="record"),
            asyncio.create_task(self._warm(), name="warm"),
        ]
        source = Source.of(self.settings)
        if source is not None:
            most = self.settings.max_model
            pulling = ModelPulling(self.home, source.server, most, self._pulled)
            self._tasks.append(asyncio.create_task(pulling.watch(source.every), name="models"))

    async def _pulled(self, release: str) -> None:
        await self.record.run(self.staff.note, "model-server", "promoted", release)

    async def _warm(self) -> None:
        """Once the service answers and nobody is waiting: what the first change will need."""
        steps = self.studio.warmth()
        try:
            while True:
                await asyncio.sleep(WARM_PAUSE)
                if self.turns.idle < WARM_IDLE:
                    continue
                if not await asyncio.to_thread(next, steps, None):
                    return
        except Exception:
            log.exception("studio.not_warm")

    async def _watch_redis(self) -> None:
        while True:
            await self.sessions.ping()
            await asyncio.sleep(1.0)

    async def close(self) -> None:
        """Let turns under way end, then stop everything."""
        await self.turns.drain()
        await ended(*self._tasks)
        await self.outbox.close()
        await self.outgoing.close()
        await self.renewal.close()
        await self.reports.close()
        await self.inference.close()
        await self.actions.close()
        for part in (self.nlg, self.files):
            if part is not None:
                await part.close()
        await self.turns.reading.close()
        await self.escalations.close()
        await self.sessions.close()
        self.record.close()


def _reading(
    settings: Settings, record: Record, sessions: Sessions, files: ChatwootFiles | None
) -> Reading:
    bounds = Bounds(settings.reader_timeout, settings.max_text)
    fetch = files.fetch if files is not None else None
    return Reading(record, sessions, readers_of(settings), bounds, fetch)


def _files(settings: Settings) -> ChatwootFiles | None:
    """What brings files from Chatwoot, where one is set up and files are taken at all."""
    if not settings.chatwoot_url or not settings.max_attachment:
        return None
    storages, most = settings.chatwoot_storages, settings.max_attachment
    return ChatwootFiles(settings.chatwoot_url, storages, most, settings.reader_timeout)


def _channels(settings: Settings, outgoing: Outgoing, outbox: Outbox) -> Chatwoot | None:
    """Set up the channels that are told by requests; return Chatwoot's, which does more."""
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    if settings.callback_url:
        outbox.serve("callback", Callback(settings.callback_url, secret, outgoing))
    if settings.webhook_url and secret:
        outbox.serve("webhook", Webhook(settings.webhook_url, secret, outgoing))
    if not settings.chatwoot_url or not settings.chatwoot_token:
        return None
    token = settings.chatwoot_token.get_secret_value()
    chatwoot = Chatwoot(settings.chatwoot_url, token, outgoing)
    outbox.serve("chatwoot", chatwoot)
    return chatwoot
